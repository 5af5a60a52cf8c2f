"""The registry's own settings in one region, each part asked for by itself, and what replication came of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ecrtui.aws.batches import gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.parts import reason
from ecrtui.aws.values import member, objects, text, texts
from ecrtui.domain.errors import AppError
from ecrtui.domain.registry import (
    CreationTemplate,
    Destination,
    PullThroughRule,
    RegistrySettings,
    Replica,
    ReplicationRule,
    ScanningRule,
)

T = TypeVar("T")
_PAGE = 100  # a registry has 50 rules at most (ECR quotas)


async def registry_settings(caller: Caller) -> RegistrySettings:
    """All settings; a part that cannot be read is empty and named in `unread`, never raised."""
    parts: dict[str, Callable[[Caller], Awaitable[dict[str, Any]]]] = {
        "replication": _replication,
        "scanning": _scanning,
        "pull_through": _pull_through,
        "templates": _templates,
        "blob_mounting": _blob_mounting,
    }
    unread: dict[str, str] = {}

    async def attempt(part: str) -> dict[str, Any]:
        try:
            return await parts[part](caller)
        except AppError as error:
            unread[part] = reason(error)
            return {}

    known: dict[str, Any] = {}
    for values in await gathered(attempt(part) for part in parts):
        known |= values
    return RegistrySettings(caller.region, **known, unread={part: unread[part] for part in parts if part in unread})


async def _replication(caller: Caller) -> dict[str, Any]:
    answer = await caller.read("DescribeRegistry", {}, "read the replication of the registry", required=_REPLICATION)
    rules = objects(member(answer["replicationConfiguration"], "rules"))
    return {
        "registry_id": text(answer.get("registryId")),
        "replication": tuple(ReplicationRule(_destinations(rule), _filters(rule)) for rule in rules),
    }


_REPLICATION = {"replicationConfiguration": dict}


def _destinations(rule: dict[str, Any]) -> tuple[Destination, ...]:
    return tuple(_destination(value) for value in objects(rule.get("destinations")))


def _destination(value: dict[str, Any]) -> Destination:
    return Destination(text(value.get("region")), text(value.get("registryId")))


def _filters(rule: dict[str, Any]) -> tuple[str, ...]:
    """The filters of a rule: prefixes of replication rules, wildcards of scanning rules."""
    return tuple(text(value.get("filter")) for value in objects(rule.get("repositoryFilters")))


async def _scanning(caller: Caller) -> dict[str, Any]:
    answer = await caller.read(
        "GetRegistryScanningConfiguration",
        {},
        "read how the registry is scanned",
        required={"scanningConfiguration": dict},
    )
    found = answer["scanningConfiguration"]
    rules = objects(found.get("rules"))
    return {
        "scan_type": text(found.get("scanType")),
        "scanning": tuple(ScanningRule(text(rule.get("scanFrequency")), _filters(rule)) for rule in rules),
    }


async def _pull_through(caller: Caller) -> dict[str, Any]:
    rules = await _all(
        caller, "DescribePullThroughCacheRules", "pullThroughCacheRules", "list pull-through cache rules"
    )
    return {
        "pull_through": tuple(
            PullThroughRule(text(rule.get("ecrRepositoryPrefix")), text(rule.get("upstreamRegistryUrl")))
            for rule in rules
        )
    }


async def _templates(caller: Caller) -> dict[str, Any]:
    what = "list repository creation templates"
    found = await _all(caller, "DescribeRepositoryCreationTemplates", "repositoryCreationTemplates", what)
    return {
        "templates": tuple(CreationTemplate(text(each.get("prefix")), texts(each.get("appliedFor"))) for each in found)
    }


async def _all(caller: Caller, operation: str, name: str, what: str) -> list[dict[str, Any]]:
    async def fetch(token: str | None) -> tuple[list[dict[str, Any]], str | None]:
        asked = {"maxResults": _PAGE} | ({"nextToken": token} if token else {})
        answer = await caller.read(operation, asked, what, required={name: list})
        return objects(answer[name]), text(answer.get("nextToken")) or None

    return [value async for page, _ in pages(fetch, what, caller.region) for value in page]


async def _blob_mounting(caller: Caller) -> dict[str, Any]:
    answer = await caller.read(
        "GetAccountSetting", {"name": "BLOB_MOUNTING"}, "read the setting BLOB_MOUNTING", required={"value": str}
    )
    known = {"ENABLED": True, "DISABLED": False}.get(answer["value"])
    if known is None:
        return {}
    return {"blob_mounting": known}


async def image_replicas(caller: Caller, repository: str, digest: str) -> tuple[Replica, ...]:
    """Where one image is replicated to, and how far that is; none where nothing replicates it."""
    answer = await caller.read(
        "DescribeImageReplicationStatus",
        {"repositoryName": repository, "imageId": {"imageDigest": digest}},
        f"read the replication of {repository}@{digest}",
        required={"replicationStatuses": list},
    )
    return tuple(
        Replica(_destination(value), text(value.get("status")), text(value.get("failureCode")))
        for value in objects(answer["replicationStatuses"])
    )
