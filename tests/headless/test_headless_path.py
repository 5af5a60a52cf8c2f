"""`ecrtui path` against the embedded account."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Callable

import pytest
import yaml

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
PLACE = ("-r", "ap-northeast-2")
URI = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/pet-web"


def test_the_picture_says_why_payment_api_cannot_push(ecrtui: Run) -> None:
    ended = ecrtui("path", "payment-api", *PLACE)
    assert ended.code == 1
    assert ended.err == ""
    first, *rest = ended.out.strip().splitlines()
    assert first.startswith("✗ payment-api: project cannot push")
    text = " ".join(" ".join(rest).split())
    assert "✗ role may not push" in text
    assert "ecr:InitiateLayerUpload and ecr:PutImage are missing" in text
    assert "ecrtui permissions payment-api --region ap-northeast-2 --statement" in text
    for title in ("PROJECT", "REPOSITORY", "IMAGES", "RUNS"):
        assert title in text
    assert all(len(line) <= 100 for line in ended.out.splitlines())


def test_a_drifted_service_has_both_digests_and_what_made_them(ecrtui: Run) -> None:
    ended = ecrtui("path", "pet-web", *PLACE, "--format", "json")
    found = ended.json
    assert ended.code == 1
    assert found["standing"] == "broken"
    assert found["headline"].startswith("pet-web: project pushes, repository ok, production runs v")
    drifted = next(use for use in found["uses"] if use["state"] == "drift")
    assert drifted["running_digest"] != drifted["tag_digest"]
    assert drifted["running_digest"] in {image["digest"] for image in found["images"]}
    assert drifted["running_origin"]["commit"]
    assert drifted["tag_origin"]["certainty"] in ("proven", "by tag")
    assert drifted["running_pushed_at"] < drifted["tag_pushed_at"]
    assert [(link["from"], link["to"]) for link in found["links"]] == [
        ("project", "repository"),
        ("repository", "images"),
        ("images", "runtime"),
    ]
    assert found["repository"]["uri"] == URI
    assert found["project"]["role"].startswith("arn:aws:iam::")


def test_a_whole_path_is_fine(ecrtui: Run) -> None:
    ended = ecrtui("path", "payments-api", *PLACE, "--format", "json")
    assert (ended.code, ended.err, ended.json["standing"]) == (0, "", "ok")


def test_csv_has_a_row_for_each_check(ecrtui: Run) -> None:
    ended = ecrtui("path", "payments-api", *PLACE, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert {row["link"] for row in rows} == {"project-repository", "repository-images", "images-runtime"}
    assert all(row["standing"] == "ok" for row in rows)


def test_a_name_that_has_nothing_still_has_a_picture(ecrtui: Run) -> None:
    ended = ecrtui("path", "no-such-name", *PLACE)
    assert ended.code == 1
    assert "neither project nor repository" in ended.out


def test_what_is_refused_is_unknown_and_gives_its_code(ecrtui: Run, refuse: Callable[..., None]) -> None:
    refuse("iam:SimulatePrincipalPolicy", code="AccessDenied")
    refuse("ecr:GetLifecyclePolicy")
    ended = ecrtui("path", "payments-api", *PLACE)
    assert ended.code == 4
    assert "lifecycle unknown" in ended.out
    assert "iam:SimulatePrincipalPolicy" in ended.err
    assert "ecr:GetLifecyclePolicy" in ended.err
    assert "✗" not in ended.out


def test_snippets_are_listed_and_printed_as_they_stand(ecrtui: Run) -> None:
    listed = ecrtui("path", "pet-web", *PLACE, "--snippets", "--format", "json").json
    assert {"buildspec", "docker-push", "finch-login", "ecs-digest", "apprunner", "pull-policy"} <= {
        one["snippet"] for one in listed
    }
    spec = yaml.safe_load(ecrtui("path", "pet-web", *PLACE, "--snippet", "buildspec").out)
    assert spec["env"]["variables"]["REPOSITORY"] == "pet-web"
    definition = json.loads(ecrtui("path", "pet-web", *PLACE, "--snippet", "ecs-tag").out)
    assert definition["image"].startswith(f"{URI}:v")
    assert shlex.split(ecrtui("path", "pet-web", *PLACE, "--snippet", "podman-pull").out)[:2] == ["podman", "pull"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pet-web", "--snippet", "nonsense"), "Use one of buildspec"),
        (("report-generator", "--snippet", "buildspec"), "there is no repository of this name"),
        (("loyalty-service", "--snippet", "ecs-tag"), "holds no image"),
        (("pet-web", "--snippet", "buildspec", "--snippets"), "Give one of"),
    ],
)
def test_what_cannot_be_printed_is_said(ecrtui: Run, arguments: tuple[str, ...], words: str) -> None:
    ended = ecrtui("path", *arguments, *PLACE)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
