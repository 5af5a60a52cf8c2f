"""The broker of an account's credentials: found and renewed once for all that wait for them.

frozen()            what signs the next request; waits for the one search or renewal that runs
renewed(version)    those of `version` were refused: whether there are others now
again()             look anew, whatever failed before
only(version)       sign with those of `version` and no others, in this task
"""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from aiobotocore.credentials import AioCredentials
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError

from ecrtui.aws import codes, logins
from ecrtui.aws.boto import load_models
from ecrtui.aws.credential_errors import given_up, nobody_to_ask, not_found, replaced
from ecrtui.aws.failures import Failure
from ecrtui.aws.loss import Loss
from ecrtui.aws.providers import Ask, QuietSession
from ecrtui.aws.waiting import Waiting
from ecrtui.domain.errors import AppError
from ecrtui.services.ports import CodeQuestion

_PATIENCE = 20.0
"""Seconds for a search or a renewal: it may wait for IMDS, for SSO, or for a program. A person has all the time."""

_REMEMBERED = 5.0
"""Seconds for which a failure to find credentials is answered again without another search."""

_AHEAD = 360.0
"""Seconds between two renewals that are tried ahead of time, beside the calls."""

_NEVER = float("inf")


class Credentials:
    """Implements `ports.Login`. Everything that fails is a CREDENTIALS `AppError`."""

    def __init__(self, session: QuietSession, profile: str, *, given: bool = False) -> None:
        """`given` credentials are those of the session, and there are no others."""
        self._session = session
        self._profile = profile
        self._given = given
        self._found: Any = session._credentials if given else None
        self._frozen: Any = None
        self._version = 0
        self._flight: asyncio.Task[None] | None = None
        self._deadline: asyncio.Timeout | None = None
        self._ahead_at = 0.0
        self._failure: tuple[AppError, float] | None = None
        self._stopped = False
        self._vain_until = 0.0
        self._asker: Ask | None = None
        self._loss = Loss(self.again)
        self._waiting = Waiting(self._loss.tell)
        session.ask, session.asks, session.runs = self._ask, self._waiting.asks, self._waiting.runs
        if not given:
            session._credentials = _Brokered(self)

    # -- ports.Login --------------------------------------------------------------------------------------

    @property
    def problem(self) -> AppError | None:
        """Why requests cannot be signed now, or are refused; None while all is well."""
        return self._loss.problem

    @property
    def version(self) -> int:
        """Which credentials these are: another number each time they are replaced."""
        return self._version

    @property
    def command(self) -> tuple[str, ...]:
        """The command that logs in anew; empty where none does."""
        return () if self._given else logins.login_command(self._session.full_config, self._profile)

    @property
    def waiting_for(self) -> str:
        """Who is asked for credentials and has kept one waiting (`the SSO portal`); empty when nobody has."""
        return self._waiting.words

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when they are lost, when they are back, and when another is waited for."""
        self._loss.on_change(listener)

    def asks(self, ask: Ask) -> None:
        """Have MFA codes asked so."""
        self._asker = ask

    async def again(self) -> bool:
        """Look for credentials anew, whatever failed before; whether nothing is known to be wrong then."""
        self._failure, self._vain_until = None, 0.0
        await self._look_anew()
        return self._loss.problem is None

    def stop(self) -> None:
        """Wait no longer for who is waited for; that is not asked again by itself."""
        if self.waiting_for and self._deadline is not None:
            self._stopped = True
            self._deadline.reschedule(asyncio.get_running_loop().time())

    # -- for the calls ------------------------------------------------------------------------------------

    async def ready(self) -> int:
        """Return when there are credentials to sign with: their version."""
        await self.frozen()
        return self._version

    async def frozen(self) -> Any:
        """What to sign with now; refused where only others are wanted."""
        current = await self._latest()
        if _wanted.get() not in (None, self._version):
            raise replaced()
        return current

    @contextmanager
    def only(self, version: int) -> Iterator[None]:
        """Have what this task sends meanwhile signed with the credentials of `version`, or not sent."""
        token = _wanted.set(version)
        try:
            yield
        finally:
            _wanted.reset(token)

    async def _latest(self) -> Any:
        current = self._current()
        if current is None:
            await self._fail_again()
            await self._fly()
            if self._failure is not None:
                raise replace(self._failure[0])
            current = self._frozen
        if current != self._frozen:
            self._frozen = current
            self._version += 1
        return current

    async def renewed(self, version: int, refusal: AppError) -> bool:
        """Whether there are others than those of `version`, which AWS refused; looked for once."""
        if version == self._version and not self._given and time.monotonic() >= self._vain_until:
            await self._look_anew()
        if version != self._version and self._failure is None:
            return True
        self._vain_until = time.monotonic() + _REMEMBERED
        if not codes.rule(refusal.code, 0, "").signature:
            refusal.remedy = self._renewal
        self._loss.refused(refusal, version, for_good=self._given)
        return False

    def accepted(self) -> None:
        """A request that was signed with them was answered."""
        self._loss.accepted()

    async def close(self) -> None:
        """End what runs."""
        await self._loss.close()
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.gather(self._flight, return_exceptions=True)

    # -- the one search or renewal ------------------------------------------------------------------------

    def _current(self) -> Any:
        """What can be used without waiting, or None; what runs out soon is renewed beside the calls."""
        found: Any = self._found
        if found is None:
            return None
        if not hasattr(found, "refresh_needed"):
            return ReadOnlyCredentials(found.access_key, found.secret_key, found.token)
        if found.refresh_needed(found._mandatory_refresh_timeout):
            return None
        if found.refresh_needed() and time.monotonic() - self._ahead_at > _AHEAD:
            self._ahead_at = time.monotonic()
            self._take_off(anew=False, awaited=False)
        return found._frozen_credentials

    async def _look_anew(self) -> None:
        if not self._given:
            await self._fly(anew=True)

    async def _fly(self, *, anew: bool = False) -> None:
        await asyncio.shield(self._take_off(anew=anew))

    def _take_off(self, *, anew: bool, awaited: bool = True) -> asyncio.Task[None]:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.ensure_future(self._renew(anew, awaited))
        return self._flight

    async def _renew(self, anew: bool, awaited: bool) -> None:
        """Find or renew them. What fails is kept in `_failure`, for all who wait."""
        self._stopped = False
        if awaited:
            self._waiting.begins()
        try:
            await self._loss.lookout.mark()
            async with asyncio.timeout(_PATIENCE) as self._deadline:
                found = await self._search(anew) if anew or self._found is None else self._found
                self._waiting.asks(found.method)
                frozen = await found.get_frozen_credentials()
        except AppError as error:
            self._fail(Failure(error, False), _NEVER)  # a person did not answer: that is not asked again by itself
        except Exception as error:  # noqa: BLE001  # a broken SSO cache or program raises anything
            self._fail(self._failed(error), _NEVER if self._stopped else time.monotonic() + _REMEMBERED)
        else:
            self._found, self._failure = found, None
            if frozen != self._frozen:
                self._frozen = frozen
                self._version += 1
            self._loss.found(self._version)
        finally:
            self._waiting.ends()

    async def _search(self, anew: bool) -> Any:
        await asyncio.to_thread(self._prepare)
        resolver = await asyncio.to_thread(self._session.resolver, anew=anew or self._loss.problem is not None)
        found = await resolver.load_credentials()
        if found is None:
            raise NoCredentialsError
        return found

    def _prepare(self) -> None:
        """Load what the search needs of botocore's models: that takes long, and reads the disk."""
        if self.command:
            load_models(self._session.get_component("data_loader"), ("sso", "sso-oidc"))

    async def _ask(self, question: CodeQuestion) -> str:
        if self._asker is None or self._deadline is None:
            raise nobody_to_ask(question)
        self._deadline.reschedule(None)
        self._waiting.ends()
        try:
            return await self._asker(question)
        finally:
            self._deadline.reschedule(asyncio.get_running_loop().time() + _PATIENCE)
            self._waiting.begins("assume-role")

    # -- what fails ---------------------------------------------------------------------------------------

    def _fail(self, failed: Failure, until: float) -> None:
        self._waiting.ends()
        self._found, self._failure = None, (failed.error, until)
        self._loss.none_found(failed.error, passes=failed.transient)

    async def _fail_again(self) -> None:
        """Answer a failure of just now without another search, unless somebody has logged in since."""
        if self._failure is not None:
            error, until = self._failure
            if time.monotonic() < until and not await self._loss.lookout.changed():
                raise replace(error)

    @property
    def _renewal(self) -> str:
        """What renews them, as a sentence."""
        if self.command:
            return f"Run `{shlex.join(self.command)}`."
        if getattr(self._found, "method", "") == "env":
            return "They are of environment variables: leave, set new ones, and start again; or take another profile."
        return f"Renew the credentials of the profile {self._profile}."

    def _failed(self, error: Exception) -> Failure:
        if self._stopped:
            return Failure(given_up(self._waiting.asked), False)
        return not_found(error, self._profile, self._renewal, self._waiting.asked, _PATIENCE)


_wanted: ContextVar[int | None] = ContextVar("_wanted", default=None)
"""The version that alone may sign what this task sends; None: any."""


class _Brokered(AioCredentials):
    """What botocore's clients sign with: whatever the broker has at that moment."""

    def __init__(self, broker: Credentials) -> None:
        super().__init__("", "", method="ecrtui")
        self._broker = broker

    async def get_frozen_credentials(self) -> Any:  # type: ignore[override]  # as aiobotocore's own
        return await self._broker.frozen()
