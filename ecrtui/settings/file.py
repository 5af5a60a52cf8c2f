"""The configuration file: its settings by dotted key, and the line of each. Nothing is ever written to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecrtui.settings.errors import TABLES, quoted, refused
from ecrtui.settings.values import BadMember, parsed


def default_path(environ: Mapping[str, str]) -> Path:
    """`$XDG_CONFIG_HOME/ecrtui/config.toml`, on every system; a relative variable is ignored as XDG asks."""
    home = Path(environ.get("XDG_CONFIG_HOME", ""))
    if not home.is_absolute():
        home = Path(environ.get("HOME") or Path.home()) / ".config"
    return home / "ecrtui" / "config.toml"


def from_file(path: Path, places: dict[str, str], required: bool) -> dict[str, Any]:
    """The settings of a file, none where there is no file unless it is `required`; `places` gets their lines."""
    text = _read(path, required)
    if not text:
        return {}
    import tomllib  # only a file needs them: the first frame waits for every import

    from ecrtui.settings.tomlplaces import key_lines

    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        found = re.search(r"line (\d+)", str(error))
        place = f"{path}, line {found[1]}" if found else str(path)
        raise refused("", place, f"this is not valid TOML: {error}", "Correct that line.") from None
    lines = key_lines(text)
    values: dict[str, Any] = {}
    for key, value in _flattened(document, path, lines):
        places[key] = _place(path, key, lines)
        if isinstance(value, list):
            for number in range(len(value)):
                places[f"{key}.{number}.rule"] = _entry_place(path, key, number, "rule", lines)
        try:
            values[key] = parsed(key, value, places[key])
        except BadMember as bad:
            place = _entry_place(path, key, bad.entry, bad.member, lines)
            given = value[bad.entry].get(bad.member)
            why = bad.why or f"{quoted(given)} is not allowed"
            name = f"{key}.{bad.member}" if bad.member else key
            raise refused(name, place, why, f"Write {bad}.") from None
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
        if key not in TABLES:
            found.append((key, value))
        elif not isinstance(value, dict):
            raise refused(key, _place(path, key, lines), "this is a table", f"Write [{key}] on its own line.")
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
    raise refused("", str(path), why, remedy)
