"""What is said of settings that are wrong: which, where, why, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from ecrtui.domain.errors import AppError, ErrorKind

TABLES = ("naming", "create", "audit", "timeouts", "keys")
"""The tables of the file."""


def refused(key: str, place: str, why: str, remedy: str) -> AppError:
    """The error for a setting by its dotted key; empty for the file as a whole."""
    what = f"use the setting {key}" if key else "read the configuration"
    return AppError(ErrorKind.USAGE, what, where=place, why=why, remedy=remedy)


def unknown(key: str, known: Collection[str], place: str) -> AppError:
    """The error for a setting that there is not, with the one of its table that may be meant."""
    table, name = _parted(key)
    beside = {inner: one for one in known for outer, inner in [_parted(one)] if outer == table}
    elsewhere = [outer for outer, inner in map(_parted, known) if inner == name]
    tables = {} if table else {one: f"[{one}]" for one in TABLES}
    if close := get_close_matches(name, [*beside, *tables], n=1, cutoff=0.6):
        remedy = f"Did you mean {(beside | tables)[close[0]]}?"
    elif elsewhere:
        remedy = f"Write it under [{elsewhere[0]}]." if elsewhere[0] else "Write it above the first table."
    else:
        more = f"; and the tables {', '.join(sorted(tables.values()))}" if tables else ""
        remedy = f"Known here: {', '.join(sorted(beside.values()))}{more}."
    return refused(key, place, "there is no such setting", remedy)


def _parted(key: str) -> tuple[str, str]:
    """The table and the name in it; no table at the top."""
    table, _, name = key.partition(".")
    return (table, name) if name else ("", table)


def quoted(value: Any) -> str:
    """A value for a message: shortened, and without credentials in a URL."""
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    text = re.sub(r"//[^/@]*@", "//***@", text)
    return text if len(text) <= 60 else text[:60] + "…"
