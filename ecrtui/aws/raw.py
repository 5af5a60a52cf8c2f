"""Everything that AWS sent of one thing, as JSON: the wire's members, with instants made readable."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ecrtui.aws.values import instant


def readable(value: Any, shape: Any) -> Any:
    """`value` as it was sent, with the instants that botocore's model knows as ISO 8601 (UTC).

    Members unknown to the model stay as they came.
    """
    kind = getattr(shape, "type_name", "")
    if kind == "timestamp":
        return _iso(value)
    if kind == "structure" and isinstance(value, dict):
        return {name: readable(item, shape.members.get(name)) for name, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [readable(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {name: readable(item, shape.value) for name, item in value.items()}
    return value


def _iso(value: Any) -> Any:
    at = instant(value)
    return value if at is None else datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
