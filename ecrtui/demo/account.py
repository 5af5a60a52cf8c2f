"""The embedded AWS account: everything that it holds, by region, behind one lock."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecrtui.demo.apprunner.state import AppService
from ecrtui.demo.clock import Clock
from ecrtui.demo.codebuild.state import BuildRecord, ProjectRecord, settle
from ecrtui.demo.ecs.state import Cluster, TaskDefinition
from ecrtui.demo.functions.state import Function
from ecrtui.demo.iam.state import Role
from ecrtui.demo.registry import Registry, Repository

if TYPE_CHECKING:
    from ecrtui.demo.operations import Json

ACCOUNT_ID = "123456789012"
PRINCIPAL = f"arn:aws:iam::{ACCOUNT_ID}:user/demo"


@dataclass(slots=True)
class Region:
    """What one region holds."""

    name: str
    registry: Registry = field(default_factory=Registry)
    projects: dict[str, ProjectRecord] = field(default_factory=dict)
    builds: dict[str, BuildRecord] = field(default_factory=dict)
    """Builds by id, oldest first."""
    running: set[str] = field(default_factory=set)
    """Ids of builds whose end has not been settled yet."""
    clusters: dict[str, Cluster] = field(default_factory=dict)
    task_definitions: dict[str, TaskDefinition] = field(default_factory=dict)
    """By `family:revision`."""
    app_services: dict[str, AppService] = field(default_factory=dict)
    """App Runner's services by ARN."""
    functions: dict[str, Function] = field(default_factory=dict)
    """Lambda's functions by name."""

    def begin(self, record: BuildRecord) -> None:
        """A build starts."""
        self.builds[record.id] = record
        self.running.add(record.id)


@dataclass(slots=True)
class Fault:
    """A refusal that the account answers instead of doing what was asked."""

    action: str
    """`service:Operation`, `service:*` or `*`."""
    code: str
    message: str = ""
    region: str = ""
    """Empty is every region."""
    resource: str = ""
    """The value of one of the call's parameters, as a repository's name; empty is every resource."""
    status: int = 400
    times: int = -1
    """How many calls it still refuses; negative is every one."""

    def meets(self, service: str, operation: str, region: str, params: Json) -> bool:
        """Whether this call is to be refused."""
        return (
            self.times != 0
            and self.action in ("*", f"{service}:*", f"{service}:{operation}")
            and self.region in ("", region)
            and (not self.resource or self.resource in params.values())
        )


class Account:
    """One AWS account in memory. Every reader and writer holds `lock` and calls `settle` first."""

    def __init__(self, clock: Callable[[], float] | None = None, speed: float = 1.0) -> None:
        self.clock: Callable[[], float] = clock or Clock()
        self.speed = speed
        """How many times faster than life builds run."""
        self.id = ACCOUNT_ID
        self.lock = threading.RLock()
        self.enabled: tuple[str, ...] = ()
        """The regions that ListRegions names."""
        self.faults: list[Fault] = []
        """Refusals that belong to the account."""
        self.injected: list[Fault] = []
        """Refusals that a test has asked for."""
        self.hooks: Callable[[float], None] | None = None
        """Starts builds by itself up to an instant; None where only callers start any."""
        self.roles: dict[str, Role] = {}
        """IAM's roles by name."""
        self.buckets: dict[str, dict[str, bytes]] = {}
        """S3's objects by bucket and key."""
        self._regions: dict[str, Region] = {}

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions that hold something, or were asked."""
        return tuple(self._regions.values())

    def region(self, name: str) -> Region:
        """One region; an empty one where nothing was made yet."""
        return self._regions.setdefault(name, Region(name))

    def settle(self, now: float) -> None:
        """Do what running builds have come to by `now`: pushes happen in the order of their instants."""
        if self.hooks is not None:
            self.hooks(now)
        settle(self, now)

    def fault(self, service: str, operation: str, region: str, params: Json) -> Fault | None:
        """The refusal that this call meets, if any; it is counted."""
        for fault in (*self.injected, *self.faults):
            if fault.meets(service, operation, region, params):
                fault.times -= fault.times > 0
                return fault
        return None

    def new_repository(self, region: str, name: str, created_at: float) -> Repository:
        """An empty repository with ECR's defaults, put into the region's registry."""
        repository = Repository(
            name=name,
            arn=f"arn:aws:ecr:{region}:{self.id}:repository/{name}",
            uri=f"{self.id}.dkr.ecr.{region}.amazonaws.com/{name}",
            created_at=created_at,
        )
        self.region(region).registry.repositories[name] = repository
        return repository

    def find_repository(self, uri: str) -> Repository | None:
        """The repository of a reference without tag, when it is in this account and exists."""
        place = self.place_of(uri)
        return place and self.region(place[0]).registry.repositories.get(place[1])

    def place_of(self, uri: str) -> tuple[str, str] | None:
        """The region and the repository's name of a reference without tag into this account's registries."""
        match = re.fullmatch(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/(.+)", uri)
        return (match[2], match[3]) if match is not None and match[1] == self.id else None
