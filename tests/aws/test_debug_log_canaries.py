"""A debug log over answers that are full of secrets: what was asked stands in it, of what was answered nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faultserver import FaultServer, answer, error, identity
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.errors import AppError
from ecrtui.domain.image import ImageListing
from ecrtui.services.ports import ImageId
from ecrtui.store.debuglog import debug_log

CANARY = "wJalrXUtnFEMIcanary"
DIGEST = "sha256:" + "d" * 64
ARN = "arn:aws:s3:::bucket/spec.yml"
VARIABLE = {"name": CANARY, "value": CANARY, "type": "PLAINTEXT"}
PLANTED: dict[str, Any] = {
    "GetLogEvents": {"events": [{"timestamp": 1, "message": CANARY}], "nextForwardToken": CANARY},
    "BatchGetProjects": {
        "projects": [
            {
                "name": "pet-web",
                "source": {"buildspec": CANARY, "location": f"https://user:{CANARY}@host/x?token={CANARY}"},
                "environment": {"environmentVariables": [VARIABLE]},
            }
        ]
    },
    "BatchGetBuilds": {"builds": [{"id": "pet-web:1", "environment": {"environmentVariables": [VARIABLE]}}]},
    "GetRepositoryPolicy": {"policyText": f'{{"Sid": "{CANARY}"}}'},
    "GetLifecyclePolicy": {"lifecyclePolicyText": CANARY},
    "BatchGetImage": {"images": [{"imageId": {"imageDigest": DIGEST}, "imageManifest": CANARY}]},
    "DescribeImages": {"imageDetails": [{"imageDigest": DIGEST, "imageTags": [CANARY]}]},
    "DescribeImageScanFindings": {
        "imageScanStatus": {"status": "COMPLETE", "description": CANARY},
        "imageScanFindings": {"findings": [{"name": CANARY, "description": CANARY, "uri": CANARY}]},
    },
    "ListClusters": {"clusterArns": [CANARY]},
    "ListServices": {"serviceArns": [CANARY]},
    "ListTasks": {"taskArns": []},
    "DescribeServices": {"services": [], "failures": [{"arn": CANARY, "reason": CANARY}]},
    "/bucket/spec.yml": CANARY.encode(),
}


@pytest.mark.fault("F91")
async def test_nothing_of_an_answer_is_in_the_debug_log(
    server: FaultServer, account: AwsAccount, tmp_path: Path
) -> None:
    server.on("GetCallerIdentity", identity())
    for operation, value in PLANTED.items():
        server.on(operation, answer(value))
    server.on("DescribeRepositories", error("AccessDeniedException", f"{CANARY} is not authorized: {CANARY}"))
    registry, builds = account.registry(REGION), account.builds(REGION)
    with debug_log(tmp_path / "debug.log"):
        await account.identity()
        await account.logs(REGION).events("group", "stream", None)
        await builds.project("pet-web")
        await builds.raw_project("pet-web")
        await builds.builds(["pet-web:1"])
        await builds.stored_buildspec(ARN)
        await registry.repository_policy("pet-web")
        await registry.lifecycle_policy("pet-web")
        await registry.manifests("pet-web", [DIGEST])
        await registry.images("pet-web", [ImageId(DIGEST)])
        async for _ in registry.list_images(ImageListing(REGION, "pet-web")):
            pass
        await registry.scan("pet-web", DIGEST)
        assert CANARY in " ".join((await account.runtime(REGION).usage()).unchecked)
        with pytest.raises(AppError, match=CANARY):
            await registry.repository("pet-web")
    log = (tmp_path / "debug.log").read_text()
    assert CANARY not in log
    assert not [operation for operation in PLANTED if operation[0] != "/" and operation not in log]
