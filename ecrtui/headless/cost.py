"""`ecrtui cost`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import click

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.repository import Repository
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.loading import loaded
from ecrtui.headless.printers import note, report_all
from ecrtui.headless.spending import DIMENSIONS, RegionCost, print_costs
from ecrtui.services.browse import load_repositories
from ecrtui.services.cost import load_prices, load_spending
from ecrtui.services.state import Loading, error_of, value_of


@click.command(cls=Command)
@click.argument("repositories", nargs=-1, metavar="[REPO…]")
@click.option("--exact", is_flag=True, help="Read all manifests, count each layer once; AWS may count that as pulls.")
@click.option("--by", multiple=True, type=click.Choice(list(DIMENSIONS)), help="What the rows are; can be given again.")
def cost(repositories: tuple[str, ...], exact: bool, by: tuple[str, ...]) -> int:
    """Say what repositories keep and cost a month, and what their images of the last 30 days do.

    Without --exact the sizes are those that AWS reports: an upper bound, since images share layers.
    """
    call = begin()
    dimensions = [name for name in DIMENSIONS if name in (by or ("repository",))]
    return call.run(lambda opened: _cost(call, opened, tuple(dict.fromkeys(repositories)), exact, dimensions))


async def _cost(call: Invocation, opened: Opened, wanted: Sequence[str], exact: bool, dimensions: Sequence[str]) -> int:
    regions = await call.regions(opened.account)
    found = await asyncio.gather(*(_of_region(opened, region, wanted, exact) for region in regions))
    opened.progress.clear()
    errors = [error for region in found for error in region.errors] + _missing(found)
    if not errors or any(region.repositories for region in found):
        print_costs(call.form, found, dimensions)
    return report_all(errors)


async def _of_region(opened: Opened, region: str, wanted: Sequence[str], exact: bool) -> RegionCost:
    asking = _named(opened, region, wanted) if wanted else _all(opened, region)
    priced, asked = await asyncio.gather(load_prices(opened.account, region), asking)
    names = tuple(repository.name for repository in asked.repositories)
    spending, errors = None, list(asked.errors)
    async for slice_ in load_spending(opened.account, region, asked.repositories, measure=exact):
        if isinstance(slice_, Loading):
            opened.progress(f"{region}: {slice_.pages} of {len(names)} repositories, {slice_.rows:,} images counted")
            continue
        spending = value_of(slice_)
        if (error := error_of(slice_)) is not None:
            errors += spending.errors if spending is not None else [error]
    return RegionCost(region, names, spending, priced, tuple(errors), asked.missing)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The repositories to count in one region."""

    repositories: Sequence[Repository]
    errors: Sequence[AppError] = ()
    missing: Mapping[str, AppError] = field(default_factory=dict)


async def _all(opened: Opened, region: str) -> _Asked:
    load = await loaded(load_repositories(opened.account, region), f"repositories of {region}", opened.progress)
    listing = load.value
    rows = [] if listing is None else [listing.row(index) for index in range(len(listing))]
    return _Asked(rows, [load.error] if load.error else [])


async def _named(opened: Opened, region: str, names: Sequence[str]) -> _Asked:
    registry = opened.account.registry(region)

    async def one(name: str) -> Repository | AppError:
        try:
            return await registry.repository(name)
        except AppError as error:
            return error

    found = dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))
    failed = {name: each for name, each in found.items() if isinstance(each, AppError)}
    missing = {name: error for name, error in failed.items() if error.kind is ErrorKind.NOT_FOUND}
    return _Asked(
        [each for each in found.values() if isinstance(each, Repository)],
        [error for name, error in failed.items() if name not in missing],
        missing,
    )


def _missing(found: Sequence[RegionCost]) -> list[AppError]:
    """The errors of repositories that are in no region; of one that is in another region a note is enough."""
    errors: dict[str, AppError] = {}
    for region in found:
        for name, error in region.missing.items():
            if any(name in other.repositories for other in found):
                note(f"there is no repository {name} in {region.name}")
            else:
                errors.setdefault(name, error)
    return list(errors.values())
