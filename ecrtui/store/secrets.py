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
    if isinstance(value, Mapping):
        return masked(value)
    if isinstance(value, (list, tuple)):
        return [_masked(name, item) for item in value]
    if name not in _HARMLESS and _SECRET.search(name) and value not in (None, ""):
        return MASK
    return value


def _variable(value: Any) -> Any:
    """A variable without its value; a reference to a parameter or secret is no secret."""
    if not isinstance(value, Mapping):
        return MASK
    if value.get("type") in _REFERENCES:
        return dict(value)
    return {**value, "value": MASK}
