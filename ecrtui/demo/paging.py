"""Pages with opaque tokens: a token names the last item that was given, so that pages survive changes."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Sequence
from typing import TypeVar

from ecrtui.demo.operations import ServiceError

Item = TypeVar("Item")


def encode(scope: str, key: str) -> str:
    """The token of the page after `key` in the list called `scope`."""
    return base64.urlsafe_b64encode(f"{scope}\0{key}".encode()).decode()


def decode(scope: str, token: str, invalid: str) -> str:
    """The key in a token; refuses what this list did not give out."""
    try:
        found, _, key = base64.urlsafe_b64decode(token.encode()).decode().partition("\0")
    except (binascii.Error, ValueError):
        found, key = "", ""
    if found != scope:
        raise ServiceError(invalid, "Invalid parameter at 'nextToken': the token is not valid for this request")
    return key


def after(keys: Sequence[str], scope: str, token: str | None, invalid: str) -> int:
    """The position in sorted `keys` where the page named by the token starts."""
    return bisect_right(keys, decode(scope, token, invalid)) if token else 0


def offset_page(
    items: Sequence[Item], scope: str, token: str | None, size: int, invalid: str
) -> tuple[Sequence[Item], str | None]:
    """A page of a list that has an order of its own, and the token of the next one."""
    try:
        start = int(decode(scope, token, invalid)) if token else 0
    except ValueError as error:
        raise ServiceError(invalid, "Invalid parameter at 'nextToken'") from error
    end = start + size
    return items[start:end], encode(scope, str(end)) if end < len(items) else None
