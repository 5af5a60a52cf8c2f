"""From an image to the build and commit that made it, with how certain that is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ecrtui.domain.build import Build
from ecrtui.domain.image import Image
from ecrtui.domain.origin import Certainty, candidates, origin_of, pushed_digests

LOGS = Path(__file__).parent.parent / "fixtures" / "codebuild-logs"
COMMIT = "4f2a91c0d5e6f708192a3b4c5d6e7f8091a2b3c4"
OTHER = "b01c77e0d5e6f708192a3b4c5d6e7f8091a2b3c4"
DIGEST = "sha256:" + "7d" * 32


def build(
    number: int, commit: str = COMMIT, *, at: float = 1_000.0, status: str = "SUCCEEDED", **more: object
) -> Build:
    """A build that ran for a hundred seconds."""
    return Build(
        f"pet-web:{number}",
        "pet-web",
        "us-east-1",
        number,
        status,
        complete=status != "IN_PROGRESS",
        started_at=at,
        ended_at=None if status == "IN_PROGRESS" else at + 100,
        resolved_source_version=commit,
        **more,  # type: ignore[arg-type]
    )


def image(*tags: str, pushed: float | None = 1_090.0) -> Image:
    return Image(DIGEST, tags, pushed_at=pushed)


def found(one: Image, *builds: Build, **more: object) -> tuple[int | None, str, str]:
    """The build's number, the certainty and the commit."""
    origin = origin_of(one, builds, **more)  # type: ignore[arg-type]
    assert origin is not None
    assert origin.evidence
    return (origin.build.number if origin.build else None), origin.certainty, origin.commit


def test_the_digest_in_the_log_is_proof_whatever_the_tags_say() -> None:
    builds = build(1), build(2, OTHER)
    pushed = {"pet-web:2": {DIGEST}}
    assert found(image("main-4f2a91c"), *builds, pushed=pushed) == (2, "proven", OTHER)


def test_a_log_that_names_other_digests_speaks_against_its_build() -> None:
    builds = build(1), build(2, at=1_010.0)
    pushed = {"pet-web:2": {"sha256:" + "0" * 64}}
    assert found(image("main-4f2a91c"), *builds, pushed=pushed) == (1, "by tag", COMMIT)
    assert found(image("main-4f2a91c"), *builds, pushed={"pet-web:2": set()})[1] == "by tag", "no push is no evidence"


def test_the_tag_names_the_commit() -> None:
    origin = origin_of(image("latest", "main-4f2a91c"), [build(1), build(2, OTHER)])
    assert origin is not None
    assert (origin.build, origin.certainty, origin.branch) == (build(1), Certainty.BY_TAG, "main")
    assert found(image("4f2a91c"), build(1)) == (1, "by tag", COMMIT)


def test_of_several_builds_of_a_commit_the_one_that_ran_at_the_push() -> None:
    builds = build(1), build(2, at=5_000.0), build(3, at=500.0, status="FAILED")
    assert found(image("main-4f2a91c"), *builds)[0] == 1
    assert found(image("main-4f2a91c", pushed=None), *builds)[0] == 2, "the newest, where the push is not dated"


def test_a_build_that_began_after_the_push_made_nothing() -> None:
    assert found(image("main-4f2a91c"), build(2, at=5_000.0)) == (None, "by tag", "4f2a91c")


def test_a_build_that_failed_later_may_have_pushed() -> None:
    assert found(image("main-4f2a91c"), build(1, status="FAILED"))[0] == 1
    assert found(image("main-4f2a91c", pushed=9_000.0), build(1, status="FAILED"))[0] is None


def test_a_release_is_named_by_the_source_version() -> None:
    tagged = build(1, source_version="refs/tags/v2.4.1")
    assert found(image("v2.4.1"), tagged) == (1, "by tag", COMMIT)
    assert found(image("v2.4.2"), tagged)[1] == "by time"


def test_the_only_build_that_ran_then() -> None:
    assert found(image("stable"), build(1), build(2, at=9_000.0)) == (1, "by time", COMMIT)
    assert found(image("stable", pushed=1_390.0), build(1))[0] == 1, "a little later is late, not foreign"
    assert origin_of(image("stable", pushed=1_500.0), [build(1)]) is None
    assert origin_of(image("stable"), [build(1), build(2, at=1_050.0)]) is None, "of two none can be told"
    assert origin_of(image("stable", pushed=None), [build(1)]) is None


def test_a_tag_that_names_another_commit_outweighs_the_time() -> None:
    assert found(image("main-b01c77e"), build(1)) == (None, "by tag", "b01c77e")


def test_sources_that_are_no_commits() -> None:
    bucket = build(1, "arn:aws:s3:::sources/pet-web.zip", source_version="arn:aws:s3:::sources/pet-web.zip")
    origin = origin_of(image("stable"), [bucket])
    assert origin is not None
    assert (origin.commit, origin.branch) == ("", "")


def test_nothing_points_anywhere() -> None:
    assert origin_of(image("stable"), []) is None
    assert origin_of(image(), []) is None


def test_the_digests_of_a_log_are_those_that_were_pushed() -> None:
    lines = (LOGS / "01-push-ok-classic.log").read_text().splitlines()
    digests = pushed_digests(lines)
    assert len(digests) == 1
    assert pushed_digests(lines, "pet-web") == digests
    assert pushed_digests(lines, "web") == frozenset(), "another repository's"
    base = "FROM public.ecr.aws/docker/library/node:22@sha256:" + "a" * 64
    assert pushed_digests([base]) == frozenset(), "a base image is pulled"


def test_candidates_are_few_and_the_likeliest_first() -> None:
    right, same_commit, same_time = build(1), build(2, at=10.0), build(3, OTHER, at=1_020.0)
    others = [build(number, OTHER, at=9_000.0) for number in range(4, 20)]
    assert candidates(image("main-4f2a91c"), [*others, same_time, same_commit, right]) == (
        right,
        same_commit,
        same_time,
    )
    assert candidates(image("stable", pushed=None), [right]) == ()
    assert replace(right, number=2) not in candidates(image("main-4f2a91c"), [right])
