"""What App Runner runs in one region (domain reference, section 4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ecrtui.aws.batches import gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.parts import Unchecked, no_image
from ecrtui.aws.refusals import lacks_operation
from ecrtui.aws.values import instant, member, objects, text
from ecrtui.domain.errors import AppError
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use

_PAGE = 20
_NO_CUSTOMER = frozenset({"SubscriptionRequired", "NotSignedUp", "OptInRequired"})
"""App Runner takes no new customers since April 2026."""


class AppRunner:
    """App Runner's services. AWS does not say which digest runs, so that `Use.digest` stays open.

    `offered` tells whether the region has App Runner; `emulated`, that the endpoint is not AWS's own.
    """

    def __init__(self, caller: Caller, offered: Callable[[], Awaitable[bool]], *, emulated: bool) -> None:
        self._caller = caller
        self._offered = offered
        self._emulated = emulated

    async def usage(self) -> Usage:
        """Every service that runs an image, and what could not be checked."""
        if not (self._emulated or await self._offered()):
            return Usage()
        unchecked = Unchecked(self._caller.region)
        arns: dict[str, None] = {}
        await unchecked.attempt("App Runner services", self._list(arns), absent=self._absent)
        uses = await gathered(unchecked.attempt("App Runner service", self._use(arn), _name(arn)) for arn in arns)
        return Usage(tuple(use for use in uses if use is not None), unchecked.sentences)

    def _absent(self, error: AppError) -> bool:
        """Whether there is no App Runner: at an emulator, or for an account that never was its customer."""
        if self._emulated:
            return lacks_operation(error)
        return error.code.removesuffix("Exception") in _NO_CUSTOMER

    async def _list(self, into: dict[str, None]) -> None:
        """Add the ARNs of services page by page, so that what came before a failure is kept."""
        what = "list the App Runner services"

        async def fetch(token: str | None) -> tuple[list[dict[str, Any]], str | None]:
            asked = {"MaxResults": _PAGE} | ({"NextToken": token} if token else {})
            answer = await self._caller.read("ListServices", asked, what, required={"ServiceSummaryList": list})
            return objects(answer["ServiceSummaryList"]), text(answer.get("NextToken")) or None

        async for page, _ in pages(fetch, what, self._caller.region):
            into.update({arn: None for each in page if (arn := text(each.get("ServiceArn"))) and not _gone(each)})

    async def _use(self, arn: str) -> Use | None:
        """The use of one service; None when it runs from source code."""
        what = f"describe the App Runner service {_name(arn)}"
        answer = await self._caller.read("DescribeService", {"ServiceArn": arn}, what, required={"Service": dict})
        service = answer["Service"]
        source = service.get("SourceConfiguration")
        if member(source, "ImageRepository") is None:
            return None
        identifier = text(member(source, "ImageRepository", "ImageIdentifier"))
        if (reference := parse(identifier)) is None:
            raise no_image(what, self._caller.region, identifier)
        automatic = member(source, "AutoDeploymentsEnabled")  # set by default for the account's own registry
        return Use(
            "apprunner-service",
            text(service.get("ServiceName")) or _name(arn),
            self._caller.region,
            reference,
            running=1 if service.get("Status") == "RUNNING" else 0,
            role=text(member(source, "AuthenticationConfiguration", "AccessRoleArn")),
            deployed_at=instant(service.get("UpdatedAt")),
            auto_deploys=automatic if isinstance(automatic, bool) else _account(arn) == reference.registry_id,
        )


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else "?"


def _gone(service: dict[str, Any]) -> bool:
    return service.get("Status") == "DELETED"


def _name(arn: str) -> str:
    """`pet-web` of `…:service/pet-web/8fe1e10304f84fd2b0df550fe98a71fa`."""
    parts = arn.split("/")
    return parts[1] if len(parts) > 1 else arn
