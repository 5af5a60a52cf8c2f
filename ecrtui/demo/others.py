"""Every service that the embedded account does not answer itself: moto does, once something asks for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs

from ecrtui.demo.account import PRINCIPAL, Account
from ecrtui.demo.wire import body_of, error_payload, send, send_json, send_xml, send_xml_error, signed_for

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FORM = "application/x-www-form-urlencoded"
_TEMPORARY = "ASIA"
"""How access keys begin that AssumeRole gave out; moto knows whose they are."""

_REFUSALS = {"UnrecognizedClientException": "InvalidClientTokenId", "AccessDeniedException": "AccessDenied"}


def query_code(code: str) -> str:
    """An error's code as the query protocol says it."""
    return _REFUSALS.get(code, code)


class Others:
    """The rest of AWS. What moto does not know is answered with AWS's own error, never with its HTML page."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key, region, service = signed_for(environ)
        action = _action(environ)
        if fault := self.account.fault(service, action, region, {}):
            return send_xml_error(start_response, query_code(fault.code), fault.message, fault.status)
        if action == "GetCallerIdentity" and not key.startswith(_TEMPORARY):
            return send_xml(start_response, self._identity())
        if not service and "HTTP_X_AMZ_TARGET" in environ:
            return _unknown(environ, start_response, action, "is not known")
        try:
            moto = self._moto
        except ImportError:
            return _unknown(environ, start_response, action, "needs the extra: pip install 'ecrtui[demo]'")
        try:
            status, headers, payload = _asked(moto, environ)
        except NotImplementedError:
            return _unknown(environ, start_response, action, "is not part of the embedded account")
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        if status >= 400 and kind.startswith("text/html"):
            return _unknown(environ, start_response, action, "is not part of the embedded account")
        return send(start_response, status, payload, headers)

    def _identity(self) -> str:
        """Answered here: the first thing that a client asks must not wait for moto's import."""
        return (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            f"<GetCallerIdentityResult><Arn>{PRINCIPAL}</Arn><UserId>AIDADEMODEMODEMODEMO</UserId>"
            f"<Account>{self.account.id}</Account></GetCallerIdentityResult>"
            f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
            "</GetCallerIdentityResponse>"
        )

    @cached_property
    def _moto(self) -> WSGIApplication:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        make = cast("Callable[[str], Any]", create_backend_app)

        def create(service: str | None) -> Any:
            if service is None:
                raise NotImplementedError("moto does not know this service")
            return make(service)

        application: WSGIApplication = DomainDispatcherApplication(create)
        return application


def _action(environ: WSGIEnvironment) -> str:
    """The action of a query request; empty for other protocols."""
    if not environ.get("CONTENT_TYPE", "").startswith(_FORM):
        return ""
    return parse_qs(body_of(environ).decode(errors="replace")).get("Action", [""])[0]


def _asked(application: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, list[tuple[str, str]], bytes]:
    """Another application's answer: status, headers, body."""
    sent: list[Any] = []

    def keep(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        sent[:] = [int(status[:3]), headers]
        return lambda data: None

    payload = b"".join(application(environ, keep))
    return sent[0], sent[1], payload


def _unknown(environ: WSGIEnvironment, start_response: StartResponse, action: str, reason: str) -> list[bytes]:
    """AWS's refusal of an operation, in the protocol in which it was asked for."""
    if action:
        return send_xml_error(start_response, "InvalidAction", f"The action {action} {reason}", 400)
    name = environ.get("HTTP_X_AMZ_TARGET") or environ.get("PATH_INFO", "")
    message = f"The operation {name} {reason}"
    return send_json(start_response, error_payload("UnknownOperationException", message), 400)
