"""Results on stdout, as a table for people or as JSON, JSON lines or CSV for programs; the rest on stderr.

JSON carries the raw values: whatever a terminal might act upon (control characters, bidirectional overrides,
lone surrogates) is written as a `\\uXXXX` escape, which a parser reads back unchanged. Tables and CSV are
seen by people: their cells pass `domain.text.shown`, and a CSV cell that a spreadsheet would take for a
formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TextIO

from ecrtui.domain import spreadsheet
from ecrtui.domain.errors import AppError, Executed
from ecrtui.domain.text import Align, Shown, fit, shorten_middle, shown, width

Record = Mapping[str, Any]
"""One result: members by name, values that JSON can hold."""

_UNLIMITED = sys.maxsize
_NARROWEST = 8
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its heading, and the text of a record in it."""

    title: str
    text: Callable[[Record], str]
    align: Align = "left"


def column(title: str, member: str, align: Align = "left") -> Column:
    """A column that shows a member as it is; lists in one line, what is absent as nothing."""
    return Column(title, lambda record: plain(record[member]), align)


def print_records(form: str, records: Iterable[Record], columns: Sequence[Column], members: Sequence[str]) -> None:
    """All results in the format `form`: table, json, jsonl or csv (with these members as its columns)."""
    match form:
        case "json":
            _print_array(records)
        case "jsonl":
            for record in records:
                print_line(dumped(record))
        case "csv":
            _print_csv(records, members)
        case _:
            _print_table(list(records), columns)


def print_document(form: str, document: Record, rows: Iterable[Record], members: Sequence[str]) -> None:
    """One JSON value as json, jsonl (one line) or csv (`rows` of it); tables are the caller's own."""
    match form:
        case "csv":
            _print_csv(rows, members)
        case "jsonl":
            print_line(dumped(document))
        case _:
            print_object(document)


def print_object(value: Any) -> None:
    """One JSON value, indented."""
    # By lines: with PYTHONUNBUFFERED one large write that the reader cuts short would not be noticed.
    sys.stdout.writelines(dumped(value, indent=2).splitlines(keepends=True))
    print_line("")


def print_line(text: str) -> None:
    """One line on stdout, flushed, so that a reader of the stream has it at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_found(
    form: str,
    records: Sequence[Record],
    columns: Sequence[Column],
    members: Sequence[str],
    errors: Sequence[AppError | None],
) -> int:
    """The results and then the errors; the exit code is the first error's, 0 without any.

    When errors are all there is, no results are printed at all: an empty list would say that there is nothing.
    """
    told = [error for error in errors if error is not None]
    if records or not told:
        print_records(form, records, columns, members)
    return report_all(told)


def report_all(errors: Sequence[AppError]) -> int:
    """Report every error; the exit code is the first one's, 0 without any."""
    for error in errors:
        report(error)
    return errors[0].exit_code if errors else 0


class StreamPrinter:
    """Events on stdout as they happen: JSON lines, one JSON array, or lines for people."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._printed = 0

    def print(self, record: Record, line: Callable[[Record], Shown]) -> None:
        """Print one event; `line` says it for people."""
        if self._form == "json":
            print_line(("," if self._printed else "[") + dumped(record))
        else:
            print_line(dumped(record) if self._form == "jsonl" else line(record))
        self._printed += 1

    def close(self) -> None:
        """End the array."""
        if self._form == "json":
            print_line("]" if self._printed else "[]")


def note(text: str) -> None:
    """One line on stderr; remote text in it is made harmless."""
    sys.stderr.write(f"ecrtui: {shown(text, _UNLIMITED)}\n")
    sys.stderr.flush()


def report(error: AppError) -> None:
    """What went wrong on stderr: what, where, why, whether it was executed, and the remedy."""
    note(_sentence(str(error)))
    if error.executed is not Executed.NO:
        known = "It was carried out." if error.executed is Executed.YES else "Whether it was carried out is unknown."
        note(known)
    if error.remedy:
        note(_sentence(error.remedy))


class Progress:
    """One line on stderr that is written over; nothing at all when stderr is not a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._drawn = False
        self._shown = self._stream.isatty()

    def __call__(self, text: str) -> None:
        """Show `text` in the place of what was there."""
        if self._shown:
            cells = max(1, shutil.get_terminal_size().columns - 1)
            self._stream.write("\r\x1b[K" + fit(shown(text), cells).rstrip())
            self._stream.flush()
            self._drawn = True

    def clear(self) -> None:
        """Take the line away, before anything else is written."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False


def plain(value: Any) -> str:
    """A member as the text of a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            parts = [plain(part) for part in value]
            return ("; " if any(" " in part for part in parts) else " ").join(parts)
        case Mapping():
            return dumped(value)
        case _:
            return str(value)


# JSON

_NOT_ASCII = re.compile(r"[^\n -~]")


def dumped(value: Any, indent: int | None = None) -> str:
    """`value` as JSON without a character that a terminal could act upon."""
    ascii_only = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") != "utf8"
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    if text.isascii() and "\x7f" not in text:
        return text
    return _NOT_ASCII.sub(lambda match: _escaped(match[0]), text)


@lru_cache(4096)
def _escaped(character: str) -> str:
    """A character as itself where it is harmless, else as JSON's escape."""
    if shown("a" + character) == "a" + character:
        return character
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def _print_array(records: Iterable[Record]) -> None:
    """A JSON array with one record a line, written as the records come."""
    write = sys.stdout.write
    separator = "[\n"
    for record in records:
        write(separator + dumped(record))
        separator = ",\n"
    write("\n]\n" if separator == ",\n" else "[]\n")
    sys.stdout.flush()


# CSV


def _print_csv(records: Iterable[Record], members: Sequence[str]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(members)
    for record in records:
        writer.writerow([_csv_cell(record[member]) for member in members])
    sys.stdout.flush()


def _csv_cell(value: Any) -> str:
    return plain(value) if isinstance(value, (int, float)) else spreadsheet.cell(plain(value))


# Tables


def _print_table(records: Sequence[Record], columns: Sequence[Column]) -> None:
    rows = [[Shown(item.title.upper()) for item in columns]]
    rows += [[shown(item.text(record)) for item in columns] for record in records]
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    if sys.stdout.isatty():
        widths = _narrowed(widths, shutil.get_terminal_size().columns)
    for row in rows:
        cells = (
            fit(shorten_middle(cell, cells), cells, item.align)
            for cell, cells, item in zip(row, widths, columns, strict=True)
        )
        sys.stdout.write(_GAP.join(cells).rstrip() + "\n")
    sys.stdout.flush()


def _narrowed(widths: list[int], room: int) -> list[int]:
    """The widths with the widest columns narrowed until the table fits, as far as it can."""
    narrowed = list(widths)
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - room
    while excess > 0:
        widest = max(narrowed)
        if widest <= _NARROWEST:
            break
        narrowed[narrowed.index(widest)] -= 1
        excess -= 1
    return narrowed


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
