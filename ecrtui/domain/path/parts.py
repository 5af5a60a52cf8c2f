"""What is to be said of each part of a path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ecrtui.domain.buildspec import BuildspecKind, kind_of
from ecrtui.domain.drift import Drift, DriftState
from ecrtui.domain.image import Image
from ecrtui.domain.lifecycle import PolicyError, parse
from ecrtui.domain.origin import Origin
from ecrtui.domain.path.chain import Check, Entry, Fact, Part, PartKind, Standing, Tone, worst
from ecrtui.domain.path.facts import PathFacts, Stock, Unread
from ecrtui.domain.path.links import build_name, role_name, run_checks
from ecrtui.domain.project import Project
from ecrtui.domain.pushtargets import push_evidence
from ecrtui.domain.repository import Repository
from ecrtui.domain.tags import TagKind, classify, ordered, primary_tag
from ecrtui.domain.units import age, count, size
from ecrtui.domain.usage import KIND_WORDS

_STATES = frozenset({TagKind.ENVIRONMENT, TagKind.LATEST})
_FAILED = frozenset({"FAILED", "FAULT", "TIMED_OUT"})


def parts(facts: PathFacts) -> tuple[Part, ...]:
    """Project, repository, images, runtime."""
    return (_project(facts), _repository(facts), _images(facts), _runtime(facts))


def _unread(kind: PartKind, what: Unread) -> Part:
    if what.loading:
        return Part(kind, "", Standing.UNKNOWN, "reading", loading=True)
    facts = [Fact("why", what.why, "warn", what.why)]
    if what.action:
        facts.append(Fact("missing", what.action, "warn"))
    return Part(kind, "", Standing.UNKNOWN, "unknown", tuple(facts))


# The project


def _project(facts: PathFacts) -> Part:
    project = facts.project
    if isinstance(project, Unread):
        return _unread("project", project)
    if project is None:
        standing = Standing.NONE if facts.filled else Standing.BROKEN
        return Part("project", "", standing, "none", (Fact("", f"no project {facts.name} in {facts.region}"),))
    said = tuple(_project_facts(project, facts))
    broken = any(fact.tone == "bad" for fact in said)
    return Part("project", project.name, Standing.BROKEN if broken else Standing.OK, "", said)


def _project_facts(project: Project, facts: PathFacts) -> Iterator[Fact]:
    version = f" at {project.source_version}" if project.source_version else ""
    source = f"{project.source_type} {project.source_location}".strip()
    yield Fact("source", (source or "none") + version, brief=_source(project))
    yield Fact("buildspec", *_buildspec(project))
    yield _privileged(project, facts)
    role = role_name(project.service_role)
    yield Fact("role", role or "none", brief=f"role {role}" if role else "no role")
    yield _last_build(facts)


def _source(project: Project) -> str:
    """The end of the location says which repository it is."""
    place = project.source_location.removesuffix(".git").removesuffix("/")
    return "/".join(place.rsplit("/", 2)[-2:]) if place else project.source_type.lower()


def _buildspec(project: Project) -> tuple[str, Tone, str]:
    match kind_of(project.buildspec):
        case BuildspecKind.DEFAULT:
            return "buildspec.yml of the source: it cannot be seen from here", "plain", "buildspec.yml of the source"
        case BuildspecKind.INLINE:
            return "in the project", "plain", "inline buildspec"
        case BuildspecKind.S3:
            return f"in S3: {project.buildspec.strip()}", "plain", "buildspec in S3"
    file = project.buildspec.strip()
    return f"{file} of the source: it cannot be seen from here", "plain", f"buildspec {file}"


def _privileged(project: Project, facts: PathFacts) -> Fact:
    if project.privileged:
        return Fact("privileged", "on: docker can run", brief="privileged")
    if push_evidence(project).runs_containers and "LAMBDA" not in project.environment_type:
        return Fact("privileged", "off, and its buildspec runs docker: it cannot", "bad", "not privileged")
    return Fact("privileged", "off", brief="not privileged")


def _last_build(facts: PathFacts) -> Fact:
    builds = facts.builds
    if isinstance(builds, Unread):
        tone: Tone = "muted" if builds.loading else "warn"
        return Fact("last build", "reading" if builds.loading else f"unknown: {builds.why}", tone)
    if not builds:
        return Fact("last build", "never built", "muted", "never built")
    build = builds[0]
    status = "running" if build.active else build.status.lower().replace("_", " ")
    when = "" if build.started_at is None else f" {age(facts.now - build.started_at)} ago"
    commit = f", {build.resolved_source_version[:7]}" if build.resolved_source_version else ""
    tone = "good" if build.status == "SUCCEEDED" else "warn" if build.status in _FAILED else "plain"
    text = f"{build_name(build)} {status}{when}{commit}"
    return Fact("last build", text, tone, f"build {build_name(build)} {status}{when}")


# The repository


def _repository(facts: PathFacts) -> Part:
    repository = facts.repository
    if isinstance(repository, Unread):
        return _unread("repository", repository)
    if repository is None:
        made = facts.created_on_push
        said = f"no repository {facts.name} in {facts.region}"
        fact = Fact("", f"{said}; the first push creates it" if made else said)
        return Part("repository", "", Standing.NONE if made else Standing.BROKEN, "none", (fact,))
    return Part("repository", repository.name, Standing.OK, "", tuple(_repository_facts(repository, facts)))


def _repository_facts(repository: Repository, facts: PathFacts) -> Iterator[Fact]:
    mutability = repository.mutability.lower().replace("_with_exclusion", "")
    exceptions = f" except {', '.join(repository.exclusions)}" if repository.exclusions else ""
    yield Fact("uri", repository.uri)
    yield Fact("tags", mutability + exceptions, brief=mutability + (" with exceptions" if exceptions else ""))
    yield {
        True: Fact("scan", "on push", brief="scan on push"),
        False: Fact("scan", "not on push", "warn", "no scan on push"),
        None: Fact("scan", "unknown", "warn", "scan unknown"),
    }[repository.scan_on_push]
    yield _lifecycle(facts)
    key = f", {repository.kms_key}" if repository.kms_key else ""
    yield Fact("encryption", repository.encryption + key, brief=repository.encryption)
    if isinstance(facts.stock, Stock):
        yield Fact("images", f"{count(facts.stock.total)}, {size(facts.stock.bytes)} at most (layers are shared)")


def _lifecycle(facts: PathFacts) -> Fact:
    policy = facts.policy
    if isinstance(policy, Unread):
        if policy.loading:
            return Fact("lifecycle", "reading", "muted")
        return Fact("lifecycle", f"unknown: {policy.why}", "warn", "lifecycle unknown")
    if policy is None:
        return Fact("lifecycle", "none: images stay for ever", "warn", "no lifecycle policy")
    try:
        rules = len(parse(policy).rules)
    except PolicyError:
        return Fact("lifecycle", "set, but not as ECR documents it", "warn", "odd lifecycle policy")
    words = f"{rules} rule" if rules == 1 else f"{rules} rules"
    return Fact("lifecycle", words, brief=f"lifecycle {words}")


# The images


def _images(facts: PathFacts) -> Part:
    stock = facts.stock
    if facts.repository is None:
        return Part("images", "", Standing.NONE, "none")
    if isinstance(stock, Unread):
        return _unread("images", stock)
    entries = tuple(_image(image, stock, facts) for image in stock.images)
    shown_of = f"{len(entries)} of {count(stock.total)}" if len(entries) < stock.total else count(stock.total)
    standing = Standing.UNKNOWN if stock.incomplete else Standing.OK if stock.total else Standing.NONE
    said = (Fact("not all", stock.incomplete, "warn", stock.incomplete),) if stock.incomplete else ()
    return Part("images", "", standing, shown_of if stock.total else "none", said, entries)


def _image(image: Image, stock: Stock, facts: PathFacts) -> Entry:
    tag = primary_tag(image.tags) or "<untagged>"
    runs = any(image.digest == running.digest for drift in facts.drifts if (running := facts.running(drift)))
    roles = [one for one in ordered(image.tags) if classify(one).kind in _STATES and one != tag]
    roles += ["in use"] if runs else []
    roles += ["newest"] * (image.digest == stock.newest) + ["highest release"] * (image.digest == stock.release)
    origin = facts.origin(image)
    when = age(None if image.pushed_at is None else facts.now - image.pushed_at)
    said = [short(image.digest), f"{when:>4}", made_by(origin) if origin else ""]
    return Entry(
        Standing.OK,
        tag,
        ", ".join(roles),
        "  ".join(said).rstrip(),
        tuple(image_facts(image, origin, facts.now)),
        image.digest,
        facts.region,
    )


def image_facts(image: Image, origin: Origin | None, now: float, what: str = "image") -> Iterator[Fact]:
    """An image in full, with what made it."""
    yield Fact(what, ", ".join(ordered(image.tags)) or "untagged", "strong")
    yield Fact("digest", image.digest)
    yield Fact("pushed", _ago(image.pushed_at, now) or "unknown")
    if image.size is not None:
        yield Fact("size", f"{size(image.size)} compressed")
    if image.status != "ACTIVE":
        yield Fact("status", image.status.lower(), "warn")
    if origin is None:
        yield Fact("built by", "unknown: no tag, log or time points to a build", "muted")
        return
    commit = f" from {origin.commit}" if origin.commit else ""
    branch = f" ({origin.branch})" if origin.branch else ""
    build = "a build that is not known any more" if origin.build is None else f"build {build_name(origin.build)}"
    yield Fact("built by", f"{build}{commit}{branch}")
    yield Fact("certainty", f"{origin.certainty}: {origin.evidence}", "muted")


def made_by(origin: Origin) -> str:
    """`#48 4f2a91c, by tag`."""
    build = "" if origin.build is None else f"{build_name(origin.build)} "
    return f"{build}{origin.commit[:7]}".strip() + f", {origin.certainty}"


def short(digest: str) -> str:
    """A digest as it is compared by eye: its first twelve digits."""
    return digest.removeprefix("sha256:")[:12]


def _ago(at: float | None, now: float) -> str:
    return "" if at is None else f"{age(now - at)} ago"


# What runs


def _runtime(facts: PathFacts) -> Part:
    entries = tuple(_run(drift, number, facts) for number, drift in enumerate(facts.drifts))
    said = tuple(Fact("not checked", reason, "warn", reason) for reason in facts.unchecked)
    standings = tuple(entry.standing for entry in entries) + (Standing.UNKNOWN,) * bool(said)
    word = f"{len(entries)}" if entries else "unknown" if said else "reading" if facts.waiting else "nothing"
    if facts.waiting and not entries:
        return Part("runtime", "", Standing.UNKNOWN, "reading", said, loading=True)
    return Part("runtime", "", worst(standings), word, said, entries, facts.waiting)


def _run(drift: Drift, number: int, facts: PathFacts) -> Entry:
    use = drift.use
    checks = tuple(run_checks(facts, drift, number))
    standing = worst(tuple(check.standing for check in checks))
    leading = next(check for check in checks if check.standing is standing)
    tasks = f", {use.running} running" if use.kind.startswith("ecs") else ""
    return Entry(
        standing,
        use.name,
        f"{KIND_WORDS[use.kind]}{tasks}",
        _run_words(drift, leading, facts),
        tuple(_run_facts(drift, checks, facts)),
        next((image.digest for image in (facts.running(drift), drift.named) if image is not None), ""),
        use.region,
        leading.word,
    )


_TONES: Mapping[Standing, Tone] = {
    Standing.OK: "good",
    Standing.BROKEN: "bad",
    Standing.UNKNOWN: "warn",
    Standing.NONE: "plain",
}


def _run_words(drift: Drift, leading: Check, facts: PathFacts) -> str:
    """What it runs; where that differs, both sides."""
    if leading.word.startswith("role"):
        return leading.why.partition(": ")[2]
    runs = image_words(facts.running(drift), drift.running, facts)
    if drift.state is DriftState.DRIFT and drift.named is not None:
        return f"runs {runs}, {drift.tag} is {image_words(drift.named, drift.named.digest, facts)}"
    if drift.running is None:
        return f"follows {drift.tag}: {drift.why}"
    if leading.standing is Standing.OK:
        return f"runs {runs}, " + (f"as {drift.tag} says" if drift.tag else "by its digest")
    return f"runs {runs}: {leading.why.partition(': ')[2]}"


def image_words(image: Image | None, digest: str | None, facts: PathFacts) -> str:
    """`v2.4.1 11c9d0e5b7aa (3d)`."""
    if digest is None:
        return "what AWS does not say"
    tag = "" if image is None else primary_tag(image.tags) or "<untagged>"
    when = "" if image is None or image.pushed_at is None else f" ({age(facts.now - image.pushed_at)})"
    return f"{tag} {short(digest)}{when}".strip()


def _run_facts(drift: Drift, checks: Iterable[Check], facts: PathFacts) -> Iterator[Fact]:
    use = drift.use
    for check in checks:
        yield Fact(check.word, check.why.partition(": ")[2], _TONES[check.standing])
    yield Fact("where", f"{KIND_WORDS[use.kind]} {use.name} in {use.region}")
    yield Fact("deployed", _ago(use.deployed_at, facts.now) or "unknown")
    yield Fact("role", use.role or "none")
    image = facts.running(drift)
    if image is not None:
        yield from image_facts(image, facts.origin(image), facts.now, "runs")
        if image.digest != drift.running:
            yield Fact("platform", drift.running or "")
    else:
        yield Fact("runs", drift.running or "AWS does not say which digest")
    named = drift.named
    if named is not None and named.digest != drift.running:
        yield from image_facts(named, facts.origin(named), facts.now, f"{drift.tag} is")
