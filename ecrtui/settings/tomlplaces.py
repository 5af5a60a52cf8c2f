"""On which line each key of a TOML text stands: `tomllib` reads values, but keeps no positions."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator

Path = tuple[str, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{1,2}(?!"))?'
    r"|'''.*?'''(?:'{1,2}(?!'))?"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[A-Za-z0-9_-]+"
    r"|\n|.",
    re.DOTALL,
)
_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")


def key_lines(text: str) -> dict[Path, int]:
    """The line (from 1) of each table and key of a valid TOML text, by its full path.

    Keys inside inline tables have no line of their own: theirs is that of the key which holds the table. In an array
    of tables (`[[t]]`) the second is at `("t", "1")`, and so on.
    """
    lines: dict[Path, int] = {}
    tables: Counter[Path] = Counter()
    table: Path = ()
    for number, statement in _statements(text):
        if statement[0] == "[":
            table = _path(token for token in statement if token not in "[]")
            if statement[1] == "[":
                tables[table] += 1
                table = (*table, str(tables[table] - 1)) if tables[table] > 1 else table
            lines.setdefault(table, number)
        else:
            key = table + _path(statement[: statement.index("=")])
            for length in range(len(table) + 1, len(key) + 1):
                lines.setdefault(key[:length], number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each table heading or key with its value, as the line where it begins and its tokens."""
    line, first, depth = 1, 1, 0
    tokens: list[str] = []
    for token in _TOKEN.findall(text):
        if token == "\n" and depth == 0 and tokens:
            yield first, tokens
            tokens = []
        elif not token.isspace() and not token.startswith("#"):
            first = first if tokens else line
            tokens.append(token)
            depth += (token in _OPENING) - (token in _CLOSING)
        line += token.count("\n")
    if tokens:
        yield first, tokens


def _path(tokens: Iterator[str] | list[str]) -> Path:
    """The parts of a dotted key; quoted parts without their quotes."""
    return tuple(_unquoted(token) for token in tokens if token != ".")


def _unquoted(token: str) -> str:
    return str(tomllib.loads(f"key = {token}")["key"]) if token[0] in "\"'" else token
