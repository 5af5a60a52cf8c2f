"""Scans of both shapes: statuses, counts, pages of findings, and what is no scan."""

from __future__ import annotations

from typing import Any

import pytest
from faultserver import FaultServer, Request, answer, error
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.scan import Finding, ScanReport

DIGEST = "sha256:" + "a" * 64
BASIC = {
    "name": "CVE-2024-1",
    "severity": "HIGH",
    "uri": "https://example.test/CVE-2024-1",
    "description": "a hole",
    "attributes": [
        {"key": "package_name", "value": "openssl"},
        {"key": "package_version", "value": "3.0.1"},
        {"key": "CVSS3_SCORE", "value": "7.5"},
    ],
}
ENHANCED = {
    "title": "CVE-2024-2 - curl, libcurl",
    "severity": "CRITICAL",
    "score": 9.8,
    "fixAvailable": "YES",
    "exploitAvailable": "NO",
    "packageVulnerabilityDetails": {
        "vulnerabilityId": "CVE-2024-2",
        "sourceUrl": "https://example.test/CVE-2024-2",
        "cvss": [{"baseScore": 5.0}],
        "vulnerablePackages": [
            {"name": "curl", "version": "7.64.0", "release": "4+deb10u1", "epoch": 1, "fixedInVersion": "1:7.64.0-5"},
            {"name": "libcurl", "version": "7.64.0", "fixedInVersion": "NotAvailable"},
        ],
    },
}


def scan(status: str, **found: Any) -> dict[str, Any]:
    """One page of DescribeImageScanFindings."""
    about = {"imageScanStatus": {"status": status, "description": f"it is {status}"}}
    return about | ({"imageScanFindings": found} if found else {})


async def read(account: AwsAccount, *, counts_only: bool = False) -> ScanReport:
    """The scan of the image."""
    return await account.registry(REGION).scan("pet-web", DIGEST, counts_only=counts_only)


async def test_all_findings_of_a_basic_scan(server: FaultServer, account: AwsAccount) -> None:
    pages = [[BASIC | {"name": f"CVE-2024-{page}-{n}"} for n in range(2)] for page in range(3)]

    def page(request: Request) -> Any:
        assert request.parameters["imageId"] == {"imageDigest": DIGEST}
        number = int(request.parameters.get("nextToken", 0))
        counts = {"HIGH": 6} if number == 0 else {"HIGH": 1}
        found = scan("COMPLETE", findings=pages[number], findingSeverityCounts=counts, imageScanCompletedAt=1.5e9)
        return answer(found | ({"nextToken": str(number + 1)} if number < 2 else {}))

    server.on("DescribeImageScanFindings", page)
    report = await read(account)
    assert (report.status, report.answers, report.enhanced, report.completed_at) == ("COMPLETE", True, False, 1.5e9)
    assert report.counts == {"HIGH": 6}
    assert [finding.id for finding in report.findings] == [each["name"] for found in pages for each in found]
    assert report.findings[0] == Finding(
        "CVE-2024-0-0", "HIGH", "openssl", "3.0.1", "", "", 7.5, "a hole", "https://example.test/CVE-2024-1"
    )
    assert server.count("DescribeImageScanFindings") == 3


async def test_an_enhanced_finding_is_one_for_each_package(server: FaultServer, account: AwsAccount) -> None:
    found = scan("ACTIVE", enhancedFindings=[ENHANCED, {"title": "odd"}], findingSeverityCounts={"CRITICAL": 1})
    server.on("DescribeImageScanFindings", answer(found))
    report = await read(account)
    assert (report.enhanced, report.answers, report.counts) == (True, True, {"CRITICAL": 1})
    curl, libcurl, odd = report.findings
    assert (curl.id, curl.package, curl.version, curl.fixed_in) == (
        "CVE-2024-2",
        "curl",
        "1:7.64.0-4+deb10u1",
        "1:7.64.0-5",
    )
    assert (curl.score, curl.fix_available, curl.exploit_available) == (9.8, "YES", False)
    assert (libcurl.version, libcurl.fixed_in) == ("7.64.0", "")
    assert (odd.id, odd.severity, odd.package, odd.score, odd.exploit_available) == ("odd", "UNDEFINED", "", None, None)


async def test_counts_alone_take_one_small_call(server: FaultServer, account: AwsAccount) -> None:
    found = scan("COMPLETE", findings=[BASIC], findingSeverityCounts={"HIGH": 40, "LOW": "many", "MEDIUM": -1})
    server.on("DescribeImageScanFindings", answer(found | {"nextToken": "more"}))
    report = await read(account, counts_only=True)
    assert report.counts == {"HIGH": 40}
    (request,) = server.requests
    assert request.parameters["maxResults"] == 1


async def test_findings_are_counted_where_aws_did_not(server: FaultServer, account: AwsAccount) -> None:
    found = scan("COMPLETE", findings=[BASIC, BASIC | {"name": "CVE-2024-9"}])
    server.on("DescribeImageScanFindings", answer(found))
    assert (await read(account)).counts == (await read(account, counts_only=True)).counts == {"HIGH": 2}


async def test_a_clean_image_has_zero_and_a_waiting_one_is_unknown(server: FaultServer, account: AwsAccount) -> None:
    clean = scan("COMPLETE", findings=[], findingSeverityCounts={})
    waiting = scan("PENDING", findings=[BASIC], findingSeverityCounts={"HIGH": 1})
    server.on("DescribeImageScanFindings", answer(clean), answer(clean), answer(waiting))
    for counts_only in (True, False):
        report = await read(account, counts_only=counts_only)
        assert (report.answers, report.counts, report.findings) == (True, {}, ())
    report = await read(account, counts_only=True)
    assert (report.answers, report.status, report.why, report.counts) == (False, "PENDING", "it is PENDING", {})


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (error("ScanNotFoundException"), ErrorKind.NOT_FOUND),
        (error("ImageNotFoundException"), ErrorKind.NOT_FOUND),
        (error("AccessDeniedException"), ErrorKind.DENIED),
        (answer({"imageScanStatus": {"status": "COMPLETE"}}), ErrorKind.MALFORMED),
        (answer({"imageScanFindings": {}}), ErrorKind.MALFORMED),
    ],
)
@pytest.mark.parametrize("counts_only", [True, False])
async def test_what_is_no_scan_is_an_error(
    server: FaultServer, account: AwsAccount, fault: Any, kind: ErrorKind, counts_only: bool
) -> None:
    server.on("DescribeImageScanFindings", fault)
    with pytest.raises(AppError) as caught:
        await read(account, counts_only=counts_only)
    assert caught.value.kind is kind
    assert caught.value.action == ("ecr:DescribeImageScanFindings" if kind is ErrorKind.DENIED else "")


async def test_an_index_is_not_scannable_not_clean(server: FaultServer, account: AwsAccount) -> None:
    server.on("DescribeImageScanFindings", error("UnsupportedImageTypeException", "an index"))
    report = await read(account)
    assert (report.status, report.why, report.answers) == ("UNSUPPORTED_IMAGE", "an index", False)


@pytest.mark.fault("C43")
async def test_pages_without_an_end(server: FaultServer, account: AwsAccount) -> None:
    endless = scan("COMPLETE", findings=[BASIC], findingSeverityCounts={}) | {"nextToken": "again"}
    server.on("DescribeImageScanFindings", answer(endless))
    with pytest.raises(AppError) as caught:
        await read(account)
    assert caught.value.kind is ErrorKind.MALFORMED
