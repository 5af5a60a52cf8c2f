"""What must not be written down: values of parameters that are, or may be, secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

_SECRET = re.compile(
    r"pass(word|phrase|wd)?$|token|secret|credential|private.?key|api.?key|access.?key|auth(?!or)", re.I
)
_HARMLESS = frozenset({"idempotencyToken", "clientToken", "clientRequestToken", "nextToken", "authType"})
_REFERENCES = frozenset({"PARAMETER_STORE", "SECRETS_MANAGER"})
_VARIABLES = frozenset({"environmentVariables", "environmentVariablesOverride"})


def masked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with every secret replaced by `***`; environment variables count as secret."""
    return {name: _masked(name, value) for name, value in parameters.items()}


def _masked(name: str, value: Any) -> Any:
    if name in _VARIABLES and isinstance(value, (list, tuple)):
        return [_variable(item) for item in value]
    if _is_secret(name) and value not in (None, "", [], {}):
        return MASK
    if isinstance(value, Mapping):
        return _pair(value) or masked(value)
    if isinstance(value, (list, tuple)):
        return [_masked("", item) for item in value]
    return value


def _is_secret(name: str) -> bool:
    return name not in _HARMLESS and bool(_SECRET.search(name))


def _variable(value: Any) -> Any:
    """A variable without its value; a reference to a parameter or secret is no secret."""
    if not isinstance(value, Mapping):
        return MASK
    if value.get("type") in _REFERENCES:
        return dict(value)
    return {**value, "value": MASK}


def _pair(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """A tag whose key is the name of a secret, without its value."""
    key = value.get("Key")
    return {**value, "Value": MASK} if isinstance(key, str) and _is_secret(key) and "Value" in value else None


_REDACTIONS = (
    (re.compile(r"(?<=://)[^/\s@]*@"), f"{MASK}@"),
    (re.compile(r"(\bhttps?://[^\s?#\"']*)[?#][^\s\"']*"), rf"\1?{MASK}"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{8,}"), MASK),
    (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]+)*"), MASK),
    (re.compile(r"(?i)\b((?:proxy-)?authorization|x-amz-security-token|cookie)(\W{1,4}).*"), rf"\1\2{MASK}"),
    (
        re.compile(
            r"(?i)([\w.-]*(?:pass(?:word|phrase|wd)|token|secret|credential|private.?key|api.?key|access.?key|signature)"
            r"[\w.-]*[\"']?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&}\]]+)"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?<![\w/+:])(?![0-9a-f]+\b)(?=[\w/+]*\d)(?=[\w/+]*[A-Z])[\w/+]{40,}={0,2}"), MASK),
)


def redacted(text: str) -> str:
    """A text without what looks like a secret: keys, tokens, passwords, headers, and the queries of URLs."""
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return text
