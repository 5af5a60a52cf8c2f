"""Textual's terminal driver, with keys that cannot end the app."""

from __future__ import annotations

from codecs import IncrementalDecoder, getincrementaldecoder
from functools import partial

from textual.drivers import linux_driver


def _tolerant(encoding: str) -> partial[IncrementalDecoder]:
    """How decoders are made that turn what is not of `encoding` into U+FFFD."""
    return partial(getincrementaldecoder(encoding), "replace")


class TerminalDriver(linux_driver.LinuxDriver):
    """The driver on Unix. A byte that is no UTF-8 is a key without meaning; Textual's own ends the app (#6456)."""

    def run_input_thread(self) -> None:
        setattr(linux_driver, "getincrementaldecoder", _tolerant)  # noqa: B010  where Textual looks it up
        super().run_input_thread()
