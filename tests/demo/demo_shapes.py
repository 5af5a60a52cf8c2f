"""Answers checked against botocore's output shapes, and a client that shows them as they are on the wire."""

from __future__ import annotations

import http.client
import json
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import Element, fromstring

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape
from botocore.serialize import create_serializer

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


def from_xml(shape: Shape, element: Element) -> Any:
    """What an element holds, in the types of a shape; an element that the shape lacks stays and is found."""
    if isinstance(shape, StructureShape):
        names = {each.tag: shape.members.get(each.tag) for each in element}
        return {each.tag: from_xml(names[each.tag] or shape, each) for each in element}
    if isinstance(shape, ListShape):
        assert {each.tag for each in element} <= {"member"}
        return [from_xml(shape.member, each) for each in element]
    text = element.text or ""
    if shape.type_name == "boolean":
        return {"true": True, "false": False}[text]
    return int(text) if shape.type_name in ("integer", "long") else text


def plain(root: Element) -> Element:
    """The same document without its namespace."""
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    return root


class Wire:
    """Calls operations with plain HTTP, and checks every good answer's shape."""

    def __init__(self, url: str, region: str = "ap-northeast-2") -> None:
        self.region = region
        self.called: set[tuple[str, str]] = set()
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)

    def close(self) -> None:
        self._connection.close()

    def send(self, service: str, operation: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a body to a JSON service."""
        model = service_model(service)
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{model.metadata['targetPrefix']}.{operation}",
        }
        return self.request(service, "POST", "/", body, headers)

    def request(
        self, service: str, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request that is signed for a service."""
        scope = f"20260101/{self.region}/{service}/aws4_request"
        signature = f"AWS4-HMAC-SHA256 Credential=AKIADEMO/{scope}, SignedHeaders=host, Signature=0"
        self._connection.request(method, path, body, {**headers, "Authorization": signature})
        response = self._connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()

    def _call(self, service: str, operation: str, params: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        model = service_model(service)
        protocol = model.metadata["protocol"]
        if protocol == "json":
            return self.send(service, operation, json.dumps(params).encode())
        request = create_serializer(protocol, False).serialize_to_request(params, model.operation_model(operation))
        body, query = request["body"], urlencode(request["query_string"] or {})
        form = urlencode(body).encode() if isinstance(body, dict) else bytes(body or b"")
        path = request["url_path"] + ("?" + query if query else "")
        return self.request(service, request["method"], path, form, request["headers"])

    def ok(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """A good answer, whose shape is right."""
        status, headers, body = self._call(service, operation, params)
        assert status == 200, body
        shape = service_model(service).operation_model(operation).output_shape
        if service_model(service).metadata["protocol"] == "query":
            assert shape is not None
            answer: dict[str, Any] = from_xml(shape, plain(fromstring(body))[0])
        else:
            answer = json.loads(body)
            assert headers["x-amzn-requestid"]
        assert shape is None or problems(shape, answer) == []
        self.called.add((service, operation))
        return answer

    def error(self, service: str, operation: str, **params: Any) -> tuple[str, str]:
        """The code and message of a refusal, as the service's protocol writes it."""
        status, headers, body = self._call(service, operation, params)
        assert status >= 400, body
        if service_model(service).metadata["protocol"] == "query":
            error = plain(fromstring(body))[0]
            return error.findtext("Code", ""), error.findtext("Message", "")
        answer = json.loads(body)
        assert headers["content-type"].startswith("application/")
        assert headers["x-amzn-requestid"]
        return answer["__type"], answer["message"]
