"""Bodies and members of answers, read with care: what is not as it should be is named or left out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ecrtui.aws.failures import MalformedError

LAST_INSTANT = 253_402_300_799
"""The end of the year 9999: no calendar goes further."""
LARGEST = 2**63 - 1
"""The largest size that a column holds."""


# -- bodies -----------------------------------------------------------------------------------------------


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; raises `MalformedError` for anything else."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return lenient_object(body)
    return _object(value)


def lenient_object(body: bytes) -> dict[str, Any]:
    """The same by the standard parser, which takes lone surrogates and huge numbers that msgspec refuses."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise MalformedError(_not_json(body)) from error
    return _object(value)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError(f"a JSON {type(value).__name__} instead of an object")
    return value


def _not_json(body: bytes) -> str:
    start = body.lstrip()[:1]
    if not start:
        return "the body is empty"
    if start == b"<":
        return "a page of markup instead of JSON"
    return "JSON that breaks off or is not JSON at all"


def check_members(answer: dict[str, Any], required: Mapping[str, type]) -> dict[str, Any]:
    """The answer, if it has the required members of these types; raises `MalformedError` else."""
    for name, kind in required.items():
        if not isinstance(answer.get(name), kind):
            raise MalformedError(f"the answer has no {name}")
    return answer


# -- values -----------------------------------------------------------------------------------------------


def instant(value: Any) -> float | None:
    """Epoch seconds from a number or ISO 8601 text; None for anything else and for what no calendar holds."""
    if isinstance(value, datetime):
        value = value.timestamp()
    elif isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= LAST_INSTANT else None


def _parsed(text: str) -> float | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def text(value: Any) -> str:
    """A string member; empty when it is absent or no string."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> tuple[str, ...]:
    """A list of strings; anything else in it is left out."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def objects(value: Any) -> list[dict[str, Any]]:
    """A list of objects; anything else in it is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def member(value: Any, *path: str) -> Any:
    """The member at the end of a path through objects, or None."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def count(value: Any) -> int | None:
    """A whole number from 0 up to what a column holds, or None."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return value if fits else None


def number(value: Any) -> float | None:
    """A finite number, or a text that is one, or None."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        result = float(value)
    except OverflowError:
        return None
    return result if math.isfinite(result) else None
