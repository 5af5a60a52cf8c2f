"""Scans: what is known is counted, what is not known is never zero; images compared by their findings."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.filtering import predicate
from ecrtui.domain.image import Image
from ecrtui.domain.query import Query, parse
from ecrtui.domain.scan import (
    ANSWERING,
    SEVERITIES,
    Finding,
    ImageScan,
    PlatformScan,
    ScanReport,
    at_least,
    count_from,
    counts_of,
    critical_count,
    fixable,
    report_in,
    standing,
    unlisted,
)
from ecrtui.domain.scan_comparison import FIXED, NEW, REMAINING, compare
from ecrtui.domain.scan_rows import COMPARED, FIELDS, MEMBERS, VALUES, FindingRow, as_csv, as_json, record, rows_of

STATUSES = (
    "IN_PROGRESS",
    "PENDING",
    "FAILED",
    "UNSUPPORTED_IMAGE",
    "SCAN_ELIGIBILITY_EXPIRED",
    "FINDINGS_UNAVAILABLE",
    "LIMIT_EXCEEDED",
    "IMAGE_ARCHIVED",
    "SOMETHING_NEW",
    "",
)


def finding(id_: str = "CVE-1", severity: str = "HIGH", package: str = "openssl", **members) -> Finding:
    return Finding(id_, severity, package, **members)


def report(*found: Finding, status: str = "COMPLETE", **members) -> ScanReport:
    return ScanReport("sha256:a", status, findings=found, **members)


def scan(*found: Finding, status: str = "COMPLETE", platform: str = "") -> ImageScan:
    return ImageScan("sha256:a", (PlatformScan("sha256:a", platform, report(*found, status=status)),))


# What is known


@pytest.mark.parametrize("status", STATUSES)
def test_any_other_status_is_unknown_and_not_zero(status: str) -> None:
    silent = report(status=status, counts={"CRITICAL": 3})
    assert not silent.answers
    assert (counts_of(silent), critical_count(silent), count_from(silent, "LOW")) == (None, None, None)
    said = standing(status)
    assert said.word
    assert said.sentence
    assert said.remedy


@pytest.mark.parametrize("status", sorted(ANSWERING))
def test_an_answer_without_counts_is_zero(status: str) -> None:
    assert counts_of(report(status=status)) == {}
    assert critical_count(report(status=status)) == 0


def test_counts_are_worst_first_without_zeros() -> None:
    counted = report(counts={"LOW": 4, "CRITICAL": 2, "MEDIUM": 0, "HIGH": 5})
    assert list((counts_of(counted) or {}).items()) == [("CRITICAL", 2), ("HIGH", 5), ("LOW", 4)]
    assert [count_from(counted, severity) for severity in ("CRITICAL", "HIGH", "MEDIUM", "LOW")] == [2, 7, 7, 11]


def test_what_is_listed_and_not_counted_counts_too() -> None:
    odd = report(finding("CVE-1", "CRITICAL"), finding("CVE-2", "CRITICAL"), counts={"CRITICAL": 1, "LOW": 2})
    assert counts_of(odd) == {"CRITICAL": 2, "LOW": 2}
    assert unlisted(odd) == ("LOW",)


def test_a_vulnerability_in_two_packages_counts_as_aws_counts_it() -> None:
    """Inspector makes one finding of it, which names both packages."""
    twice = report(finding(package="a"), finding(package="b"), status="ACTIVE", counts={"HIGH": 1})
    assert counts_of(twice) == {"HIGH": 1}
    assert unlisted(twice) == ()


def test_a_severity_that_is_new_is_not_taken_lightly() -> None:
    assert at_least("CATASTROPHIC", "CRITICAL")
    assert next(iter(counts_of(report(finding(severity="CATASTROPHIC"), finding("CVE-2", "CRITICAL"))) or ())) == (
        "CATASTROPHIC"
    )


def test_severities_have_their_order() -> None:
    for worse, better in pairwise(SEVERITIES):
        assert at_least(worse, better)
        assert not at_least(better, worse)
    assert not at_least("", "LOW")


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"fix_available": "YES"}, True),
        ({"fix_available": "PARTIAL"}, True),
        ({"fixed_in": "1.2"}, True),
        ({"fix_available": "NO"}, False),
        ({}, None),
    ],
)
def test_whether_an_update_mends_it_may_be_unknown(members: dict, answer: bool | None) -> None:
    assert fixable(finding(**members)) is answer


def test_what_describe_images_says_is_used_where_it_settles_it() -> None:
    assert report_in(Image("sha256:a")) is None
    assert report_in(Image("sha256:a", scan_status="COMPLETE")) is None
    told = report_in(Image("sha256:a", scan_status="COMPLETE", severities=(("HIGH", 2),)))
    assert told is not None
    assert counts_of(told) == {"HIGH": 2}
    old = report_in(Image("sha256:a", scan_status="IN_PROGRESS", severities=(("HIGH", 2),)))
    assert old is not None
    assert counts_of(old) is None
    none_found = report_in(Image("sha256:a", severities=()))
    assert none_found is not None
    assert critical_count(none_found) == 0


def test_an_index_answers_when_all_its_platforms_do() -> None:
    good = PlatformScan("sha256:b", "linux/amd64", report(finding(), counts={"HIGH": 1}))
    bad = PlatformScan("sha256:c", "linux/arm64", report(finding("CVE-9", "CRITICAL"), counts={"CRITICAL": 1}))
    silent = PlatformScan("sha256:d", "linux/s390x", report(status="UNSUPPORTED_IMAGE"))
    lost = PlatformScan("sha256:e", "linux/386", AppError(ErrorKind.DENIED, "read the scan"))
    assert ImageScan("sha256:a", (good, bad)).answers
    assert not ImageScan("sha256:a", (good, silent)).answers
    assert not ImageScan("sha256:a", (good, lost)).answers
    assert not ImageScan("sha256:a", ()).answers
    assert ImageScan("sha256:a", (good, silent, bad, lost)).worst is bad
    assert ImageScan("sha256:a", (silent, lost)).worst is None


# Rows


def test_rows_are_worst_first() -> None:
    rows = rows_of(
        scan(
            finding("CVE-1", "LOW", score=9.9),
            finding("CVE-2", "CRITICAL", score=7.0),
            finding("CVE-3", "CRITICAL", score=9.1),
            finding("CVE-4", "CRITICAL"),
        )
    )
    assert [row.finding.id for row in rows] == ["CVE-3", "CVE-2", "CVE-4", "CVE-1"]


def test_rows_of_a_scan_that_does_not_answer_are_none() -> None:
    assert rows_of(scan(finding(), status="FAILED")) == ()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("severity:critical", ["CVE-1"]),
        ("fix:yes", ["CVE-1"]),
        ("fix:unknown", ["CVE-3"]),
        ("package:openssl", ["CVE-1", "CVE-2"]),
        ("score:>7", ["CVE-1"]),
        ("score:none", ["CVE-3"]),
        ("cve:2", ["CVE-2"]),
        ("-severity:low", ["CVE-1"]),
        ("exploit:yes", ["CVE-1"]),
    ],
)
def test_rows_can_be_filtered(text: str, ids: list[str]) -> None:
    rows = rows_of(
        scan(
            finding("CVE-1", "CRITICAL", score=9.8, fix_available="YES", exploit_available=True),
            finding("CVE-2", "LOW", score=7.0, fix_available="NO", exploit_available=False),
            finding("CVE-3", "LOW", package="zlib"),
        )
    )
    query = parse(text, tuple(FIELDS.values()))
    assert isinstance(query, Query)
    getters = {name: (lambda index, get=get: get(rows[index])) for name, get in VALUES.items()}
    test = predicate(query, getters, 0.0)
    assert test is not None
    assert [row.finding.id for index, row in enumerate(rows) if test(index)] == ids


def test_records_hold_raw_values_and_null_where_nothing_was_said() -> None:
    raw = record(FindingRow(finding("CVE-1", "", "\x1b[31mevil", version="=1"), "sha256:a"))
    assert raw["package"] == "\x1b[31mevil"
    assert raw["severity"] == "UNDEFINED"
    assert [raw[member] for member in ("fixed_in", "score", "title", "link", "exploit_available", "platform")] == [
        None
    ] * 6
    assert list(raw) == list(MEMBERS)


def test_files_do_nothing_to_who_looks_at_them() -> None:
    rows = [record(FindingRow(finding("CVE-1", "HIGH", "\x1b[31mevil", version="=cmd()", score=-1.0), "sha256:a"))]
    text = as_csv(rows, MEMBERS)
    assert "\x1b" not in text
    (line,) = csv.DictReader(io.StringIO(text))
    assert (line["installed"], line["score"]) == ("'=cmd()", "-1.0")
    text = as_json({"findings": rows})
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["findings"][0]["package"] == "\x1b[31mevil"


# Comparison


def test_what_came_went_and_stayed() -> None:
    before = scan(
        finding("CVE-1", "LOW", version="1.0"), finding("CVE-2", version="1.0"), finding("CVE-3", package="zlib")
    )
    now = scan(finding("CVE-2", version="1.1"), finding("CVE-3", package="curl"), finding("CVE-4", "CRITICAL"))
    comparison = compare(now, before)
    assert comparison is not None
    assert comparison.counts == {NEW: 2, FIXED: 2, REMAINING: 1}
    assert [(row.change, row.finding.id) for row in comparison.rows] == [
        (NEW, "CVE-4"),
        (NEW, "CVE-3"),
        (FIXED, "CVE-3"),
        (FIXED, "CVE-1"),
        (REMAINING, "CVE-2"),
    ]
    stayed = record(comparison.rows[-1])
    assert (stayed["installed_before"], stayed["installed"]) == ("1.0", "1.1")
    assert set(stayed) == set(COMPARED)


def test_what_is_not_known_cannot_be_compared() -> None:
    assert compare(scan(finding()), scan(status="IN_PROGRESS")) is None
    assert compare(scan(status="FAILED"), scan(finding())) is None
    assert compare(ImageScan("sha256:a", ()), scan(finding())) is None


_findings = st.lists(
    st.builds(
        Finding,
        st.sampled_from(["CVE-1", "CVE-2", "CVE-3"]),
        st.sampled_from(SEVERITIES),
        st.sampled_from(["a", "b", ""]),
        st.sampled_from(["1", "2", ""]),
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(_findings, _findings)
def test_a_comparison_accounts_for_every_finding_once(now: list[Finding], before: list[Finding]) -> None:
    there, back = compare(scan(*now), scan(*before)), compare(scan(*before), scan(*now))
    assert there is not None
    assert back is not None
    of = {change: [row.finding for row in there.rows if row.change == change] for change in (NEW, FIXED, REMAINING)}
    by = repr
    assert sorted(of[NEW] + of[REMAINING], key=by) == sorted(now, key=by)
    assert len(of[NEW]) == back.counts[FIXED]
    assert len(of[FIXED]) == back.counts[NEW]
    keys = {change: {(one.id, one.package) for one in found} for change, found in of.items()}
    assert not keys[NEW] & keys[FIXED]
    assert not keys[NEW] & keys[REMAINING]
    assert not keys[FIXED] & keys[REMAINING]
