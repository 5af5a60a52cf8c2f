"""AWS Price List: what ECR costs, as JSON in strings. The figures are made up, but near the real ones."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256

from ecrtui.demo.operations import PRICING, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page

_ENDPOINTS = ("us-east-1", "eu-central-1", "ap-south-1")
_REGIONS = {
    "us-east-1": ("", "US East (N. Virginia)", 0.10),
    "ap-northeast-1": ("APN1-", "Asia Pacific (Tokyo)", 0.10),
    "ap-northeast-2": ("APN2-", "Asia Pacific (Seoul)", 0.10),
    "eu-central-1": ("EUC1-", "EU (Frankfurt)", 0.11),
    "eu-west-3": ("EUW3-", "EU (Paris)", 0.10),
}
"""Prefix of usage types, location, and dollars for a GB and month, by region."""
_CODE = "AmazonECR"
_FAMILY = "EC2 Container Registry"
_ARCHIVE_TIER = 153_600


@PRICING("GetProducts")
def get_products(call: Call) -> Answer:
    if call.region.name not in _ENDPOINTS:
        message = f"Credential should be scoped to a valid region, not '{call.region.name}'."
        raise ServiceError("InvalidSignatureException", message)
    if call.params["ServiceCode"] != _CODE:
        raise ServiceError("NotFoundException", f"The service {call.params['ServiceCode']} is not known")
    filters = call.get("Filters", [])
    found = [each for each in _products() if all(_meets(each["product"], one) for one in filters)]
    page, token = offset_page(found, "products", call.get("NextToken"), call.get("MaxResults", 100), PRICING.invalid)
    answer: Json = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(each) for each in page]}
    return {**answer, "NextToken": token} if token else answer


def _meets(product: Json, wanted: Json) -> bool:
    known = {"productFamily": product["productFamily"], "sku": product["sku"], **product["attributes"]}
    value = str(known.get(wanted["Field"], ""))
    kind, asked = str(wanted["Type"]), str(wanted["Value"])
    if kind in ("ANY_OF", "NONE_OF"):
        return (value in asked.split(",")) == (kind == "ANY_OF")
    return asked in value if kind == "CONTAINS" else asked == value


@cache
def _products() -> tuple[Json, ...]:
    """Every SKU of every region; the archive's stand before the ordinary storage."""
    products = []
    for region, (prefix, location, price) in _REGIONS.items():
        tiers = [("0", str(_ARCHIVE_TIER), 0.10), (str(_ARCHIVE_TIER), "Inf", 0.07)]
        place = {"regionCode": region, "location": location, "locationType": "AWS Region"}
        usage = f"{prefix}Archive-TimedStorage-ByteHrs"
        products.append(_product(place, usage, "GB-Mo", tiers, storageClass="Archive"))
        products.append(_product(place, f"{prefix}Archive-Retrieval-Bytes", "GB", [("0", "Inf", 0.03)]))
        products.append(_product(place, f"{prefix}TimedStorage-ByteHrs", "GB-Mo", [("0", "Inf", price)]))
        transfer = [("0", "1", 0.0), ("1", "10240", 0.09), ("10240", "Inf", 0.085)]
        products.append(_product(place, f"{prefix}DataTransfer-Out-Bytes", "GB", transfer, "Data Transfer"))
    return tuple(products)


def _product(
    place: Json, usage: str, unit: str, tiers: list[tuple[str, str, float]], family: str = _FAMILY, **more: str
) -> Json:
    sku = sha256(f"{place} {usage}".encode()).hexdigest()[:16].upper()
    term = f"{sku}.JRTCKXETXF"
    attributes = {
        "servicecode": _CODE,
        "servicename": "Amazon EC2 Container Registry (ECR)",
        "usagetype": usage,
        "operation": "",
        **place,
        **more,
    }
    dimensions = {f"{term}.{number:010d}": _dimension(unit, *tier) for number, tier in enumerate(tiers)}
    offer = {"sku": sku, "offerTermCode": "JRTCKXETXF", "effectiveDate": "2026-09-01T00:00:00Z", "termAttributes": {}}
    return {
        "product": {"productFamily": family, "attributes": attributes, "sku": sku},
        "serviceCode": _CODE,
        "terms": {"OnDemand": {term: {**offer, "priceDimensions": dimensions}}},
        "version": "20260915000000",
        "publicationDate": "2026-09-15T00:00:00Z",
    }


def _dimension(unit: str, begin: str, end: str, price: float) -> Json:
    return {
        "unit": unit,
        "beginRange": begin,
        "endRange": end,
        "description": f"${price} per {unit}",
        "appliesTo": [],
        "pricePerUnit": {"USD": f"{price:.10f}"},
    }
