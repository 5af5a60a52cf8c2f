"""The embedded account as a WSGI application: its own services, and moto for everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, cast

import msgspec

from ecrtui.demo import buckets, control, query
from ecrtui.demo.account import PRINCIPAL, Account
from ecrtui.demo.functions import operations as functions
from ecrtui.demo.http import listen
from ecrtui.demo.model import check_input, operations, typed
from ecrtui.demo.operations import IAM, LAMBDA, TARGETS, Answer, Call, Json, Service, ServiceError
from ecrtui.demo.others import Others, query_code
from ecrtui.demo.wire import base_url, body_of, error_payload, send_json, send_xml, send_xml_error, signed_for

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

for _module in (
    "apprunner.operations",
    "codebuild.listing",
    "codebuild.projects",
    "codebuild.starting",
    "ecr.images",
    "ecr.lifecycle",
    "ecr.pushes",
    "ecr.repositories",
    "ecr.scanning",
    "ecr.settings",
    "ecs.operations",
    "functions.operations",
    "iam.operations",
    "logs",
    "prices",
):
    import_module(f"ecrtui.demo.{_module}")


_IAM_NAMESPACE = "https://iam.amazonaws.com/doc/2010-05-08/"


class Application:
    """Answers the services of `operations.SERVICES` and account:ListRegions; passes the rest on."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._others = Others(account)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        prefix, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
        if path.startswith("/_demo/"):
            return control.answer(self.account, environ, start_response)
        if prefix in TARGETS:
            return _json(start_response, lambda: self._answer(TARGETS[prefix], operation, _params(environ), environ))
        if path == "/listRegions":
            return _json(start_response, lambda: self._list_regions(environ))
        if (asked := functions.asked(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""))) is not None:
            action, params = asked
            return _json(start_response, lambda: self._answer(LAMBDA, action, typed(LAMBDA, action, params), environ))
        return self._by_signature(environ, start_response)

    def _by_signature(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what only the signature tells whose it is."""
        service = signed_for(environ)[2]
        if service == "iam" and environ["REQUEST_METHOD"] == "POST":
            return self._iam(environ, start_response)
        if service == "s3":
            with self.account.lock:
                found = buckets.answer(self.account, environ, start_response)
            if found is not None:
                return found
        return self._others(environ, start_response)

    def _iam(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the simulator; the rest of IAM is moto's."""
        try:
            action, params = query.asked(body_of(environ))
            if action not in IAM.handlers:
                return self._others(environ, start_response)
            answer = self._answer(IAM, action, typed(IAM, action, params), environ)
        except ServiceError as error:
            return send_xml_error(start_response, query_code(error.code), error.message, error.status)
        return send_xml(start_response, query.answered(action, _IAM_NAMESPACE, cast(Json, answer)))

    def _answer(self, service: Service, operation: str, params: Json, environ: WSGIEnvironment) -> Answer:
        """What one operation of a service answers."""
        handler = service.handlers.get(operation)
        if handler is None:
            known = operation in operations(service)
            reason = "is not part of the embedded account" if known else "is not known"
            raise ServiceError("UnknownOperationException", f"The operation {service.name}:{operation} {reason}")
        region = signed_for(environ)[1]
        with self.account.lock:
            self._refuse(service.name, operation, region, params)
            check_input(service, operation, params)
            now = self.account.clock()
            self.account.settle(now)
            call = Call(self.account, self.account.region(region), params, now, base_url(environ))
            return handler(call)

    def _refuse(self, service: str, operation: str, region: str, params: Json) -> None:
        """Raise the fault that this call meets."""
        fault = self.account.fault(service, operation, region, params)
        if fault is not None:
            resource = fault.resource or "*"
            if service == "ecr" and fault.resource:
                resource = f"arn:aws:ecr:{region}:{self.account.id}:repository/{resource}"
            message = fault.message.format(principal=PRINCIPAL, action=f"{service}:{operation}", resource=resource)
            raise ServiceError(fault.code, message, fault.status)

    def _list_regions(self, environ: WSGIEnvironment) -> Answer:
        params = _params(environ)
        self._refuse("account", "ListRegions", signed_for(environ)[1], params)
        wanted = params.get("RegionOptStatusContains")
        names = self.account.enabled if not wanted or "ENABLED_BY_DEFAULT" in wanted else ()
        return {"Regions": [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in names]}


def _json(start_response: StartResponse, answer: Callable[[], Answer]) -> list[bytes]:
    """Send an answer, or AWS's error, as JSON."""
    try:
        result = answer()
    except ServiceError as error:
        payload = error_payload(error.code, error.message, error.members)
        return send_json(start_response, payload, error.status, [("x-amzn-ErrorType", error.code)])
    return send_json(start_response, result if isinstance(result, bytes) else msgspec.json.encode(result))


def _params(environ: WSGIEnvironment) -> Json:
    try:
        params = msgspec.json.decode(body_of(environ) or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ServiceError("SerializationException", "The request is not JSON") from error
    if not isinstance(params, dict):
        raise ServiceError("SerializationException", "The request is not a JSON object")
    return params


@contextmanager
def serve(account: Account) -> Iterator[str]:
    """The account over HTTP on loopback, in a thread of this process: yields its URL."""
    server = listen(Application(account))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
