"""Image scans: what a scan says, and how well it says it (domain reference, section 8).

Only the statuses COMPLETE and ACTIVE answer; after any other one the findings are unknown, not zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED")
"""Worst first. Basic scanning says UNDEFINED for what enhanced scanning calls UNTRIAGED."""

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
