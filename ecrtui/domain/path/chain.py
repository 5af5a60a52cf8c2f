"""A path as values: its four parts, the three links between them, and what is to be said of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Tone = Literal["plain", "muted", "good", "warn", "bad", "strong"]
"""How a piece of text is meant; the words of it say the same."""

PartKind = Literal["project", "repository", "images", "runtime"]
LinkKind = Literal["push", "hold", "run"]
PARTS: tuple[PartKind, ...] = ("project", "repository", "images", "runtime")
LINKS: tuple[LinkKind, ...] = ("push", "hold", "run")
"""The link after each part but the last."""


class Standing(StrEnum):
    """How a link, or one thing about it, stands."""

    OK = "ok"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    NONE = "none"
    """There is nothing that could be linked, and nothing that should be."""


_WORST = (Standing.BROKEN, Standing.UNKNOWN, Standing.OK, Standing.NONE)


def worst(standings: tuple[Standing, ...]) -> Standing:
    """The one that matters most: broken, then unknown; NONE only when there is nothing else."""
    return next((standing for standing in _WORST if standing in standings), Standing.NONE)


MendKind = Literal["create", "build", "logs", "lifecycle", "path", "policy", "refresh", "images"]


@dataclass(frozen=True, slots=True)
class Mend:
    """What helps: a thing to do that the faces have keys and commands for."""

    kind: MendKind
    words: str
    """`create it`, `the log of the failed build`."""
    text: str = ""
    """What it is about where that is not the path's own name: another name, the statement to copy."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a link needs, as it is."""

    standing: Standing
    word: str
    """The outcome in a word or two: `pushes here`, `role may not push`, `drift`."""
    why: str = ""
    """The evidence, as a clause."""
    mend: Mend | None = None
    loading: bool = False
    """Whether it is unknown only because it is still being read."""
    run: int | None = None
    """The number of the run that it is about, from 0."""


@dataclass(frozen=True, slots=True)
class Link:
    """What joins two parts: every check must hold."""

    kind: LinkKind
    checks: tuple[Check, ...]

    @property
    def standing(self) -> Standing:
        """The worst of its checks."""
        return worst(tuple(check.standing for check in self.checks))

    @property
    def leading(self) -> Check:
        """The first of its worst checks: what to say when there is room for one."""
        return next(check for check in self.checks if check.standing is self.standing)

    @property
    def loading(self) -> bool:
        """Whether it is unknown only because something is still being read."""
        return self.standing is Standing.UNKNOWN and all(
            check.loading for check in self.checks if check.standing is Standing.UNKNOWN
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled thing about a part."""

    label: str
    text: str
    tone: Tone = "plain"
    brief: str = ""
    """The same where there is little room; empty: leave it out there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One image of the repository, or one thing that runs."""

    standing: Standing
    name: str
    """The most telling tag; cluster and service."""
    note: str
    """What it is here: `newest, production`; `service, 3 running`."""
    text: str
    """What is to be said of it in one clause."""
    facts: tuple[Fact, ...] = ()
    """Everything, for those who look closer."""
    digest: str = ""
    """The image: itself, or the one that runs."""
    region: str = ""
    """Where it is."""
    word: str = ""
    """The standing in its own words: `drift`, `tag gone`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One station of the path."""

    kind: PartKind
    title: str
    """Its name; empty where there is none."""
    standing: Standing
    word: str
    """`GITHUB`, `missing`, `5 of 412`, `2 services`."""
    facts: tuple[Fact, ...] = ()
    entries: tuple[Entry, ...] = ()
    loading: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The path of one name."""

    name: str
    region: str
    headline: str
    """The answer in one sentence."""
    parts: tuple[Part, ...]
    """Project, repository, images, runtime."""
    links: tuple[Link, ...]
    """Between them: push, hold, run."""

    @property
    def standing(self) -> Standing:
        """The worst of its links."""
        return worst(tuple(link.standing for link in self.links))

    @property
    def loading(self) -> bool:
        """Whether something is still being read."""
        return any(part.loading for part in self.parts) or any(
            check.loading for link in self.links for check in link.checks
        )
