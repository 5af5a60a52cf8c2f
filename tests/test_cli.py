"""The program's door: options, exit codes, sentences instead of tracebacks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ecrtui import __version__, commandline
from ecrtui.cli import main
from ecrtui.domain.errors import AppError, ErrorKind, Executed

KEEP_ONE = """{"rules": [{"rulePriority": 1, "action": {"type": "expire"},
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}}]}"""


def run(*arguments: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """The real program, not on a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "ecrtui", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environ},
    )


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"ecrtui {__version__}\n", "")


@pytest.mark.parametrize("command", [(), ("demo",), ("--demo",)])
def test_the_app_needs_a_terminal(command: tuple[str, ...]) -> None:
    done = run(*command)
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("imges",), "Did you mean 'images'?"),
        (("--regoin", "x"), "'--region'"),
        (("diagnose", "--fromat", "json"), "--format"),
        (("diagnose", "--format", "xml"), "'xml' is not one of"),
        (("build", "x", "--watch", "--format", "csv"), "can write table, jsonl, json, not csv"),
        (("diagnose", "--filter", "x"), "takes no --filter"),
        (("--format", "json"), "the app takes none"),
        (("--demo", "--profile", "p", "diagnose"), "--demo has an account of its own"),
        (("--theme", "drak", "diagnose"), "'drak' is not one of"),
        (("--region", "", "diagnose"), "region"),
        (("--region", "Seoul", "diagnose"), "'Seoul' is not allowed"),
        (("-c", "/does/not/exist", "diagnose"), "no such file"),
        (("lifecycle", "validate"), "Missing option '--policy'"),
        (("lifecycle", "validat"), "'validate'"),
        (("lifecycle", "evaluate", "--policy", "-", "--images", "-"), "Only one of"),
        (("lifecycle", "validate", "--policy", "/does/not/exist"), "No such file"),
        (("lifecycle", "validate", "--policy", "/"), "directory"),
        (("completion", "tcsh"), "'tcsh' is not one of"),
    ],
)
def test_usage_errors_are_sentences_with_exit_code_2(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert shown.out == ""


def test_common_options_stand_before_or_after_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text("{}")
    validate = ["lifecycle", "validate", "--policy", str(policy)]
    shown = []
    for arguments in (
        ["--format", "table", *validate],
        [*validate, "--format", "table"],
        ["lifecycle", "--format", "table", *validate[1:]],
        ["--format", "json", *validate, "--format", "table"],
    ):
        assert main(arguments) == 1
        shown.append(capsys.readouterr().out)
    assert len(set(shown)) == 1
    assert shown[0].startswith(str(policy))


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    overview = capsys.readouterr().out
    for name in commandline.ecrtui.list_commands(None):  # type: ignore[arg-type]
        assert name in overview
        assert main([name, "--help"]) == 0
        assert "--region" in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_parse_in_their_shells(shell: str, tmp_path: Path) -> None:
    done = run("completion", shell)
    assert done.returncode == 0
    assert "_ECRTUI_COMPLETE" in done.stdout
    if path := shutil.which(shell):
        script = tmp_path / "completion"
        script.write_text(done.stdout)
        checked = subprocess.run([path, "-n", str(script)], capture_output=True, timeout=20)
        assert (checked.returncode, checked.stderr) == (0, b"")


def test_completion_knows_the_commands_and_options() -> None:
    def completed(words: str) -> str:
        return run(COMP_WORDS=words, COMP_CWORD=str(words.count(" ")), _ECRTUI_COMPLETE="bash_complete").stdout

    assert "plain,compare" in completed("ecrtui com")
    assert "plain,validate" in completed("ecrtui lifecycle val")
    assert "plain,--region" in completed("ecrtui images --reg")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ErrorKind.USAGE, 2),
        (ErrorKind.NOT_FOUND, 2),
        (ErrorKind.CREDENTIALS, 3),
        (ErrorKind.DENIED, 4),
        (ErrorKind.READ_ONLY, 4),
        (ErrorKind.NETWORK, 5),
        (ErrorKind.SERVICE, 5),
    ],
)
def test_an_error_becomes_what_where_why_and_remedy(
    kind: ErrorKind, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = AppError(kind, "list \x1b[2Jimages", "eu-west-1", "it is so\x9b", "Do this", Executed.UNKNOWN)
    failing(monkeypatch, error)
    assert main(["diagnose"]) == code
    assert capsys.readouterr().err == (
        "ecrtui: cannot list ␛[2Jimages (eu-west-1): it is so<U+009B>.\n"
        "ecrtui: Whether it was carried out is unknown.\n"
        "ecrtui: Do this.\n"
    )


def test_a_fault_of_our_own_shows_neither_traceback_nor_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, ValueError("AKIASECRET"))
    assert main(["diagnose"]) == 5
    shown = capsys.readouterr().err
    assert "fault of ecrtui itself: ValueError" in shown
    assert "AKIASECRET" not in shown
    assert "Traceback" not in shown


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    assert main(["diagnose"]) == 128 + signal.SIGINT
    assert capsys.readouterr().err.strip() == ""


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make `ecrtui diagnose` end in `error`."""

    def fail(path: str) -> str:
        raise error

    monkeypatch.setattr("ecrtui.headless.diagnose.read_log", fail)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(KEEP_ONE)
    images = [{"imageDigest": f"sha256:{n:064x}", "imagePushedAt": n} for n in range(3_000)]
    (tmp_path / "images.json").write_text(json.dumps({"imageDetails": images}))
    evaluate = ["lifecycle", "evaluate", "--policy", str(policy), "--images", str(tmp_path / "images.json")]
    program = subprocess.Popen(
        [sys.executable, "-m", "ecrtui", *evaluate], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"{\n"
    program.stdout.close()
    assert program.stderr is not None
    assert program.stderr.read() == b""
    program.stderr.close()
    assert program.wait(20) == 128 + signal.SIGPIPE


def test_output_is_written_in_any_encoding(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("The push refers to repository [é]\nno basic auth credentials é")
    for form in ("json", "table"):
        done = run("diagnose", str(tmp_path / "log"), "--format", form, PYTHONIOENCODING="ascii")
        assert "Traceback" not in done.stderr
        assert "not-logged-in" in done.stdout
