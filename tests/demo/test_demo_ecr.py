"""ECR's behaviour in the embedded account: pages, tags, immutability, deletion, errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from botocore.exceptions import ClientError
from demo_shapes import Wire

from ecrtui.demo import artifacts
from ecrtui.demo.account import Account
from ecrtui.demo.clock import Clock
from ecrtui.demo.registry import Repository, StoredImage

REGION = "ap-northeast-2"


def image(seed: str, *layers: str) -> artifacts.Artifact:
    blobs = tuple(artifacts.layer(each, 1_000) for each in layers or (seed,))
    return artifacts.image(blobs, created="2026-01-01T00:00:00Z", env=(f"SEED={seed}",))


def repository(account: Account, name: str = "web") -> Repository:
    return account.new_repository(REGION, name, account.clock())


def put(target: Repository, made: artifacts.Artifact, *tags: str, at: float = 1.0) -> str:
    target.put(StoredImage.of(made, at, tags))
    return made.digest


# pages


def test_paginators_give_everything_once(boto: Callable[..., Any]) -> None:
    ecr = boto("ecr", "ap-northeast-1")
    pages = list(
        ecr.get_paginator("describe_images").paginate(
            repositoryName="monolith", filter={"imageStatus": "ANY"}, PaginationConfig={"PageSize": 1000}
        )
    )
    digests = [each["imageDigest"] for page in pages for each in page["imageDetails"]]
    assert [len(page["imageDetails"]) for page in pages] == [1000, 1000, 1000]
    assert len(set(digests)) == 3000
    pairs = [
        (each["imageDigest"], each.get("imageTag"))
        for page in ecr.get_paginator("list_images").paginate(
            repositoryName="monolith", filter={"imageStatus": "ANY"}, PaginationConfig={"PageSize": 700}
        )
        for each in page["imageIds"]
    ]
    assert len(pairs) == len(set(pairs))
    assert {digest for digest, _ in pairs} == set(digests)


def test_pages_have_the_size_that_was_asked_for(reader: Wire) -> None:
    assert len(reader.ok("ecr", "DescribeImages", repositoryName="pet-web")["imageDetails"]) == 100
    answer = reader.ok("ecr", "DescribeRepositories", maxResults=7)
    names = [each["repositoryName"] for each in answer["repositories"]]
    while token := answer.get("nextToken"):
        answer = reader.ok("ecr", "DescribeRepositories", maxResults=7, nextToken=token)
        assert len(answer["repositories"]) == 7 or "nextToken" not in answer
        names += [each["repositoryName"] for each in answer["repositories"]]
    assert len(names) == len(set(names)) == 29


@pytest.mark.parametrize("size", [0, 1001])
def test_page_sizes_are_bounded(reader: Wire, size: int) -> None:
    code, message = reader.error("ecr", "DescribeImages", repositoryName="pet-web", maxResults=size)
    assert (code, "maxResults" in message) == ("InvalidParameterException", True)


def test_a_token_is_of_one_list_only(reader: Wire) -> None:
    token = reader.ok("ecr", "DescribeImages", repositoryName="pet-web", maxResults=1)["nextToken"]
    for operation, name, wrong in (
        ("DescribeImages", "pet-api", token),
        ("ListImages", "pet-web", token),
        ("DescribeImages", "pet-web", "nonsense"),
    ):
        assert reader.error("ecr", operation, repositoryName=name, nextToken=wrong)[0] == "InvalidParameterException"


def test_pages_survive_a_change_between_them(account: Account, wire: Wire) -> None:
    target = repository(account)
    digests = sorted(put(target, image(str(number))) for number in range(5))
    first = wire.ok("ecr", "DescribeImages", repositoryName="web", maxResults=2)
    target.remove(digests[1])
    rest = wire.ok("ecr", "DescribeImages", repositoryName="web", nextToken=first["nextToken"])
    assert [each["imageDigest"] for each in rest["imageDetails"]] == digests[2:]


def test_the_last_full_page_has_no_token(account: Account, wire: Wire) -> None:
    target = repository(account)
    for number in range(4):
        put(target, image(str(number)))
    answer = wire.ok("ecr", "DescribeImages", repositoryName="web", maxResults=4)
    assert (len(answer["imageDetails"]), "nextToken" in answer) == (4, False)


def test_names_exclude_paging(reader: Wire) -> None:
    for operation, members in (
        ("DescribeRepositories", {"repositoryNames": ["pet-web"]}),
        ("DescribeImages", {"repositoryName": "pet-web", "imageIds": [{"imageTag": "latest"}]}),
    ):
        assert reader.error("ecr", operation, **members, maxResults=5)[0] == "InvalidParameterException"


# filters


def test_only_active_images_are_listed_unless_asked_for(account: Account, wire: Wire) -> None:
    target = repository(account)
    active = put(target, image("a"), "v1")
    untagged = put(target, image("b"))
    archived = put(target, image("c"), "v0")
    target.put(replace(target.images[archived], status="ARCHIVED", archived_at=2.0))

    def listed(operation: str, member: str, **wanted: str) -> set[str]:
        found = wire.ok("ecr", operation, repositoryName="web", **({"filter": wanted} if wanted else {}))[member]
        return {each["imageDigest"] for each in found}

    for operation, member in (("DescribeImages", "imageDetails"), ("ListImages", "imageIds")):
        assert listed(operation, member) == {active, untagged}
        assert listed(operation, member, tagStatus="TAGGED") == {active}
        assert listed(operation, member, tagStatus="UNTAGGED") == {untagged}
        assert listed(operation, member, imageStatus="ARCHIVED") == {archived}
        assert listed(operation, member, imageStatus="ANY") == {active, untagged, archived}
        assert listed(operation, member, imageStatus="ANY", tagStatus="TAGGED") == {active, archived}
    code, _ = wire.error("ecr", "DescribeImages", repositoryName="web", imageIds=[{"imageTag": "v0"}])
    assert code == "ImageNotFoundException"


# manifests


def test_every_digest_is_the_sha256_of_its_manifest(seeded: tuple[Account, str]) -> None:
    account, _ = seeded
    for region in account.regions:
        for each in region.registry.repositories.values():
            for stored in each.images.values():
                assert stored.digest == "sha256:" + sha256(stored.manifest.encode()).hexdigest()
                manifest = json.loads(stored.manifest)
                if stored.children:
                    assert [child["digest"] for child in manifest["manifests"]] == list(stored.children)
                    assert all(child in each.images for child in stored.children)
                    assert stored.size == max(each.images[child].size for child in stored.children)
                else:
                    sizes = [manifest["config"]["size"], *(layer["size"] for layer in manifest["layers"])]
                    assert stored.size == sum(sizes)
                assert stored.subject is None or stored.subject in each.images
            for digest, text in each.configs.items():
                assert digest == "sha256:" + sha256(text.encode()).hexdigest()


def test_batch_get_image_gives_manifests_and_failures(reader: Wire) -> None:
    missing = {"imageTag": "no-such-tag"}
    answer = reader.ok(
        "ecr",
        "BatchGetImage",
        repositoryName="pet-api",
        imageIds=[{"imageTag": "latest"}, missing, {"imageDigest": "nonsense"}, {}],
    )
    (found,) = answer["images"]
    assert found["imageManifestMediaType"] == artifacts.OCI_INDEX
    platforms = [each["platform"]["architecture"] for each in json.loads(found["imageManifest"])["manifests"]]
    assert platforms == ["amd64", "arm64", "unknown", "unknown"]
    assert [each["failureCode"] for each in answer["failures"]] == [
        "ImageNotFound",
        "InvalidImageDigest",
        "MissingDigestAndTag",
    ]


def test_who_accepts_no_index_gets_a_platform(reader: Wire) -> None:
    answer = reader.ok(
        "ecr",
        "BatchGetImage",
        repositoryName="pet-api",
        imageIds=[{"imageTag": "latest"}],
        acceptedMediaTypes=[artifacts.OCI_IMAGE],
    )
    assert answer["images"][0]["imageManifestMediaType"] == artifacts.OCI_IMAGE


def test_the_configuration_of_an_image_can_be_fetched(boto: Callable[..., Any]) -> None:
    import urllib.request

    ecr = boto("ecr")
    manifest = ecr.batch_get_image(repositoryName="pet-web", imageIds=[{"imageTag": "latest"}])["images"][0]
    config = json.loads(manifest["imageManifest"])["config"]["digest"]
    url = ecr.get_download_url_for_layer(repositoryName="pet-web", layerDigest=config)["downloadUrl"]
    with urllib.request.urlopen(url) as response:
        document = json.loads(response.read())
    assert document["architecture"] == "amd64"
    assert len(document["rootfs"]["diff_ids"]) == len(json.loads(manifest["imageManifest"])["layers"])


# pushes


def upload(wire: Wire, name: str, blob: bytes) -> str:
    started = wire.ok("ecr", "InitiateLayerUpload", repositoryName=name)["uploadId"]
    digest = "sha256:" + sha256(blob).hexdigest()
    wire.ok(
        "ecr",
        "UploadLayerPart",
        repositoryName=name,
        uploadId=started,
        partFirstByte=0,
        partLastByte=len(blob) - 1,
        layerPartBlob=base64.b64encode(blob).decode(),
    )
    wire.ok("ecr", "CompleteLayerUpload", repositoryName=name, uploadId=started, layerDigests=[digest])
    return digest


def test_an_image_needs_its_blobs_and_an_index_its_images(account: Account, wire: Wire) -> None:
    repository(account)
    layer, config = b"\x1f\x8blayer", b'{"os":"linux"}'
    digests = ["sha256:" + sha256(each).hexdigest() for each in (config, layer)]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": artifacts.OCI_IMAGE,
            "config": {"mediaType": artifacts.OCI_CONFIG, "digest": digests[0], "size": len(config)},
            "layers": [{"mediaType": "application/octet-stream", "digest": digests[1], "size": len(layer)}],
        }
    )
    child = "sha256:" + sha256(manifest.encode()).hexdigest()
    index = json.dumps({"schemaVersion": 2, "mediaType": artifacts.OCI_INDEX, "manifests": [{"digest": child}]})
    for text, code in ((manifest, "LayersNotFoundException"), (index, "ReferencedImagesNotFoundException")):
        assert wire.error("ecr", "PutImage", repositoryName="web", imageManifest=text, imageTag="v1")[0] == code
    assert [upload(wire, "web", each) for each in (config, layer)] == digests
    wire.ok("ecr", "PutImage", repositoryName="web", imageManifest=manifest)
    wire.ok("ecr", "PutImage", repositoryName="web", imageManifest=index, imageTag="v1")
    (detail,) = wire.ok("ecr", "DescribeImages", repositoryName="web", imageIds=[{"imageTag": "v1"}])["imageDetails"]
    assert detail["imageSizeInBytes"] == len(layer) + len(config)
    assert detail["imageDigest"] == "sha256:" + sha256(index.encode()).hexdigest()


def test_a_moved_tag_leaves_the_old_image_untagged(account: Account, wire: Wire) -> None:
    target = repository(account)
    old, new = image("old", "layer"), image("new", "layer")
    put(target, old, "latest")
    put(target, new, "v2")
    wire.ok("ecr", "PutImage", repositoryName="web", imageManifest=new.manifest, imageTag="latest")
    details = {
        each["imageDigest"]: each.get("imageTags")
        for each in wire.ok("ecr", "DescribeImages", repositoryName="web")["imageDetails"]
    }
    assert details == {old.digest: None, new.digest: ["v2", "latest"]}


@pytest.mark.parametrize(
    ("mutability", "filters", "tag", "refused"),
    [
        ("MUTABLE", (), "v1", False),
        ("IMMUTABLE", (), "v1", True),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest*",), "latest-edge", False),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest*",), "v1", True),
        ("IMMUTABLE_WITH_EXCLUSION", ("v1.0",), "v1x0", True),
        ("MUTABLE_WITH_EXCLUSION", ("v*", "release-*-final"), "release-7-final", True),
        ("MUTABLE_WITH_EXCLUSION", ("v*",), "main", False),
    ],
)
def test_immutability_and_its_exclusions(
    account: Account, wire: Wire, mutability: str, filters: tuple[str, ...], tag: str, refused: bool
) -> None:
    wire.ok(
        "ecr",
        "CreateRepository",
        repositoryName="web",
        imageTagMutability=mutability,
        **(
            {"imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": each} for each in filters]}
            if filters
            else {}
        ),
    )
    target = account.region(REGION).registry.repositories["web"]
    old, new = image("old", "layer"), image("new", "layer")
    put(target, old, tag)
    put(target, new)
    moved = {"repositoryName": "web", "imageManifest": new.manifest, "imageTag": tag}
    same = {"repositoryName": "web", "imageManifest": old.manifest, "imageTag": tag}
    if refused:
        for params in (moved, same):
            code, message = wire.error("ecr", "PutImage", **params)
            assert code == "ImageTagAlreadyExistsException"
            assert message == (
                f"The image tag '{tag}' already exists in the 'web' repository and cannot be overwritten "
                "because the repository is immutable."
            )
    else:
        assert wire.error("ecr", "PutImage", **same)[0] == "ImageAlreadyExistsException"
        wire.ok("ecr", "PutImage", **moved)
        assert target.images[old.digest].tags == ()


def test_what_put_image_refuses(account: Account, wire: Wire) -> None:
    target = repository(account)
    made = image("a")
    put(target, made)
    base = {"repositoryName": "web", "imageManifest": made.manifest}
    assert wire.error("ecr", "PutImage", **base)[0] == "ImageAlreadyExistsException"
    assert wire.error("ecr", "PutImage", **base, imageTag="-bad")[0] == "InvalidParameterException"
    assert (
        wire.error("ecr", "PutImage", **base, imageDigest="sha256:" + "0" * 64)[0] == "ImageDigestDoesNotMatchException"
    )
    assert wire.error("ecr", "PutImage", repositoryName="web", imageManifest="{")[0] == "InvalidParameterException"


# deletion


def test_deleting_by_tag_untags_and_the_last_tag_deletes(account: Account, wire: Wire) -> None:
    target = repository(account)
    digest = put(target, image("a"), "one", "two")
    answer = wire.ok("ecr", "BatchDeleteImage", repositoryName="web", imageIds=[{"imageTag": "one"}])
    assert answer["imageIds"] == [{"imageDigest": digest, "imageTag": "one"}]
    assert target.images[digest].tags == ("two",)
    wire.ok("ecr", "BatchDeleteImage", repositoryName="web", imageIds=[{"imageTag": "two"}])
    assert not target.images
    assert not target.tagged


def test_a_child_of_an_index_is_not_deleted_before_it(account: Account, wire: Wire) -> None:
    target = repository(account)
    child = image("child")
    index = artifacts.index(((child, "amd64"),))
    put(target, child)
    put(target, index, "v1")
    ask = {"repositoryName": "web", "imageIds": [{"imageDigest": child.digest}]}
    answer = wire.ok("ecr", "BatchDeleteImage", **ask)
    assert [each["failureCode"] for each in answer["failures"]] == ["ImageReferencedByManifestList"]
    assert index.digest in answer["failures"][0]["failureReason"]
    wire.ok("ecr", "BatchDeleteImage", repositoryName="web", imageIds=[{"imageDigest": index.digest}])
    assert wire.ok("ecr", "BatchDeleteImage", **ask)["failures"] == []


def test_deletion_fails_item_by_item(account: Account, wire: Wire) -> None:
    target = repository(account)
    first, second = put(target, image("a"), "one"), put(target, image("b"), "two")
    answer = wire.ok(
        "ecr",
        "BatchDeleteImage",
        repositoryName="web",
        imageIds=[
            {"imageTag": "gone"},
            {"imageDigest": first, "imageTag": "two"},
            {},
            {"imageDigest": second},
        ],
    )
    assert [each["failureCode"] for each in answer["failures"]] == [
        "ImageNotFound",
        "ImageTagDoesNotMatchDigest",
        "MissingDigestAndTag",
    ]
    assert list(target.images) == [first]


def test_a_repository_with_images_is_deleted_only_by_force(account: Account, wire: Wire) -> None:
    put(repository(account), image("a"))
    assert wire.error("ecr", "DeleteRepository", repositoryName="web")[0] == "RepositoryNotEmptyException"
    wire.ok("ecr", "DeleteRepository", repositoryName="web", force=True)
    code, message = wire.error("ecr", "DescribeImages", repositoryName="web")
    assert code == "RepositoryNotFoundException"
    assert message == "The repository with name 'web' does not exist in the registry with id '123456789012'"


# repositories


def test_a_created_repository_reads_back_as_it_was_asked_for(wire: Wire) -> None:
    filters = [{"filterType": "WILDCARD", "filter": "latest"}, {"filterType": "WILDCARD", "filter": "prod*"}]
    made = wire.ok(
        "ecr",
        "CreateRepository",
        repositoryName="team/web",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=filters,
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfiguration={"encryptionType": "KMS"},
        tags=[{"Key": "team", "Value": "a"}],
    )["repository"]
    (read,) = wire.ok("ecr", "DescribeRepositories", repositoryNames=["team/web"])["repositories"]
    assert read == made
    assert read["repositoryUri"] == "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/team/web"
    assert read["imageTagMutabilityExclusionFilters"] == filters
    assert read["imageScanningConfiguration"] == {"scanOnPush": True}
    assert read["encryptionConfiguration"]["kmsKey"].startswith("arn:aws:kms:ap-northeast-2:123456789012:key/")
    assert wire.error("ecr", "CreateRepository", repositoryName="team/web")[0] == "RepositoryAlreadyExistsException"


@pytest.mark.parametrize("name", ["a", "Pet_Web", "pet___web", "pet-web-", "/a", "a" * 257, "pet web"])
def test_bad_repository_names_are_refused(wire: Wire, name: str) -> None:
    code, message = wire.error("ecr", "CreateRepository", repositoryName=name)
    assert (code, "repositoryName" in message) == ("InvalidParameterException", True)


def test_exclusion_filters_go_with_their_setting_only(wire: Wire) -> None:
    filters = {"imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "latest"}]}
    for params in (
        {"imageTagMutability": "IMMUTABLE", **filters},
        {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"},
        {"imageTagMutability": "SOMETIMES"},
        {
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{"filter": "x"}],
        },
    ):
        assert wire.error("ecr", "CreateRepository", repositoryName="web", **params)[0] == "InvalidParameterException"


def test_required_members_and_types_are_checked(wire: Wire) -> None:
    assert wire.error("ecr", "DescribeImages")[0] == "InvalidParameterException"
    assert wire.error("ecr", "DescribeImages", repositoryName=7)[0] == "SerializationException"
    assert wire.error("ecr", "BatchGetImage", repositoryName="web", imageIds=[])[0] == "InvalidParameterException"
    many = [{"imageTag": str(number)} for number in range(101)]
    assert wire.error("ecr", "BatchGetImage", repositoryName="web", imageIds=many)[0] == "InvalidParameterException"


def test_an_unknown_operation_is_json(wire: Wire) -> None:
    for operation in ("Nonsense", "CreatePullThroughCacheRule"):
        assert wire.error("ecr", operation)[0] == "UnknownOperationException"
    status, _, body = wire.send("ecr", "DescribeRepositories", b"[1")
    assert (status, json.loads(body)["__type"]) == (400, "SerializationException")


# lifecycle


def policy(**selection: Any) -> str:
    rule = {
        "rulePriority": 1,
        "description": "a rule" * 10,
        "selection": selection,
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})


def test_a_bad_policy_is_refused_with_the_reason(account: Account, wire: Wire) -> None:
    repository(account)
    bad = policy(tagStatus="any", countType="imageCountMoreThan", countNumber=0)
    code, message = wire.error("ecr", "PutLifecyclePolicy", repositoryName="web", lifecyclePolicyText=bad)
    assert code == "InvalidParameterException"
    assert "Lifecycle policy validation failure: " in message
    assert wire.error("ecr", "GetLifecyclePolicy", repositoryName="web")[0] == "LifecyclePolicyNotFoundException"


def test_a_preview_takes_a_moment_and_then_names_the_images(account: Account, wire: Wire, clock: Clock) -> None:
    target = repository(account)
    digests = [put(target, image(str(number)), f"v{number}", at=float(number)) for number in range(6)]
    text = policy(tagStatus="any", countType="imageCountMoreThan", countNumber=2)
    assert (
        wire.error("ecr", "GetLifecyclePolicyPreview", repositoryName="web")[0]
        == "LifecyclePolicyPreviewNotFoundException"
    )
    assert (
        wire.error("ecr", "StartLifecyclePolicyPreview", repositoryName="web")[0] == "LifecyclePolicyNotFoundException"
    )
    started = wire.ok("ecr", "StartLifecyclePolicyPreview", repositoryName="web", lifecyclePolicyText=text)
    assert started["status"] == "IN_PROGRESS"
    again = wire.error("ecr", "StartLifecyclePolicyPreview", repositoryName="web", lifecyclePolicyText=text)
    assert again[0] == "LifecyclePolicyPreviewInProgressException"
    assert wire.ok("ecr", "GetLifecyclePolicyPreview", repositoryName="web")["status"] == "IN_PROGRESS"
    clock.advance(3)
    first = wire.ok("ecr", "GetLifecyclePolicyPreview", repositoryName="web", maxResults=3)
    rest = wire.ok("ecr", "GetLifecyclePolicyPreview", repositoryName="web", nextToken=first["nextToken"])
    named = [each["imageDigest"] for each in first["previewResults"] + rest["previewResults"]]
    assert (first["status"], named) == ("COMPLETE", digests[3::-1])
    assert first["summary"] == {"expiringImageTotalCount": 4}
    assert first["previewResults"][0]["action"] == {"type": "EXPIRE"}
    clock.advance(2 * 86_400)
    assert wire.ok("ecr", "GetLifecyclePolicyPreview", repositoryName="web")["status"] == "EXPIRED"


# scans, archive, refusals


def test_a_scan_runs_and_its_findings_page(account: Account, wire: Wire, clock: Clock) -> None:
    target = repository(account)
    for number in range(12):
        put(target, image(str(number)), f"v{number}", at=account.clock())
    for number in range(12):
        ask = {"repositoryName": "web", "imageId": {"imageTag": f"v{number}"}}
        assert wire.error("ecr", "DescribeImageScanFindings", **ask)[0] == "ScanNotFoundException"
        wire.ok("ecr", "StartImageScan", **ask)
        assert wire.error("ecr", "StartImageScan", **ask)[0] == "LimitExceededException"
        assert wire.ok("ecr", "DescribeImageScanFindings", **ask)["imageScanStatus"]["status"] == "IN_PROGRESS"
    clock.advance(60)
    largest = 0
    for number in range(12):
        ask = {"repositoryName": "web", "imageId": {"imageTag": f"v{number}"}}
        answer = wire.ok("ecr", "DescribeImageScanFindings", **ask, maxResults=20)
        counts = answer["imageScanFindings"]["findingSeverityCounts"]
        found = answer["imageScanFindings"]["findings"]
        while token := answer.get("nextToken"):
            answer = wire.ok("ecr", "DescribeImageScanFindings", **ask, maxResults=20, nextToken=token)
            found += answer["imageScanFindings"]["findings"]
        assert sum(counts.values()) == len(found)
        assert 0 not in counts.values()
        largest = max(largest, len(found))
    assert largest > 20


def test_an_archived_image_stays_described_and_comes_back(account: Account, wire: Wire) -> None:
    target = repository(account)
    made = image("a")
    put(target, made, "v1")
    ask = {"repositoryName": "web", "imageId": {"imageTag": "v1"}}
    answer = wire.ok("ecr", "UpdateImageStorageClass", **ask, targetStorageClass="ARCHIVE")
    assert answer["imageStatus"] == "ARCHIVED"
    pulled = wire.ok("ecr", "BatchGetImage", repositoryName="web", imageIds=[{"imageTag": "v1"}])
    assert [each["failureCode"] for each in pulled["failures"]] == ["ImageInaccessible"]
    (listed,) = wire.ok("ecr", "DescribeImages", repositoryName="web", filter={"imageStatus": "ARCHIVED"})[
        "imageDetails"
    ]
    assert listed["lastArchivedAt"] == account.clock()
    wire.ok("ecr", "PutImage", repositoryName="web", imageManifest=made.manifest, imageTag="v1")
    (listed,) = wire.ok("ecr", "DescribeImages", repositoryName="web")["imageDetails"]
    assert (listed["imageStatus"], listed["lastActivatedAt"]) == ("ACTIVE", account.clock())


def test_refusals_of_the_seeded_account(boto: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match=r"ecr:DescribeImages on resource: .*repository/hr-vault") as denied:
        boto("ecr").describe_images(repositoryName="hr-vault")
    assert denied.value.response["Error"]["Code"] == "AccessDeniedException"
    assert boto("ecr").list_images(repositoryName="hr-vault")["imageIds"]
    with pytest.raises(ClientError) as refused:
        boto("ecr", "eu-west-3").describe_repositories()
    assert refused.value.response["Error"]["Code"] == "UnrecognizedClientException"
    with pytest.raises(ClientError) as refused:
        boto("ec2", "eu-west-3").describe_regions()
    assert refused.value.response["Error"]["Code"] == "InvalidClientTokenId"
