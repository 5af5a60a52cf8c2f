"""How the images of a repository come to be scanned: the registry's rules, and the repository's own scan on push.

Rules: domain reference, section 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.repository import Repository
from ecrtui.domain.tagging import matches_filter


class ScanMode(StrEnum):
    """How the images of a repository come to be scanned."""

    CONTINUOUS = "continuously"
    ON_PUSH = "on push"
    MANUAL = "by hand only"
    OFF = "not at all"
    UNKNOWN = "unknown"

    @property
    def automatic(self) -> bool:
        """Whether a new image is scanned without anybody asking."""
        return self in (ScanMode.CONTINUOUS, ScanMode.ON_PUSH)


@dataclass(frozen=True, slots=True)
class ScanCoverage:
    """How a repository is scanned, and why so."""

    mode: ScanMode
    why: str
    """A clause."""
    repository_can: bool = False
    """Whether the repository's own scan on push would change it: basic scanning without a rule for it."""


_FREQUENCIES = {"CONTINUOUS_SCAN": ScanMode.CONTINUOUS, "SCAN_ON_PUSH": ScanMode.ON_PUSH, "MANUAL": ScanMode.MANUAL}


def scan_coverage(repository: Repository, settings: RegistrySettings | None) -> ScanCoverage:
    """How a repository is scanned: the registry's rules win over its own (deprecated) scan on push.

    `settings` None: the registry's own were not read.
    """
    if repository.scan_on_push and (settings is None or settings.scan_type != "ENHANCED"):
        return ScanCoverage(ScanMode.ON_PUSH, "the repository scans on push")
    if settings is None or not settings.scan_type:
        unread = "" if settings is None else settings.unread.get("scanning", "")
        return ScanCoverage(ScanMode.UNKNOWN, unread or "the registry's scanning rules are not known")
    enhanced = settings.scan_type == "ENHANCED"
    for rule in sorted(settings.scanning, key=lambda rule: rule.frequency != "CONTINUOUS_SCAN"):
        filter_ = next((one for one in rule.filters if _filter_names(one, repository.name)), None)
        if filter_ is not None:
            mode = _FREQUENCIES.get(rule.frequency, ScanMode.UNKNOWN)
            kind = "enhanced" if enhanced else "basic"
            return ScanCoverage(mode, f"the registry's {kind} scanning rule {filter_} says so", mode is ScanMode.MANUAL)
    if enhanced:
        return ScanCoverage(ScanMode.OFF, "no rule of the registry's enhanced scanning names it")
    return ScanCoverage(ScanMode.MANUAL, "no rule of the registry's basic scanning names it", repository_can=True)


def _filter_names(filter_: str, name: str) -> bool:
    """Whether a scanning filter names a repository: without `*` it is a part of the name, as AWS matches them."""
    return matches_filter(filter_, name) if "*" in filter_ else filter_ in name
