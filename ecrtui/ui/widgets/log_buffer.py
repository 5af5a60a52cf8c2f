"""The lines of a log that are held: raw, bounded in number and in size, the oldest dropped and counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ecrtui.domain.text.loglines import log_line

CAPACITY = 100_000
"""Lines held at most."""
CHARACTERS = 64_000_000
"""Characters held at most, whatever the number of lines."""


class LogBuffer:
    """Lines numbered from 0 for the first ever added, so that dropping moves no number."""

    def __init__(self, capacity: int = CAPACITY, characters: int = CHARACTERS) -> None:
        self._capacity = capacity
        self._room = characters
        self._lines: list[str] = []
        self.dropped = 0
        """How many lines were dropped: the number of the first line held."""

    @property
    def end(self) -> int:
        """The number that the next line will have."""
        return self.dropped + len(self._lines)

    @property
    def lines(self) -> Sequence[str]:
        """The lines held, raw as they came."""
        return self._lines

    def __getitem__(self, number: int) -> str:
        return self._lines[number - self.dropped]

    def add(self, lines: Iterable[str]) -> int:
        """Append lines; how many came."""
        before = len(self._lines)
        self._lines.extend(lines)
        added = len(self._lines) - before
        self._room -= sum(map(len, self._lines[before:]))
        excess = max(0, len(self._lines) - self._capacity)
        self._room += sum(map(len, self._lines[:excess]))
        while self._room < 0 and excess < len(self._lines) - 1:
            self._room += len(self._lines[excess])
            excess += 1
        del self._lines[:excess]
        self.dropped += excess
        return added

    def find(self, needle: re.Pattern[str], start: int, step: int) -> int | None:
        """The number of the nearest line that has `needle`, from `start` on, down (1) or up (-1)."""
        index = start - self.dropped
        numbers = range(index, len(self._lines)) if step > 0 else range(index, -1, -1)
        for candidate in numbers:
            if needle.search(as_read(self._lines[candidate])):
                return candidate + self.dropped
        return None


def as_read(raw: str) -> str:
    """A raw line as it is read on the screen, without colours."""
    if raw.isascii() and raw.isprintable():
        return raw
    return "".join(span.text for span in log_line(raw))
