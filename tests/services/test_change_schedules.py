"""Random schedules: wishes, faults, other people, other logins, kills. Nothing is made twice, nothing goes that was not
confirmed, every change is journalled, and nothing is claimed that is not so.

`SCHEDULES=1000` says how many are tried (`make faults`).
"""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from memory import REGION
from schedules import ME, OPERATIONS, SENT, SOMEBODY, Killed, World

from ecrtui.domain.change import ChangeResult, Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import Identity
from ecrtui.services.trace import Resolution

Event = tuple[str, int]
SCHEDULES = int(os.environ.get("SCHEDULES", "60"))
EVENTS = ("moved", "pushed", "gone", "used", "held", "policed", "protected", "created", "built")
READS = (
    "sts:GetCallerIdentity",
    "ecr:DescribeRepositories",
    "ecr:DescribeImages",
    "ecr:BatchGetImage",
    "ecr:GetLifecyclePolicy",
    "ecr:ListTagsForResource",
    "codebuild:BatchGetProjects",
    "codebuild:BatchGetBuilds",
    "codebuild:ListBuildsForProject",
    "ecs:ListClusters",
)
FAILURES = (ErrorKind.THROTTLED, ErrorKind.NETWORK, ErrorKind.DENIED, ErrorKind.MALFORMED, ErrorKind.CREDENTIALS)
NUMBERS = st.integers(0, 23)
COUNTS = st.integers(0, 3)
RIVAL = "the same"
RIVALS = {
    "build": "built",
    "create": "created",
    "put": "policed",
    "unset": "policed",
    "protect": "protected",
    "tag": "moved",
    "untag": "moved",
    "delete": "moved",
    "drop": "pushed",
}
"""What others do to the very thing that a wish of that kind is about."""
LOGINS = {"other login": SOMEBODY, "new keys": ME}
EVENT = st.tuples(st.just(RIVAL) | st.sampled_from((*EVENTS, *LOGINS)), NUMBERS)
OWN = "its own call"
FAULT = st.one_of(
    st.tuples(st.just("fails"), st.sampled_from(READS), st.sampled_from(FAILURES), COUNTS, COUNTS),
    st.tuples(st.just("fails"), st.just(OWN), st.sampled_from((*FAILURES, ErrorKind.CONFLICT)), st.just(0), COUNTS),
    st.tuples(st.just("loses"), st.just(OWN), st.booleans(), COUNTS),
    st.tuples(st.just("refuses")),
)
MOMENTS = st.integers(1, 24) | st.just(SENT)


class Schedule(RuleBasedStateMachine):
    """One person's session, or several, one after the other."""

    @initialize(lateness=st.integers(0, 9))
    def begins(self, lateness: int) -> None:
        self.world = World(lateness)
        self.builds = 0
        """Wishes to build that were applied."""

    @rule(
        kind=st.sampled_from(sorted(OPERATIONS)),
        number=NUMBERS,
        between=st.lists(EVENT, max_size=2),
        faults=st.lists(FAULT, max_size=3),
        meanwhile=st.dictionaries(MOMENTS, EVENT, max_size=2),
        killed=st.none() | MOMENTS,
    )
    def changes(
        self,
        kind: str,
        number: int,
        between: list[Event],
        faults: list[tuple[Any, ...]],
        meanwhile: dict[int | str, Event],
        killed: int | str | None,
    ) -> None:
        """A person confirms something; what happens until it is applied, and while it is."""
        wish = asyncio.run(self.world.confirm(kind, number))
        if wish is None or not wish.steps:
            return
        then = self.world.facts()
        for event in between:
            self._happens(kind, event, number)
        for fault in faults:
            self._ails(OPERATIONS[kind], *fault)
        self.builds += kind == "build"
        due = {at: partial(self._happens, kind, event, number) for at, event in meanwhile.items()}
        if killed is not None:
            due[killed] = self._kill
        before, effects = len(self.world.journal.written), len(self.world.effects)
        try:
            results = asyncio.run(self.world.apply(wish, then, due))
        except Killed:
            pass
        else:
            self._judge(results, before, effects, alone=not meanwhile)
        finally:
            self._all_is_well()

    def _happens(self, kind: str, event: Event, about: int) -> None:
        """An event while a wish of that kind is on its way, `about` being its number."""
        name, number = event
        if name in LOGINS:
            self.world.log_in(LOGINS[name])
        elif name == RIVAL:
            self.world.others(RIVALS[kind], about + 4 * number)
        else:
            self.world.others(name, number)

    def _ails(self, own: str, how: str, *what: Any) -> None:
        account = self.world.account
        match how, *what:
            case "fails", action, kind, after, times:
                account.faults.fail(own if action == OWN else action, kind, after=after, times=times)
            case "loses", _, applied, times:
                account.faults.lose_reply(own, applied=applied, times=times)
            case _:
                account.read_only = True

    def _all_is_well(self) -> None:
        self.world.account.faults.clear()
        self.world.account.read_only = False
        self.world.log_in(ME)

    def _kill(self) -> None:
        raise Killed

    def _judge(self, results: list[ChangeResult], before: int, effects: int, *, alone: bool) -> None:
        """What is told of changes is what was journalled of them, and what was done."""
        written = self.world.journal.written[before:]
        done = {effect.intent for effect in self.world.effects[effects:]}
        told = [result for result in results if "not tried" not in result.detail and not _read_only(result)]
        assert [entry.outcome for entry in written[::2]] == ["intent"] * len(told)
        for intent, end, result in zip(written[::2], written[1::2], told, strict=True):
            assert (intent.id, intent.operation) == (end.id, result.change.call.operation)
            assert (end.outcome, end.request_id) == (result.outcome.value, result.request_id)
            if result.outcome in (Outcome.FAILED, Outcome.REFUSED):
                assert intent.id not in done, f"{result.outcome}, but it was done"
            if result.outcome is Outcome.DONE and alone:
                assert intent.id in done, f"{result.detail}, but not by us"
                assert end.request_id or result.response != {}

    @rule(faults=st.lists(FAULT, max_size=2), who=st.sampled_from([ME, SOMEBODY]))
    def starts_again(self, faults: list[tuple[Any, ...]], who: Identity) -> None:
        """A new process looks up what has no end."""
        self.world.log_in(who)
        for fault in faults:
            self._ails("", *fault)
        self._look_back()
        self._all_is_well()

    def _look_back(self) -> None:
        sent = len(self.world.account.sent)
        try:
            resolved = asyncio.run(self.world.look_back())
        except AppError:
            return
        assert len(self.world.account.sent) == sent, "reconciling sends nothing"
        done = {effect.intent for effect in self.world.effects}
        for each in resolved:
            if each.entry.id in self.world.disturbed:
                continue
            if each.resolution is Resolution.DONE:
                assert each.entry.id in done, f"{each.title}: {each.detail}, but it was not done"
            if each.resolution is Resolution.NOT_DONE:
                assert each.entry.id not in done, f"{each.title}: {each.detail}, but it was done"

    def teardown(self) -> None:
        """However it went: no build too many, and at a start in peace every change gets its end."""
        if not hasattr(self, "world"):
            return
        ours = [build for build in self.world.account.area(REGION).builds.values() if build.initiator == "tester"]
        assert len(ours) <= self.builds
        self._look_back()
        ended = {entry.id for entry in self.world.journal.written if entry.outcome != "intent"}
        assert ended == {entry.id for entry in self.world.journal.written}
        intents = [effect.intent for effect in self.world.effects if effect.call.operation != "StartBuild"]
        assert len(set(intents)) == len(intents), "carried out twice"


def _read_only(result: ChangeResult) -> bool:
    return isinstance(result.error, AppError) and result.error.kind is ErrorKind.READ_ONLY


@pytest.mark.fault("B35", "C47", "C48", "C50", "E78", "E80", "E83", "E85")
def test_whatever_happens_nothing_is_made_twice_nothing_goes_unconfirmed_and_all_is_journalled() -> None:
    run_state_machine_as_test(
        Schedule, settings=settings(max_examples=SCHEDULES, stateful_step_count=20, deadline=None)
    )
