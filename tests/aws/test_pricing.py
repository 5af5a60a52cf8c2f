"""Prices, from documents as AWS has them and from odd ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from faultserver import FaultServer, answer, error
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.cost import GB
from ecrtui.domain.errors import AppError, ErrorKind


def product(usage: str, *tiers: tuple[str, str], unit: str = "GB-Mo", currency: str = "USD") -> str:
    """One document of the price list; tiers are where they begin, and the price."""
    dimensions = {
        f"X.Y.{number}": {"unit": unit, "beginRange": begin, "pricePerUnit": {currency: price}}
        for number, (begin, price) in enumerate(tiers)
    }
    terms = {"OnDemand": {"X.Y": {"priceDimensions": dimensions}}}
    return json.dumps({"product": {"attributes": {"usagetype": usage}}, "terms": terms})


STORAGE = product("EUC1-TimedStorage-ByteHrs", ("0", "0.1100000000"))
ARCHIVE = product("EUC1-Archive-TimedStorage-ByteHrs", ("153600", "0.07"), ("0", "0.11"))
TRAFFIC = product("EUC1-DataTransfer-Out-Bytes", ("0", "0.09"), unit="GB")


async def test_the_storage_price_among_others(server: FaultServer, account: AwsAccount) -> None:
    server.on(
        "GetProducts", answer({"PriceList": [TRAFFIC, ARCHIVE], "NextToken": "2"}), answer({"PriceList": [STORAGE]})
    )
    prices = await account.prices(REGION)
    assert (prices.region, prices.standard, prices.archive, prices.archive_beyond) == (REGION, 0.11, 0.11, 0.07)
    assert prices.archive_tier == 153_600 * GB
    assert prices.seen == datetime.now(UTC).date().isoformat()
    asked = server.requests[0].parameters
    assert asked["ServiceCode"] == "AmazonECR"
    assert {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION} in asked["Filters"]
    assert {"Type": "TERM_MATCH", "Field": "productFamily", "Value": "EC2 Container Registry"} in asked["Filters"]
    assert server.requests[1].parameters["NextToken"] == "2"


async def test_a_list_without_an_archive(server: FaultServer, account: AwsAccount) -> None:
    server.on("GetProducts", answer({"PriceList": [STORAGE]}))
    prices = await account.prices(REGION)
    assert prices.archive == prices.standard == 0.11
    assert prices.archive_beyond == pytest.approx(0.077)


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [TRAFFIC, ARCHIVE],
        [product("X-TimedStorage-ByteHrs", ("0", "0.7"), currency="CNY")],
        [product("X-TimedStorage-ByteHrs", ("0", "nan")), product("X-TimedStorage-ByteHrs", ("0", "0"))],
        [product("X-TimedStorage-ByteHrs", ("Inf", "x")), "{", "[]", "null", "", 7, None],
        ['{"product": [], "terms": {"OnDemand": {"a": {"priceDimensions": {"b": 3}}}}}', "\ud800"],
    ],
)
async def test_a_list_without_a_price(server: FaultServer, account: AwsAccount, documents: list[Any]) -> None:
    server.on("GetProducts", answer({"PriceList": documents}))
    with pytest.raises(AppError) as caught:
        await account.prices(REGION)
    assert caught.value.kind is ErrorKind.MALFORMED
    assert REGION in caught.value.why


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["0", "product", "terms"]), inner),
    max_leaves=8,
)


@given(_json)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_document_breaks_it(server: FaultServer, account: AwsAccount, value: Any) -> None:
    odd = {"product": {"attributes": value}, "terms": {"OnDemand": value}}
    server.on("GetProducts", answer({"PriceList": [json.dumps(value), json.dumps(odd), STORAGE]}))
    assert (await account.prices(REGION)).standard == 0.11


async def test_a_refusal_names_the_action(server: FaultServer, account: AwsAccount) -> None:
    server.on("GetProducts", error("AccessDeniedException", ""))
    with pytest.raises(AppError) as caught:
        await account.prices(REGION)
    assert (caught.value.kind, caught.value.action) == (ErrorKind.DENIED, "pricing:GetProducts")
