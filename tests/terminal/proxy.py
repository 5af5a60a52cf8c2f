"""A way to the embedded account that can be begun late, listened to, and blocked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Way:
    """What went along it."""

    def __init__(self, blocked: bytes) -> None:
        self.asked = bytearray()
        """All requests, byte for byte."""
        self.reached = threading.Event()
        """Set when a request came that is blocked."""
        self._blocked = blocked

    def lets_through(self, data: bytes) -> bool:
        """Note a part of a request, and whether it goes on."""
        self.asked += data
        if self._blocked and self._blocked in data:
            self.reached.set()
            return False
        return True


def a_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
        return number


@contextmanager
def leading_to(url: str, port: int, blocked: bytes = b"") -> Iterator[Way]:
    """Have a port lead to the server at `url`, but for requests with these bytes, which get no answer."""
    way = Way(blocked)
    listener = socket.create_server(("127.0.0.1", port))
    held = [listener]

    def ask(near: socket.socket, far: socket.socket) -> None:
        try:
            while data := near.recv(65_536):
                if way.lets_through(data):
                    far.sendall(data)
            far.shutdown(socket.SHUT_WR)
        except OSError:  # one of both has ended
            return

    def answer(far: socket.socket, near: socket.socket) -> None:
        try:
            while data := far.recv(65_536):
                near.sendall(data)
            near.shutdown(socket.SHUT_WR)
        except OSError:  # one of both has ended
            return

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:  # the end of the test
                return
            far = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0))
            held.extend((near, far))
            threading.Thread(target=ask, args=(near, far), daemon=True).start()
            threading.Thread(target=answer, args=(far, near), daemon=True).start()

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield way
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        serving.join()
        for one in held:
            one.close()
