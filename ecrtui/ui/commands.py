"""Every command of the app, declared once: its id, keys, label and help.

From this one table come the bindings, the footer, the help, the palette, the `:` names and the ids of the
configuration's `[keys]`. A command is carried out by the nearest node, from the focused widget up to the app,
that has a method `command_<id>`; a method `refusal_<id>` beside it says why it cannot be done now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from textual.binding import Binding

from ecrtui.domain.errors import AppError, ErrorKind


class Command(NamedTuple):
    """One thing a person can do."""

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: str
    changes: bool = False
    """Whether it can alter the account: refused when read-only."""
    local: bool = False
    """Whether the screen that offers it binds its keys: elsewhere they mean something else."""

    @property
    def method(self) -> str:
        """The id as part of a Python name."""
        return self.id.replace("-", "_")


COMMANDS: tuple[Command, ...] = (
    Command("explore", ("1",), "Explore", "Regions, repositories and images", "Screens"),
    Command("compare", ("2",), "Compare", "Projects beside repositories, with verdicts", "Screens"),
    Command("builds", ("3",), "Builds", "Builds of the marked regions, live", "Screens"),
    Command("path", ("4",), "Path", "One name from project to what runs it, with what mends each link", "Screens"),
    Command("audit", ("5",), "Audit", "Every rule over the marked regions", "Screens"),
    Command("filter", ("slash",), "filter", "Filter by words and terms (tag:v1 age:<7d size:>500MB)", "Lists"),
    Command("sort", ("s",), "sort", "Sort by the next column; again on the same column turns it", "Lists"),
    Command("reverse", ("S",), "reverse", "Turn the sort order", "Lists"),
    Command("verdict", ("v",), "verdict", "Show one verdict, or one severity, after the other", "Lists"),
    Command("group", ("B",), "group", "Group the findings of the audit by rule or by repository", "Lists"),
    Command("mark", ("space",), "mark", "Mark or unmark the row under the cursor", "Lists"),
    Command("mark-all", ("asterisk",), "mark all", "Mark all rows shown, or unmark them", "Lists"),
    Command("refresh", ("r",), "refresh", "Load again what is shown", "Lists"),
    Command("back", ("escape",), "back", "Stop the load, close the filter, or go one level up", "Lists"),
    Command("zoom", ("z",), "zoom", "Give the focused pane the whole width, or share it again", "Lists"),
    Command("next-pane", ("tab", "right"), "next pane", "To the pane on the right", "Lists"),
    Command("previous-pane", ("shift+tab", "left"), "previous pane", "To the pane on the left", "Lists"),
    Command("copy", ("c",), "copy", "Copy the URI, digest, ARN, pull command or CLI command", "Row"),
    Command("raw", ("y",), "JSON", "All that AWS says of this row", "Row"),
    Command("console", ("o",), "console", "Link to the AWS console, copied and shown", "Row"),
    Command("used-by", ("u",), "used by", "What runs this image", "Row"),
    Command("permissions", ("I",), "permissions", "IAM: who may push and pull, and what mends it", "Row"),
    Command("findings", ("F",), "findings", "What the scan of this image found", "Row"),
    Command(
        "compare-findings",
        ("equals_sign",),
        "compare",
        "What changed in the findings of two marked images, or the policies of two repositories",
        "Row",
    ),
    Command("open-path", ("p",), "path", "The path of this name: project, repository, images, what runs them", "Row"),
    Command("snippets", ("C",), "snippets", "Buildspec, commands, definitions, policies with the real values", "Row"),
    Command("children", ("e",), "expand", "Show or hide the platforms of an index", "Row"),
    Command("measure", ("m",), "measure", "Exact size and cost, from all manifests; AWS may count pulls", "Row"),
    Command("next-tab", ("right_square_bracket",), "next tab", "The next tab of the detail", "Row"),
    Command("previous-tab", ("left_square_bracket",), "previous tab", "The tab before", "Row"),
    Command("create", ("n",), "create", "Create the repository, guided", "Changes", changes=True),
    Command("build", ("b",), "build", "Start a build of the project", "Changes", changes=True),
    Command("stop", ("x",), "stop", "Stop the build", "Changes", changes=True),
    Command("retry", ("X",), "retry", "Retry the build", "Changes", changes=True),
    Command("lifecycle", ("L",), "lifecycle", "Lifecycle policies of what is marked", "Changes"),
    Command("protect", ("M",), "protect", "Make tags immutable, and scan on push: the advice", "Changes", changes=True),
    Command("edit", ("E",), "edit", "Edit the draft of the lifecycle policy; Esc leaves it", "Lifecycle"),
    Command("templates", ("T",), "templates", "Fill the draft from a template, or from what is stored", "Lifecycle"),
    Command(
        "preview",
        ("p", "f5"),
        "preview",
        "What the draft would do to the images now, and what is in use",
        "Lifecycle",
        local=True,
    ),
    Command("aws-preview", ("a",), "AWS preview", "AWS's own preview of it, beside ours", "Lifecycle", changes=True),
    Command("view", ("V",), "view", "Show what goes, what stays, what is in use", "Lifecycle"),
    Command("next-problem", ("f8",), "next problem", "To the next thing that is wrong with the draft", "Lifecycle"),
    Command("format", ("f", "f9"), "format", "Write the draft in its usual form", "Lifecycle"),
    Command(
        "apply", ("A",), "apply", "Put the draft, previewed anew, on the marked repositories", "Lifecycle", changes=True
    ),
    Command(
        "restore", ("U",), "restore", "Put back what the last change from here replaced", "Lifecycle", changes=True
    ),
    Command("tag", ("t",), "tag", "Put another tag on the image", "Changes", changes=True),
    Command("delete", ("D",), "delete", "Delete, after its name is typed", "Changes", changes=True),
    Command("scan", ("N",), "scan", "Scan the image, or those that are marked", "Changes", changes=True),
    Command("watch", ("w",), "watch", "Watch the repository or build; tells when something arrives", "Live"),
    Command("logs", ("l",), "logs", "The log of the latest build", "Live"),
    Command("save", ("ctrl+s",), "save", "Save the log, or the findings, to a file", "Live"),
    Command("command", ("colon",), "command", "Go to a screen or do a command by its name", "App"),
    Command("help", ("question_mark",), "help", "All keys that apply here", "App"),
    Command("regions", ("R",), "regions", "Choose the regions in scope", "App"),
    Command("profile", ("P",), "profile", "Change the AWS profile", "App"),
    Command("login", ("ctrl+l",), "log in", "Log in anew, with the command of the profile's login", "App"),
    Command("identity", ("i",), "identity", "Who you are: account, role, endpoint", "App"),
    Command("activity", ("exclamation_mark",), "activity", "Every change and error of this session", "App"),
    Command("theme", ("ctrl+t",), "theme", "The next colour theme", "App"),
    Command("quit", ("q",), "quit", "Leave ecrtui", "App"),
)

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}


def bindings() -> list[Binding]:
    """The app's bindings: one a command, with the command's id for the keymap."""
    return [_binding(command) for command in COMMANDS if not command.local]


def local_binding(id_: str) -> Binding:
    """The binding of a local command, for the screen that offers it."""
    return _binding(BY_ID[id_])


def _binding(command: Command) -> Binding:
    return Binding(",".join(command.keys), f"app.run('{command.id}')", command.label, show=False, id=command.id)


def refusal(chain: Iterable[object], command: Command, read_only: bool) -> str | None:
    """Why `command` cannot be done here: empty when it can, None when nothing here offers it."""
    node = _offering(chain, command)
    if node is None:
        return None
    if command.changes and read_only:
        return "read-only: this session sends no changes"
    reason = getattr(node, f"refusal_{command.method}", None)
    return "" if reason is None else str(reason())


def carry_out(chain: Iterable[object], command: Command) -> None:
    """Do `command` at the nearest node that offers it."""
    node = _offering(chain, command)
    if node is not None:
        getattr(node, f"command_{command.method}")()


def _offering(chain: Iterable[object], command: Command) -> object | None:
    name = f"command_{command.method}"
    return next((node for node in chain if hasattr(node, name)), None)


_WRITTEN = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "asterisk": "*",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "Esc",
    "space": "Space",
    "enter": "Enter",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "right": "→",
    "left": "←",
}


def written(key: str) -> str:
    """A key by Textual's name, as a person writes it."""
    if len(key) > 1 and key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _WRITTEN.get(key, key.replace("ctrl+", "^"))


def keymap(keys: Mapping[str, str]) -> dict[str, str]:
    """The configuration's `[keys]`, checked: ids that exist, keys that are named right, no key twice."""
    own = [command for command in COMMANDS if command.id not in keys and not command.local]
    taken = {key: command.id for command in own for key in command.keys}
    for id_, wanted in keys.items():
        if id_ not in BY_ID:
            raise _bad_key(id_, f"there is no command of that name; there are: {', '.join(BY_ID)}")
        for key in wanted.split(","):
            if not _KEY_NAME(key):
                raise _bad_key(
                    id_, f"{key!r} is no key; write ctrl+x, shift+tab, f5, a letter, or a name such as slash"
                )
            if (other := taken.get(key)) and not BY_ID[id_].local:
                raise _bad_key(id_, f"{key} already belongs to {other}; give that command another key too")
            taken[key] = id_
    return dict(keys)


def _KEY_NAME(key: str) -> bool:  # noqa: N802
    return bool(key) and key == key.strip() and " " not in key


def _bad_key(id_: str, why: str) -> AppError:
    return AppError(
        ErrorKind.USAGE,
        f"use the key of {id_}",
        where="[keys] in the configuration",
        why=why,
        remedy="Change that line.",
    )
