"""Every command over the account whose every string is hostile, in every format, one after the other.

Writes each to this terminal, and JSON also into files, whose directory is the first argument.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stdout
from pathlib import Path

from hostile import EVIL, MIX, PAYLOADS, SUPPRESSED, hostile_account
from memory import MemoryAccount, MemoryJournal, digest_of

from ecrtui import commandline
from ecrtui.cli import main
from ecrtui.domain.audit.suppression import Suppression
from ecrtui.services.ports import JournalEntry
from ecrtui.settings import Settings

CREATED = f"r-title{PAYLOADS['title']}"
COMMANDS: dict[str, list[tuple[str, ...]]] = {
    "table json jsonl csv": [
        ("repositories", "--details"),
        ("images", EVIL),
        ("images", f"r-clear{PAYLOADS['clear']}"),
        ("compare",),
        ("cost", "--by", "repository", "--by", "tag", "--by", "age"),
        ("cost", EVIL, "--exact"),
        ("findings", f"{EVIL}:v1"),
        ("findings", f"{EVIL}:v1", "--against", f"{EVIL}:t-title{PAYLOADS['title']}"),
        ("lifecycle", "show", EVIL, f"r-clear{PAYLOADS['clear']}"),
        ("lifecycle", "preview", EVIL),
        ("path", EVIL),
        ("path", EVIL, "--snippets"),
        ("permissions", EVIL),
        ("permissions", EVIL, "--policy"),
        ("permissions", EVIL, "--diff", f"r-clear{PAYLOADS['clear']}"),
        ("usage",),
        ("usage", EVIL),
        ("journal",),
    ],
    "table json csv sarif markdown": [("audit",)],
    "table json jsonl": [
        ("build", EVIL, "--source-version", MIX, "--dry-run"),
        ("create", "--all-missing", "--dry-run"),
        ("diagnose", "LOG"),
        ("watch", f"{EVIL}:{2:08x}"),
    ],
    "": [
        ("policy", "read"),
        ("images", f"none{MIX}"),
        ("permissions", EVIL, "--statement"),
        ("path", EVIL, "--snippet", "buildspec"),
        ("stop", f"{EVIL}:{1:08x}", "--dry-run"),
        ("retry", f"{EVIL}:{2:08x}", "--dry-run"),
        ("lifecycle", "put", EVIL, "--template", "keep-last", "--dry-run"),
        ("lifecycle", "delete", EVIL, "--dry-run"),
        ("repositories", "--all-regions"),
    ],
}
"""Commands by the formats that they write; without any: as they are."""


class Hostile:
    """The composition root of the commands, with the hostile account."""

    demo_regions = ()

    @asynccontextmanager
    async def open(
        self, settings: Settings, demo: bool, progress: Callable[[str], None]
    ) -> AsyncIterator[tuple[MemoryAccount, MemoryJournal]]:
        with self.journal(settings) as journal:
            yield hostile_account(), journal

    @contextmanager
    def journal(self, settings: Settings) -> Iterator[MemoryJournal]:
        journal = MemoryJournal()
        journal.written = [_entry(name, payload) for name, payload in (("mix", MIX), *PAYLOADS.items())]
        yield journal


def _suppressing(entry: Suppression) -> str:
    """An entry of the configuration, without the characters that it refuses."""
    until = f"until = {entry.until}\n" if entry.until else ""
    words = {"rule": entry.rule, "match": entry.match, "reason": entry.reason}
    lines = (
        f"{name} = {json.dumps(''.join(filter(str.isascii, filter(str.isprintable, text))))}\n"
        for name, text in words.items()
    )
    return f"[[audit.suppress]]\n{''.join(lines)}{until}"


def _entry(name: str, payload: str) -> JournalEntry:
    given = {"repositoryName": payload, payload: payload}
    words = (payload, payload, payload, payload, payload)
    return JournalEntry(name, 1.0, "123456789012", *words, given, "failed", payload, payload, payload, payload)


def run_all(kept: Path) -> None:
    """All of them."""
    PAYLOADS.update(marks=PAYLOADS["marks"][:999], long=PAYLOADS["long"][:9999])  # in full in the app's tests
    commandline.Headless = Hostile  # type: ignore[misc, assignment]
    os.environ["XDG_CONFIG_HOME"] = str(kept)
    (kept / "ecrtui").mkdir()
    (kept / "ecrtui" / "config.toml").write_text("".join(map(_suppressing, SUPPRESSED)))
    log = kept / "LOG"
    lines = [f"[Container] 2026/05/04 13:06:31 Phase complete: BUILD State: FAILED{MIX}", f"Status: denied: {MIX}"]
    lines += [f"The push refers to repository [{payload}]\ndenied: {payload} end" for payload in PAYLOADS.values()]
    log.write_text("\n".join(lines), errors="surrogatepass")
    for formats, commands in COMMANDS.items():
        for command in commands:
            arguments = [str(log) if word == "LOG" else word for word in command]
            for form in formats.split() or [""]:
                chosen = ["--format", form] if form else []
                sys.stdout.write(f"== {command[0]} {form}\n")
                main([*arguments, *chosen])
                if form in ("json", "sarif"):
                    name = f"{'-'.join(word for word in command if word.isalpha())}-{digest_of(repr(command))[7:15]}"
                    with (kept / f"{name}.{form}").open("w") as stream, redirect_stdout(stream):
                        main([*arguments, *chosen])
    sys.stdout.write("== all done\n")


run_all(Path(sys.argv[1]))
