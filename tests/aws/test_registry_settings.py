"""What is set for a repository and for a whole registry: each part by itself."""

from __future__ import annotations

from typing import Any

import pytest
from faultserver import FaultServer, Request, answer, error, page_of_markup
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.registry import (
    CreationTemplate,
    Destination,
    PullThroughRule,
    RegistrySettings,
    Replica,
    ReplicationRule,
    ScanningRule,
)

DIGEST = "sha256:" + "b" * 64
OTHER = Destination("us-east-1", "123456789012")
FULL = RegistrySettings(
    REGION,
    "123456789012",
    (ReplicationRule((OTHER,), ("prod-", "base")), ReplicationRule((OTHER,))),
    "ENHANCED",
    (ScanningRule("CONTINUOUS_SCAN", ("*",)),),
    (PullThroughRule("quay", "quay.io"), PullThroughRule("hub", "registry-1.docker.io")),
    (CreationTemplate("ROOT", ("CREATE_ON_PUSH", "REPLICATION")),),
    blob_mounting=True,
)
OPERATIONS = {
    "DescribeRegistry": "replication",
    "GetRegistryScanningConfiguration": "scanning",
    "DescribePullThroughCacheRules": "pull_through",
    "DescribeRepositoryCreationTemplates": "templates",
    "GetAccountSetting": "blob_mounting",
}


def full_registry(server: FaultServer) -> None:
    """A registry with one of everything."""
    destinations = [{"region": "us-east-1", "registryId": "123456789012"}]
    filters = [{"filter": name, "filterType": "PREFIX_MATCH"} for name in ("prod-", "base")]
    rules = [{"destinations": destinations, "repositoryFilters": filters}, {"destinations": destinations}]
    server.on("DescribeRegistry", answer({"registryId": "123456789012", "replicationConfiguration": {"rules": rules}}))
    scanning = [{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}]}]
    server.on(
        "GetRegistryScanningConfiguration",
        answer({"scanningConfiguration": {"scanType": "ENHANCED", "rules": scanning}}),
    )

    def caches(request: Request) -> Any:
        if "nextToken" not in request.parameters:
            first = {"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io"}
            return answer({"pullThroughCacheRules": [first], "nextToken": "2"})
        second = {"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "registry-1.docker.io"}
        return answer({"pullThroughCacheRules": [second]})

    server.on("DescribePullThroughCacheRules", caches)
    template = {"prefix": "ROOT", "appliedFor": ["CREATE_ON_PUSH", "REPLICATION"]}
    server.on("DescribeRepositoryCreationTemplates", answer({"repositoryCreationTemplates": [template]}))
    server.on("GetAccountSetting", answer({"name": "BLOB_MOUNTING", "value": "ENABLED"}))


async def test_everything_that_is_set(server: FaultServer, account: AwsAccount) -> None:
    full_registry(server)
    assert await account.registry(REGION).settings() == FULL
    assert len(server.requests) == 6


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "fault", [error("AccessDeniedException", ""), page_of_markup(), answer({})], ids=["denied", "markup", "empty"]
)
async def test_one_part_that_cannot_be_read_costs_that_part(
    server: FaultServer, account: AwsAccount, operation: str, fault: Any
) -> None:
    full_registry(server)
    server.on(operation, fault)
    settings = await account.registry(REGION).settings()
    part = OPERATIONS[operation]
    assert list(settings.unread) == [part]
    assert not getattr(settings, part)
    if settings.unread[part].startswith("ecr:"):
        assert settings.unread[part] == f"ecr:{operation} is not allowed"
    for other in set(OPERATIONS.values()) - {part}:
        assert getattr(settings, other) == getattr(FULL, other)


async def test_a_setting_of_another_value_is_not_known(server: FaultServer, account: AwsAccount) -> None:
    full_registry(server)
    server.on("GetAccountSetting", answer({"value": "SOMETIMES"}))
    settings = await account.registry(REGION).settings()
    assert (settings.blob_mounting, settings.unread) == (None, {})


async def test_the_repository_policy(server: FaultServer, account: AwsAccount) -> None:
    registry = account.registry(REGION)
    server.on(
        "GetRepositoryPolicy",
        answer({"policyText": "{ not even JSON"}),
        error("RepositoryPolicyNotFoundException"),
        error("RepositoryNotFoundException"),
    )
    assert await registry.repository_policy("pet-web") == "{ not even JSON"
    assert await registry.repository_policy("pet-web") is None
    with pytest.raises(AppError) as caught:
        await registry.repository_policy("pet-web")
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_where_an_image_is_replicated_to(server: FaultServer, account: AwsAccount) -> None:
    states = [
        {"region": "us-east-1", "registryId": "1", "status": "COMPLETE"},
        {"region": "us-west-2", "registryId": "1", "status": "FAILED", "failureCode": "AccessDenied"},
        "odd",
    ]
    server.on("DescribeImageReplicationStatus", answer({"replicationStatuses": states}))
    assert await account.registry(REGION).replicas("pet-web", DIGEST) == (
        Replica(Destination("us-east-1", "1"), "COMPLETE"),
        Replica(Destination("us-west-2", "1"), "FAILED", "AccessDenied"),
    )
    assert server.requests[-1].parameters["imageId"] == {"imageDigest": DIGEST}
