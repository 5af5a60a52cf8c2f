"""What stands in the way to an endpoint."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import aiohttp
from botocore import exceptions as boto

from ecrtui.aws.failures import Failure, Place, executed
from ecrtui.domain.errors import AppError, ErrorKind


def unreachable(error: boto.BotoCoreError, place: Place) -> Failure:
    """Why there was no answer: the name, the proxy, the certificate, the connection."""
    cause = error.kwargs.get("error")
    host = _host(str(error.kwargs.get("endpoint_url") or ""))
    at = f"{host}: " if host else ""
    if isinstance(error, boto.ConnectTimeoutError):
        return Failure(timed_out(place, f"{at}no connection in time", False), True)
    if isinstance(error, boto.ReadTimeoutError):
        return Failure(timed_out(place, f"{at}no answer in time", True), True)
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
        executed=executed(place, sent=sent),
    )


def timed_out(place: Place, why: str, sent: bool) -> AppError:
    """The error of a call that took too long; `sent` tells whether the request had left."""
    return AppError(
        ErrorKind.TIMEOUT,
        place.what,
        where=place.region,
        why=why,
        remedy=_NETWORK,
        executed=executed(place, sent=sent),
    )


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
