"""What the real program leaves on the disk, whatever happens to it and to the disk."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from program import PROGRAM, Program, reach
from proxy import a_port, leading_to

CREATE = (*PROGRAM, "create", "new-one", "--allow-without-project", "--yes")


def journal() -> Path:
    """Where the changes are recorded."""
    return Path(os.environ["XDG_STATE_HOME"]) / "ecrtui" / "journal.jsonl"


def exists(name: str) -> bool:
    """Whether the account has this repository."""
    asked = subprocess.run([*PROGRAM, "images", name], capture_output=True, timeout=30, check=False)
    return asked.returncode == 0


@pytest.mark.fault("F89")
def test_on_a_full_disk_nothing_is_changed(account):
    journal().parent.mkdir(parents=True)
    journal().write_text("\n" * 1024)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    ended = subprocess.run(CREATE, capture_output=True, text=True, timeout=30, check=False, preexec_fn=full)
    assert ended.returncode != 0
    assert "cannot be journalled: File too large" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert not exists("new-one")


@pytest.mark.fault("F89")
def test_a_home_that_cannot_be_written_is_no_matter_for_looking(account, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    with Program() as t:
        t.sees("pet-web", "main-")
        t.hears()
        t.leaves()


@pytest.mark.fault("F92")
def test_no_docker_login_is_fetched(server, monkeypatch):
    port = a_port()
    reach(f"http://127.0.0.1:{port}", monkeypatch)
    with leading_to(server, port) as way, Program() as t:
        t.sees("pet-web", "main-")
        t.send(b"c")
        t.sees("get-login-pass")
        t.send(b"\x1b")
        t.misses("get-login-pass")
        for key, seen in ((b"2", "PAIRINGS"), (b"3", "BUILDS")):
            t.send(key)
            t.sees(seen)
        t.leaves()
    assert b"DescribeRepositories" in way.asked
    assert b"GetAuthorizationToken" not in way.asked


TALKATIVE = """
import logging, sys
logging.getLogger().setLevel(0)
for name in ("botocore", "aiobotocore", "asyncio", "aiohttp"):
    logging.getLogger(name).setLevel(logging.DEBUG)
from ecrtui.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.fault("F91")
@pytest.mark.parametrize("command", [("repositories",), ("images", "nothing-of-the-name")])
def test_talkative_libraries_give_no_secret_away(account, monkeypatch, command):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "canary-token")
    program = [sys.executable, "-X", "dev", "-W", "ignore", "-c", TALKATIVE, *command]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert "canary" not in ended.stdout + ended.stderr
    assert "Authorization" not in ended.stderr
