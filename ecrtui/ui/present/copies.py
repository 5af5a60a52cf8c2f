"""A repository in other regions, as lines: the rules that concern its name, and its tags beside the copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ecrtui.domain.image import Image
from ecrtui.domain.registry import Destination, RegistrySettings, Replica
from ecrtui.domain.replication import (
    Copy,
    CopyState,
    TagRow,
    cached_from,
    replicated_to,
    tag_rows,
    template_for,
)
from ecrtui.domain.text import Shown, shorten_middle, shown, width
from ecrtui.domain.units import age, count
from ecrtui.services.replication import Copies
from ecrtui.services.state import Failed, Loadable, Loading, Ready, value_of
from ecrtui.ui.present.cost import NO_LINE
from ecrtui.ui.present.detail import problem_lines
from ecrtui.ui.present.facts import fact
from ecrtui.ui.present.images import short_digest
from ecrtui.ui.theme import Glyphs, Role, glyphs
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_TAG = 16
_CELL = 14
_FINE = {CopyState.SAME, CopyState.OLDER}
_ROLES: dict[CopyState, Role] = {
    CopyState.SAME: "good",
    CopyState.DIFFERS: "warn",
    CopyState.MISSING: "bad",
    CopyState.OLDER: "muted",
    CopyState.FAILED: "bad",
    CopyState.UNDER_WAY: "muted",
    CopyState.UNKNOWN: "warn",
}


def copies_lines(copies: Loadable[Copies], name: str, now: float, image: Image | None = None) -> tuple[Line, ...]:
    """Where a repository's tags (or those of one image) are, and which are missing or name something else there."""
    if isinstance(copies, Failed):
        return problem_lines(copies)
    known = value_of(copies)
    if known is None:
        words = "asking the other regions…" if isinstance(copies, Loading) else "the images are being listed…"
        return (fact("", words, "muted"),)
    lines = [*_source_lines(known), *settings_lines(known.settings, name)]
    if not known.copies:
        return (*lines, fact("copies", f"no other region in scope has a repository {name}", "muted"))
    if image is None:
        rows = tag_rows(known.images, known.copies, now)
    else:
        others = tuple(other for other in known.images if other.digest != image.digest)
        rows = tag_rows((image, *others), known.copies, now)[: len(image.tags)]
        known = replace(known, left_out=0)
    if not rows:
        return (*lines, fact("tags", "there is no tag to compare", "muted"))
    return (*lines, *_summaries(known, rows), *_table(known, rows, now))


def _source_lines(known: Copies) -> Sequence[Line]:
    """The regions that the repository is copied from."""
    regions = [region for region, unknown in known.sources.items() if not unknown]
    return [fact("copied", f"from {', '.join(regions)}, by the rules of the registry there")] if regions else []


def settings_lines(settings: RegistrySettings, name: str) -> tuple[Line, ...]:
    """What the registry's own settings in this region say of a name."""
    destinations = replicated_to(name, settings)
    if destinations is None:
        replicated = fact("replicated", f"unknown: {settings.unread['replication']}", "warn")
    elif destinations:
        places = ", ".join(_place(destination, settings.registry_id) for destination in destinations)
        replicated = fact("replicated", f"to {places}, by the registry's rules")
    else:
        replicated = fact("replicated", "to no other region: no rule is for this name", "muted")
    lines = [replicated]
    if (reason := settings.unread.get("pull_through")) is not None:
        lines.append(fact("cache", f"unknown: {reason}", "warn"))
    elif (rule := cached_from(name, settings)) is not None:
        lines.append(fact("cache", f"filled from {rule.upstream} when it is pulled (prefix {rule.prefix})"))
    if (reason := settings.unread.get("templates")) is not None:
        lines.append(fact("template", f"unknown: {reason}", "warn"))
    elif (template := template_for(name, settings)) is not None:
        what = ", ".join(applied.lower().replace("_", " ") for applied in template.applied_for)
        lines.append(fact("template", f"prefix {template.prefix}, for repositories that AWS makes by {what}"))
    return tuple(lines)


def _place(destination: Destination, registry_id: str) -> str:
    """The region, and the account where it is another one."""
    other = "" if destination.registry_id == registry_id else f" (account {destination.registry_id})"
    return destination.region + other


def _summaries(known: Copies, rows: Sequence[TagRow]) -> Sequence[Line]:
    """One line a copy: how many tags are the same, and what is not."""
    return [
        _summary(copy, Counter(row.states[number] for row in rows), known.sources.get(copy.destination.region))
        for number, copy in enumerate(known.copies)
    ]


def _summary(copy: Copy, counts: Counter[CopyState], source: str | None) -> Line:
    """`source`: empty where it is copied from there, else why that is not known; None where it is not."""
    region = Cell(shown(f"{copy.destination.region:<15} "), "strong")
    if copy.digests is None:
        return (region, Cell(shown(f"unknown: {copy.why}"), "warn"))
    words = ", ".join(f"{count(counts[state])} {state}" for state in CopyState if counts[state])
    why = f"; {copy.why}" if copy.why else "" if copy.by_rule else f"; {_beside(source)}"
    related = copy.by_rule or source == ""
    role: Role = "good" if counts.keys() <= _FINE else "warn" if related else "plain"
    return (region, Cell(shown(f"{words or 'no tags here'}{why}"), role))


def _beside(source: str | None) -> str:
    """How a repository of the same name stands to this one, where no rule of here copies to it."""
    match source:
        case "":
            return "it is copied from there"
        case str():
            return f"whether it is copied from there is not checked: {source}"
    return "a repository of the same name, no rule"


def _table(known: Copies, rows: Sequence[TagRow], now: float) -> Sequence[Line]:
    """Tags by region; those that are not everywhere the same come first."""
    heading = "".join(f" {shorten_middle(shown(copy.destination.region), _CELL):<{_CELL}}" for copy in known.copies)
    lines: list[Line] = [
        NO_LINE,
        (
            Cell(Shown(f"{'TAG':<{_TAG}}{heading}"), "muted"),
            Cell(Shown("  AGE "), "muted"),
            Cell(Shown("HERE"), "muted"),
        ),
    ]
    signs = glyphs()
    for row in sorted(rows, key=lambda row: set(row.states) <= _FINE):
        tag = shorten_middle(shown(row.tag), _TAG)
        cells = [Cell(Shown(tag + " " * (_TAG - width(tag))), "name")]
        cells += [_state(state, there, signs) for state, there in zip(row.states, row.there, strict=True)]
        pushed = age(None if row.pushed_at is None else now - row.pushed_at)
        cells += [Cell(Shown(f" {pushed:>4} "), "number"), Cell(shown(short_digest(row.digest)), "muted")]
        lines.append(tuple(cells))
    if any(CopyState.OLDER in row.states for row in rows):
        words = "older: pushed before anything that was copied; a rule copies what is pushed after it was made"
        lines.append(fact("", words, "muted"))
    if known.left_out:
        lines.append(fact("", f"{count(known.left_out)} older tagged images are not compared", "muted"))
    return lines


def _state(state: CopyState, there: str, signs: Glyphs) -> Cell:
    sign = {
        CopyState.SAME: signs.ok,
        CopyState.DIFFERS: signs.differs,
        CopyState.MISSING: signs.missing,
        CopyState.OLDER: signs.waiting,
        CopyState.FAILED: signs.missing,
        CopyState.UNDER_WAY: signs.waiting,
        CopyState.UNKNOWN: signs.unknown,
    }[state]
    word = short_digest(there) if state is CopyState.DIFFERS else str(state)
    return Cell(shown(f" {f'{sign} {word}':<{_CELL}}"), _ROLES[state])


def replica_lines(replicas: Loadable[tuple[Replica, ...]], registry_id: str) -> tuple[Line, ...]:
    """What AWS says of the replication of one image."""
    match replicas:
        case Ready(value=()):
            return (fact("AWS says", "nothing: no rule replicated this image", "muted"),)
        case Ready(value=found):
            return tuple(_replica(number, one, registry_id) for number, one in enumerate(found))
        case Failed() as failed:
            return problem_lines(failed)
    return (fact("AWS says", "asking…", "muted"),)


def _replica(number: int, replica: Replica, registry_id: str) -> Line:
    role: Role = {"COMPLETE": "good", "FAILED": "bad"}.get(replica.status, "plain")  # type: ignore[assignment]
    why = f": {replica.why}" if replica.why else ""
    words = f"{replica.status.lower().replace('_', ' ')} in {_place(replica.destination, registry_id)}{why}"
    return fact("" if number else "AWS says", words, role)
