"""What was measured is printed at the end, whatever the verbosity."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_measured = pytest.StashKey[list[str]]()


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Note one result for the summary."""
    return request.config.stash.setdefault(_measured, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_measured, []):
        terminalreporter.write_line(line)
