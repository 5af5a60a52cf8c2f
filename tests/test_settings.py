"""The configuration: precedence, and a sentence with file, line and remedy for everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError
from ecrtui.settings import Settings
from ecrtui.settings.file import default_path
from ecrtui.settings.layers import load
from ecrtui.settings.tomlplaces import key_lines


@pytest.fixture
def config(tmp_path: Path):
    """Load a configuration text."""

    def loaded(text: str | bytes, flags: dict | None = None, environ: dict | None = None) -> Settings:
        path = tmp_path / "config.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load({"config": str(path), **(flags or {})}, environ or {})

    return loaded


def test_nothing_configured_gives_the_defaults(tmp_path: Path) -> None:
    settings = load({}, {"XDG_CONFIG_HOME": str(tmp_path)})
    assert settings == Settings()
    assert (settings.read_only, settings.regions, settings.theme) == (False, (), "dark")


def test_flags_beat_variables_beat_the_file_beats_the_defaults(config) -> None:
    text = 'profile = "file"\ntheme = "light"\nrefresh = 5\nregions = ["us-east-1"]\n'
    environ = {"ECRTUI_PROFILE": "variable", "ECRTUI_THEME": "ansi", "AWS_PROFILE": "other"}
    settings = config(text, {"profile": "flag"}, environ)
    assert (settings.profile, settings.theme, settings.refresh) == ("flag", "ansi", 5.0)
    assert settings.regions == ("us-east-1",)
    assert settings.mouse is True


def test_every_section_is_read(config) -> None:
    settings = config(
        """
        endpoint_url = "http://127.0.0.1:4566"
        read_only = true
        bell = true
        notify = true
        mouse = false
        refresh = -1
        [naming]
        rule = '[a-z]+-[a-z]+'
        [create]
        mutability = "MUTABLE"
        scan_on_push = false
        encryption = "KMS"
        kms_key = "alias/ecr"
        lifecycle_template = "keep-last"
        tags = { team = "shop", "a.b" = "c" }
        [timeouts]
        connect = 1
        read = 2.5
        operation = 60
        [keys]
        refresh = "f5,ctrl+r"
        "copy.uri" = ["c"]
        copy.digest = "d"
        """
    )
    assert settings.endpoint_url == "http://127.0.0.1:4566"
    assert (settings.read_only, settings.bell, settings.notify, settings.mouse) == (True, True, True, False)
    assert settings.refresh == -1
    assert settings.naming_rule == "[a-z]+-[a-z]+"
    assert (settings.create.mutability, settings.create.exclusions) == ("MUTABLE", ())
    assert settings.create.scan_on_push is False
    assert (settings.create.encryption, settings.create.kms_key) == ("KMS", "alias/ecr")
    assert settings.create.lifecycle_template == "keep-last"
    assert settings.create.tags == {"team": "shop", "a.b": "c"}
    assert (settings.timeouts.connect, settings.timeouts.read, settings.timeouts.operation) == (1, 2.5, 60)
    assert settings.keys == {"refresh": "f5,ctrl+r", "copy.uri": "c", "copy.digest": "d"}


@pytest.mark.parametrize(
    ("text", "line", "why", "remedy"),
    [
        ('\nthem = "dark"', 2, "no such setting", "Did you mean theme?"),
        ('theme = "drak"', 1, "'drak' is not allowed", "one of dark, light, ansi"),
        ("theme = 3", 1, "3 is not allowed", "one of dark"),
        ("theme = []", 1, "[] is not allowed", "one of dark"),
        ("[create]\n\n\nmutability = 'MUTBLE'", 4, "'MUTBLE' is not allowed", "one of MUTABLE"),
        ("[create]\nmutabilty = 'MUTABLE'", 2, "no such setting", "Did you mean create.mutability?"),
        ("[create]\ntheme = 'dark'", 2, "no such setting", "Write it above the first table."),
        ("[audit]\ntags = {}", 2, "no such setting", "Write it under [create]."),
        ("mutability = 'MUTABLE'", 1, "no such setting", "Write it under [create]."),
        ("[timeouts]\nwait = 3", 2, "no such setting", "timeouts.connect, timeouts.operation, timeouts.read."),
        ("[timeout]\nread = 3", 1, "no such setting", "Did you mean [timeouts]?"),
        ("[create]\nencryption='AES256'\nkms_key = 'k'", 3, "AES256 uses no key", "KMS"),
        (
            "[create]\nexclusions = ['latest']\nmutability = 'IMMUTABLE'",
            2,
            "takes no exclusions",
            "Remove them",
        ),
        ("[create]\nexclusions = []", 2, "no filter", "IMMUTABLE"),
        ("[create]\nexclusions = ['a b']", 2, "not allowed", "five tag filters"),
        ("[create.tags]\nteam = 3", 1, "not allowed", "table of texts"),
        ("refresh = 0", 1, "0 is not allowed", "-1 to turn it off"),
        ("refresh = nan", 1, "nan is not allowed", "seconds"),
        ("refresh = true", 1, "true is not allowed", "seconds"),
        ('read_only = "yes"', 1, "'yes' is not allowed", "true or false"),
        ('regions = ["us-east-1", "nowhere!"]', 1, "not allowed", "eu-central-1"),
        ('endpoint_url = "localhost:4566"', 1, "not allowed", "https://"),
        ('endpoint_url = "http://me:secret@host"', 1, "not allowed", "without credentials"),
        ("[naming]\nrule = '('", 2, "not allowed", "regular expression"),
        ("[timeouts]\nconnect = 0", 2, "0 is not allowed", "greater than 0"),
        ("[keys]\nrefresh = ''", 2, "'' is not allowed", "ctrl+r"),
        ("[keys]\nrefresh = 'ctrl + r'", 2, "not allowed", "ctrl+r"),
        ("[naming\nrule = 1", 1, "not valid TOML", "Correct that line"),
        ("a = 1\nb = = 2", 2, "not valid TOML", "Correct that line"),
        ("create = 3", 1, "this is a table", "[create]"),
        ("x = '''\n\n'''\nthem = 1", 1, "no such setting", ""),
        ("profile = '''a\nb'''", 1, "not allowed", "control characters"),
        ("# [create]\ntheme = 'dark' # = \n[nonsense]\na = 1", 3, "no such setting", "Known here"),
        ("nonsense = 1", 1, "no such setting", "the tables [audit], [create], [keys], [naming], [timeouts]"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_remedy(config, tmp_path, text, line, why, remedy) -> None:
    with pytest.raises(AppError) as caught:
        config(text)
    error = caught.value
    assert error.where == f"{tmp_path / 'config.toml'}, line {line}"
    assert why in error.why
    assert remedy in error.remedy
    assert error.exit_code == 2


def test_credentials_in_an_endpoint_are_not_repeated(config) -> None:
    with pytest.raises(AppError) as caught:
        config('endpoint_url = "http://me:secret@host"')
    assert "secret" not in str(caught.value)


def test_a_file_that_is_asked_for_has_to_be_there(tmp_path: Path) -> None:
    for flags, environ in (
        ({"config": str(tmp_path / "no")}, {}),
        ({}, {"ECRTUI_CONFIG": str(tmp_path / "no")}),
    ):
        with pytest.raises(AppError, match="no such file"):
            load(flags, environ)


def test_a_directory_bytes_and_a_refused_file_are_sentences(config, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="this is a directory"):
        load({"config": str(tmp_path)}, {})
    with pytest.raises(AppError, match="byte 11 is not UTF-8"):
        config(b'profile = "\xff"')
    config("")
    with pytest.raises(AppError, match="no such file"):
        load({"config": str(tmp_path / "config.toml" / "deeper")}, {})
    with pytest.raises(AppError, match="null"):
        load({"config": "a\0b"}, {})


def test_a_byte_order_mark_is_no_error(config) -> None:
    assert config('\ufefftheme = "light"').theme == "light"


def test_deep_nesting_is_a_sentence(config) -> None:
    with pytest.raises(AppError, match="not valid TOML"):
        config("a = " + "[" * 100_000)


def test_variables_are_checked_too() -> None:
    environ = {"XDG_CONFIG_HOME": "/nonexistent"}
    with pytest.raises(AppError, match="ECRTUI_READ_ONLY") as caught:
        load({}, {**environ, "ECRTUI_READ_ONLY": "maybe"})
    assert caught.value.remedy == "Write true or false."
    with pytest.raises(AppError) as caught:
        load({}, {**environ, "ECRTUI_READONLY": "1"})
    assert caught.value.remedy == "Did you mean ECRTUI_READ_ONLY?"
    with pytest.raises(AppError, match="ECRTUI_REFRESH"):
        load({}, {**environ, "ECRTUI_REFRESH": "often"})


@pytest.mark.parametrize(("text", "value"), [("1", True), ("TRUE", True), ("on", True), ("0", False), ("", False)])
def test_read_only_by_variable(text: str, value: bool) -> None:
    assert load({}, {"XDG_CONFIG_HOME": "/nonexistent", "ECRTUI_READ_ONLY": text}).read_only is value


def test_the_file_is_where_xdg_says(tmp_path: Path) -> None:
    assert default_path({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "ecrtui" / "config.toml"
    assert default_path({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}) == Path("/h/.config/ecrtui/config.toml")


def test_commands_are_checked_when_the_app_knows_them(config, tmp_path: Path) -> None:
    settings = config('[keys]\nrefresh = "r"\nrefrehs = "f5"')
    with pytest.raises(AppError) as caught:
        settings.check_commands(["refresh", "quit"])
    assert caught.value.where.endswith("line 3")
    assert caught.value.remedy == "Did you mean keys.refresh?"
    config('[keys]\nrefresh = "r"').check_commands(["refresh"])


def test_lines_of_keys_survive_strings_comments_and_arrays() -> None:
    text = """
a = "#" # b = 1
b = [ # c
  "x]", '''
]
''', { d = 1 },
]
"c.d" = \"\"\"
e = 1
\\\"\"\"\"\"\"
f.g = 1
[[t]]
h = 1
['q'.r] # [s]
i = {j = 1}
"""
    assert key_lines(text) == {
        ("a",): 2,
        ("b",): 3,
        ("c.d",): 8,
        ("f",): 11,
        ("f", "g"): 11,
        ("t",): 12,
        ("t", "h"): 13,
        ("q", "r"): 14,
        ("q", "r", "i"): 15,
    }


@given(st.text(alphabet="abc=[]{}\"'\\#.\n ,1", max_size=60))
def test_no_text_gets_past_the_sentences(tmp_path_factory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load({"config": str(path)}, {})
    except AppError as error:
        assert error.where.startswith(str(path))  # noqa: PT017 - most texts are no configuration, some are


SUPPRESS = '[[audit.suppress]]\nrule = "drift"\nmatch = "pet-*"\nreason = "known"\n'


def test_suppressions_are_read(config) -> None:
    entries = config(SUPPRESS + "until = 2027-01-31\n" + SUPPRESS + 'until = "2027-02-01"\n' + SUPPRESS).audit.suppress
    assert [(one.rule, one.match, one.reason) for one in entries] == [("drift", "pet-*", "known")] * 3
    assert [one.until and one.until.isoformat() for one in entries] == ["2027-01-31", "2027-02-01", None]


@pytest.mark.parametrize(
    ("text", "line", "why", "remedy"),
    [
        (SUPPRESS.replace('reason = "known"\n', ""), 1, "reason is missing", "reason in every"),
        (SUPPRESS + SUPPRESS.replace('"known"', "3"), 8, "3 is not allowed", "text that is not empty"),
        (SUPPRESS + SUPPRESS.replace('"known"', '" "'), 8, "not allowed", "text that is not empty"),
        (SUPPRESS + 'untill = "2027-01-31"\n', 5, "no such setting", "rule, match, reason and until only"),
        (SUPPRESS + 'until = "soon"\n', 5, "'soon' is not allowed", "a day such as 2027-01-31"),
        (SUPPRESS + "until = 12\n", 5, "12 is not allowed", "a day such as 2027-01-31"),
        ("[audit]\nsuppress = 3\n", 2, "3 is not allowed", "[[audit.suppress]]"),
        ("[audit]\nsupress = []\n", 2, "no such setting", "Did you mean audit.suppress?"),
    ],
)
def test_what_is_wrong_with_a_suppression_is_named(config, tmp_path, text, line, why, remedy) -> None:
    with pytest.raises(AppError) as caught:
        config(text)
    assert caught.value.where == f"{tmp_path / 'config.toml'}, line {line}"
    assert why in caught.value.why
    assert remedy in caught.value.remedy


def test_suppressed_rules_are_checked_when_the_rules_are_known(config) -> None:
    settings = config(SUPPRESS + SUPPRESS.replace("drift", "drfit") + SUPPRESS.replace("drift", "build*"))
    with pytest.raises(AppError) as caught:
        settings.check_rules(["drift", "buildspec-no-login"])
    assert caught.value.where.endswith("line 6")
    assert caught.value.remedy == "Did you mean drift?"
    config(SUPPRESS).check_rules(["drift"])
