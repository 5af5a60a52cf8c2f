"""An AWS account in memory behind the ports, with faults that tests set. The UI's tests use it too.

    account = MemoryAccount(
        regions=("ap-northeast-2", "us-east-1"),
        repositories=[a_repository("pet-web")],
        images={"pet-web": [an_image("v1", pushed_at=NOW - 60)]},
        projects=[a_project("pet-web")],
        builds=[a_build("pet-web")],
        logs={"pet-web:…": ["line", …]},
    )
    account.faults.deny("ecr:DescribeImages")

Every call is recorded in `account.calls` as (action, region, target).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import uuid4

from ecrtui.domain.build import Build
from ecrtui.domain.change import ApiCall
from ecrtui.domain.cost import FALLBACK, Prices
from ecrtui.domain.errors import AppError, ErrorKind, Executed
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.permission import Decision, Simulated
from ecrtui.domain.project import Project
from ecrtui.domain.registry import RegistrySettings, Replica
from ecrtui.domain.repository import Repository, RepositoryListing
from ecrtui.domain.scan import ScanReport
from ecrtui.domain.usage import Usage
from ecrtui.services.ports import (
    CodeQuestion,
    Identity,
    ImageId,
    JournalEntry,
    LogPage,
    Page,
    PreviewReport,
    Receipt,
    RegionStatus,
    StoredPolicy,
)

NOW = 1_777_900_000.0
"""The instant at which tests play, in epoch seconds."""
ACCOUNT = "123456789012"
REGION = "ap-northeast-2"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class FakeTime:
    """A clock that stands still, and a sleep that moves it on at once."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self.slept: list[float] = []
        self.at: dict[int, Callable[[], object]] = {}
        """What happens during the n-th sleep (from 1)."""

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)
        if event := self.at.pop(len(self.slept), None):
            event()
        await asyncio.sleep(0)


def digest_of(text: str) -> str:
    """A digest that is always the same for one text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def a_repository(name: str, region: str = REGION, **settings: Any) -> Repository:
    """A repository as ECR would describe it."""
    arn = f"arn:aws:ecr:{region}:{ACCOUNT}:repository/{name}"
    uri = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{name}"
    values = {"created_at": NOW - 86_400.0, "scan_on_push": True, **settings}
    return Repository(name, region, ACCOUNT, arn, uri, **values)


def an_image(*tags: str, pushed_at: float = NOW - 3600.0, digest: str = "", **settings: Any) -> Image:
    """An image; its digest comes from its tags and push unless given."""
    values = {"size": 200_000_000, "media_type": MANIFEST, **settings}
    return Image(digest or digest_of(f"{tags}{pushed_at}"), tags, pushed_at=pushed_at, **values)


def an_index(
    *tags: str, children: Mapping[str, str], pushed_at: float = NOW - 3600.0, **settings: Any
) -> tuple[Image, str]:
    """An index of children (platform to digest), and its manifest, which has the right digest."""
    entries = [
        {"digest": digest, "platform": dict(zip(("os", "architecture"), platform.split("/"), strict=False))}
        for platform, digest in children.items()
    ]
    text = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
    image = an_image(*tags, pushed_at=pushed_at, digest=digest_of(text), media_type=INDEX, **settings)
    return image, text


def a_project(name: str, region: str = REGION, **settings: Any) -> Project:
    """A project as CodeBuild would describe it."""
    arn = f"arn:aws:codebuild:{region}:{ACCOUNT}:project/{name}"
    return Project(name, region, arn, **{"privileged": True, **settings})


def a_build(project: str, number: int = 1, region: str = REGION, **settings: Any) -> Build:
    """A running build with the id `project:<number in hex>`; with a `status` it has ended."""
    name = f"{number:08x}"
    values = {"started_at": NOW - 60.0, "current_phase": "BUILD", **settings}
    if values.get("status", "IN_PROGRESS") != "IN_PROGRESS":
        values = {"complete": True, "ended_at": NOW - 10.0, "current_phase": "COMPLETED", **values}
    return Build(
        f"{project}:{name}",
        project,
        region,
        number,
        log_group=f"/aws/codebuild/{project}",
        log_stream=name,
        **values,
    )


@dataclass
class Fault:
    """What happens to calls of one action (`ecr:DescribeImages`); region and target None: any."""

    action: str
    kind: ErrorKind
    region: str | None
    target: str | None
    times: int | None
    after: int
    executed: Executed = Executed.NO

    def strikes(self, action: str, region: str, target: str) -> bool:
        """Whether this call fails; counts it."""
        if action != self.action or self.region not in (None, region) or self.target not in (None, target):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
            return self.times >= 0
        return True

    def error(self, region: str, target: str) -> AppError:
        """The error as the AWS adapter would make it."""
        verb = self.action.partition(":")[2]
        what = f"{verb} {target}".strip()
        denied = self.action if self.kind is ErrorKind.DENIED else ""
        return AppError(
            self.kind,
            what,
            region,
            f"{verb} failed: {self.kind.value}",
            "Try something else.",
            executed=self.executed,
            action=denied,
            request_id="request-of-error",
        )


class Gate(asyncio.Event):
    """Set it to let the held calls go on; `reached` is set when the first one waits."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()


class Faults:
    """What goes wrong in a `MemoryAccount`. `times=None` is for ever; `after` lets so many calls through."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self.lost: dict[str, tuple[bool, int]] = {}
        self.held: dict[str, Gate] = {}

    def fail(
        self,
        action: str,
        kind: ErrorKind,
        *,
        region: str | None = None,
        target: str | None = None,
        times: int | None = None,
        after: int = 0,
    ) -> None:
        """Let calls of an action fail."""
        self.active.append(Fault(action, kind, region, target, times, after))

    def deny(self, action: str, *, region: str | None = None, target: str | None = None) -> None:
        """Refuse an action for lack of permission."""
        self.fail(action, ErrorKind.DENIED, region=region, target=target)

    def throttle(self, action: str, times: int, *, region: str | None = None) -> None:
        """Throttle the next calls of an action."""
        self.fail(action, ErrorKind.THROTTLED, region=region, times=times)

    def lose_reply(self, action: str, *, applied: bool = True, times: int = 1) -> None:
        """Lose the answer to a change, which took effect or did not."""
        self.lost[action] = (applied, times)

    def hold(self, action: str) -> Gate:
        """Let calls of an action wait until the returned gate is set."""
        return self.held.setdefault(action, Gate())

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        for event in self.held.values():
            event.set()
        self.active.clear()
        self.lost.clear()
        self.held.clear()


@dataclass
class _Region:
    """Everything that is in one region."""

    name: str
    repositories: dict[str, Repository] = field(default_factory=dict)
    images: dict[str, list[Image]] = field(default_factory=dict)
    policies: dict[str, StoredPolicy] = field(default_factory=dict)
    previews: dict[str, PreviewReport] = field(default_factory=dict)
    manifests: dict[str, str] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    builds: dict[str, Build] = field(default_factory=dict)
    logs: dict[tuple[str, str], list[tuple[float, str]]] = field(default_factory=dict)
    usage: Usage = field(default_factory=lambda: Usage(()))
    access: dict[str, str] = field(default_factory=dict)
    """Repository policies by repository."""
    settings: RegistrySettings | None = None
    scans: dict[str, ScanReport] = field(default_factory=dict)
    """Scans by digest."""
    replicas: dict[str, tuple[Replica, ...]] = field(default_factory=dict)
    """States of replication by digest."""
    prices: Prices = FALLBACK
    hidden: dict[str, int] = field(default_factory=dict)
    """Names that are not visible yet, with the reads left until they are."""


Named = Mapping[str | tuple[str, str], Any]
"""Values by name (in the default region) or by (region, name)."""


class MemoryNetwork:
    """The port `Network`: `returns` is the network's return."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []
        self._returned = asyncio.Event()

    def on_return(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    async def pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._returned.wait()

    def returns(self) -> None:
        """It is back."""
        self._returned.set()
        self._returned = asyncio.Event()
        for listener in self._listeners:
            listener()


class MemoryLogin:
    """Credentials that tests lose and find. Implements `ports.Login`."""

    command: tuple[str, ...] = ()
    problem: AppError | None = None
    waiting_for: str = ""

    def __init__(self) -> None:
        self.ask: Callable[[CodeQuestion], Awaitable[str]] | None = None
        self.agains = 0
        """How often it was asked to look anew."""
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def asks(self, ask: Callable[[CodeQuestion], Awaitable[str]]) -> None:
        self.ask = ask

    async def again(self) -> bool:
        self.agains += 1
        return self.problem is None

    def stop(self) -> None:
        self.waits("")

    def waits(self, who: str) -> None:
        """Have somebody waited for."""
        self.waiting_for = who
        self.stands(self.problem)

    def stands(self, problem: AppError | None) -> None:
        """Lose the credentials, or (None) find them again."""
        self.problem = problem
        for listener in self._listeners:
            listener()


class MemoryAccount:
    """An account in memory. Implements `ports.Account`."""

    def __init__(
        self,
        *,
        regions: Sequence[str | RegionStatus] = (REGION,),
        repositories: Iterable[Repository] = (),
        images: Named | None = None,
        policies: Named | None = None,
        manifests: Mapping[str, str] | None = None,
        projects: Iterable[Project] = (),
        builds: Iterable[Build] = (),
        logs: Named | None = None,
        usages: Mapping[str, Usage] | None = None,
        tags: Mapping[str, Mapping[str, str]] | None = None,
        repository_policies: Named | None = None,
        settings: Iterable[RegistrySettings] = (),
        scans: Iterable[ScanReport] = (),
        replicas: Mapping[str, Sequence[Replica]] | None = None,
        simulations: Mapping[str, Sequence[Simulated]] | None = None,
        prices: Mapping[str, Prices] | None = None,
        buildspecs: Mapping[str, str] | None = None,
        identity: Identity | None = None,
        profile: str = "test",
        endpoint: str = "",
        read_only: bool = False,
        page_size: int = 1000,
        visible_after: int = 0,
        clock: Callable[[], float] = lambda: NOW,
    ) -> None:
        self.profile = profile
        self.endpoint = endpoint
        self.read_only = read_only
        self.page_size = page_size
        self.visible_after = visible_after
        """Reads after which a repository or build that was just made becomes visible."""
        self.clock = clock
        self.faults = Faults()
        self.calls: list[tuple[str, str, str]] = []
        self.sent: list[tuple[str, ApiCall]] = []
        """What reached the service of changes, with its region, also when the answer was lost."""
        self.undeletable: set[str] = set()
        """Digests that BatchDeleteImage refuses, as if an index named them."""
        self.closed = False
        self.who = identity or Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/tester")
        """Who we are; who logs in anew has other `credentials`."""
        self._known: Identity | None = None
        self._statuses = tuple(each if isinstance(each, RegionStatus) else RegionStatus(each) for each in regions)
        self.default_region = self._statuses[0].name if self._statuses else ""
        self._regions = {status.name: _Region(status.name) for status in self._statuses}
        self._tokens: dict[str, str] = {}
        self.sender = _Sender(self)
        self.login = MemoryLogin()
        self.network = MemoryNetwork()
        for repository in repositories:
            self.area(repository.region).repositories[repository.name] = repository
        for project in projects:
            self.area(project.region).projects[project.name] = project
        for build in builds:
            self.area(build.region).builds[build.id] = build
        for region, name, found in self._located(images):
            self.area(region).images[name] = list(found)
        for region, name, text in self._located(policies):
            self.area(region).policies[name] = StoredPolicy(text)
        for region, build_id, lines in self._located(logs):
            self.write_log(build_id, *lines, region=region)
        for area in self._regions.values():
            area.manifests.update(manifests or {})
            area.tags.update({arn: dict(pairs) for arn, pairs in (tags or {}).items()})
            area.scans.update({report.digest: report for report in scans})
            area.replicas.update({digest: tuple(states) for digest, states in (replicas or {}).items()})
        for region, usage in (usages or {}).items():
            self.area(region).usage = usage
        for region, name, text in self._located(repository_policies):
            self.area(region).access[name] = text
        for found in settings:
            self.area(found.region).settings = found
        for region, known in (prices or {}).items():
            self.area(region).prices = known
        self.simulations = {role: tuple(each) for role, each in (simulations or {}).items()}
        """What the simulator says, by role; a role that is not here does not exist. Actions and resources that a
        role's entry leaves out are denied implicitly."""
        self.buildspecs = dict(buildspecs or {})
        """Stored buildspecs by ARN."""

    def _located(self, values: Named | None) -> list[tuple[str, str, Any]]:
        return [
            (*key, value) if isinstance(key, tuple) else (self.default_region, key, value)
            for key, value in (values or {}).items()
        ]

    # What tests do to it

    def area(self, region: str) -> _Region:
        """The contents of a region, to look at or to alter."""
        return self._regions.setdefault(region, _Region(region))

    def push(self, repository: str, image: Image, region: str = "") -> None:
        """Push an image: its tags move to it from others, which stay untagged."""
        images = self.area(region or self.default_region).images.setdefault(repository, [])
        for index, other in enumerate(images):
            kept = tuple(tag for tag in other.tags if tag not in image.tags)
            images[index] = replace(other, tags=kept)
        images[:] = [other for other in images if other.digest != image.digest] + [image]

    def remove(self, repository: str, digest: str, region: str = "") -> None:
        """Delete an image."""
        area = self.area(region or self.default_region)
        area.images[repository] = [image for image in area.images[repository] if image.digest != digest]

    def write_log(self, build_id: str, *lines: str, region: str = "", at: float | None = None) -> None:
        """Write events into a build's log stream; the stream exists from the first one on."""
        project, _, name = build_id.partition(":")
        build = self.area(region or self.default_region).builds.get(build_id)
        group = (build and build.log_group) or f"/aws/codebuild/{project}"
        stream = (build and build.log_stream) or name
        events = self.area(region or self.default_region).logs.setdefault((group, stream), [])
        events += [(self.clock() if at is None else at, line) for line in lines]

    def set_build(self, build: Build) -> None:
        """Replace or add a build."""
        self.area(build.region).builds[build.id] = build

    def end_build(self, build_id: str, status: str = "SUCCEEDED", region: str = "") -> None:
        """End a running build now."""
        build = self.area(region or self.default_region).builds[build_id]
        ended = replace(build, status=status, complete=True, current_phase="COMPLETED", ended_at=self.clock())
        self.set_build(ended)

    def count(self, action: str) -> int:
        """How often an action was called."""
        return sum(call[0] == action for call in self.calls)

    # The port

    async def identity(self, fresh: bool = False) -> Identity:
        if fresh or self._known is None or self._known.credentials != self.who.credentials:
            await self.enter("sts:GetCallerIdentity")
            self._known = self.who
        return self._known

    async def regions(self) -> tuple[RegionStatus, ...]:
        await self.enter("account:ListRegions")
        return self._statuses

    def registry(self, region: str) -> _Registry:
        return _Registry(self, self.area(region))

    def builds(self, region: str) -> _Builds:
        return _Builds(self, self.area(region))

    def logs(self, region: str) -> _Logs:
        return _Logs(self, self.area(region))

    def runtime(self, region: str) -> _Runtime:
        return _Runtime(self, self.area(region))

    def permissions(self) -> _Permissions:
        return _Permissions(self)

    async def prices(self, region: str) -> Prices:
        await self.enter("pricing:GetProducts", region)
        return self.area(region).prices

    async def close(self) -> None:
        self.closed = True

    # What the gateways below use

    async def enter(self, action: str, region: str = "", target: str = "") -> None:
        """Record a call, and let it wait or fail as the faults say."""
        self.calls.append((action, region, target))
        await asyncio.sleep(0)
        if held := self.faults.held.get(action):
            held.reached.set()
            await held.wait()
        for fault in self.faults.active:
            if fault.strikes(action, region, target):
                raise fault.error(region, target)

    def carry_out(self, region: str, call: ApiCall) -> Mapping[str, Any]:
        """Do what a change says; the answer to it."""
        return _APPLY[call.operation](self, self.area(region), dict(call.parameters))

    def once(self, token: str | None, make: Callable[[], str]) -> str:
        """What `make` gives, once for each idempotency token."""
        if token is None:
            return make()
        if token not in self._tokens:
            self._tokens[token] = make()
        return self._tokens[token]


def missing(what: str, region: str) -> AppError:
    """The error of the adapter for something that is not there."""
    return AppError(ErrorKind.NOT_FOUND, f"find {what}", region, f"there is no {what} in {region}", "Check the name.")


def _hidden(area: _Region, name: str) -> bool:
    left = area.hidden.get(name, 0)
    area.hidden[name] = left - 1
    return left > 0


@dataclass
class _Registry:
    account: MemoryAccount
    area: _Region

    async def _enter(self, operation: str, target: str = "") -> None:
        await self.account.enter(f"ecr:{operation}", self.area.name, target)

    async def list_repositories(self, into: RepositoryListing, resume: str | None = None) -> AsyncIterator[Page]:
        start, size, pages = int(resume or 0), self.account.page_size, 0
        while True:
            await self._enter("DescribeRepositories")
            everything = list(self.area.repositories.values())
            for each in everything[start : start + size]:
                into.add(
                    each.name,
                    each.registry_id,
                    each.arn,
                    each.uri,
                    each.created_at,
                    each.mutability,
                    each.exclusions,
                    each.scan_on_push,
                    each.encryption,
                    each.kms_key,
                )
            start, pages = start + size, pages + 1
            token = str(start) if start < len(everything) else None
            yield Page(pages, len(into), token)
            if token is None:
                return

    async def list_images(self, into: ImageListing, resume: str | None = None) -> AsyncIterator[Page]:
        start, size, pages = int(resume or 0), self.account.page_size, 0
        while True:
            await self._enter("DescribeImages", into.repository)
            everything = self._images(into.repository)
            for image in everything[start : start + size]:
                _add(into, image)
            start, pages = start + size, pages + 1
            token = str(start) if start < len(everything) else None
            yield Page(pages, len(into), token)
            if token is None:
                return

    def _images(self, repository: str) -> list[Image]:
        if repository not in self.area.repositories:
            raise missing(f"repository {repository}", self.area.name)
        return self.area.images.get(repository, [])

    async def repository(self, name: str) -> Repository:
        await self._enter("DescribeRepositories", name)
        if name not in self.area.repositories or _hidden(self.area, name):
            raise missing(f"repository {name}", self.area.name)
        return self.area.repositories[name]

    async def images(self, repository: str, ids: Sequence[ImageId]) -> tuple[Image, ...]:
        await self._enter("DescribeImages", repository)
        digests = {each.digest for each in ids if each.digest}
        tags = {each.tag for each in ids if each.tag}
        return tuple(
            image
            for image in self._images(repository)
            if (image.digest in digests or tags & set(image.tags)) and not _hidden(self.area, image.digest)
        )

    async def manifests(self, repository: str, digests: Sequence[str]) -> Mapping[str, str]:
        await self._enter("BatchGetImage", repository)
        return {digest: self.area.manifests[digest] for digest in digests if digest in self.area.manifests}

    async def configuration(self, repository: str, digest: str) -> bytes:
        await self._enter("GetDownloadUrlForLayer", repository)
        if digest not in self.area.manifests:
            raise AppError(ErrorKind.NOT_FOUND, "read the configuration", self.area.name, "there is no such blob")
        return self.area.manifests[digest].encode()

    async def lifecycle_policy(self, repository: str) -> StoredPolicy | None:
        await self._enter("GetLifecyclePolicy", repository)
        self._images(repository)
        return self.area.policies.get(repository)

    async def lifecycle_preview(self, repository: str) -> PreviewReport:
        await self._enter("GetLifecyclePolicyPreview", repository)
        if repository not in self.area.previews:
            raise missing(f"lifecycle preview of {repository}", self.area.name)
        return self.area.previews[repository]

    async def repository_policy(self, name: str) -> str | None:
        await self._enter("GetRepositoryPolicy", name)
        self._images(name)
        return self.area.access.get(name)

    async def settings(self) -> RegistrySettings:
        """As the adapter does, each part by itself: a part that fails is empty and named."""
        found = self.area.settings or RegistrySettings(self.area.name, ACCOUNT, scan_type="BASIC", blob_mounting=False)
        for operation, part, empty in _SETTINGS:
            try:
                await self._enter(operation)
            except AppError as error:
                reason = f"{error.action} is not allowed" if error.action else error.why
                found = replace(found, **empty, unread={**found.unread, part: reason})
        return found

    async def scan(self, repository: str, digest: str, *, counts_only: bool = False) -> ScanReport:
        await self._enter("DescribeImageScanFindings", digest)
        if all(image.digest != digest for image in self._images(repository)):
            raise missing(f"image {digest}", self.area.name)
        if digest not in self.area.scans:
            raise missing(f"scan of {digest}", self.area.name)
        report = self.area.scans[digest]
        return replace(report, findings=()) if counts_only else report

    async def replicas(self, repository: str, digest: str) -> tuple[Replica, ...]:
        await self._enter("DescribeImageReplicationStatus", digest)
        self._images(repository)
        return self.area.replicas.get(digest, ())

    async def tags(self, arn: str) -> Mapping[str, str]:
        await self._enter("ListTagsForResource", arn)
        return self.area.tags.get(arn, {})

    async def raw_repository(self, name: str) -> Mapping[str, Any]:
        return asdict(await self.repository(name))

    async def raw_image(self, repository: str, digest: str) -> Mapping[str, Any]:
        found = await self.images(repository, [ImageId(digest=digest)])
        if not found:
            raise missing(f"image {digest}", self.area.name)
        return asdict(found[0])


_SETTINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("DescribeRegistry", "replication", {"replication": (), "registry_id": ""}),
    ("GetRegistryScanningConfiguration", "scanning", {"scan_type": "", "scanning": ()}),
    ("DescribePullThroughCacheRules", "pull_through", {"pull_through": ()}),
    ("DescribeRepositoryCreationTemplates", "templates", {"templates": ()}),
    ("GetAccountSetting", "blob_mounting", {"blob_mounting": None}),
)
"""The calls of `settings`, the parts they tell, and what is known of a part that fails."""


def _add(into: ImageListing, image: Image) -> None:
    row = len(into)
    fresh = into.add(
        image.digest,
        image.tags,
        image.size,
        image.pushed_at,
        image.pulled_at,
        image.media_type,
        image.artifact_type,
        image.status,
    )
    if not fresh:
        return
    if image.subject is not None:
        into.subjects[row] = image.subject
    if image.archived_at is not None:
        into.archived[row] = image.archived_at
    if image.activated_at is not None:
        into.activated[row] = image.activated_at
    if image.scan_status is not None or image.severities is not None:
        into.scans[row] = (image.scan_status, image.severities)


@dataclass
class _Builds:
    account: MemoryAccount
    area: _Region

    async def _enter(self, operation: str, target: str = "") -> None:
        await self.account.enter(f"codebuild:{operation}", self.area.name, target)

    async def projects(self) -> AsyncIterator[tuple[Project, ...]]:
        everything = sorted(self.area.projects.values(), key=lambda project: project.name)
        for start in range(0, max(1, len(everything)), 100):
            await self._enter("ListProjects")
            await self._enter("BatchGetProjects")
            yield tuple(everything[start : start + 100])

    async def project(self, name: str) -> Project:
        await self._enter("BatchGetProjects", name)
        if name not in self.area.projects:
            raise missing(f"project {name}", self.area.name)
        return self.area.projects[name]

    async def build_ids(self, project: str | None = None) -> AsyncIterator[tuple[str, ...]]:
        operation = "ListBuilds" if project is None else "ListBuildsForProject"
        newest = sorted(self.area.builds.values(), key=lambda build: build.started_at or 0.0, reverse=True)
        ids = [build.id for build in newest if project in (None, build.project)]
        for start in range(0, max(1, len(ids)), 100):
            await self._enter(operation, project or "")
            page = ids[start : start + 100]
            yield tuple(build_id for build_id in page if not _hidden(self.area, build_id))

    async def builds(self, ids: Sequence[str]) -> tuple[Build, ...]:
        for _ in range(0, len(ids), 100):
            await self._enter("BatchGetBuilds")
        known = [self.area.builds[build_id] for build_id in ids if build_id in self.area.builds]
        return tuple(build for build in known if not _hidden(self.area, build.id))

    async def raw_project(self, name: str) -> Mapping[str, Any]:
        return asdict(await self.project(name))

    async def stored_buildspec(self, arn: str) -> str:
        await self.account.enter("s3:GetObject", self.area.name, arn)
        if arn not in self.account.buildspecs:
            raise missing(f"object {arn}", self.area.name)
        return self.account.buildspecs[arn]


@dataclass
class _Logs:
    account: MemoryAccount
    area: _Region
    page = 1000

    async def events(self, group: str, stream: str, token: str | None) -> LogPage:
        await self.account.enter("logs:GetLogEvents", self.area.name, f"{group}/{stream}")
        if (group, stream) not in self.area.logs:
            raise missing(f"log stream {stream}", self.area.name)
        start = int((token or "f/0").partition("/")[2])
        events = self.area.logs[group, stream][start : start + self.page]
        return LogPage(tuple(events), f"f/{start + len(events)}")


@dataclass
class _Runtime:
    account: MemoryAccount
    area: _Region

    async def usage(self) -> Usage:
        """As the adapter does: a service that is refused becomes a sentence, and its uses are not known."""
        usage = self.area.usage
        for action, kinds, part in _RUNNERS:
            try:
                await self.account.enter(action, self.area.name)
            except AppError as error:
                reason = f"{error.action} is not allowed" if error.action else error.why
                sentence = f"The {part} in {self.area.name} could not be checked: {reason}"
                uses = tuple(use for use in usage.uses if not use.kind.startswith(kinds))
                usage = Usage(uses, (*usage.unchecked, sentence))
        return usage


_RUNNERS = (
    ("ecs:ListClusters", "ecs-", "ECS clusters"),
    ("apprunner:ListServices", "apprunner-", "App Runner services"),
    ("lambda:ListFunctions", "lambda-", "Lambda functions"),
)


@dataclass
class _Permissions:
    account: MemoryAccount

    async def simulate(
        self, role: str, actions: Sequence[str], resources: Sequence[str], *, fresh: bool = False
    ) -> tuple[Simulated, ...]:
        await self.account.enter("iam:SimulatePrincipalPolicy", "", role)
        if role not in self.account.simulations:
            raise missing(f"role {role}", "IAM")
        known = {(each.action, each.resource): each for each in self.account.simulations[role]}
        asked = [
            (action, resource)
            for action in dict.fromkeys(actions)
            for resource in (("*",) if action == "ecr:GetAuthorizationToken" else dict.fromkeys(resources))
        ]
        return tuple(known.get(pair) or Simulated(*pair, Decision.IMPLICIT_DENY) for pair in asked)


@dataclass
class _Sender:
    account: MemoryAccount

    async def send(self, region: str, call: ApiCall, identity: Identity) -> Receipt:
        if self.account.read_only:
            raise AppError(ErrorKind.READ_ONLY, call.operation, region, "read-only")
        if identity.credentials != self.account.who.credentials:
            raise AppError(ErrorKind.CREDENTIALS, call.operation, region, "the credentials were replaced meanwhile")
        await self.account.enter(call.action, region, _target(call))
        applied, times = self.account.faults.lost.get(call.action, (True, 0))
        self.account.faults.lost[call.action] = (applied, times - 1)
        response = self.account.carry_out(region, call) if applied or times <= 0 else {}
        self.account.sent.append((region, call))
        if times > 0:
            raise AppError(ErrorKind.TIMEOUT, call.operation, region, "no answer came", executed=Executed.UNKNOWN)
        return Receipt(uuid4().hex, response)


def _target(call: ApiCall) -> str:
    return next(
        (str(call.parameters[key]) for key in ("repositoryName", "projectName", "id") if key in call.parameters),
        "",
    )


def _conflict(code: str, area: _Region, why: str) -> AppError:
    return AppError(ErrorKind.CONFLICT, code, area.name, why, code=code)


def _create_repository(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    name = given["repositoryName"]
    if name in area.repositories:
        raise _conflict("RepositoryAlreadyExistsException", area, f"the repository {name} already exists")
    encryption = given.get("encryptionConfiguration", {})
    made = a_repository(
        name,
        area.name,
        created_at=account.clock(),
        mutability=given.get("imageTagMutability", "MUTABLE"),
        exclusions=tuple(each["filter"] for each in given.get("imageTagMutabilityExclusionFilters", ())),
        scan_on_push=given.get("imageScanningConfiguration", {}).get("scanOnPush", False),
        encryption=encryption.get("encryptionType", "AES256"),
        kms_key=encryption.get("kmsKey"),
    )
    area.repositories[name] = made
    area.hidden[name] = account.visible_after
    area.tags[made.arn] = {tag["Key"]: tag["Value"] for tag in given.get("tags", ())}
    return {"repository": {"repositoryName": name, "repositoryUri": made.uri}}


def _put_policy(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    area.policies[given["repositoryName"]] = StoredPolicy(given["lifecyclePolicyText"])
    return {"repositoryName": given["repositoryName"]}


def _delete_policy(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    area.policies.pop(given["repositoryName"], None)
    return {"repositoryName": given["repositoryName"]}


def _start_preview(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    area.previews.setdefault(given["repositoryName"], PreviewReport("COMPLETE"))
    return {"status": "IN_PROGRESS"}


def _start_build(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    project = given["projectName"]
    if project not in area.projects:
        raise missing(f"project {project}", area.name)
    version = given.get("sourceVersion") or area.projects[project].source_version
    return _new_build(account, area, project, version, given.get("idempotencyToken"))


def _retry_build(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    old = area.builds[given["id"]]
    return _new_build(account, area, old.project, old.source_version, given.get("idempotencyToken"))


def _new_build(account: MemoryAccount, area: _Region, project: str, version: str, token: str | None) -> dict[str, Any]:
    def make() -> str:
        number = 1 + max((build.number or 0 for build in area.builds.values()), default=0)
        build = a_build(
            project,
            number,
            area.name,
            started_at=account.clock(),
            current_phase="SUBMITTED",
            source_version=version,
            initiator=account.who.arn.rpartition("/")[2],
        )
        area.builds[build.id] = build
        area.hidden[build.id] = account.visible_after
        return build.id

    return {"build": {"id": account.once(token, make)}}


def _stop_build(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    account.end_build(given["id"], "STOPPED", area.name)
    return {"build": {"id": given["id"]}}


def _put_image(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    name, digest, tag = given["repositoryName"], given["imageDigest"], given["imageTag"]
    assert digest == "sha256:" + hashlib.sha256(given["imageManifest"].encode()).hexdigest()
    image = next((image for image in area.images[name] if image.digest == digest), None)
    if image is None:
        raise missing(f"image {digest}", area.name)
    account.push(name, replace(image, tags=(*image.tags, tag)), area.name)
    return {"image": {"imageId": {"imageDigest": digest, "imageTag": tag}}}


def _delete_images(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    name, failures = given["repositoryName"], []
    assert len(given["imageIds"]) <= 100
    for id_ in given["imageIds"]:
        digest, tag = id_.get("imageDigest"), id_.get("imageTag")
        found = next((image for image in area.images[name] if image.digest == digest or tag in image.tags), None)
        if found is None:
            failures.append({"imageId": id_, "failureCode": "ImageNotFound", "failureReason": "not found"})
        elif digest is not None and digest in account.undeletable:
            code, why = "ImageReferencedByManifestList", "an index names it"
            failures.append({"imageId": id_, "failureCode": code, "failureReason": why})
        elif tag is not None and found.tags != (tag,):
            account.push(name, replace(found, tags=tuple(one for one in found.tags if one != tag)), area.name)
        else:
            account.remove(name, found.digest, area.name)
    return {"imageIds": [], "failures": failures}


def _start_scan(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    digest = given["imageId"]["imageDigest"]
    area.scans[digest] = ScanReport(digest, "IN_PROGRESS")
    return {"imageScanStatus": {"status": "IN_PROGRESS"}}


def _delete_repository(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    name = given["repositoryName"]
    if name not in area.repositories:
        raise missing(f"repository {name}", area.name)
    if area.images.get(name) and not given.get("force"):
        raise _conflict("RepositoryNotEmptyException", area, f"the repository {name} is not empty")
    del area.repositories[name]
    area.images.pop(name, None)
    return {"repository": {"repositoryName": name}}


def _put_mutability(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    name = given["repositoryName"]
    filters = tuple(each["filter"] for each in given.get("imageTagMutabilityExclusionFilters", ()))
    assert given["imageTagMutability"].endswith("_WITH_EXCLUSION") == bool(filters)
    assert len(filters) <= 5
    changed = replace(area.repositories[name], mutability=given["imageTagMutability"], exclusions=filters)
    area.repositories[name] = changed
    return {"repositoryName": name}


def _put_scanning(account: MemoryAccount, area: _Region, given: dict[str, Any]) -> dict[str, Any]:
    name = given["repositoryName"]
    scan_on_push = given["imageScanningConfiguration"]["scanOnPush"]
    area.repositories[name] = replace(area.repositories[name], scan_on_push=scan_on_push)
    return {"repositoryName": name}


_APPLY: Mapping[str, Callable[[MemoryAccount, _Region, dict[str, Any]], dict[str, Any]]] = {
    "CreateRepository": _create_repository,
    "PutLifecyclePolicy": _put_policy,
    "DeleteLifecyclePolicy": _delete_policy,
    "StartLifecyclePolicyPreview": _start_preview,
    "PutImage": _put_image,
    "PutImageTagMutability": _put_mutability,
    "PutImageScanningConfiguration": _put_scanning,
    "BatchDeleteImage": _delete_images,
    "DeleteRepository": _delete_repository,
    "StartImageScan": _start_scan,
    "StartBuild": _start_build,
    "RetryBuild": _retry_build,
    "StopBuild": _stop_build,
}


class MemoryJournal:
    """A journal in memory. With `failing` set it cannot be written."""

    def __init__(self) -> None:
        self.written: list[JournalEntry] = []
        self.failing = False
        self.writing = False
        """Whether those who wrote intents still live."""
        self.told: AppError | None = None
        """What mending tells."""

    async def append(self, entry: JournalEntry) -> None:
        if self.failing:
            raise AppError(ErrorKind.LOCAL, "write the journal", "journal.jsonl", "the disk is full")
        json.dumps(dict(entry.parameters))
        self.written.append(entry)

    async def entries(self, account: str, region: str, target: str) -> tuple[JournalEntry, ...]:
        place = (account, region, target)
        return tuple(each for each in self.written if (each.account, each.region, each.target) == place)

    async def everything(self) -> tuple[JournalEntry, ...]:
        return tuple(self.written)

    @asynccontextmanager
    async def abandoned(self, again: bool = False) -> AsyncIterator[tuple[JournalEntry, ...]]:
        last = {each.id: each for each in self.written}
        cut_off = {id_ for id_, each in last.items() if each.outcome == "intent" and not self.writing}
        unknown = {id_ for id_, each in last.items() if each.outcome == "unknown" and (again or not each.looked_up)}
        yield tuple(each for each in self.written if each.outcome == "intent" and each.id in cut_off | unknown)

    async def mend(self) -> AppError | None:
        return self.told
