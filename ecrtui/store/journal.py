"""The journal of changes: one JSON object a line, appended and never rewritten.

Each line also says who wrote it. A writer holds the lock of a file of its own as long as it lives (the system lets
go of it when the process is killed), so that a change whose end is missing is known to be cut off, or on its way.
"""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import msgspec

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import JournalEntry
from ecrtui.store.files import appending, locked, replace_keeping, require_ordinary, write_whole
from ecrtui.store.secrets import masked, redacted

FORMAT = 1
"""Of the lines. A member more is no new format: members that are not known are passed over."""

_WHAT = "keep the journal of changes"
_ROOM = "Make room there, or make it writable: nothing is changed without a journal."
_LONGEST = 16 * 2**20
"""Bytes of a line that is read; the longest of ours holds a manifest (4 MiB at AWS)."""


_NOBODY = ""
"""The writer of a line that says none, and of a change that has ended."""


class _Stamp(msgspec.Struct):
    """What is read of every line first."""

    id: str
    outcome: str
    format: int = FORMAT
    writer: str = _NOBODY
    looked_up: bool = False


class FileJournal:
    """The port `Journal` in a file that only its owner can read (0600 in a directory of 0700)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = uuid4().hex
        self._enlisted: int | None = None
        self._enlisting = Lock()

    def close(self) -> None:
        """Write no more: changes of ours whose end is missing are cut off now."""
        if self._enlisted is not None:
            _release({self._place(self._writer): self._enlisted})
            self._enlisted = None

    async def append(self, entry: JournalEntry) -> None:
        """Write one entry durably (fsync) before returning. Secrets in parameters and details are masked."""
        try:
            await asyncio.to_thread(self._append, _line(entry, self._writer))
        except OSError as error:
            raise self._unusable(error) from error

    def _append(self, line: bytes) -> None:
        with self._enlisting:
            if self._enlisted is None:
                self._enlisted = locked(self._place(self._writer))
        with appending(self.path) as descriptor:
            # a line torn by a crash is closed first, so that it takes no other line with it
            write_whole(descriptor, line if _ends_whole(descriptor) else b"\n" + line)

    async def entries(self, account: str, region: str, target: str) -> tuple[JournalEntry, ...]:
        """The entries about one target, oldest first; lines that cannot be read are passed over."""
        about = (account, region, target)
        return tuple(entry for entry in await self.everything() if (entry.account, entry.region, entry.target) == about)

    async def everything(self) -> tuple[JournalEntry, ...]:
        """All entries, oldest first; lines that cannot be read are passed over."""
        try:
            return await asyncio.to_thread(
                lambda: tuple(entry for line in self._lines() if (entry := _entry(line)) is not None)
            )
        except OSError as error:
            raise self._unusable(error) from error

    @asynccontextmanager
    async def abandoned(self, again: bool = False) -> AsyncIterator[tuple[JournalEntry, ...]]:
        """The intents whose end nobody has seen: cut off, or ended as unknown; `again`: also looked up in vain.

        Cut off are those without an end whose writers live no more; nobody else is given these meanwhile.
        """
        adopted: dict[Path, int] = {}
        try:
            intents = await asyncio.to_thread(self._adopt, adopted, again)
        except OSError as error:
            _release(adopted)
            raise self._unusable(error) from error
        try:
            yield intents
        finally:
            _release(adopted)

    def _adopt(self, adopted: dict[Path, int], again: bool) -> tuple[JournalEntry, ...]:
        """Lock the writers of intents without an end, as far as they are gone; then read again what is open."""
        gone = {_NOBODY}
        for writer in {writer for _, writer in self._open_ones(again).values()} - {self._writer, _NOBODY}:
            try:
                adopted[self._place(writer)] = locked(self._place(writer), wait=False)
                gone.add(writer)
            except BlockingIOError:
                continue  # it lives, and its change is on its way
        entries = [_entry(line) for line, writer in self._open_ones(again).values() if writer in gone]
        return tuple(entry for entry in entries if entry is not None)

    def _open_ones(self, again: bool) -> dict[str, tuple[bytes, str]]:
        """The lines of the intents whose end nobody has seen, by the ids of the changes, and who is about them."""
        found: dict[str, tuple[bytes, str]] = {}
        for line in self._lines():
            stamp = _stamp(line)
            if stamp is None:
                continue
            if stamp.outcome == "intent":
                found[stamp.id] = line, stamp.writer
            elif stamp.outcome == "unknown" and stamp.id in found and (again or not stamp.looked_up):
                found[stamp.id] = found[stamp.id][0], _NOBODY
            else:
                found.pop(stamp.id, None)
        return found

    async def mend(self) -> AppError | None:
        """Set a journal aside in which lines cannot be read, and go on with those that can.

        Answers what there is to tell of it: that, or why the journal cannot be used. Nothing is ever deleted.
        """
        try:
            return await asyncio.to_thread(self._mend)
        except OSError as error:
            return self._unusable(error)

    def _mend(self) -> AppError | None:
        _probe(self.path)
        if not self._damaged():
            return None
        with appending(self.path):
            damaged = self._damaged()
            aside = self.path.with_name(f"{self.path.name}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.set-aside")
            replace_keeping(self.path, (line + b"\n" for line in self._lines() if _entry(line) is not None), aside)
        lines = "1 line" if damaged == 1 else f"{damaged:,} lines"
        return AppError(
            ErrorKind.LOCAL,
            "read all of the journal of changes",
            where=str(self.path),
            why=f"{lines} cannot be read by this version",
            remedy=f"The file as it was is {aside.name} beside it; the journal goes on with what could be read.",
        )

    def _damaged(self) -> int:
        """How many lines cannot be read."""
        return sum(1 for line in self._lines() if line != b"" and _entry(line) is None)

    def _lines(self) -> Iterator[bytes]:
        """The lines, one at a time; of one that is too long to be ours only the beginning."""
        try:
            require_ordinary(self.path.stat(), self.path)
        except FileNotFoundError:
            return
        with self.path.open("rb") as file:
            while line := file.readline(_LONGEST):
                yield line.removesuffix(b"\n")
                while line and not line.endswith(b"\n"):
                    line = file.readline(_LONGEST)

    def _place(self, writer: str) -> Path:
        """The file whose lock says that a writer lives."""
        return self.path.with_name("writers") / writer

    def _unusable(self, error: OSError) -> AppError:
        return AppError(ErrorKind.LOCAL, _WHAT, where=str(self.path), why=error.strerror or str(error), remedy=_ROOM)


def _probe(path: Path) -> None:
    """OSError where the file cannot be written, as far as that is seen without writing."""
    place = path
    while not place.exists() and place.parent != place:
        place = place.parent
    if not os.access(place, os.W_OK):
        raise PermissionError(errno.EACCES, f"{place} cannot be written")


def _release(held: Mapping[Path, int]) -> None:
    """Let go of writers, which are gone with that. A file that stays is in nobody's way."""
    for place, descriptor in held.items():
        with suppress(OSError):
            place.unlink()
        os.close(descriptor)


def _ends_whole(descriptor: int) -> bool:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size == 0:
        return True
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) == b"\n"


def _line(entry: JournalEntry, writer: str) -> bytes:
    fields = {name: getattr(entry, name) for name in JournalEntry.__slots__}
    fields |= {"parameters": masked(entry.parameters), "detail": redacted(entry.detail)}
    return _encoded({**fields, "format": FORMAT, "writer": writer}) + b"\n"


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


def _stamp(line: bytes) -> _Stamp | None:
    """The stamp of a line that this version can read."""
    try:
        stamp = msgspec.json.decode(line, type=_Stamp)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return stamp if stamp.format <= FORMAT else None


def _entry(line: bytes) -> JournalEntry | None:
    if _stamp(line) is None:
        return None
    try:
        return msgspec.json.decode(line, type=JournalEntry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
