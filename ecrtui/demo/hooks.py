"""Builds that start by themselves, as pushes to the source would start them: the account stays alive.

The n-th begins a fixed time after the account's start, so that this too is a function of the clock alone.
"""

from __future__ import annotations

from dataclasses import replace

from ecrtui.demo.account import Account
from ecrtui.demo.catalogue import ENTRIES, FRANKFURT, SEOUL, TOKYO, VIRGINIA
from ecrtui.demo.history import new_plan, new_record

_FIRST = 80.0
_EVERY = 55.0
_AT_ONCE = 10
"""Of a long time in which nobody looked, only the last builds are made up."""
_PROJECTS = (
    ("search-indexer", SEOUL),
    ("edge-proxy", TOKYO),
    ("geo-lookup", SEOUL),
    ("consent-api", FRANKFURT),
    ("ledger", VIRGINIA),
)


class Hooks:
    """Starts the builds that are due."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._since = account.clock() + _FIRST
        self._done = 0

    def __call__(self, now: float) -> None:
        """Start every build that is due by `now`."""
        due = int((now - self._since) // _EVERY) + 1
        for turn in range(max(self._done, due - _AT_ONCE), due):
            self._start(turn)
        self._done = max(self._done, due)

    def _start(self, turn: int) -> None:
        name, region_name = _PROJECTS[turn % len(_PROJECTS)]
        region = self._account.region(region_name)
        project = region.projects.get(name)
        if project is None:
            return
        entry = next(each for each in ENTRIES if (each.name, each.region) == (name, region_name))
        number = 1 + max((each.plan.number for each in region.builds.values() if each.plan.project == name), default=0)
        plan = new_plan(self._account, entry, project.document, number, self._since + turn * _EVERY)
        region.begin(new_record(replace(plan, outcome=entry.recipe.outcome), project.document))
