"""The scan cell of an image, and findings as rows and lines: what is not known never looks like nothing."""

from __future__ import annotations

import pytest
from memory import an_image, an_index, digest_of

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.manifest import ChildManifest
from ecrtui.domain.scan import NEVER_SCANNED, Finding, ImageScan, PlatformScan, ScanReport
from ecrtui.domain.scan_rows import FindingRow, rows_of
from ecrtui.ui.present.findings import FindingRows, columns_of, finding_lines, scan_note, silence, why_empty
from ecrtui.ui.present.scans import ImageScans, counts_words

IMAGE = an_image("v1", pushed_at=100.0)


def cell(*scans: ScanReport | AppError, image=IMAGE):
    return ImageScans(dict(zip([image.digest], scans, strict=False))).cell(image)


def report(status: str = "COMPLETE", image=IMAGE, **counts: int) -> ScanReport:
    return ScanReport(image.digest, status, counts=counts)


def test_what_was_not_asked_is_a_dash():
    assert cell().text == "–"


@pytest.mark.parametrize(
    ("counts", "text", "role"),
    [
        ({}, "✓ none", "muted"),
        ({"CRITICAL": 2, "HIGH": 5}, "2C 5H", "bad"),
        ({"HIGH": 5, "LOW": 0}, "5H", "warn"),
        ({"LOW": 3}, "3L", "plain"),
        ({"UNTRIAGED": 1}, "1U", "plain"),
        ({"CRITICAL": 12, "HIGH": 121, "MEDIUM": 136}, "12C 121H", "bad"),
        ({"CRITICAL": 123456789}, "123456789C", "bad"),
    ],
)
def test_counts_worst_first(counts: dict[str, int], text: str, role: str):
    assert cell(report(**counts)) == (text, role)


@pytest.mark.parametrize(
    ("scan", "text"),
    [
        (report(NEVER_SCANNED), "? never"),
        (report("IN_PROGRESS", CRITICAL=1), "? scanning"),
        (report("FAILED"), "? failed"),
        (report("UNSUPPORTED_IMAGE"), "? unsupported"),
        (report("BRAND_NEW_WORD"), "? brand new word"),
        (AppError(ErrorKind.DENIED, "read it"), "? denied"),
        (AppError(ErrorKind.NETWORK, "read it"), "? no connection"),
    ],
)
def test_what_is_not_known_is_a_word(scan: ScanReport | AppError, text: str):
    assert cell(scan).text == text


def test_what_describe_images_says_costs_no_call():
    told = an_image("v1", scan_status="COMPLETE", severities=(("HIGH", 3),))
    archived = an_image("v2", status="ARCHIVED", scan_status="IMAGE_ARCHIVED")
    scans = ImageScans()
    assert scans.cell(told).text == "3H"
    assert scans.cell(archived).text == "? archived"
    assert scans.unasked([told, archived]) == []


def test_newest_tagged_ones_are_asked_for_first():
    old, new = an_image("v1", pushed_at=1.0), an_image("v2", pushed_at=2.0)
    bare = an_image(pushed_at=3.0)
    signature = an_image(f"sha256-{'a' * 64}.sig")
    referrer = an_image(subject=old.digest, pushed_at=9.0)
    wanted = ImageScans().unasked([old, bare, new, signature, referrer])
    assert wanted == [new.digest, old.digest, bare.digest]
    assert ImageScans().cell(signature).text == ""


def index_of(**scans: ScanReport | AppError) -> tuple[ImageScans, object]:
    digests = {name: digest_of(name) for name in ("amd", "arm", "attestation")}
    index, _ = an_index("v1", children={"linux/amd64": digests["amd"], "linux/arm64": digests["arm"]})
    children = (
        ChildManifest(digests["amd"], "linux/amd64"),
        ChildManifest(digests["arm"], "linux/arm64"),
        ChildManifest(digests["attestation"], attestation=True),
    )
    return ImageScans({digests[name]: scan for name, scan in scans.items()}, {index.digest: children}), index


def test_an_index_is_its_worst_platform():
    scans, index = index_of(amd=report(HIGH=2), arm=report(CRITICAL=1))
    assert scans.cell(index).text == "1C"
    assert scans.critical(index) == 1
    assert scans.unasked([index]) == [digest_of("amd"), digest_of("arm")]
    assert scans.cell(an_image(digest=digest_of("attestation"))).text == ""


def test_an_index_with_a_silent_platform_keeps_its_doubt():
    scans, index = index_of(amd=report(HIGH=2), arm=report("FAILED"))
    assert scans.cell(index).text == "2H ?"
    assert scans.critical(index) is None
    clean, index = index_of(amd=report())
    assert clean.cell(index) == ("✓ none ?", "warn")
    bad, index = index_of(amd=report(CRITICAL=2))
    assert bad.critical(index) == 2


def test_an_index_that_was_not_read_is_unknown():
    index, _ = an_index("v1", children={"linux/amd64": digest_of("amd")})
    assert ImageScans().cell(index).text == "? index"
    assert ImageScans().unasked([index]) == []


def test_known_scans_are_sorted_before_unknown_ones():
    other = an_image("v2")
    scans = ImageScans({IMAGE.digest: report(LOW=1), other.digest: report(CRITICAL=1, image=other)})
    assert scans.weight(other) > scans.weight(IMAGE) > scans.weight(an_image("v3"))


def test_counts_in_words():
    assert counts_words({"CRITICAL": 2, "HIGH": 5, "INFORMATIONAL": 1}) == "2C 5H 1I"


# Findings


def scan(*found: Finding, status: str = "COMPLETE", why: str = "", platform: str = "", **members) -> ImageScan:
    one = ScanReport(IMAGE.digest, status, why, findings=found, **members)
    return ImageScan(IMAGE.digest, (PlatformScan(IMAGE.digest, platform, one),))


def texts(cells) -> str:
    return "\n".join(cell.text for cell in cells)


def test_hostile_findings_are_harmless():
    evil = Finding("CVE\x1b[2J", "HI\x07GH", "pkg\u202e", "1\n2", "=3", "YES", 9.9, "t\x1b]0;x\x07", "http://\x1b")
    rows = FindingRows([FindingRow(evil, IMAGE.digest, "linux\x00")])
    cells = rows.cells(0)
    assert len(cells) == len(columns_of(rows.rows))
    for line in finding_lines(rows.rows[0]):
        cells = (*cells, *line)
    assert all(one.text.isprintable() for one in cells)


def test_no_findings_and_no_answer_look_different():
    assert "nothing was found" in texts(why_empty(scan()))
    silent = texts(why_empty(scan(status="FAILED", why="the scanner stumbled")))
    assert "not known" in silent
    assert "FAILED" in silent
    assert "stumbled" in silent
    assert "N starts one" in silent
    assert silence(scan())[0] == ""
    assert silence(scan(status="PENDING"))[0] == "? pending"
    denied = AppError(ErrorKind.DENIED, "read it", action="ecr:DescribeImageScanFindings")
    refused = ImageScan("sha256:a", (PlatformScan("sha256:a", "linux/arm64", denied),))
    assert "ecr:DescribeImageScanFindings" in texts(why_empty(refused))


def test_counts_without_findings_are_a_doubt():
    assert "lists no" in texts(why_empty(scan(counts={"CRITICAL": 2})))


def test_the_heading_tells_the_scanner_and_when():
    note = scan_note(scan(Finding("CVE-1", "HIGH"), status="ACTIVE", enhanced=True, completed_at=40.0), 100.0)
    assert note == "1H, enhanced scanning 1m ago"


def test_rows_sort_by_every_column():
    found = (Finding("CVE-1", "LOW", "a", score=1.0), Finding("CVE-2", "CRITICAL", "b"))
    rows = FindingRows(rows_of(scan(*found, platform="linux/arm64")))
    for column in columns_of(rows.rows):
        value = rows.sort_value(column.key)
        assert value is not None, column.key
        assert sorted(range(len(rows)), key=value)
    assert rows.stamp == rows.stamp


def test_columns_are_those_that_tell_something():
    assert "platform" not in {column.key for column in columns_of(rows_of(scan(Finding("CVE-1", "LOW"))))}
    many = rows_of(scan(Finding("CVE-1", "LOW"), platform="linux/arm64"))
    assert "platform" in {column.key for column in columns_of(many)}
