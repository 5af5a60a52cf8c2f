"""The judgement: each link's checks, from the facts. What was not read is unknown, never ok."""

from __future__ import annotations

from collections.abc import Iterator

from ecrtui.domain.build import Build
from ecrtui.domain.drift import Drift, DriftState
from ecrtui.domain.origin import Certainty
from ecrtui.domain.path.chain import Check, Link, Mend, Standing
from ecrtui.domain.path.facts import PathFacts, Stock, Unread
from ecrtui.domain.permission import Access
from ecrtui.domain.permission import Verdict as Right
from ecrtui.domain.project import Project
from ecrtui.domain.pushtargets import push_evidence
from ecrtui.domain.repository import Repository
from ecrtui.domain.tagging import failing_pushes
from ecrtui.domain.units import age, count
from ecrtui.domain.verdict import Pairing, Verdict

_FAILURES = frozenset({"FAILED", "FAULT", "TIMED_OUT"})


def links(facts: PathFacts) -> tuple[Link, ...]:
    """Push, hold and run."""
    return (
        Link("push", tuple(_push_checks(facts))),
        Link("hold", tuple(_hold_checks(facts))),
        Link("run", tuple(_run_checks(facts))),
    )


# Project to repository


def _push_checks(facts: PathFacts) -> Iterator[Check]:
    pairing = _pairing_check(facts)
    yield pairing
    if facts.pairing is None or facts.pairing.project is None or pairing.standing is Standing.NONE:
        return
    elsewhere = facts.pairing.verdict is Verdict.PUSHES_ELSEWHERE
    for check in (*(() if elsewhere else (_push_right(facts), _tag_check(facts))), _build_check(facts)):
        if check is not None:
            yield check


def _pairing_check(facts: PathFacts) -> Check:
    pairing = facts.pairing
    if pairing is None:
        return _unpaired(facts)
    why = "; ".join(pairing.evidence[:2])
    match pairing.verdict:
        case Verdict.PAIRED | Verdict.NEVER_PUSHED if pairing.certainty == "proven":
            empty = pairing.verdict is Verdict.NEVER_PUSHED
            return Check(Standing.OK, "pushes here", "".join(pairing.evidence[empty : empty + 1]))
        case Verdict.PAIRED | Verdict.NEVER_PUSHED:
            return Check(Standing.OK, "paired by name", pairing.evidence[-1] if pairing.evidence else "")
        case Verdict.MISSING_REPOSITORY if facts.created_on_push:
            return Check(Standing.OK, "created on push", "a creation template makes the repository at the first push")
        case Verdict.MISSING_REPOSITORY:
            return Check(Standing.BROKEN, "no repository", why, Mend("create", "create it"))
        case Verdict.NO_PROJECT:
            return Check(Standing.BROKEN, "no project", why)
        case Verdict.REPLICA:
            mend = Mend("path", f"its path in {pairing.source}", f"{pairing.name} {pairing.source}")
            return Check(Standing.OK, f"replica of {pairing.source}", why, mend)
        case Verdict.CACHE:
            return Check(Standing.OK, "pull-through cache", why)
        case Verdict.PUSHES_ELSEWHERE:
            return Check(Standing.BROKEN, "pushes elsewhere", why, _to_target(pairing))
        case Verdict.NAME_CANNOT_PAIR:
            return Check(Standing.BROKEN, "name cannot pair", f"{why}. {pairing.suggestion}".rstrip(". "))
        case Verdict.NOT_A_CONTAINER_BUILD:
            return Check(Standing.NONE, "no container build", why)
    return Check(Standing.UNKNOWN, "unknown", why, Mend("refresh", "read it again"))


def _unpaired(facts: PathFacts) -> Check:
    sides = [side for side in (facts.project, facts.repository) if isinstance(side, Unread)]
    if not sides:
        why = f"there is neither a project nor a repository {facts.name} in {facts.region}"
        return Check(Standing.BROKEN, "nothing of this name", why)
    known = [side for side in sides if not side.loading]
    if known:
        return Check(Standing.UNKNOWN, "unknown", known[0].why, Mend("refresh", "read it again"))
    return Check(Standing.UNKNOWN, "reading", loading=True)


def _to_target(pairing: Pairing) -> Mend | None:
    target = pairing.target
    if target is None or not target.is_ecr:
        return None
    return Mend("path", f"the path of {target.repository}", f"{target.repository} {target.region}")


def _push_right(facts: PathFacts) -> Check | None:
    if isinstance(facts.repository, Unread) or facts.repository is None:
        return None
    if isinstance(facts.rights, Unread) and facts.rights.loading:
        return Check(Standing.UNKNOWN, "role", "whether it may push is still being asked", loading=True)
    right = facts.right_to_push()
    why = facts.rights.why if isinstance(facts.rights, Unread) else "" if right is None else right.reason
    if right is not None and right.access is Access.OK:
        return Check(Standing.OK, "role may push", f"{right.actor.label}: {why}")
    if right is not None and right.access is Access.BROKEN:
        return Check(Standing.BROKEN, "role may not push", f"{right.actor.label}: {why}", _statement(right))
    if right is None and not why:
        return None
    if (pushed := _last_push(facts)) is not None:
        return Check(Standing.OK, "has pushed", f"{pushed}; its role was not checked: {why}")
    return Check(Standing.UNKNOWN, "role not checked", why)


def _last_push(facts: PathFacts) -> str | None:
    """The newest image, where a build of the project made it (a guess by time does not count)."""
    stock = facts.stock
    newest = stock.image(stock.newest) if isinstance(stock, Stock) else None
    origin = None if newest is None else facts.origin(newest)
    if newest is None or origin is None or origin.build is None or origin.certainty is Certainty.BY_TIME:
        return None
    return f"build {build_name(origin.build)} pushed {newest.tags[0]}"


def _build_check(facts: PathFacts) -> Check | None:
    builds = facts.builds
    if isinstance(builds, Unread):
        return Check(Standing.UNKNOWN, "builds unknown", builds.why, loading=builds.loading)
    build = next((build for build in builds if not build.active), None)
    if build is None:
        return None
    when = "" if build.started_at is None else f", {age(facts.now - build.started_at)} ago"
    said = f"{build_name(build)} {build.status.lower().replace('_', ' ')}{when}"
    if build.status in _FAILURES:
        return Check(Standing.BROKEN, "last build failed", said, Mend("logs", "its log", build.id))
    if build.status == "SUCCEEDED":
        return Check(Standing.OK, "last build ok", said)
    return Check(Standing.NONE, "last build", said)


def build_name(build: Build) -> str:
    """`#48`, or the beginning of its id where it has no number."""
    return build.id.partition(":")[2][:8] if build.number is None else f"#{build.number}"


def role_name(arn: str) -> str:
    """The last part of a role's ARN."""
    return arn.rpartition("/")[2] or arn


def _statement(right: Right) -> Mend | None:
    """The smallest policy that mends it, to be copied: never applied from here."""
    if not right.mends:
        return None
    return Mend("policy", f"the statement to {right.mends[0].title}", right.mends[0].text)


def _tag_check(facts: PathFacts) -> Check | None:
    """A pipeline that pushes the same tag into an immutable repository fails from the second build on."""
    if not isinstance(facts.project, Project) or not isinstance(facts.repository, Repository):
        return None
    failing = failing_pushes(facts.repository, push_evidence(facts.project, facts.repository.registry_id).pushes)
    if not failing:
        return None
    why = f"{failing[0].evidence}: the tag {failing[0].tag} is immutable here, so the second push of it fails"
    return Check(Standing.BROKEN, "tag cannot move", why)


# Repository to images


def _hold_checks(facts: PathFacts) -> Iterator[Check]:
    repository, stock = facts.repository, facts.stock
    if repository is None:
        yield Check(Standing.NONE, "nothing", "there is no repository that could hold images")
    elif isinstance(stock, Unread):
        yield Check(Standing.UNKNOWN, "images unknown", stock.why, loading=stock.loading)
    elif not stock.total and not stock.incomplete:
        mend = None if facts.project is None or isinstance(facts.project, Unread) else Mend("build", "start a build")
        yield Check(Standing.BROKEN, "no image", "the repository is empty: nothing was pushed yet", mend)
    else:
        newest = stock.image(stock.newest)
        yield Check(Standing.OK, f"holds {count(stock.total)}", _newest(facts, stock))
        if newest is None and not stock.incomplete:
            yield Check(Standing.BROKEN, "no tag", "no image in it is tagged: nothing can name one")
        if stock.incomplete:
            yield Check(Standing.UNKNOWN, "not all listed", stock.incomplete, Mend("refresh", "read it again"))


def _newest(facts: PathFacts, stock: Stock) -> str:
    newest = stock.image(stock.newest)
    if newest is None or newest.pushed_at is None:
        return ""
    return f"the newest, {newest.tags[0]}, was pushed {age(facts.now - newest.pushed_at)} ago"


# Images to what runs them


def _run_checks(facts: PathFacts) -> Iterator[Check]:
    for number, drift in enumerate(facts.drifts):
        yield from run_checks(facts, drift, number)
    if facts.waiting:
        yield Check(Standing.UNKNOWN, "reading", "what runs is still being asked", loading=True)
    for reason in facts.unchecked:
        yield Check(Standing.UNKNOWN, "not checked", reason)
    if not (facts.drifts or facts.waiting or facts.unchecked):
        yield Check(Standing.NONE, "nothing runs it", "no service, task or function names this repository")


def run_checks(facts: PathFacts, drift: Drift, number: int) -> Iterator[Check]:
    """What must hold for one use: the image is the one that its tag names, is there, and can be pulled."""
    yield _drift_check(facts, drift, number)
    right = facts.right_to_pull(drift.use)
    if right is None or right.access is Access.OK:
        return
    why = f"{drift.use.name}: {right.actor.label}: {right.reason}"
    if right.access is Access.BROKEN:
        yield Check(Standing.BROKEN, "role may not pull", why, _statement(right), run=number)
    elif not drift.use.running:  # what runs has been pulled
        yield Check(Standing.UNKNOWN, "role not checked", why, run=number)


def _drift_check(facts: PathFacts, drift: Drift, number: int) -> Check:
    name = drift.use.name
    match drift.state:
        case DriftState.DRIFT:
            return Check(Standing.BROKEN, "drift", f"{name}: {drift.why}", run=number)
        case DriftState.TAG_GONE:
            return Check(Standing.BROKEN, "tag gone", f"{name}: {drift.why}", run=number)
        case DriftState.UNKNOWN:
            loading = isinstance(facts.stock, Unread) and facts.stock.loading
            return Check(Standing.UNKNOWN, "drift unknown", f"{name}: {drift.why}", run=number, loading=loading)
    if drift.running is not None and drift.running_image is None and _all_listed(facts):
        why = "the image that runs is not in the repository any more: no other task can start from it"
        return Check(Standing.BROKEN, "image gone", f"{name}: {why}", run=number)
    return Check(Standing.OK, "pinned" if drift.tag is None else "current", f"{name}: {drift.why}", run=number)


def _all_listed(facts: PathFacts) -> bool:
    return facts.repository is None or (isinstance(facts.stock, Stock) and not facts.stock.incomplete)
