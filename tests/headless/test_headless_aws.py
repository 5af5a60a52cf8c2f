"""The commands against the embedded account: what they print, change, and exit with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
KEEP_ONE = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
            "action": {"type": "expire"},
        }
    ]
}


@pytest.fixture
def keep_one(tmp_path: Path) -> str:
    """A file with a policy that lets images go that are in use."""
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(KEEP_ONE))
    return str(path)


def test_repositories(ecrtui: Run) -> None:
    listed = ecrtui("repositories", "--format", "json")
    assert (listed.code, listed.err) == (0, "")
    names = [record["name"] for record in listed.json]
    assert names == sorted(names)
    assert "pet-web" in names
    assert {record["region"] for record in listed.json} == {"ap-northeast-2"}
    rows = list(csv.DictReader(io.StringIO(ecrtui("repositories", "--format", "csv").out)))
    assert [row["name"] for row in rows] == names
    assert "pet-web" in ecrtui("repositories").out


def test_repositories_of_several_regions_and_filtered(ecrtui: Run) -> None:
    listed = ecrtui("repositories", "-r", "us-east-1,ap-northeast-2", "--format", "jsonl", "--filter", "name:pet")
    assert {event["region"] for event in listed.events} >= {"ap-northeast-2"}
    assert all("pet" in event["name"] for event in listed.events)
    counted = ecrtui("repositories", "--filter", "name:=pet-web images:>400", "--format", "json").json
    assert [(record["name"], record["images"] > 400) for record in counted] == [("pet-web", True)]


def test_one_refused_repository_costs_that_one_only(ecrtui: Run) -> None:
    listed = ecrtui("repositories", "--details", "--format", "json")
    by_name = {record["name"]: record for record in listed.json}
    assert by_name["hr-vault"]["images"] is None
    assert by_name["pet-web"]["images"] > 400
    assert listed.code == 4
    assert "ecr:DescribeImages" in listed.err


def test_images_are_all_there_newest_first(ecrtui: Run) -> None:
    listed = ecrtui("images", "pet-web", "--format", "json")
    assert (listed.code, listed.err) == (0, "")
    pushed = [record["pushed_at"] for record in listed.json]
    assert len(pushed) > 400
    assert pushed == sorted(pushed, reverse=True)
    assert all(at.endswith("Z") for at in pushed)
    assert listed.json[0].keys() >= {
        "digest", "tags", "pushed_at", "size", "kind", "media_type", "status", "last_pull",
    }  # fmt: skip
    assert len({record["digest"] for record in listed.json}) == len(listed.json)


def test_images_are_filtered(ecrtui: Run) -> None:
    tagged = ecrtui("images", "pet-web", "--filter", "tag:=latest", "--format", "json").json
    assert [record["tags"].count("latest") for record in tagged] == [1]
    wrong = ecrtui("images", "pet-web", "--filter", "colour:red")
    assert wrong.code == 2
    assert "there is no field colour" in wrong.err


def test_what_does_not_exist_is_usage(ecrtui: Run) -> None:
    for command in (["images", "nope"], ["build", "nope"], ["watch", "nope"], ["lifecycle", "show", "nope"]):
        ended = ecrtui(*command)
        assert ended.code == 2
        assert "nope" in ended.err
    over = ecrtui("images", "api-gateway", "-r", "ap-northeast-2,eu-central-1")
    assert over.code in (0, 2)


@pytest.mark.parametrize(
    "command",
    [
        ["create", "api-server"],
        ["build", "pet-web"],
        ["lifecycle", "delete", "pet-web"],
        ["lifecycle", "restore", "pet-web"],
    ],
)
@pytest.mark.fault("E85")
def test_read_only_refuses_every_change(ecrtui: Run, command: list[str]) -> None:
    consent = [] if command[0] == "build" else ["--yes"]
    refused = ecrtui(*command, *consent, "--read-only")
    assert refused.code == 4
    assert "read-only" in refused.err


@pytest.mark.parametrize("command", [["create", "api-server"], ["lifecycle", "delete", "pet-web"]])
def test_without_a_terminal_a_change_needs_yes(ecrtui: Run, command: list[str]) -> None:
    asked = ecrtui(*command)
    assert asked.code == 2
    assert "--yes" in asked.err


def test_a_dry_run_shows_the_calls_and_sends_nothing(ecrtui: Run) -> None:
    planned = ecrtui("create", "api-server", "--template", "keep-last", "--dry-run", "--format", "json")
    assert planned.code == 0
    create, put = planned.json[0]["changes"]
    assert (create["action"], put["action"]) == ("ecr:CreateRepository", "ecr:PutLifecyclePolicy")
    assert create["command"].startswith("aws ecr create-repository --region ap-northeast-2")
    assert "api-server" in ecrtui("create", "api-server", "--dry-run").out
    assert ecrtui("images", "api-server").code == 2


def test_create_then_build_then_the_image_is_there(ecrtui: Run, tmp_path: Path) -> None:
    """The whole path of one name, by commands alone."""
    created = ecrtui("create", "api-server", "--yes", "--tag", "team=shop", "--format", "json")
    assert (created.code, created.json[0]["outcome"]) == (0, "done")
    again = ecrtui("create", "api-server", "--yes", "--tag", "team=shop", "--format", "json")
    assert (again.code, again.json[0]["verdict"]) == (0, "exists-same")
    other = ecrtui("create", "api-server", "--yes", "--mutability", "MUTABLE", "--format", "json")
    assert (other.code, other.json[0]["verdict"]) == (0, "exists-differs"), "compared and reported, never an error"

    built = ecrtui("build", "api-server", "--watch")
    kinds = {event["event"] for event in built.events}
    assert kinds >= {"phase", "log", "push", "image", "end"}
    assert (built.code, built.events[-1]["outcome"]) == (0, "in-ecr")
    pushed = {event["digest"] for event in built.events if event["event"] == "image"}
    assert pushed <= {image["digest"] for image in ecrtui("images", "api-server", "--format", "json").json}

    journal = [json.loads(line) for line in (tmp_path / "state" / "ecrtui" / "journal.jsonl").read_text().splitlines()]
    assert [entry["operation"] for entry in journal if entry["outcome"] == "done"] == ["CreateRepository", "StartBuild"]
    told_again = ecrtui("watch", "api-server", "--format", "table")
    assert told_again.code == 0
    assert "end      in-ecr" in told_again.out


def test_a_create_that_half_succeeds_says_what_exists_and_what_is_left(
    ecrtui: Run, refuse: Callable[..., None], keep_one: str
) -> None:
    refuse("ecr:PutLifecyclePolicy")
    made = ecrtui("create", "half-made", "--allow-without-project", "--yes", "--policy", keep_one)
    assert made.code == 4
    assert "the repository half-made exists as planned" in made.err
    assert "left to do: aws ecr put-lifecycle-policy" in made.err


def test_create_refuses_what_has_no_project(ecrtui: Run) -> None:
    refused = ecrtui("create", "no-such-project", "Pet_Admin", "--yes", "--format", "json")
    assert refused.code == 2
    assert {record["outcome"] for record in refused.json} == {"refused"}
    assert "project" in refused.json[0]["detail"]
    assert "create the project first" in refused.err
    assert ecrtui("create", "no-such-project", "--dry-run").code == 2
    allowed = ecrtui("create", "no-such-project", "--allow-without-project", "--yes", "--format", "json")
    assert (allowed.code, allowed.json[0]["outcome"]) == (0, "done")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Name the repositories"),
        (["a", "--all-missing"], "Name the repositories"),
        (["a", "--mutability", "IMMUTABLE", "--exclude", "latest"], "takes no --exclude"),
        (["a", "--encryption", "AES256", "--kms-key", "k"], "uses no --kms-key"),
        (["a", "--tag", "novalue"], "KEY=VALUE"),
        (["a", "--tag", "a=1", "--tag", "a=2"], "there twice"),
        (["a", "--template", "keep-lots"], "keep-last"),
        (["a", "--template", "keep-last", "--no-policy"], "--no-policy or a policy"),
        (["a", "--filter", "x"], "takes no --filter"),
    ],
)
def test_create_says_what_is_wrong_with_its_options(ecrtui: Run, options: list[str], sentence: str) -> None:
    ended = ecrtui("create", *options, "--dry-run")
    assert ended.code == 2
    assert sentence in ended.err


def test_a_build_that_fails_says_why(ecrtui: Run) -> None:
    watched = ecrtui("watch", "auth-service")
    end = watched.events[-1]
    assert (watched.code, end["event"], end["outcome"]) == (1, "end", "failed")
    assert end["cause"]
    assert end["remedy"]
    assert end["line"] in [event["line"] for event in watched.events if event["event"] == "log"]
    assert ecrtui("stop", "pet-web:no-such-build").code == 2


def test_lifecycle_show_and_preview(ecrtui: Run, keep_one: str) -> None:
    shown = ecrtui("lifecycle", "show", "pet-web", "--format", "json")
    assert shown.code == 0
    assert len(shown.json[0]["rules"]) == len(shown.json[0]["policy"]["rules"])
    preview = ecrtui("lifecycle", "preview", "pet-web", "--policy", keep_one, "--aws", "--format", "json")
    record = preview.json[0]
    assert preview.code == 1
    assert record["blocked"]
    assert record["expiring"] == len(record["marked"])
    assert any(mark["in_use"] for mark in record["marked"])
    assert record["aws"]["marked"] is not None or record["aws"]["reason"]
    assert ecrtui("lifecycle", "preview", "pet-web").code in (0, 1)
    harmless = ecrtui("lifecycle", "preview", "auth-service", "--template", "expire-untagged", "--format", "json")
    assert (harmless.code, harmless.json[0]["blocked"]) == (0, False)


def test_an_image_in_use_blocks_a_policy_until_it_is_allowed(ecrtui: Run, keep_one: str) -> None:
    before = ecrtui("lifecycle", "show", "pet-web", "--format", "json").json[0]["policy"]
    put = ["lifecycle", "put", "pet-web", "--policy", keep_one, "--yes", "--format", "json"]
    blocked = ecrtui(*put)
    assert (blocked.code, blocked.json[0]["outcome"]) == (1, "refused")
    assert "is used by" in blocked.json[0]["detail"]
    assert ecrtui("lifecycle", "show", "pet-web", "--format", "json").json[0]["policy"] == before

    done = ecrtui(*put, "--allow-in-use")
    assert (done.code, done.json[0]["outcome"]) == (0, "done")
    assert ecrtui("lifecycle", "show", "pet-web", "--format", "json").json[0]["policy"] == KEEP_ONE
    assert ecrtui("lifecycle", "delete", "pet-web", "--yes").code == 0
    assert ecrtui("lifecycle", "show", "pet-web", "--format", "json").json[0]["policy"] is None
    assert ecrtui("lifecycle", "restore", "pet-web", "--yes", "--allow-in-use").code == 0
    assert ecrtui("lifecycle", "show", "pet-web", "--format", "json").json[0]["policy"] == KEEP_ONE


def test_put_needs_a_policy_that_is_valid(ecrtui: Run, tmp_path: Path) -> None:
    assert ecrtui("lifecycle", "put", "pet-web", "--yes").code == 2
    (tmp_path / "bad.json").write_text('{"rules": []}')
    bad = ecrtui("lifecycle", "put", "pet-web", "--yes", "--policy", str(tmp_path / "bad.json"))
    assert bad.code == 2
    assert "bad.json" in bad.err
    assert bad.out == ""


def test_no_region_no_credentials_and_no_endpoint_are_sentences(ecrtui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    without_region = ecrtui("repositories")
    assert without_region.code == 2
    assert "--region" in without_region.err
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    without_credentials = ecrtui("repositories", "--region", "eu-central-1")
    assert without_credentials.code == 3
    assert ecrtui("repositories", "-p", "nobody", "-r", "eu-central-1").code == 3


def test_an_endpoint_that_is_not_there_is_the_network(ecrtui: Run) -> None:
    gone = ecrtui("repositories", "--endpoint-url", "http://127.0.0.1:9", "-r", "us-east-1")
    assert gone.code == 5
    assert "127.0.0.1:9" in gone.err


VERDICTS = {
    "paired",
    "missing-repository",
    "no-project",
    "pushes-elsewhere",
    "name-cannot-pair",
    "not-a-container-build",
    "never-pushed",
    "created-on-push",
    "replica",
    "cache",
    "unknown",
}


def test_compare_has_a_verdict_with_evidence_for_every_name(ecrtui: Run) -> None:
    compared = ecrtui("compare", "--format", "json", "--filter", "region:ap-northeast-2")
    assert compared.code == 1
    verdicts = {record["name"]: record for record in compared.json}
    assert set(verdicts["pet-web"]) >= {
        "name", "region", "verdict", "project", "repository", "evidence", "suggestion",
    }  # fmt: skip
    assert {record["verdict"] for record in compared.json} <= VERDICTS
    assert all(record["evidence"] for record in compared.json)
    assert verdicts["pet-web"]["verdict"] == "paired"
    assert verdicts["batch-jobs"]["verdict"] == "pushes-elsewhere"
    assert verdicts["Pet_Admin"]["verdict"] == "name-cannot-pair"
    healthy = ecrtui("compare", "--filter", "name:=pet-web", "--format", "json")
    assert {(record["name"], record["verdict"]) for record in healthy.json} == {("pet-web", "paired")}
    assert healthy.code in (0, 4), "one refused repository elsewhere is still told"
    copies = ecrtui(
        "compare", "-r", "ap-northeast-2,us-east-1", "--filter", "name:=pet-web region:us-east-1", "--format", "json"
    )
    assert [(record["verdict"], record["source"]) for record in copies.json] == [("replica", "ap-northeast-2")]
    assert copies.code == 0, "a replica needs no project"


def test_create_all_missing_creates_what_compare_misses(ecrtui: Run) -> None:
    compared = ecrtui("compare", "-r", "us-east-1", "--format", "json").json
    missing = {record["name"] for record in compared if record["verdict"] == "missing-repository"}
    assert missing
    planned = ecrtui("create", "--all-missing", "-r", "us-east-1", "--dry-run", "--format", "json")
    assert {record["name"] for record in planned.json} == missing
    assert ecrtui("create", "--all-missing", "-r", "us-east-1", "--yes").code == 0
    after = ecrtui("compare", "-r", "us-east-1", "--format", "json").json
    assert {record["verdict"] for record in after if record["name"] in missing} == {"never-pushed"}


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[str], None]:
    """Write config.toml where it is looked for."""

    def write(text: str) -> None:
        folder = tmp_path / "config" / "ecrtui"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(text)

    return write


def test_the_configuration_decides_regions_and_creation(
    ecrtui: Run, configured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(
        'regions = ["us-east-1"]\n[naming]\nrule = "team-.*"\n'
        '[create]\nmutability = "MUTABLE"\nlifecycle_template = "keep-last"\n[create.tags]\nteam = "shop"\n'
    )
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    planned = ecrtui("create", "team-a", "--allow-without-project", "--dry-run", "--format", "json").json[0]
    assert planned["region"] == "us-east-1"
    create, put = planned["changes"]
    assert create["parameters"]["imageTagMutability"] == "MUTABLE"
    assert create["parameters"]["tags"] == [{"Key": "team", "Value": "shop"}]
    assert put["call"] == "ecr:PutLifecyclePolicy"
    here = ecrtui("create", "team-a", "--dry-run", "--format", "json", "-r", "ap-northeast-2").json[0]
    assert here["region"] == "ap-northeast-2"
    assert (
        ecrtui("create", "team-a", "--dry-run", "--no-policy", "--allow-without-project", "--tag", "team=b").code == 0
    )


def test_aws_region_is_the_default_region(ecrtui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert {record["region"] for record in ecrtui("repositories", "--format", "json").json} == {"us-east-1"}


def test_read_only_and_bad_templates_in_the_configuration(ecrtui: Run, configured: Callable[[str], None]) -> None:
    configured('read_only = true\n[create]\nlifecycle_template = "keep-lst"\n')
    refused = ecrtui("build", "pet-web")
    assert refused.code == 4
    bad = ecrtui("create", "api-server", "--dry-run")
    assert bad.code == 2
    assert "config.toml, line 3" in bad.err
    assert "keep-last" in bad.err


def test_all_regions_leaves_out_what_is_refused_and_says_so(ecrtui: Run) -> None:
    listed = ecrtui("repositories", "--all-regions", "--format", "json")
    assert {record["region"] for record in listed.json} >= {"ap-northeast-2", "us-east-1"}
    assert listed.code == 0 or listed.err
    one = ecrtui("build", "pet-web", "--all-regions")
    assert one.code == 2
    assert "--region" in one.err
