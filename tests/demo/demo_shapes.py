"""Answers checked against botocore's output shapes, and a client that shows them as they are on the wire."""

from __future__ import annotations

import http.client
import json
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float),
    "blob": (str,),
}


@cache
def service_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def problems(shape: Shape, value: Any, path: str = "") -> list[str]:
    """Everything in which a value differs from its shape: members, types, enums, required members."""
    if isinstance(shape, StructureShape):
        return _structure(shape, value, path)
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        return [each for item in value for each in problems(shape.member, item, f"{path}[]")]
    if isinstance(shape, MapShape):
        if not isinstance(value, dict):
            return [f"{path}: not a map"]
        return [each for item in value.values() for each in problems(shape.value, item, f"{path}{{}}")]
    wrong = isinstance(value, bool) and shape.type_name != "boolean"
    if wrong or not isinstance(value, _SCALARS[shape.type_name]):
        return [f"{path}: {value!r} is no {shape.type_name}"]
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        return [f"{path}: {value!r} is not one of {shape.enum}"]
    return []


def _structure(shape: StructureShape, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: not a structure"]
    found = [f"{path}.{name}: missing" for name in shape.required_members if name not in value]
    for name, item in value.items():
        if name not in shape.members:
            found.append(f"{path}.{name}: unknown member")
        else:
            found += problems(shape.members[name], item, f"{path}.{name}")
    return found


class Wire:
    """Calls operations with plain HTTP, and checks every good answer's shape."""

    def __init__(self, url: str, region: str = "ap-northeast-2") -> None:
        self.region = region
        self.called: set[tuple[str, str]] = set()
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)

    def close(self) -> None:
        self._connection.close()

    def send(self, service: str, operation: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        model = service_model(service)
        scope = f"20260101/{self.region}/{service}/aws4_request"
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{model.metadata['targetPrefix']}.{operation}",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=AKIADEMO/{scope}, SignedHeaders=host, Signature=0",
        }
        self._connection.request("POST", "/", body, headers)
        response = self._connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()

    def ok(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """A good answer, whose shape is right."""
        status, headers, body = self.send(service, operation, json.dumps(params).encode())
        answer: dict[str, Any] = json.loads(body)
        assert status == 200, answer
        assert headers["x-amzn-requestid"]
        shape = service_model(service).operation_model(operation).output_shape
        assert shape is None or problems(shape, answer) == []
        self.called.add((service, operation))
        return answer

    def error(self, service: str, operation: str, **params: Any) -> tuple[str, str]:
        """The code and message of a refusal, which is JSON and has a request id."""
        status, headers, body = self.send(service, operation, json.dumps(params).encode())
        answer = json.loads(body)
        assert status >= 400, answer
        assert headers["content-type"] == "application/x-amz-json-1.1"
        assert headers["x-amzn-requestid"]
        return answer["__type"], answer["message"]
