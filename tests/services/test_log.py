"""Following a log: every line once and in order, whatever pages, tokens and refusals come."""

from collections.abc import AsyncIterator

import pytest
from memory import NOW, REGION, FakeTime, MemoryAccount, a_build

from ecrtui.domain.build import Build
from ecrtui.domain.errors import ErrorKind
from ecrtui.services.log import LogChunk, follow_log
from ecrtui.services.ports import LogPage

ID = "pet-web:00000001"


def following(account: MemoryAccount, time: FakeTime) -> AsyncIterator[LogChunk]:
    def build_of() -> Build:
        return account.area(REGION).builds[ID]

    return follow_log(account, build_of, clock=time, sleep=time.sleep)


async def followed(account: MemoryAccount, time: FakeTime | None = None) -> tuple[list[str], list[LogChunk]]:
    chunks = [chunk async for chunk in following(account, time or FakeTime())]
    return [line.text for chunk in chunks for line in chunk.lines], chunks


def states(chunks: list[LogChunk]) -> list[str]:
    return [chunk.state for chunk in chunks]


async def test_lines_come_once_as_they_are_written_and_the_log_ends_after_its_build():
    time = FakeTime()
    account = MemoryAccount(builds=[a_build("pet-web")], clock=time)
    time.at = {
        3: lambda: account.write_log(ID, "one\n", "two\nthree\n"),
        6: lambda: account.write_log(ID, "four"),
        7: lambda: account.end_build(ID),
        9: lambda: account.write_log(ID, "late"),
    }
    lines, chunks = await followed(account, time)
    assert lines == ["one", "two", "three", "four", "late"]
    assert states(chunks) == ["waiting", "streaming", "streaming", "streaming", "ended"]


async def test_an_old_log_is_read_without_waiting():
    time = FakeTime()
    account = MemoryAccount(builds=[a_build("pet-web", status="SUCCEEDED", ended_at=NOW - 9999)])
    account.write_log(ID, *(f"line {number}" for number in range(2500)), at=NOW - 10_000)
    lines, chunks = await followed(account, time)
    assert lines == [f"line {number}" for number in range(2500)]
    assert chunks[-1].state == "ended"
    assert time.slept == []


async def test_carriage_returns_and_empty_lines_are_kept_apart():
    account = MemoryAccount(builds=[a_build("pet-web", status="SUCCEEDED", ended_at=NOW - 9999)])
    account.write_log(ID, "a\r\nb\rc\n", "\n", "", "d\n\ne", at=NOW - 10_000)
    assert (await followed(account))[0] == ["a", "b\rc", "", "", "d", "", "e"]


class Scripted:
    """Pages in a fixed order; the last one is repeated."""

    def __init__(self, *pages: LogPage) -> None:
        self.pages = list(pages)

    async def events(self, group: str, stream: str, token: str | None) -> LogPage:
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]


def scripted(*pages: LogPage) -> MemoryAccount:
    account = MemoryAccount(builds=[a_build("pet-web", status="SUCCEEDED", ended_at=NOW - 9999)])
    logs = Scripted(*pages)
    account.logs = lambda region: logs  # type: ignore[method-assign, assignment, return-value]
    return account


def page(token: str, *lines: str, at: float = NOW - 10_000) -> LogPage:
    return LogPage(tuple((at, line) for line in lines), token)


@pytest.mark.fault("C51")
async def test_empty_pages_are_not_the_end():
    account = scripted(page("1"), page("2"), page("3", "one"), page("4"), page("5", "two"), page("5"))
    assert (await followed(account))[0] == ["one", "two"]


@pytest.mark.fault("C51")
async def test_a_page_that_comes_again_is_read_once():
    account = scripted(page("1", "one"), page("2", "one"), page("2", "one"), page("2"))
    assert (await followed(account))[0] == ["one"]


@pytest.mark.fault("C51")
async def test_a_log_of_which_the_tokens_never_rest_ends_all_the_same():
    class Restless:
        asked = 0

        async def events(self, group: str, stream: str, token: str | None) -> LogPage:
            self.asked += 1
            return page(str(self.asked))

    account = scripted(page("1"))
    logs = Restless()
    account.logs = lambda region: logs  # type: ignore[method-assign, assignment, return-value]
    assert (await followed(account))[1][-1].state == "ended"
    assert logs.asked < 200


async def test_what_others_write_long_after_the_build_does_not_keep_it_open():
    class Chatter:
        asked = 0

        async def events(self, group: str, stream: str, token: str | None) -> LogPage:
            self.asked += 1
            return page(str(self.asked), f"noise {self.asked}", at=NOW)

    account = scripted(page("1"))
    logs = Chatter()
    account.logs = lambda region: logs  # type: ignore[method-assign, assignment, return-value]
    lines, chunks = await followed(account)
    assert lines == []
    assert chunks[-1].state == "ended"


@pytest.mark.fault("C52")
async def test_a_log_that_is_gone_is_expired_and_one_not_yet_there_is_waited_for():
    gone = MemoryAccount(builds=[a_build("pet-web", status="SUCCEEDED", ended_at=NOW - 9999)])
    assert states((await followed(gone))[1]) == ["expired"]


@pytest.mark.fault("C52")
async def test_a_denied_log_says_which_action():
    account = MemoryAccount(builds=[a_build("pet-web")])
    account.faults.deny("logs:GetLogEvents")
    chunks = (await followed(account))[1]
    assert states(chunks) == ["denied"]
    assert chunks[0].error is not None
    assert chunks[0].error.action == "logs:GetLogEvents"


async def test_a_log_that_codebuild_does_not_write_is_disabled():
    account = MemoryAccount(builds=[a_build("pet-web", cloudwatch_logs=False)])
    assert states((await followed(account))[1]) == ["disabled"]
    assert account.count("logs:GetLogEvents") == 0


async def test_throttling_loses_no_line_and_slows_down():
    time = FakeTime()
    account = MemoryAccount(builds=[a_build("pet-web")], clock=time)
    account.write_log(ID, "one")
    account.faults.fail("logs:GetLogEvents", ErrorKind.THROTTLED, after=2, times=3)
    time.at = {2: lambda: account.write_log(ID, "two"), 9: lambda: account.end_build(ID)}
    lines, chunks = await followed(account, time)
    assert lines == ["one", "two"]
    assert [chunk.error.kind for chunk in chunks if chunk.error] == [ErrorKind.THROTTLED] * 3
    assert {3.0, 6.0, 12.0} <= set(time.slept)
    assert chunks[-1] == LogChunk((), "ended")


async def test_an_endpoint_that_stays_broken_ends_with_its_error():
    account = MemoryAccount(builds=[a_build("pet-web", status="FAILED")])
    account.faults.fail("logs:GetLogEvents", ErrorKind.NETWORK)
    last = (await followed(account))[1][-1]
    assert last.state == "ended"
    assert last.error is not None
