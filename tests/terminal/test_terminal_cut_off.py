"""kill -9 in the middle of every kind of change, on real sockets; what became of each is read at the next start."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from program import PROGRAM, Program, app_of, reach
from proxy import a_port, leading_to

pytestmark = pytest.mark.fault("E83")

CHANGER = str(Path(__file__).with_name("changer.py"))
DONE = {
    "ecr:CreateRepository": "done",
    "ecr:PutLifecyclePolicy": "done",
    "ecr:DeleteLifecyclePolicy": "done",
    "ecr:StartLifecyclePolicyPreview": "unknown",  # AWS does not say of which policy a preview is
    "ecr:PutImageTagMutability": "done",
    "ecr:PutImageScanningConfiguration": "done",
    "ecr:PutImage": "done",
    "ecr:BatchDeleteImage": "done",
    "ecr:StartImageScan": "done",
    "ecr:DeleteRepository": "done",
    "codebuild:StartBuild": "done",
    "codebuild:RetryBuild": "done",
    "codebuild:StopBuild": "done",
}
"""What reading shows of a change that was carried out, by its call. Images are deleted by digest and by tag."""
CHANGES = len(DONE) + 1
MUTATING = rb"\.(" + "|".join(call.partition(":")[2] for call in DONE).encode() + rb")\r\n"
POLICY = '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":9},"action":{"type":"expire"}}]}'  # noqa: E501


@pytest.fixture(scope="module")
def own() -> Iterator[str]:
    """The URL of an embedded account for this module alone, with repositories to alter."""
    command = [sys.executable, "-m", "ecrtui.demo.server"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    ecr = boto3.client(
        "ecr",
        "ap-northeast-2",
        endpoint_url=url,
        aws_access_key_id="AKIADEMODEMODEMODEMO",
        aws_secret_access_key="demo",
    )
    for name in ("policed", "by-hand"):
        ecr.create_repository(repositoryName=name)
    ecr.put_lifecycle_policy(repositoryName="policed", lifecyclePolicyText=POLICY)
    yield url
    process.stdin.close()
    process.stdout.close()
    process.wait(10)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """The port at which the programs under test look for the account."""
    number = a_port()
    reach(f"http://127.0.0.1:{number}", monkeypatch)
    return number


def journal() -> Path:
    """Where the changes are recorded."""
    return Path(os.environ["XDG_STATE_HOME"]) / "ecrtui" / "journal.jsonl"


def entries() -> list[dict[str, Any]]:
    """Its lines."""
    return [json.loads(line) for line in journal().read_text().splitlines()]


def two_minutes_later() -> None:
    """Let what is in the journal be two minutes older: what is not visible by then is not there."""
    older = [{**entry, "at": entry["at"] - 121} for entry in entries()]
    journal().write_text("".join(json.dumps(entry) + "\n" for entry in older))


def reconciled(url: str, port: int) -> tuple[int, list[dict[str, Any]]]:
    """The exit code of `ecrtui journal --reconcile`, and the changes with what became of them, newest first."""
    with leading_to(url, port) as way:
        command = [*PROGRAM, "journal", "--reconcile", "--format", "json"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert not re.search(MUTATING, way.asked), "reconciling sends nothing"
    return ended.returncode, json.loads(ended.stdout)


def looked_up(url: str, port: int) -> tuple[int, dict[str, dict[str, Any]]]:
    """The same, by their calls."""
    code, records = reconciled(url, port)
    assert len(records) == CHANGES
    assert all(record["looked_up"] for record in records)
    by_tag = [record for record in records if record["call"] == "ecr:BatchDeleteImage"]
    assert len({record["outcome"] for record in by_tag}) == 1, by_tag
    return code, {record["call"]: record for record in records}


def test_every_kind_of_change_that_was_cut_off_by_a_kill_is_found_done_or_not_done(own: str, port: int) -> None:
    changer = [sys.executable, CHANGER, "stock-sync", "policed", "recommendation-engine"]
    with leading_to(own, port, blocked=MUTATING) as way, subprocess.Popen(changer) as program:
        held = way.holds(CHANGES)
        program.send_signal(signal.SIGKILL)
    assert held, f"{way.held} of {CHANGES} changes were on their way"
    assert [entry["outcome"] for entry in entries()] == ["intent"] * CHANGES
    assert "canary" not in journal().read_text()
    assert stat.S_IMODE(journal().stat().st_mode) == 0o600
    two_minutes_later()
    code, found = looked_up(own, port)
    assert {call: record["outcome"] for call, record in found.items()} == dict.fromkeys(DONE, "not-done"), found
    assert code == 0
    journal().unlink()

    with leading_to(own, port, unanswered=MUTATING) as way, subprocess.Popen(changer) as program:
        held = way.holds(CHANGES)
        program.send_signal(signal.SIGKILL)
    assert held, f"{way.held} of {CHANGES} changes were carried out"
    code, found = looked_up(own, port)
    assert {call: record["outcome"] for call, record in found.items()} == DONE, found
    assert code == 1, "one is unknown"


COMMANDS = (
    ("create", "by-command", "--allow-without-project", "--yes"),
    ("build", "price-engine"),
    ("lifecycle", "put", "by-hand", "--template", "keep-last", "--yes"),
)


def test_commands_that_were_killed_are_looked_up_by_the_app_and_the_app_s_change_by_a_command(
    own: str, port: int
) -> None:
    with leading_to(own, port, unanswered=MUTATING) as way:
        programs = [
            subprocess.Popen([*PROGRAM, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for command in COMMANDS
        ]
        held = way.holds(len(COMMANDS))
        for program in programs:
            program.send_signal(signal.SIGKILL)
            program.wait()
    assert held, f"{way.held} of {len(COMMANDS)} changes were carried out"
    with leading_to(own, port, blocked=MUTATING) as way, Program() as t:
        t.sees("3 changes of unknown outcome were looked up")
        assert [entry["outcome"] for entry in entries()[-3:]] == ["done"] * 3
        t.sees("REPOSITORIES", "pet-web")
        t.send(b"/loyalty\r")
        t.sees("1 of ")
        t.send(b"D")
        t.sees("delete the repository loyalty-service")
        t.read(0.5, 0.7)  # keys typed before the plan could be read are dropped
        t.send(b"loyalty-service\r")
        t.read(0.5, 0.7)
        t.send(b"\r")
        assert way.holds(), t.screen
        os.kill(app_of(t.pid), signal.SIGKILL)
        t.ends(128 + signal.SIGKILL, 3.5)
    assert (entries()[-1]["operation"], entries()[-1]["outcome"]) == ("DeleteRepository", "intent")
    two_minutes_later()
    code, ended = reconciled(own, port)
    assert (code, ended[0]["change"], ended[0]["outcome"]) == (0, "delete the repository loyalty-service", "not-done")
