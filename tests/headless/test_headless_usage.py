"""`ecrtui usage` against the embedded account."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest

from ecrtui.domain.errors import AppError
from ecrtui.domain.image import ImageListing
from ecrtui.headless.usage_argument import wanted

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py


def test_the_uses_of_a_repository_and_their_drift(ecrtui: Run) -> None:
    listed = ecrtui("usage", "pet-web", "-r", "ap-northeast-2,us-east-1", "--format", "json")
    assert (listed.code, listed.err) == (0, "")
    by_name = {record["name"]: record for record in listed.json}
    drifted = by_name["pet-web-cluster/pet-web-canary"]
    assert (drifted["drift"], drifted["drifted"], drifted["tag"]) == ("drift", True, "latest")
    assert drifted["running_digest"] != drifted["tag_digest"]
    assert drifted["running_tags"]
    assert drifted["running_pushed_at"] < drifted["tag_pushed_at"]
    assert drifted["running_commit"]
    assert (drifted["running_certainty"], drifted["tag_certainty"]) == ("proven", "proven")
    assert drifted["running_evidence"] == "the log of the build names the digest"
    replica = by_name["pet-web-edge"]
    assert replica["running_certainty"] == "proven", "the build is of the region that the replica comes from"
    steady = by_name["pet-web-cluster/pet-web-task-service"]
    assert (steady["drift"], steady["by"], steady["running_digest"]) == ("none", "digest", steady["tag_digest"])


def test_an_image_names_its_build_by_the_log(ecrtui: Run) -> None:
    (record,) = ecrtui("usage", "pet-web:latest", "--format", "json").json
    assert record["by"] == "tag"
    assert record["tag_certainty"] == "proven"
    by_digest = ecrtui("usage", f"pet-web@{record['running_digest']}", "--format", "json").json
    assert [one["name"] for one in by_digest] == [record["name"]]
    assert by_digest[0]["by"] == "digest"
    short = ecrtui("usage", f"pet-web:{record['running_digest'][7:19]}", "--format", "json").json
    assert short == by_digest


def test_everything_that_runs_here_and_elsewhere(ecrtui: Run) -> None:
    table = ecrtui("usage", "-r", "ap-northeast-2,ap-northeast-1")
    assert table.code == 0
    assert "⚠ drift" in table.out
    assert re.search(r"pet-web-canary .* #\d+ [0-9a-f]{7} proven", table.out)
    assert "service monolith/monolith" in table.out
    rows = list(csv.DictReader(io.StringIO(ecrtui("usage", "--filter", "drift:yes", "--format", "csv").out)))
    assert {row["drifted"] for row in rows} == {"yes"}
    drifted = next(row for row in rows if row["drift"] == "drift")
    assert drifted["command"].startswith("aws ecs update-service --cluster")


def test_a_whole_uri_names_its_region(ecrtui: Run) -> None:
    uri = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/monolith"
    listed = ecrtui("usage", uri, "-r", "ap-northeast-1", "--format", "json")
    assert {record["repository_region"] for record in listed.json} == {"ap-northeast-1"}


def test_other_registries_are_shown_as_what_they_are(ecrtui: Run) -> None:
    everything = ecrtui("usage", "--format", "json").json
    assert {"ECR of account 123456789012 in ap-northeast-2"} <= {record["registry"] for record in everything}
    foreign = ecrtui("usage", "999999999999.dkr.ecr.ap-northeast-2.amazonaws.com/pet-web", "--format", "json")
    assert (foreign.code, foreign.json) == (0, [])
    assert "nothing that runs" in foreign.err


def test_what_is_not_there(ecrtui: Run) -> None:
    missing = ecrtui("usage", "no-such-repository")
    assert (missing.code, missing.out) == (2, "")
    assert "no-such-repository" in missing.err
    no_tag = ecrtui("usage", "pet-web:no-such-tag")
    assert no_tag.code == 2
    assert "no image has this tag" in no_tag.err
    for text in ("pet web", "PET", "pet-web:", ":v1", "@sha256:aa", "pet\x1b[31m"):
        refused = ecrtui("usage", text)
        assert (refused.code, refused.out) == (2, "")
        assert "neither a repository nor an image" in refused.err


def test_what_is_refused_is_reported_and_the_rest_printed(ecrtui: Run, refuse: Callable[..., None]) -> None:
    refuse("ecs:ListTasks")
    listed = ecrtui("usage", "pet-web", "--format", "json")
    assert listed.code == 4
    assert "ecs:ListTasks" in listed.err
    assert listed.json
    refuse("ecs:ListClusters")
    nothing = ecrtui("usage", "pet-web", "--format", "json")
    assert (nothing.code, nothing.out) == (4, ""), "an empty list would say that nothing runs it"


@pytest.mark.parametrize(
    ("text", "repository", "version", "region"),
    [
        ("pet-web", "pet-web", "", ""),
        ("team/pet-web:v1", "team/pet-web", "v1", ""),
        ("pet-web@sha256:" + "a" * 64, "pet-web", "sha256:" + "a" * 64, ""),
        ("pet-web:v1@sha256:" + "a" * 64, "pet-web", "sha256:" + "a" * 64, ""),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/pet-web:v1", "pet-web", "v1", "eu-west-1"),
    ],
)
def test_what_is_asked_about(text: str, repository: str, version: str, region: str) -> None:
    found = wanted(text)
    assert (found.repository, found.version, found.region, found.foreign) == (repository, version, region, None)


def test_another_registry_is_meant_only_when_it_is_written() -> None:
    assert wanted("docker.io/library/nginx:1.27").foreign is not None
    assert wanted("public.ecr.aws/nginx/nginx").foreign is not None
    assert wanted("library/nginx").foreign is None


def test_the_beginning_of_a_digest_must_be_of_one_image() -> None:
    listing = ImageListing("us-east-1", "pet-web")
    for digest, tag in (("abcdef1" + "0" * 57, "v1"), ("abcdef2" + "0" * 57, "abcdef3")):
        listing.add(f"sha256:{digest}", (tag,), None, None, None, "", "", "ACTIVE")
    assert wanted("pet-web:abcdef3").row_in(listing) == 1, "a tag comes first"
    assert wanted("pet-web@sha256:abcdef1").row_in(listing) == 0
    assert wanted("pet-web:v2").row_in(listing) is None
    with pytest.raises(AppError, match="2 images begin with"):
        wanted("pet-web:abcdef").row_in(listing)
