"""The rest of the path by commands alone: what runs, what may, what it costs, and the audit as SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
PLACE = ("-r", "ap-northeast-2")
PRODUCTION = "pet-web-cluster/pet-web-task-service"


def test_from_a_drifted_service_to_the_image_that_should_run_its_build_and_commit(ecrtui: Run) -> None:
    running = ecrtui("usage", *PLACE, "--filter", "drift:yes", "--format", "json").json
    canary = next(use for use in running if use["name"].endswith("/pet-web-canary"))
    image = f"{canary['repository']}:{canary['tag']}"
    (use,) = ecrtui("usage", image, *PLACE, "--filter", "pet-web-canary", "--format", "json").json
    assert use["drifted"]
    assert use["running_digest"] != use["tag_digest"]
    assert use["running_certainty"] == use["tag_certainty"] == "proven"
    assert use["running_build_number"] < use["tag_build_number"]
    assert f"main-{use['tag_commit'][:7]}" in use["tag_tags"]
    assert f"main-{use['running_commit'][:7]}" in use["running_tags"]
    assert "--force-new-deployment" in use["command"]
    (should,) = ecrtui("images", "pet-web", *PLACE, "--filter", "tag:=latest", "--format", "json").json
    assert should["digest"] == use["tag_digest"]


def test_why_the_project_of_payment_api_cannot_push_and_what_mends_it(ecrtui: Run) -> None:
    told = ecrtui("permissions", "payment-api", *PLACE, "--format", "json")
    assert told.code == 1
    push = next(each for each in told.json if each["purpose"] == "push")
    assert push["role"].endswith(":role/codebuild-payment-api-service-role")
    missing = [each["action"] for each in push["missing"]]
    assert missing == ["ecr:InitiateLayerUpload", "ecr:PutImage"]
    mended = ecrtui("permissions", "payment-api", *PLACE, "--statement")
    (statement,) = mended.json["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == missing
    assert statement["Resource"].endswith(":repository/payment-api")


def test_which_critical_cves_run_in_production(ecrtui: Run) -> None:
    told = ecrtui("audit", *PLACE, "--rule", "critical-findings", "--format", "json")
    assert told.code == 1
    finding = next(each for each in told.json["findings"] if PRODUCTION in each["what"])
    image = f"{finding['name']}@{finding['digest']}"
    scan = ecrtui("findings", image, *PLACE, "--severity", "critical", "--format", "json")
    assert scan.code == 0
    found = scan.json
    assert {each["severity"] for each in found} == {"CRITICAL"}
    assert all(each["id"].startswith("CVE-") for each in found)
    assert f"{len(found)} critical" in finding["what"]
    assert ecrtui("findings", image, *PLACE, "--fail-on", "critical").code == 1


def test_what_thirty_days_of_branch_images_cost(ecrtui: Run) -> None:
    costs = {}
    for exactness in ((), ("--exact",)):
        told = ecrtui("cost", "pet-web", *PLACE, "--by", "tag", *exactness, "--format", "json")
        assert told.code == 0
        costs[exactness] = next(row for row in told.json["rows"] if row["tag"] == "branch")
    reported, exact = costs.values()
    assert exact["images_30d"] == reported["images_30d"] > 0
    assert 0 < exact["monthly_usd_30d"] < reported["monthly_usd_30d"] < reported["monthly_usd"]


def test_the_audit_as_sarif(ecrtui: Run) -> None:
    told = ecrtui("audit", *PLACE, "--format", "sarif")
    assert told.code == 1
    log = json.loads(told.out)
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert "drift" in {result["ruleId"] for result in run["results"]}
    assert all(run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
