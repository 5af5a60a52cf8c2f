"""The repositories that a lifecycle policy is meant for, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import age, count
from ecrtui.services.ports import StoredPolicy
from ecrtui.services.state import Failed, Loadable, Loading, value_of
from ecrtui.ui.present.fates import Seen
from ecrtui.ui.present.names import name_cell
from ecrtui.ui.present.policies import alike, policy_of
from ecrtui.ui.present.problems import state_word
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell

COLUMNS = (
    Column("name", Shown("REPOSITORY"), minimum=12, ideal=18, maximum=None, middle=True),
    Column("region", Shown("REGION"), minimum=9, ideal=14, priority=3),
    Column("policy", Shown("POLICY"), minimum=7, ideal=8),
    Column("ran", Shown("LAST RUN"), minimum=8, ideal=8, align="right", priority=2),
    Column("preview", Shown("PREVIEW"), minimum=9, ideal=14, priority=1),
)
FIELDS = {field.name: field for field in (Field("name", FieldKind.TEXT, "the repository's name"),)}


class Target(NamedTuple):
    """One repository with what is known of its policy and of the preview."""

    key: RepositoryKey
    policy: Loadable[StoredPolicy | None]
    preview: Loadable[Seen]


def target_rows(targets: Sequence[Target], draft: str, now: float) -> ValueRows[Target]:
    """The repositories as rows."""
    return ValueRows(
        targets,
        key=lambda target: target.key,
        cells=lambda target: _cells(target, draft, now),
        words=lambda target: f"{target.key.name} {target.key.region}",
        sorts={
            "name": lambda target: target.key.name,
            "region": lambda target: target.key.region,
            "policy": lambda target: policy_cell(target.policy).text,
            "ran": lambda target: _ran(target.policy) or 0.0,
            "preview": lambda target: preview_cell(target.preview, draft).text,
        },
        terms={"name": lambda target: target.key.name},
    )


def _cells(target: Target, draft: str, now: float) -> Sequence[Cell]:
    ran = _ran(target.policy)
    return (
        name_cell(target.key.name),
        Cell(shown(target.key.region), "muted"),
        policy_cell(target.policy),
        BLANK if ran is None else Cell(shown(age(now - ran))),
        preview_cell(target.preview, draft),
    )


def _ran(policy: Loadable[StoredPolicy | None]) -> float | None:
    stored = value_of(policy)
    return None if stored is None else stored.evaluated_at


def policy_cell(policy: Loadable[StoredPolicy | None]) -> Cell:
    """How many rules, none, or why that is not known."""
    if isinstance(policy, Failed):
        return Cell(state_word(policy.error), "warn")
    stored = value_of(policy)
    if stored is None:
        return Cell(Shown("…"), "muted") if isinstance(policy, Loading) else Cell(Shown("none"), "warn")
    known = policy_of(stored.text)
    if known is None:
        return Cell(Shown("odd"), "warn")
    return Cell(shown("1 rule" if len(known.rules) == 1 else f"{len(known.rules)} rules"))


def preview_cell(preview: Loadable[Seen], draft: str) -> Cell:
    """What goes, and whether that is blocked."""
    if isinstance(preview, Loading):
        return Cell(Shown("previewing…"), "muted")
    if isinstance(preview, Failed):
        return Cell(state_word(preview.error), "bad")
    seen = value_of(preview)
    if seen is None or not alike(seen.preview.policy_text, draft):
        return Cell(Shown("–"), "muted")
    number = count(len(seen.preview.evaluation.marks))
    if seen.preview.blocked:
        return Cell(shown(f"{glyphs().missing} in use, {number} go"), "bad")
    return Cell(shown(f"{glyphs().ok} {number} go"), "good" if number == "0" else "plain")
