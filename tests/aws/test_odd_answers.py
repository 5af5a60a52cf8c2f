"""Answers that are JSON but not as the model says: a value or an `AppError`, never anything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from faultserver import FaultServer, answer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.errors import AppError
from ecrtui.domain.scan import ScanReport
from ecrtui.domain.usage import Usage

DIGEST = "sha256:" + "d" * 64
FUNCTIONS = "/2015-03-31/functions"
ARN = f"arn:aws:ecs:{REGION}:123456789012"

SHAPES: dict[str, tuple[str, ...]] = {
    "DescribeImageScanFindings": (
        *("imageScanStatus", "status", "imageScanFindings", "findingSeverityCounts", "findings", "attributes", "key"),
        *("enhancedFindings", "packageVulnerabilityDetails", "vulnerablePackages", "epoch", "score", "cvss", "HIGH"),
    ),
    "DescribeRegistry": ("registryId", "replicationConfiguration", "rules", "destinations", "repositoryFilters"),
    "GetRegistryScanningConfiguration": ("scanningConfiguration", "scanType", "rules", "repositoryFilters", "filter"),
    "DescribePullThroughCacheRules": ("pullThroughCacheRules", "ecrRepositoryPrefix", "upstreamRegistryUrl"),
    "DescribeRepositoryCreationTemplates": ("repositoryCreationTemplates", "prefix", "appliedFor"),
    "GetAccountSetting": ("value", "name"),
    "DescribeImageReplicationStatus": ("replicationStatuses", "region", "status", "failureCode"),
    "ListClusters": ("clusterArns",),
    "ListServices": ("serviceArns",),
    "DescribeServices": ("services", "failures", "deployments", "taskDefinition", "currentServiceRevisions", "arn"),
    "DescribeServiceRevisions": ("serviceRevisions", "containerImages", "image", "imageDigest", "createdAt"),
    "ListTasks": ("taskArns",),
    "DescribeTasks": ("tasks", "containers", "image", "imageDigest", "group", "taskDefinitionArn", "createdAt"),
    "DescribeTaskDefinition": ("taskDefinition", "containerDefinitions", "image", "executionRoleArn"),
    "AppRunner.ListServices": ("ServiceSummaryList", "ServiceArn", "Status"),
    "AppRunner.DescribeService": ("Service", "SourceConfiguration", "ImageRepository", "ImageIdentifier"),
    FUNCTIONS: ("Functions", "FunctionName", "Version", "PackageType"),
    f"{FUNCTIONS}/fn": ("Code", "ImageUri", "ResolvedImageUri", "Configuration", "LastModified", "State"),
}
GOOD: dict[str, Any] = {
    "ListClusters": {"clusterArns": [f"{ARN}:cluster/c"]},
    "ListServices": {"serviceArns": [f"{ARN}:service/c/s"]},
    "DescribeServices": {"services": [{"serviceName": "s", "currentServiceRevisions": [{"arn": "r"}]}]},
    "ListTasks": {"taskArns": ["t"]},
    "DescribeTasks": {"tasks": [{"taskDefinitionArn": "d", "group": "service:s"}]},
    "AppRunner.ListServices": {"ServiceSummaryList": [{"ServiceArn": "a/b/c"}]},
    FUNCTIONS: {"Functions": [{"FunctionName": "fn", "PackageType": "Image"}]},
}

_leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
_words = st.sampled_from(["COMPLETE", "ACTIVE", "HIGH", "1.5", "x/y:v1", "Image", f"x@{DIGEST}", "\ud800", ""])


def answers(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """JSON objects with these members, of any type and depth."""
    values = st.recursive(
        _leaves | _words,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=4),
        max_leaves=12,
    )
    return st.dictionaries(st.sampled_from(names), values, max_size=4)


def asking(account: AwsAccount, operation: str) -> Callable[[], Awaitable[object]]:
    """What leads to the operation."""
    registry = account.registry(REGION)
    if operation == "DescribeImageScanFindings":
        return lambda: registry.scan("r", DIGEST)
    if operation == "DescribeImageReplicationStatus":
        return lambda: registry.replicas("r", DIGEST)
    if operation.startswith(("DescribeR", "DescribeP", "Get")):
        return registry.settings
    return account.runtime(REGION).usage


@pytest.mark.parametrize("operation", SHAPES)
@given(data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.fault("C40")
async def test_any_answer_is_survived(
    server: FaultServer, account: AwsAccount, operation: str, data: st.DataObject
) -> None:
    for known, value in GOOD.items():
        server.on(known, answer(value))
    server.on(operation, answer(data.draw(answers(SHAPES[operation]))))
    try:
        found = await asking(account, operation)()
    except AppError:
        return
    if isinstance(found, Usage):
        assert all(isinstance(use.running, int) and use.running >= 0 for use in found.uses)
    if isinstance(found, ScanReport):
        assert all(isinstance(number, int) and number >= 0 for number in found.counts.values())
        assert found.answers or not found.counts
