"""`ecrtui journal`: what was changed from this machine, offline; what became of it, looked up when asked."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
HOSTILE = "\x1b[2Jpet\u202e"


def written(*entries: dict[str, Any]) -> Path:
    """A journal that holds these lines, as an hour ago."""
    path = Path(os.environ["XDG_STATE_HOME"]) / "ecrtui" / "journal.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        for number, entry in enumerate(entries):
            file.write(json.dumps({**_INTENT, "at": time.time() - 3_600 + number, **entry}) + "\n")
    return path


_INTENT = {
    "id": "1",
    "account": "123456789012",
    "arn": "arn:aws:iam::123456789012:user/me",
    "region": "ap-northeast-2",
    "service": "ecr",
    "operation": "CreateRepository",
    "target": "never-made",
    "parameters": {"repositoryName": "never-made"},
    "outcome": "intent",
}


@pytest.fixture
def here(ecrtui: Run) -> dict[str, str]:
    """Where intents are of the embedded account."""
    return {"endpoint": os.environ["AWS_ENDPOINT_URL"]}


def test_every_change_with_its_request_id_is_listed_without_aws(ecrtui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ecrtui("create", "journal-one", "journal-two", "--allow-without-project", "--yes").code == 0
    for name in ("AWS_ENDPOINT_URL", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_PROFILE", "that-does-not-exist")
    listed = ecrtui("journal", "--format", "json")
    assert (listed.code, listed.err) == (0, "")
    two, one = listed.json
    assert (one["outcome"], two["outcome"]) == ("done", "done")
    assert (one["change"], one["call"]) == ("create the repository journal-one", "ecr:CreateRepository")
    assert one["request_id"]
    assert two["request_id"] not in (None, one["request_id"])
    assert one["at"] <= one["ended_at"] <= two["ended_at"]
    rows = list(csv.DictReader(io.StringIO(ecrtui("journal", "--format", "csv").out)))
    assert [row["id"] for row in rows] == [record["id"] for record in listed.json]
    table = ecrtui("journal").out
    assert one["request_id"] in table
    assert "create the repository journal-one" in table


def test_the_filter_chooses_and_the_exit_code_tells_of_what_is_listed(ecrtui: Run) -> None:
    written(
        {"id": "1"},
        {"id": "2", "target": "old", "at": time.time() - 9 * 86_400},
        {"id": "3", "target": "made"},
        {"id": "3", "target": "made", "outcome": "done", "request_id": "r-3"},
    )
    listed = ecrtui("journal", "--format", "json")
    assert (listed.code, [record["outcome"] for record in listed.json]) == (1, ["done", "unknown", "unknown"])
    assert listed.json[1]["detail"] == "it was cut off"
    assert ecrtui("journal", "--filter", "outcome:done").code == 0
    young = ecrtui("journal", "--filter", "outcome:unknown age:<7d", "--format", "jsonl")
    assert (young.code, [event["id"] for event in young.events]) == (1, ["1"])
    assert ecrtui("journal", "--filter", "made request:r-3", "--format", "json").json[0]["id"] == "3"
    assert ecrtui("journal", "--filter", "nothing:here").code == 2


@pytest.mark.fault("E83")
def test_what_is_unknown_is_looked_up_and_others_are_left(ecrtui: Run, here: dict[str, str]) -> None:
    path = written(
        {"id": "cut", **here},
        {"id": "lost", "target": "pet-web", "parameters": {"repositoryName": "pet-web"}, **here},
        {"id": "lost", "target": "pet-web", "outcome": "unknown", "request_id": "r-1", **here},
        {"id": "theirs", "account": "999999999999", **here},
        {"id": "elsewhere", "endpoint": "http://127.0.0.1:2"},
    )
    listed = ecrtui("journal", "--reconcile", "--format", "json")
    by_id = {record["id"]: record for record in listed.json}
    assert (listed.code, by_id["cut"]["outcome"]) == (1, "not-done")
    assert by_id["lost"]["outcome"] == "not-done"
    assert by_id["lost"]["request_id"] == "r-1"
    assert (by_id["cut"]["looked_up"], by_id["theirs"]["looked_up"]) == (True, False)
    assert by_id["theirs"]["outcome"] == by_id["elsewhere"]["outcome"] == "unknown"
    assert len(path.read_text().splitlines()) == 7, "each has its end, and nothing else was written"
    assert ecrtui("journal", "--reconcile", "--filter", "account:123456789012 -elsewhere outcome:not-done").code == 0


@pytest.mark.fault("E83")
def test_whoever_changes_the_same_again_is_told_that_its_outcome_is_unknown(ecrtui: Run, here: dict[str, str]) -> None:
    given = {"service": "codebuild", "operation": "StartBuild", "target": "gift-cards", **here}
    written({"id": "1", **given}, {"id": "2", **given, "target": "other"}, {"id": "3", **given, "endpoint": ""})
    started = ecrtui("build", "gift-cards")
    assert started.code == 0
    assert started.err.count("start a build of gift-cards: its outcome is unknown; 'ecrtui journal --reconcile'") == 1
    assert started.err.count("is unknown") == 1


def test_what_cannot_be_looked_up_is_listed_as_unknown(
    ecrtui: Run, here: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written({"id": "cut", **here})
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    listed = ecrtui("journal", "--reconcile", "--format", "json")
    assert (listed.code, listed.json[0]["outcome"]) == (3, "unknown")


@pytest.mark.fault("F88")
def test_what_is_hostile_or_damaged_is_shown_harmless_and_told_of(ecrtui: Run) -> None:
    path = written({"id": "1", "target": HOSTILE}, {"id": "1", "target": HOSTILE, "outcome": "done", "detail": "\x07"})
    with path.open("ab") as file:
        file.write(b"\xff\xfe half a line\n")
    listed = ecrtui("journal")
    assert listed.code == 0
    assert not [character for character in listed.out + listed.err if character < " " and character != "\n"]
    assert "1 line cannot be read" in listed.err
    assert ecrtui("journal", "--format", "json").json[0]["target"] == HOSTILE


@pytest.mark.fault("F89")
def test_a_journal_that_cannot_be_written_can_be_read(ecrtui: Run) -> None:
    path = written({"id": "1"}, {"id": "1", "outcome": "done"}, {"id": "2"})
    (path.parent / "writers").write_text("a file where a directory should be")
    listed = ecrtui("journal", "--format", "json")
    assert (listed.code, [record["outcome"] for record in listed.json]) == (1, ["unknown", "done"])


def test_there_is_none_of_the_embedded_account(ecrtui: Run) -> None:
    assert ecrtui("journal", "--demo").code == 2
    assert ecrtui("journal", "--format", "json").json == []
