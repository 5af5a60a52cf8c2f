"""Listings of images and repositories: columns from pages, and what an endpoint can do to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from faultserver import FaultServer, Request, answer, error, reset
from hypothesis import given, settings
from hypothesis import strategies as st
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.decode import images_into, repositories_into
from ecrtui.aws.failures import MalformedError
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.domain.repository import RepositoryListing
from ecrtui.services.ports import ImageId, Page


def digest(number: int) -> str:
    """A digest that differs by number."""
    return f"sha256:{number:064x}"


def row(number: int, **members: Any) -> dict[str, Any]:
    """An image as AWS sends it."""
    return {
        "imageDigest": digest(number),
        "imageTags": [f"v{number}"],
        "imageSizeInBytes": 1000 + number,
        "imagePushedAt": 1.7e9 + number,
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        **members,
    }


def images(*rows: Any, token: str | None = None) -> Any:
    """A DescribeImages page."""
    return answer({"imageDetails": list(rows)} | ({"nextToken": token} if token else {}))


async def load(
    account: AwsAccount, into: ImageListing, resume: str | None = None
) -> tuple[list[Page], AppError | None]:
    """All pages, and how it ended."""
    pages: list[Page] = []
    try:
        async for page in account.registry(REGION).list_images(into, resume):
            pages.append(page)
    except AppError as failed:
        return pages, failed
    return pages, None


@pytest.fixture
def listing() -> ImageListing:
    """An empty one."""
    return ImageListing(REGION, "pet-web")


# -- paging -----------------------------------------------------------------------------------------------


async def test_pages_of_a_thousand_of_any_status(
    server: FaultServer, account: AwsAccount, listing: ImageListing
) -> None:
    server.on("DescribeImages", images(row(1), row(2), token="two"), images(row(3)))
    pages, failed = await load(account, listing)
    assert (pages, failed) == ([Page(1, 2, "two"), Page(2, 3, None)], None)
    assert [request.parameters for request in server.requests] == [
        {"repositoryName": "pet-web", "maxResults": 1000, "filter": {"imageStatus": "ANY"}},
        {"repositoryName": "pet-web", "maxResults": 1000, "nextToken": "two", "filter": {"imageStatus": "ANY"}},
    ]


@pytest.mark.fault("C41")
async def test_a_listing_that_breaks_goes_on_where_it_stopped(
    server: FaultServer, account: AwsAccount, listing: ImageListing
) -> None:
    server.on("DescribeImages", images(row(1), token="two"), reset)
    pages, failed = await load(account, listing)
    assert (len(listing), pages[-1].token) == (1, "two")
    assert failed is not None
    assert failed.kind is ErrorKind.NETWORK
    server.on("DescribeImages", images(row(1), row(2)))
    assert await load(account, listing, pages[-1].token) == ([Page(1, 2, None)], None)
    assert server.requests[-1].parameters["nextToken"] == "two"


@pytest.mark.fault("C43")
async def test_a_repeated_token_ends_it(server: FaultServer, account: AwsAccount, listing: ImageListing) -> None:
    server.on("DescribeImages", images(row(1), token="same"), images(row(2), token="same"))
    pages, failed = await load(account, listing)
    assert failed is not None
    assert (failed.kind, len(listing), pages[-1].token) == (ErrorKind.MALFORMED, 2, None)
    assert server.count("DescribeImages") == 2


@pytest.mark.fault("C43")
async def test_endless_tokens_end_it(server: FaultServer, account: AwsAccount, listing: ImageListing) -> None:
    def endless(_: Request) -> Any:
        return images(row(1), token=f"t{len(server.requests)}")

    server.on("DescribeImages", endless)
    _, failed = await load(account, listing)
    assert failed is not None
    assert "does not end" in failed.why
    assert (len(listing), server.count("DescribeImages") < 50) == (1, True)


@pytest.mark.fault("C44")
async def test_a_listing_begun_anew_may_repeat_its_rows(
    server: FaultServer, account: AwsAccount, listing: ImageListing
) -> None:
    def numbered(request: Request) -> Any:
        start = int(request.parameters.get("nextToken", 0))
        return images(row(start), token=str(start + 1) if start < 79 else None)

    server.on("DescribeImages", numbered)
    await load(account, listing)
    assert (await load(account, listing))[1] is None
    assert (len(listing), server.count("DescribeImages")) == (80, 160)


async def test_an_endpoint_without_the_status_filter(
    server: FaultServer, account: AwsAccount, listing: ImageListing
) -> None:
    def old(request: Request) -> Any:
        if "filter" in request.parameters:
            return error("InvalidParameterException", "Unknown parameter imageStatus")
        return images(row(1))

    server.on("DescribeImages", old)
    assert (await load(account, listing))[1] is None
    assert await account.registry(REGION).images("pet-web", [ImageId(tag="v1")])
    assert ["filter" in request.parameters for request in server.requests] == [True, False, False]


async def test_a_bad_name_does_not_cost_the_filter(
    server: FaultServer, account: AwsAccount, listing: ImageListing
) -> None:
    server.on("DescribeImages", error("InvalidParameterException"), error("InvalidParameterException"), images(row(1)))
    assert (await load(account, listing))[1] is not None
    assert (await load(account, listing))[1] is None
    assert "filter" in server.requests[-1].parameters


async def test_digests_and_tags_where_only_these_are_allowed(
    server: FaultServer, account: AwsAccount, listing: ImageListing
) -> None:
    server.on("DescribeImages", error("AccessDeniedException", "not authorized to perform: ecr:DescribeImages"))
    ids = [{"imageDigest": digest(1), "imageTag": "a"}, {"imageDigest": digest(2)}]
    server.on(
        "ListImages",
        answer({"imageIds": ids, "nextToken": "n"}),
        answer({"imageIds": [{"imageDigest": digest(1), "imageTag": "b"}]}),
    )
    pages, failed = await load(account, listing)
    assert failed is not None
    assert (failed.action, pages) == ("ecr:DescribeImages", [Page(1, 2, None)])
    assert [listing.row(index).tags for index in range(2)] == [("a", "b"), ()]
    assert listing.row(0).size is None


# -- rows -------------------------------------------------------------------------------------------------


@pytest.mark.fault("C40")
async def test_one_bad_row_does_not_lose_the_page(
    server: FaultServer, account: AwsAccount, listing: ImageListing
) -> None:
    server.on(
        "DescribeImages",
        images(
            row(1),
            row(2, imagePushedAt="2026-05-04T09:12:47Z", imageSizeInBytes="big", imageTags=["ok", 7, None]),
            row(3, imagePushedAt=1e308, lastRecordedPullTime=-5, imageSizeInBytes=10**30),
            {"imageTags": ["no-digest"]},
            None,
            row(4, imageTags=None, imageManifestMediaType=None, imageScanStatus="odd"),
        ),
    )
    _, failed = await load(account, listing)
    assert failed is not None
    assert (failed.kind, "2 rows" in failed.why) == (ErrorKind.MALFORMED, True)
    one, two, three, four = (listing.row(index) for index in range(4))
    assert (one.tags, one.size, one.pushed_at) == (("v1",), 1001, 1.7e9 + 1)
    assert (two.tags, two.size, two.pushed_at) == (("ok",), None, 1777885967.0)
    assert (three.size, three.pushed_at, three.pulled_at) == (None, None, None)
    assert (four.tags, four.media_type, four.scan_status) == ((), "", None)


def test_every_member_of_an_image() -> None:
    listing = ImageListing(REGION, "pet-web")
    body = {
        "imageDetails": [
            row(
                1,
                imageStatus="ARCHIVED",
                subjectManifestDigest=digest(9),
                lastArchivedAt=1.6e9,
                lastActivatedAt=1.5e9,
                lastRecordedPullTime=1.4e9,
                artifactMediaType="application/vnd.cncf.helm.config.v1+json",
                imageScanStatus={"status": "COMPLETE", "description": "x"},
                imageScanFindingsSummary={"findingSeverityCounts": {"HIGH": 2}},
                imageTags=["\u202e[/]\x1b[31m"],
                aMemberOfTomorrow={"x": 1},
            )
        ]
    }
    images_into(listing)(json.dumps(body).encode())
    image = listing.row(0)
    assert (image.status, image.subject, image.archived_at, image.activated_at, image.pulled_at) == (
        "ARCHIVED",
        digest(9),
        1.6e9,
        1.5e9,
        1.4e9,
    )
    assert (image.scan_status, image.severities, image.tags) == (
        "COMPLETE",
        (("HIGH", 2),),
        ("\u202e[/]\x1b[31m",),
    )


def test_a_lone_surrogate_is_kept() -> None:
    listing = ImageListing(REGION, "pet-web")
    images_into(listing)(b'{"imageDetails":[{"imageDigest":"sha256:x","imageTags":["a\\ud800"]}]}')
    assert listing.row(0).tags == ("a\ud800",)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = [
    "imageDigest",
    "imageTags",
    "imageSizeInBytes",
    "imagePushedAt",
    "imageStatus",
    "imageScanStatus",
    "imageScanFindingsSummary",
    "repositoryName",
    "createdAt",
    "encryptionConfiguration",
    "imageTagMutabilityExclusionFilters",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(MEMBERS), VALUES) | VALUES, max_size=4), VALUES)
@pytest.mark.fault("C40")
def test_whatever_a_page_holds_the_good_rows_are_listed(rows: list[Any], token: Any) -> None:
    good_image, good_repository = row(7), {"repositoryName": "good"}
    images_of = ImageListing(REGION, "pet-web")
    body = {"imageDetails": [*rows, good_image], "nextToken": token}
    images_into(images_of)(json.dumps(body).encode())
    at = images_of.find(digest(7))
    assert at is not None
    assert images_of.row(at).tags == ("v7",) or any(
        isinstance(r, dict) and r.get("imageDigest") == digest(7) for r in rows
    )
    repositories_of = RepositoryListing(REGION)
    repositories_into(repositories_of)(json.dumps({"repositories": [*rows, good_repository]}).encode())
    assert repositories_of.find("good") is not None
    for index in range(len(repositories_of)):
        repositories_of.row(index)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_a_body_that_is_no_page_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        images_into(ImageListing(REGION, "pet-web"))(body)


# -- raw views --------------------------------------------------------------------------------------------


async def test_the_raw_view_shows_members_that_nobody_knows(server: FaultServer, account: AwsAccount) -> None:
    tomorrow = {"deleteReplication": {"enabled": True}, "at": 1.7e9}
    server.on("DescribeImages", images(row(1, tomorrow=tomorrow)))
    raw = await account.registry(REGION).raw_image("pet-web", digest(1))
    assert raw["tomorrow"] == tomorrow
    assert raw["imagePushedAt"] == "2023-11-14T22:13:21Z"
    assert json.dumps(raw)


async def test_the_raw_project_shows_everything(server: FaultServer, account: AwsAccount) -> None:
    project = {"name": "pet-web", "created": 1.7e9, "environment": {"type": "X", "newThing": [1]}}
    server.on("BatchGetProjects", answer({"projects": [project]}))
    raw = await account.builds(REGION).raw_project("pet-web")
    assert raw == {**project, "created": "2023-11-14T22:13:20Z"}


# -- policies ---------------------------------------------------------------------------------------------


async def test_a_policy_that_never_ran_and_one_that_is_not_set(server: FaultServer, account: AwsAccount) -> None:
    server.on(
        "GetLifecyclePolicy",
        answer({"lifecyclePolicyText": "{}", "lastEvaluatedAt": 0}),
        error("LifecyclePolicyNotFoundException"),
        error("RepositoryNotFoundException"),
    )
    registry = account.registry(REGION)
    stored = await registry.lifecycle_policy("pet-web")
    assert stored is not None
    assert (stored.text, stored.evaluated_at) == ("{}", None)
    assert await registry.lifecycle_policy("pet-web") is None
    with pytest.raises(AppError):
        await registry.lifecycle_policy("pet-web")


async def test_a_preview_of_several_pages(server: FaultServer, account: AwsAccount) -> None:
    mark = {"imageDigest": digest(1), "action": {"type": "EXPIRE"}, "appliedRulePriority": 1}
    server.on(
        "GetLifecyclePolicyPreview",
        answer({"status": "COMPLETE", "previewResults": [mark], "nextToken": "n"}),
        answer({"status": "COMPLETE", "previewResults": [{**mark, "imageDigest": digest(2)}]}),
    )
    report = await account.registry(REGION).lifecycle_preview("pet-web")
    assert (report.status, [mark.action for mark in report.marks]) == ("COMPLETE", ["expire", "expire"])
