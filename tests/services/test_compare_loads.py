"""Loading projects and the last build of each, with as few calls as that takes."""

from memory import NOW, REGION, MemoryAccount, a_build, a_project

from ecrtui.domain.errors import ErrorKind
from ecrtui.services.compare import load_last_builds, load_projects
from ecrtui.services.state import Failed, Partial, Ready


def many(count: int) -> MemoryAccount:
    """An account in which `busy` was built often, and `calm` once long before."""
    builds = [a_build("busy", number, started_at=NOW - number) for number in range(1, count)]
    return MemoryAccount(builds=[*builds, a_build("calm", count, started_at=NOW - 10_000)])


async def test_projects_grow_page_by_page():
    account = MemoryAccount(projects=[a_project(f"p{number:03}") for number in range(150)])
    states = [state async for state in load_projects(account, REGION)]
    assert [getattr(state, "rows", None) for state in states] == [0, 100, 150, None]
    assert isinstance(states[-1], Ready)
    assert len(states[-1].value) == 150


async def test_projects_that_are_refused_are_failed_and_some_are_partial():
    account = MemoryAccount(projects=[a_project(f"p{number:03}") for number in range(150)])
    account.faults.fail("codebuild:BatchGetProjects", ErrorKind.NETWORK, after=1)
    last = [state async for state in load_projects(account, REGION)][-1]
    assert isinstance(last, Partial)
    assert len(last.value) == 100
    account.faults.deny("codebuild:ListProjects")
    assert isinstance([state async for state in load_projects(account, REGION)][-1], Failed)


async def test_last_builds_come_from_the_pages_of_the_region():
    account = many(250)
    found = await load_last_builds(account, REGION, ["busy", "calm", "never"])
    assert isinstance(found, Ready)
    assert {name: build.number for name, build in found.value.items()} == {"busy": 1, "calm": 250}
    assert (account.count("codebuild:ListBuilds"), account.count("codebuild:BatchGetBuilds")) == (3, 1)


async def test_the_pages_end_when_every_project_is_seen():
    account = many(250)
    await load_last_builds(account, REGION, ["busy"])
    assert account.count("codebuild:ListBuilds") == 1


async def test_projects_that_are_rarely_built_are_asked_singly_after_twenty_pages():
    account = many(2500)
    found = await load_last_builds(account, REGION, ["busy", "calm", "never"])
    assert isinstance(found, Ready)
    assert found.value["calm"].number == 2500
    assert "never" not in found.value
    assert account.count("codebuild:ListBuilds") == 20
    assert account.count("codebuild:ListBuildsForProject") == 2


async def test_a_refusal_is_not_called_never_built():
    account = many(250)
    account.faults.fail("codebuild:ListBuilds", ErrorKind.NETWORK, after=1)
    found = await load_last_builds(account, REGION, ["busy", "calm"])
    assert isinstance(found, Partial)
    assert list(found.value) == ["busy"]
    account.faults.deny("codebuild:ListBuilds")
    assert isinstance(await load_last_builds(account, REGION, ["busy"]), Failed)


async def test_no_project_needs_no_call():
    account = MemoryAccount()
    assert isinstance(await load_last_builds(account, REGION, []), Ready)
    assert account.calls == []
