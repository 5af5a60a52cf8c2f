"""Image scans: what a scan says, and how well it says it (domain reference, section 8).

Only the statuses COMPLETE and ACTIVE answer; after any other one the findings are unknown, not zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ecrtui.domain.errors import AppError
from ecrtui.domain.image import Image

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED")
"""Worst first. Basic scanning says UNDEFINED for what enhanced scanning calls UNTRIAGED."""
UNDEFINED = "UNDEFINED"

_RANKS = {severity: place for place, severity in enumerate(SEVERITIES)}

ANSWERING = frozenset({"COMPLETE", "ACTIVE"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One vulnerability in one package of an image."""

    id: str
    """`CVE-2024-1234`, or as the scanner names it."""
    severity: str
    package: str = ""
    version: str = ""
    """The installed version; empty when the scanner did not say."""
    fixed_in: str = ""
    """The version that mends it; empty when there is none, or the scanner did not say."""
    fix_available: str = ""
    """YES, NO or PARTIAL (enhanced scanning); empty when the scanner did not say."""
    score: float | None = None
    """CVSS, 0 to 10."""
    title: str = ""
    link: str = ""
    exploit_available: bool | None = None


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What AWS says of the scan of one image."""

    digest: str
    status: str
    """AWS's own word: COMPLETE, ACTIVE, IN_PROGRESS, PENDING, FAILED, UNSUPPORTED_IMAGE, …"""
    why: str = ""
    """AWS's description of the status."""
    enhanced: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    """Findings by severity; AWS omits zeros. Empty says nothing unless `answers`."""
    findings: tuple[Finding, ...] = ()
    """All findings; empty when only the counts were asked for."""
    completed_at: float | None = None

    @property
    def answers(self) -> bool:
        """Whether the counts are what the image has; else they are unknown."""
        return self.status in ANSWERING


def rank(severity: str) -> int:
    """The place of a severity, 0 the worst; one that AWS did not have when this was written comes before all."""
    return _RANKS.get(severity.upper() or UNDEFINED, -1)


def at_least(severity: str, threshold: str) -> bool:
    """Whether a severity is `threshold` or worse."""
    return rank(severity) <= rank(threshold)


def counts_of(report: ScanReport) -> Mapping[str, int] | None:
    """Findings by severity, worst first and without zeros; None when the scan does not answer.

    AWS's own counts; where it lists more vulnerabilities of a severity than it counts, these.
    """
    if not report.answers:
        return None
    listed = Counter(severity for severity, _ in {(one.severity or UNDEFINED, one.id) for one in report.findings})
    most = {severity: max(report.counts.get(severity, 0), listed[severity]) for severity in {*report.counts, *listed}}
    return {severity: most[severity] for severity in sorted(most, key=rank) if most[severity]}


def count_from(report: ScanReport, threshold: str) -> int | None:
    """How many findings are `threshold` or worse; None when that is not known."""
    counts = counts_of(report)
    return None if counts is None else sum(n for severity, n in counts.items() if at_least(severity, threshold))


def critical_count(report: ScanReport) -> int | None:
    """How many findings are critical; None when that is not known."""
    return count_from(report, "CRITICAL")


def unlisted(report: ScanReport) -> tuple[str, ...]:
    """The severities of which AWS counts findings but lists none, in a report that holds the findings."""
    listed = {finding.severity or UNDEFINED for finding in report.findings}
    return tuple(severity for severity in counts_of(report) or () if severity not in listed)


def fixable(finding: Finding) -> bool | None:
    """Whether an update mends it, at least in a part of its packages; None when the scanner did not say."""
    if finding.fix_available in ("YES", "PARTIAL") or finding.fixed_in:
        return True
    return False if finding.fix_available == "NO" else None


def report_in(image: Image) -> ScanReport | None:
    """What DescribeImages already said of the scan of an image; None when that does not settle it.

    Native basic scanning leaves both members out (domain reference, section 8), so that nothing is said then.
    """
    status = image.scan_status or ("" if image.severities is None else "COMPLETE")
    if not status or (status in ANSWERING and image.severities is None):
        return None
    return ScanReport(image.digest, status, enhanced=status == "ACTIVE", counts=dict(image.severities or ()))


# An index is scanned by its platforms


@dataclass(frozen=True, slots=True)
class PlatformScan:
    """The scan of one image that can run: of an index's platform, or of the image itself."""

    digest: str
    platform: str
    """`linux/arm64`; empty for an image that is no index."""
    scan: ScanReport | AppError
    """The report, or why it could not be read."""

    @property
    def report(self) -> ScanReport | None:
        """The report where there is one."""
        return self.scan if isinstance(self.scan, ScanReport) else None


@dataclass(frozen=True, slots=True)
class ImageScan:
    """The scan of an image, in parts: its platforms, or the image itself."""

    digest: str
    parts: tuple[PlatformScan, ...]

    @property
    def answers(self) -> bool:
        """Whether the findings of every part are known."""
        return bool(self.parts) and all(part.report is not None and part.report.answers for part in self.parts)

    @property
    def worst(self) -> PlatformScan | None:
        """The part with the worst findings, of those that answer."""
        return worst_part(self.parts)


def worst_part(parts: Sequence[PlatformScan]) -> PlatformScan | None:
    """The part with the most findings of the worst severities; None when none answers."""
    answering = [part for part in parts if part.report is not None and part.report.answers]
    return max(answering, key=lambda part: weight(part.report) if part.report else (), default=None)


def weight(report: ScanReport) -> tuple[int, ...]:
    """Compares reports that answer: by the number of findings of the worst severity, then of the next."""
    counts = counts_of(report) or {}
    strange = sum(number for severity, number in counts.items() if rank(severity) < 0)
    return (strange, *(counts.get(severity, 0) for severity in SEVERITIES))


# What a scan that does not answer means


@dataclass(frozen=True, slots=True)
class Standing:
    """Why findings are not known: a word for a column, a sentence, and what to do."""

    word: str
    sentence: str
    remedy: str


NEVER_SCANNED = "NEVER_SCANNED"
"""Ours: AWS has no scan of the image (ScanNotFoundException)."""

_STANDINGS = {
    NEVER_SCANNED: Standing("never", "the image was never scanned", "Start a scan, or switch on scanning on push."),
    "IN_PROGRESS": Standing("scanning", "the scan is under way", "Look again in a minute."),
    "PENDING": Standing("pending", "the scan waits for its turn", "Look again in a minute."),
    "FAILED": Standing("failed", "the scan failed", "Scan it again; basic scanning allows one scan a day."),
    "UNSUPPORTED_IMAGE": Standing(
        "unsupported",
        "the scanner does not know this operating system or kind of image",
        "Use a base image that is supported, or another scanner.",
    ),
    "SCAN_ELIGIBILITY_EXPIRED": Standing(
        "expired",
        "Amazon Inspector no longer scans the image: its re-scan duration is over",
        "Lengthen the re-scan duration in Inspector, or push the image again.",
    ),
    "FINDINGS_UNAVAILABLE": Standing(
        "unavailable", "the image was scanned, but the findings cannot be had", "Look again later, or scan it again."
    ),
    "LIMIT_EXCEEDED": Standing(
        "limit", "a quota of the scanner is used up", "Wait a day, or ask AWS for a higher quota."
    ),
    "IMAGE_ARCHIVED": Standing(
        "archived", "the image is archived, and its findings with it are gone", "Restore the image; then it is scanned."
    ),
}


def standing(status: str) -> Standing:
    """What a status other than COMPLETE and ACTIVE means; one that is new is told as AWS wrote it."""
    word = status.lower().replace("_", " ") or "no status"
    return _STANDINGS.get(status) or Standing(word, f"AWS says {word}", "Look at the image in the AWS console.")
