"""The answer in one sentence, for somebody who has one second."""

from __future__ import annotations

from ecrtui.domain.drift import Drift, DriftState
from ecrtui.domain.path.chain import Link, Standing
from ecrtui.domain.path.facts import PathFacts, Stock, Unread
from ecrtui.domain.path.parts import short
from ecrtui.domain.tags import TagKind, classify, primary_tag
from ecrtui.domain.units import count
from ecrtui.domain.verdict import Pairing, Verdict

_ENVIRONMENTS = (TagKind.ENVIRONMENT, TagKind.LATEST)


def headline(facts: PathFacts, links: tuple[Link, ...]) -> str:
    """`pet-web: project pushes, repository ok, production runs v2.4.1 (3 tasks) ≠ v2.4.2 that it names now`."""
    push, hold, run = links
    clauses = [_project(facts, push), _repository(facts, hold), _runtime(facts, run)]
    return f"{facts.name}: {', '.join(clause for clause in clauses if clause)}"


def _project(facts: PathFacts, link: Link) -> str:
    pairing = facts.pairing
    if pairing is None:
        if link.loading:
            return "reading"
        if link.standing is Standing.BROKEN:
            return "neither project nor repository"
        return "whether a project pushes is unknown"
    if facts.filled:
        return link.checks[0].word
    if pairing.project is None:
        return "no project" if link.standing is Standing.BROKEN else "project unknown"
    for check in link.checks:
        if check.standing is Standing.BROKEN:
            return f"project pushes to {_target(pairing)}" if check.word == "pushes elsewhere" else _BROKEN[check.word]
    if pairing.verdict is Verdict.NOT_A_CONTAINER_BUILD:
        return "project builds no container"
    if link.standing is Standing.OK:
        return "project pushes"
    open_ = [check.word for check in link.checks if check.standing is Standing.UNKNOWN and not check.loading]
    return _UNKNOWN.get(open_[0], "whether its project pushes is unknown") if open_ else "project"


_BROKEN = {
    "name cannot pair": "the name cannot pair",
    "role may not push": "project cannot push (its role may not)",
    "tag cannot move": "project pushes a tag that cannot move",
    "last build failed": "last build failed",
    "no repository": "project has no repository",
}
_UNKNOWN = {
    "role not checked": "project pushes (its role was not checked)",
    "builds unknown": "project pushes (its builds are unknown)",
}


def _target(pairing: Pairing) -> str:
    """Where it pushes to, with what makes it another place."""
    target = pairing.target
    if target is None:
        return "elsewhere"
    if not target.is_ecr:
        return f"{target.host}/{target.repository}"
    region = f" in {target.region}" if target.region != pairing.region else ""
    foreign = pairing.project is not None and target.registry_id not in ("", pairing.project.account)
    return f"{target.repository}{region}" + (f" of account {target.registry_id}" if foreign else "")


def _repository(facts: PathFacts, link: Link) -> str:
    repository = facts.repository
    if isinstance(repository, Unread):
        return "" if repository.loading else "repository unknown"
    if repository is None:
        return _without_repository(facts)
    if link.standing is Standing.BROKEN:
        return "repository is empty" if link.leading.word == "no image" else "nothing in it is tagged"
    return "images unknown" if link.standing is Standing.UNKNOWN and not link.loading else "repository ok"


def _without_repository(facts: PathFacts) -> str:
    match facts.pairing:
        case Pairing(verdict=Verdict.PUSHES_ELSEWHERE):
            return "no repository of its name"
        case Pairing(verdict=Verdict.MISSING_REPOSITORY) if facts.created_on_push:
            return "the first push creates the repository"
    return ""


def _runtime(facts: PathFacts, link: Link) -> str:
    if not facts.drifts:
        if facts.waiting:
            return ""
        if facts.unchecked:
            return "what runs it is unknown"
        return "nothing runs it" if isinstance(facts.stock, Stock) and facts.stock.total else ""
    wrong = {check.run: check.word for check in reversed(link.checks) if check.standing is Standing.BROKEN}
    order = sorted(range(len(facts.drifts)), key=lambda number: _importance(facts.drifts[number]))
    told = list(dict.fromkeys((order[0], *(number for number in order if number in wrong))))[:2]
    clauses = [
        _wrong(facts, facts.drifts[one], wrong[one]) if one in wrong else _runs(facts, facts.drifts[one])
        for one in told
    ]
    rest = len(facts.drifts) - len(told)
    broken = len([number for number in wrong if number not in told])
    if rest:
        clauses.append(f"{rest} more run it" + (f", {broken} of them wrongly" if broken else ""))
    return ", ".join(clauses)


def _importance(drift: Drift) -> tuple[int, int, str]:
    """Production first, then the other environments, then what has most tasks."""
    kind = classify(drift.tag).kind if drift.tag else TagKind.OTHER
    rank = 0 if drift.tag in ("production", "prod") else 1 if kind in _ENVIRONMENTS else 2
    return rank, -drift.use.running, drift.use.name


def _runs(facts: PathFacts, drift: Drift) -> str:
    image = facts.running(drift) or drift.named
    what = (primary_tag(image.tags) if image else None) or (short(drift.running) if drift.running else drift.tag or "")
    who = drift.tag if drift.tag and drift.tag != what else drift.use.name
    return f"{who} runs {what}{_tasks(drift)}"


def _tasks(drift: Drift) -> str:
    if not drift.use.kind.startswith("ecs"):
        return ""
    return f" ({count(drift.use.running)} task{'' if drift.use.running == 1 else 's'})"


def _wrong(facts: PathFacts, drift: Drift, word: str) -> str:
    if drift.state is DriftState.DRIFT and word == "drift" and drift.named is not None:
        image = facts.running(drift)
        runs = (primary_tag(image.tags) if image else None) or (short(drift.running) if drift.running else "")
        now = next((tag for tag in (primary_tag(drift.named.tags),) if tag != drift.tag), None)
        now = now or short(drift.named.digest)
        return f"{drift.tag} runs {runs}{_tasks(drift)} ≠ {now} that it names now"
    if word == "tag gone":
        return f"{drift.use.name} names {drift.tag}, which no image has"
    if word == "role may not pull":
        return f"{drift.use.name} cannot pull (its role may not)"
    return f"{drift.use.name}: {word}"
