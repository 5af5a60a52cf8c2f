"""What is told once an account is open: what was cut off, and a journal that is damaged or cannot be kept."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from memory import ACCOUNT, REGION, MemoryAccount, MemoryJournal, a_repository

from driver import driving
from ecrtui.services.ports import JournalEntry
from ecrtui.store.journal import FileJournal


def cut_off(name: str) -> JournalEntry:
    """An intent of a while ago, to create a repository."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/tester"
    given = {
        "repositoryName": name,
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
    }
    at = time.time() - 3_600
    return JournalEntry(name, at, ACCOUNT, arn, REGION, "ecr", "CreateRepository", name, given, "intent")


@pytest.mark.fault("E83")
async def test_what_was_cut_off_is_told_once():
    journal, entry = MemoryJournal(), cut_off("pet-web")
    journal.written.append(entry)
    account = MemoryAccount(repositories=[a_repository("pet-web", created_at=entry.at + 1)])
    async with driving(account, journal=journal) as t:
        await t.sees("looked up later: create the repository pet-web")
        await t.press("exclamation_mark")
        await t.sees("Activity", "done: it exists, with all settings")
    assert [each.outcome for each in journal.written] == ["intent", "done"]
    async with driving(account, journal=journal) as t:
        await t.sees("pet-web")
        assert t.app.activity.entries == ()


@pytest.mark.fault("E83")
async def test_several_are_one_toast_and_an_entry_each():
    journal = MemoryJournal()
    journal.written += [cut_off("one"), cut_off("two")]
    async with driving(MemoryAccount(), journal=journal) as t:
        await t.sees("2 changes of unknown outcome were looked up")
        assert [str(each.title).split(":")[2].strip() for each in t.app.activity.entries] == ["not done", "not done"]


@pytest.mark.fault("F88")
async def test_a_damaged_journal_is_told_of_and_the_app_works(tmp_path: Path):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(os.urandom(5_000) + b"\n")
    journal = FileJournal(path)
    async with driving(MemoryAccount(repositories=[a_repository("pet-web")]), journal=journal) as t:
        await t.sees("cannot read all of the journal", "pet-web")
        assert len(t.app.activity.entries) == 1
    journal.close()


@pytest.mark.fault("F89")
async def test_no_place_for_a_journal_is_one_warning_and_the_app_works(tmp_path: Path):
    (tmp_path / "home").write_text("no directory")
    journal = FileJournal(tmp_path / "home" / "journal.jsonl")
    async with driving(MemoryAccount(repositories=[a_repository("pet-web")]), journal=journal) as t:
        await t.sees("cannot keep the journal", "pet-web")
        assert len(t.app.activity.entries) == 1
    journal.close()
