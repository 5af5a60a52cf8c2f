"""The adapters against the embedded account over real HTTP, with boto3 as the judge of what is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest
from opening import REGION, sent

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account
from ecrtui.demo.clock import Clock
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import serve
from ecrtui.domain.build import Build
from ecrtui.domain.change import ApiCall
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.domain.repository import RepositoryListing
from ecrtui.services.ports import ImageId

HOME = "ap-northeast-2"
START = 1_790_000_000.0
"""The account stands at this instant: nothing is pushed between two looks."""
KEYS = StaticCredentials("AKIADEMODEMODEMODEMO", "demo")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The seeded account, served by a thread."""
    with serve(seeded_account(Clock(START))) as running:
        yield running


@pytest.fixture
async def demo(url: str) -> AsyncIterator[AwsAccount]:
    """That account, opened."""
    account = await open_account(AccountOptions(region=HOME, endpoint_url=url, credentials=KEYS))
    assert isinstance(account, AwsAccount)
    yield account
    await account.close()


def judge(url: str, service: str) -> Any:
    """A client that is not ours."""
    return boto3.client(
        service,
        region_name=HOME,
        endpoint_url=url,
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
    )


async def test_repositories_are_all_there(demo: AwsAccount, url: str) -> None:
    listing = RepositoryListing(HOME)
    async for _ in demo.registry(HOME).list_repositories(listing):
        pass
    theirs = {
        found["repositoryName"]: found
        for page in judge(url, "ecr").get_paginator("describe_repositories").paginate()
        for found in page["repositories"]
    }
    assert sorted(listing.names) == sorted(theirs)
    for index, name in enumerate(listing.names):
        ours, found = listing.row(index), theirs[name]
        assert ours.uri == found["repositoryUri"]
        assert ours.created_at == pytest.approx(found["createdAt"].timestamp(), abs=0.001)
        assert ours.mutability == found["imageTagMutability"]
        assert ours.scan_on_push == found["imageScanningConfiguration"]["scanOnPush"]
        assert await demo.registry(HOME).repository(name) == ours


async def test_images_are_all_there(demo: AwsAccount, url: str) -> None:
    listing = ImageListing(HOME, "pet-web")
    async for _ in demo.registry(HOME).list_images(listing):
        pass
    pages = judge(url, "ecr").get_paginator("describe_images")
    theirs = {
        found["imageDigest"]: found
        for page in pages.paginate(repositoryName="pet-web", filter={"imageStatus": "ANY"})
        for found in page["imageDetails"]
    }
    assert len(listing) == len(theirs) > 50
    for index in range(len(listing)):
        ours, found = listing.row(index), theirs[listing.digest(index)]
        assert ours.tags == tuple(found.get("imageTags", ()))
        assert ours.size == found["imageSizeInBytes"]
        assert ours.pushed_at == pytest.approx(found["imagePushedAt"].timestamp(), abs=0.001)
        assert ours.media_type == found["imageManifestMediaType"]
        assert ours.subject == found.get("subjectManifestDigest")


@pytest.mark.fault("C44")
async def test_images_by_id_with_some_that_are_gone(demo: AwsAccount) -> None:
    registry = demo.registry(HOME)
    listing = ImageListing(HOME, "pet-web")
    async for _ in registry.list_images(listing):
        pass
    wanted = [ImageId(digest=listing.digest(index)) for index in range(min(130, len(listing)))]
    gone = ImageId(digest="sha256:" + "0" * 64)
    found = await registry.images("pet-web", [*wanted[:60], gone, *wanted[60:], ImageId(tag="no-such-tag")])
    assert {image.digest for image in found} == {each.digest for each in wanted}
    manifests = await registry.manifests("pet-web", [wanted[0].digest, gone.digest])
    assert list(manifests) == [wanted[0].digest]


async def test_what_does_not_exist_is_not_found(demo: AwsAccount) -> None:
    registry = demo.registry(HOME)
    for asking in (
        registry.repository("no-such"),
        registry.images("no-such", [ImageId(tag="latest"), ImageId(tag="staging")]),
        registry.lifecycle_policy("no-such"),
        registry.raw_image("pet-web", "sha256:" + "0" * 64),
        demo.builds(HOME).project("no-such"),
        demo.logs(HOME).events("/aws/codebuild/no-such", "x", None),
    ):
        with pytest.raises(AppError) as caught:
            await asking
        assert caught.value.kind is ErrorKind.NOT_FOUND
        assert caught.value.remedy


async def test_the_raw_view_shows_everything(demo: AwsAccount, url: str) -> None:
    raw = await demo.registry(HOME).raw_repository("pet-web")
    assert set(raw) >= {"repositoryArn", "imageTagMutability", "encryptionConfiguration"}
    assert raw["createdAt"].endswith("Z")


async def test_projects_and_builds(demo: AwsAccount, url: str) -> None:
    builds = demo.builds(HOME)
    projects = [project async for page in builds.projects() for project in page]
    theirs = judge(url, "codebuild")
    names = [name for page in theirs.get_paginator("list_projects").paginate() for name in page["projects"]]
    assert sorted(project.name for project in projects) == sorted(names)
    assert next(p for p in projects if p.name == "pet-web") == await builds.project("pet-web")

    ids = [build_id async for page in builds.build_ids("pet-web") for build_id in page]
    found: tuple[Build, ...] = await builds.builds(ids)
    assert {build.id for build in found} == set(ids)
    started = [build.started_at or 0 for build in sorted(found, key=lambda build: ids.index(build.id))]
    assert started == sorted(started, reverse=True)
    assert {"SUCCEEDED"} <= {build.status for build in found}
    assert all(build.phases[0].kind == "SUBMITTED" for build in found)


async def test_a_log_is_read_to_its_end(demo: AwsAccount) -> None:
    ids = [build_id async for page in demo.builds(HOME).build_ids("pet-web") for build_id in page]
    (build,) = [each for each in await demo.builds(HOME).builds(ids) if each.complete][:1]
    assert build.log_group
    assert build.log_stream
    token: str | None = None
    lines: list[tuple[float, str]] = []
    while True:
        page = await demo.logs(HOME).events(build.log_group, build.log_stream, token)
        lines += page.events
        if page.token == token:
            break
        token = page.token
    assert len(lines) > 10
    assert build.started_at - 60 < lines[0][0] < build.ended_at + 60  # type: ignore[operator]


async def test_what_runs_in_ecs(demo: AwsAccount) -> None:
    usage = await demo.runtime(HOME).usage()
    assert usage.unchecked == ()
    pet = [use for use in usage.uses if use.reference.repository == "pet-web"]
    assert any(use.kind == "ecs-service" and use.digest and use.running for use in pet)
    assert all(use.region == HOME for use in usage.uses)


async def test_identity_and_regions(demo: AwsAccount) -> None:
    identity = await demo.identity()
    assert (identity.account, identity.arn) == ("123456789012", identity.arn)
    regions = await demo.regions()
    assert {HOME, "us-east-1", "eu-central-1", "ap-northeast-1"} <= {region.name for region in regions}


async def test_a_repository_is_created(demo: AwsAccount, url: str) -> None:
    call = ApiCall("ecr", "CreateRepository", {"repositoryName": "made-by-a-test"})
    receipt = await sent(demo, REGION, call)
    assert receipt.response["repository"]["repositoryName"] == "made-by-a-test"
    assert (await demo.registry(REGION).repository("made-by-a-test")).region == REGION
    with pytest.raises(AppError) as caught:
        await sent(demo, REGION, call)
    assert (caught.value.kind, caught.value.code) == (
        ErrorKind.CONFLICT,
        "RepositoryAlreadyExistsException",
    )
