"""A way to the embedded account that can be begun late, listened to, blocked, and deaf to answers."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Way:
    """What went along it."""

    def __init__(self, blocked: bytes, unanswered: bytes) -> None:
        self.asked = bytearray()
        """All requests, byte for byte."""
        self.held = 0
        """How many requests get no answer: those that were blocked, and those that were carried out."""
        self._blocked, self._unanswered = (pattern and re.compile(pattern) for pattern in (blocked, unanswered))
        self._changed = threading.Condition()

    def holds(self, number: int = 1, within: float = 25.0) -> bool:
        """Wait until so many requests are held; False when they do not come in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self.held >= number, within)

    def holds_one_more(self) -> None:
        """One more request gets no answer."""
        with self._changed:
            self.held += 1
            self._changed.notify_all()

    def blocks(self, data: bytes) -> bool:
        """Whether these bytes begin a request that does not go on."""
        return bool(self._blocked and self._blocked.search(data))

    def mutes(self, data: bytes) -> bool:
        """Whether these bytes begin a request whose answer does not come back."""
        return bool(self._unanswered and self._unanswered.search(data))


class _Connection:
    """One client's, with the two threads that carry it."""

    def __init__(self, way: Way, near: socket.socket, far: socket.socket) -> None:
        self._way, self._near, self._far = way, near, far
        self._muted = False
        for carry in (self._ask, self._answer):
            threading.Thread(target=carry, daemon=True).start()

    def _ask(self) -> None:
        blocked = False
        try:
            while data := self._near.recv(65_536):
                self._way.asked += data
                self._muted = self._muted or self._way.mutes(data)
                if not blocked and self._way.blocks(data):
                    blocked = True
                    self._way.holds_one_more()
                if not blocked:
                    self._far.sendall(data)
            self._far.shutdown(socket.SHUT_WR)
        except OSError:  # one of both has ended
            return

    def _answer(self) -> None:
        told = False
        try:
            while data := self._far.recv(65_536):
                if not self._muted:
                    self._near.sendall(data)
                elif not told:
                    told = True
                    self._way.holds_one_more()
            self._near.shutdown(socket.SHUT_WR)
        except OSError:  # one of both has ended
            return


def a_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
        return number


@contextmanager
def leading_to(url: str, port: int, blocked: bytes = b"", unanswered: bytes = b"") -> Iterator[Way]:
    """Have a port lead to the server at `url`, for all requests but those with these bytes (regular expressions).

    Those that are `blocked` never arrive; those that are `unanswered` arrive and are carried out.
    """
    way = Way(blocked, unanswered)
    listener = socket.create_server(("127.0.0.1", port))
    held = [listener]

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:  # the end of the test
                return
            far = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0))
            held.extend((near, far))
            _Connection(way, near, far)

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield way
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        serving.join()
        for one in held:
            one.close()
