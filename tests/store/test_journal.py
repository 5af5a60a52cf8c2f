"""The journal: durable, private, and readable after anything."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import JournalEntry
from ecrtui.store import paths
from ecrtui.store.journal import FileJournal
from ecrtui.store.secrets import masked

ENTRY = JournalEntry(
    id="1",
    at=1.7e9,
    account="123456789012",
    arn="arn:aws:iam::123456789012:user/me",
    region="eu-central-1",
    service="ecr",
    operation="PutLifecyclePolicy",
    target="pet-web",
    parameters={"repositoryName": "pet-web"},
    outcome="intent",
    before='{"rules": []}',
)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Any umask."""
    former = os.umask(request.param)
    yield
    os.umask(former)


def about(journal: FileJournal) -> Any:
    """The entries about pet-web."""
    return journal.entries(ENTRY.account, ENTRY.region, ENTRY.target)


async def test_what_is_written_is_read(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "deep" / "journal.jsonl")
    assert await about(journal) == ()
    done = replace(ENTRY, outcome="done", request_id="r", detail="line one\nline two \u2028 \x1b[31m")
    for entry in (ENTRY, replace(ENTRY, target="other"), replace(ENTRY, region="us-east-1"), done):
        await journal.append(entry)
    assert await about(journal) == (ENTRY, done)
    assert len(journal.path.read_bytes().splitlines()) == 4


@pytest.mark.usefixtures("umask")
@pytest.mark.fault("F86")
async def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "state" / "journal.jsonl")
    await journal.append(ENTRY)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


@pytest.mark.fault("F86")
async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal.jsonl")
    journal.path.touch(0o666)
    journal.path.chmod(0o666)
    await journal.append(ENTRY)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("rest", [b'{"id": "2", "at": 1.7e9, "acc', b"\xff\xfe\x00 not json\n", b"[]\n{}\n\n"])
@pytest.mark.fault("F87", "F88")
async def test_a_torn_or_foreign_line_takes_no_other_with_it(tmp_path: Path, rest: bytes) -> None:
    journal = FileJournal(tmp_path / "journal.jsonl")
    await journal.append(ENTRY)
    with journal.path.open("ab") as file:
        file.write(rest)
    await journal.append(replace(ENTRY, outcome="done"))
    assert [entry.outcome for entry in await about(journal)] == ["intent", "done"]


@pytest.mark.fault("F87")
async def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    journals = [FileJournal(tmp_path / "journal.jsonl") for _ in range(4)]
    await asyncio.gather(
        *(journals[number % 4].append(replace(ENTRY, id=str(number), before="x" * 20_000)) for number in range(40))
    )
    assert {entry.id for entry in await about(journals[0])} == {str(number) for number in range(40)}


@pytest.mark.fault("F88")
async def test_a_newer_version_s_members_are_passed_over(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal.jsonl")
    await journal.append(ENTRY)
    journal.path.write_bytes(journal.path.read_bytes().replace(b'{"id"', b'{"tomorrow":[1],"id"'))
    assert await about(journal) == (ENTRY,)


@pytest.mark.fault("F89")
async def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = FileJournal(tmp_path / "file" / "journal.jsonl")
    with pytest.raises(AppError) as caught:
        await journal.append(ENTRY)
    assert (caught.value.kind, caught.value.where) == (ErrorKind.LOCAL, str(journal.path))


@pytest.mark.fault("F90")
async def test_secrets_are_not_written(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal.jsonl")
    parameters = {
        "projectName": "pet-web",
        "idempotencyToken": "token-to-keep",
        "environmentVariablesOverride": [
            {"name": "DB", "value": "canary-1", "type": "PLAINTEXT"},
            {"name": "PLAIN", "value": "canary-2"},
            {"name": "REF", "value": "kept/reference", "type": "SECRETS_MANAGER"},
        ],
        "sourceAuthOverride": {"type": "OAUTH", "resource": "canary-3", "token": "canary-4"},
        "registryCredentialOverride": {"credential": "canary-5"},
        "password": "canary-6",
        "tags": [{"Key": "api-token", "Value": "canary-7"}, {"Key": "team", "Value": "kept-team"}],
    }
    await journal.append(replace(ENTRY, parameters=parameters))
    text = journal.path.read_text()
    assert "canary" not in text
    assert "token-to-keep" in text
    assert "kept/reference" in text
    assert "kept-team" in text
    assert (await about(journal))[0].parameters["projectName"] == "pet-web"


def test_a_lifecycle_policy_is_no_secret() -> None:
    parameters = {"repositoryName": "auth-service", "lifecyclePolicyText": '{"rules":[]}', "force": True}
    assert masked(parameters) == parameters


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=())), st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
async def test_any_text_makes_one_line_that_is_read(
    tmp_path_factory: pytest.TempPathFactory, detail: str, parameters: dict[str, str]
) -> None:
    journal = FileJournal(tmp_path_factory.mktemp("journal") / "journal.jsonl")
    await journal.append(replace(ENTRY, detail=detail, parameters=parameters))
    (read,) = await about(journal)
    assert read.detail == detail.encode("utf-8", "replace").decode()


def test_places_follow_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert paths.config_path() == tmp_path / "config" / "ecrtui" / "config.toml"
    assert paths.journal_path() == tmp_path / "state" / "ecrtui" / "journal.jsonl"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert paths.state_dir().is_absolute()
