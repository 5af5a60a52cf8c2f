"""How the verdicts of pairings show themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ecrtui.domain.pairing import Pairing, Verdict
from ecrtui.ui.theme import Role, glyphs


class Look(NamedTuple):
    """How a verdict shows itself."""

    glyph: str
    word: str
    short: str
    role: Role


LOOKS: Mapping[Verdict, Look] = {
    Verdict.MISSING_REPOSITORY: Look(glyphs().missing, "missing repository", "missing", "bad"),
    Verdict.PUSHES_ELSEWHERE: Look(glyphs().differs, "pushes elsewhere", "elsewhere", "warn"),
    Verdict.NAME_CANNOT_PAIR: Look(glyphs().missing, "name cannot pair", "bad name", "bad"),
    Verdict.NEVER_PUSHED: Look("○", "never pushed", "never pushed", "warn"),
    Verdict.UNKNOWN: Look(glyphs().unknown, "unknown", "unknown", "warn"),
    Verdict.NO_PROJECT: Look("–", "no project", "no project", "plain"),
    Verdict.CREATED_ON_PUSH: Look("○", "created on push", "on push", "muted"),
    Verdict.REPLICA: Look("=", "replica", "replica", "muted"),
    Verdict.CACHE: Look("=", "pull-through cache", "cache", "muted"),
    Verdict.NOT_A_CONTAINER_BUILD: Look("·", "not a container build", "no container", "muted"),
    Verdict.PAIRED: Look(glyphs().ok, "paired", "paired", "good"),
}
"""Every verdict, the one that asks most for something to be done first."""


def verdict_counts(pairings: Sequence[Pairing]) -> dict[Verdict, int]:
    """How many pairings have each verdict, the worst first; verdicts that none has are left out."""
    counts = dict.fromkeys(LOOKS, 0)
    for pairing in pairings:
        counts[pairing.verdict] += 1
    return {verdict: number for verdict, number in counts.items() if number}
