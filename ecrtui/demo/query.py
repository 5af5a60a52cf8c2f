"""AWS's query protocol: parameters as a form, answers as XML."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from ecrtui.demo.operations import Json, ServiceError


def asked(body: bytes) -> tuple[str, Json]:
    """The action of a request and its parameters, all of them text; `Names.member.1` is the first of a list."""
    tree: Json = {}
    try:
        for key, value in parse_qsl(body.decode(), keep_blank_values=True):
            *way, last = key.split(".")
            node = tree
            for part in way:
                node = node.setdefault(part, {})
            node[last] = value
        params = {name: _lists(value) for name, value in tree.items() if name not in ("Action", "Version")}
    except (AttributeError, TypeError, ValueError) as error:
        raise ServiceError("MalformedInput", "The request is not a form of the query protocol") from error
    return str(tree.get("Action", "")), params


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        members = node["member"]
        return [_lists(members[number]) for number in sorted(members, key=int)]
    return {name: _lists(value) for name, value in node.items()}


def answered(action: str, namespace: str, answer: Json) -> str:
    """An answer as XML."""
    return (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{_members(answer)}</{action}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{action}Response>"
    )


def _members(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_members(each)}</{name}>" for name, each in value.items())
    if isinstance(value, list | tuple):
        return "".join(f"<member>{_members(each)}</member>" for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))
