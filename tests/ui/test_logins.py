"""Credentials in the whole app: one banner, codes that are asked for, and going on without a restart."""

from __future__ import annotations

import asyncio

import pytest
from memory import MemoryAccount, a_repository

from driver import driving
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import CodeQuestion, Identity
from ecrtui.services.slices import RepositoriesKey
from ecrtui.services.state import Partial

SEOUL = "ap-northeast-2"
EXPIRED = AppError(
    ErrorKind.CREDENTIALS,
    "list the repositories",
    why="the SSO token has expired",
    remedy="Run `aws sso login --profile test`.",
)


def account() -> MemoryAccount:
    one = MemoryAccount(regions=(SEOUL,), repositories=[a_repository("pet-web"), a_repository("api-gateway")])
    one.login.command = ("aws", "sso", "login", "--profile", "test")
    return one


@pytest.mark.fault("B21")
async def test_a_login_that_ends_is_one_banner_over_data_that_stay():
    here = account()
    async with driving(here, size=(140, 40)) as t:
        await t.sees("pet-web")
        here.faults.fail("ecr:DescribeRepositories", ErrorKind.CREDENTIALS)
        here.login.stands(EXPIRED)
        await t.press("r")
        await t.sees("The SSO token has expired", "aws sso login --profile test", "^l logs in from here")
        await t.until(lambda: isinstance(t.app.state.get(RepositoriesKey(SEOUL)), Partial), "a load that failed")
        assert "pet-web" in t.screen
        assert t.screen.count("The SSO token has expired") == 1
        assert here.login.agains == 1
        assert not [one for one in t.app._notifications if "expired" in str(one.message)]
        here.faults.active.clear()
        here.login.stands(None)
        await t.misses("has expired")
        await t.until(
            lambda: not isinstance(t.app.state.get(RepositoriesKey(SEOUL)), Partial), "the list, loaded again"
        )


@pytest.mark.fault("B35")
async def test_a_login_to_another_account_begins_from_nothing():
    here = account()
    async with driving(here) as t:
        await t.sees("pet-web", "123456789012")
        generation = t.app.state.generation
        here.login.stands(EXPIRED)
        await t.sees("has expired")
        here.who = Identity("999999999999", "arn:aws:iam::999999999999:user/other")
        here.login.stands(None)
        await t.sees("999999999999")
        assert t.app.state.generation == generation + 1


@pytest.mark.fault("B25")
async def test_a_code_is_asked_in_a_dialog_and_never_shown():
    here = account()
    question = CodeQuestion("role", "arn:aws:iam::1:role/x", "arn:aws:iam::1:mfa/me", "that code was not accepted")
    async with driving(here) as t:
        await t.sees("pet-web")
        assert here.login.ask is not None
        asked = asyncio.ensure_future(here.login.ask(question))  # type: ignore[arg-type]
        await t.sees("MFA code", "arn:aws:iam::1:mfa/me", "that code was not accepted")
        await asyncio.sleep(0.3)  # keys are heard only then
        await t.type("654098")
        assert "654098" not in t.screen
        await t.press("enter")
        assert await asked == "654098"
        asked = asyncio.ensure_future(here.login.ask(question))  # type: ignore[arg-type]
        await t.sees("MFA code")
        await asyncio.sleep(0.3)
        await t.press("escape")
        with pytest.raises(AppError, match="no MFA code was given"):
            await asked
        await t.misses("MFA code")


async def test_who_gives_no_code_is_not_offered_other_profiles():
    here = account()
    here.login.command = ()
    here.faults.fail("sts:GetCallerIdentity", ErrorKind.CREDENTIALS)
    question = CodeQuestion("role", "arn:aws:iam::1:role/x", "arn:aws:iam::1:mfa/me")
    async with driving(here, profiles=("work", "other")) as t:
        assert here.login.ask is not None
        asked = asyncio.ensure_future(here.login.ask(question))  # type: ignore[arg-type]
        await t.sees("MFA code")
        await asyncio.sleep(0.3)  # keys are heard only then
        await t.press("escape")
        with pytest.raises(AppError) as caught:
            await asked
        here.login.stands(caught.value)
        await t.sees("No MFA code was given for the profile role")
        await t.pilot.pause(0.2)
        assert not t.app.screen.is_modal


# Waiting


@pytest.mark.fault("B20")
async def test_who_is_waited_for_is_named_and_escape_stops_it():
    here = account()
    async with driving(here) as t:
        await t.sees("pet-web")
        here.login.waits("the instance's metadata (IMDS)")
        await t.sees("Trying the instance's metadata (IMDS) for credentials, Esc stops")
        await t.press("escape")
        await t.misses("Trying")
        assert here.login.waiting_for == ""


# Regions


def without_region() -> MemoryAccount:
    one = MemoryAccount(regions=(SEOUL, "eu-west-1"), repositories=[a_repository("pet-web")])
    one.default_region = ""
    return one


@pytest.mark.fault("B29")
async def test_without_a_region_one_is_asked_for_and_kept_for_the_session():
    here = without_region()
    async with driving(here, profiles=("work", "other")) as t:
        await t.sees("No region is set: which one?", SEOUL, "eu-west-1")
        await asyncio.sleep(0.3)
        await t.press("enter")
        await t.sees("pet-web")
        assert t.app.scope == (SEOUL,)
        t.app.open_session("other")
        await t.until(lambda: t.app.session is not None, "another account")
        await t.sees("pet-web")
        assert t.app.scope == (SEOUL,)


async def test_who_chooses_no_region_is_told_the_key_for_it():
    async with driving(without_region()) as t:
        await t.sees("No region is set")
        await asyncio.sleep(0.3)
        await t.press("escape")
        await t.sees("no region in scope: R chooses")
        await t.press("R")
        await t.sees("Regions in scope", SEOUL)


@pytest.mark.fault("B29")
async def test_a_profile_that_is_not_there_offers_those_that_are():
    opened: list[str | None] = []
    here = account()

    async def open_account(profile, retrying):
        opened.append(profile)
        if profile != "work":
            raise AppError(ErrorKind.CREDENTIALS, "open it", why="there is no profile nobody", remedy="Choose one.")
        return here

    async with driving(here, open_account=open_account, profiles=("work",), profile="nobody") as t:
        await t.sees("There is no profile nobody", "AWS profile", "work")
        await asyncio.sleep(0.3)
        await t.press("enter")
        await t.sees("pet-web")
        assert opened == ["nobody", "work"]
        assert "There is no profile" not in t.screen


@pytest.mark.fault("B34")
async def test_what_cannot_be_opened_is_told_and_opened_when_it_is_mended():
    here = account()
    why = AppError(ErrorKind.USAGE, "use the endpoint URL", why="it is not an http or https URL", remedy="Correct it.")
    wrong = [why]

    async def open_account(profile, retrying):
        if wrong:
            raise wrong.pop()
        return here

    async with driving(here, open_account=open_account) as t:
        await t.sees("Cannot use the endpoint URL: it is not an http or https URL. Correct it.")
        assert "connecting" not in t.screen
        await t.press("r")
        await t.sees("pet-web")
        assert "endpoint URL" not in t.screen


# What is kept of it


async def test_errors_of_loads_are_in_the_activity_and_counted_where_they_repeat():
    here = account()
    here.faults.fail("ecr:DescribeRepositories", ErrorKind.DENIED)
    async with driving(here) as t:
        await t.sees("denied")
        await t.press("r")
        await t.until(lambda: any(entry.times > 1 for entry in t.app.activity.entries), "the second one")
        await t.press("!")
        await t.sees("Activity", "2 times cannot DescribeRepositories")


async def test_losing_the_login_is_one_entry_of_the_activity():
    here = account()
    async with driving(here) as t:
        await t.sees("pet-web")
        here.faults.fail("ecr:DescribeRepositories", ErrorKind.CREDENTIALS)
        here.login.stands(EXPIRED)
        await t.press("r")
        await t.until(lambda: isinstance(t.app.state.get(RepositoriesKey(SEOUL)), Partial), "a load that failed")
        assert [entry.title for entry in t.app.activity.entries] == [
            "cannot list the repositories: the SSO token has expired"
        ]


async def test_a_task_that_fails_is_in_the_debug_log_without_its_words(caplog):
    async def failing() -> None:
        raise ValueError("a canary")

    async with driving(account()) as t:
        await t.sees("pet-web")
        with caplog.at_level("INFO", "ecrtui"):
            t.app.spawn(failing, "a task")
            await t.until(lambda: any(entry.error for entry in t.app.activity.entries), "the report")
    (record,) = [one for one in caplog.records if one.name == "ecrtui.ui.app"]
    assert record.getMessage() == "a task failed"
    assert record.exc_info is not None


async def test_the_login_can_be_copied():
    here = account()
    async with driving(here) as t:
        await t.sees("pet-web")
        await t.press("ctrl+l")
        await t.sees("Log in", "aws sso login --profile test", "Run it here", "Copy it")
        await asyncio.sleep(0.3)
        await t.press("right", "enter")
        await t.sees("Command copied")
