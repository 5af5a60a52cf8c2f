"""The rest of the path by keys alone, on the embedded account over real HTTP: what runs, what may, what it costs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from test_whole_path import SETTLED, embedded

from driver import Driver
from ecrtui.services.slices import AuditKey
from ecrtui.services.state import Partial, Ready


async def audited(t: Driver) -> None:
    """To the audit, until it is complete."""
    await t.sees("pet-web")
    await t.press("5")
    await t.until(lambda: isinstance(t.app.state.get(AuditKey(t.app.scope)), Ready | Partial), "the end of the audit")
    await t.sees("not checked", "all findings")


async def only(t: Driver, terms: str) -> None:
    """Filter what is shown."""
    await t.press("slash")
    await t.type(terms)
    await t.press("enter")


def facts(t: Driver) -> str:
    """The detail under the lists as one text."""
    _, _, detail = t.screen.rpartition("▔▔▔▔")
    return " ".join(detail.split())


def check_sarif(directory: Path) -> None:
    """One SARIF file is here, and its results are of its rules."""
    (path,) = directory.glob("*.sarif")
    log = json.loads(path.read_text())
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert {"drift", "role-cannot-push", "critical-findings"} <= {result["ruleId"] for result in run["results"]}
    assert all(run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])


async def test_from_a_drifted_service_to_the_image_that_should_run_its_build_and_commit() -> None:
    async with embedded(size=(120, 50)) as t:
        await audited(t)
        await only(t, "rule:drift pet-web-canary")
        await t.sees("FINDINGS  1 of")
        await t.press("p")
        await t.sees("PATH  pet-web", "▼ ⚠ drift")
        await t.sees_match(r"latest runs main-\w{7}")
        await t.press("down", "down")
        await t.sees("pet-web-cluster/pet-web-canary   service, 1 running   ⚠ drift")
        runs = await t.sees_match(r"built by +build #(\d+) from \w{40} \(main\)\s+certainty +proven: the log")
        running = await t.sees_match(r"digest +(sha256:[0-9a-f]{64})")
        await t.press("tab", "G")
        should = await t.sees_match(
            r"latest is +main-(\w{7}).*\s+digest +(sha256:[0-9a-f]{64})(?s:.*)"
            r"built by +build #(\d+) from (\w{40}) \(main\)\s+certainty +proven: the log"
        )
        tag, digest, number, commit = should.groups()
        assert tag == commit[:7]
        assert digest != running[1]
        assert int(runs[1]) < int(number)
        await t.press("shift+tab")
        # and to the image itself
        await t.press(*["up"] * 6)
        await t.sees(f"image       main-{tag}, latest")
        await t.press("enter")
        await t.sees("IMAGES  pet-web", f"built by   pet-web #{number} from main @ {tag}")
        assert digest in t.screen


async def test_why_the_project_of_payment_api_cannot_push_and_what_mends_it() -> None:
    async with embedded() as t:
        await t.sees("payment-api")
        await only(t, "payment-api")
        await t.sees_match(r"REPOSITORIES +1 of")
        await t.press("p")
        await t.sees("PATH  payment-api", "project cannot push (its role may not)", "✗ role may not push")
        assert "ecr:InitiateLayerUpload and ecr:PutImage are missing in the role's policies" in facts(t)
        await t.press("c")
        await t.sees("Copy  payment-api", "mending policy")
        await t.pilot.pause(SETTLED)
        await t.press("enter")
        await t.sees("mending policy copied")
        (statement,) = json.loads(t.app.clipboard)["Statement"]
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == ["ecr:InitiateLayerUpload", "ecr:PutImage"]
        assert statement["Resource"] == "arn:aws:ecr:ap-northeast-2:123456789012:repository/payment-api"


async def test_which_critical_cves_run_in_production() -> None:
    async with embedded() as t:
        await audited(t)
        await only(t, "rule:critical-findings pet-web-task-service")
        await t.sees("FINDINGS  1 of")
        (number,) = re.findall(
            r"has (\d+) critical findings, and service pet-web-cluster/pet-web-task-service", facts(t)
        )
        await t.press("enter")
        await t.sees("IMAGES  pet-web", "runs in    service pet-web-cluster/pet-web-task-service")
        await t.press("F")
        await t.sees_match(rf"FINDINGS +\d+ +{number}C ")
        await only(t, "severity:critical")
        await t.press("z")
        await t.sees_match(rf"FINDINGS +{number} of ")
        await t.misses("REPOSITORIES")
        assert len(set(re.findall(r"✗ critical +(CVE-\d{4}-\d+)", t.screen))) == int(number)


async def test_what_thirty_days_of_branch_images_cost() -> None:
    branch = r"(?s)LAST 30 DAYS.*?branch +(\d+) +[\d.]+ [MG]B +\$([\d.]+)"
    async with embedded() as t:
        await t.sees("pet-web")
        await only(t, "name:=pet-web")
        await t.sees_match(r"REPOSITORIES +1 of")
        await t.press("I", "right_square_bracket")
        await t.sees_match(r"30 days +at most .* a month: branch \$\d+\.\d+, ")
        await t.press("ctrl+d")
        reported = await t.sees_match(branch)
        await t.press("m", "home")
        await t.sees("every layer once", "SAVES")
        await t.press("ctrl+d")
        exact = await t.sees_match(branch)
        assert exact[1] == reported[1]
        assert 0 < float(exact[2]) < float(reported[2])


async def test_the_audit_as_sarif(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with embedded() as t:
        await audited(t)
        await t.press("ctrl+s")
        await t.sees("Save the audit", "writes SARIF 2.1.0")
        await t.pilot.pause(SETTLED)
        await t.press("enter")
        await t.sees_match(r"saved \d+ findings")
    check_sarif(tmp_path)
