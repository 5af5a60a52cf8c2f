"""README, CHANGELOG and SECURITY say what is so: keys, fields, settings, variables, commands and files."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from ecrtui import cli, commandline
from ecrtui.domain import scan_rows
from ecrtui.domain.lifecycle import templates
from ecrtui.headless.invocation import COMMON_OPTIONS
from ecrtui.settings import Settings
from ecrtui.settings.layers import OTHER_VARIABLES, VARIABLES, load
from ecrtui.settings.values import ENCRYPTIONS, PARSERS, THEMES
from ecrtui.ui.commands import COMMANDS, Command, keymap, written
from ecrtui.ui.present import audit, builds, fates, images, pairings, repositories

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def table(heading: str) -> dict[str, list[str]]:
    """The cells of the README's table with this first heading, by the first cell of each row."""
    lines = iter(README.splitlines())
    next(line for line in lines if line.startswith(f"| {heading} |"))
    next(lines)
    rows: dict[str, list[str]] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        first, *others = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        rows[first] = others
    return rows


def names(text: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", text)


# Keys and fields


def key_row(command: Command) -> str:
    keys = " ".join(f"`{written(key)}`" for key in command.keys)
    return f"| {keys} | {command.help} | `{command.id}` |"


def test_the_keys_are_those_of_the_app() -> None:
    rows = ["| Key | What it does | Name |", "|---|---|---|"]
    for group in dict.fromkeys(command.group for command in COMMANDS):
        rows += [f"| **{group}** | | |", *(key_row(command) for command in COMMANDS if command.group == group)]
    shown = re.search(r"<!-- keys:[^\n]*-->\n(.*)\n<!-- /keys -->", README, re.DOTALL)
    assert shown is not None
    assert shown[1].splitlines() == rows


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("Repositories", repositories.FIELDS),
        ("Images", images.FIELDS),
        ("Findings", scan_rows.FIELDS),
        ("Pairings", pairings.FIELDS),
        ("Builds", builds.FIELDS),
        ("Lifecycle preview", fates.FIELDS),
        ("Audit", audit.FIELDS),
    ],
)
def test_the_fields_are_those_of_the_lists(title: str, known: dict[str, Any]) -> None:
    assert names(table("List")[title][0]) == list(known)


# Settings and variables


def default_of(key: str) -> Any:
    value: Any = Settings()
    for name in ("naming_rule",) if key == "naming.rule" else key.split("."):
        value = getattr(value, name)
    return value


def test_every_setting_is_there_with_its_default() -> None:
    rows = table("Setting")
    assert set(map(_bare, rows)) == {*PARSERS, "keys"}
    for key, (shown, _) in rows.items():
        default = default_of(_bare(key))
        if shown == "–":
            assert default is None
            continue
        parsed = tomllib.loads(f"value = {_bare(shown)}")["value"]
        assert parsed == (list(default) if isinstance(default, tuple) else default), key


def test_every_member_of_the_settings_can_be_set() -> None:
    """What the table cannot miss: a member without a parser would never reach it."""
    members = {
        f"{name}.{inner}" if inner else name
        for name, value in Settings()._asdict().items()
        for inner in getattr(value, "_fields", ("",))
    }
    assert members - {"places", "keys", "naming_rule"} == set(PARSERS) - {"naming.rule"}


def _bare(cell: str) -> str:
    return cell.strip("`")


def test_the_choices_of_settings_are_named() -> None:
    rows = table("Setting")
    for key, choices in {
        "theme": THEMES,
        "create.encryption": ENCRYPTIONS,
        "create.lifecycle_template": [template.id for template in templates()],
    }.items():
        assert set(choices) <= set(re.findall(r"[\w-]+", " ".join(rows[f"`{key}`"]))), key


def test_the_example_is_a_configuration(tmp_path: Path) -> None:
    example = next(block for block in blocks() if "[naming]" in block)
    path = tmp_path / "config.toml"
    path.write_text(example)
    loaded = load({"config": str(path)}, {})
    loaded.check_commands([command.id for command in COMMANDS])
    keymap(loaded.keys)
    assert loaded.regions == ("eu-central-1", "us-east-1")


def test_every_variable_is_there_and_no_other() -> None:
    known = {*VARIABLES, *OTHER_VARIABLES}
    assert set(re.findall(r"ECRTUI_[A-Z_]+", " ".join(table("Variable")))) == known
    for text in (README, (ROOT / "SECURITY.md").read_text(), (ROOT / "CHANGELOG.md").read_text()):
        assert set(re.findall(r"ECRTUI_[A-Z_]+", text)) <= known


# Commands


def commands(group: click.Group = commandline.ecrtui, path: str = "ecrtui") -> dict[str, click.Command]:
    """Every command that can be called, by what is typed."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        at = f"{path} {name}"
        found |= commands(command, at) if isinstance(command, click.Group) else {at: command}
    return found


def command_of(line: str) -> str | None:
    """The command that a line of the README calls."""
    words = line.split()
    return next((" ".join(words[:n]) for n in (3, 2) if " ".join(words[:n]) in commands()), None)


def test_every_command_is_in_the_table() -> None:
    assert {command_of(_bare(row)) for row in table("Command")} == set(commands())


def blocks() -> list[str]:
    """The indented blocks of the README."""
    found = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", README, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in found]


def calls() -> list[str]:
    """The calls of ecrtui in the README, without comments and prompts."""
    lines = [line.removeprefix("$ ").partition("  #")[0].strip() for block in blocks() for line in block.splitlines()]
    return [line for line in lines if re.match(r"ecrtui\b(?! (->|$))", line)] + [
        name for name in names(README) if re.match(r"ecrtui [a-z-]", name)
    ]


@pytest.mark.parametrize("line", sorted(set(calls())))
def test_every_option_that_is_shown_exists(line: str) -> None:
    words = shlex.split(line)
    command = commands().get(command_of(line) or "")
    own = [] if command is None else command.params
    known = {name for option in (*COMMON_OPTIONS, *own) for name in option.opts} | {"--help", "--version"}
    assert {word for word in words if word.startswith("--")} <= known
    if command is None:
        assert all(word.startswith("--") for word in words[1:2]) or words[1].isupper(), line


def test_every_option_of_the_tables_exists() -> None:
    known = {name for command in commands().values() for option in command.params for name in option.opts}
    known |= {name for option in COMMON_OPTIONS for name in option.opts} | {"--help", "--yes"}
    ours = README.partition("## Screens")[2]
    assert {word for text in names(ours) for word in re.findall(r"(?<!\w)--[a-z][a-z-]*", text)} <= known


@pytest.mark.parametrize("block", [block for block in blocks() if "lifecycle put" in block or "diagnose" in block])
def test_what_is_shown_is_what_is_answered(
    block: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examples whose output does not depend on the hour."""
    monkeypatch.chdir(ROOT)
    for example in re.split(r"^\$ ", block, flags=re.MULTILINE):
        line, _, shown = example.partition("\n")
        if not re.match("ecrtui (lifecycle|diagnose)", line):
            continue
        cli.main(shlex.split(line)[1:])
        printed = capsys.readouterr().out
        for part in filter(None, re.split(r"\[ … \]", shown.strip())):
            assert part.strip() in printed


# Files


@pytest.mark.parametrize("document", ["README.md", "SECURITY.md", "CHANGELOG.md"])
def test_every_file_that_is_named_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    paths = [name for name in names(text) if re.match(r"(tests|ecrtui|styles|screenshots)/", name)]
    assert [path for path in (*links, *paths) if not (ROOT / path).exists()] == []


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = [*names(README), *(line for block in blocks() for line in block.splitlines())]
    called = {line.split()[1] for line in lines if line.startswith("make ")}
    assert called
    assert called <= targets


def test_every_picture_is_shown_and_has_both_forms() -> None:
    shown = set(re.findall(r"screenshots/([\w-]+)\.png", README))
    taken = {path.stem for path in (ROOT / "screenshots").glob("*.png")}
    assert shown <= taken
    assert taken == {path.stem for path in (ROOT / "screenshots").glob("*.svg")}
