"""What runs an image, or a whole repository, as lines: what runs, what its tag names, and which builds made them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecrtui.domain.drift import Drift, DriftState, redeploy_command
from ecrtui.domain.image import Image
from ecrtui.domain.origin import Certainty, Origin
from ecrtui.domain.tags import telling
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import age, count
from ecrtui.domain.usage import Usage, registry_words
from ecrtui.services.state import Loadable, Loading, value_of
from ecrtui.ui.present.builds import build_words
from ecrtui.ui.present.facts import fact
from ecrtui.ui.present.uses import ImageUses
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_LABEL = 14
_NAMED = 6
"""Images of a registry that are named; more are counted."""

Made = Callable[[Image], str]
"""The words for where an image comes from; empty when nothing is known."""


def used_by_lines(
    drifts: Sequence[Drift], uses: ImageUses, made: Made, now: float, *, image: Image | None
) -> tuple[Line, ...]:
    """Every use, what drifted first; `image` None: those of the whole repository."""
    lines: list[Line] = [_headline(drifts, uses, image)]
    for drift in sorted(drifts, key=lambda one: (not one.drifted, one.use.by_tag)):
        lines += [(Cell(Shown("")),), *_use_lines(drift, made, now, image)]
    if uses.unchecked:
        lines.append((Cell(Shown("")),))
        lines += [_fact("not checked", reason, "warn") for reason in uses.unchecked]
        lines.append(_fact("", "While something is not checked, every image counts as in use.", "muted"))
    return tuple(lines)


def origin_words(origin: Origin | None) -> str:
    """`pet-web #214 from main @ 4f2a91c (proven by its log)`; empty when nothing is known."""
    if origin is None:
        return ""
    if origin.build is None:
        branch = f"{origin.branch} @ " if origin.branch else ""
        return f"a build that is not known (any more), from {branch}{origin.commit[:12]} (by tag)"
    sure = "proven by its log" if origin.certainty is Certainty.PROVEN else origin.certainty.value
    return f"{build_words(origin.build)} ({sure})"


def _headline(drifts: Sequence[Drift], uses: ImageUses, image: Image | None) -> Line:
    where = f"looked in {', '.join(uses.regions)}" if uses.regions else ""
    what = "this image" if image is not None else "an image of this repository"
    if not drifts:
        words = f"Nothing that runs {what} was found" if not uses.unchecked else f"It is not known what runs {what}"
        return (Cell(shown(f"{words}; {where}" if where else words), "warn" if uses.unchecked else "muted"),)
    number = "1 use" if len(drifts) == 1 else f"{len(drifts)} uses"
    drifted = sum(drift.drifted for drift in drifts)
    words = f"{number}, {drifted} drifted" if drifted else number
    return (Cell(shown(words), "strong"), Cell(shown(f"  {where}"), "muted"))


_ROLES: dict[DriftState, Role] = {
    DriftState.NONE: "good",
    DriftState.DRIFT: "warn",
    DriftState.TAG_GONE: "bad",
    DriftState.IMAGE_GONE: "bad",
    DriftState.UNKNOWN: "muted",
}


def _glyph(drift: Drift) -> Shown:
    signs = glyphs()
    match drift.state:
        case DriftState.DRIFT:
            return signs.warning
        case DriftState.TAG_GONE | DriftState.IMAGE_GONE:
            return signs.missing
        case DriftState.UNKNOWN if drift.running is None:
            return signs.unknown
        case _:
            return signs.running


def _use_lines(drift: Drift, made: Made, now: float, image: Image | None) -> list[Line]:
    """A use in a line, then the facts about it."""
    use = drift.use
    lines: list[Line] = [
        (
            Cell(shown(f"{_glyph(drift)} "), _ROLES[drift.state]),
            Cell(shown(use.label), "strong"),
            Cell(shown(f"  {use.region}"), "muted"),
        ),
        _fact("state", _state(drift, image), _ROLES[drift.state]),
    ]
    same = drift.named is not None and drift.named.digest == drift.running
    lines += _running_lines(drift, made, now)
    if drift.named is not None and not same:
        lines += _image_lines("the tag names", drift.named, made, now)
    if command := redeploy_command(drift):
        lines.append(_fact("to mend it", f"{command}"))
        lines.append(_fact("", f"runs what {drift.tag} names; t on another image moves {drift.tag} there", "muted"))
    if since := _since(drift, now):
        lines.append(_fact("deployed", since, "muted"))
    return lines


def _state(drift: Drift, image: Image | None) -> str:
    how = "by tag" if drift.use.by_tag or drift.running is None else "by digest"
    if drift.state is DriftState.NONE:
        return f"{how}: {drift.why}"
    next_one = ""
    if image is not None and drift.use.by_tag and drift.drifted:
        next_one = "; this image is what it would start next"
    return f"{drift.state}: {drift.why}{next_one}"


def _since(drift: Drift, now: float) -> str:
    """`6d ago, pulls as arn:…`, as far as it is known."""
    use = drift.use
    at = "" if use.deployed_at is None else f"{age(now - use.deployed_at)} ago"
    return ", ".join(part for part in (at, f"pulls as {use.role}" if use.role else "") if part)


def _running_lines(drift: Drift, made: Made, now: float) -> list[Line]:
    if drift.running is None:
        return [_fact("runs", "AWS does not say which digest")]
    if drift.running_image is None:
        return [_fact("runs", f"{_short(drift.running)}  not listed in the repository")]
    return _image_lines("runs", drift.running_image, made, now)


def _image_lines(label: str, image: Image, made: Made, now: float) -> list[Line]:
    """`7d1f0c2a91be  v1.4.2, production  pushed 3d ago`, and the build that made it."""
    pushed = "" if image.pushed_at is None else f"  pushed {age(now - image.pushed_at)} ago"
    lines = [_fact(label, f"{_short(image.digest)}  {', '.join(telling(image.tags)) or '<untagged>'}{pushed}")]
    if words := made(image):
        lines.append(_fact("", f"built by {words}"))
    return lines


def _short(digest: str) -> str:
    return digest.partition(":")[2][:12] or digest[:12]


def _fact(label: str, value: str, role: Role = "plain") -> Line:
    return (Cell(shown(f"  {label:<{_LABEL}}"), "muted"), Cell(shown(value), role))


def region_use_lines(usage: Loadable[Usage]) -> tuple[Line, ...]:
    """What runs in a region, by the registry whose images it runs, Docker Hub and other accounts included."""
    known = value_of(usage)
    if known is None:
        return (fact("runs", "loading…", "muted"),) if isinstance(usage, Loading) else ()
    names: dict[str, dict[str, None]] = {}
    for use in known.uses:
        version = f"@{_short(use.reference.digest)}" if use.reference.digest else f":{use.reference.version}"
        names.setdefault(registry_words(use.reference), {})[f"{use.reference.repository}{version}"] = None
    lines = [
        fact("runs" if number == 0 else "", f"{_number(len(those))} of {registry}: {_some(tuple(those))}")
        for number, (registry, those) in enumerate(sorted(names.items(), key=lambda one: (-len(one[1]), one[0])))
    ]
    if not lines and not known.unchecked:
        lines.append(fact("runs", "nothing from an image", "muted"))
    lines += [fact("", f"not checked: {why}", "warn") for why in known.unchecked]
    return tuple(lines)


def _number(images: int) -> str:
    return "1 image" if images == 1 else f"{count(images)} images"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {count(more)} more" if more > 0 else "")
