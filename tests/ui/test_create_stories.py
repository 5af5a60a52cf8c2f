"""Creating repositories as stories: the form, the plan, the outcome, what exists after a half failure, the build."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from memory import MemoryAccount, MemoryJournal, a_project, a_repository

from driver import Driver, driving
from ecrtui.domain.errors import ErrorKind
from ecrtui.settings import CreateDefaults

SEOUL = "ap-northeast-2"


def account(*projects: str, **settings: Any) -> MemoryAccount:
    return MemoryAccount(regions=(SEOUL,), projects=[a_project(name) for name in projects], **settings)


@asynccontextmanager
async def comparing(account: MemoryAccount, **settings: Any) -> AsyncIterator[Driver]:
    settings.setdefault("size", (120, 40))
    async with driving(account, **settings) as t:
        await t.sees("REPOSITORIES")
        await t.press("2")
        await t.sees("PAIRINGS  ")
        await t.misses("… loading")
        yield t


async def settle(t: Driver) -> None:
    """Wait until the uppermost dialog hears keys."""
    await t.pilot.pause(0.35)


async def confirm(t: Driver) -> None:
    """Confirm the plan on the screen."""
    await t.sees("calls ")
    await settle(t)
    await t.press("right", "enter")


async def open_form(t: Driver) -> None:
    await t.press("n")
    await t.sees("Tags are")
    await settle(t)


async def retype(t: Driver, text: str) -> None:
    """Replace what stands in the field."""
    await t.press("end", "ctrl+u")
    await t.type(text)


def created(account: MemoryAccount) -> list[dict[str, Any]]:
    return [dict(call.parameters) for _, call in account.sent if call.operation == "CreateRepository"]


async def test_from_a_missing_repository_to_its_running_build():
    memory, journal = account("api-server"), MemoryJournal()
    async with comparing(memory, journal=journal) as t:
        await t.sees("✗ 1 missing repository")
        await open_form(t)
        await t.sees("✓ ECR allows it, and it follows the naming rule", "✓ project api-server exists in ap-northeast-2")
        await t.press("enter")
        await t.sees("Create api-server", "ecr:CreateRepository", "aws ecr create-repository", "123456789012")
        await confirm(t)
        await t.sees("✓ 1 done", "the repository api-server exists as planned.")
        assert [entry.outcome for entry in journal.written] == ["intent", "done"]
        await settle(t)
        await t.press("right", "enter")
        await t.sees("Start a build of api-server", "codebuild:StartBuild")
        await confirm(t)
        await t.sees("BUILDS")
        await t.until(lambda: "api-server" in t.screen and "●" in t.screen, "the running build")
        await t.press("2")
        await t.sees("○ 1 never pushed", " api-server   ap-northeast-2   ○ never pushed")
        assert "Show the plan" not in t.screen
    [sent] = created(memory)
    assert sent["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert sent["imageScanningConfiguration"] == {"scanOnPush": True}


async def test_the_plan_can_be_cancelled_and_the_form_is_as_it_was():
    memory = account("api-server")
    async with comparing(memory) as t:
        await open_form(t)
        await t.press("down", "right")
        await t.sees("‹ immutable ›")
        await t.press("enter")
        await t.sees("calls ")
        await settle(t)
        await t.press("escape")
        await t.sees("‹ immutable ›")
        await settle(t)
        await t.press("left")  # the focus is where it was too
        await t.sees("‹ immutable, except the tags below ›")
        await t.press("escape")
        await t.misses("Tags are")
    assert not memory.sent


async def test_a_name_is_judged_as_it_is_typed_and_the_suggestion_is_one_key():
    async with comparing(account("api-server")) as t:
        await open_form(t)
        await retype(t, "Pet_Web")
        await t.sees("✗ ECR: ‘P’ at position 1 is a capital letter", "pet-web would do: ^y takes it")
        await t.press("enter")
        assert "calls " not in t.screen
        await t.press("ctrl+y")
        await t.sees("✓ ECR allows it, and it follows the naming rule")


async def test_what_ecr_allows_may_still_depart_from_the_rule():
    async with comparing(account("api-server", "pet_web")) as t:
        await open_form(t)
        await retype(t, "pet_web")
        await t.sees("✓ ECR allows it", "⚠ naming rule: ‘_’ at position 4", "✓ project pet_web exists")


async def test_the_configured_naming_rule_is_the_one_that_judges():
    async with comparing(account("api-server"), naming_rule="team-[a-z-]+") as t:
        await open_form(t)
        await t.sees("⚠ naming rule: does not follow the naming rule: the pattern team-[a-z-]+")


async def test_without_a_project_nothing_is_created_unless_the_person_says_so():
    memory = account("api-server")
    async with comparing(memory) as t:
        await open_form(t)
        await retype(t, "nobody")
        await t.sees("✗ there is no CodeBuild project nobody in ap-northeast-2", "no, the project comes first")
        await t.press("enter")
        await t.press("down", "right")
        await t.sees("yes, create without a project")
        await t.press("enter")
        await confirm(t)
        await t.sees("✓ 1 done")
        assert "Start the build" not in t.screen
    assert [call["repositoryName"] for call in created(memory)] == ["nobody"]


async def open_empty(t: Driver) -> None:
    """The form as Explore opens it where no project is known to lack a repository."""
    await t.sees("REPOSITORIES")
    await t.press("n")
    await t.sees("Create a repository")
    await settle(t)


async def test_where_projects_cannot_be_listed_the_plan_asks_for_the_one():
    memory = account("api-server")
    memory.faults.deny("codebuild:ListProjects")
    async with driving(memory, size=(120, 40)) as t:
        await open_empty(t)
        await t.type("api-server")
        await t.sees("? the projects cannot be listed (codebuild:ListProjects is not allowed)")
        await t.press("enter")
        await confirm(t)
        await t.sees("✓ 1 done")


async def test_a_project_that_cannot_be_looked_for_refuses_with_the_action():
    memory = account("api-server")
    memory.faults.deny("codebuild:ListProjects")
    memory.faults.deny("codebuild:BatchGetProjects")
    async with driving(memory, size=(120, 40)) as t:
        await open_empty(t)
        await t.type("api-server")
        await t.press("enter")
        await t.sees("left out: api-server in ap-northeast-2", "codebuild:BatchGetProjects is not allowed")
        await t.press("down", "right", "enter")
        await confirm(t)
        await t.sees("✓ 1 done")
    assert [call["repositoryName"] for call in created(memory)] == ["api-server"]


async def test_in_explore_the_projects_without_a_repository_are_offered():
    memory = account("api-server", "web", "done-already", repositories=[a_repository("done-already")])
    async with driving(memory) as t:
        await t.sees("done-already")
        await t.press("n")
        await t.sees("Create a repository for which projects?", "api-server", "another name…")
        await settle(t)
        await t.press("space", "space", "enter")
        await t.sees("Create 2 repositories", "✓ api-server", "✓ web")


async def test_another_name_can_be_typed_from_explore():
    memory = account("api-server")
    async with driving(memory, size=(120, 40)) as t:
        await t.sees("REPOSITORIES")
        await t.until(lambda: memory.count("codebuild:ListProjects") > 0, "the projects")
        await t.pilot.pause(0.1)
        await t.press("n")
        await t.sees("another name…")
        await settle(t)
        await t.type("another")
        await t.press("enter")
        await t.sees("the name of the CodeBuild project that pushes to it")


async def test_many_at_once_bad_ones_are_left_out_with_the_reason():
    memory = account("api-server", "web", "Pet_Admin")
    async with comparing(memory) as t:
        await t.press("asterisk")
        await open_form(t)
        await t.sees("Create 3 repositories", "✓ api-server", "✓ web", "✗ Pet_Admin")
        assert "left out: ‘P’ at position 1" in t.line("✗ Pet_Admin")
        await t.press("enter")
        await confirm(t)
        await t.sees("✓ 2 done", "Start 2 builds")
    assert sorted(call["repositoryName"] for call in created(memory)) == ["api-server", "web"]


async def test_what_exists_already_is_compared_not_an_error():
    memory = account("api-server")
    async with comparing(memory) as t:
        await open_form(t)
        memory.area(SEOUL).repositories["api-server"] = a_repository("api-server", scan_on_push=False)
        await t.press("enter")
        await t.sees("≠ exists already, and is left as it is", "scan on push is off, not on")
        assert "calls " not in t.screen
    assert not memory.sent


async def test_a_half_failure_says_what_exists_and_offers_the_rest():
    memory = account("api-server")
    memory.faults.fail("ecr:PutLifecyclePolicy", ErrorKind.THROTTLED, times=1)
    defaults = CreateDefaults(lifecycle_template="keep-last")
    async with comparing(memory, create=defaults) as t:
        await open_form(t)
        await t.sees("images to keep", "30")
        await t.press("enter")
        await t.sees("ecr:PutLifecyclePolicy")
        await confirm(t)
        await t.sees("the repository api-server exists as planned.", "the lifecycle policy of api-server was not set")
        await t.sees("Try the rest again", "Start the build")
        await settle(t)
        await t.press("right", "enter")
        await t.sees("1 ecr:PutLifecyclePolicy")
        assert "CreateRepository" not in t.screen
        await confirm(t)
        await t.sees("the lifecycle policy of api-server exists as planned.", "Start the build")
    assert "api-server" in memory.area(SEOUL).policies


async def test_a_refused_creation_says_why_and_nothing_exists():
    memory = account("api-server")
    memory.faults.deny("ecr:CreateRepository")
    async with comparing(memory) as t:
        await open_form(t)
        await t.press("enter")
        await confirm(t)
        await t.sees("was not created", "missing  ecr:CreateRepository", "Try the rest again")
        assert "Start the build" not in t.screen


async def test_every_setting_reaches_the_call():
    memory = account("api-server")
    defaults = CreateDefaults(
        mutability="MUTABLE_WITH_EXCLUSION",
        exclusions=("v*",),
        scan_on_push=False,
        encryption="KMS",
        kms_key="alias/images",
        tags={"team": "pets"},
    )
    async with comparing(memory, create=defaults) as t:
        await open_form(t)
        await t.sees("mutable, except the tags below", "v*", "KMS, one layer", "it can never be changed afterwards")
        await t.sees("alias/images", "team=pets")
        await t.press("enter")
        await confirm(t)
        await t.sees("1 done")
    [sent] = created(memory)
    assert sent["imageTagMutability"] == "MUTABLE_WITH_EXCLUSION"
    assert sent["imageTagMutabilityExclusionFilters"] == [{"filterType": "WILDCARD", "filter": "v*"}]
    assert sent["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": "alias/images"}
    assert sent["tags"] == [{"Key": "team", "Value": "pets"}]


async def test_bad_filters_tags_and_numbers_are_told_where_they_stand():
    async with comparing(account("api-server")) as t:
        await open_form(t)
        await t.press("down", "down")
        await retype(t, "a b c d e f")
        await t.sees("✗ at most 5 exclusion filters are allowed, these are 6")
        await t.press("enter")
        assert "calls " not in t.screen
        await retype(t, "latest")
        await t.press("down", "down", "down", "right")
        await t.sees("‹ Keep the last N images ›", "images to keep")
        await t.press("down")
        await retype(t, "0")
        await t.sees("images to keep cannot be 0")
        await retype(t, "12")
        await t.sees("beyond the newest 12")
        await t.press("down")
        await t.type("aws:x=1")
        await t.sees("keys that begin with aws: are reserved")


async def test_read_only_sends_and_opens_nothing():
    memory = account("api-server", read_only=True)
    async with comparing(memory) as t:
        await t.press("n")
        await t.sees("create: read-only: this session sends no changes")
    assert not memory.sent


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
async def test_the_form_scrolls_on_small_screens(size: tuple[int, int]):
    memory = account("api-server")
    async with comparing(memory, size=size) as t:
        await open_small(t)
        for label in ("Name", "Tags are", "Scan on push", "Encryption", "Lifecycle", "AWS tags", "Show the plan"):
            for _ in range(12):
                if label in t.screen:
                    break
                await t.press("tab")
            assert label in t.screen
        await t.press("escape")
        await t.misses("Cancel")


async def open_small(t: Driver) -> None:
    await t.press("n")
    await t.sees("Create a repository")
    await settle(t)


async def test_a_long_list_of_names_is_scrolled_by_page():
    memory = account(*(f"web-{number:02}" for number in range(30)))
    async with comparing(memory, size=(80, 24)) as t:
        await t.press("asterisk")
        await t.press("n")
        await t.sees("Create 30 repositories", "web-00")
        await settle(t)
        assert "web-25" not in t.screen
        await t.press("pagedown")
        await t.sees("web-25")
