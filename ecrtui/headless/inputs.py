"""Files that the user names, read as text; `-` is stdin."""

from __future__ import annotations

import gzip
import sys
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from io import BytesIO
from pathlib import Path

import click

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle import parse, template, to_json

LARGEST = 256 * 1024 * 1024
"""Bytes; a larger file is no policy, image list or build log."""


def read_text(path: str, what: str) -> str:
    """The text of a file, UTF-8 with or without a byte order mark. `what` names it: "the policy"."""
    return _decoded(_read(path, what), path, what)


def read_log(path: str) -> str:
    """A build log, perhaps compressed (as in S3): bytes that are no text become U+FFFD, a log may hold anything."""
    content = _read(path, "the log")
    if content.startswith(b"\x1f\x8b"):
        content = _decompressed(content, path)
    encoding = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    return content.decode(encoding, errors="replace")


def policy_text(file: str | None, template_name: str | None) -> str | None:
    """A valid policy's text from a file or a template; None when neither is given."""
    if file and template_name:
        raise click.UsageError("Give --policy or --template, not both.")
    if file:
        text = read_text(file, "the policy")
        parse(text, place(file))
        return text
    return to_json(template(template_name).policy()) if template_name else None


def bad_input(path: str, what: str, why: str, remedy: str) -> AppError:
    """The error for a file that does not hold what it should."""
    return AppError(ErrorKind.USAGE, f"read {what}", where=place(path), why=why, remedy=remedy)


def _read(path: str, what: str) -> bytes:
    try:
        if path == "-":
            if sys.stdin.isatty():
                sys.stderr.write(f"ecrtui: reading {what} from the keyboard; end it with Ctrl-D\n")
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise bad_input(path, what, why, "Name a file that can be read, or - for stdin.") from None
    if len(content) > LARGEST:
        raise bad_input(path, what, "it is larger than 256 MiB", "Cut it down.")
    return content


def _decompressed(content: bytes, path: str) -> bytes:
    try:
        return gzip.GzipFile(fileobj=BytesIO(content)).read(LARGEST)
    except (OSError, EOFError, zlib.error) as error:
        raise bad_input(path, "the log", f"it cannot be decompressed: {error}", "Decompress it first.") from None


def _decoded(content: bytes, path: str, what: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise bad_input(path, what, f"line {line} is not UTF-8", "Save it as UTF-8.") from None


def place(path: str) -> str:
    """A file as a message names it."""
    return "stdin" if path == "-" else path
