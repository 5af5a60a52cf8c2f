"""What roles may do, by IAM's own simulator (domain reference, section 5)."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ecrtui.aws.batches import gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.values import member, objects, text, texts
from ecrtui.domain.permission import Decision, Simulated

REMEMBERED = 900.0
"""Seconds for which an answer is good."""

_ANYWHERE = frozenset({"ecr:GetAuthorizationToken"})
"""Actions that know no resource: they are simulated on `*`, whatever was asked for."""
_PAGE = 1000
_DECISIONS = {
    "allowed": Decision.ALLOWED,
    "explicitDeny": Decision.EXPLICIT_DENY,
    "implicitDeny": Decision.IMPLICIT_DENY,
}
_Question = tuple[str, tuple[str, ...], tuple[str, ...]]
"""A role, actions and resources."""
_Answer = tuple[Simulated, ...]


class IamPermissions:
    """The port `Permissions` over SimulatePrincipalPolicy."""

    def __init__(self, caller: Caller, clock: Callable[[], float] = time.monotonic) -> None:
        self._caller = caller
        self._clock = clock
        self._known: dict[_Question, tuple[float, _Answer]] = {}
        self._asking: dict[_Question, asyncio.Lock] = {}

    async def simulate(
        self, role: str, actions: Sequence[str], resources: Sequence[str], *, fresh: bool = False
    ) -> tuple[Simulated, ...]:
        """What the role's own policies, boundary and SCPs say of every action on every resource.

        `ecr:GetAuthorizationToken` is answered once, on `*`. Answers are remembered for 15 minutes, unless a
        `fresh` one is asked for.
        """
        anywhere = tuple(dict.fromkeys(action for action in actions if action in _ANYWHERE))
        others = tuple(dict.fromkeys(action for action in actions if action not in _ANYWHERE))
        questions: list[_Question] = [
            (role, named, places)
            for named, places in ((anywhere, ("*",)), (others, tuple(dict.fromkeys(resources))))
            if named and places
        ]
        answers = await gathered(self._answer(question, fresh) for question in questions)
        return tuple(simulated for answer in answers for simulated in answer)

    async def _answer(self, question: _Question, fresh: bool) -> _Answer:
        async with self._asking.setdefault(question, asyncio.Lock()):
            at, answer = self._known.get(question, (-math.inf, ()))
            if fresh or self._clock() - at > REMEMBERED:
                answer = await self._ask(question)
                self._known[question] = (self._clock(), answer)
            return answer

    async def _ask(self, question: _Question) -> _Answer:
        role, actions, resources = question
        what = f"simulate what {role} may do"

        async def fetch(marker: str | None) -> tuple[list[dict[str, Any]], str | None]:
            asked: dict[str, Any] = {
                "PolicySourceArn": role,
                "ActionNames": list(actions),
                "ResourceArns": list(resources),
                "MaxItems": _PAGE,
            } | ({"Marker": marker} if marker else {})
            answer = await self._caller.read(
                "SimulatePrincipalPolicy", asked, what, required={"EvaluationResults": list}
            )
            more = text(answer.get("Marker")) if answer.get("IsTruncated") is True else ""
            return objects(answer["EvaluationResults"]), more or None

        found: dict[tuple[str, str], Simulated] = {}
        async for results, _ in pages(fetch, what, self._caller.region):
            for result in results:
                found |= {(each.action, each.resource): each for each in _simulated(result, resources)}
        wanted = ((action, resource) for action in actions for resource in resources)
        return tuple(found.get(pair) or Simulated(*pair, Decision.UNKNOWN) for pair in wanted)


def _simulated(result: dict[str, Any], resources: Sequence[str]) -> Iterator[Simulated]:
    """What one result says: of each resource by itself, else of the only one that was asked for."""
    specific = objects(result.get("ResourceSpecificResults"))
    for each in specific:
        decision = text(each.get("EvalResourceDecision"))
        yield _decided(result, each, text(each.get("EvalResourceName")), decision)
    if not specific:
        resource = text(result.get("EvalResourceName"))
        resource = resource if resource in resources or len(resources) != 1 else resources[0]
        yield _decided(result, result, resource, text(result.get("EvalDecision")))


def _decided(result: dict[str, Any], details: dict[str, Any], resource: str, decision: str) -> Simulated:
    missing = texts(details.get("MissingContextValues")) or texts(result.get("MissingContextValues"))
    decided = Decision.UNKNOWN if missing else _DECISIONS.get(decision, Decision.UNKNOWN)
    capped = (
        member(details, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary"),
        member(result, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary"),
        member(result, "OrganizationsDecisionDetail", "AllowedByOrganizations"),
    )
    boundary = decided is not Decision.ALLOWED and False in capped
    return Simulated(text(result.get("EvalActionName")), resource, decided, boundary, missing)
