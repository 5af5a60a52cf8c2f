"""One AWS account: its credentials, its clients, and the adapters behind the ports."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cached_property, partial
from typing import Any

from ecrtui.aws import boto
from ecrtui.aws.apprunner import AppRunner
from ecrtui.aws.awslambda import Lambda
from ecrtui.aws.call import Caller
from ecrtui.aws.codebuild import CodeBuild
from ecrtui.aws.credentials import Credentials
from ecrtui.aws.ecr import EcrRegistry
from ecrtui.aws.ecs import Ecs
from ecrtui.aws.iam import IamPermissions
from ecrtui.aws.logs import CloudWatchLogs
from ecrtui.aws.network import Network
from ecrtui.aws.operation import note_sent
from ecrtui.aws.pricing import storage_prices
from ecrtui.aws.providers import QuietSession
from ecrtui.aws.regions import regions
from ecrtui.aws.runtime import AwsRuntime
from ecrtui.aws.sender import AwsSender
from ecrtui.aws.session import AccountOptions
from ecrtui.aws.values import text
from ecrtui.domain.cost import Prices
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import Builds, Identity, Logs, Permissions, RegionStatus, Registry, Runtime, Sender

_MAIN_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
}
"""A region of each partition that no account can disable."""
_PRICING_REGIONS = {"cn": "cn-northwest-1", "eusc": "eusc-de-east-1", "eu": "eu-central-1", "ap": "ap-south-1"}
"""Where the price list is asked for, by the first part of a region's name; elsewhere in the main region."""


class AwsAccount:
    """The port `Account`. One session; one client for each service and region, made when first needed."""

    def __init__(self, session: QuietSession, options: AccountOptions) -> None:
        self._session: Any = session  # its stubs have an overload for each of 400 services
        self._options = options
        self._credentials = Credentials(session, self.profile, given=options.credentials is not None)
        self.network = Network()
        self._clients: dict[tuple[str, str], asyncio.Task[Any]] = {}
        self._callers: dict[tuple[str, str], Caller] = {}
        self._registries: dict[str, EcrRegistry] = {}
        self._runtimes: dict[str, AwsRuntime] = {}
        self._identity: asyncio.Task[Identity] | None = None
        self._sender = AwsSender(self._caller, self._credentials.only, read_only=options.read_only)
        self._closed = False

    # -- who and where ------------------------------------------------------------------------------------

    @cached_property
    def profile(self) -> str:
        """The profile's name, or what the account is called instead; `default` where neither is set."""
        return self._options.name or self._options.profile or self._session.profile or "default"

    @cached_property
    def endpoint(self) -> str:
        """The endpoint URL when it is not AWS's own, else empty."""
        return boto.endpoint_of(self._session, self._options, "ecr") or ""

    @property
    def read_only(self) -> bool:
        """Whether the sender refuses every change."""
        return self._options.read_only

    @cached_property
    def default_region(self) -> str:
        """The region of the profile or environment; empty where none is set."""
        return self._options.region or self._session.get_config_variable("region") or ""

    @property
    def login(self) -> Credentials:
        """How its credentials stand."""
        return self._credentials

    @property
    def sender(self) -> Sender:
        """The door for changes; use `services.changes`, never this."""
        return self._sender

    async def identity(self, fresh: bool = False) -> Identity:
        """Who we are; asked anew when `fresh`, else remembered as long as the credentials are the same."""
        if fresh or self._identity is None or _has_failed(self._identity) or self._is_of_others(self._identity):
            self._identity = asyncio.ensure_future(self._ask_identity(self._home))
        return await asyncio.shield(self._identity)

    def _is_of_others(self, identity: asyncio.Task[Identity]) -> bool:
        return identity.done() and identity.result().credentials != self._credentials.version

    async def _ask_identity(self, region: str) -> Identity:
        version = await self._credentials.ready()
        answer = await self._caller("sts", region).read(
            "GetCallerIdentity", {}, "ask who we are", required={"Account": str, "Arn": str}
        )
        return Identity(answer["Account"], answer["Arn"], text(answer.get("UserId")), version)

    async def regions(self) -> tuple[RegionStatus, ...]:
        """The regions of the account: ListRegions, else DescribeRegions, else the partition's list."""
        home = self._home
        return await regions(self._caller("account", home), self._caller("ec2", home), self._partition_regions)

    async def _partition_regions(self) -> tuple[str, ...]:
        return tuple(await self._session.get_available_regions("ecr", self._partition))

    @cached_property
    def _home(self) -> str:
        """Where to ask what is the same in every region."""
        return self.default_region or _MAIN_REGIONS["aws"]

    @cached_property
    def _partition(self) -> str:
        try:
            name: str = self._session.get_partition_for_region(self._home)
        except Exception:  # noqa: BLE001  # a region that botocore does not know
            return "aws"
        return name

    # -- adapters -----------------------------------------------------------------------------------------

    def registry(self, region: str) -> Registry:
        """ECR in that region."""
        if region not in self._registries:
            self._registries[region] = EcrRegistry(self._caller("ecr", region))
        return self._registries[region]

    def builds(self, region: str) -> Builds:
        """CodeBuild in that region."""
        return CodeBuild(self._caller("codebuild", region), self._caller("s3", region))

    def logs(self, region: str) -> Logs:
        """CloudWatch Logs in that region."""
        return CloudWatchLogs(self._caller("logs", region))

    def runtime(self, region: str) -> Runtime:
        """What runs images in that region."""
        if region not in self._runtimes:
            runner, function = self._caller("apprunner", region), self._caller("lambda", region)
            self._runtimes[region] = AwsRuntime(
                Ecs(self._caller("ecs", region)),
                AppRunner(runner, partial(self._offers, "apprunner", region), emulated=self._emulates("apprunner")),
                Lambda(function, emulated=self._emulates("lambda")),
            )
        return self._runtimes[region]

    def permissions(self) -> Permissions:
        """IAM, for the whole account."""
        return self._permissions

    @cached_property
    def _permissions(self) -> IamPermissions:
        return IamPermissions(self._caller("iam", _MAIN_REGIONS.get(self._partition, self._home)))

    async def prices(self, region: str) -> Prices:
        """What storage costs there, by AWS's price list; AppError when it cannot be asked."""
        asked = _PRICING_REGIONS.get(region.partition("-")[0], _MAIN_REGIONS["aws"])
        return await storage_prices(self._caller("pricing", asked), region, time.time())

    async def _offers(self, service: str, region: str) -> bool:
        """Whether AWS has a service in a region, as far as botocore knows."""
        return region in await self._session.get_available_regions(service, self._partition)

    def _emulates(self, service: str) -> bool:
        """Whether a service is asked at an endpoint that is not AWS's own."""
        return boto.endpoint_of(self._session, self._options, service) is not None

    def _caller(self, service: str, region: str) -> Caller:
        key = (service, region)
        if key not in self._callers:
            self._callers[key] = Caller(self, service, region, self._options)
        return self._callers[key]

    # -- clients ------------------------------------------------------------------------------------------

    async def client(self, service: str, region: str) -> Any:
        """The one client for that service and region, with usable credentials."""
        if self._closed:
            raise AppError(ErrorKind.LOCAL, "call AWS", where=region, why="the account was closed")
        key = (service, region)
        task = self._clients.get(key)
        if task is None or _has_failed(task):
            task = self._clients[key] = asyncio.ensure_future(self._create(service, region))
        return await asyncio.shield(task)

    async def _create(self, service: str, region: str) -> Any:
        loader = self._session.get_component("data_loader")
        await asyncio.to_thread(boto.load_model, loader, service)
        endpoint = boto.endpoint_of(self._session, self._options, service)
        creator = self._session.create_client(
            service,
            region_name=region or None,
            endpoint_url=endpoint,
            verify=False if endpoint and endpoint.startswith("http://") else None,  # no certificates to load
            config=boto.client_config(self._options, endpoint),
        )
        client = await creator.__aenter__()
        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-parse.{name}", boto.keep_body)
        client.meta.events.register(f"before-send.{name}", note_sent)
        return client

    async def accepted_elsewhere(self, region: str) -> bool:
        """Whether another region accepts the credentials that this one refuses."""
        elsewhere = self._home if self._home != region else _MAIN_REGIONS.get(self._partition, region)
        if elsewhere == region or _looking_elsewhere.get():
            return False
        token = _looking_elsewhere.set(True)
        try:
            await (self.identity() if elsewhere == self._home else self._ask_identity(elsewhere))
        except AppError:
            return False
        finally:
            _looking_elsewhere.reset(token)
        return True

    async def close(self) -> None:
        """Close every connection; calls fail from here on."""
        self._closed = True
        await self._credentials.close()
        await self.network.close()
        if self._identity:
            self._identity.cancel()
        tasks: Mapping[tuple[str, str], asyncio.Task[Any]] = dict(self._clients)
        self._clients.clear()
        for client in await asyncio.gather(*tasks.values(), return_exceptions=True):
            if not isinstance(client, BaseException):
                await client.__aexit__(None, None, None)


_looking_elsewhere: ContextVar[bool] = ContextVar("_looking_elsewhere", default=False)
"""Whether this task asks for another region already: two regions that both refuse must not ask each other."""


def _has_failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
