"""What becomes of each image under a lifecycle policy: as values, and as rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ecrtui.domain.image import Image
from ecrtui.domain.lifecycle import ActionType
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.tags import ordered
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import age, size
from ecrtui.domain.usage import Use
from ecrtui.services.lifecycle import Preview
from ecrtui.services.lifecycle_preview import AwsPreview
from ecrtui.services.ports import PreviewMark
from ecrtui.services.state import Key
from ecrtui.ui.present.images import short_digest, tags_cell
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell

_TAGS = Column("tags", Shown("TAGS"), minimum=14, ideal=22, maximum=None)
_DIGEST = Column("digest", Shown("DIGEST"), minimum=12, ideal=12, priority=4)
_AGE = Column("pushed", Shown("AGE"), minimum=6, ideal=6, align="right", priority=2)
_SIZE = Column("size", Shown("SIZE"), minimum=8, ideal=8, align="right", priority=3)
_RULE = Column("rule", Shown("RULE"), minimum=5, ideal=5, align="right", priority=1)
_ACTION = Column("action", Shown("ACTION"), minimum=9, ideal=9)
_USE = Column("use", Shown("USED BY"), minimum=8, ideal=14, maximum=30, priority=1)
_AWS = Column("aws", Shown("AWS"), minimum=12, ideal=12, priority=1)

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("tag", FieldKind.TEXT, "any of the tags"),
        Field("digest", FieldKind.TEXT, "the digest"),
        Field("age", FieldKind.AGE, "time since the push"),
        Field("size", FieldKind.SIZE, "compressed size"),
        Field("rule", FieldKind.NUMBER, "the priority of the rule that acts"),
        Field("action", FieldKind.TEXT, "expire, archive, stays"),
        Field("used", FieldKind.FLAG, "whether something runs it"),
    )
}


class View(StrEnum):
    """Which images of a preview are listed."""

    GOES = "goes"
    STAYS = "stays"
    IN_USE = "in use"
    DIFFERS = "differs from AWS"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one image: what our evaluation says, who uses it, and what AWS says."""

    image: Image
    action: ActionType | None
    """None: it stays."""
    rule: int | None
    reason: str
    uses: tuple[Use, ...] = ()

    @property
    def goes(self) -> bool:
        """Whether it expires or is archived."""
        return self.action is not None

    @property
    def word(self) -> str:
        """`expire`, `archive` or `stays`."""
        return {None: "stays", ActionType.EXPIRE: "expire", ActionType.TRANSITION: "archive"}[self.action]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A preview with the fate of every image: in use first, then what goes, the oldest first."""

    preview: Preview
    fates: tuple[Fate, ...]
    checked: tuple[str, ...] = ()
    """The regions in which uses were looked for."""


@dataclass(frozen=True)
class PreviewKey(Key[Seen]):
    """What the policy that was previewed last would do to one repository."""

    region: str
    repository: str


@dataclass(frozen=True, slots=True, eq=False)
class SeenByAws:
    """AWS's own preview of a policy's text."""

    policy_text: str
    preview: AwsPreview


@dataclass(frozen=True)
class AwsPreviewKey(Key[SeenByAws]):
    """AWS's own preview of one repository, the last that was asked for."""

    region: str
    repository: str


def fates_of(preview: Preview, uses: Mapping[str, tuple[Use, ...]]) -> tuple[Fate, ...]:
    """The fate of every image of a preview; `uses` are those of all its images, by digest."""
    evaluation = preview.evaluation
    spared = {one.image.digest: (one.rule_priority, one.reason) for one in evaluation.protected}
    undated = {image.digest for image in evaluation.undated}
    followers = {one.image.digest: one.action for one in evaluation.followers}
    fates = []
    for mark in evaluation.marks:
        used = preview.in_use.get(mark.digest, ())
        fates.append(Fate(mark.image, mark.action, mark.rule_priority, mark.reason, used))
    for image in evaluation.kept:
        rule, reason = spared.get(image.digest, (None, ""))
        if image.digest in undated:
            reason = "it has no date by which its rule could judge it"
        elif image.digest in followers:
            verb = "expires" if followers[image.digest] is ActionType.EXPIRE else "is archived"
            reason = f"it follows its subject, which {verb}, within a day"
        fates.append(Fate(image, None, rule, reason, uses.get(image.digest, ())))
    return tuple(sorted(fates, key=_place))


def _place(fate: Fate) -> tuple[bool, bool, float]:
    return (not fate.goes, not fate.uses, fate.image.pushed_at or 0.0)


def columns(with_aws: bool) -> tuple[Column, ...]:
    """The columns; with AWS's verdict where it was asked for."""
    plain = (_TAGS, _DIGEST, _AGE, _SIZE, _RULE, _ACTION, _USE)
    return (*plain, _AWS) if with_aws else plain


def fate_rows(seen: Seen, view: View, aws: SeenByAws | None, now: float) -> ValueRows[Fate]:
    """The images of one view as rows."""
    theirs = aws_marks(aws)
    fates = _viewed(seen.fates, view, theirs)
    return ValueRows(
        fates,
        key=lambda fate: fate.image.digest,
        cells=lambda fate: _cells(fate, theirs, now),
        words=lambda fate: f"{' '.join(fate.image.tags)} {fate.image.digest} {fate.word}",
        sorts={
            "tags": lambda fate: ordered(fate.image.tags)[:1] or ["￿"],
            "digest": lambda fate: fate.image.digest,
            "pushed": lambda fate: -(fate.image.pushed_at or 0.0),
            "size": lambda fate: -1 if fate.image.size is None else fate.image.size,
            "rule": lambda fate: fate.rule or 0,
            "action": lambda fate: fate.word,
            "use": lambda fate: len(fate.uses),
            "aws": lambda fate: _aws_cell(fate, theirs).text,
        },
        terms={
            "tag": lambda fate: fate.image.tags,
            "digest": lambda fate: fate.image.digest,
            "age": lambda fate: fate.image.pushed_at,
            "size": lambda fate: fate.image.size,
            "rule": lambda fate: fate.rule,
            "action": lambda fate: fate.word,
            "used": lambda fate: True if fate.uses else None if seen.preview.unchecked else False,
        },
    )


def aws_marks(aws: SeenByAws | None) -> Mapping[str, PreviewMark] | None:
    """What AWS's preview marks, by digest; None where there is no such preview."""
    if aws is None or aws.preview.report is None:
        return None
    return {mark.digest: mark for mark in aws.preview.report.marks}


def _viewed(fates: Sequence[Fate], view: View, theirs: Mapping[str, PreviewMark] | None) -> Sequence[Fate]:
    """The fates of one view, in their order: what goes stands before what stays."""
    match view:
        case View.GOES | View.STAYS:
            staying = bisect_left(fates, True, key=lambda fate: not fate.goes)
            return fates[:staying] if view is View.GOES else fates[staying:]
        case View.IN_USE:
            return [fate for fate in fates if fate.uses]
        case View.DIFFERS:
            return [fate for fate in fates if theirs is not None and _differs(fate, theirs)]


def _differs(fate: Fate, theirs: Mapping[str, PreviewMark]) -> bool:
    mark = theirs.get(fate.image.digest)
    if mark is None or fate.action is None:
        return (mark is None) is fate.goes
    return (mark.action.lower(), mark.rule) != (str(fate.action), fate.rule)


def _cells(fate: Fate, theirs: Mapping[str, PreviewMark] | None, now: float) -> Sequence[Cell]:
    image = fate.image
    roles: dict[ActionType | None, Role] = {None: "muted", ActionType.EXPIRE: "warn", ActionType.TRANSITION: "plain"}
    return (
        tags_cell(image.tags),
        Cell(shown(short_digest(image.digest)), "muted"),
        BLANK if image.pushed_at is None else Cell(shown(age(now - image.pushed_at))),
        Cell(Shown("–"), "muted") if image.size is None else Cell(shown(size(image.size, "MB")), "number"),
        BLANK if fate.rule is None else Cell(shown(str(fate.rule)), "muted"),
        Cell(shown(fate.word), roles[fate.action]),
        use_cell(fate),
        BLANK if theirs is None else _aws_cell(fate, theirs),
    )


def use_cell(fate: Fate) -> Cell:
    """What runs the image; in red where it would go all the same."""
    if not fate.uses:
        return BLANK
    more = f" +{len(fate.uses) - 1}" if len(fate.uses) > 1 else ""
    return Cell(
        shown(f"{glyphs().running} {fate.uses[0].name.rpartition('/')[2]}{more}"), "bad" if fate.goes else "good"
    )


def _aws_cell(fate: Fate, theirs: Mapping[str, PreviewMark] | None) -> Cell:
    if theirs is None:
        return BLANK
    mark = theirs.get(fate.image.digest)
    if not _differs(fate, theirs):
        return Cell(shown(f"{glyphs().ok} {'stays' if mark is None else 'same'}"), "muted")
    words = "stays" if mark is None else f"{_AWS_WORDS.get(mark.action.lower(), mark.action)} {mark.rule or ''}"
    return Cell(shown(f"{glyphs().differs} {words}"), "warn")


_AWS_WORDS = {"expire": "expire", "transition": "archive"}
