"""The debug log: private, rotated, one record a line, and without values of whatever was at hand."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrtui.crash import report
from ecrtui.store import debuglog
from ecrtui.store.debuglog import debug_log
from ecrtui.store.secrets import redacted

CANARY = "Canary8sings7nothing"
LOG = logging.getLogger("ecrtui.test")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where the log is to be, under the worst of umasks."""
    before = os.umask(0)
    yield tmp_path / "state" / "debug.log"
    os.umask(before)


@pytest.mark.fault("F86", "F91")
def test_it_is_for_its_owner_alone_and_rotated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debuglog, "_LARGEST", 2_000)
    with debug_log(path):
        for number in range(200):
            LOG.debug("line %d", number)
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["debug.log", "debug.log.1", "debug.log.2", "debug.log.3"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert max(file.stat().st_size for file in files) <= 2_000
    assert "line 199" in path.read_text()


def test_nothing_is_written_before_and_after(path: Path) -> None:
    with debug_log(path):
        LOG.debug("during")
    LOG.debug("after")
    assert "after" not in path.read_text()
    assert LOG.getEffectiveLevel() > logging.DEBUG


@pytest.mark.fault("F91")
def test_words_of_libraries_and_of_exceptions_are_not_written(path: Path) -> None:
    with debug_log(path):
        try:
            password = CANARY
            raise KeyError(password) from ValueError(CANARY)
        except KeyError as error:
            LOG.error("it failed", exc_info=error)
        logging.getLogger("botocore.endpoint").warning("sent with %s", {"Authorization": CANARY})
        logging.getLogger("botocore.endpoint").debug("headers: %s", CANARY)
    text = path.read_text()
    assert CANARY not in text
    assert "KeyError (test_debuglog.py:" in text
    assert "from ValueError" in text
    assert "botocore.endpoint at test_debuglog.py:" in text


def test_what_asyncio_logs_of_a_lost_task_tells_its_kind(path: Path) -> None:
    with debug_log(path), asyncio.Runner() as runner:
        runner.get_loop().call_exception_handler({"message": CANARY, "exception": RuntimeError(CANARY)})
    assert CANARY not in path.read_text()
    assert "RuntimeError" in path.read_text()


@pytest.mark.fault("F91")
@given(st.text(st.characters(codec=None, categories=None), max_size=60))
def test_a_record_is_one_line_without_control_characters(text: str) -> None:
    formatter = debuglog._Formatter()
    line = formatter.format(logging.LogRecord("ecrtui.x", logging.INFO, "", 1, "%s", (text,), None))
    assert not [character for character in line if ord(character) < 32 or 127 <= ord(character) < 160]
    assert "\u202e" not in line


@pytest.mark.fault("F89")
def test_on_a_full_disk_the_log_ends_quietly(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, former[1]))
    try:
        with debug_log(path) as broken:
            LOG.debug("there is room for this")
            assert broken() == ""
            for number in range(50):
                LOG.debug("line %d of many more than there is room for", number)
            assert broken() == "File too large"
            assert not [each for each in logging.getLogger().handlers if isinstance(each, debuglog._PrivateFile)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert path.stat().st_size == 1024
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: AWS4-HMAC-SHA256 Credential=AKIAXXXXXXXXXXXXXXXX/2026, Signature={CANARY}",
        f"https://bucket.s3.amazonaws.com/layer?X-Amz-Signature={CANARY}&X-Amz-Date=1",
        f"http://user:{CANARY}@proxy:8080/",
        f'{{"DB_PASSWORD": "{CANARY} and more"}}',
        f"aws_secret_access_key = {CANARY}",
        f"X-Amz-Security-Token: {CANARY}",
        f"sessionToken={CANARY}",
        f"token eyJhbGciOiJIUzI1NiJ9.{CANARY}.x",
        f"wJalrXUtnFEMI/K7MDENG/bPxRfiCY{CANARY}KEY",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert CANARY not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "ecr:DescribeImages eu-central-1 attempt 1: answered 28c11cdd-8f85-4815-a1e9-2965253c9386 in 0.020 s",
        "sha256:83b9bd76db8793b53c8a749bbc3c172fe9ac523575996c44e1eadd1a36f6c7cf",
        "arn:aws:ecr:eu-central-1:123456789012:repository/team/pet-web",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.fault("D60")
def test_a_crash_report_holds_no_values() -> None:
    secret = {"key": CANARY}
    with pytest.raises(ValueError) as caught:
        raise ValueError(f"bad {secret}") from KeyError(CANARY)
    caught.value.add_note(CANARY)
    assert CANARY not in report(caught.value, {"TERM": "xterm", "AWS_SECRET_ACCESS_KEY": CANARY})
