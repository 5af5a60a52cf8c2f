"""The first frame while whoever is asked for credentials or data says nothing, beside one whose account answers."""

from __future__ import annotations

import socket
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from program import Program, reach

ROUNDS = 7
GOAL = 1.15
"""How many times as long it may take: the noise of measuring, no more."""
KEYLESS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED")
ROLE = (
    "[default]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\nregion = ap-northeast-2\n"
    "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n"
)
SLEEPER = "[default]\ncredential_process = /bin/sleep 600\nregion = ap-northeast-2\n"


@contextmanager
def mute() -> Iterator[str]:
    """The URL of a port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def hanging(kind: str, url: str, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one party never answer."""
    if kind == "endpoint":
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        return
    for name in KEYLESS:
        monkeypatch.delenv(name)
    config.write_text({"sts": ROLE, "credential_process": SLEEPER}.get(kind, ""))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)


def first_frame() -> float:
    """Seconds from the command to the frame."""
    with Program() as t:
        return t.read_until(b"REPOSITORIES")


@pytest.mark.parametrize("kind", ["endpoint", "imds", "sts", "credential_process"])
def test_the_first_frame_waits_for_nobody(
    server: str, measured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    times: dict[bool, list[float]] = {True: [], False: []}
    with mute() as url:
        for number in range(2 * ROUNDS):
            with monkeypatch.context() as patch:
                reach(server, patch)
                if hangs := bool(number % 2):
                    hanging(kind, url, tmp_path / "config", patch)
                times[hangs].append(first_frame())
    answering, hung = (statistics.median(times[hangs]) for hangs in (False, True))
    measured(
        f"first frame, {kind} hanging: {hung * 1e3:.0f} ms, answering: {answering * 1e3:.0f} ms, "
        f"ratio {hung / answering:.2f} (goal {GOAL})"
    )
    assert hung / answering <= GOAL
