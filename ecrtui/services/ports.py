"""What the use cases need of the world. Adapters implement these; the use cases know nothing else of AWS.

Every method raises `AppError` and nothing else (cancellation aside).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ecrtui.domain.build import Build
from ecrtui.domain.change import ApiCall
from ecrtui.domain.cost import Prices
from ecrtui.domain.errors import AppError
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.permission import Simulated
from ecrtui.domain.project import Project
from ecrtui.domain.registry import RegistrySettings, Replica
from ecrtui.domain.repository import Repository, RepositoryListing
from ecrtui.domain.scan import ScanReport
from ecrtui.domain.usage import Usage

type_json = Mapping[str, Any]
"""A JSON object as AWS sent it (instants as ISO 8601 strings)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are (STS GetCallerIdentity)."""

    account: str
    arn: str
    user_id: str = ""
    credentials: int = field(default=0, compare=False)
    """Which of the account's credentials this holds for: they may be replaced."""


@dataclass(frozen=True, slots=True)
class RegionStatus:
    """One region of the account. `refusal` is empty where it can be used, else why it cannot."""

    name: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Progress of a listing after one more page."""

    pages: int
    rows: int
    """Rows in the listing so far, all pages together."""
    token: str | None
    """Where to resume; None when the listing is complete."""


@dataclass(frozen=True, slots=True)
class ImageId:
    """An image by digest or by tag (exactly one of them)."""

    digest: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A repository's lifecycle policy as stored."""

    text: str
    evaluated_at: float | None = None
    """Epoch seconds of AWS's last run; None when it never ran."""


@dataclass(frozen=True, slots=True)
class PreviewMark:
    """One image of AWS's own lifecycle preview."""

    digest: str
    tags: tuple[str, ...]
    action: str
    """`expire` or `transition`."""
    rule: int | None


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """AWS's own lifecycle preview: `status` is IN_PROGRESS, COMPLETE, EXPIRED or FAILED."""

    status: str
    marks: tuple[PreviewMark, ...] = ()


@dataclass(frozen=True, slots=True)
class LogPage:
    """Events of a log stream: (epoch seconds, message), and the token to go on with (never empty)."""

    events: tuple[tuple[float, str], ...]
    token: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the service answered to a change."""

    request_id: str
    response: Mapping[str, Any]


class Registry(Protocol):
    """ECR in one region."""

    def list_repositories(self, into: RepositoryListing, resume: str | None = None) -> AsyncIterator[Page]:
        """Append all repositories to `into`, page by page (1,000 each)."""
        ...

    def list_images(self, into: ImageListing, resume: str | None = None) -> AsyncIterator[Page]:
        """Append all images (any status) of `into.repository`, page by page (1,000 each)."""
        ...

    async def repository(self, name: str) -> Repository:
        """One repository; NOT_FOUND when there is none of that name."""
        ...

    async def images(self, repository: str, ids: Sequence[ImageId]) -> tuple[Image, ...]:
        """The images of these ids that exist; any number of ids, asked for by 100."""
        ...

    async def manifests(self, repository: str, digests: Sequence[str]) -> Mapping[str, str]:
        """Manifest texts by digest, of those that could be read. Counts as a pull at AWS: only on demand."""
        ...

    async def configuration(self, repository: str, digest: str) -> bytes:
        """The configuration blob of an image, of at most a MiB; it comes from S3, over a link that ECR signs.

        Counts as a pull at AWS: only on demand.
        """
        ...

    async def lifecycle_policy(self, repository: str) -> StoredPolicy | None:
        """The lifecycle policy, or None where none is set."""
        ...

    async def lifecycle_preview(self, repository: str) -> PreviewReport:
        """AWS's preview, started before by a change; NOT_FOUND when none was."""
        ...

    async def repository_policy(self, name: str) -> str | None:
        """The repository policy's text as stored, or None where none is set."""
        ...

    async def settings(self) -> RegistrySettings:
        """The registry's own settings in this region; what cannot be read is named in them, never raised."""
        ...

    async def scan(self, repository: str, digest: str, *, counts_only: bool = False) -> ScanReport:
        """The scan of one image with all findings, or (one call) with their counts alone.

        NOT_FOUND when it was never scanned.
        """
        ...

    async def replicas(self, repository: str, digest: str) -> tuple[Replica, ...]:
        """Where one image is replicated to, and how far that is."""
        ...

    async def tags(self, arn: str) -> Mapping[str, str]:
        """The AWS tags of a repository."""
        ...

    async def raw_repository(self, name: str) -> type_json:
        """All that AWS says of one repository."""
        ...

    async def raw_image(self, repository: str, digest: str) -> type_json:
        """All that AWS says of one image."""
        ...


class Builds(Protocol):
    """CodeBuild in one region."""

    def projects(self) -> AsyncIterator[tuple[Project, ...]]:
        """All projects, by up to 100 a time."""
        ...

    async def project(self, name: str) -> Project:
        """One project; NOT_FOUND when there is none of that name."""
        ...

    def build_ids(self, project: str | None = None) -> AsyncIterator[tuple[str, ...]]:
        """Build ids, newest first, 100 a page; of one project or of the whole region."""
        ...

    async def builds(self, ids: Sequence[str]) -> tuple[Build, ...]:
        """The builds of these ids that exist; any number of ids, asked for by 100."""
        ...

    async def raw_project(self, name: str) -> type_json:
        """All that AWS says of one project (PLAINTEXT variables included: mask them)."""
        ...

    async def stored_buildspec(self, arn: str) -> str:
        """The text of a buildspec that is an S3 object (`arn:aws:s3:::bucket/key`), of at most 256 KiB."""
        ...


class Logs(Protocol):
    """CloudWatch Logs in one region."""

    async def events(self, group: str, stream: str, token: str | None) -> LogPage:
        """The next events from the head on; the same token back means: nothing more for now.

        NOT_FOUND while the stream does not exist yet (or no longer).
        """
        ...


class Permissions(Protocol):
    """IAM, for the whole account."""

    async def simulate(
        self, role: str, actions: Sequence[str], resources: Sequence[str], *, fresh: bool = False
    ) -> tuple[Simulated, ...]:
        """What the role's own policies, boundary and SCPs say of every action on every resource.

        Asked anew when `fresh`, else perhaps remembered.
        Resource policies, session policies and VPC endpoint policies are not part of it (IAM's
        SimulatePrincipalPolicy). DENIED when we may not simulate; NOT_FOUND when there is no such role.
        """
        ...


class Runtime(Protocol):
    """What runs images in one region: ECS, App Runner, Lambda."""

    async def usage(self) -> Usage:
        """Every use of an image, and what could not be checked."""
        ...


class Sender(Protocol):
    """The only way to a mutating call. Refuses when read-only."""

    async def send(self, region: str, call: ApiCall, identity: Identity) -> Receipt:
        """Send once, signed with the credentials that `identity` holds for; refused when there are others by now.

        Repeated only when the parameters hold an idempotency token.
        """
        ...


@dataclass(frozen=True, slots=True)
class CodeQuestion:
    """A role asks for the MFA code of a device. `problem` says what was wrong with the one before."""

    profile: str
    role: str
    device: str
    """The device's ARN, or its serial number."""
    problem: str = ""


class Login(Protocol):
    """How the credentials of an account stand, and what renews them."""

    @property
    def problem(self) -> AppError | None:
        """Why requests cannot be signed now, or are refused; None while all is well."""
        ...

    @property
    def command(self) -> tuple[str, ...]:
        """The command that logs in anew (`aws sso login --profile work`); empty where none does."""
        ...

    @property
    def waiting_for(self) -> str:
        """Who is asked for credentials and has kept one waiting (`the SSO portal`); empty when nobody has."""
        ...

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when they are lost, when they are back, and when another is waited for."""
        ...

    def stop(self) -> None:
        """Wait no longer for who is waited for; that is not asked again by itself."""
        ...

    def asks(self, ask: Callable[[CodeQuestion], Awaitable[str]]) -> None:
        """Have MFA codes asked so; `ask` raises `AppError` when none is given."""
        ...

    async def again(self) -> bool:
        """Look for credentials anew, whatever failed before; whether nothing is known to be wrong then."""
        ...


class Network(Protocol):
    """Whether the endpoints of an account can be reached. Those that cannot are looked at until they answer again."""

    def on_return(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when an endpoint answers again for want of which something was given up."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until an endpoint that was lost answers again."""
        ...


class Account(Protocol):
    """One opened AWS account: a profile, its credentials and its endpoint."""

    @property
    def profile(self) -> str:
        """The profile's name; `default` where none is set."""
        ...

    @property
    def endpoint(self) -> str:
        """The endpoint URL when it is not AWS's own, else empty."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether the sender refuses every change."""
        ...

    @property
    def default_region(self) -> str:
        """The region of the profile or environment; empty where none is set."""
        ...

    @property
    def login(self) -> Login:
        """How its credentials stand."""
        ...

    @property
    def network(self) -> Network:
        """Whether it can be reached."""
        ...

    @property
    def sender(self) -> Sender:
        """The door for changes; use `services.changes`, never this."""
        ...

    async def identity(self, fresh: bool = False) -> Identity:
        """Who we are; asked anew when `fresh`, else remembered as long as the credentials are the same."""
        ...

    async def regions(self) -> tuple[RegionStatus, ...]:
        """The regions of the account: ListRegions, else DescribeRegions, else the partition's list."""
        ...

    def registry(self, region: str) -> Registry:
        """ECR in that region."""
        ...

    def builds(self, region: str) -> Builds:
        """CodeBuild in that region."""
        ...

    def logs(self, region: str) -> Logs:
        """CloudWatch Logs in that region."""
        ...

    def runtime(self, region: str) -> Runtime:
        """What runs images in that region."""
        ...

    def permissions(self) -> Permissions:
        """IAM, for the whole account."""
        ...

    async def prices(self, region: str) -> Prices:
        """What storage costs there, by AWS's price list; AppError when it cannot be asked."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal: an intent (`outcome` is "intent") or the end of the change with that id."""

    id: str
    at: float
    account: str
    arn: str
    region: str
    service: str
    operation: str
    target: str
    parameters: Mapping[str, Any]
    outcome: str
    request_id: str = ""
    detail: str = ""
    before: str = ""
    endpoint: str = ""
    """The endpoint URL when it is not AWS's own: an emulator may have accounts of the same number."""
    looked_up: bool = False
    """Whether this end was read later, and not seen by who sent the change."""


class Journal(Protocol):
    """The append-only record of every change."""

    async def append(self, entry: JournalEntry) -> None:
        """Write one entry durably (fsync) before returning."""
        ...

    async def entries(self, account: str, region: str, target: str) -> tuple[JournalEntry, ...]:
        """The entries about one target, oldest first."""
        ...

    async def everything(self) -> tuple[JournalEntry, ...]:
        """All entries, oldest first."""
        ...

    def abandoned(self, again: bool = False) -> AbstractAsyncContextManager[tuple[JournalEntry, ...]]:
        """The intents whose end nobody has seen: cut off, or ended as unknown; `again`: also looked up in vain.

        Cut off are those without an end whose writers live no more; nobody else is given these meanwhile.
        """
        ...

    async def mend(self) -> AppError | None:
        """Set aside what cannot be read. Answers what there is to tell: that, or why no journal can be kept."""
        ...


class Clock(Protocol):
    """Time, so that tests can set it."""

    def __call__(self) -> float:
        """Now, in epoch seconds."""
        ...


Sleep = Callable[[float], Awaitable[object]]
"""Waiting for some seconds, so that tests need not."""
