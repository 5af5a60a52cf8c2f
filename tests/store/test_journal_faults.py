"""The journal on full disks, without rights, damaged, and with writers that are killed."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import JournalEntry
from ecrtui.store.journal import FORMAT, FileJournal

APPENDER = Path(__file__).with_name("appender.py")
TORN = b'{"id":"2","at":1.7e9,"acc'
BINARY = bytes(range(1, 10)) + bytes(range(11, 256)) * 400
NEWER = b'{"id":"2","outcome":"intent","format":%d,"all":"new"}' % (FORMAT + 1)


def an_entry(id_: str = "1", outcome: str = "intent", **members: object) -> JournalEntry:
    given = {"account": "1", "arn": "arn", "region": "r", "service": "ecr", "operation": "PutImage", "target": "t"}
    return JournalEntry(id_, 1.7e9, parameters={}, outcome=outcome, **{**given, **members})  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FileJournal]:
    """A journal in a directory that is not there yet."""
    journal = FileJournal(tmp_path / "state" / "journal.jsonl")
    yield journal
    journal.close()


async def outcomes(journal: FileJournal) -> list[str]:
    return [entry.outcome for entry in await journal.everything()]


async def cut_off(journal: FileJournal) -> list[str]:
    async with journal.abandoned() as intents:
        return [entry.id for entry in intents]


# Damage


@pytest.mark.fault("F88")
@pytest.mark.parametrize(
    "rest",
    [TORN, BINARY, NEWER, b"[]", b'"text"', b"[" * 200_000, b'{"id":"2","before":"' + b"x" * (17 * 2**20) + b'"}'],
    ids=["cut", "binary", "newer", "array", "text", "deep", "huge"],
)
async def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(journal: FileJournal, rest: bytes) -> None:
    await journal.append(an_entry())
    with journal.path.open("ab") as file:
        file.write(rest + b"\n")
    await journal.append(an_entry(outcome="done"))
    damaged = journal.path.read_bytes()
    assert await outcomes(journal) == ["intent", "done"]

    told = await journal.mend()
    assert told is not None
    assert (told.kind, told.where) == (ErrorKind.LOCAL, str(journal.path))
    (aside,) = journal.path.parent.glob("*.set-aside")
    assert aside.name in told.remedy
    assert aside.read_bytes() == damaged
    assert [stat.S_IMODE(path.stat().st_mode) for path in (aside, journal.path)] == [0o600, 0o600]
    assert len(journal.path.read_bytes().splitlines()) == 2
    assert await outcomes(journal) == ["intent", "done"]
    assert await journal.mend() is None, "it is told once"
    await journal.append(an_entry("3"))
    assert await outcomes(journal) == ["intent", "done", "intent"]


@pytest.mark.fault("F88")
async def test_a_writer_that_waits_while_it_is_set_aside_writes_into_the_new_one(journal: FileJournal) -> None:
    other = FileJournal(journal.path)
    for number in range(20):
        await journal.append(an_entry(str(number)))
        with journal.path.open("ab") as file:
            file.write(b"\xff\xfe\n")
        told, _, _ = await asyncio.gather(
            other.mend(), journal.append(an_entry(f"{number}-a")), other.append(an_entry(f"{number}-b"))
        )
        assert told is not None or number > 0
        for each in journal.path.parent.glob("*.set-aside"):
            each.unlink()
    ids = {entry.id for entry in await journal.everything()}
    assert ids == {name for number in range(20) for name in (f"{number}", f"{number}-a", f"{number}-b")}
    other.close()


@pytest.mark.fault("F88")
async def test_a_sound_journal_and_none_are_nothing_to_tell_of(journal: FileJournal) -> None:
    assert await journal.mend() is None
    assert not journal.path.parent.exists(), "looking makes nothing"
    await journal.append(an_entry())
    assert await journal.mend() is None


# Writers that are killed


async def an_appender(journal: FileJournal) -> tuple[asyncio.subprocess.Process, str]:
    """A process that appends without end, and the id of its first change, which has no end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(APPENDER), str(journal.path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    return process, (await process.stdout.readline()).decode().strip()


@pytest.mark.fault("F87")
async def test_kill_9_in_the_middle_of_writing_loses_nothing_that_was_durable(journal: FileJournal) -> None:
    promised: list[str] = []
    for round_ in range(8):
        appender, first = await an_appender(journal)
        assert appender.stdout is not None
        said = [first, *[(await appender.stdout.readline()).decode().strip() for _ in range(round_ % 3)]]
        appender.send_signal(signal.SIGKILL)
        rest, _ = await appender.communicate()
        promised += said + rest.decode().split()[:-1]
    told = await journal.mend()
    assert told is None or "1 line" in told.why or "lines" in told.why
    written = await journal.everything()
    assert set(promised) <= {entry.id for entry in written}
    ended = {entry.id for entry in written if entry.outcome == "done"}
    open_ones = {entry.id for entry in written} - ended
    assert set(await cut_off(journal)) == open_ones
    assert open_ones, "the first of each writer has no end"


@pytest.mark.fault("E83")
async def test_a_change_is_cut_off_only_when_its_writer_is_gone(journal: FileJournal) -> None:
    appender, first = await an_appender(journal)
    appender.send_signal(signal.SIGSTOP)  # alive, and its change on its way
    assert await cut_off(journal) == []
    appender.kill()
    await appender.communicate()
    assert first in await cut_off(journal)
    assert list((journal.path.parent / "writers").iterdir()) == []
    await journal.append(an_entry(first, "done"))
    assert first not in await cut_off(journal)


@pytest.mark.fault("E83")
async def test_what_ended_as_unknown_is_looked_up_once_by_itself_and_again_when_asked(journal: FileJournal) -> None:
    async def again() -> list[str]:
        async with journal.abandoned(again=True) as intents:
            return [entry.id for entry in intents if entry.outcome == "intent"]

    await journal.append(an_entry("1"))
    assert await again() == [], "its writer lives"
    await journal.append(an_entry("1", "unknown"))
    assert await cut_off(journal) == await again() == ["1"]
    await journal.append(an_entry("1", "unknown", looked_up=True))
    assert (await cut_off(journal), await again()) == ([], ["1"])
    await journal.append(an_entry("1", "done", looked_up=True))
    assert await again() == []


@pytest.mark.fault("E83")
async def test_what_one_start_looks_at_another_does_not(journal: FileJournal) -> None:
    gone = FileJournal(journal.path)
    await gone.append(an_entry())
    assert await cut_off(journal) == [], "it is on its way"
    assert await cut_off(gone) == [], "our own is on its way too"
    gone.close()
    other = FileJournal(journal.path)
    async with journal.abandoned() as ours, other.abandoned() as theirs:
        assert ([entry.id for entry in ours], theirs) == (["1"], ())
    assert await cut_off(other) == ["1"]


@pytest.mark.fault("E83")
async def test_lines_of_before_there_were_writers_are_cut_off_too(journal: FileJournal) -> None:
    await journal.append(an_entry())
    journal.path.write_bytes(journal.path.read_bytes().replace(b'"writer"', b'"author"'))
    assert await cut_off(journal) == ["1"]


# Disks and rights


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB; skipped where none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    tools = shutil.which("mount"), shutil.which("umount")
    command = [str(tools[0]), "-t", "tmpfs", "-o", "size=64k,mode=700", "none", str(place)]
    if None in tools or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run([str(tools[1]), "-l", str(place)], check=True)


async def filled(journal: FileJournal) -> int:
    """Append until it is refused; how many went in."""
    went_in: list[int] = []

    async def fill() -> None:
        for number in range(100):
            await journal.append(an_entry(str(number), before="x" * 9_000))
            went_in.append(number)

    with pytest.raises(AppError) as caught:
        await fill()
    assert (caught.value.kind, caught.value.where) == (ErrorKind.LOCAL, str(journal.path))
    assert "nothing is changed without a journal" in caught.value.remedy
    return len(went_in)


@pytest.mark.fault("F89")
async def test_a_full_disk_refuses_and_keeps_what_there_is(small_disk: Path) -> None:
    journal = FileJournal(small_disk / "ecrtui" / "journal.jsonl")
    number = await filled(journal)
    assert number > 2
    assert [entry.id for entry in await journal.everything()] == [str(each) for each in range(number)]
    told = await journal.mend()  # half a line may have gone in, and there is no room for a second file
    assert told is None or told.kind is ErrorKind.LOCAL
    assert len(await journal.everything()) == number
    journal.close()


@pytest.mark.fault("F89")
async def test_a_disk_on_which_one_may_only_read(small_disk: Path) -> None:
    journal = FileJournal(small_disk / "journal.jsonl")
    await journal.append(an_entry())
    journal.close()
    await asyncio.to_thread(subprocess.run, ["mount", "-o", "remount,ro", str(small_disk)], check=True)
    again = FileJournal(journal.path)
    told = await again.mend()
    assert told is not None
    assert "nothing is changed without a journal" in told.remedy
    assert await outcomes(again) == ["intent"]
    with pytest.raises(AppError):
        await again.append(an_entry("2"))
    again.close()


@pytest.mark.fault("F89")
async def test_a_limit_on_the_size_of_files(journal: FileJournal) -> None:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, former[1]))
    try:
        number = await filled(journal)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
        signal.signal(signal.SIGXFSZ, handler)
    await journal.append(an_entry("last"))
    assert await journal.mend() is not None, "the half line is set aside"
    assert [entry.id for entry in await journal.everything()] == [*(str(each) for each in range(number)), "last"]


@pytest.mark.fault("F89")
@pytest.mark.parametrize("where", ["directory", "under a file", "device", "pipe"])
async def test_a_place_that_is_no_file(tmp_path: Path, where: str) -> None:
    place = tmp_path / "journal.jsonl"
    if where == "directory":
        place.mkdir()
    elif where == "under a file":
        place.write_text("")
        place /= "journal.jsonl"
    elif where == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("/dev/full")
    mode = os.stat("/dev/full").st_mode
    journal = FileJournal(place)
    with pytest.raises(AppError):
        await journal.append(an_entry())
    told = await journal.mend()
    assert told is not None
    assert told.kind is ErrorKind.LOCAL
    assert os.stat("/dev/full").st_mode == mode


@pytest.mark.fault("F86")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
async def test_everything_is_for_its_owner_alone_under_any_umask(journal: FileJournal, umask: int) -> None:
    former = os.umask(umask)
    try:
        await journal.append(an_entry())
        with journal.path.open("ab") as file:
            file.write(BINARY + b"\n")
        assert await journal.mend() is not None
        async with FileJournal(journal.path).abandoned():
            pass
    finally:
        os.umask(former)
    for path in journal.path.parent.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
