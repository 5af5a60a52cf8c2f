"""Rules about who may push and pull."""

from __future__ import annotations

from collections.abc import Iterator

from ecrtui.domain.audit import docs
from ecrtui.domain.audit.actions import ACCESS, PROJECTS, SIMULATION, USES
from ecrtui.domain.audit.facts import Known, NameFacts, NotRead, Unread, known, unread_sentence
from ecrtui.domain.audit.rule import Found, Rule, Severity
from ecrtui.domain.change import ApiCall
from ecrtui.domain.permission import PULL_ACTIONS, PUSH_ACTIONS, Access, Mend, Place, Purpose, Verdict
from ecrtui.domain.policy_conditions import glob
from ecrtui.domain.policy_document import PolicyProblem, Statement, over_broad

_ALTERING = (*(action for action in PUSH_ACTIONS if action not in PULL_ACTIONS), "ecr:BatchDeleteImage")


def _cannot_push(facts: NameFacts) -> Iterator[Found]:
    yield from _cannot(facts, Purpose.PUSH)


def _cannot_pull(facts: NameFacts) -> Iterator[Found]:
    yield from _cannot(facts, Purpose.PULL)
    facts.around.require_all_uses()


def _cannot(facts: NameFacts, purpose: Purpose) -> Iterator[Found]:
    undecided: list[Unread] = []
    for verdict in known(facts.permissions):
        if verdict.actor.purpose is not purpose:
            continue
        if verdict.access is Access.BROKEN:
            yield _broken(facts, verdict)
        elif verdict.access is not Access.OK:
            undecided.append(unread_sentence(verdict.reason))
    if undecided:
        raise NotRead(*undecided)


def _broken(facts: NameFacts, verdict: Verdict) -> Found:
    actor = verdict.actor
    where = f", for {actor.used_in[0]}" if actor.used_in and actor.purpose is Purpose.PULL else ""
    mends = "; ".join(f"{mend.title}: {' '.join(mend.text.split())}" for mend in verdict.mends)
    return Found(
        f"{actor.label} cannot {actor.purpose}{where}: {verdict.reason}",
        key=f"{actor.kind} {actor.caller.role or actor.caller.service}",
        remedy=f"{mends[:1].upper()}{mends[1:]}" if mends else "Remove what denies it, or use another role.",
        command=_command(facts, verdict.mends[0]) if len(verdict.mends) == 1 else None,
        arn=actor.caller.role,
    )


def _command(facts: NameFacts, mend: Mend) -> str | None:
    """What adds the statements; a repository policy that is there already would be replaced, so it is not offered."""
    text = " ".join(mend.text.split())
    if mend.place is Place.ROLE:
        parameters = {"RoleName": mend.name, "PolicyName": "ecr-" + facts.name.replace("/", "-")}
        return ApiCall("iam", "PutRolePolicy", {**parameters, "PolicyDocument": text}).command(facts.around.region)
    if facts.access == Known(None):
        policy = {"repositoryName": facts.name, "policyText": text}
        return ApiCall("ecr", "SetRepositoryPolicy", policy).command(facts.around.region)
    return None


def _open_policy(facts: NameFacts) -> Iterator[Found]:
    text = known(facts.access)
    if text is None:
        return
    statements = over_broad(text)
    if isinstance(statements, PolicyProblem):
        raise NotRead(Unread(f"the repository policy cannot be read: {statements}"))
    for statement in statements:
        alters = _allows_altering(statement)
        may = "push or delete" if alters else "pull"
        yield Found(
            f"{statement.label} of the repository policy lets anybody {may}, of any account",
            key=str(statement.number),
            severity=Severity.CRITICAL if alters else None,
        )


def _allows_altering(statement: Statement) -> bool:
    def named(action: str) -> bool:
        return any(glob(entry.lower(), action.lower()) for entry in statement.actions.entries)

    return any(named(action) is not statement.actions.excluded for action in _ALTERING)


RULES = (
    Rule(
        "open-repository-policy",
        "A repository policy that lets anybody in",
        Severity.HIGH,
        "repository",
        ACCESS,
        "A `*` principal without a condition on who asks means every AWS account there is: code and secrets in the "
        "images are public, and where it may push, anybody decides what you run.",
        "Name the accounts or roles, or ask for your organisation by `aws:PrincipalOrgID`.",
        "aws ecr set-repository-policy --region {region} --repository-name {name} --policy-text file://policy.json",
        _open_policy,
        docs=docs.POLICIES,
    ),
    Rule(
        "role-cannot-push",
        "The project's role cannot push",
        Severity.HIGH,
        "project",
        (*PROJECTS, *SIMULATION, *ACCESS),
        "Every build ends in `denied`, after all the work is done.",
        "Allow the role what a push needs on this repository.",
        "ecrtui permissions {name} --region {region}",
        _cannot_push,
        "compare",
        last=True,
        docs=docs.PUSHING,
    ),
    Rule(
        "role-cannot-pull",
        "What runs cannot pull its image",
        Severity.HIGH,
        "repository",
        (*USES, *SIMULATION, *ACCESS),
        "What runs now was pulled before; the next task that starts cannot be.",
        "Allow the execution role, access role or service what a pull needs on this repository.",
        "ecrtui permissions {name} --region {region}",
        _cannot_pull,
        last=True,
        docs=docs.PULLING,
    ),
)
