"""Pairings: a CodeBuild project beside the ECR repository of its name, with a verdict and its evidence.

The rule of the path: the repository bears the exact name of the project that pushes to it. A verdict accuses
only by what is known: a side that could not be read whole gives `unknown`, never "missing". A buildspec that is
a file cannot be seen: such a pair may be `paired`, but by its name only, and the evidence says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ecrtui.domain.names import can_name_project, can_name_repository, near_miss_key, suggest_pair
from ecrtui.domain.pairing_copies import Copies
from ecrtui.domain.pairing_evidence import what_is_not_seen, why_unknown
from ecrtui.domain.project import Project
from ecrtui.domain.pushcommands import PushTarget
from ecrtui.domain.pushtargets import PushEvidence, push_evidence
from ecrtui.domain.reference import Reference
from ecrtui.domain.replication import created_on_push
from ecrtui.domain.repository import Repository
from ecrtui.domain.verdict import HEALTHY, LastImage, Pairing, RegionFacts, Side, Verdict

__all__ = ["HEALTHY", "LastImage", "Pairing", "RegionFacts", "Side", "Verdict", "pair"]

LIST_PROJECTS = "codebuild:ListProjects"
DESCRIBE_REPOSITORIES = "ecr:DescribeRepositories"


def pair(facts: Iterable[RegionFacts]) -> tuple[Pairing, ...]:
    """Every project and every repository of these regions, paired by name; ordered by region and name."""
    regions = sorted(facts, key=lambda one: one.region)
    comparison = _Comparison(regions)
    return tuple(pairing for region in regions for pairing in comparison.of_region(region))


class _Comparison:
    """All regions at once: a project may push to another region's repository."""

    def __init__(self, regions: Sequence[RegionFacts]) -> None:
        self._pushes: dict[tuple[str, str], PushEvidence] = {}
        self._pushers: dict[tuple[str, str, str], list[Project]] = {}
        self._existing: dict[tuple[str, str], tuple[frozenset[str], bool]] = {}
        self._copies = Copies(regions)
        for facts in regions:
            names = frozenset(repository.name for repository in facts.repositories.rows)
            self._existing[facts.account, facts.region] = (names, facts.repositories.complete)
            for project in sorted(facts.projects.rows, key=lambda one: one.name):
                self._note_pushes(project, facts)

    def _note_pushes(self, project: Project, facts: RegionFacts) -> None:
        evidence = push_evidence(project, facts.account)
        self._pushes[facts.region, project.name] = evidence
        for target in evidence.targets:
            if reference := target.reference:
                key = (reference.registry_id, reference.region, reference.repository)
                pushers = self._pushers.setdefault(key, [])
                if project not in pushers:
                    pushers.append(project)

    def of_region(self, facts: RegionFacts) -> list[Pairing]:
        """The pairings of one region, by name."""
        projects = {project.name: project for project in facts.projects.rows}
        repositories = {repository.name: repository for repository in facts.repositories.rows}
        near = _near(projects, repositories)
        pairings = []
        for name in sorted(projects.keys() | repositories.keys()):
            row = _Row(facts, name, projects.get(name), repositories.get(name), near(name))
            pairings.append(self._project_row(row) if row.project else self._repository_row(row))
        if not pairings:
            pairings = _unreadable(facts)
        return pairings

    def _repository_row(self, row: _Row) -> Pairing:
        """A repository without a project of its name, as far as is known."""
        assert row.repository is not None
        key = (row.repository.registry_id, row.facts.region, row.name)
        said = [f"project {one.name} in {one.region} pushes here" for one in self._pushers.get(key, [])]
        filled = None if said else self._copies.of(row.repository, row.facts)
        said += row.hint("project")
        if can_name_project(row.name) and not row.facts.projects.complete:
            return row.unknown(row.facts.projects, "projects", LIST_PROJECTS, said)
        if filled is not None:
            found = row.judged(filled.verdict, [filled.evidence, *said], suggestion=filled.suggestion)
            return replace(found, source=filled.source)
        if not can_name_project(row.name):
            better = suggest_pair(row.name)
            ask = f"Pair a repository {better} with a project {better}." if better else "Choose another name."
            return row.judged(Verdict.NAME_CANNOT_PAIR, [f"no project can be named {row.name}", *said], suggestion=ask)
        return row.judged(
            Verdict.NO_PROJECT,
            [*said, f"there is no project {row.name} in {row.facts.region}", *self._copies.not_looked_at(row.facts)],
            suggestion=f"Create a project {row.name} that pushes here, or remove the repository if nothing uses it.",
        )

    def _project_row(self, row: _Row) -> Pairing:
        """A project, with or without the repository of its name."""
        assert row.project is not None
        pushes = self._pushes[row.facts.region, row.name]
        known = [target for target in pushes.targets if target.reference is not None]
        own = [target for target in known if _is_own(target.reference, row)]
        elsewhere = [target for target in known if target not in own]
        if elsewhere and not own:
            return self._elsewhere(row, elsewhere, pushes)
        if not own and (harmless := _not_a_container_build(row, pushes)):
            return harmless
        said = [target.evidence for target in own]
        said += [f"it also pushes to {self._place(target.reference)}" for target in elsewhere]
        said += [*what_is_not_seen(pushes), *row.hint("repository")]
        if not can_name_repository(row.name):
            better = suggest_pair(row.name)
            ask = f"Rename the project to {better}." if better else "Choose another name for the project."
            return row.judged(
                Verdict.NAME_CANNOT_PAIR, [f"no repository can be named {row.name}", *said], suggestion=ask
            )
        target = own[0].reference if own else None
        if row.repository is None:
            return _without_repository(row, target, said)
        certainty: Literal["proven", "by-name"] = "proven" if own else "by-name"
        if row.name in row.facts.last_images and row.facts.last_images[row.name] is None:
            return row.judged(
                Verdict.NEVER_PUSHED,
                ["the repository holds no image", *said],
                target,
                f"Start a build of {row.name}.",
                certainty,
            )
        return row.judged(Verdict.PAIRED, said, target, "", certainty)

    def _elsewhere(self, row: _Row, elsewhere: list[PushTarget], pushes: PushEvidence) -> Pairing:
        said = []
        for target in elsewhere:
            said.append(f"it pushes to {self._place(target.reference)}")
            said.append(target.evidence)
        unresolved = any(target.reference is None for target in pushes.targets)
        there = f"the repository {row.name}" if row.repository else f"a repository {row.name}"
        return row.judged(
            Verdict.PUSHES_ELSEWHERE,
            [*dict.fromkeys(said), *what_is_not_seen(pushes)],
            elsewhere[0].reference,
            f"Let the project push to {there} in {row.facts.region}, or name it after the repository it pushes to.",
            "by-name" if unresolved else "proven",
        )

    def _place(self, reference: Reference | None) -> str:
        """A target in words, and whether it exists, where that can be seen."""
        assert reference is not None
        if reference.host and not reference.is_ecr:
            return f"{reference.host}/{reference.repository}, which is no private ECR registry"
        account = f" of account {reference.registry_id}" if reference.registry_id else ""
        place = f"{reference.repository} in {reference.region}{account}"
        names, complete = self._existing.get((reference.registry_id, reference.region), (frozenset(), False))
        if reference.repository in names:
            return f"{place}, which exists"
        return f"{place}, which does not exist" if complete else f"{place}, which cannot be seen from here"


@dataclass(frozen=True, slots=True)
class _Row:
    """One name of one region, before it is judged."""

    facts: RegionFacts
    name: str
    project: Project | None
    repository: Repository | None
    near: tuple[tuple[str, str], ...]
    """Names that differ in case or separators only: (`project` or `repository`, name)."""

    def judged(
        self,
        verdict: Verdict,
        evidence: Iterable[str],
        target: Reference | None = None,
        suggestion: str = "",
        certainty: Literal["proven", "by-name"] = "proven",
    ) -> Pairing:
        return Pairing(
            self.name,
            self.facts.region,
            verdict,
            self.project,
            self.repository,
            target,
            tuple(evidence),
            suggestion,
            certainty,
            self.facts.last_images.get(self.name) if self.repository else None,
        )

    def unknown(
        self,
        side: Side[Project] | Side[Repository],
        what: str,
        action: str,
        said: Iterable[str],
        target: Reference | None = None,
    ) -> Pairing:
        reason, ask = why_unknown(side, what, action, self.facts.region)
        return self.judged(Verdict.UNKNOWN, [reason, *said], target, ask, "by-name")

    def hint(self, kind: str) -> list[str]:
        """Near misses on the side where this name is missing."""
        if self.project and self.repository:
            return []
        return [f"{what} {name} differs in case or separators only" for what, name in self.near if what == kind]


def _near(
    projects: Mapping[str, Project], repositories: Mapping[str, Repository]
) -> Callable[[str], tuple[tuple[str, str], ...]]:
    """A function from a name to its near misses among the unpaired ones."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for what, names, others in (("project", projects, repositories), ("repository", repositories, projects)):
        for name in sorted(names.keys() - others.keys()):
            alike.setdefault(near_miss_key(name), []).append((what, name))
    return lambda name: tuple(pair for pair in alike.get(near_miss_key(name), ()) if pair[1] != name)


def _is_own(reference: Reference | None, row: _Row) -> bool:
    """Whether a target is the repository that the rule expects: name, region and, where known, account."""
    if reference is None or (reference.host and not reference.is_ecr):
        return False
    assert row.project is not None
    account = row.project.account or row.facts.account
    same_account = not account or not reference.registry_id or reference.registry_id == account
    return (reference.repository, reference.region) == (row.name, row.facts.region) and same_account


def _not_a_container_build(row: _Row, pushes: PushEvidence) -> Pairing | None:
    """Docker needs privileged mode; without it, and without a word of docker or ECR, nothing is pushed.

    Where the buildspec cannot be seen, a repository of the name speaks for a container build (kaniko and a
    docker server need no privileged mode); while it is not known whether there is one, nothing is said.
    """
    assert row.project is not None
    if row.project.privileged or pushes.runs_containers or pushes.targets:
        return None
    said = ["privileged mode is off, and no variable names ECR"]
    if pushes.buildspec.seen:
        said = ["privileged mode is off, and neither buildspec nor variables name docker or ECR"]
        if row.repository is not None:
            said.append("the repository of its name is not pushed to by it")
        return row.judged(Verdict.NOT_A_CONTAINER_BUILD, said)
    if row.repository is not None:
        return None
    said += what_is_not_seen(pushes)
    if not row.facts.repositories.complete:
        return row.unknown(row.facts.repositories, "repositories", DESCRIBE_REPOSITORIES, said)
    return row.judged(Verdict.NOT_A_CONTAINER_BUILD, said, certainty="by-name")


def _without_repository(row: _Row, target: Reference | None, said: list[str]) -> Pairing:
    if not row.facts.repositories.complete:
        return row.unknown(row.facts.repositories, "repositories", DESCRIBE_REPOSITORIES, said, target)
    missing = f"there is no repository {row.name} in {row.facts.region}"
    if row.facts.registry_awaited:
        said = [f"the creation templates of {row.facts.region} are still being read", missing, *said]
        return row.judged(Verdict.UNKNOWN, said, target, "", "by-name")
    certainty: Literal["proven", "by-name"] = "proven" if target else "by-name"
    created = None if row.facts.registry is None else created_on_push(row.name, row.facts.registry)
    if created:
        said = ["a creation template makes the repository at the first push", missing, *said]
        return row.judged(Verdict.CREATED_ON_PUSH, said, target, f"Start a build of {row.name}.", certainty)
    if created is None and row.facts.registry is not None:
        why = row.facts.registry.unread["templates"]
        said = [f"whether a creation template would make it is not known: {why}", *said]
    return row.judged(
        Verdict.MISSING_REPOSITORY, [missing, *said], target, f"Create the repository {row.name}.", certainty
    )


def _unreadable(facts: RegionFacts) -> list[Pairing]:
    """A region without a single name is worth a row when that is because it could not be read."""
    said, suggestion = [], ""
    sides: tuple[tuple[Side[Project] | Side[Repository], str, str], ...] = (
        (facts.projects, "projects", LIST_PROJECTS),
        (facts.repositories, "repositories", DESCRIBE_REPOSITORIES),
    )
    for side, what, action in sides:
        if not side.complete and side.error is not None:
            reason, ask = why_unknown(side, what, action, facts.region)
            said.append(reason)
            suggestion = suggestion or ask
    if not said:
        return []
    return [
        Pairing("", facts.region, Verdict.UNKNOWN, evidence=tuple(said), suggestion=suggestion, certainty="by-name")
    ]
