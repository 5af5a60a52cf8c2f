"""Textual's terminal driver, with keys that cannot end the app and frames that send what changed.

What is Textual's own and private here, and checked by `tests/ui/test_driver.py` against the pinned version: the
names `getincrementaldecoder` and `WriterThread` of `textual.drivers.linux_driver`, `LinuxDriver._writer_thread`,
and that a frame begins with a move of the cursor.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from codecs import IncrementalDecoder, getincrementaldecoder
from collections import deque
from functools import partial
from typing import TextIO

from textual.drivers import linux_driver

from ecrtui.ui.frames import Frames, Painter, is_frame

_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"


def _tolerant(encoding: str) -> partial[IncrementalDecoder]:
    """How decoders are made that turn what is not of `encoding` into U+FFFD."""
    return partial(getincrementaldecoder(encoding), "replace")


class _Paint:
    """Stands in the queue of a writer for: send what changed in the picture."""


class _Forget:
    """Stands there for: the terminal may show anything now."""


_PAINT, _FORGET = _Paint(), _Forget()


class FrameWriter(threading.Thread):
    """Writes to the terminal beside the loop, which never waits for it.

    Of frames only the newest counts: while the terminal takes nothing (a slow link, a stopped one), those between
    are never sent. Everything else is sent as it came, in its order.
    """

    def __init__(self, file: TextIO) -> None:
        super().__init__(daemon=True, name="terminal-writer")
        self._fileno = file.fileno()
        self._queue: deque[str | _Paint | _Forget | None] = deque()
        self._ready = threading.Condition()
        self._frames = Frames()
        self._synchronised = False
        """Whether the terminal knows synchronised output: Textual uses it once the terminal said so."""

    def write(self, data: str) -> None:
        """Take a frame, or anything else, to be sent."""
        if data == _SYNC_START:
            self._synchronised = True
        if data in (_SYNC_START, _SYNC_END):
            return
        with self._ready:
            if is_frame(data):
                self._frames.feed(data)
                self._paint()
            else:
                self._queue.append(data)
            self._ready.notify()

    def forget(self, columns: int, lines: int) -> None:
        """The terminal has another size, and may show anything."""
        with self._ready:
            self._frames.resize(columns, lines)
            self._queue.append(_FORGET)
            self._paint()
            self._ready.notify()

    def flush(self) -> None:
        """Nothing waits but for the terminal."""

    def stop(self) -> None:
        """Send the rest, and end."""
        with self._ready:
            self._queue.append(None)
            self._ready.notify()
        self.join()

    def run(self) -> None:
        painter = Painter()
        while (data := self._next(painter)) is not None:
            if data and not self._send(data.encode("utf-8", "replace")):
                return

    def _paint(self) -> None:
        if not self._queue or self._queue[-1] is not _PAINT:
            self._queue.append(_PAINT)

    def _next(self, painter: Painter) -> str | None:
        """The next thing to send; None at the end."""
        with self._ready:
            self._ready.wait_for(lambda: self._queue)
            order = self._queue.popleft()
            picture = self._frames.take() if order is _PAINT else None
        if picture is not None:
            painted = painter.paint(picture)
            return f"{_SYNC_START}{painted}{_SYNC_END}" if painted and self._synchronised else painted
        if order is _FORGET:
            painter.forget()
            return ""
        assert order is None or isinstance(order, str)
        return None if order is None else painter.rest() + order

    def _send(self, data: bytes) -> bool:
        """Whether the terminal took it. One that is gone ends the program as a hang-up does."""
        try:
            while data:
                try:
                    data = data[os.write(self._fileno, data) :]
                except BlockingIOError:  # somebody made the terminal non-blocking
                    select.select([], [self._fileno], [])
        except OSError:
            os.kill(os.getpid(), signal.SIGHUP)
            return False
        return True


class TerminalDriver(linux_driver.LinuxDriver):
    """The driver on Unix. A byte that is no UTF-8 is a key without meaning; Textual's own ends the app (#6456)."""

    def start_application_mode(self) -> None:
        setattr(linux_driver, "WriterThread", FrameWriter)  # noqa: B010  where Textual looks it up
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def run_input_thread(self) -> None:
        setattr(linux_driver, "getincrementaldecoder", _tolerant)  # noqa: B010  where Textual looks it up
        super().run_input_thread()

    def forget(self, columns: int, lines: int) -> None:
        """The terminal has another size: send the whole picture."""
        writer: object = self._writer_thread
        if isinstance(writer, FrameWriter):
            writer.forget(columns, lines)
