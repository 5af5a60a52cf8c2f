"""Appends changes to a journal until it is killed: `python appender.py PATH` says each id once it is durable."""

import asyncio
import sys
from itertools import count
from pathlib import Path

from ecrtui.services.ports import JournalEntry
from ecrtui.store.journal import FileJournal


async def main() -> None:
    """An intent of 30 kB and its end, over and over; every tenth has no end."""
    journal = FileJournal(Path(sys.argv[1]))
    for number in count():
        entry = JournalEntry(
            f"{journal._writer}-{number}",
            1.7e9,
            "1",
            "arn",
            "r",
            "ecr",
            "PutImage",
            "t",
            {},
            "intent",
            before="x" * 30_000,
        )
        await journal.append(entry)
        sys.stdout.write(entry.id + "\n")
        sys.stdout.flush()
        if number % 10:
            await journal.append(JournalEntry(entry.id, 1.7e9, "1", "arn", "r", "ecr", "PutImage", "t", {}, "done"))


asyncio.run(main())
