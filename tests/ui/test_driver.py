"""The driver: the writer never makes the loop wait, and what it uses of Textual's is there."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pyte
import pytest
from textual.drivers import linux_driver
from textual.events import Paste

from ecrtui.ui.driver import FrameWriter, PatientParser


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """The end that is read and the end that is written of a pipe."""
    read, write = os.pipe()
    yield read, write
    for end in (read, write):
        try:
            os.close(end)
        except OSError:  # closed by the test
            continue


def _drained(end: int) -> bytes:
    parts = []
    while part := os.read(end, 65_536):
        parts.append(part)
    return b"".join(parts)


def test_what_is_used_of_textual_is_there() -> None:
    assert callable(linux_driver.getincrementaldecoder)  # type: ignore[attr-defined]
    writer = linux_driver.WriterThread
    for name in ("write", "flush", "stop", "start", "fileno", "isatty"):
        assert hasattr(writer, name)
    assert "_writer_thread" in linux_driver.LinuxDriver.__init__.__code__.co_names
    names = linux_driver.LinuxDriver.start_application_mode.__code__.co_names
    assert "WriterThread" in names
    code = linux_driver.LinuxDriver.run_input_thread.__code__
    assert {"getincrementaldecoder", "XTermParser", "feed", "tick", "decode"} <= set(code.co_names)
    assert issubclass(PatientParser, linux_driver.XTermParser)


@pytest.mark.fault("D65")
def test_a_paste_that_is_still_typed_goes_on_and_one_without_an_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecrtui.ui.driver._PASTE_PATIENCE", 0.05)
    parser = PatientParser()
    pastes = []
    for part in ("\x1b[20", "0~one ", "two\x1b[201", "~", "\x1b[200~three "):
        pastes += [*parser.feed(part), *parser.tick()]
    time.sleep(0.1)
    pastes += [*parser.tick(), *parser.feed("x")]
    assert [event.text if isinstance(event, Paste) else event.key for event in pastes] == ["one two", "three ", "x"]


@pytest.mark.fault("D59")
def test_a_terminal_that_takes_nothing_does_not_hold_the_loop(ends: tuple[int, int]) -> None:
    read, write = ends
    with os.fdopen(write, "w", closefd=False) as file:
        writer = FrameWriter(file)
        writer.start()
        for number in range(5_000):  # more than any pipe takes
            writer.write(f"\x1b[1;1H{number:>6} " + "x" * 100 * (number % 2) + "\x1b[1;1H")
        writer.write("\x07")
        ended = threading.Thread(target=writer.stop)
        ended.start()
        received = bytearray()
        while not received.endswith(b"\x07"):
            received += os.read(read, 65_536)
        ended.join()
    screen = pyte.Screen(120, 2)
    pyte.ByteStream(screen).feed(bytes(received))
    assert screen.display[0].split()[0] == "4999"
    assert len(received) < 5_000 * 100 / 2


def test_orders_keep_their_place_between_frames(ends: tuple[int, int]) -> None:
    read, write = ends
    with os.fdopen(write, "w", closefd=False) as file:
        writer = FrameWriter(file)
        writer.write("\x1b[?1049h")
        writer.write("\x1b[1;1Hpicture\x1b[1;1H")
        writer.write("\x1b[?1049l")
        writer.start()
        writer.stop()
    os.close(write)
    sent = _drained(read)
    assert sent.index(b"1049h") < sent.index(b"picture") < sent.index(b"1049l")


def test_synchronised_output_is_used_where_textual_uses_it(ends: tuple[int, int]) -> None:
    read, write = ends
    with os.fdopen(write, "w", closefd=False) as file:
        writer = FrameWriter(file)
        for part in ("\x1b[?2026h", "\x1b[1;1Ha\x1b[1;1H", "\x1b[?2026l", "\x1b[?2026h", "\x1b[?2026l"):
            writer.write(part)
        writer.start()
        writer.stop()
    os.close(write)
    sent = _drained(read)
    assert sent.count(b"\x1b[?2026h") == sent.count(b"\x1b[?2026l") == 1


@pytest.mark.fault("D57")
def test_a_terminal_that_is_gone_is_a_hang_up(ends: tuple[int, int]) -> None:
    read, write = ends
    os.close(read)
    hung_up = threading.Event()
    before = signal.signal(signal.SIGHUP, lambda *_: hung_up.set())
    try:
        with os.fdopen(write, "w", closefd=False) as file:
            writer = FrameWriter(file)
            writer.start()
            writer.write("\x1b[1;1Hpicture\x1b[1;1H")
            writer.join(5)
            assert hung_up.wait(5)
    finally:
        signal.signal(signal.SIGHUP, before)
