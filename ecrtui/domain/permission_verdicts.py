"""May a role push to a repository, or pull from it: what IAM's simulator and the repository's policy say together.

Rules: domain reference, section 5. An explicit deny anywhere wins; within one account the role's policies or the
repository's must allow it, across accounts both; the login token is a matter of the role's policies alone;
boundaries and organisations cap. Whatever is not certain is unknown, never ok.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.permission import (
    SIMULATE,
    TOKEN,
    Access,
    Actor,
    Caller,
    Decision,
    Gap,
    Mend,
    Place,
    Simulated,
    Simulations,
    Verdict,
    role_label,
)
from ecrtui.domain.policy_evaluation import evaluate
from ecrtui.domain.ternary import Ternary, every, negated, some

_ROLE = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)


def verdicts(
    repository_arn: str,
    actors: Iterable[Actor],
    policy: str | AppError | None,
    simulations: Simulations,
    *,
    organization: str = "",
) -> tuple[Verdict, ...]:
    """The answer for each actor.

    `policy` is the repository policy's text (None: none is set), or why it could not be read. A role that the
    simulations lack was not simulated. `organization` is the id of the roles' organisation, where it is known.
    """
    return tuple(_Case(repository_arn, actor, policy, simulations, organization).verdict() for actor in actors)


def can_simulate(role: str) -> bool:
    """Whether it is the ARN of a role, which IAM can be asked about."""
    return _ROLE.fullmatch(role) is not None


@dataclass(frozen=True, slots=True)
class _Said:
    """What one side says of one action."""

    place: Place
    allow: Ternary
    deny: Ternary
    by: str = ""
    """The statement that denies it."""
    doubts: tuple[str, ...] = ()
    unread: bool = False
    """Whether it is unknown since it could not be read."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the sides come to for one action."""

    action: str
    sides: tuple[_Said, ...]
    allowed: Ternary

    @property
    def denying(self) -> list[_Said]:
        return [side for side in self.sides if side.deny]

    @property
    def mendable(self) -> bool:
        """Whether a statement that allows it would be heard: nothing denies it, or may."""
        if self.allowed is False:
            return not self.denying
        return self.allowed is None and all(side.deny is False for side in self.sides)


@dataclass(frozen=True, slots=True)
class _Case:
    """One actor before one repository."""

    repository_arn: str
    actor: Actor
    policy: str | AppError | None
    simulations: Simulations
    organization: str

    @property
    def crosses(self) -> bool:
        """Whether the repository is another account's, as far as that is known."""
        return self.actor.caller.account != Caller(source=self.repository_arn).account

    def verdict(self) -> Verdict:
        """What all actions come to."""
        if said := self._without_role():
            return said
        answers = [self._answer(action) for action in self.actor.actions]
        if self.actor.logs_in:
            answers.insert(0, self._token())
        if all(answer.allowed for answer in answers):
            return Verdict(self.actor, Access.OK, _why_ok(answers))
        gaps = tuple(gap for answer in answers if answer.allowed is False for gap in self._gaps(answer))
        mends = self._mends(answers)
        if not gaps:
            return self._undecided(answers, mends)
        if self._adds_itself(gaps):
            return Verdict(self.actor, Access.UNKNOWN, _ADDED, mends=mends)
        return Verdict(self.actor, Access.BROKEN, _missing(gaps), gaps, mends)

    def _without_role(self) -> Verdict | None:
        """The answer where there is nobody to ask about."""
        role, kind = self.actor.caller.role, self.actor.kind
        if self.actor.caller.service:
            return None
        if not role:
            access = Access.BROKEN if kind in ("apprunner", "fargate") else Access.UNKNOWN
            return Verdict(self.actor, access, _NO_ROLE[kind])
        if not can_simulate(role):
            return Verdict(self.actor, Access.UNKNOWN, f"{role} is not the ARN of a role")
        known = self.simulations.get(role)
        if isinstance(known, AppError) and known.kind is ErrorKind.NOT_FOUND:
            return Verdict(self.actor, Access.BROKEN, f"there is no {role_label(role)}")
        return None

    def _undecided(self, answers: Sequence[_Answer], mends: tuple[Mend, ...]) -> Verdict:
        sides = [side for answer in answers if answer.allowed is None for side in answer.sides]
        doubts = dict.fromkeys(doubt for side in sides for doubt in side.doubts)
        access = Access.NOT_CHECKED if any(side.unread for side in sides) else Access.UNKNOWN
        return Verdict(self.actor, access, "; ".join(doubts), mends=mends)

    def _adds_itself(self, gaps: Sequence[Gap]) -> bool:
        """Whether a service of the same account (or one not known) may add what is missing by itself."""
        caller = self.actor.caller
        mine = not caller.account or not self.crosses
        return bool(caller.service) and mine and not any(gap.denied for gap in gaps)

    # What each side says

    def _answer(self, action: str) -> _Answer:
        repository = self._of_repository(action)
        if self.actor.caller.service:
            sides: tuple[_Said, ...] = (repository,)  # a service has no policies of its own
        else:
            sides = (self._of_role(action, self.repository_arn), repository)
        allows = (side.allow for side in sides)
        allowed = every(allows) if self.crosses else some(allows)
        return _Answer(action, sides, every((allowed, *(negated(side.deny) for side in sides))))

    def _token(self) -> _Answer:
        said = self._of_role(TOKEN, "*")
        return _Answer(TOKEN, (said,), every((said.allow, negated(said.deny))))

    def _of_role(self, action: str, resource: str) -> _Said:
        known = self.simulations.get(self.actor.caller.role)
        if known is None or isinstance(known, AppError):
            return _Said(Place.ROLE, None, None, doubts=(self._why_not_simulated(known),), unread=True)
        for each in known:
            if each.action.lower() == action.lower() and each.resource == resource:
                return _simulated(each)
        return _Said(Place.ROLE, None, None, doubts=(f"IAM's simulator said nothing of {action}",))

    def _why_not_simulated(self, error: AppError | None) -> str:
        role = self.actor.label
        if error is None and self.crosses:
            return f"{role} is of account {self.actor.caller.account}: its policies cannot be seen from here"
        if error is None:
            return f"the policies of {role} were not simulated"
        return f"the policies of {role} could not be simulated: {_refusal(error, SIMULATE)}"

    def _of_repository(self, action: str) -> _Said:
        if isinstance(self.policy, AppError):
            why = f"the repository policy could not be read: {_refusal(self.policy, 'ecr:GetRepositoryPolicy')}"
            return _Said(Place.REPOSITORY, None, None, doubts=(why,), unread=True)
        said = evaluate(
            self.policy,
            self.actor.caller,
            action,
            repository_arn=self.repository_arn,
            organization=self.organization,
        )
        return _Said(Place.REPOSITORY, said.allow, said.deny, ", ".join(said.denied_by), said.doubts)

    # What is missing, and what mends it

    def _lacking(self, answer: _Answer) -> list[_Said]:
        """The sides that have to change: within one account the role's policies alone, though either would do."""
        lacking = [side for side in answer.sides if side.allow is False]
        return lacking if self.crosses else lacking[:1]

    def _gaps(self, answer: _Answer) -> list[Gap]:
        resource = "*" if answer.action == TOKEN else self.repository_arn
        if answer.denying:
            return [Gap(answer.action, resource, side.place, True, side.by) for side in answer.denying]
        return [Gap(answer.action, resource, side.place) for side in self._lacking(answer)]

    def _mends(self, answers: Iterable[_Answer]) -> tuple[Mend, ...]:
        lacking: dict[Place, list[str]] = {}
        for answer in answers:
            for side in self._lacking(answer) if answer.mendable else ():
                lacking.setdefault(side.place, []).append(answer.action)
        mends = []
        if of_role := lacking.get(Place.ROLE):
            name = self.actor.caller.role.rpartition("/")[2]
            mends.append(Mend(Place.ROLE, name, tuple(self._role_statements(of_role))))
        if of_repository := lacking.get(Place.REPOSITORY):
            name = self.repository_arn.partition(":repository/")[2]
            mends.append(Mend(Place.REPOSITORY, name, (self._repository_statement(of_repository),)))
        return tuple(mends)

    def _role_statements(self, actions: Sequence[str]) -> Iterable[Mapping[str, Any]]:
        on_repository = [action for action in actions if action != TOKEN]
        if on_repository:
            yield {"Effect": "Allow", "Action": on_repository, "Resource": self.repository_arn}
        if TOKEN in actions:
            yield {"Effect": "Allow", "Action": TOKEN, "Resource": "*"}

    def _repository_statement(self, actions: Sequence[str]) -> Mapping[str, Any]:
        caller = self.actor.caller
        principal = {"Service": caller.service} if caller.service else {"AWS": caller.role}
        statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
        if caller.source:
            statement["Condition"] = {"StringEquals": {"aws:SourceArn": caller.source}}
        return statement


_DECIDED: Mapping[Decision, tuple[Ternary, Ternary]] = {
    Decision.ALLOWED: (True, False),
    Decision.EXPLICIT_DENY: (False, True),
    Decision.IMPLICIT_DENY: (False, False),
    Decision.UNKNOWN: (None, None),
}
"""Whether the role's policies allow an action, and whether they deny it."""
_NO_ROLE: Mapping[str, str] = {
    "apprunner": "it has no access role, and App Runner pulls from ECR with one only",
    "codebuild": "the project names no service role",
    "ecs": "no execution role is known: on EC2 the instance's role pulls",
    "fargate": "it has no execution role, and on Fargate nothing else can pull",
}
_ADDED = (
    "the repository policy does not name the service, which adds itself when a function of this account is deployed"
)


def _simulated(simulated: Simulated) -> _Said:
    allow, deny = _DECIDED[simulated.decision]
    if simulated.boundary and allow is False:
        return _Said(Place.BOUNDARY, False, True)  # a cap: what the repository allows does not lift it
    keys = ", ".join(simulated.missing_context)
    doubt = f"the role's policies decide by {keys}" if keys else "IAM's simulator could not decide"
    return _Said(Place.ROLE, allow, deny, doubts=() if allow is not None else (doubt,))


def _refusal(error: AppError, action: str) -> str:
    if error.kind is ErrorKind.DENIED:
        return f"{error.action or action} is not allowed"
    return error.why or error.what


def _why_ok(answers: Iterable[_Answer]) -> str:
    places = dict.fromkeys(side.place for answer in answers for side in answer.sides if side.allow)
    return f"{' and '.join(places)} {'allows' if [*places] == [Place.REPOSITORY] else 'allow'} it"


def _missing(gaps: Sequence[Gap]) -> str:
    """`ecr:PutImage is denied by statement 1 of the repository policy; … are missing in the role's policies`."""
    actions: dict[tuple[bool, Place, str], list[str]] = {}
    for gap in gaps:
        actions.setdefault((gap.denied, gap.place, gap.by), []).append(gap.action)
    denied_first = sorted(actions.items(), key=lambda item: not item[0][0])
    return "; ".join(_clause(*kind, named) for kind, named in denied_first)


def _clause(denied: bool, place: Place, by: str, actions: Sequence[str]) -> str:
    subject = actions[0] if len(actions) == 1 else f"{', '.join(actions[:-1])} and {actions[-1]}"
    verb = "is" if len(actions) == 1 else "are"
    where = f"{by} of {place}" if by else str(place)
    return f"{subject} {verb} {'denied by' if denied else 'missing in'} {where}"
