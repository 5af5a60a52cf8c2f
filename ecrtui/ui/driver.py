"""Textual's terminal driver, with keys that cannot end the app and frames that send what changed.

What is Textual's own and private here, and checked by `tests/ui/test_driver.py` against the pinned version: the
names `getincrementaldecoder`, `XTermParser` and `WriterThread` of `textual.drivers.linux_driver`, that it decodes
whatever it reads and calls the parser's `tick` several times a second, `LinuxDriver._writer_thread`, and that a
frame begins with a move of the cursor.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.drivers import linux_driver
from textual.message import Message

from ecrtui.ui.frames import Frames, Painter, is_frame

_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"


_PATIENCE = 0.1
"""Seconds for which a terminal that takes nothing is waited for at a time."""
_STALLED = 1.0
"""Seconds in which a terminal takes nothing before it is left without what it has not yet drawn."""
_PASTE_PATIENCE = 2.0
"""Seconds without input after which a paste that has not ended is over: its end was lost."""


class _Decoder:
    """Turns what is not UTF-8 into U+FFFD; a read without a byte means that the terminal is gone."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    def decode(self, data: bytes, final: bool = False) -> str:
        if not data and not final:
            raise EOFError
        return self._decode(data, final)


class PatientParser(XTermParser):
    """Textual's parser of input, for which a paste whose end never comes would swallow every key after it."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._tail = ""
        self._fed_at = 0.0
        self._pasting = False

    def feed(self, data: str) -> Iterable[Message]:
        """Take input, and note whether it left a paste open."""
        seen = self._tail + data
        began, ended = seen.rfind(BRACKETED_PASTE_START), seen.rfind(BRACKETED_PASTE_END)
        if began != ended:  # both are -1 where there is neither
            self._pasting = began > ended
        self._tail = seen[1 - len(BRACKETED_PASTE_END) :]
        self._fed_at = time.monotonic()
        return super().feed(data)

    def tick(self) -> Iterable[Message]:
        """What the passing of time means: an escape that was a key, a paste that is over."""
        yield from super().tick()
        if self._pasting and time.monotonic() - self._fed_at > _PASTE_PATIENCE:
            yield from self.feed(BRACKETED_PASTE_END)


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
        self._fileno = _unblocked(file.fileno())
        self._queue: deque[str | _Paint | _Forget | None] = deque()
        self._ready = threading.Condition()
        self._frames = Frames()
        self._synchronised = False
        """Whether the terminal knows synchronised output: Textual uses it once the terminal said so."""
        self._sent = 0
        """How many bytes the terminal has taken."""
        self._drawing = True
        """Whether frames are still sent; not when a terminal that takes nothing is left."""

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
        """Send the rest, and end; a terminal that takes nothing gets what restores it instead of the rest."""
        with self._ready:
            self._queue.append(None)
            self._ready.notify()
        while self.is_alive():
            sent = self._sent
            self.join(_STALLED)
            if self._sent == sent and self._drawing and self.is_alive():
                self._drawing = False
                with suppress(termios.error):  # not a terminal
                    termios.tcflush(self._fileno, termios.TCOFLUSH)  # makes room
            elif self._sent == sent:
                return

    def run(self) -> None:
        painter = Painter()
        while (data := self._next(painter)) is not None:
            if data and not self._send(data.encode("utf-8", "replace")):
                break
        os.close(self._fileno)

    def _paint(self) -> None:
        if not self._queue or self._queue[-1] is not _PAINT:
            self._queue.append(_PAINT)

    def _next(self, painter: Painter) -> str | None:
        """The next thing to send; None at the end."""
        with self._ready:
            self._ready.wait_for(lambda: self._queue)
            order = self._queue.popleft()
            picture = self._frames.take() if order is _PAINT and self._drawing else None
        if picture is not None:
            painted = painter.paint(picture)
            return f"{_SYNC_START}{painted}{_SYNC_END}" if painted and self._synchronised else painted
        if order is _PAINT:
            return ""
        if order is _FORGET:
            painter.forget()
            return ""
        assert order is None or isinstance(order, str)
        return None if order is None else painter.rest() + order

    def _send(self, data: bytes) -> bool:
        """Whether the terminal is still there. One that is gone ends the program as a hang-up does."""
        drawing = self._drawing
        try:
            while data and self._drawing == drawing:  # else it was stalled, and the rest is of no use
                try:
                    sent = os.write(self._fileno, data)
                except BlockingIOError:
                    select.select([], [self._fileno], [], _PATIENCE)
                    continue
                data = data[sent:]
                self._sent += sent
        except OSError:
            _hang_up()
            return False
        return True


def _unblocked(fileno: int) -> int:
    """A descriptor of one's own for the terminal, of which writing never waits; that of the shell stays as it is."""
    try:
        return os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:  # not a terminal, or one that has no name here
        return os.dup(fileno)


def _hang_up() -> None:
    """The terminal is gone: end as if the kernel had said so."""
    os.kill(os.getpid(), signal.SIGHUP)


class TerminalDriver(linux_driver.LinuxDriver):
    """The driver on Unix. A byte that is no UTF-8 is a key without meaning; Textual's own ends the app (#6456).

    A terminal that is gone ends the app, as a hang-up does; Textual's own would read its end for ever.
    """

    def start_application_mode(self) -> None:
        setattr(linux_driver, "WriterThread", FrameWriter)  # noqa: B010  where Textual looks it up
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def run_input_thread(self) -> None:
        setattr(linux_driver, "getincrementaldecoder", lambda _: _Decoder)  # noqa: B010  where Textual looks it up
        setattr(linux_driver, "XTermParser", PatientParser)  # noqa: B010  there too
        try:
            super().run_input_thread()
        except (EOFError, OSError):
            _hang_up()

    def forget(self, columns: int, lines: int) -> None:
        """The terminal has another size: send the whole picture."""
        writer: object = self._writer_thread
        if isinstance(writer, FrameWriter):
            writer.forget(columns, lines)
