"""Whether a repository's project can push to it, and what runs its images can pull: gathering what decides that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.names import can_name_project
from ecrtui.domain.permission import TOKEN, Actor, Simulated, Simulations, Verdict, actors
from ecrtui.domain.permission_verdicts import can_simulate, verdicts
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository
from ecrtui.domain.usage import UseIndex
from ecrtui.services.ports import Account, Permissions

T = TypeVar("T")

_AT_ONCE = 4
_RESOURCES = 50
"""Repositories that are simulated in one call."""


@dataclass(frozen=True, slots=True)
class PermissionReport:
    """Who may do what with one repository, and what that was drawn from."""

    repository: Repository
    project: Project | None
    """The project of the repository's name; None where there is none, or it could not be read."""
    policy: str | AppError | None
    """The repository policy's text; None where none is set."""
    verdicts: tuple[Verdict, ...]
    unchecked: tuple[str, ...] = ()
    """What could not be looked at for uses, as sentences: somebody else may pull, too."""
    errors: tuple[AppError, ...] = ()
    """What could not be read, the policy among it."""


async def load_permissions(
    account: Account, region: str, name: str, uses: UseIndex, *, fresh: bool = False
) -> PermissionReport:
    """Ask everything that decides about one repository; `uses` are those of all regions in scope.

    Answers of IAM may be some minutes old, unless `fresh` ones are asked for.
    A part that is refused costs that part, and is in the report. AppError when there is no such repository.
    """
    repository, project, policy, own = await asyncio.gather(
        _tried(account.registry(region).repository(name)),
        _project(account, region, name),
        repository_policy(account, region, name),
        _own_account(account),
    )
    if isinstance(repository, AppError):
        raise repository
    found_project = None if isinstance(project, AppError) else project
    who = actors(repository.arn, found_project, uses.of(repository), own)
    simulations = await simulate(account.permissions(), [(repository.arn, who)], own, fresh=fresh)
    refused = (answer for answer in simulations.values() if isinstance(answer, AppError))
    unread = (error for error in (project, policy, *refused) if isinstance(error, AppError))
    return PermissionReport(
        repository,
        found_project,
        policy,
        verdicts(repository.arn, who, policy, simulations),
        uses.unchecked,
        tuple(error for error in unread if error.kind is not ErrorKind.NOT_FOUND),
    )


async def repository_policy(account: Account, region: str, name: str) -> str | AppError | None:
    """The repository policy's text (None: none is set), or why it could not be read."""
    return await _tried(account.registry(region).repository_policy(name))


async def simulate(
    permissions: Permissions,
    wanted: Iterable[tuple[str, Sequence[Actor]]],
    own_account: str = "",
    *,
    fresh: bool = False,
) -> Simulations:
    """What IAM says of the roles of some repositories (by ARN, with their actors): each role once.

    Roles of other accounts than `own_account` (empty: not known) are left out, since IAM knows nothing of them. A
    role that cannot be simulated has its error.
    """
    needs = _needs(wanted, own_account)
    slots = asyncio.Semaphore(_AT_ONCE)

    async def ask(role: str, need: _Need) -> tuple[Simulated, ...] | AppError:
        async with slots:
            return await _tried(_simulated(permissions, role, need, fresh))

    answers = await asyncio.gather(*(ask(role, need) for role, need in needs.items()))
    return dict(zip(needs, answers, strict=True))


@dataclass(slots=True)
class _Need:
    """What is to be asked of one role."""

    actions: dict[str, None]
    repositories: dict[str, None]


def _needs(wanted: Iterable[tuple[str, Sequence[Actor]]], own_account: str) -> Mapping[str, _Need]:
    needs: dict[str, _Need] = {}
    for arn, who in wanted:
        for actor in who:
            caller = actor.caller
            if can_simulate(caller.role) and (not own_account or caller.account == own_account):
                need = needs.setdefault(caller.role, _Need({}, {}))
                need.actions.update(dict.fromkeys(actor.actions))
                need.repositories[arn] = None
    return needs


async def _simulated(permissions: Permissions, role: str, need: _Need, fresh: bool) -> tuple[Simulated, ...]:
    """The token first: a role that cannot be simulated is asked about once."""
    found = [*await permissions.simulate(role, [TOKEN], ["*"], fresh=fresh)]
    arns = [*need.repositories]
    for start in range(0, len(arns), _RESOURCES):
        batch = arns[start : start + _RESOURCES]
        found += await permissions.simulate(role, [*need.actions], batch, fresh=fresh)
    return tuple(found)


async def _project(account: Account, region: str, name: str) -> Project | AppError | None:
    if not can_name_project(name):
        return None
    found = await _tried(account.builds(region).project(name))
    return None if isinstance(found, AppError) and found.kind is ErrorKind.NOT_FOUND else found


async def _own_account(account: Account) -> str:
    """The account's id; empty where it cannot be asked."""
    found = await _tried(account.identity())
    return "" if isinstance(found, AppError) else found.account


async def _tried(asking: Awaitable[T]) -> T | AppError:
    """The answer, or why there is none."""
    try:
        return await asking
    except AppError as error:
        return error
