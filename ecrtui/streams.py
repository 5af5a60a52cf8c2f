"""The standard streams: whether they are terminals, and what is done where they are closed or broken."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

OUTPUT_GONE = 141


def all_terminals() -> bool:
    """Whether input, output and errors are terminals: the app needs all three."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def can_draw(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is one on which a screen can be drawn, as far as it says."""
    return environ.get("TERM", "") not in ("", "dumb")


def open_closed_streams() -> None:
    """A stream that was closed (`>&-`) becomes the null device: no socket of ours takes its descriptor."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for the process's life


def output_gone() -> int:
    """Quietly end; what is still buffered has no reader. The exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OUTPUT_GONE
