"""Secrets that are planted wherever ecrtui meets them, looked for in everything that it keeps or says on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KEY, TOKEN, VARIABLE, LOGGED, REFUSED, TAGGED = (f"Canary{number}sings{number}softly" for number in range(6))
CANARIES = (KEY, TOKEN, VARIABLE, LOGGED, REFUSED, TAGGED)


@pytest.fixture
def run(endpoint: str, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the program itself with `--debug`, with canaries for credentials."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ECRTUI_"))}
    environ = {
        **kept,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "AWS_ACCESS_KEY_ID": "AKIADEMODEMODEMODEMO",
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def program(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ecrtui", *arguments, "--debug"]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)

    return program


@pytest.mark.fault("F90", "F91")
def test_no_planted_secret_is_kept(
    run: Callable[..., subprocess.CompletedProcess[str]], refuse: Callable[..., None], tmp_path: Path
) -> None:
    ended = [
        run("images", "pet-web"),
        run("build", "geo-lookup", "--env", f"DB_PASSWORD={VARIABLE}", "--env", f"HARMLESS={LOGGED}", "--watch"),
        run("create", "canary-made", "--allow-without-project", "--tag", f"api-token={TAGGED}", "--yes"),
    ]
    refuse("ecr:DescribeImages", message=f"\x1b[2J the key is {REFUSED}\nand {TOKEN}")
    refuse("ecr:CreateRepository", message=f"not with session_token={TOKEN}")
    ended += [run("create", "never-made", "--allow-without-project", "--yes"), run("journal", "--format", "json")]
    ended.append(run("images", "pet-web"))
    assert (ended[0].returncode, ended[2].returncode) == (0, 0), [end.stderr for end in ended]
    assert ended[1].returncode in (0, 1)  # the build ends as its project does
    assert ended[-1].returncode == 4
    state = tmp_path / "state" / "ecrtui"
    kept = {path.name: path.read_text() for path in state.rglob("*") if path.is_file()}
    assert kept.keys() == {"debug.log", "journal.jsonl"}
    assert "codebuild:StartBuild ap-northeast-2 attempt 1: answered" in kept["debug.log"]
    assert "ecr:DescribeImages ap-northeast-2 attempt 1: denied AccessDeniedException" in kept["debug.log"]
    assert [line for line in kept["journal.jsonl"].splitlines() if json.loads(line)["operation"] == "StartBuild"]
    for name, text in kept.items():
        assert not [canary for canary in CANARIES if canary in text], name
        assert "\x1b" not in text
    assert [record["outcome"] for record in json.loads(ended[4].stdout)] == ["failed", "done", "done"]
    assert not [canary for canary in CANARIES if canary in ended[4].stdout + ended[4].stderr]
    for end in ended:
        assert f"the debug log is {state / 'debug.log'}" in end.stderr
        assert KEY not in end.stdout + end.stderr
        assert not [canary for canary in (VARIABLE, LOGGED, TAGGED) if canary in end.stdout + end.stderr]


def test_a_state_directory_that_cannot_be_written_costs_the_log_alone(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file where a directory should be")
    listed = run("images", "pet-web", "--format", "json")
    assert listed.returncode == 0
    assert json.loads(listed.stdout)
    assert "no debug log can be written" in listed.stderr


PLANTED = ("example-not-a-password", "example-not-a-real-key")
"""Values of variables of the embedded account's project checkout-web, in plain text."""


@pytest.mark.fault("F90")
def test_plain_variables_are_in_no_output(ecrtui: Callable[..., Any]) -> None:
    commands = {
        ("audit", "--rule", "plaintext-secret"): ("table", "json", "csv", "sarif", "markdown"),
        ("path", "checkout-web"): ("table", "json"),
        ("path", "checkout-web", "--snippet", "buildspec"): ("table",),
        ("permissions", "checkout-web"): ("json",),
        ("compare", "--filter", "checkout-web"): ("table", "json", "csv"),
        ("build", "checkout-web", "--dry-run"): ("table", "json"),
    }
    for command, formats in commands.items():
        for form in formats:
            ended = ecrtui(*command, "--region", "ap-northeast-2", "--format", form)
            assert "checkout-web" in ended.out, (command, form)
            assert not [value for value in PLANTED if value in ended.out + ended.err], (command, form)
