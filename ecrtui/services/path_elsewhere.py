"""What the path of a name has to know of other names and regions: where its project pushes to, and what copies here."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.names import can_name_repository
from ecrtui.domain.project import Project
from ecrtui.domain.pushtargets import push_evidence
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.repository import Repository
from ecrtui.services.path_parts import PathParts
from ecrtui.services.ports import Account

_TARGETS = 3
"""Repositories of other names that a project may push to, and that are looked up."""


async def targets_of(account: Account, project: Project, parts: PathParts) -> dict[str, list[Repository]]:
    """The repositories of other names or regions that the project pushes to, where they exist; by region.

    A region in which one cannot be looked up is left out: what is there cannot be seen.
    """
    references = [target.reference for target in push_evidence(project, parts.account_id).targets]
    others = [
        reference
        for reference in references
        if reference is not None
        and reference.registry_id == parts.account_id != ""
        and (reference.region, reference.repository) != (parts.region, parts.name)
        and can_name_repository(reference.repository)
    ]
    places = list(dict.fromkeys((one.region, one.repository) for one in others))[:_TARGETS]
    answers = await asyncio.gather(*(_looked_up(account, *place) for place in places))
    found: dict[str, list[Repository]] = {region: [] for region, _ in places}
    for (region, _), answer in zip(places, answers, strict=True):
        if isinstance(answer, AppError):
            found.pop(region, None)
        elif answer is not None and region in found:
            found[region].append(answer)
    return found


async def _looked_up(account: Account, region: str, name: str) -> Repository | AppError | None:
    try:
        return await account.registry(region).repository(name)
    except AppError as error:
        return None if error.kind is ErrorKind.NOT_FOUND else error


async def rules_of(account: Account, regions: Collection[str]) -> Mapping[str, RegistrySettings]:
    """The registries' own settings, which say what AWS fills by itself; a region that refuses is left out."""

    async def ask(region: str) -> RegistrySettings | None:
        try:
            return await account.registry(region).settings()
        except AppError:
            return None

    found = zip(regions, await asyncio.gather(*map(ask, regions)), strict=True)
    return {region: rules for region, rules in found if rules is not None}
