"""The configuration: one frozen value from flags, `ECRTUI_*`, config.toml and the defaults, in that order.

An unknown key or a bad value anywhere is an `AppError` of kind USAGE that names the file and line (or the
variable) and what to write instead. Nothing is ever written to the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.mutability import Mutability
from ecrtui.settingvalues import PARSERS, BadMember, BadValue, key_names, refresh, switch

_EMPTY: Mapping[str, str] = MappingProxyType({})


class CreateDefaults(NamedTuple):
    """How repositories are created unless the plan says otherwise."""

    mutability: str = Mutability.IMMUTABLE_WITH_EXCLUSION
    exclusions: tuple[str, ...] = ("latest", "production", "staging", "development", "test")
    scan_on_push: bool = True
    encryption: str = "AES256"
    kms_key: str | None = None
    lifecycle_template: str | None = None
    """The name of a lifecycle policy template; None creates no policy."""
    tags: Mapping[str, str] = _EMPTY


class Timeouts(NamedTuple):
    """Deadlines in seconds: of a connection, of one answer, and of a whole operation with its retries."""

    connect: float = 5.0
    read: float = 15.0
    operation: float = 30.0


class AuditSettings(NamedTuple):
    """What the audit is told."""

    suppress: tuple[Suppression, ...] = ()
    """Findings that are known and accepted."""


class Settings(NamedTuple):
    """Everything that can be configured."""

    profile: str | None = None
    regions: tuple[str, ...] = ()
    """The first is the primary one; empty leaves the choice to AWS's own variables and files."""
    endpoint_url: str | None = None
    read_only: bool = False
    debug: bool = False
    """Whether a debug log is written."""
    theme: str = "dark"
    refresh: float = 60.0
    """Seconds between refreshes of what is shown; -1 never refreshes by itself."""
    bell: bool = False
    notify: bool = False
    """Desktop notifications (OSC 9)."""
    mouse: bool = True
    naming_rule: str | None = None
    """A regular expression that names have to match as a whole; None is the recommended form."""
    create: CreateDefaults = CreateDefaults()
    audit: AuditSettings = AuditSettings()
    timeouts: Timeouts = Timeouts()
    keys: Mapping[str, str] = _EMPTY
    """Keys by command id, comma-separated by Textual's key names."""
    places: Mapping[str, str] = _EMPTY
    """Where each setting that is not a default was made, by dotted key: "config.toml, line 3"."""

    def without_account(self, regions: tuple[str, ...] = ()) -> Settings:
        """The settings without what belongs to an account of one's own, and with these regions."""
        return self._replace(profile=None, endpoint_url=None, regions=regions)

    def check_commands(self, known: Collection[str]) -> None:
        """Raise when `[keys]` names a command that is not among `known`."""
        for command in self.keys:
            if command not in known:
                place = self.places.get(f"keys.{command}", "")
                raise _unknown(f"keys.{command}", [f"keys.{name}" for name in known], place)

    def check_rules(self, known: Collection[str]) -> None:
        """Raise when `[[audit.suppress]]` names a rule that is not among `known`."""
        for number, entry in enumerate(self.audit.suppress):
            if not any(fnmatchcase(rule, entry.rule) for rule in known):
                place = self.places.get(f"audit.suppress.{number}.rule", "")
                close = get_close_matches(entry.rule, known, n=1, cutoff=0.6)
                remedy = f"Did you mean {close[0]}?" if close else "`ecrtui audit --rules` lists them."
                raise _error("audit.suppress", place, f"there is no rule {_quoted(entry.rule)}", remedy)

    def rejected(self, key: str, why: str, remedy: str) -> AppError:
        """The error for a setting that turned out to be wrong only where it is used."""
        return _error(key, self.places.get(key, ""), why, remedy)


def load(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings. `flags` are values by dotted key (absent: not given); `config` among them is the file."""
    chosen = flags.get("config") or environ.get("ECRTUI_CONFIG")
    path = Path(os.path.expanduser(chosen)) if chosen else default_path(environ)
    places: dict[str, str] = {}
    values = _from_file(path, places, required=bool(chosen))
    for layer in (_from_environment(environ, places), _from_flags(flags, places)):
        values.update(layer)
    return _settings(values, places)


def default_path(environ: Mapping[str, str]) -> Path:
    """`$XDG_CONFIG_HOME/ecrtui/config.toml`, on every system; a relative variable is ignored as XDG asks."""
    home = Path(environ.get("XDG_CONFIG_HOME", ""))
    if not home.is_absolute():
        home = Path(environ.get("HOME") or Path.home()) / ".config"
    return home / "ecrtui" / "config.toml"


_TABLES = ("naming", "create", "audit", "timeouts", "keys")
_VARIABLES = {
    "ECRTUI_PROFILE": "profile",
    "ECRTUI_REGION": "regions",
    "ECRTUI_ENDPOINT_URL": "endpoint_url",
    "ECRTUI_READ_ONLY": "read_only",
    "ECRTUI_DEBUG": "debug",
    "ECRTUI_THEME": "theme",
    "ECRTUI_REFRESH": "refresh",
    "ECRTUI_BELL": "bell",
    "ECRTUI_NOTIFY": "notify",
    "ECRTUI_MOUSE": "mouse",
}
_OTHER_VARIABLES = ("ECRTUI_CONFIG", "ECRTUI_DEMO_SPEED")
_SWITCH_WORDS = {"1": True, "true": True, "yes": True, "on": True} | {
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


# Layers


def _from_file(path: Path, places: dict[str, str], required: bool) -> dict[str, Any]:
    text = _read(path, required)
    if not text:
        return {}
    import tomllib  # only a file needs them: the first frame waits for every import

    from ecrtui.tomlplaces import key_lines

    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        found = re.search(r"line (\d+)", str(error))
        place = f"{path}, line {found[1]}" if found else str(path)
        raise _error("", place, f"this is not valid TOML: {error}", "Correct that line.") from None
    lines = key_lines(text)
    values: dict[str, Any] = {}
    for key, value in _flattened(document, path, lines):
        places[key] = _place(path, key, lines)
        if isinstance(value, list):
            for number in range(len(value)):
                places[f"{key}.{number}.rule"] = _entry_place(path, key, number, "rule", lines)
        try:
            values[key] = _parsed(key, value, places[key])
        except BadMember as bad:
            place = _entry_place(path, key, bad.entry, bad.member, lines)
            given = value[bad.entry].get(bad.member)
            why = bad.why or f"{_quoted(given)} is not allowed"
            name = f"{key}.{bad.member}" if bad.member else key
            raise _error(name, place, why, f"Write {bad}.") from None
    return values


def _entry_place(path: Path, key: str, number: int, member: str, lines: Mapping[Any, int]) -> str:
    """Where one member of the n-th table of a list is; where the table begins if it has no line."""
    table = (*key.split("."), *([str(number)] if number else []))
    line = lines.get((*table, member)) or lines.get(table)
    return f"{path}, line {line}" if line else _place(path, key, lines)


def _flattened(document: Mapping[str, Any], path: Path, lines: Mapping[Any, int]) -> list[tuple[str, Any]]:
    """Dotted keys and values: the tables that we know are opened, command ids may hold dots."""
    found: list[tuple[str, Any]] = []
    for key, value in document.items():
        if key not in _TABLES:
            found.append((key, value))
        elif not isinstance(value, dict):
            raise _error(key, _place(path, key, lines), "this is a table", f"Write [{key}] on its own line.")
        elif key == "keys":
            found += [(f"keys.{name}", keys) for name, keys in _commands(value)]
        else:
            found += [(f"{key}.{name}", inner) for name, inner in value.items()]
    return found


def _commands(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in table.items():
        found += _commands(value, f"{prefix}{name}.") if isinstance(value, dict) else [(prefix + name, value)]
    return found


def _place(path: Path, key: str, lines: Mapping[Any, int]) -> str:
    parts: tuple[str, ...] = tuple(key.split("."))
    for length in range(len(parts), 0, -1):
        if line := lines.get(parts[:length]) or lines.get((*parts[: length - 1], ".".join(parts[length - 1 :]))):
            return f"{path}, line {line}"
    return str(path)


def _from_environment(environ: Mapping[str, str], places: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith("ECRTUI_") or name in _OTHER_VARIABLES:
            continue
        key = _VARIABLES.get(name)
        if key is None:
            _reject_misspelt(name)
        elif text:
            places[key] = f"the variable {name}"
            values[key] = _parsed(key, _typed(key, text), places[key])
    return values


def _typed(key: str, text: str) -> Any:
    """What TOML would have given for the text of a variable."""
    if PARSERS[key] is switch:
        return _SWITCH_WORDS.get(text.strip().lower(), text)
    if PARSERS[key] is refresh:
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _reject_misspelt(name: str) -> None:
    """A variable that only looks like one of ours would be ignored silently: `ECRTUI_READONLY`."""
    if close := get_close_matches(name, [*_VARIABLES, *_OTHER_VARIABLES], n=1, cutoff=0.88):
        raise _error(name, "the environment", "there is no such variable", f"Did you mean {close[0]}?")


def _from_flags(flags: Mapping[str, Any], places: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in flags.items():
        if key in PARSERS:
            places[key] = "the command line"
            values[key] = _parsed(key, value, places[key])
    return values


def _parsed(key: str, value: Any, place: str) -> Any:
    parser = key_names if key.startswith("keys.") else PARSERS.get(key)
    if parser is None:
        raise _unknown(key, [*PARSERS, "keys"], place)
    try:
        return parser(value)
    except BadMember:
        raise
    except BadValue as expected:
        raise _error(key, place, f"{_quoted(value)} is not allowed", f"Write {expected}.") from None


# The whole


def _settings(values: Mapping[str, Any], places: Mapping[str, str]) -> Settings:
    def table(name: str) -> dict[str, Any]:
        return {key.removeprefix(f"{name}."): value for key, value in values.items() if key.startswith(f"{name}.")}

    top = {key: value for key, value in values.items() if "." not in key}
    return Settings(
        **top,
        naming_rule=values.get("naming.rule"),
        create=_create_defaults(table("create"), places),
        audit=AuditSettings(**table("audit")),
        timeouts=Timeouts(**table("timeouts")),
        keys=MappingProxyType(table("keys")),
        places=MappingProxyType(dict(places)),
    )


def _create_defaults(table: dict[str, Any], places: Mapping[str, str]) -> CreateDefaults:
    """Settings that exclude each other are refused here, as ECR would refuse them at creation."""
    excluding = table.get("mutability", CreateDefaults().mutability).endswith("_WITH_EXCLUSION")
    if not excluding and table.setdefault("exclusions", ()):
        place = places.get("create.exclusions", "")
        raise _error(
            "create.exclusions",
            place,
            f"{table['mutability']} takes no exclusions",
            f"Remove them, or set mutability to {table['mutability']}_WITH_EXCLUSION.",
        )
    if excluding and table.get("exclusions") == ():
        place = places.get("create.exclusions", "")
        raise _error("create.exclusions", place, "there is no filter", "Name a tag, or set mutability to IMMUTABLE.")
    if table.get("kms_key") and table.get("encryption", "AES256") == "AES256":
        place = places.get("create.kms_key", "")
        raise _error("create.kms_key", place, "AES256 uses no key", 'Set encryption to "KMS" too.')
    return CreateDefaults(**table)


def _read(path: Path, required: bool) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if not required:
            return ""
        why, remedy = "there is no such file", "Name a file that exists."
    except NotADirectoryError:
        if not required:
            return ""
        why, remedy = "there is no such file", "Name a file that exists."
    except IsADirectoryError:
        why, remedy = "this is a directory", "Name the file itself, such as config.toml."
    except UnicodeDecodeError as error:
        why, remedy = f"byte {error.start} is not UTF-8", "Save the file as UTF-8."
    except OSError as error:
        why, remedy = error.strerror or str(error), "Make the file readable, or name another with --config."
    except ValueError as error:
        why, remedy = str(error), "Name a file that exists."
    raise _error("", str(path), why, remedy)


def _unknown(key: str, known: Collection[str], place: str) -> AppError:
    close = get_close_matches(key, known, n=1, cutoff=0.6)
    remedy = f"Did you mean {close[0]}?" if close else _known_beside(key, known)
    return _error(key, place, "there is no such setting", remedy)


def _known_beside(key: str, known: Collection[str]) -> str:
    """The settings of the same table; at the top the tables too."""
    table = key.rpartition(".")[0]
    there = ", ".join(sorted(name for name in known if name.rpartition(".")[0] == table and name not in _TABLES))
    tables = "" if table else f"; and the tables {', '.join(f'[{name}]' for name in sorted(_TABLES))}"
    return f"Known here: {there}{tables}."


def _error(key: str, place: str, why: str, remedy: str) -> AppError:
    what = f"use the setting {key}" if key else "read the configuration"
    return AppError(ErrorKind.USAGE, what, where=place, why=why, remedy=remedy)


def _quoted(value: Any) -> str:
    """A value for a message: shortened, and without credentials in a URL."""
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    text = re.sub(r"//[^/@]*@", "//***@", text)
    return text if len(text) <= 60 else text[:60] + "…"
