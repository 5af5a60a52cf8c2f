"""Every rule of the audit, one declaration each; `RULES.md` beside this package is the page made from them."""

from __future__ import annotations

from typing import Any

from ecrtui.domain.audit.facts import NameFacts, RegionFacts
from ecrtui.domain.audit.rule import Rule
from ecrtui.domain.audit.rules import buildspecs, lifecycle, pairing, permissions, running, scanning, storage, tags

NAME_RULES: tuple[Rule[NameFacts], ...] = (
    *running.RULES,
    *scanning.RULES,
    *permissions.RULES,
    *pairing.RULES,
    *tags.RULES,
    *buildspecs.RULES,
    *lifecycle.RULES,
    *storage.RULES,
)
"""The rules about projects and repositories."""

REGION_RULES: tuple[Rule[RegionFacts], ...] = (*running.REGION_RULES, *storage.REGION_RULES)
"""The rules that look at all of a region together."""

RULES: tuple[Rule[Any], ...] = (*NAME_RULES, *REGION_RULES)
BY_ID = {rule.id: rule for rule in RULES}
