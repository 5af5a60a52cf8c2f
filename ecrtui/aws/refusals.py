"""What the services answer instead of doing it, and what that means; `codes` has the table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from botocore import exceptions as boto

from ecrtui.aws import codes
from ecrtui.aws.failures import Failure, Place
from ecrtui.domain.errors import AppError, ErrorKind, Executed

LONGEST_MESSAGE = 2000
_LACKING = "This endpoint does not seem to have that operation."
_NOT_AWS = "a page of markup, not as AWS does"
_SKEW = 240.0
"""Seconds of clock difference from which a refused signature is put down to the clock (AWS allows 300)."""


def refused(error: boto.ClientError, place: Place, now: float) -> Failure:
    """What an answer that is an error means; `now` is by our clock."""
    metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0))
    code = str(error.response.get("Error", {}).get("Code") or status)
    rule = codes.rule(code, status, place.service)
    result = AppError(
        rule.kind,
        place.what,
        where=place.region,
        why=_message(error, code, status),
        remedy=rule.remedy.format(profile=place.profile, region=place.region, service=place.service),
        executed=Executed.UNKNOWN if place.change and status >= 500 and not rule.throttled else Executed.NO,
        code=code,
        request_id=str(metadata.get("RequestId", "")),
    )
    if rule.kind is ErrorKind.DENIED:
        _explain_denial(result, place)
    elif rule.signature:
        _explain_skew(result, metadata.get("HTTPHeaders", {}), now)
    # a 500 with markup is an emulator without the operation; load balancers answer 502 to 504
    lacking = status == 500 and result.why.endswith(_NOT_AWS)
    if lacking:
        result.remedy = _LACKING
    return Failure(result, rule.throttled or (status >= 500 and not rule.permanent and not lacking))


def _message(error: boto.ClientError, code: str, status: int) -> str:
    message = str(error.response.get("Error", {}).get("Message") or "").strip()
    if message.startswith("<"):
        return f"the endpoint answered HTTP {status} with {_NOT_AWS}"
    if len(message) > LONGEST_MESSAGE:
        message = message[:LONGEST_MESSAGE] + "…"
    return message or f"the service answered {code} without a message"


_ACTION = re.compile(r"not authorized to perform:? ?([a-z0-9-]+:[A-Za-z*]+)")
_PRINCIPAL = re.compile(r"User: (\S+)")
_RESOURCE = re.compile(r"on resource:? (\S+)")


def _explain_denial(error: AppError, place: Place) -> None:
    action, principal, resource = (pattern.search(error.why) for pattern in (_ACTION, _PRINCIPAL, _RESOURCE))
    error.action = action[1] if action else f"{place.service}:{place.operation}"
    who = f" for {principal[1]}" if principal else ""
    to = f" on {resource[1]}" if resource else ""
    if "explicit deny" in error.why:
        error.remedy = (
            f"Ask who owns the denying policy (a service control policy, a permissions boundary or the like) "
            f"to except {error.action}{who}; an allow does not help."
        )
    elif "no resource-based policy" in error.why:
        error.remedy = f"Allow {error.action}{who} in the policy of the resource{to}; it is another account's."
    elif "permissions boundary" in error.why:
        error.remedy = f"Ask for {error.action}{to} in the permissions boundary{who}."
    else:
        error.remedy = f"Ask for the permission {error.action}{to}{who}."


def _explain_skew(error: AppError, headers: Mapping[str, str], now: float) -> None:
    try:
        skew = parsedate_to_datetime(headers.get("date", "")).timestamp() - now
    except (TypeError, ValueError):
        return
    if abs(skew) >= _SKEW:
        error.why = f"your clock is {_minutes(abs(skew))} {'slow' if skew > 0 else 'fast'} ({error.why})"
        error.remedy = "Set the clock of this machine; AWS accepts five minutes of difference."


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def lacks_operation(error: AppError) -> bool:
    """Whether the endpoint said, as emulators do, that it does not have the operation at all."""
    return error.kind is ErrorKind.SERVICE and error.remedy in (_LACKING, codes.LACKING)
