"""Scans as stories: counts in the list, the findings of an image, two images compared, a scan started."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from memory import ACCOUNT, NOW, REGION, MemoryAccount, a_repository, an_image, an_index, digest_of

from driver import driving
from ecrtui.domain.image import Image
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.scan import Finding, ScanReport

WIDE = (160, 40)
NEW = an_image("v2", pushed_at=NOW - 60)
OLD = an_image("v1", pushed_at=NOW - 600)
BARE = an_image("v0", pushed_at=NOW - 900)
TOLD = an_image("told", pushed_at=NOW - 1000, scan_status="COMPLETE", severities=(("CRITICAL", 7),))
SIGNATURE = an_image(f"sha256-{NEW.digest[7:]}.sig", pushed_at=NOW - 30)

OPENSSL = Finding("CVE-2024-1", "CRITICAL", "openssl", "3.0.1", "3.0.2", "YES", 9.8, "A bad flaw", "https://cve/1")
ZLIB = Finding("CVE-2024-2", "HIGH", "zlib", "1.2", "", "NO", 7.5, "Another flaw", "https://cve/2")
CURL = Finding("CVE-2024-3", "LOW", "curl", "7.88")


def a_report(image: Image, *found: Finding, status: str = "COMPLETE", **members) -> ScanReport:
    counts = {severity: sum(one.severity == severity for one in found) for severity in {one.severity for one in found}}
    return ScanReport(image.digest, status, counts=counts, findings=found, **members)


def an_account(*reports: ScanReport, images=(NEW, OLD, BARE, TOLD, SIGNATURE), **settings) -> MemoryAccount:
    given = reports or (a_report(NEW, OPENSSL, ZLIB), a_report(OLD, ZLIB, CURL, completed_at=NOW - 90_000))
    return MemoryAccount(
        repositories=[a_repository("pet-web"), a_repository("other")],
        images={"pet-web": list(images), "other": []},
        scans=given,
        **settings,
    )


def asked(account: MemoryAccount) -> list[str]:
    return [target for action, _, target in account.calls if action == "ecr:DescribeImageScanFindings"]


async def in_images(t) -> None:
    await t.sees("pet-web")
    await t.press("G", "enter")
    await t.sees("v2", "v1")


# Counts


async def test_counts_come_for_the_images_in_sight():
    account = an_account()
    async with driving(account, size=WIDE) as t:
        await in_images(t)
        await t.press("z")
        await t.sees("SCAN", "1C 1H", "1H 1L", "? never", "7C")
        assert sorted(asked(account)) == sorted([NEW.digest, OLD.digest, BARE.digest])
        assert asked(account)[0] == NEW.digest
        await t.press("j", "j", "k")
        await t.pilot.pause(0.5)
        assert len(asked(account)) == 3


async def test_counts_are_not_asked_for_where_they_are_not_shown():
    account = an_account()
    async with driving(account) as t:
        await in_images(t)
        await t.press("j")
        await t.pilot.pause(0.6)
        assert "SCAN" not in t.screen
        assert asked(account) == []


async def test_only_what_is_in_sight_is_asked_for():
    images = [an_image(f"b{n}", pushed_at=NOW - n) for n in range(200)]
    account = an_account(a_report(images[0], CURL), images=images)
    async with driving(account, size=WIDE) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("b0")
        await t.press("z")
        await t.sees("1L", "? never")
        await t.until(lambda: "? never" in t.line("b10"), "the last counts")
        assert len(asked(account)) <= WIDE[1]
        await t.press("G")
        await t.sees("b199")
        await t.until(lambda: len(asked(account)) > WIDE[1] // 2 + 1, "more counts")
        assert len(asked(account)) <= 2 * WIDE[1]


async def test_a_filter_by_findings_asks_for_what_is_out_of_sight():
    images = [an_image(f"b{n}", pushed_at=NOW - n) for n in range(90)]
    account = an_account(a_report(images[70], OPENSSL), images=images)
    async with driving(account, size=WIDE) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("b0")
        await t.press("z", "slash")
        await t.type("critical:>0")
        await t.sees("1 of 90", "b70", "1C")
        assert len(asked(account)) == 90


async def test_a_refusal_is_told_once():
    account = an_account()
    account.faults.deny("ecr:DescribeImageScanFindings")
    async with driving(account, size=WIDE) as t:
        await in_images(t)
        await t.press("z")
        await t.sees("? denied")
        assert "7C" in t.screen
        assert len(asked(account)) <= 4


@pytest.mark.fault("C53")
async def test_leaving_stops_what_is_on_its_way():
    images = [an_image(f"b{n}", pushed_at=NOW - n) for n in range(30)]
    account = an_account(a_report(images[0]), images=images)
    gate = account.faults.hold("ecr:DescribeImageScanFindings")
    async with driving(account, size=WIDE) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("b0")
        await t.press("z")
        await gate.reached.wait()
        await t.press("z", "escape", "g", "enter")
        await t.sees("IMAGES  other")
        gate.set()
        await t.pilot.pause(0.3)
        assert len(asked(account)) <= 4


async def test_sorting_by_scan_puts_the_worst_first():
    async with driving(an_account(), size=WIDE) as t:
        await in_images(t)
        await t.press("z")
        await t.sees("1C 1H", "? never")
        await t.press("colon")
        await t.type("sort scan")
        await t.press("enter")
        await t.sees_match("SCAN ▲")
        await t.press("S")
        await t.sees_match("SCAN ▼")
        lines = t.screen.splitlines()
        at = {
            name: next(n for n, line in enumerate(lines) if f" {name} " in line) for name in ("told", "v2", "v1", "v0")
        }
        assert at["told"] < at["v2"] < at["v1"] < at["v0"]


# The tab


async def test_the_findings_of_an_image():
    async with driving(an_account(), size=WIDE) as t:
        await in_images(t)
        await t.press("F")
        await t.sees("FINDINGS  2", "1C 1H, basic scanning", "CVE-2024-1", "openssl", "3.0.2", "9.8", "A bad flaw")
        lines = t.screen
        assert lines.index("CVE-2024-1") < lines.index("CVE-2024-2")
        await t.press("slash")
        await t.type("fix:no score:>7")
        await t.sees("1 of 2")
        assert "CVE-2024-1 " not in t.screen
        await t.press("enter", "enter")
        await t.sees("Another flaw", "https://cve/2", "c copies the link")
        await t.press("escape")
        await t.misses("c copies the link")
        await t.press("escape")
        await t.sees("FINDINGS  2")
        await t.press("escape")
        await t.sees("FINDINGS  2")
        assert t.app.mode_screen.at is t.app.mode_screen.images


async def test_a_filter_that_is_typed_leaves_one_where_one_was():
    async with driving(an_account(), size=(80, 24)) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("v2")
        await t.press("slash")
        await t.type("v1")
        await t.misses("v2 ")
        await t.sees("v1")


async def test_what_was_never_scanned_offers_a_scan():
    account = an_account()
    async with driving(account, size=WIDE) as t:
        await in_images(t)
        await t.press("j", "j", "F")
        await t.sees("? not known: the image was never scanned", "N starts one", "FINDINGS", "? never")
        await t.press("N")
        await t.sees("Scan v0 of pet-web", "ecr:StartImageScan", "aws ecr start-image-scan")
        await t.pilot.pause(0.3)
        await t.press("right", "enter")
        await t.sees("the scan is under way")
        assert [call.operation for _, call in account.sent] == ["StartImageScan"]
        await t.pilot.pause(0.3)  # the dialog is deaf until its result can have been read
        await t.press("escape")
        await t.sees("? scanning")
        account.area(REGION).scans[BARE.digest] = a_report(BARE, CURL)
        await t.press("r")
        await t.sees("CVE-2024-3")


async def test_enhanced_scanning_takes_no_manual_scan():
    account = an_account()
    account.area(REGION).settings = RegistrySettings(REGION, ACCOUNT, scan_type="ENHANCED")
    async with driving(account, size=WIDE) as t:
        await in_images(t)
        await t.press("N")
        await t.sees("enhanced scanning")
        assert account.sent == []


async def test_a_read_only_session_starts_no_scan():
    async with driving(an_account(read_only=True), size=WIDE) as t:
        await in_images(t)
        await t.press("N")
        await t.sees("read-only: this session sends no changes")


async def test_an_index_shows_its_platforms_and_who_is_silent():
    amd, arm = an_image(digest=digest_of("amd")), an_image(digest=digest_of("arm"))
    index, manifest = an_index("v9", children={"linux/amd64": amd.digest, "linux/arm64": arm.digest})
    account = an_account(
        a_report(amd, OPENSSL),
        a_report(arm, status="PENDING"),
        images=(index, amd, arm),
        manifests={index.digest: manifest},
    )
    async with driving(account, size=WIDE) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("v9")
        await t.press("slash")
        await t.type("v9")
        await t.press("enter", "F")
        await t.sees("PLATFORM", "linux/amd64", "? linux/arm64 pending")
        await t.press("escape", "z")
        await t.sees("1C ?")


# Comparison


async def test_two_marked_images_are_compared():
    async with driving(an_account(), size=WIDE) as t:
        await in_images(t)
        await t.press("equals_sign")
        await t.sees("mark two images with Space")
        await t.press("g", "space", "space", "equals_sign")
        await t.sees("v2 against v1: 1 new, 1 fixed, 1 remaining")
        await t.sees_match(r"\+ new +✗ critical +CVE-2024-1")
        await t.sees_match(r"✓ fixed +· low +CVE-2024-3")
        await t.sees_match(r"= remaining +⚠ high +CVE-2024-2")
        await t.press("slash")
        await t.type("change:new")
        await t.sees("1 of 3")
        await t.press("escape")
        await t.sees("FINDINGS  3")
        await t.press("escape")
        await t.sees("FINDINGS  2", "1C 1H, basic")
        assert "CHANGE" not in t.screen
        await t.press("escape", "equals_sign")  # both are known by now
        await t.sees("FINDINGS  3", "CHANGE")


async def test_what_does_not_answer_is_not_compared():
    account = an_account(a_report(NEW, OPENSSL), a_report(OLD, status="FAILED"))
    async with driving(account, size=WIDE) as t:
        await in_images(t)
        await t.press("g", "space", "space", "equals_sign")
        await t.sees("nothing is compared: v1", "? not known: the scan failed (FAILED)", "? failed")
        assert "CVE-2024-1" not in t.screen


# Files


@pytest.mark.parametrize("suffix", ["json", "csv"])
async def test_findings_are_saved(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    async with driving(an_account(), size=WIDE) as t:
        await in_images(t)
        await t.press("F")
        await t.sees("CVE-2024-2")
        await t.press("slash")
        await t.type("severity:critical")
        await t.sees("1 of 2")
        await t.press("enter", "ctrl+s")
        await t.sees("Save 1 findings")
        await t.pilot.pause(0.3)
        await t.press("ctrl+u")
        await t.type(f"out.{suffix}")
        await t.press("enter")
        await t.sees("saved 1 findings")
    text = (tmp_path / f"out.{suffix}").read_text()
    if suffix == "csv":
        (row,) = csv.DictReader(text.splitlines())
        assert (row["id"], row["fixed_in"], row["score"]) == ("CVE-2024-1", "3.0.2", "9.8")
    else:
        saved = json.loads(text)
        assert [one["id"] for one in saved["findings"]] == ["CVE-2024-1"]
        assert saved["filter"] == "severity:critical"
        assert saved["scans"][0]["status"] == "COMPLETE"
        assert saved["scans"][0]["counts"] == {"CRITICAL": 1, "HIGH": 1}


async def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.json").write_text("precious")
    async with driving(an_account(), size=WIDE) as t:
        await in_images(t)
        await t.press("F")
        await t.sees("CVE-2024-2")
        await t.press("ctrl+s")
        await t.sees("Save 2 findings")
        await t.pilot.pause(0.3)
        await t.press("ctrl+u")
        await t.type("mine.json")
        await t.sees("there is such a file already")
    assert (tmp_path / "mine.json").read_text() == "precious"


async def test_thousands_of_findings_are_a_list_like_any():
    many = [Finding(f"CVE-2024-{n}", "MEDIUM" if n % 2 else "LOW", f"pkg{n % 97}") for n in range(12_000)]
    async with driving(an_account(a_report(NEW, *many)), size=WIDE) as t:
        await in_images(t)
        await t.press("F")
        await t.sees("FINDINGS  12,000")
        await t.press("slash")
        await t.type("package:pkg13 severity:low")
        await t.sees("62 of 12,000")
