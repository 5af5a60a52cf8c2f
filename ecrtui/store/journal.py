"""The journal of changes: one JSON object a line, appended and never rewritten."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import msgspec

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import JournalEntry
from ecrtui.store.files import appending, write_whole
from ecrtui.store.secrets import masked

_WHAT = "keep the journal of changes"


class FileJournal:
    """The port `Journal` in a file that only its owner can read (0600 in a directory of 0700)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def append(self, entry: JournalEntry) -> None:
        """Write one entry durably (fsync) before returning. Secret parameters are masked."""
        try:
            await asyncio.to_thread(self._append, _line(entry))
        except OSError as error:
            raise self._unusable(error) from error

    def _append(self, line: bytes) -> None:
        with appending(self.path) as descriptor:
            # a line torn by a crash is closed first, so that it takes no other line with it
            write_whole(descriptor, line if _ends_whole(descriptor) else b"\n" + line)

    async def entries(self, account: str, region: str, target: str) -> tuple[JournalEntry, ...]:
        """The entries about one target, oldest first; lines that cannot be read are passed over."""
        try:
            text = await asyncio.to_thread(self._read)
        except OSError as error:
            raise self._unusable(error) from error
        about = (account, region, target)
        return tuple(
            entry
            for entry in map(_entry, text.split(b"\n"))
            if entry is not None and (entry.account, entry.region, entry.target) == about
        )

    def _read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""

    def _unusable(self, error: OSError) -> AppError:
        return AppError(
            ErrorKind.LOCAL,
            _WHAT,
            where=str(self.path),
            why=error.strerror or str(error),
            remedy="Make room there, or make it writable: nothing is changed without a journal.",
        )


def _ends_whole(descriptor: int) -> bool:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size == 0:
        return True
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) == b"\n"


def _line(entry: JournalEntry) -> bytes:
    fields = {name: getattr(entry, name) for name in JournalEntry.__slots__}
    fields["parameters"] = masked(entry.parameters)
    return _encoded(fields) + b"\n"


def _encoded(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:  # a lone surrogate of AWS's
        return msgspec.json.encode(_encodable(value), enc_hook=str)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(item) for item in value]
    return value


def _entry(line: bytes) -> JournalEntry | None:
    try:
        return msgspec.json.decode(line, type=JournalEntry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
