"""The journal of processes that are killed while they write: what was acknowledged is there, and whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from ecrtui.services.ports import JournalEntry

KILLS = 40
WRITERS = """
import asyncio, os, random, signal, sys, time
from pathlib import Path
from ecrtui.services.ports import JournalEntry
from ecrtui.store.journal import FileJournal

path, kills = Path(sys.argv[1]), int(sys.argv[2])

async def write(name):
    journal = FileJournal(path)
    for number in range(10_000):
        entry = JournalEntry(id=f"{name}-{number}", at=1.0, account="1", arn="a", region="r", service="ecr",
                             operation="o", target="t", parameters={}, outcome="intent", before="x" * 9_000)
        await journal.append(entry)
        os.write(1, f"{entry.id}\\n".encode())

def child(name):
    pid = os.fork()
    if pid == 0:
        asyncio.run(write(name))
        os._exit(0)
    return pid

random.seed(7)
for kill in range(kills):
    pids = [child(f"{kill}-{writer}") for writer in range(2)]
    time.sleep(random.uniform(0.02, 0.06))
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
"""


@pytest.mark.fault("F87")
def test_forty_kills_of_two_writers_lose_nothing_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    writers = [sys.executable, "-W", "ignore", "-c", WRITERS, str(path), str(KILLS)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(writers, capture_output=True, text=True, timeout=60, check=True, env=environ)
    acknowledged = set(done.stdout.split())
    assert len(acknowledged) > KILLS
    ids, torn = set(), 0
    for line in path.read_bytes().splitlines():
        try:
            ids.add(msgspec.json.decode(line, type=JournalEntry).id)
        except msgspec.DecodeError:
            torn += 1
    assert acknowledged <= ids
    assert torn <= 2 * KILLS
