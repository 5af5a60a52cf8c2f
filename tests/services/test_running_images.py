"""What runs a repository's images over several regions, read from an account; and the builds behind them."""

from __future__ import annotations

import json
from dataclasses import replace

from memory import ACCOUNT, NOW, REGION, MemoryAccount, a_build, a_repository, an_image, an_index

from ecrtui.domain.drift import DriftState
from ecrtui.domain.errors import ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.origin import Certainty
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.images import plan_delete_images
from ecrtui.services.lifecycle import preview
from ecrtui.services.origins import Stored, trace_origins
from ecrtui.services.usage import PushesRead, load_repository_usage, load_uses, prove_origin

OTHER = "us-east-1"
URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/pet-web"
COMMIT = "4f2a91c0d5e6f708192a3b4c5d6e7f8091a2b3c4"
OLD = an_image("main-4f2a91c", pushed_at=NOW - 900)
NEW = an_image("main-b01c77e", "prod", pushed_at=NOW - 600)
FREE = an_image("main-0c7b4cd", pushed_at=NOW - 1_200)
KEEP_ONE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
                "action": {"type": "expire"},
            }
        ]
    }
)


def use(tag: str, digest: str | None = None, region: str = REGION, name: str = "shop/web") -> Use:
    reference = parse(f"{URI}{tag}")
    assert reference is not None
    return Use("ecs-service", name, region, reference, digest, 1)


def shop(*uses: Use, images=(OLD, NEW), **settings) -> MemoryAccount:
    usages = {region: Usage(tuple(one for one in uses if one.region == region)) for region in (REGION, OTHER)}
    return MemoryAccount(
        regions=(REGION, OTHER),
        repositories=[a_repository("pet-web")],
        images={"pet-web": list(images)},
        usages=usages,
        **settings,
    )


async def states(account: MemoryAccount, **options) -> dict[str, DriftState]:
    """The drift of each use, by name."""
    found = await load_repository_usage(
        account, REGION, "pet-web", await load_uses(account, (REGION, OTHER)), **options
    )
    assert found.error is None
    return {drift.use.name: drift.state for drift in found.drifts.all()}


async def test_a_service_of_another_region_may_have_drifted():
    account = shop(use(":prod", OLD.digest, OTHER, "there/web"), use(":prod", NEW.digest))
    assert await states(account) == {"there/web": DriftState.DRIFT, "shop/web": DriftState.NONE}


async def test_a_refused_region_is_named_and_costs_that_one_only():
    account = shop(use(":prod", NEW.digest), use(":prod", OLD.digest, OTHER, "there/web"))
    account.faults.deny("ecs:ListClusters", region=OTHER)
    index = await load_uses(account, (REGION, OTHER))
    assert [one.name for one in index.uses] == ["shop/web"]
    assert OTHER in index.unchecked[0]


async def test_only_indexes_that_matter_are_read():
    arm, lonely = an_image(pushed_at=NOW - 605), an_image(pushed_at=NOW - 50_000)
    index, text = an_index("prod", children={"linux/arm64": arm.digest}, pushed_at=NOW - 600)
    old, _ = an_index("v0", children={"linux/arm64": lonely.digest}, pushed_at=NOW - 90_000)
    account = shop(use(":prod", arm.digest), images=(index, arm, old, lonely), manifests={index.digest: text})
    assert await states(account) == {"shop/web": DriftState.NONE}
    read = [call for call in account.calls if call[0] == "ecr:BatchGetImage"]
    assert len(read) == 1


async def test_an_index_that_cannot_be_read_leaves_drift_unknown():
    arm = an_image(pushed_at=NOW - 605)
    index, _ = an_index("prod", children={"linux/arm64": arm.digest})
    account = shop(use(":prod", arm.digest), images=(index, arm))
    account.faults.deny("ecr:BatchGetImage")
    found = await load_repository_usage(account, REGION, "pet-web", await load_uses(account, (REGION,)))
    assert found.error is not None
    assert found.error.kind is ErrorKind.DENIED
    assert [drift.state for drift in found.drifts.all()] == [DriftState.UNKNOWN]


async def test_a_listing_that_broke_off_accuses_nothing():
    account = shop(use(":gone", OLD.digest), page_size=1)
    account.faults.fail("ecr:DescribeImages", ErrorKind.SERVICE, after=1)
    found = await load_repository_usage(account, REGION, "pet-web", await load_uses(account, (REGION,)))
    assert found.error is not None
    assert [drift.state for drift in found.drifts.all()] == [DriftState.UNKNOWN]
    account.faults.clear()
    assert await states(account) == {"shop/web": DriftState.TAG_GONE}


# Builds


def built(number: int, digest: str | None, commit: str = COMMIT, at: float = NOW - 1_000):
    """A build that took 200 seconds, and its log."""
    build = a_build(
        "pet-web", number, status="SUCCEEDED", started_at=at, ended_at=at + 200, resolved_source_version=commit
    )
    lines = [
        "[Container] 2026/05/04 09:12:47.529260 Running command docker push $REPOSITORY_URI:$IMAGE_TAG",
        f"The push refers to repository [{URI}]",
        "5f70bf18a086: Pushed",
        *([f"main-4f2a91c: digest: {digest} size: 1786"] if digest else []),
    ]
    return build, {build.id: lines}


async def test_the_log_proves_which_build_made_it():
    retried, its_log = built(2, OLD.digest)
    first, other_log = built(1, NEW.digest, at=NOW - 1_010)
    account = shop(builds=[first, retried], logs={**its_log, **other_log})
    pushes = PushesRead(account)
    origin = await prove_origin(pushes, OLD, [first, retried])
    assert origin is not None
    assert (origin.certainty, origin.commit) == (Certainty.PROVEN, COMMIT)
    assert origin.build is not None
    assert origin.build.number == 2
    reads = len(account.calls)
    assert await prove_origin(pushes, OLD, [first, retried]) == origin
    assert len(account.calls) == reads, "a log is read once"


async def test_without_its_log_the_tag_is_what_there_is():
    build, _ = built(1, OLD.digest)
    account = shop(builds=[build])
    account.faults.deny("logs:GetLogEvents")
    origin = await prove_origin(PushesRead(account), OLD, [build])
    assert origin is not None
    assert origin.certainty is Certainty.BY_TAG


def keys(*images: Image, region: str = REGION) -> list[Stored]:
    return [Stored(region, "pet-web", image) for image in images]


async def test_many_images_are_proven_by_as_many_logs_as_allowed():
    first, its_log = built(1, OLD.digest, at=NOW - 1_000)
    other, other_log = built(2, NEW.digest, commit="b01c77e" + 33 * "0", at=NOW - 700)
    account = shop(builds=[first, other], logs={**its_log, **other_log})
    found = await trace_origins(account, keys(OLD, NEW, OLD, FREE), most=1)
    certain = {
        image: (traced.origin.certainty, traced.looked_up)
        for image in (OLD, NEW, FREE)
        if (traced := found.of(REGION, "pet-web", image)).origin is not None
    }
    assert certain == {
        OLD: (Certainty.PROVEN, True),
        NEW: (Certainty.BY_TAG, False),
        FREE: (Certainty.BY_TAG, True),  # no build of it is known: there is no log to read
    }
    assert account.count("codebuild:ListBuildsForProject") == 1, "once for a repository"
    again = await trace_origins(account, keys(OLD, NEW))
    assert {one.origin.certainty for one in again.found.values() if one.origin} == {Certainty.PROVEN}


async def test_the_images_of_a_replica_are_built_where_the_project_is():
    build, log = built(1, OLD.digest)
    account = shop(builds=[build], logs=log)
    found = await trace_origins(account, [*keys(OLD), *keys(OLD, region=OTHER)])
    origin = found.of(OTHER, "pet-web", OLD).origin
    assert origin is not None
    assert (origin.certainty, origin.build) == (Certainty.PROVEN, build)


async def test_builds_that_are_refused_are_told_once():
    account = shop()
    account.faults.deny("codebuild:ListBuildsForProject")
    wanted = [*keys(OLD), Stored(REGION, "pet-api", NEW)]
    found = await trace_origins(account, wanted)
    assert [error.action for error in found.errors] == ["codebuild:ListBuildsForProject"]
    assert {traced.origin.certainty for traced in found.found.values() if traced.origin} == {Certainty.BY_TAG}


async def test_a_platform_comes_from_the_build_of_its_index():
    arm = an_image(pushed_at=NOW - 605)
    index, text = an_index("prod", children={"linux/arm64": arm.digest}, pushed_at=NOW - 600)
    account = shop(use(":prod", arm.digest), images=(index, arm), manifests={index.digest: text})
    found = await load_repository_usage(account, REGION, "pet-web", await load_uses(account, (REGION,)))
    assert found.drifts.built(arm).digest == index.digest
    assert found.drifts.built(index).digest == index.digest


# What runs is spared, whatever runs it


async def test_images_of_functions_and_app_runner_are_not_deleted():
    published = replace(use(":prod", OLD.digest, OTHER, "resize:7"), kind="lambda-function")
    runner = replace(use(":prod", None, REGION, "web"), kind="apprunner-service")
    account = shop(published, runner, images=(OLD, NEW, FREE))
    deletion = await plan_delete_images(
        account, REGION, "pet-web", [OLD.digest, NEW.digest, FREE.digest], regions=(REGION, OTHER)
    )
    assert [image.digest for image in deletion.images] == [FREE.digest]
    assert {kept.image.digest: kept.reason for kept in deletion.kept} == {
        OLD.digest: "is used by Lambda function resize:7",
        NEW.digest: "is used by App Runner service web",
    }


async def test_a_lifecycle_policy_is_blocked_by_what_a_function_runs():
    published = replace(use(":gone", OLD.digest, name="resize:7"), kind="lambda-function")
    account = shop(published)
    seen = await preview(account, REGION, "pet-web", KEEP_ONE, clock=lambda: NOW)
    assert seen.blocked
    assert seen.reasons == ("main-4f2a91c would go, and is used by Lambda function resize:7",)


async def test_what_could_not_be_checked_spares_everything():
    account = shop()
    account.area(REGION).usage = Usage((), ("The Lambda functions in x could not be checked",))
    deletion = await plan_delete_images(account, REGION, "pet-web", [OLD.digest], regions=(REGION,))
    assert deletion.images == ()
    assert "not checked" in deletion.kept[0].reason
