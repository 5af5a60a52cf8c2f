"""Verdicts on tags, and what protects them."""

from __future__ import annotations

import pytest

from ecrtui.domain.image import Image
from ecrtui.domain.mutability import Mutability
from ecrtui.domain.project import EnvironmentVariable, Project
from ecrtui.domain.pushtargets import push_evidence
from ecrtui.domain.reference import parse
from ecrtui.domain.registry import RegistrySettings, ScanningRule
from ecrtui.domain.repository import Repository
from ecrtui.domain.scan_coverage import ScanMode, scan_coverage
from ecrtui.domain.tagging import (
    failing_pushes,
    fixed_pushes,
    is_fixed,
    moving_uses,
    mutability_advice,
    strategy_of,
    unblocking_advice,
)
from ecrtui.domain.tags import TagKind
from ecrtui.domain.usage import Use

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
IMAGE_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def repository(mutability: str = "MUTABLE", *exclusions: str, name: str = "pet-web", **more: object) -> Repository:
    return Repository(
        name,
        "us-east-1",
        "123456789012",
        "arn",
        f"{HOST}/{name}",
        mutability=mutability,
        exclusions=exclusions,
        **more,  # type: ignore[arg-type]
    )


def images(*tags: str) -> list[Image]:
    """An image for each text: its tags."""
    return [
        Image(f"sha256:{number:064x}", tuple(text.split()), media_type=IMAGE_TYPE) for number, text in enumerate(tags)
    ]


def use(tag: str) -> Use:
    reference = parse(f"{HOST}/pet-web{tag}")
    assert reference is not None
    return Use("ecs-service", "shop/web", "us-east-1", reference)


# Verdicts


def test_images_without_a_unique_tag() -> None:
    found = strategy_of(images("main-4f2a91c latest", "v1.2.3", "latest", "production", "nightly-20260504", ""))
    assert (found.tagged, found.unique) == (5, 2)
    assert [image.tags for image in found.unnamed] == [("latest",), ("production",), ("nightly-20260504",)]
    assert [image.tags for image in found.only_latest] == [("latest",)]
    assert found.kinds[TagKind.LATEST] == 2


def test_what_is_not_deployed_needs_no_version() -> None:
    chart = Image("sha256:" + "a" * 64, ("chart",), artifact_type="application/vnd.cncf.helm.config.v1+json")
    signature = Image("sha256:" + "b" * 64, ("sha256-" + "1" * 64 + ".sig",), media_type=IMAGE_TYPE)
    referrer = Image("sha256:" + "c" * 64, ("sbom",), media_type=IMAGE_TYPE, subject="sha256:" + "1" * 64)
    assert strategy_of([chart, signature, referrer]).tagged == 0


def test_uses_that_name_what_moves() -> None:
    uses = [use(tag) for tag in ("", ":latest", ":prod", ":v1", ":v1.2.3", ":main-4f2a91c", "@sha256:" + "1" * 64)]
    assert [(one.tag, one.kind) for one in moving_uses(uses)] == [
        ("latest", TagKind.LATEST),
        ("latest", TagKind.LATEST),
        ("prod", TagKind.ENVIRONMENT),
        ("v1", TagKind.FLOATING),
    ]


def pushing(*commands: str, **variables: str) -> Project:
    lines = "".join(f"      - {command}\n" for command in commands)
    return Project(
        "pet-web",
        "us-east-1",
        "arn:aws:codebuild:us-east-1:123456789012:project/pet-web",
        buildspec=f"version: 0.2\nphases:\n  build:\n    commands:\n{lines}",
        variables=tuple(EnvironmentVariable(name, value) for name, value in variables.items()),
    )


def test_pushes_of_the_same_tag_with_every_build() -> None:
    project = pushing(
        f"docker push {HOST}/pet-web:latest",
        f"docker push {HOST}/pet-web:$IMAGE_TAG",
        f"docker push {HOST}/pet-web:main-$CODEBUILD_RESOLVED_SOURCE_VERSION",
        f"docker push {HOST}/other:fixed",
        IMAGE_TAG="stable",
    )
    pushes = push_evidence(project).pushes
    found = fixed_pushes(repository(), pushes)
    assert [push.tag for push in found] == ["latest", "stable"]
    assert found[0].line is not None
    assert failing_pushes(repository(), pushes) == ()
    assert [push.tag for push in failing_pushes(repository("IMMUTABLE"), pushes)] == ["latest", "stable"]
    excluding = repository("IMMUTABLE_WITH_EXCLUSION", "latest")
    assert [push.tag for push in failing_pushes(excluding, pushes)] == ["stable"]


@pytest.mark.parametrize(
    ("mutability", "exclusions", "tag", "fixed"),
    [
        ("MUTABLE", (), "v1.2.3", False),
        ("IMMUTABLE", (), "latest", True),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest",), "latest", False),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest*",), "latest-arm", False),
        ("IMMUTABLE_WITH_EXCLUSION", ("v*.1",), "v2.x1", True),
        ("MUTABLE_WITH_EXCLUSION", ("v*",), "v1", True),
        ("MUTABLE_WITH_EXCLUSION", ("v*",), "latest", False),
    ],
)
def test_which_tags_cannot_be_moved(mutability: str, exclusions: tuple[str, ...], tag: str, fixed: bool) -> None:
    assert is_fixed(repository(mutability, *exclusions), tag) is fixed


# Advice


def test_unique_tags_are_to_be_immutable_and_what_moves_is_excluded() -> None:
    advice = mutability_advice(repository(), images("main-4f2a91c latest", "v1.2.3 production", "main", "main-b01c77e"))
    assert advice is not None
    assert advice.mutability is Mutability.IMMUTABLE_WITH_EXCLUSION
    assert advice.exclusions == ("latest", "production", "main")
    assert (advice.unique, advice.left_out, advice.unsure) == (3, (), ())
    assert advice.setting == "IMMUTABLE, except latest, production, main"
    assert "3 images" in advice.why


def test_nothing_moves_nothing_is_excluded() -> None:
    advice = mutability_advice(repository(), images("v1.2.3"))
    assert advice is not None
    assert (advice.mutability, advice.exclusions) == (Mutability.IMMUTABLE, ())


def test_signatures_go_on_being_added_to() -> None:
    advice = mutability_advice(repository(), images("v1.2.3", "sha256-" + "1" * 64 + ".sig"))
    assert advice is not None
    assert advice.exclusions == ("sha256-*",)


def test_what_the_pipeline_pushes_and_services_name_comes_first() -> None:
    many = images("v1.2.3 latest", "1 1.2 v1", "qa test stage dev", "odd")
    advice = mutability_advice(repository(), many, moved=["odd"], used=[use(":stage"), use(":v1.2.3")])
    assert advice is not None
    assert advice.exclusions[:3] == ("latest", "odd", "stage")
    assert len(advice.exclusions) == 5
    assert set(advice.left_out) == {"1", "1.2", "v1", "test"} or set(advice.left_out) == {"1", "1.2", "v1", "qa"}


def test_tags_of_which_it_is_not_known_are_named() -> None:
    advice = mutability_advice(repository(), images("main-4f2a91c", "hotfix", "main-bdeaede"))
    assert advice is not None
    assert advice.unsure == ("hotfix",), "a commit without a digit is known by its siblings"


def test_no_advice_where_there_is_nothing_to_protect_or_it_is_so_already() -> None:
    assert mutability_advice(repository(), images("latest", "production")) is None
    assert mutability_advice(repository("IMMUTABLE"), images("v1.2.3 latest")) is None
    good = repository("IMMUTABLE_WITH_EXCLUSION", "latest")
    assert mutability_advice(good, images("v1.2.3 latest")) is None
    assert mutability_advice(repository("MUTABLE_WITH_EXCLUSION", "v*"), images("v1.2.3 latest")) is None
    open_ = repository("IMMUTABLE_WITH_EXCLUSION", "*")
    advice = mutability_advice(open_, images("v1.2.3 latest"))
    assert advice is not None
    assert advice.exclusions == ("latest",)


def test_a_pipeline_that_cannot_move_its_tag_is_let() -> None:
    blocked = repository("IMMUTABLE_WITH_EXCLUSION", "production")
    advice = unblocking_advice(blocked, ["latest", "production"])
    assert advice is not None
    assert advice.exclusions == ("production", "latest")
    assert advice.failing == ("latest",)
    assert "fails from the second one on" in advice.why
    assert unblocking_advice(repository(), ["latest"]) is None
    full = repository("IMMUTABLE_WITH_EXCLUSION", "a", "b", "c", "d", "e")
    assert unblocking_advice(full, ["latest"]) is None, "there is no filter left"


# Scanning


def settings(scan_type: str, *rules: tuple[str, str], **more: object) -> RegistrySettings:
    scanning = tuple(ScanningRule(frequency, (filter_,)) for frequency, filter_ in rules)
    return RegistrySettings("us-east-1", scan_type=scan_type, scanning=scanning, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("own", "registry", "mode", "can"),
    [
        (False, settings("BASIC"), ScanMode.MANUAL, True),
        (True, settings("BASIC"), ScanMode.ON_PUSH, False),
        (False, settings("BASIC", ("SCAN_ON_PUSH", "*")), ScanMode.ON_PUSH, False),
        (False, settings("BASIC", ("SCAN_ON_PUSH", "pet-*")), ScanMode.ON_PUSH, False),
        (False, settings("BASIC", ("SCAN_ON_PUSH", "web")), ScanMode.ON_PUSH, False),
        (False, settings("BASIC", ("SCAN_ON_PUSH", "api")), ScanMode.MANUAL, True),
        (True, settings("ENHANCED", ("SCAN_ON_PUSH", "api")), ScanMode.OFF, False),
        (
            False,
            settings("ENHANCED", ("SCAN_ON_PUSH", "*"), ("CONTINUOUS_SCAN", "pet-web")),
            ScanMode.CONTINUOUS,
            False,
        ),
        (False, None, ScanMode.UNKNOWN, False),
        (True, None, ScanMode.ON_PUSH, False),
        (False, settings("", unread={"scanning": "it is not allowed"}), ScanMode.UNKNOWN, False),
    ],
)
def test_how_images_are_scanned(own: bool, registry: RegistrySettings | None, mode: ScanMode, can: bool) -> None:
    found = scan_coverage(repository(scan_on_push=own), registry)
    assert (found.mode, found.repository_can) == (mode, can)
    assert found.why
