"""Botocore's providers of credentials, made fit for a program that owns the terminal.

Programs (credential_process) neither read our keys nor write to our screen, and end with their children when nobody
waits for them any more. A role that asks for an MFA code has it asked by whoever can ask, at every renewal, and
again when it was wrong; botocore would read it from the terminal, and refuse to renew.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

from aiobotocore.credentials import (
    AioAssumeRoleCredentialFetcher,
    AioAssumeRoleProvider,
    AioDeferredRefreshableCredentials,
    AioProcessProvider,
)
from aiobotocore.session import AioSession
from botocore.exceptions import ClientError

from ecrtui.services.ports import CodeQuestion

Ask = Callable[[CodeQuestion], Awaitable[str]]
"""Asks a person for a code; raises `AppError` when none is given."""

_CODE = re.compile(r"[0-9]{6}")


class QuietSession(AioSession):
    """A session whose providers leave the terminal alone. `ask` is there before credentials are looked for."""

    ask: Ask
    _config: Any  # this and those below are not in the stubs
    _profile_map: Any
    _credentials: Any
    program: str = ""
    """The credential program that runs now, or empty."""

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
        for provider in resolver.providers:
            if isinstance(provider, AioProcessProvider):
                provider._popen = self._popen  # type: ignore[attr-defined]  # not in the stubs
        return resolver

    async def _ask(self, question: CodeQuestion) -> str:
        return await self.ask(question)

    def _process_provider(self, profile_name: str) -> AioProcessProvider:
        return AioProcessProvider(profile_name=profile_name, load_config=lambda: self.full_config, popen=self._popen)

    async def _popen(self, *command: str, **options: Any) -> _Program:
        """Start a credential program away from the terminal: it could read our keys otherwise."""
        self.program = command[0]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.DEVNULL, start_new_session=True, **options
        )
        return _Program(process, partial(setattr, self, "program", ""))


class _Program:
    """A credential program: with its children it ends when nobody waits for it any more."""

    def __init__(self, process: asyncio.subprocess.Process, ended: Callable[[], None]) -> None:
        self._process = process
        self._ended = ended

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        try:
            said = await self._process.communicate()
        finally:
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                await self._process.wait()
        self._ended()
        return said


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
