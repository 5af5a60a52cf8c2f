"""The audit: rules over every name of some regions, with what they find as it is found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from ecrtui.domain.audit.checking import check_name, check_region, unlisted
from ecrtui.domain.audit.facts import NameFacts, RegionFacts, Unread
from ecrtui.domain.audit.report import Checked, Report, assemble
from ecrtui.domain.audit.rule import Rule
from ecrtui.domain.audit.rules import NAME_RULES, REGION_RULES, RULES
from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.names import NamingRule
from ecrtui.domain.verdict import Pairing
from ecrtui.services.audit_facts import Gathering, Survey
from ecrtui.services.polling import merged
from ecrtui.services.ports import Account, Clock
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready

_AT_ONCE = 8
"""Names that are looked at at once, over all regions."""
_TOLD_EVERY = 0.2
"""Seconds between two reports of what was found so far: each is put in order anew."""


async def audit(
    account: Account,
    regions: Sequence[str],
    *,
    rules: Collection[Rule[Any]] = RULES,
    naming: NamingRule | None = None,
    suppressions: Sequence[Suppression] = (),
    clock: Clock = time.time,
) -> AsyncGenerator[Loadable[Report], None]:
    """Check rules over regions: Loading with what was found so far, then Ready; Partial where parts were refused.

    Failed when nothing at all could be listed. Never raises AppError. Closing it ends what is still being asked.
    """
    gathering = Gathering(account, dict.fromkeys(regions), rules, naming, clock)
    audited = _Audited(gathering, rules, suppressions, clock)
    yield Loading(audited.report())
    survey = await gathering.survey()
    sides = [side for around in survey.arounds.values() for side in (around.projects, around.repositories)]
    if gathering.errors and all(isinstance(side, Unread) for side in sides) and not survey.pairings:
        yield Failed(gathering.errors[0], clock())
        return
    audited.surveyed(survey)
    yield Loading(audited.report())
    told = time.monotonic()
    async with aclosing(audited.names(survey)) as names:
        async for looked_at in names:
            if time.monotonic() - told >= _TOLD_EVERY or looked_at == len(survey.pairings):
                yield Loading(await asyncio.to_thread(audited.report), rows=looked_at)
                told = time.monotonic()
    await audited.join(survey)
    report = await asyncio.to_thread(audited.report)
    yield Partial(report, gathering.errors[0], clock()) if gathering.errors else Ready(report, clock())


class _Audited:
    """What was looked at so far, and what the rules say of it."""

    def __init__(
        self, gathering: Gathering, rules: Collection[Rule[Any]], suppressions: Sequence[Suppression], clock: Clock
    ) -> None:
        chosen = {rule.id for rule in rules}
        self._rules = tuple(rule for rule in RULES if rule.id in chosen)
        of_names = [rule for rule in NAME_RULES if rule.id in chosen]
        self._at_once = [rule for rule in of_names if not rule.last]
        self._last = [rule for rule in of_names if rule.last]
        self._of_regions = [rule for rule in REGION_RULES if rule.id in chosen]
        self._gathering = gathering
        self._suppressions = tuple(suppressions)
        self._clock = clock
        self._names = 0
        self._facts: list[NameFacts] = []
        self._checked: list[Checked] = []
        self._images = 0

    def report(self) -> Report:
        """Everything that is known so far."""
        gathering = self._gathering
        begun = Report(
            gathering.own,
            gathering.regions,
            self._rules,
            errors=tuple(gathering.errors),
            names=self._names,
            looked_at=len(self._facts),
            images=self._images,
        )
        return assemble(begun, self._checked, self._suppressions, self._clock())

    def surveyed(self, survey: Survey) -> None:
        """Note what could not be listed."""
        self._names = len(survey.pairings)
        self._checked += [unlisted(self._rules, around) for around in survey.arounds.values()]

    async def names(self, survey: Survey) -> AsyncGenerator[int, None]:
        """Look at every name, several at once; yields how many there were so far."""
        waiting = iter(survey.pairings)
        workers = [self._look(survey, waiting) for _ in range(min(_AT_ONCE, self._names))]
        async with aclosing(merged(*workers)) as looked:
            async for facts, checked in looked:
                self._facts.append(self._gathering.kept(facts))
                self._checked.append(checked)
                self._images += facts.listed_images
                yield len(self._facts)

    async def _look(self, survey: Survey, waiting: Iterator[Pairing]) -> AsyncIterator[tuple[NameFacts, Checked]]:
        for pairing in waiting:
            facts = await self._gathering.name(survey.arounds[pairing.region], pairing)
            yield facts, await asyncio.to_thread(check_name, self._at_once, facts)

    async def join(self, survey: Survey) -> None:
        """The rules that need all names at once."""
        facts = await self._gathering.joined(self._facts, survey.arounds)

        def checked() -> list[Checked]:
            by_region = [
                RegionFacts(around, tuple(one for one in facts if one.around.region == around.region))
                for around in survey.arounds.values()
            ]
            return [
                *(check_name(self._last, one) for one in facts),
                *(check_region(self._of_regions, one) for one in by_region),
            ]

        self._checked += await asyncio.to_thread(checked)
