"""CodeBuild's state: projects, and builds that are a pure function of the clock.

A `BuildRecord` says what was decided; `script` says what follows. Only two things are decided after the
start: that a build is stopped, and what the registry answers at each contact (`settle`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ecrtui.demo.codebuild.plan import Plan, Recipe, built
from ecrtui.demo.codebuild.script import Contact, Script, Span
from ecrtui.demo.codebuild.steps import script
from ecrtui.demo.ecr.replication import created_on_push, replicate
from ecrtui.demo.operations import Json
from ecrtui.demo.registry import Repository, StoredImage

if TYPE_CHECKING:
    from ecrtui.demo.account import Account, Region


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """One project: what AWS shows of it, and what its builds do."""

    name: str
    document: Json
    recipe: Recipe


ALL_MET = 1_000
"""More contacts with the registry than any build has: all of them are decided."""


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """One build: its plan, its settings as they were when it started, and what was decided since."""

    plan: Plan
    environment: Json
    source: Json
    source_version: str
    timeout: int
    initiator: str
    token: str = ""
    request: str = ""
    """What was asked, to compare with a second request that bears the same token."""
    stopped_at: float | None = None
    contacts_done: int = 0
    role: str = field(default="")

    @property
    def id(self) -> str:
        """`project:uuid`."""
        return self.plan.id

    @property
    def script(self) -> Script:
        """The course of the build as far as it is decided."""
        return script(self.plan)

    @property
    def ends_at(self) -> float:
        """The instant at which it is complete, if nothing else is decided."""
        end = self.plan.started_at + self.script.end
        return end if self.stopped_at is None else min(end, self.stopped_at)

    def status(self, now: float) -> str:
        """CodeBuild's `buildStatus` at an instant."""
        if now < self.ends_at:
            return "IN_PROGRESS"
        if self.stopped_at is not None and self.stopped_at <= self.ends_at:
            return "STOPPED"
        return self.script.status

    def spans(self, now: float) -> list[Span]:
        """The phases that have begun by `now`, at instants of the clock; a stopped build breaks off in one."""
        until = min(now, self.ends_at)
        spans = [self._at_instants(span) for span in self.script.phases]
        begun = [span for span in spans if span.start <= until]
        if self.status(now) != "STOPPED":
            return begun
        begun = [span for span in begun if span.kind not in ("FINALIZING", "COMPLETED")]
        last = replace(begun[-1], end=until, status="STOPPED", code="", message="")
        return [*begun[:-1], last, Span("FINALIZING", until, until), Span("COMPLETED", until, until)]

    def _at_instants(self, span: Span) -> Span:
        started = self.plan.started_at
        return replace(span, start=started + span.start, end=started + span.end)

    def next_contact(self) -> Contact | None:
        """The next meeting with the registry that is still to be decided."""
        contacts = self.script.contacts
        if self.contacts_done >= len(contacts):
            return None
        contact = contacts[self.contacts_done]
        at = self.plan.started_at + contact.at
        return contact if self.stopped_at is None or at < self.stopped_at else None


def settle(account: Account, now: float) -> None:
    """Let every running build of the account meet the registry as often as it has come to by `now`."""
    while True:
        due = [
            (record.plan.started_at + contact.at, region, record)
            for region in account.regions
            for record in (region.builds[each] for each in region.running)
            if (contact := record.next_contact()) and record.plan.started_at + contact.at <= now
        ]
        if not due:
            break
        at, region, record = min(due, key=lambda each: (each[0], each[2].id))
        region.builds[record.id] = _meet(account, record, at)
    for region in account.regions:
        region.running = {each for each in region.running if region.builds[each].ends_at > now}


def _meet(account: Account, record: BuildRecord, at: float) -> BuildRecord:
    contact = record.next_contact()
    plan = record.plan
    record = replace(record, contacts_done=record.contacts_done + 1)
    if contact is None or plan.outcome in _REFUSED or not plan.host.startswith(account.id):
        return record
    repository = account.find_repository(plan.target) or created_on_push(account, plan.target, at)
    if repository is None:
        return replace(record, plan=replace(plan, outcome="repository-missing"))
    if not contact.tag:
        return record
    if contact.tag in repository.tagged and repository.immutable(contact.tag):
        return replace(record, plan=replace(plan, outcome="tag-immutable", detail=contact.tag))
    arrive(repository, plan, contact.tag, at)
    replicate(account, repository, repository.tagged[contact.tag], at)
    return record


_REFUSED = frozenset({"repository-missing", "push-denied", "no-basic-auth", "retrying-eof", "tag-immutable"})


def arrive(repository: Repository, plan: Plan, tag: str, at: float) -> None:
    """Put a build's image under a tag, its children first."""
    made = built(plan)
    for artifact in (*made.others, made.top):
        if artifact.digest not in repository.images:
            repository.push(StoredImage.of(artifact, at))
        if artifact.config:
            repository.configs[artifact.config_digest] = artifact.config
    repository.tag(made.top.digest, tag)


def builds_of(region: Region, project: str) -> list[BuildRecord]:
    """A project's builds, newest first."""
    found = [each for each in region.builds.values() if each.plan.project == project]
    return sorted(found, key=lambda each: (-each.plan.number, each.id))
