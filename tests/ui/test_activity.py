"""The activity keeps what happened, and nothing of what was at hand then."""

from __future__ import annotations

import gc
import weakref

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown
from ecrtui.ui.activity import Activity, ActivityEntry


class Listing:
    """Something large."""


def failing() -> tuple[AppError, weakref.ref[Listing]]:
    """An error that a large thing was at hand of, twice."""
    listing = Listing()
    try:
        try:
            raise ValueError(listing)
        except ValueError as cause:
            raise AppError(ErrorKind.NETWORK, "list the images") from cause
    except AppError as error:
        return error, weakref.ref(listing)


def test_an_error_holds_on_to_nothing():
    activity = Activity()
    error, listing = failing()
    activity.add(ActivityEntry(1.0, Shown("cannot list the images"), error=error))
    gc.collect()
    assert listing() is None
    assert activity.entries[0].error is error
