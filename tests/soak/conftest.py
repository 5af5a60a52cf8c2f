"""The program over an embedded account, as the tests of the terminal have it; results as those of the benchmarks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from program import reach

from benchmarks.conftest import measured, pytest_terminal_summary
from soak.weather import Weather, weather
from terminal.conftest import _nothing_of_the_user, server

__all__ = ["_nothing_of_the_user", "measured", "pytest_terminal_summary", "server"]


@pytest.fixture
def way(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Weather]:
    """The programs under test reach the embedded account through the weather."""
    with weather(server) as it:
        reach(it.url, monkeypatch)
        yield it
