"""The embedded account as a WSGI application: its own services, and moto for everything else."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import msgspec

from ecrtui.demo import control
from ecrtui.demo.account import PRINCIPAL, Account
from ecrtui.demo.model import check_input, operations
from ecrtui.demo.operations import SERVICES, Answer, Call, Json, Service, ServiceError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

for _module in (
    "codebuild.operations",
    "ecr.images",
    "ecr.lifecycle",
    "ecr.pushes",
    "ecr.repositories",
    "ecr.scanning",
    "ecr.settings",
    "ecs.operations",
    "logs",
):
    import_module(f"ecrtui.demo.{_module}")

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_DEFAULT_REGION = "us-east-1"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
}


class Application:
    """Answers the services of `operations.SERVICES`, ListRegions and GetCallerIdentity; passes on the rest."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        prefix, _, operation = target.rpartition(".")
        if path.startswith("/_demo/"):
            return control.answer(self.account, environ, start_response)
        if prefix in SERVICES:
            service = SERVICES[prefix]
            return self._serve(
                environ, start_response, lambda body: self._target(service, operation, environ, body)
            )
        if path == "/listRegions":
            return self._serve(environ, start_response, self._list_regions)
        return self._pass_on(environ, start_response, target)

    def _target(self, service: Service, operation: str, environ: WSGIEnvironment, body: bytes) -> Answer:
        """Answer one operation of a JSON service."""
        handler = service.handlers.get(operation)
        if handler is None:
            known = operation in operations(service)
            reason = "is not part of the embedded account" if known else "is not known"
            raise ServiceError(
                "UnknownOperationException", f"The operation {service.name}:{operation} {reason}"
            )
        params = _params(body)
        _, region = _signed_for(environ)
        self._refuse_faults(service.name, operation, region, params)
        check_input(service, operation, params)
        with self.account.lock:
            now = self.account.clock()
            self.account.settle(now)
            return handler(Call(self.account, self.account.region(region), params, now, _base_url(environ)))

    def _refuse_faults(self, service: str, operation: str, region: str, params: Json) -> None:
        for fault in self.account.faults:
            if not fault.meets(service, operation, region, params):
                continue
            message = fault.message.format(
                principal=PRINCIPAL,
                action=f"{service}:{operation}",
                resource=f"arn:aws:ecr:{region}:{self.account.id}:repository/{fault.resource}"
                if fault.resource
                else "*",
            )
            raise ServiceError(fault.code, message, fault.status)

    def _list_regions(self, body: bytes) -> Answer:
        wanted = _params(body).get("RegionOptStatusContains")
        names = self.account.enabled if not wanted or "ENABLED_BY_DEFAULT" in wanted else ()
        return {"Regions": [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in names]}

    def _serve(
        self, environ: WSGIEnvironment, start_response: StartResponse, answer: Callable[[bytes], Answer]
    ) -> list[bytes]:
        """Send an answer or AWS's error as JSON."""
        status, headers = 200, []
        try:
            result = answer(_body(environ))
            payload = result if isinstance(result, bytes) else msgspec.json.encode(result)
        except ServiceError as error:
            status, headers = error.status, [("x-amzn-ErrorType", error.code)]
            payload = json.dumps({"__type": error.code, "message": error.message, **error.members}).encode()
        return _send(start_response, status, payload, "application/x-amz-json-1.1", headers)

    def _pass_on(
        self, environ: WSGIEnvironment, start_response: StartResponse, target: str
    ) -> Iterable[bytes]:
        """Let moto answer; what moto does not know becomes AWS's own error, never a page of HTML."""
        key, region = _signed_for(environ)
        refused = any(each.action == "*" and each.region == region for each in self.account.faults)
        if refused:
            return _xml_error(
                start_response,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
                403,
            )
        try:
            answer = self._moto
        except ImportError:
            message = "This part of the embedded account needs the extra: pip install 'ecrtui[demo]'"
            return _unknown(start_response, target, message)
        sent: list[Any] = []

        def keep(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            sent[:] = [status, headers]
            return lambda data: None

        payload = b"".join(answer(environ, keep))
        status, headers = sent
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        if not status.startswith("2") and kind.startswith("text/html"):
            return _unknown(start_response, target, "The operation is not part of the embedded account")
        return _send(start_response, int(status[:3]), payload, "", headers)

    @cached_property
    def _moto(self) -> WSGIApplication:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        application: WSGIApplication = DomainDispatcherApplication(create_backend_app)
        return application


def _signed_for(environ: WSGIEnvironment) -> tuple[str, str]:
    """The access key and region of a signature."""
    match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    return (match[1], match[2]) if match else ("", _DEFAULT_REGION)


def _base_url(environ: WSGIEnvironment) -> str:
    return f"http://{environ.get('HTTP_HOST') or environ['SERVER_NAME']}"


def _body(environ: WSGIEnvironment) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    data: bytes = environ["wsgi.input"].read(int(length))
    return data


def _params(body: bytes) -> Json:
    try:
        params = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ServiceError("SerializationException", "The request is not JSON") from error
    if not isinstance(params, dict):
        raise ServiceError("SerializationException", "The request is not a JSON object")
    return params


def _send(
    start_response: StartResponse, status: int, payload: bytes, kind: str, headers: list[tuple[str, str]]
) -> list[bytes]:
    kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "connection")]
    if kind:
        kept += [("Content-Type", kind), ("x-amzn-RequestId", str(uuid.uuid4()))]
    start_response(
        f"{status} {_REASONS.get(status, 'Status')}", [*kept, ("Content-Length", str(len(payload)))]
    )
    return [payload]


def _unknown(start_response: StartResponse, target: str, message: str) -> list[bytes]:
    if not target:
        return _xml_error(start_response, "InvalidAction", message, 400)
    payload = json.dumps({"__type": "UnknownOperationException", "message": message}).encode()
    return _send(start_response, 400, payload, "application/x-amz-json-1.1", [])


def _xml_error(start_response: StartResponse, code: str, message: str, status: int) -> list[bytes]:
    payload = (
        "<ErrorResponse><Error><Type>Sender</Type>"
        f"<Code>{code}</Code><Message>{message}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return _send(start_response, status, payload.encode(), "text/xml", [])


@contextmanager
def serve(account: Account) -> Iterator[str]:
    """The account over HTTP on loopback, in a thread of this process: yields its URL."""
    from ecrtui.demo.http import listen

    server = listen(Application(account))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
