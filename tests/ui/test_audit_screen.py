"""Audit on the screen, as stories: keys in, the screen out."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from memory import ACCOUNT, REGION, MemoryAccount, a_project, a_repository, an_image

from driver import Driver, driving
from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.errors import ErrorKind
from ecrtui.domain.project import EnvironmentVariable
from ecrtui.domain.reference import Reference
from ecrtui.domain.scan import ScanReport
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.slices import AuditKey
from ecrtui.services.state import Partial, Ready
from ecrtui.settings import AuditSettings

DAY = 86_400.0
READABLE = 0.35
"""Seconds after which a dialog that has opened hears keys."""


def an_account(**more: Any) -> MemoryAccount:
    """`pet-web` drifts and has critical findings, `api-server` has no repository, `shop-web` pushes elsewhere."""
    now = time.time()
    old, new = an_image("v1.0.0", pushed_at=now - 3 * DAY), an_image("latest", pushed_at=now - DAY)
    host = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
    use = Use(
        "ecs-service", "shop/front", REGION, Reference(host, "pet-web", "latest", None, ACCOUNT, REGION), old.digest, 1
    )
    elsewhere = (EnvironmentVariable("IMAGE_REPO_NAME", "pet-web"),)
    given: dict[str, Any] = {
        "repositories": [a_repository("pet-web"), a_repository("orphan")],
        "images": {"pet-web": [old, new], "orphan": []},
        "projects": [a_project("pet-web"), a_project("api-server"), a_project("shop-web", variables=elsewhere)],
        "usages": {REGION: Usage((use,))},
        "scans": [ScanReport(old.digest, "COMPLETE", counts={"CRITICAL": 2})],
        "clock": lambda: now,
        **more,
    }
    return MemoryAccount(**given)


async def audited(t: Driver) -> None:
    """To the fifth screen, until the audit is complete."""
    await t.press("5")
    await t.until(lambda: isinstance(t.app.state.get(AuditKey(t.app.scope)), Ready | Partial), "the end of the audit")
    await t.until(lambda: "names" not in t.line("FINDINGS"), "the picture of it")
    await t.sees("not checked")


async def only(t: Driver, text: str) -> None:
    """Filter the findings."""
    await t.press("slash")
    await t.type(text)
    await t.press("enter")
    await t.pilot.pause(0.05)


async def test_the_worst_comes_first_with_its_reason_and_remedy() -> None:
    async with driving(an_account()) as t:
        await audited(t)
        await t.sees("✗ 1 critical", "RULES  ", "critical-findings")
        assert t.line("▸  ✗ critical").count("critical-findings") == 1
        await t.sees("2 critical findings, and service shop/front runs it")
        await t.sees("ecrtui build pet-web --region ap-northeast-2 --watch")
        # one severity after the other
        await t.press("v")
        await t.sees("FINDINGS  1 of")
        await t.press("v")
        await t.sees("FINDINGS  4 of")
        assert "▸  ✗ high" in t.screen
        await t.press("escape")
        await t.misses("4 of 8")
        # the command that mends it
        await only(t, "rule:drift")
        await t.press("c")
        await t.sees("Copy  pet-web in ap-northeast-2", "force-new-deployment")
        await t.pilot.pause(READABLE)
        await t.press("enter")
        await t.sees("command copied")
        assert t.app.clipboard.startswith("aws ecs update-service")
        # the path of the name
        await t.press("p")
        await t.sees("PATH  pet-web")


async def test_groups_are_rules_or_repositories() -> None:
    async with driving(an_account()) as t:
        await audited(t)
        await t.press("shift+tab", "down", "down")
        await t.until(lambda: t.line("FINDINGS").count("FINDINGS  drift") == 1, "the findings of a rule")
        await t.press("B")
        await t.sees("REPOSITORIES  ")
        await t.press("down")
        await t.sees("FINDINGS  pet-web")
        assert "RULE" in t.line("SEVERITY")
        assert "NAME" not in t.line("SEVERITY")


async def test_what_was_not_checked_says_what_to_ask_for() -> None:
    account = an_account()
    account.faults.deny("ecr:GetRepositoryPolicy")
    async with driving(account) as t:
        await audited(t)
        await t.press("shift+tab", "G")
        await t.sees("NOT CHECKED  ")
        await t.press("tab")
        await only(t, "action:policy")
        await t.sees("Allow ecr:GetRepositoryPolicy, then audit again.", "open-repository-policy")
        await t.press("c")
        await t.sees("IAM action", "ecr:GetRepositoryPolicy")


@pytest.mark.parametrize(
    ("filter_", "where"),
    [
        ("rule:drift", ("1 Explore", "IMAGES  pet-web")),
        ("rule:pushes-elsewhere", ("2 Compare", "it pushes to pet-web")),
    ],
)
async def test_enter_leads_to_the_row(filter_: str, where: tuple[str, ...]) -> None:
    async with driving(an_account()) as t:
        await audited(t)
        await only(t, filter_)
        await t.sees("FINDINGS  1 of")
        await t.press("enter")
        await t.sees(*where[1:])
        assert t.app.current_mode == where[0].split()[1].lower()


async def test_suppressed_findings_stand_apart() -> None:
    entries = (
        Suppression("missing-repository", "api-*", "it comes next week", date(2999, 1, 1)),
        Suppression("drift", "*", "long ago", date(2020, 1, 1)),
    )
    async with driving(an_account(), audit=AuditSettings(entries)) as t:
        await audited(t)
        await t.sees("1 suppressed", "⚠ 1 expired", "drift")
        assert "missing-repository" not in t.screen.split("FINDINGS")[1]
        await t.press("shift+tab", "G")
        await t.sees("SUPPRESSED  1", "it comes next week, until 2999-01-01")


@pytest.mark.fault("F86")
async def test_it_is_saved_for_its_owner_alone(tmp_path: Path) -> None:
    async with driving(an_account()) as t:
        await audited(t)
        for suffix in (".sarif", ".md"):
            await t.press("ctrl+s")
            await t.sees("Save the audit", ".sarif")
            await t.press("ctrl+u")
            await t.type("nonsense")
            await t.sees("the name ends in .json, .csv, .sarif or .md")
            t.app.screen.entry.value = str(tmp_path / f"own{suffix}")  # type: ignore[attr-defined]
            await t.sees("writes ")
            await t.pilot.pause(READABLE)
            await t.press("enter")
            await t.misses("Save the audit")
            await t.until((tmp_path / f"own{suffix}").exists, "the file")
    modes, texts = written(tmp_path)
    assert modes == {"own.sarif": 0o600, "own.md": 0o600}
    assert json.loads(texts["own.sarif"])["version"] == "2.1.0"
    assert texts["own.md"].startswith("# Audit of account")


def written(directory: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Modes and texts of the files there."""
    files = list(directory.iterdir())
    return {file.name: file.stat().st_mode & 0o777 for file in files}, {file.name: file.read_text() for file in files}


async def test_r_audits_again_and_esc_stops_it() -> None:
    account = an_account()
    async with driving(account) as t:
        await audited(t)
        asked = len(account.calls)
        gate = account.faults.hold("ecr:DescribeImages")
        await t.press("r")
        await gate.reached.wait()
        await t.press("escape")
        await t.until(lambda: not gate.is_set() and "names" not in t.line("FINDINGS"), "the stop")
        await t.sees("critical-findings")
        gate.set()
        assert len(account.calls) > asked


async def test_nothing_asks_again_by_the_clock() -> None:
    account = an_account()
    async with driving(account) as t:
        await audited(t)
        t.app._refresh()
        await t.pilot.pause(0.2)
        asked = [call for call in account.calls if call[0] == "ecr:GetRepositoryPolicy"]
        assert len(asked) == 2  # of two repositories, once


async def test_an_account_that_cannot_be_read_says_so() -> None:
    account = an_account()
    for action in ("ecr:DescribeRepositories", "codebuild:ListProjects"):
        account.faults.fail(action, ErrorKind.CREDENTIALS)
    async with driving(account) as t:
        await t.press("5")
        await t.sees("r tries again")
        account.faults.clear()
        await t.press("r")
        await t.sees("critical-findings")


async def test_names_that_act_do_not() -> None:
    hostile = "x\x1b[31m\u202e[b]"
    account = an_account(repositories=[a_repository(hostile)], images={hostile: [an_image("latest")]}, projects=[])
    async with driving(account) as t:
        await t.press("5")
        await t.sees("⚠ x", "202E>")  # it is pointed out, and shortened in the middle


async def test_the_least_size_can_be_used() -> None:
    async with driving(an_account(), size=(40, 10)) as t:
        await t.press("5")
        await t.sees("critical")
        await t.press("tab")
        await t.sees("pet-web")
        await t.press("tab")
        await t.sees("GROUP")
        await t.press("enter")
        await t.sees("SEVERITY")
