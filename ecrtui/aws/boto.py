"""The botocore session: made as botocore makes it, with what a terminal program needs changed.

Changed are: one TLS context for all clients (20 ms each otherwise), one loader of models for all sessions, no
retries of botocore's own (`call` makes them), the raw body of an answer kept for `decode`, and (`providers`) where
credentials come from.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from aiobotocore.config import AioConfig
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import AioSession
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from ecrtui.aws.credential_errors import not_opened
from ecrtui.aws.providers import QuietSession
from ecrtui.aws.session import AccountOptions
from ecrtui.domain.errors import AppError, ErrorKind

SERVICES = ("ecr", "codebuild", "logs", "ecs", "sts", "account")
"""The services whose models are loaded ahead."""

BODY = "RawBody"
"""The key in a parsed answer under which the raw body stands (protocols of JSON only)."""

_POOL = 16
"""Connections a client; the bound on calls is `call.CONCURRENCY`."""


# -- models -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _loader(data_path: str | None) -> Loader:
    return create_loader(data_path)


def load_models(loader: Loader | None = None, services: Iterable[str] = SERVICES) -> None:
    """Load (and so cache) everything that clients of these services read from botocore's data."""
    loader = loader or _loader(None)
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        loader.load_data_with_path(name)
    for service in services:
        load_model(loader, service)


def load_model(loader: Loader, service: str) -> None:
    """Load the model of one service."""
    loader.load_service_model(service, "service-2")
    loader.load_service_model(service, "endpoint-rule-set-1")


def available_profiles() -> tuple[str, ...]:
    """The profiles of the AWS files; empty where they cannot be read."""
    try:
        return tuple(Session().available_profiles)
    except (BotoCoreError, OSError, ValueError):
        return ()


# -- the session ------------------------------------------------------------------------------------------


_ISOLATED = {
    "profile": (None, None, None, None),
    "region": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ca_bundle": (None, None, None, None),
}
"""Session variables that read neither the environment nor a file (embedded account)."""


def create_session(options: AccountOptions) -> QuietSession:
    """A session for these options; raises `AppError` for a profile or file that cannot be used. Blocks."""
    try:
        if options.credentials is None:
            session = QuietSession(profile=options.profile)
            region = options.region or os.environ.get("AWS_REGION")  # botocore reads AWS_DEFAULT_REGION only
            if region:
                session.set_config_variable("region", region)
        else:
            session = QuietSession(session_vars=_ISOLATED)
            given = options.credentials
            session.set_credentials(given.access_key, given.secret_key, given.token)
        session.get_scoped_config()
        endpoint_of(session, options, "ecr")
        loader = _loader(session.get_config_variable("data_path"))
        session.set_default_client_config(_of_providers(options))
    except (BotoCoreError, OSError, ValueError) as error:
        raise not_opened(
            error, options.profile or Session().get_config_variable("profile") or "default", available_profiles()
        ) from error
    session.register_component("data_loader", loader)
    session.user_agent_name = "ecrtui"
    return session


def endpoint_of(session: AioSession, options: AccountOptions, service: str) -> str | None:
    """The endpoint URL of a service when it is set somewhere: in the options, a variable or a file."""
    if options.endpoint_url or options.credentials:
        return _checked(options.endpoint_url)
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    provider = ConfiguredEndpointProvider(
        full_config=session.full_config, scoped_config=session.get_scoped_config(), client_name=service
    )
    return _checked(provider.provide())


def _checked(url: str | None) -> str | None:
    """The URL, if requests can be signed for it; raises `AppError` (USAGE) else."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = False
    if usable and parts.username is None:
        return url
    why = "it holds a user name, but requests are signed" if usable else "it is not an http or https URL"
    raise AppError(
        ErrorKind.USAGE,
        "use the endpoint URL",
        why=why,
        remedy="Correct --endpoint-url, AWS_ENDPOINT_URL or endpoint_url; an example is http://127.0.0.1:4566.",
    )


def client_config(options: AccountOptions, endpoint: str | None) -> AioConfig:
    """The configuration of every client; retries are ours, and a loopback endpoint goes through no proxy."""
    settings: dict[str, Any] = {"s3": {"addressing_style": "path"}} if endpoint else {}
    if endpoint and _is_loopback(endpoint):
        settings["proxies"] = {}
    if options.credentials is not None:
        settings |= {"use_fips_endpoint": False, "use_dualstack_endpoint": False}
    return AioConfig(
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=_POOL,
        http_session_cls=_SharedTlsSession,
        inject_host_prefix=endpoint is None,
        **settings,
    )


def _of_providers(options: AccountOptions) -> AioConfig:
    """The configuration of the clients that botocore makes for itself, to ask for credentials."""
    return AioConfig(
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        retries={"total_max_attempts": 2, "mode": "standard"},
    )


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# -- the wire ---------------------------------------------------------------------------------------------


class _SharedTlsSession(AIOHTTPSession):
    """An HTTP session whose TLS context is built once for all clients that verify alike."""

    _verify: Any
    _cert_file: Any
    _contexts: dict[Any, ssl.SSLContext] = {}
    _building = threading.Lock()

    def _build_ssl_contexts(self, proxy_url: str | None) -> tuple[ssl.SSLContext, ssl.SSLContext | None]:
        if proxy_url or self._cert_file:  # these load more certificates into their context
            own: tuple[ssl.SSLContext, ssl.SSLContext | None]
            own = super()._build_ssl_contexts(proxy_url)  # type: ignore[misc]  # not in the stubs
            return own
        with self._building:
            if self._verify not in self._contexts:
                self._contexts[self._verify] = self._build_verify_context()
            return self._contexts[self._verify], None

    def _build_verify_context(self) -> ssl.SSLContext:
        try:
            context: ssl.SSLContext
            context = super()._build_verify_context()  # type: ignore[misc]  # not in the stubs
        except OSError as error:  # ssl.SSLError too; neither names the file
            reason = "it holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
            raise OSError(error.errno or 0, reason, str(self._verify)) from error
        return context


def keep_body(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Keep the body of a good JSON answer for our own decoders, not botocore's parser (`before-parse`)."""
    if response_dict["status_code"] >= 300 or "json" not in operation_model.service_model.resolved_protocol:
        return
    customized_response_dict[BODY] = response_dict["body"]
    response_dict["body"] = b"{}"
