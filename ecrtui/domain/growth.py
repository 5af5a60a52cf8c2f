"""How fast repositories grow: bytes pushed week by week."""

from __future__ import annotations

from collections.abc import Iterable

from ecrtui.domain.units import DAY

WEEK = 7 * DAY
WEEKS = 26


def weekly(pushes: Iterable[tuple[float, int]], now: float, weeks: int = WEEKS) -> tuple[int, ...]:
    """Bytes pushed in each of the last `weeks` weeks up to `now`, the oldest first.

    `pushes` are instants (epoch seconds) and compressed bytes. What a clock ahead of ours pushed counts as of
    this week; pushes without an instant or a size (negative) are of no week.
    """
    sums = [0] * weeks
    for at, size in pushes:
        ago = now - at
        if size > 0 and ago < weeks * WEEK:  # so not of a NaN
            sums[weeks - 1 - max(0, int(ago // WEEK))] += size
    return tuple(sums)
