"""Botocore's providers of credentials, made fit for a program that owns the terminal.

Programs are run apart (`credential_process`). A role that asks for an MFA code has it asked by whoever can ask, at
every renewal, and again when it was wrong; botocore would read it from the terminal, and refuse to renew.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiobotocore.credentials import (
    AioAssumeRoleCredentialFetcher,
    AioAssumeRoleProvider,
    AioCredentialResolver,
    AioDeferredRefreshableCredentials,
    AioProcessProvider,
)
from aiobotocore.session import AioSession
from botocore.exceptions import ClientError, CredentialRetrievalError

from ecrtui.aws.credential_process import ProcessProvider
from ecrtui.services.ports import CodeQuestion

Ask = Callable[[CodeQuestion], Awaitable[str]]
"""Asks a person for a code; raises `AppError` when none is given."""

_CODE = re.compile(r"[0-9]{6}")
_METADATA = ("iam-role", "container-role")
_METADATA_PATIENCE = 5.0
"""Seconds; botocore would wait longer for a container's (three times two seconds and more)."""


class QuietSession(AioSession):
    """A session whose providers leave the terminal alone. The three that hear of it are set before any is asked."""

    ask: Ask
    """Hears what a person is to answer."""
    _config: Any  # this and those below are not in the stubs
    _profile_map: Any
    _credentials: Any
    asks: Callable[[str], None]
    """Hears which provider (`METHOD`) is asked from now on."""
    runs: Callable[[str], None]
    """Hears of a credential program that is run."""

    def resolver(self, *, anew: bool = False) -> Any:
        """The chain of providers; with `anew` the AWS files are read again, and nothing is remembered."""
        if anew:
            former = self._config, self._profile_map
            self._config = self._profile_map = None
            try:
                self.get_scoped_config()
            except Exception:
                self._config, self._profile_map = former
                raise
        return self._create_credential_resolver()

    def _create_credential_resolver(self) -> Any:
        resolver = super()._create_credential_resolver()  # type: ignore[misc]  # not in the stubs
        given = resolver.get_provider("assume-role")
        role = _RoleProvider(
            load_config=given._load_config,
            client_creator=given._client_creator,
            cache=given.cache,
            profile_name=given._profile_name,
            credential_sourcer=given._credential_sourcer,
            profile_provider_builder=given._profile_provider_builder,
        )
        role.ask = self._ask
        role._profile_provider_builder._create_process_provider = self._process_provider
        resolver.providers[resolver.providers.index(given)] = role
        profile = self.get_config_variable("profile") or "default"
        resolver.providers = [
            self._process_provider(profile) if isinstance(provider, AioProcessProvider) else provider
            for provider in resolver.providers
        ]
        return _Resolver(resolver.providers, self.asks)

    async def _ask(self, question: CodeQuestion) -> str:
        return await self.ask(question)

    def _process_provider(self, profile_name: str) -> ProcessProvider:
        return ProcessProvider(profile_name, lambda: self.full_config, self.runs)


class _Resolver(AioCredentialResolver):
    """Says who is asked. Metadata are near, or not there at all: they are not waited for longer than that takes."""

    def __init__(self, providers: Any, asks: Callable[[str], None]) -> None:
        super().__init__(providers)
        self._asks = asks

    async def load_credentials(self) -> Any:  # type: ignore[override]  # as aiobotocore's own
        for provider in self.providers:
            self._asks(provider.METHOD or "")
            found = await self._loaded(provider)
            if found is not None:
                return found
        return None

    @staticmethod
    async def _loaded(provider: Any) -> Any:
        if provider.METHOD not in _METADATA:
            return await provider.load()
        try:
            async with asyncio.timeout(_METADATA_PATIENCE):
                return await provider.load()
        except TimeoutError as error:
            if provider.METHOD == "iam-role":
                return None  # the last resort: this is no instance of EC2
            raise CredentialRetrievalError(
                provider=provider.METHOD, error_msg=f"no answer within {_METADATA_PATIENCE:g} s"
            ) from error


class _RoleProvider(AioAssumeRoleProvider):
    """Botocore's, whose roles can be assumed anew with another MFA code."""

    ask: Ask
    _get_role_config: Any  # these are not in the stubs
    _resolve_source_credentials: Any
    _loaded_config: Any
    _client_creator: Any
    _profile_provider_builder: Any

    async def _load_creds_via_assume_role(self, profile_name: str) -> Any:
        role = self._get_role_config(profile_name)
        source = await self._resolve_source_credentials(role, profile_name)
        profile = self._loaded_config["profiles"][profile_name]
        arguments = {
            argument: role.get(key)
            for argument, key in (
                ("RoleSessionName", "role_session_name"),
                ("ExternalId", "external_id"),
                ("SerialNumber", "mfa_serial"),
                ("DurationSeconds", "duration_seconds"),
            )
            if role.get(key) is not None
        }
        fetcher = _RoleFetcher(
            self.ask,
            CodeQuestion(profile_name, role["role_arn"], profile.get("mfa_serial", "")),
            client_creator=self._client_creator,
            source_credentials=source,
            role_arn=role["role_arn"],
            extra_args=arguments,
            cache=self.cache,
        )
        return AioDeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)


class _RoleFetcher(AioAssumeRoleCredentialFetcher):
    def __init__(self, ask: Ask, question: CodeQuestion, **options: Any) -> None:
        super().__init__(mfa_prompter=lambda _: self._code, **options)
        self._ask = ask
        self._question = question
        self._code = ""

    async def _get_credentials(self) -> Any:
        if not self._question.device:
            return await super()._get_credentials()  # type: ignore[misc]
        question = self._question
        while True:
            self._code = (await self._ask(question)).strip()
            if not _CODE.fullmatch(self._code):
                question = replace(question, problem="a code has six digits")
                continue
            try:
                return await super()._get_credentials()  # type: ignore[misc]
            except ClientError as error:
                if not _code_was_wrong(error):
                    raise
            finally:
                self._code = ""
            question = replace(question, problem="that code was not accepted; wait for the next one")


def _code_was_wrong(error: ClientError) -> bool:
    """STS: AccessDenied, `MultiFactorAuthentication failed with invalid MFA one time pass code`."""
    return "MultiFactorAuthentication failed" in str(error.response.get("Error", {}).get("Message", ""))
