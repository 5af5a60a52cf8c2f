"""What storage costs, by AWS's price list (domain reference, section 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ecrtui.aws.call import Caller
from ecrtui.aws.failures import MalformedError
from ecrtui.aws.paging import pages
from ecrtui.aws.values import json_object, member, number, text, texts
from ecrtui.domain.cost import FALLBACK, GB, Prices
from ecrtui.domain.errors import AppError, ErrorKind

_PAGE = 100
_FILTERS = {"productFamily": "EC2 Container Registry"}
_STORED = "TimedStorage-ByteHrs"
_UNIT = "GB-Mo"

_Tiers = list[tuple[float, float]]
"""Where a tier begins, in GB, and its price in dollars; ascending."""


async def storage_prices(caller: Caller, region: str, at: float) -> Prices:
    """The storage prices of a region as the list has them at that instant; MALFORMED where it has none.

    Where the list has no archive, the archive costs what storage costs, and beyond its tier as much less as in
    the table of `domain.cost`.
    """
    what = f"read the prices of {region}"
    filters = [
        {"Type": "TERM_MATCH", "Field": field, "Value": value}
        for field, value in {"regionCode": region, **_FILTERS}.items()
    ]

    async def fetch(token: str | None) -> tuple[tuple[str, ...], str | None]:
        asked = {"ServiceCode": "AmazonECR", "Filters": filters, "MaxResults": _PAGE}
        answer = await caller.read(
            "GetProducts", asked | ({"NextToken": token} if token else {}), what, required={"PriceList": list}
        )
        return texts(answer["PriceList"]), text(answer.get("NextToken")) or None

    tiers: dict[bool, _Tiers] = {}
    async for documents, _ in pages(fetch, what, caller.region):
        for archived, found in _stored(documents):
            tiers.setdefault(archived, found)
    if False not in tiers:
        raise AppError(
            ErrorKind.MALFORMED,
            what,
            where=caller.region,
            why=f"the price list has no storage price in US dollars for {region}",
            remedy="A dated table of prices is used instead.",
        )
    return _prices(tiers, region, datetime.fromtimestamp(at, UTC).date().isoformat())


def _prices(tiers: Mapping[bool, _Tiers], region: str, seen: str) -> Prices:
    standard = tiers[False][0][1]
    archive = tiers.get(True) or [(0.0, standard)]
    if len(archive) > 1:
        begin, beyond = archive[1]
        return Prices(seen, region, standard, archive[0][1], beyond, int(begin * GB))
    discount = FALLBACK.archive_beyond / FALLBACK.archive
    return Prices(seen, region, standard, archive[0][1], archive[0][1] * discount, FALLBACK.archive_tier)


def _stored(documents: tuple[str, ...]) -> Iterator[tuple[bool, _Tiers]]:
    """The tiers of the documents about storage, and whether they are about the archive's."""
    for document in documents:
        try:
            value = json_object(document.encode())
        except (MalformedError, UnicodeEncodeError):
            continue
        usage = text(member(value, "product", "attributes", "usagetype"))
        tiers = sorted(_tiers(value))
        if usage.endswith(_STORED) and tiers:
            yield "archive" in usage.lower(), tiers


def _tiers(value: dict[str, Any]) -> Iterator[tuple[float, float]]:
    for term in _values(member(value, "terms", "OnDemand")):
        for dimension in _values(member(term, "priceDimensions")):
            begin = number(member(dimension, "beginRange"))
            price = number(member(dimension, "pricePerUnit", "USD"))
            if member(dimension, "unit") == _UNIT and begin is not None and price is not None and price > 0 <= begin:
                yield begin, price


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []
