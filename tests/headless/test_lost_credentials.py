"""The real command without usable credentials: one sentence, what to do, exit code 3, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from hashlib import sha1
from pathlib import Path

import pytest

SSO = (
    "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\n"
    "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example\n"
)
RENEWABLE = (
    '{"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z", "refreshToken": "hunter2", "clientId": "c",'
    ' "clientSecret": "hunter2", "registrationExpiresAt": "2099-01-01T00:00:00Z"}'
)
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an AWS config that the tests write."""
    (tmp_path / ".aws" / "sso" / "cache").mkdir(parents=True)
    return tmp_path


def started(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ecrtui", "repositories", "--region", "eu-central-1"],
        env={
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": NOWHERE,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
        },
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


CASES = [
    ("", "", "there are no credentials for the profile default", "aws configure"),
    ("[default]\n[default]\n", "", "line 2: the section default is there twice", "Correct that file"),
    ("[default]\ncredential_process = /no/such\n", "", "/no/such: No such file or directory", "Run it by hand"),
    (SSO, "", "nobody has logged in with the profile default", "Run `aws sso login --profile default`"),
    (SSO, RENEWABLE, "127.0.0.1:1: Connection refused", "Check the network"),
]


@pytest.mark.fault("B20", "B21", "B28", "B29")
@pytest.mark.parametrize(("config", "token", "why", "remedy"), CASES)
def test_it_is_two_lines_and_exit_code_3(home: Path, config: str, token: str, why: str, remedy: str) -> None:
    (home / ".aws" / "config").write_text(config)
    if token:
        (home / ".aws" / "sso" / "cache" / f"{sha1(b'corp').hexdigest()}.json").write_text(token)
    command = started(home)
    told, error = command.communicate(timeout=30)
    first, second = error.splitlines()
    assert (command.returncode, told) == (3, "")
    assert first.startswith("ecrtui: cannot ")
    assert why in first
    assert remedy in second
    assert "hunter2" not in error


@pytest.mark.fault("B26")
def test_an_interrupt_ends_the_wait_and_the_program_that_is_waited_for(home: Path) -> None:
    program = home / "program"
    program.write_text(f"#!/bin/sh\necho $$ > {home}/pid\nexec sleep 60\n")
    program.chmod(0o700)
    (home / ".aws" / "config").write_text(f"[default]\ncredential_process = {program}\n")
    command = started(home)
    while not (home / "pid").exists() or not (home / "pid").read_text():
        time.sleep(0.02)
    command.send_signal(signal.SIGINT)
    _, error = command.communicate(timeout=5)
    assert (command.returncode, "Traceback" in error) == (130, False)
    assert ended(int((home / "pid").read_text()))


def ended(pid: int) -> bool:
    """Whether a process is gone within two seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False
