"""`ecrtui audit` against the embedded account: formats, exit codes, suppression, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrtui.domain.audit.rules import RULES

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
REGIONS = "ap-northeast-2,ap-northeast-1,us-east-1,eu-central-1"


@pytest.fixture
def suppress(tmp_path: Path) -> Callable[[str], str]:
    """A configuration with these entries; its path."""

    def write(text: str) -> str:
        path = tmp_path / "own.toml"
        path.write_text(text)
        return str(path)

    return write


def test_the_whole_seeded_account_within_ten_seconds(ecrtui: Run) -> None:
    began = time.monotonic()
    told = ecrtui("audit", "--region", REGIONS, "--format", "json")
    assert time.monotonic() - began < 10
    assert told.code == 1
    report = told.json
    assert report["names"] >= 40
    assert report["images"] >= 5_000
    assert len(report["rules"]) == len(RULES)
    found = {finding["rule"] for finding in report["findings"]}
    assert {
        "missing-repository",
        "pushes-elsewhere",
        "name-cannot-pair",
        "never-pushed",
        "no-project",
        "drift",
        "latest-in-production",
        "critical-findings",
        "role-cannot-push",
        "role-cannot-pull",
        "open-repository-policy",
        "plaintext-secret",
        "no-lifecycle-policy",
        "scanning-off",
        "mutable-tags",
        "replication-gap",
        "archived-in-use",
        "unused",
        "cost-outlier",
    } <= found
    assert all(finding["why"] and finding["remedy"] for finding in report["findings"])


def test_why_payment_api_cannot_push_with_what_mends_it(ecrtui: Run) -> None:
    told = ecrtui("audit", "--rule", "role-cannot-push", "--filter", "name:=payment-api", "--format", "json")
    assert told.code == 1
    (finding,) = told.json["findings"]
    assert "ecr:InitiateLayerUpload and ecr:PutImage are missing in the role's policies" in finding["what"]
    assert finding["command"].startswith("aws iam put-role-policy ")
    assert '"Action": [ "ecr:InitiateLayerUpload", "ecr:PutImage" ]' in finding["command"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--rule", "missing-repository"], 1),
        (["--rule", "missing-repository", "--fail-on", "critical"], 0),
        (["--rule", "missing-repository", "--fail-on", "never"], 0),
        (["--rule", "no-project"], 0),
        (["--rule", "no-project", "--fail-on", "low"], 1),
        (["--rule", "no-project", "--fail-on", "low", "--severity", "medium"], 0),
    ],
)
def test_exit_codes(ecrtui: Run, options: list[str], code: int) -> None:
    assert ecrtui("audit", *options).code == code


def test_rules_and_severities_are_chosen(ecrtui: Run) -> None:
    told = ecrtui("audit", "--rule", "no-project", "--rule", "missing-repository", "--format", "json").json
    assert {finding["rule"] for finding in told["findings"]} == {"no-project", "missing-repository"}
    told = ecrtui("audit", "--rule", "no-project", "--severity", "high", "--format", "json").json
    assert told["findings"] == []


def test_a_rule_that_does_not_exist(ecrtui: Run) -> None:
    told = ecrtui("audit", "--rule", "drif")
    assert told.code == 2
    assert "Did you mean drift?" in told.err


def test_the_formats(ecrtui: Run) -> None:
    chosen = ("audit", "--rule", "missing-repository", "--rule", "unused")
    table = ecrtui(*chosen)
    assert "✗ high" in table.out
    assert "report-generator" in table.out
    assert "not checked: unused for hr-vault in ap-northeast-2: ecr:DescribeImages is not allowed" in table.err
    chosen = ("audit", "--rule", "missing-repository", "--rule", "buildspec-no-login")
    rows = list(csv.DictReader(io.StringIO(ecrtui(*chosen, "--format", "csv").out)))
    assert {"report-generator"} <= {row["name"] for row in rows}
    markdown = ecrtui(*chosen, "--format", "markdown").out
    assert "## high: A project without its repository" in markdown
    assert "## Not checked" in markdown
    sarif = json.loads(ecrtui(*chosen, "--format", "sarif").out)
    rules = [rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]]
    assert rules == ["missing-repository", "buildspec-no-login"]
    assert ecrtui(*chosen, "--format", "jsonl").code == 2


def test_the_formats_of_audits_are_no_others(ecrtui: Run) -> None:
    told = ecrtui("images", "pet-web", "--format", "sarif")
    assert told.code == 2
    assert "can write table, json, jsonl, csv" in told.err


def test_the_rules_are_listed_without_aws(ecrtui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    listed = ecrtui("audit", "--rules", "--format", "json").json
    assert [rule["id"] for rule in listed] == [rule.id for rule in RULES]
    assert "# Rules of the audit" in ecrtui("audit", "--rules", "--format", "markdown").out
    assert "missing-repository" in ecrtui("audit", "--rules").out


def test_suppression(ecrtui: Run, suppress: Callable[[str], str]) -> None:
    config = suppress(
        """
        [[audit.suppress]]
        rule = "missing-repository"
        match = "ap-northeast-2/*"
        reason = "they come next week"
        until = 2999-01-01

        [[audit.suppress]]
        rule = "drift"
        match = "*"
        reason = "long ago"
        until = 2020-01-01
        """
    )
    told = ecrtui("audit", "--rule", "missing-repository", "--config", config)
    assert told.code == 0
    assert "suppressed by the configuration" in told.err
    assert "the suppression of drift for * ended on 2020-01-01" in told.err
    report = ecrtui("audit", "--rule", "missing-repository", "--config", config, "--format", "json").json
    assert report["findings"] == []
    assert {one["suppressed_by"]["reason"] for one in report["suppressed"]} == {"they come next week"}


def test_a_suppression_of_no_rule_is_an_error(ecrtui: Run, suppress: Callable[[str], str]) -> None:
    config = suppress('\n[[audit.suppress]]\nrule = "drfit"\nmatch = "*"\nreason = "x"\n')
    told = ecrtui("audit", "--config", config)
    assert told.code == 2
    assert "line 3" in told.err
    assert "Did you mean drift?" in told.err


def test_a_refused_service_is_told_and_gives_its_code(ecrtui: Run, refuse: Callable[..., Any]) -> None:
    refuse("ecr:GetRepositoryPolicy")
    told = ecrtui("audit", "--rule", "open-repository-policy", "--rule", "no-project", "--format", "json")
    assert told.code == 4
    assert "ecr:GetRepositoryPolicy" in told.err
    report = told.json
    assert {one["action"] for one in report["not_checked"]} == {"ecr:GetRepositoryPolicy"}
    assert {finding["rule"] for finding in report["findings"]} == {"no-project"}


def test_refused_uses_give_their_code_too(ecrtui: Run, refuse: Callable[..., Any]) -> None:
    refuse("ecs:ListClusters")
    told = ecrtui("audit", "--rule", "latest-in-production", "--fail-on", "never")
    assert told.code == 4
    assert "Allow ecs:ListClusters." in told.err


def test_nothing_that_can_be_listed(ecrtui: Run, refuse: Callable[..., Any]) -> None:
    refuse("ecr:DescribeRepositories")
    refuse("codebuild:ListProjects")
    told = ecrtui("audit", "--format", "json")
    assert (told.code, told.out) == (4, "")
