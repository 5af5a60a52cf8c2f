"""The real program on a terminal of its own, and under signals."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ecrtui.cli import INTERRUPTED

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
PROGRAM = [sys.executable, "-m", "ecrtui"]
SECONDS = 30


class Terminal:
    """A command on a pty."""

    def __init__(self, *arguments: str) -> None:
        self.text = ""
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.execv(sys.executable, [*PROGRAM, *arguments])

    def shows(self, text: str) -> bool:
        """Wait until the output holds `text`."""
        end = time.monotonic() + SECONDS
        while text not in self.text and time.monotonic() < end and self._read():
            pass
        return text in self.text

    def _read(self) -> bool:
        if not select.select([self._fd], [], [], SECONDS)[0]:
            return False
        try:
            read = os.read(self._fd, 65_536)
        except OSError:  # the other side is closed
            return False
        self.text += read.decode(errors="replace")
        return bool(read)

    def type(self, text: str) -> None:
        """Type these keys."""
        os.write(self._fd, text.encode())

    def ended(self) -> int:
        """The exit code."""
        while self._read():
            pass
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


@pytest.mark.parametrize(("answer", "code", "said"), [("yes", 0, "done"), ("no", 1, "nothing was changed")])
@pytest.mark.fault("E77")
def test_a_change_is_confirmed_by_typing(ecrtui: Run, answer: str, code: int, said: str) -> None:
    terminal = Terminal("create", f"asked-{answer}", "--allow-without-project")
    assert terminal.shows("To apply this change, type yes: ")
    assert "Account 123456789012 at http://127.0.0.1" in terminal.text
    assert "aws ecr create-repository" in terminal.text
    terminal.type(f"{answer}\n")
    assert terminal.ended() == code
    assert said in terminal.text
    assert (ecrtui("images", f"asked-{answer}").code == 0) == (answer == "yes")


def test_the_question_can_be_interrupted(ecrtui: Run) -> None:
    terminal = Terminal("create", "interrupted", "--allow-without-project")
    assert terminal.shows("type yes: ")
    terminal.type("\x03")
    assert terminal.ended() == INTERRUPTED
    assert "Traceback" not in terminal.text
    assert ecrtui("images", "interrupted").code == 2


def test_a_terminal_gets_lines_for_people(ecrtui: Run) -> None:
    terminal = Terminal("watch", "pet-web")
    assert terminal.ended() in (0, 1)
    assert "\r\n  | " in terminal.text
    assert "\r\nend  " in terminal.text


def test_a_dumb_terminal_is_refused() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "dumb")
        terminal = Terminal("demo")
        assert terminal.ended() == 2
    assert "use a command instead" in terminal.text


def test_keys_for_a_command_that_is_not_there_are_a_sentence(ecrtui: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[keys]\nrefresh = "f5"\nrefrehs = "f6"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm-256color")
        terminal = Terminal("demo", "--config", str(tmp_path / "config.toml"))
        assert terminal.ended() == 2
    assert "config.toml, line 3" in terminal.text
    assert "Did you mean keys.refresh?" in terminal.text


def test_a_watched_repository_tells_of_each_push_until_it_is_ended(ecrtui: Run) -> None:
    watching = subprocess.Popen([*PROGRAM, "watch", "--repository", "pet-web"], stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    pushed: set[str] = set()
    seen: dict[str, dict] = {}
    end = time.monotonic() + SECONDS
    while not seen.keys() & pushed and time.monotonic() < end:
        built = ecrtui("build", "pet-web", "--watch")
        pushed |= {event["digest"] for event in built.events if event["event"] == "image"}
        while select.select([watching.stdout], [], [], 6)[0]:
            event = json.loads(watching.stdout.readline())
            seen[event["digest"]] = event
            if event["digest"] in pushed:
                break
    watching.send_signal(signal.SIGTERM)
    assert watching.wait(10) == 128 + signal.SIGTERM
    watching.stdout.close()
    event = next(seen[digest] for digest in seen.keys() & pushed)
    assert event["event"] in ("new-image", "moved-tag", "new-tag")


def test_demo_needs_neither_credentials_nor_settings(ecrtui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would lead to a real account is not read, and the embedded one ends with the command."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_REGION", "eu-south-2")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    listed = ecrtui("images", "pet-web", "--demo", "--format", "json")
    assert (listed.code, listed.err) == (0, "")
    assert {record["region"] for record in listed.json} == {"ap-northeast-2"}
