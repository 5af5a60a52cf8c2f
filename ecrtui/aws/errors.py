"""Everything that can go wrong with a call, as an `AppError`; `codes` has the table of the services' own."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from botocore import exceptions as boto

from ecrtui.aws import codes
from ecrtui.domain.errors import AppError, ErrorKind, Executed

_LONGEST_MESSAGE = 2000
_LACKING = "This endpoint does not seem to have that operation."
_NOT_AWS = "a page of markup, not as AWS does"
_SKEW = 240.0
"""Seconds of clock difference from which a refused signature is put down to the clock (AWS allows 300)."""


class MalformedError(ValueError):
    """An answer that is not what the operation answers; the text says in what."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a call was, for the sentences about its failure."""

    what: str
    """The clause of `AppError.what`."""
    service: str
    operation: str
    region: str
    profile: str
    change: bool = False
    """Whether the call alters something, so that its effect matters when the answer is lost."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt."""

    error: AppError
    transient: bool
    """Whether another attempt may succeed."""


def failure(error: Exception, place: Place, *, sent: bool, clock: Callable[[], float] = time.time) -> Failure:
    """What `error` means. `sent` tells whether the request had left before it was raised."""
    if isinstance(error, AppError):
        return Failure(error, False)
    if isinstance(error, boto.ClientError):
        return _refused(error, place, clock())
    if isinstance(error, (boto.HTTPClientError, boto.ConnectionError)):
        return _unreachable(error, place)
    if isinstance(error, TimeoutError):
        return Failure(_timeout(place, "the operation did not end in time", sent), True)
    if isinstance(error, MalformedError) or (sent and not isinstance(error, boto.BotoCoreError)):
        return Failure(_malformed(error, place), False)
    return Failure(_local(error, place), False)


def lacks_operation(error: AppError) -> bool:
    """Whether the endpoint said, as emulators do, that it does not have the operation at all."""
    return error.kind is ErrorKind.SERVICE and error.remedy in (_LACKING, codes.LACKING)


# -- answers of the service -------------------------------------------------------------------------------


def _refused(error: boto.ClientError, place: Place, now: float) -> Failure:
    metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0))
    code = str(error.response.get("Error", {}).get("Code") or status)
    rule = codes.rule(code, status, place.service)
    result = AppError(
        rule.kind,
        place.what,
        where=place.region,
        why=_message(error, code, status),
        remedy=rule.remedy.format(profile=place.profile, region=place.region, service=place.service),
        executed=Executed.UNKNOWN if place.change and status >= 500 and not rule.throttled else Executed.NO,
        code=code,
        request_id=str(metadata.get("RequestId", "")),
    )
    if rule.kind is ErrorKind.DENIED:
        _explain_denial(result, place)
    elif rule.signature:
        _explain_skew(result, metadata.get("HTTPHeaders", {}), now)
    # a 500 with markup is an emulator without the operation; load balancers answer 502 to 504
    lacking = status == 500 and result.why.endswith(_NOT_AWS)
    if lacking:
        result.remedy = _LACKING
    return Failure(result, rule.throttled or (status >= 500 and not rule.permanent and not lacking))


def _message(error: boto.ClientError, code: str, status: int) -> str:
    message = str(error.response.get("Error", {}).get("Message") or "").strip()
    if message.startswith("<"):
        return f"the endpoint answered HTTP {status} with {_NOT_AWS}"
    if len(message) > _LONGEST_MESSAGE:
        message = message[:_LONGEST_MESSAGE] + "…"
    return message or f"the service answered {code} without a message"


_ACTION = re.compile(r"not authorized to perform:? ?([a-z0-9-]+:[A-Za-z*]+)")
_PRINCIPAL = re.compile(r"User: (\S+)")
_RESOURCE = re.compile(r"on resource:? (\S+)")


def _explain_denial(error: AppError, place: Place) -> None:
    action, principal, resource = (pattern.search(error.why) for pattern in (_ACTION, _PRINCIPAL, _RESOURCE))
    error.action = action[1] if action else f"{place.service}:{place.operation}"
    who = f" for {principal[1]}" if principal else ""
    to = f" on {resource[1]}" if resource else ""
    if "explicit deny" in error.why:
        error.remedy = (
            f"Ask who owns the denying policy (a service control policy, a permissions boundary or the like) "
            f"to except {error.action}{who}; an allow does not help."
        )
    elif "no resource-based policy" in error.why:
        error.remedy = f"Allow {error.action}{who} in the policy of the resource{to}; it is another account's."
    elif "permissions boundary" in error.why:
        error.remedy = f"Ask for {error.action}{to} in the permissions boundary{who}."
    else:
        error.remedy = f"Ask for the permission {error.action}{to}{who}."


def _explain_skew(error: AppError, headers: Mapping[str, str], now: float) -> None:
    try:
        skew = parsedate_to_datetime(headers.get("date", "")).timestamp() - now
    except (TypeError, ValueError):
        return
    if abs(skew) >= _SKEW:
        error.why = f"your clock is {_minutes(abs(skew))} {'slow' if skew > 0 else 'fast'} ({error.why})"
        error.remedy = "Set the clock of this machine; AWS accepts five minutes of difference."


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


# -- the way there ----------------------------------------------------------------------------------------


def _unreachable(error: boto.BotoCoreError, place: Place) -> Failure:
    cause = error.kwargs.get("error")
    host = _host(str(error.kwargs.get("endpoint_url") or ""))
    at = f"{host}: " if host else ""
    if isinstance(error, boto.ConnectTimeoutError):
        return Failure(_timeout(place, f"{at}no connection in time", False), True)
    if isinstance(error, boto.ReadTimeoutError):
        return Failure(_timeout(place, f"{at}no answer in time", True), True)
    if isinstance(error, boto.ProxyConnectionError):
        proxy = _host(str(error.kwargs.get("proxy_url") or "")) or "the proxy"
        return Failure(
            _network(place, f"the proxy {proxy} does not let us through: {_reason(cause)}", _PROXY, False),
            False,
        )
    if isinstance(cause, (boto.InvalidProxiesConfigError, aiohttp.InvalidURL)):
        return Failure(_network(place, "a proxy variable holds what is no URL", _PROXY, False), False)
    if isinstance(error, boto.SSLError) or isinstance(cause, aiohttp.ClientSSLError):
        return Failure(_network(place, f"{at}{_reason(cause)}", _TLS, False), False)
    if isinstance(cause, OSError) and cause.filename:
        why = f"the certificate file {cause.filename} cannot be used: {cause.strerror}"
        return Failure(_network(place, why, _TLS, False), False)
    unconnected = isinstance(cause, aiohttp.ClientConnectorError)
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        return Failure(
            _network(place, f"{host or 'the host'} has no address: {_reason(cause)}", _dns(host), False), True
        )
    return Failure(_network(place, f"{at}{_reason(cause)}", _NETWORK, not unconnected), True)


_NETWORK = "Check the network, and the endpoint URL where one is set, then try again."
_PROXY = "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
_TLS = "Point AWS_CA_BUNDLE (or REQUESTS_CA_BUNDLE, ca_bundle) to the certificates that the endpoint needs."


def _dns(host: str) -> str:
    if "fips" in host:
        return "This region may have no FIPS endpoint: unset AWS_USE_FIPS_ENDPOINT, or take another region."
    return "Check the name of the region, the endpoint URL and the network."


def _network(place: Place, why: str, remedy: str, sent: bool) -> AppError:
    return AppError(
        ErrorKind.NETWORK,
        place.what,
        where=place.region,
        why=why,
        remedy=remedy,
        executed=_executed(place, sent),
    )


def _timeout(place: Place, why: str, sent: bool) -> AppError:
    return AppError(
        ErrorKind.TIMEOUT,
        place.what,
        where=place.region,
        why=why,
        remedy=_NETWORK,
        executed=_executed(place, sent),
    )


def _malformed(error: Exception, place: Place) -> AppError:
    detail = str(error) if isinstance(error, MalformedError) else type(error).__name__
    return AppError(
        ErrorKind.MALFORMED,
        place.what,
        where=place.region,
        why=f"malformed answer: {detail}",
        remedy="Check that the endpoint is AWS's (no proxy or portal in between), then try again.",
        executed=_executed(place, True),
    )


def _executed(place: Place, sent: bool) -> Executed:
    return Executed.UNKNOWN if place.change and sent else Executed.NO


def _host(url: str) -> str:
    """Host and port of a URL, without its user and password."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{parts.hostname or ''}{port}"


def _reason(cause: object) -> str:
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        return f"the certificate is not trusted: {cause.certificate_error}"
    if isinstance(cause, aiohttp.ClientConnectorError):
        return _words(cause.os_error)
    if isinstance(cause, aiohttp.ClientHttpProxyError):
        return f"HTTP {cause.status} {cause.message}"
    if isinstance(cause, aiohttp.ServerDisconnectedError):
        return "the connection was closed before the answer"
    if isinstance(cause, aiohttp.ClientPayloadError):
        return "the answer broke off"
    if isinstance(cause, OSError) and cause.strerror:
        return _words(cause)
    return type(cause).__name__ if cause is not None else "the connection failed"


def _words(error: OSError) -> str:
    """`Connection refused`; asyncio says `Connect call failed ('127.0.0.1', 1)` instead."""
    if error.strerror and not error.strerror.startswith("Connect call failed"):
        return error.strerror
    return os.strerror(error.errno) if error.errno else str(error)


# -- before anything was sent -----------------------------------------------------------------------------


def _local(error: Exception, place: Place) -> AppError:
    kind, remedy = ErrorKind.LOCAL, ""
    if isinstance(error, (boto.ParamValidationError, boto.ValidationError)):
        kind = ErrorKind.INVALID
    if isinstance(error, (boto.NoRegionError, boto.InvalidRegionError)):
        kind, remedy = ErrorKind.USAGE, "Give a region with --region, AWS_REGION or the profile."
    elif isinstance(error, (boto.EndpointProviderError, boto.BaseEndpointResolverError, ValueError)):
        kind, remedy = (
            ErrorKind.USAGE,
            "Check the endpoint URL, the region, and the FIPS and dual-stack settings.",
        )
    return AppError(kind, place.what, where=place.region, why=_text(error), remedy=remedy)


def _text(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"
