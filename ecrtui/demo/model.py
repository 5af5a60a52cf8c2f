"""Constraints of AWS's own input shapes, read from botocore's data files without importing botocore.

botocore checks required members, types and minimum lengths only; the services check everything, so does this.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ecrtui.demo.operations import Json, Service, ServiceError

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
    "blob": (str,),
}


@cache
def _service(name: str) -> Json:
    spec = find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("botocore is not installed")
    versions = sorted(Path(spec.submodule_search_locations[0], "data", name).glob("*/service-2.json.gz"))
    model: Json = json.loads(gzip.decompress(versions[-1].read_bytes()))
    return model


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    """The model's (Java) pattern; None for the few that Python's `re` cannot read."""
    try:
        return re.compile(text)
    except re.error:
        return None


def operations(service: Service) -> frozenset[str]:
    """Every operation that the service has at AWS."""
    return frozenset(_service(service.name)["operations"])


def check_input(service: Service, operation: str, params: Json) -> None:
    """Raise the service's own error for the first constraint that the parameters break."""
    model = _service(service.name)
    shape = model["operations"][operation].get("input")
    if shape is not None:
        _Checker(service, model["shapes"]).check(shape["shape"], params, "")


def typed(service: Service, operation: str, params: Json) -> Json:
    """Parameters that came as text (in a form or a query string), in the types of the operation's members."""
    model = _service(service.name)
    members = model["shapes"][model["operations"][operation]["input"]["shape"]]["members"]
    kinds = {name: model["shapes"][member["shape"]]["type"] for name, member in members.items()}
    return {name: _typed(kinds.get(name, ""), value) for name, value in params.items()}


def _typed(kind: str, value: Any) -> Any:
    if kind in ("integer", "long") and re.fullmatch(r"-?\d{1,18}", str(value)):
        return int(value)
    return [] if kind == "list" and value == "" else value


class _Checker:
    def __init__(self, service: Service, shapes: Json) -> None:
        self.service = service
        self.shapes = shapes

    def check(self, name: str, value: Any, path: str) -> None:
        shape = self.shapes[name]
        kind = shape["type"]
        self._check_type(kind, value, path)
        if kind == "structure":
            self._check_structure(shape, value, path)
        elif kind == "list":
            self._check_bounds(shape, len(value), path, "length ")
            for index, item in enumerate(value, 1):
                self.check(shape["member"]["shape"], item, f"{path}.{index}.member")
        elif kind == "map":
            for item in value.values():
                self.check(shape["value"]["shape"], item, f"{path}.value")
        elif kind == "string":
            self._check_string(shape, value, path)
        elif kind in ("integer", "long"):
            self._check_bounds(shape, value, path, "value ")

    def _check_type(self, kind: str, value: Any, path: str) -> None:
        expected = _TYPES.get(kind)
        wrong_bool = isinstance(value, bool) and kind != "boolean"
        if expected is not None and (wrong_bool or not isinstance(value, expected)):
            raise ServiceError("SerializationException", f"Unexpected type for '{path.lstrip('.')}': {kind} expected")

    def _check_structure(self, shape: Json, value: Json, path: str) -> None:
        for member in shape.get("required", ()):
            if value.get(member) is None:
                self._refuse(f"{path}.{member}", "Member must not be null")
        for member, item in value.items():
            if item is not None and member in shape["members"]:
                self.check(shape["members"][member]["shape"], item, f"{path}.{member}")

    def _check_string(self, shape: Json, value: str, path: str) -> None:
        self._check_bounds(shape, len(value), path, "length ")
        if "enum" in shape and value not in shape["enum"]:
            self._refuse(path, f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]")
        pattern = _pattern(shape["pattern"]) if "pattern" in shape else None
        if pattern is not None and not pattern.fullmatch(value):
            self._refuse(path, f"Member must satisfy regular expression pattern: {shape['pattern']}")

    def _check_bounds(self, shape: Json, size: int, path: str, what: str) -> None:
        if size < shape.get("min", size):
            self._refuse(path, f"Member must have {what}greater than or equal to {shape['min']}")
        if size > shape.get("max", size):
            self._refuse(path, f"Member must have {what}less than or equal to {shape['max']}")

    def _refuse(self, path: str, constraint: str) -> None:
        place = path.lstrip(".")
        if self.service.name == "ecr":
            text = constraint.replace("Member must", "must")
            text = f"Invalid parameter at '{place}' failed to satisfy constraint: '{text}'"
        else:
            text = f"1 validation error detected: Value at '{place}' failed to satisfy constraint: {constraint}"
        raise ServiceError(self.service.invalid, text)
