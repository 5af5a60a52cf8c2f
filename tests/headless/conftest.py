"""The embedded account as a process of its own, reached like any AWS endpoint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecrtui.cli import main


@dataclass(frozen=True)
class Ended:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as one JSON value."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Its output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The URL of an embedded account whose builds take a second or two."""
    environ = {**os.environ, "ECRTUI_DEMO_SPEED": "60"}
    server = subprocess.Popen(
        [sys.executable, "-m", "ecrtui.demo.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environ,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    yield json.loads(server.stdout.readline())["url"]
    server.stdin.close()
    server.stdout.close()
    server.wait(10)


@pytest.fixture
def refuse(endpoint: str) -> Iterator[Callable[..., None]]:
    """Let the embedded account refuse an action (`ecr:PutLifecyclePolicy`) from now on."""
    refused: list[dict[str, Any]] = []

    def post() -> None:
        request = urllib.request.Request(f"{endpoint}/_demo/faults", json.dumps(refused).encode(), method="POST")
        urllib.request.urlopen(request).close()

    def one_more(action: str, code: str = "AccessDeniedException", **members: Any) -> None:
        refused.append({"action": action, "code": code, "message": f"refused: {action}", **members})
        post()

    yield one_more
    refused.clear()
    post()


@pytest.fixture
def ecrtui(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Run a command against the embedded account."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "ECRTUI_")):
            monkeypatch.delenv(name)
    for name, value in {
        "HOME": tmp_path,
        "XDG_CONFIG_HOME": tmp_path / "config",
        "XDG_STATE_HOME": tmp_path / "state",
        "AWS_ACCESS_KEY_ID": "AKIADEMODEMODEMODEMO",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, str(value))

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(arguments)
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return Ended(code, shown.out, shown.err)

    return run
