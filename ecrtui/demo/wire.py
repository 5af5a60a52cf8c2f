"""Requests read and answers written: what all parts of the WSGI application share."""

from __future__ import annotations

import io
import json
import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_DEFAULT_REGION = "us-east-1"


def signed_for(environ: WSGIEnvironment) -> tuple[str, str, str]:
    """The access key, region and service of a request's signature."""
    match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    return (match[1], match[2], match[3]) if match else ("", _DEFAULT_REGION, "")


def base_url(environ: WSGIEnvironment) -> str:
    """The URL under which this server was asked."""
    return f"http://{environ.get('HTTP_HOST') or environ['SERVER_NAME']}"


def body_of(environ: WSGIEnvironment) -> bytes:
    """The request's body, which stays there for the next reader."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def error_payload(code: str, message: str, members: dict[str, Any] | None = None) -> bytes:
    """An error as the JSON protocols write it."""
    return json.dumps({"__type": code, "message": message, **(members or {})}).encode()


def send_json(
    start_response: StartResponse,
    payload: bytes,
    status: int = 200,
    headers: list[tuple[str, str]] | None = None,
) -> list[bytes]:
    """Send JSON with a request id, as the JSON 1.1 services do."""
    identity = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", str(uuid.uuid4()))]
    return send(start_response, status, payload, [*identity, *(headers or [])])


def send_xml(start_response: StartResponse, payload: str, status: int = 200) -> list[bytes]:
    """Send XML, as the query services do."""
    return send(start_response, status, payload.encode(), [("Content-Type", "text/xml")])


def send_xml_error(start_response: StartResponse, code: str, message: str, status: int) -> list[bytes]:
    """Send an error of the query protocol."""
    payload = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return send_xml(start_response, payload, status)


def send(start_response: StartResponse, status: int, payload: bytes, headers: list[tuple[str, str]]) -> list[bytes]:
    """Send an answer of a known length."""
    kept = [each for each in headers if each[0].lower() not in ("content-length", "connection")]
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Status"
    start_response(f"{status} {reason}", [*kept, ("Content-Length", str(len(payload)))])
    return [payload]
