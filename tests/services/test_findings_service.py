"""Scans: bounded calls for counts, platforms instead of indexes, and scans that are started once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from memory import (
    ACCOUNT,
    NOW,
    REGION,
    FakeTime,
    MemoryAccount,
    MemoryJournal,
    a_repository,
    an_image,
    an_index,
    digest_of,
)

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.scan import NEVER_SCANNED, Finding, ScanReport, counts_of
from ecrtui.services.changes import Gateway
from ecrtui.services.findings import PLATFORMS, load_counts, load_scan, plan_scan, scan
from ecrtui.services.ports import Identity

ME = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/tester")


def a_report(image: Image, status: str = "COMPLETE", **members) -> ScanReport:
    values = {"counts": {"HIGH": 1}, "findings": (Finding("CVE-1", "HIGH", "openssl"),), **members}
    return ScanReport(image.digest, status, **values)


def an_account(*images: Image, reports: tuple[ScanReport, ...] = (), **settings) -> MemoryAccount:
    return MemoryAccount(repositories=[a_repository("pet-web")], images={"pet-web": images}, scans=reports, **settings)


def asked(account: MemoryAccount) -> list[str]:
    return [target for action, _, target in account.calls if action == "ecr:DescribeImageScanFindings"]


# One image


async def test_what_was_never_scanned_is_unknown_and_no_error():
    image = an_image("v1")
    report = await scan(an_account(image), REGION, "pet-web", image.digest)
    assert report.status == NEVER_SCANNED
    assert counts_of(report) is None


async def test_an_image_that_is_gone_is_an_error():
    account = an_account()
    account.faults.fail("ecr:DescribeImageScanFindings", ErrorKind.NOT_FOUND)
    gone = AppError(ErrorKind.NOT_FOUND, "read it", code="ImageNotFoundException")
    account.faults.active[0].error = lambda region, target: gone  # type: ignore[method-assign]
    with pytest.raises(AppError) as caught:
        await scan(account, REGION, "pet-web", digest_of("x"))
    assert caught.value is gone


async def test_an_image_that_cannot_be_scanned_says_so():
    image = an_image("v1")
    account = an_account(image)
    refusal = AppError(ErrorKind.INVALID, "scan", why="no such OS", code="UnsupportedImageTypeException")
    account.faults.fail("ecr:DescribeImageScanFindings", ErrorKind.INVALID)
    account.faults.active[0].error = lambda region, target: refusal  # type: ignore[method-assign]
    report = await scan(account, REGION, "pet-web", image.digest)
    assert (report.status, report.why) == ("UNSUPPORTED_IMAGE", "no such OS")


# Counts


async def test_counts_cost_one_call_an_image():
    images = [an_image(f"v{n}") for n in range(9)]
    account = an_account(*images, reports=tuple(map(a_report, images[:5])))
    digests = [image.digest for image in images]
    found = {digest: report async for digest, report in load_counts(account, REGION, "pet-web", digests)}
    assert sorted(asked(account)) == sorted(digests)
    assert [found[digest].answers for digest in digests] == [True] * 5 + [False] * 4  # type: ignore[union-attr]
    assert all(not report.findings for report in found.values())  # type: ignore[union-attr]


async def test_after_a_refusal_nothing_more_is_asked():
    images = [an_image(f"v{n}") for n in range(50)]
    account = an_account(*images)
    account.faults.deny("ecr:DescribeImageScanFindings")
    digests = [image.digest for image in images]
    found = {digest: error async for digest, error in load_counts(account, REGION, "pet-web", digests)}
    assert len(asked(account)) <= 4
    assert found.keys() == set(digests)
    assert {error.action for error in found.values()} == {"ecr:DescribeImageScanFindings"}  # type: ignore[union-attr]


async def test_an_error_of_one_image_is_its_own():
    images = [an_image(f"v{n}") for n in range(6)]
    account = an_account(*images, reports=tuple(map(a_report, images)))
    account.faults.fail("ecr:DescribeImageScanFindings", ErrorKind.INVALID, target=images[2].digest)
    digests = [image.digest for image in images]
    found = {digest: report async for digest, report in load_counts(account, REGION, "pet-web", digests)}
    assert [digest for digest in digests if isinstance(found[digest], AppError)] == [images[2].digest]


async def test_leaving_ends_the_calls():
    images = [an_image(f"v{n}") for n in range(20)]
    account = an_account(*images)
    gate = account.faults.hold("ecr:DescribeImageScanFindings")
    counts = load_counts(account, REGION, "pet-web", [image.digest for image in images])
    first = counts.__anext__()
    import asyncio

    task = asyncio.ensure_future(first)
    await gate.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    await asyncio.sleep(0)
    assert len(asked(account)) <= 4


# All findings


async def test_an_index_is_its_platforms_without_attestations():
    amd, arm = an_image(digest=digest_of("amd")), an_image(digest=digest_of("arm"))
    index, manifest = an_index("v1", children={"linux/amd64": amd.digest, "linux/arm64": arm.digest})
    account = an_account(index, amd, arm, reports=(a_report(amd),), manifests={index.digest: manifest})
    found = await load_scan(account, REGION, "pet-web", index)
    assert [(part.platform, part.digest) for part in found.parts] == [
        ("linux/amd64", amd.digest),
        ("linux/arm64", arm.digest),
    ]
    assert index.digest not in asked(account)
    assert not found.answers
    assert found.worst is found.parts[0]


async def test_an_index_that_cannot_be_read_is_unknown():
    index, manifest = an_index("v1", children={"linux/amd64": digest_of("amd")})
    denied = an_account(index, manifests={index.digest: manifest})
    denied.faults.deny("ecr:BatchGetImage")
    forged = an_account(index, manifests={index.digest: manifest + " "})
    for account in (denied, forged):
        found = await load_scan(account, REGION, "pet-web", index)
        assert not found.answers
        assert isinstance(found.parts[0].scan, AppError)
        assert asked(account) == []


async def test_an_index_of_thousands_asks_for_some_and_says_so():
    children = {f"linux/p{n}": digest_of(str(n)) for n in range(PLATFORMS + 10)}
    index, manifest = an_index("v1", children=children)
    account = an_account(index, manifests={index.digest: manifest})
    found = await load_scan(account, REGION, "pet-web", index)
    assert len(asked(account)) == PLATFORMS
    assert len(found.parts) == PLATFORMS + 10
    assert not found.answers


async def test_a_refused_platform_costs_that_platform_only():
    amd, arm = an_image(digest=digest_of("amd")), an_image(digest=digest_of("arm"))
    index, manifest = an_index("v1", children={"linux/amd64": amd.digest, "linux/arm64": arm.digest})
    account = an_account(index, amd, arm, reports=(a_report(amd), a_report(arm)), manifests={index.digest: manifest})
    account.faults.deny("ecr:DescribeImageScanFindings", target=arm.digest)
    found = await load_scan(account, REGION, "pet-web", index)
    assert found.parts[0].report is not None
    assert isinstance(found.parts[1].scan, AppError)


# Starting


async def applied(account: MemoryAccount, image: Image, time: FakeTime):
    steps = await plan_scan(account, REGION, "pet-web", [image], clock=time, sleep=time.sleep)
    gateway = Gateway(account, MemoryJournal(), clock=time)
    return [result async for result in gateway.apply_all(steps, ME)]


async def test_a_scan_is_started_and_seen():
    image = an_image("v1")
    account = an_account(image)
    (result,) = await applied(account, image, FakeTime())
    assert result.outcome is Outcome.DONE
    assert result.change.call.action == "ecr:StartImageScan"
    assert result.change.command == (
        f"aws ecr start-image-scan --region {REGION} --repository-name pet-web "
        f"""--image-id '{{"imageDigest": "{image.digest}"}}'"""
    )


async def test_a_scan_that_runs_is_not_started_again():
    image = an_image("v1")
    account = an_account(image, reports=(a_report(image, "IN_PROGRESS"),))
    (result,) = await applied(account, image, FakeTime())
    assert result.outcome is Outcome.ALREADY
    assert account.sent == []


@pytest.mark.parametrize(("ago", "outcome"), [(3600.0, Outcome.REFUSED), (90_000.0, Outcome.DONE)])
async def test_one_scan_a_day(ago: float, outcome: Outcome):
    image = an_image("v1")
    account = an_account(image, reports=(a_report(image, completed_at=NOW - ago),))
    (result,) = await applied(account, image, FakeTime())
    assert result.outcome is outcome
    assert len(account.sent) == (outcome is Outcome.DONE)
    if outcome is Outcome.REFUSED:
        assert "once in 24 hours" in result.detail


async def test_enhanced_scanning_takes_no_manual_scan():
    image = an_image("v1")
    account = an_account(image)
    account.area(REGION).settings = RegistrySettings(REGION, ACCOUNT, scan_type="ENHANCED")
    with pytest.raises(AppError) as refused:
        await plan_scan(account, REGION, "pet-web", [image])
    assert "Inspector" in refused.value.why
    assert account.sent == []


async def test_settings_that_cannot_be_read_leave_it_to_aws():
    image = an_image("v1")
    account = an_account(image)
    account.faults.deny("ecr:GetRegistryScanningConfiguration")
    (result,) = await applied(account, image, FakeTime())
    assert result.outcome is Outcome.DONE


async def test_of_an_index_each_platform_is_scanned():
    amd, arm = an_image(digest=digest_of("amd")), an_image(digest=digest_of("arm"))
    index, manifest = an_index("v1", children={"linux/amd64": amd.digest, "linux/arm64": arm.digest})
    account = an_account(index, amd, arm, manifests={index.digest: manifest})
    steps = await plan_scan(account, REGION, "pet-web", [index, amd])
    assert [step.change.title for step in steps] == [
        "scan v1 (linux/amd64) of pet-web",
        "scan v1 (linux/arm64) of pet-web",
    ]


async def test_a_scan_whose_answer_was_lost_is_looked_for():
    image = an_image("v1")
    account = an_account(image)
    account.faults.lose_reply("ecr:StartImageScan")
    (result,) = await applied(account, image, FakeTime())
    assert result.outcome is Outcome.DONE


async def test_what_cannot_be_seen_is_not_called_done():
    image = an_image("v1")
    account = an_account(image)
    account.faults.lose_reply("ecr:StartImageScan", applied=False)
    (result,) = await applied(account, image, FakeTime())
    assert result.outcome is Outcome.UNKNOWN


async def test_a_scan_that_fails_at_once_is_told():
    image = an_image("v1")
    account = an_account(image, reports=(a_report(image, completed_at=NOW - 90_000),))
    time = FakeTime()
    steps = await plan_scan(account, REGION, "pet-web", [image], clock=time, sleep=time.sleep)
    account.faults.lose_reply("ecr:StartImageScan", applied=False)
    failed = ScanReport(image.digest, "FAILED", "the scanner stumbled")
    time.at[1] = lambda: account.area(REGION).scans.update({image.digest: replace(failed)})
    gateway = Gateway(account, MemoryJournal(), clock=time)
    (result,) = [result async for result in gateway.apply_all(steps, ME)]
    assert result.outcome is Outcome.DIFFERS
    assert "stumbled" in result.detail
