"""The configuration: one frozen value from flags, `ECRTUI_*`, config.toml and the defaults, in that order.

An unknown key or a bad value anywhere is an `AppError` of kind USAGE that names the file and line (or the
variable) and what to write instead. Nothing is ever written to the file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import NamedTuple

from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.errors import AppError
from ecrtui.domain.mutability import Mutability
from ecrtui.settings.errors import quoted, refused, unknown

_EMPTY: Mapping[str, str] = MappingProxyType({})


class CreateDefaults(NamedTuple):
    """How repositories are created unless the plan says otherwise."""

    mutability: str = Mutability.IMMUTABLE_WITH_EXCLUSION
    exclusions: tuple[str, ...] = ("latest", "production", "staging", "development", "test")
    scan_on_push: bool = True
    encryption: str = "AES256"
    kms_key: str | None = None
    lifecycle_template: str | None = None
    """The name of a lifecycle policy template; None creates no policy."""
    tags: Mapping[str, str] = _EMPTY


class Timeouts(NamedTuple):
    """Deadlines in seconds: of a connection, of one answer, and of a whole operation with its retries."""

    connect: float = 5.0
    read: float = 15.0
    operation: float = 30.0


class AuditSettings(NamedTuple):
    """What the audit is told."""

    suppress: tuple[Suppression, ...] = ()
    """Findings that are known and accepted."""


class Settings(NamedTuple):
    """Everything that can be configured."""

    profile: str | None = None
    regions: tuple[str, ...] = ()
    """The first is the primary one; empty leaves the choice to AWS's own variables and files."""
    endpoint_url: str | None = None
    read_only: bool = False
    debug: bool = False
    """Whether a debug log is written."""
    theme: str = "dark"
    refresh: float = 60.0
    """Seconds between refreshes of what is shown; -1 never refreshes by itself."""
    bell: bool = False
    notify: bool = False
    """Desktop notifications (OSC 9)."""
    mouse: bool = True
    naming_rule: str | None = None
    """A regular expression that names have to match as a whole; None is the recommended form."""
    create: CreateDefaults = CreateDefaults()
    audit: AuditSettings = AuditSettings()
    timeouts: Timeouts = Timeouts()
    keys: Mapping[str, str] = _EMPTY
    """Keys by command id, comma-separated by Textual's key names."""
    places: Mapping[str, str] = _EMPTY
    """Where each setting that is not a default was made, by dotted key: "config.toml, line 3"."""

    def without_account(self, regions: tuple[str, ...] = ()) -> Settings:
        """The settings without what belongs to an account of one's own, and with these regions."""
        return self._replace(profile=None, endpoint_url=None, regions=regions)

    def check_commands(self, known: Collection[str]) -> None:
        """Raise when `[keys]` names a command that is not among `known`."""
        for command in self.keys:
            if command not in known:
                place = self.places.get(f"keys.{command}", "")
                raise unknown(f"keys.{command}", [f"keys.{name}" for name in known], place)

    def check_rules(self, known: Collection[str]) -> None:
        """Raise when `[[audit.suppress]]` names a rule that is not among `known`."""
        for number, entry in enumerate(self.audit.suppress):
            if not any(fnmatchcase(rule, entry.rule) for rule in known):
                place = self.places.get(f"audit.suppress.{number}.rule", "")
                close = get_close_matches(entry.rule, known, n=1, cutoff=0.6)
                remedy = f"Did you mean {close[0]}?" if close else "`ecrtui audit --rules` lists them."
                raise refused("audit.suppress", place, f"there is no rule {quoted(entry.rule)}", remedy)

    def rejected(self, key: str, why: str, remedy: str) -> AppError:
        """The error for a setting that turned out to be wrong only where it is used."""
        return refused(key, self.places.get(key, ""), why, remedy)
