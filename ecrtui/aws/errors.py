"""Everything that can go wrong with a call, as an `AppError`."""

from __future__ import annotations

import time
from collections.abc import Callable

from botocore import exceptions as boto

from ecrtui.aws.failures import Failure, MalformedError, Place, executed
from ecrtui.aws.refusals import LONGEST_MESSAGE, refused
from ecrtui.aws.unreachable import timed_out, unreachable
from ecrtui.domain.errors import AppError, ErrorKind


def failure(error: Exception, place: Place, *, sent: bool, clock: Callable[[], float] = time.time) -> Failure:
    """What `error` means. `sent` tells whether the request had left before it was raised."""
    if isinstance(error, AppError):
        return Failure(error, False)
    if isinstance(error, boto.ClientError):
        return refused(error, place, clock())
    if isinstance(error, (boto.HTTPClientError, boto.ConnectionError)):
        return unreachable(error, place)
    if isinstance(error, TimeoutError):
        return Failure(timed_out(place, "the operation did not end in time", sent), True)
    if isinstance(error, MalformedError) or (sent and not isinstance(error, boto.BotoCoreError)):
        return Failure(_malformed(error, place), False)
    return Failure(_local(error, place), False)


def _malformed(error: Exception, place: Place) -> AppError:
    detail = str(error) if isinstance(error, MalformedError) else type(error).__name__
    return AppError(
        ErrorKind.MALFORMED,
        place.what,
        where=place.region,
        why=f"malformed answer: {detail}",
        remedy="Check that the endpoint is AWS's (no proxy or portal in between), then try again.",
        executed=executed(place, sent=True),
    )


def _local(error: Exception, place: Place) -> AppError:
    kind, remedy = ErrorKind.LOCAL, ""
    if isinstance(error, (boto.ParamValidationError, boto.ValidationError)):
        kind = ErrorKind.INVALID
    if isinstance(error, (boto.NoRegionError, boto.InvalidRegionError)):
        kind, remedy = ErrorKind.USAGE, "Give a region with --region, AWS_REGION or the profile."
    elif isinstance(error, (boto.EndpointProviderError, boto.BaseEndpointResolverError, ValueError)):
        kind, remedy = (
            ErrorKind.USAGE,
            "Check the endpoint URL, the region, and the FIPS and dual-stack settings.",
        )
    return AppError(kind, place.what, where=place.region, why=_text(error), remedy=remedy)


def _text(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "…"
