"""What is kept and paid for, as lines: sums, growth, groups of images, and the largest repositories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ecrtui.domain.cost import FALLBACK, Prices, money, monthly_storage, outliers
from ecrtui.domain.spending import AgeGroup, Spend, TagGroup, monthly, monthly_saving, spend, spend_by
from ecrtui.domain.storage import Amount
from ecrtui.domain.text import Shown, shorten_middle, shown, width
from ecrtui.domain.units import age, count, size
from ecrtui.services.browse import Summary
from ecrtui.services.cost import Priced, Spending, caveats
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready, value_of
from ecrtui.ui.present.detail import problem_lines
from ecrtui.ui.present.facts import fact
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.bar import progress_bar, sparkline
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_MOST_BARS = 15
_BAR = 9
_NAME = 20
NO_LINE: Line = (Cell(Shown("")),)


def spending_lines(spending: Loadable[Spending], prices: Loadable[Priced], images: int, now: float) -> tuple[Line, ...]:
    """What one repository of so many `images` keeps and costs."""
    if isinstance(spending, Failed):
        return problem_lines(spending)
    known, priced = value_of(spending), _priced(prices)
    if known is None:
        return (_progress(spending, images) if isinstance(spending, Loading) else _listing(),)
    lines = (
        [_progress(spending, images)] if isinstance(spending, Loading) else [_standing(spending, known, images, now)]
    )
    whole, by_tags = spend(known.holdings), spend_by(known.holdings, lambda part: part.tags)
    recent = {group: Spend(one.recent, one.recent) for group, one in by_tags.items() if one.recent.images}
    lines += [
        fact("keeps", _worth(whole.amount, known.measured, priced.prices), "strong"),
        fact("30 days", _recently(whole.recent, recent, known, priced.prices)),
        *growth_lines(known.weeks),
    ]
    by_age = spend_by(known.holdings, lambda part: part.age)
    lines += _table(
        "BY TAGS", [(group, by_tags[group]) for group in TagGroup if group in by_tags], known, priced.prices
    )
    lines += _table(
        "LAST 30 DAYS", [(group, recent[group]) for group in TagGroup if group in recent], known, priced.prices
    )
    lines += _table("BY AGE", [(group, by_age[group]) for group in AgeGroup if group in by_age], known, priced.prices)
    saves = ("SAVES is what deleting that group alone would save",) if known.measured else ()
    lines += _foot((*saves, *caveats(known, grouped=True)), prices)
    return tuple(lines) + (problem_lines(spending) if isinstance(spending, Partial) else ())


def _standing(spending: Loadable[Spending], known: Spending, images: int, now: float) -> Line:
    """How well it is known, and the key that makes it better."""
    if known.measured and isinstance(spending, Ready | Partial):
        left = known.holdings.of().reported
        how = f"but {count(left)} images by their reported size" if left else "every layer once"
        return fact("measured", f"{age(now - spending.at)} ago, {how}; m measures again", "muted")
    return _offer(images)


def _listing() -> Line:
    return fact("", "the images are being listed…", "muted")


def _offer(images: int) -> Line:
    return fact("reported", f"m reads {count(images)} manifests for exact sizes; AWS may count pulls", "muted")


def _progress(spending: Loadable[Spending], images: int) -> Line:
    done = spending.rows if isinstance(spending, Loading) else 0
    bar = progress_bar(done / images if images else 0.0, _BAR, glyphs())
    return (
        Cell(Shown(f"{'counting':<11}"), "muted"),
        Cell(bar),
        Cell(shown(f" {count(done)} of {count(images)} images, Esc stops"), "muted"),
    )


def _worth(amount: Amount, measured: bool, prices: Prices) -> str:
    bound = "" if measured and amount.exact else "at most "
    noun = "image" if amount.images == 1 else "images"
    return f"{bound}{size(amount.bytes)} in {count(amount.images)} {noun}, {money(monthly(amount, prices))} a month"


def _recently(whole: Amount, groups: Mapping[TagGroup, Spend], known: Spending, prices: Prices) -> str:
    """What the images of the last 30 days cost, the dearest group first."""
    if not whole.images:
        return "nothing was pushed in the last 30 days"
    ranked = sorted(groups.items(), key=lambda one: (-one[1].amount.bytes, one[0]))
    parts = ", ".join(f"{group} {money(monthly(one.amount, prices))}" for group, one in ranked)
    return f"{_worth(whole, known.measured, prices)}: {parts}; pushed in the last 30 days"


def growth_lines(weeks: Sequence[int]) -> tuple[Line, ...]:
    """Pushed bytes a week as a sparkline."""
    if not any(weeks):
        return (fact("pushed", f"nothing in the last {len(weeks)} weeks", "muted"),)
    spark = sparkline(weeks, len(weeks), glyphs())
    words = f"{size(weeks[-1])} in the last 7 days, at most {size(max(weeks))} a week in {len(weeks)} weeks"
    return ((Cell(Shown(f"{'pushed':<11}"), "muted"), Cell(spark)), fact("", words, "muted"))


def _table(title: str, rows: Sequence[tuple[str, Spend]], known: Spending, prices: Prices) -> Iterable[Line]:
    """Groups with what they keep, and what only they keep."""
    if not rows:
        return ()
    freed = f" {'SAVES':>7}" if known.measured else ""
    heading = f"{title:<12} {'IMAGES':>6} {'SIZE':>7} {'A MONTH':>7}{freed}"
    return (NO_LINE, (Cell(Shown(heading), "muted"),), *(_row(name, one.amount, known, prices) for name, one in rows))


def _row(name: str, amount: Amount, known: Spending, prices: Prices) -> Line:
    cells = [
        Cell(Shown(f"{name:<12} "), "name"),
        Cell(Shown(f"{count(amount.images):>6} {size(amount.bytes):>7} {money(monthly(amount, prices)):>7}"), "number"),
    ]
    if known.measured:
        cells.append(Cell(Shown(f" {money(monthly_saving(amount, prices)):>7}"), "muted"))
    return tuple(cells)


def _priced(prices: Loadable[Priced]) -> Priced:
    """The prices; until AWS has told them, those of the dated table."""
    return value_of(prices) or Priced(FALLBACK)


def _price_note(prices: Loadable[Priced]) -> str:
    """Where the prices come from."""
    known = value_of(prices)
    if known is None:
        return f"{FALLBACK.note}, until AWS has told its prices"
    if known.error is None:
        return known.prices.note
    return f"{known.prices.note}: the price list could not be asked ({known.error.why or known.error})"


def region_cost_lines(
    summaries: Mapping[str, Summary], spending: Loadable[Spending], prices: Loadable[Priced], now: float
) -> tuple[Line, ...]:
    """What the repositories of a region keep together, and the largest of them as bars."""
    priced = _priced(prices)
    reported = {name: summary.bytes for name, summary in summaries.items()}
    if not any(reported.values()):
        return ()
    images = sum(summary.images or 0 for summary in summaries.values())
    known = value_of(spending)
    if known is None:
        standing = _progress(spending, images) if isinstance(spending, Loading) else _offer(images)
        return (standing, *_reported(reported, priced.prices), *_bars(reported, priced.prices), *_foot((), prices))
    by_name = spend_by(known.holdings, lambda part: part.repository)
    sizes: dict[str, int | None] = {name: one.amount.bytes for name, one in by_name.items()}
    standing = _progress(spending, images) if isinstance(spending, Loading) else _standing(spending, known, images, now)
    whole = fact("keeps", _worth(spend(known.holdings).amount, True, priced.prices), "strong")
    return (standing, whole, *_bars(sizes, priced.prices), *_foot(caveats(known), prices))


def _reported(sizes: Mapping[str, int | None], prices: Prices) -> Sequence[Line]:
    known = [bytes_ for bytes_ in sizes.values() if bytes_ is not None]
    unknown = len(sizes) - len(known)
    left_out = f", without {count(unknown)} that could not be read" if unknown else ""
    noun = "repository" if len(known) == 1 else "repositories"
    worth = f"at most {size(sum(known))} in {count(len(known))} {noun}"
    return (fact("keeps", f"{worth}, {money(monthly_storage(sum(known), prices))} a month{left_out}", "strong"),)


def _foot(texts: Sequence[str], prices: Loadable[Priced]) -> Sequence[Line]:
    return (NO_LINE, *(fact("", text, "muted") for text in (*texts, _price_note(prices))))


def _bars(sizes: Mapping[str, int | None], prices: Prices) -> Sequence[Line]:
    """The largest repositories, each with what it costs, and how far it is above the others."""
    ranked = sorted(((name, bytes_) for name, bytes_ in sizes.items() if bytes_), key=lambda one: (-one[1], one[0]))
    far_above = {outlier.name: outlier for outlier in outliers(sizes)}
    lines = [NO_LINE]
    for name, bytes_ in ranked[:_MOST_BARS]:
        outlier = far_above.get(name)
        above = f"  {bytes_ / outlier.median:,.0f}x the median" if outlier else ""
        lines.append(_bar(name, bytes_, ranked[0][1], money(monthly_storage(bytes_, prices)), above))
    if len(ranked) > _MOST_BARS:
        rest = sum(bytes_ for _, bytes_ in ranked[_MOST_BARS:])
        lines.append(fact("", f"and {count(len(ranked) - _MOST_BARS)} more with {size(rest)}", "muted"))
    return lines


def _bar(name: str, bytes_: int, largest: int, cost: str, above: str) -> Line:
    label = shorten_middle(shown(name), _NAME)
    signs = glyphs()
    bar = max(1, round(bytes_ / largest * _BAR)) * signs.full
    return (
        Cell(Shown(label + " " * (_NAME - width(label) + 1)), "name"),
        Cell(Shown(f"{bar:<{_BAR}}")),
        Cell(Shown(f" {size(bytes_):>7} {cost:>7}"), "number"),
        Cell(shown(above), "warn"),
    )
