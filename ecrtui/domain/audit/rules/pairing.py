"""Rules about names, and about the two sides that should share one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ecrtui.domain.audit import docs
from ecrtui.domain.audit.actions import IMAGES, PROJECTS, PULL_THROUGH, REPLICATION, REPOSITORIES, TEMPLATES
from ecrtui.domain.audit.facts import NameFacts, NotRead, Unread, known
from ecrtui.domain.audit.rule import Found, Rule, Severity
from ecrtui.domain.names import judge
from ecrtui.domain.registry import Destination
from ecrtui.domain.replication import cached_from, created_on_push, replicated_to
from ecrtui.domain.verdict import Pairing, Verdict


def _naming(facts: NameFacts) -> Iterator[Found]:
    verdict = judge(facts.name, facts.around.naming)
    if facts.pairing.verdict is Verdict.NAME_CANNOT_PAIR or (verdict.allowed and verdict.conventional):
        return
    fault = next(iter((*verdict.departures, *verdict.faults)))
    better = f"{verdict.suggestion} would follow it." if verdict.suggestion else ""
    yield Found(fault.sentence, remedy=f"Choose another name when it is made anew. {better}".strip())


def _paired(judged: Callable[[NameFacts], Iterator[Found]]) -> Callable[[NameFacts], Iterator[Found]]:
    """A check that needs a verdict: `NotRead` where the other side could not be listed."""

    def check(facts: NameFacts) -> Iterator[Found]:
        if facts.pairing.verdict is Verdict.UNKNOWN:
            for side in (facts.around.projects, facts.around.repositories):
                known(side)
            raise NotRead(Unread(facts.pairing.evidence[0] if facts.pairing.evidence else "no verdict can be given"))
        yield from judged(facts)

    return check


@_paired
def _missing_repository(facts: NameFacts) -> Iterator[Found]:
    if facts.pairing.verdict is not Verdict.MISSING_REPOSITORY:
        return
    made = created_on_push(facts.name, facts.around.settings)
    if made is None:
        yield Found(
            f"{_evidence(facts.pairing)}; whether a creation template would make it is not known",
            severity=Severity.MEDIUM,
        )
    elif not made:
        yield Found(_evidence(facts.pairing))


@_paired
def _no_project(facts: NameFacts) -> Iterator[Found]:
    if facts.pairing.verdict is not Verdict.NO_PROJECT:
        return
    if not _filled_by_aws(facts):
        yield Found(_evidence(facts.pairing))


def _filled_by_aws(facts: NameFacts) -> bool:
    """Whether it is a replica of another region's, or a cache of another registry: nothing here gave it its name."""
    around = facts.around
    here = Destination(around.region, around.account)
    if any(here in (replicated_to(facts.name, other) or ()) for other in around.registries.values()):
        return True
    if cached_from(facts.name, around.settings) is not None:
        return True
    around.require("pull_through")
    return False


@_paired
def _pushes_elsewhere(facts: NameFacts) -> Iterator[Found]:
    if facts.pairing.verdict is Verdict.PUSHES_ELSEWHERE:
        yield Found(_evidence(facts.pairing), remedy=facts.pairing.suggestion)


@_paired
def _name_cannot_pair(facts: NameFacts) -> Iterator[Found]:
    if facts.pairing.verdict is Verdict.NAME_CANNOT_PAIR and (facts.project is not None or not _filled_by_aws(facts)):
        yield Found(_evidence(facts.pairing), remedy=facts.pairing.suggestion)


@_paired
def _never_pushed(facts: NameFacts) -> Iterator[Found]:
    if facts.repository is None or facts.pairing.verdict not in (Verdict.PAIRED, Verdict.NEVER_PUSHED):
        return
    if not known(facts.images):
        yield Found("the pair exists, and the repository holds no image")


def _evidence(pairing: Pairing) -> str:
    return pairing.evidence[0] if pairing.evidence else pairing.verdict.replace("-", " ")


_SIDES = (*PROJECTS, *REPOSITORIES)

RULES = (
    Rule(
        "missing-repository",
        "A project without its repository",
        Severity.HIGH,
        "project",
        (*_SIDES, *TEMPLATES),
        "The project comes first, and pushes to the repository of its name: without it every push fails.",
        "Create the repository of the project's name.",
        "ecrtui create {name} --region {region}",
        _missing_repository,
        "compare",
        docs=docs.BUILDING,
    ),
    Rule(
        "pushes-elsewhere",
        "A project that pushes to another repository",
        Severity.HIGH,
        "project",
        _SIDES,
        "Who looks for the images of a project under its name finds none, or old ones.",
        "Let the project push to the repository of its name.",
        "aws codebuild update-project --region {region} --name {name} --environment file://environment.json",
        _pushes_elsewhere,
        "compare",
        docs=docs.BUILDING,
    ),
    Rule(
        "name-cannot-pair",
        "A name that the other side cannot bear",
        Severity.MEDIUM,
        "name",
        (*_SIDES, *PULL_THROUGH, *REPLICATION),
        "CodeBuild and ECR allow different names: this one can never have a partner.",
        "Rename it to what both allow.",
        "",
        _name_cannot_pair,
        "compare",
        docs=docs.BUILDING,
    ),
    Rule(
        "never-pushed",
        "A pair without any image",
        Severity.LOW,
        "project",
        (*_SIDES, *IMAGES),
        "The repository waits for its first image: nothing can run from it yet, or no push ever went through.",
        "Start a build, and watch where the push goes.",
        "ecrtui build {name} --region {region} --watch",
        _never_pushed,
        "compare",
        docs=docs.BUILDING,
    ),
    Rule(
        "no-project",
        "A repository without a project of its name",
        Severity.LOW,
        "repository",
        (*_SIDES, *PULL_THROUGH, *REPLICATION),
        "Nobody can say how its images come about, or renew them. Replicas and caches are no findings.",
        "Create a project of that name that pushes here, or remove the repository if nothing uses it.",
        "aws codebuild create-project --region {region} --name {name} --cli-input-json file://project.json",
        _no_project,
        "compare",
        docs=docs.BUILDING,
    ),
    Rule(
        "naming",
        "A name off the naming rule",
        Severity.LOW,
        "name",
        _SIDES,
        "Names of one form can be guessed, typed and matched by policies; `naming.rule` sets the house's own form.",
        "Choose another name when it is made anew.",
        "",
        _naming,
        "compare",
        docs=docs.REPOSITORIES,
    ),
)
