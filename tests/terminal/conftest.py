"""An embedded account that the programs under test share, and an environment without the user's own settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import reach


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One program at a time: they are watched for what they do within seconds."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("terminal"))


@pytest.fixture(autouse=True)
def _nothing_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("AWS_", "ECRTUI_", "TEXTUAL", "NO_COLOR", "LC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of an embedded account."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ecrtui.demo.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["url"]
    process.stdin.close()
    process.stdout.close()
    process.wait(10)


@pytest.fixture
def account(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have the programs under test reach the embedded account; its URL."""
    reach(server, monkeypatch)
    return server
