"""Credentials that are refused, renewed, asked for: one search for all, one loss told, one recovery."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from hashlib import sha1
from pathlib import Path

import pytest
from botocore.tokens import SSOTokenProvider
from faultserver import FaultServer, Reply, Request, answer, error, identity, reset, when
from memory import MemoryJournal
from opening import REGION, sent

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.call import CONCURRENCY
from ecrtui.aws.session import AccountOptions, open_account
from ecrtui.domain.change import ApiCall, Change, ChangeResult, Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.repository import RepositoryListing
from ecrtui.services.changes import Gateway, Go, Step, Verified
from ecrtui.services.ports import CodeQuestion

Opens = Callable[..., Awaitable[AwsAccount]]

ROLE = (
    "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n"
    "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\n"
    "mfa_serial = arn:aws:iam::1:mfa/me\nregion = eu-central-1\n"
)
SSO = (
    "[profile work]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\n"
    "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example\n"
)
NO_REPOSITORIES = answer({"repositories": []})


@pytest.fixture(autouse=True)
def aws_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: FaultServer) -> Path:
    """An empty home, and STS and the SSO portal on loopback."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for service in ("SSO", "SSO_OIDC", "STS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", server.url)
    # botocore has looked for the home when it was imported
    monkeypatch.setattr(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path / ".aws" / "sso" / "cache"))
    server.on("GetCallerIdentity", identity())
    return tmp_path


@pytest.fixture
async def opens(server: FaultServer) -> AsyncIterator[Opens]:
    """Opens profiles of the home against the server."""
    async with AsyncExitStack() as stack:

        async def open_it(profile: str | None = None) -> AwsAccount:
            options = AccountOptions(profile=profile, region=REGION, endpoint_url=server.url, backoff=0.001)
            account = await open_account(options)
            assert isinstance(account, AwsAccount)
            stack.push_async_callback(account.close)
            return account

        yield open_it


def keys(home: Path, key: str) -> None:
    """Write a key into the credentials file."""
    (home / "credentials").write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = s\n")


def accepting(*accepted: str, otherwise: Reply | None = None) -> Callable[[Request], Reply]:
    """Answers who signs with one of these keys; others are told that their token has expired."""
    refusal = otherwise or error("ExpiredTokenException", "The security token included in the request is expired")

    def judged(request: Request) -> Reply:
        signed = any(f"Credential={key}/" in request.headers["authorization"] for key in accepted)
        return NO_REPOSITORIES if signed else refusal

    return judged


async def listed(account: AwsAccount) -> AppError | None:
    """List the repositories; what went wrong."""
    try:
        async for _ in account.registry(REGION).list_repositories(RepositoryListing(REGION)):
            pass
    except AppError as failed:
        return failed
    return None


async def until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  it holds in a thread, or in another program
            await asyncio.sleep(0.01)


# -- ExpiredToken -----------------------------------------------------------------------------------------


@pytest.mark.fault("B24")
async def test_keys_that_were_rotated_are_read_again_and_the_reads_repeated_once(
    aws_home: Path, server: FaultServer, opens: Opens
) -> None:
    keys(aws_home, "OLD")
    server.on("DescribeRepositories", accepting("OLD"))
    account = await opens()
    assert await listed(account) is None
    keys(aws_home, "NEW")
    server.requests.clear()
    server.on("DescribeRepositories", accepting("NEW"))
    assert await asyncio.gather(*(listed(account) for _ in range(8))) == [None] * 8
    assert server.count("DescribeRepositories") <= 16
    assert account.login.problem is None


@pytest.mark.fault("B24", "B21")
async def test_keys_that_have_expired_are_lost_once_and_found_without_a_restart(
    aws_home: Path, server: FaultServer, opens: Opens
) -> None:
    keys(aws_home, "OLD")
    server.on("DescribeRepositories", accepting("NEW"))
    account = await opens()
    told: list[AppError | None] = []
    account.login.on_change(lambda: told.append(account.login.problem))
    failures = await asyncio.gather(*(listed(account) for _ in range(8)))
    assert {failed.code for failed in failures if failed} == {"ExpiredTokenException"}
    assert server.count("DescribeRepositories") == 8
    assert [problem is None for problem in told] == [False]
    keys(aws_home, "NEW")
    await until(lambda: len(told) == 2, 3.0)
    assert told[1] is None
    assert await listed(account) is None


async def test_keys_that_are_accepted_again_are_a_problem_no_more(
    aws_home: Path, server: FaultServer, opens: Opens
) -> None:
    keys(aws_home, "KEY")
    server.on("DescribeRepositories", error("ExpiredTokenException"), NO_REPOSITORIES)
    account = await opens()
    assert await listed(account) is not None
    assert account.login.problem is not None
    assert await listed(account) is None
    assert account.login.problem is None


@pytest.mark.fault("B24")
async def test_a_change_is_not_sent_again_after_keys_were_refused(
    aws_home: Path, server: FaultServer, opens: Opens
) -> None:
    keys(aws_home, "OLD")
    account = await opens()
    await account.identity()
    keys(aws_home, "NEW")
    server.on("CreateRepository", error("ExpiredTokenException"))
    call = ApiCall("ecr", "CreateRepository", {"repositoryName": "pet-web"})
    with pytest.raises(AppError) as caught:
        await sent(account, REGION, call)
    assert (caught.value.executed, server.count("CreateRepository")) == ("no", 1)


OWNERS = {"MINE": "111111111111", "RENEWED": "111111111111", "THEIRS": "222222222222"}
CREATE = ApiCall("ecr", "CreateRepository", {"repositoryName": "pet-web"})


def signer(request: Request) -> str:
    """The key that signed a request."""
    return request.headers["authorization"].partition("Credential=")[2].partition("/")[0]


async def taken_over(home: Path, server: FaultServer, account: AwsAccount, key: str) -> None:
    """Have another key in the file, and the one before refused, so that the file is read again."""
    keys(home, key)
    server.on("ListProjects", lambda request: accepted_projects if signer(request) == key else EXPIRED)
    async for _ in account.builds(REGION).projects():
        pass


EXPIRED = error("ExpiredTokenException", "The security token included in the request is expired")
accepted_projects = answer({"projects": []})
Meanwhile = Callable[[], Awaitable[None]]


async def nothing() -> None:
    """Nothing happens."""


@pytest.fixture
async def mine(aws_home: Path, server: FaultServer, opens: Opens) -> AwsAccount:
    """An account opened with MINE; who signs says whose account it is."""
    keys(aws_home, "MINE")
    server.on("GetCallerIdentity", lambda request: identity(OWNERS[signer(request)]))
    server.on("CreateRepository", answer({"repository": {}}))
    return await opens()


async def changed(
    account: AwsAccount, *, before: Meanwhile = nothing, checking: Meanwhile = nothing, reading: Meanwhile = nothing
) -> ChangeResult:
    """The end of a change that was confirmed as the account is now, with what happens meanwhile."""

    async def go() -> Go:
        await checking()
        return Go()

    async def verify(_: object) -> Verified:
        await reading()
        return Verified("it is there")

    confirmed = await account.identity()
    await before()
    step = Step(Change("create pet-web", REGION, "pet-web", CREATE), go, verify)
    return await Gateway(account, MemoryJournal()).apply(step, confirmed)


@pytest.mark.fault("B35")
@pytest.mark.parametrize("moment", ["before", "checking"])
async def test_keys_of_another_account_that_come_before_it_is_sent_change_nothing(
    aws_home: Path, server: FaultServer, mine: AwsAccount, moment: str
) -> None:
    result = await changed(mine, **{moment: lambda: taken_over(aws_home, server, mine, "THEIRS")})
    assert (result.outcome, server.count("CreateRepository")) == (Outcome.REFUSED, 0)
    assert "222222222222" in result.detail


@pytest.mark.fault("B35")
async def test_what_is_on_its_way_is_signed_with_the_keys_that_were_checked_or_not_at_all(
    aws_home: Path, server: FaultServer, mine: AwsAccount
) -> None:
    gate, holders = asyncio.Event(), []

    async def crowded() -> None:
        """As many calls as may run at a time: the change has to wait."""
        server.on("DescribeRepositories", when(gate, NO_REPOSITORIES))
        holders.extend(asyncio.ensure_future(listed(mine)) for _ in range(CONCURRENCY))
        await server.holds(CONCURRENCY)

    changing = asyncio.ensure_future(changed(mine, checking=crowded))
    await until(lambda: len(holders) == CONCURRENCY and server.active == CONCURRENCY)
    await taken_over(aws_home, server, mine, "THEIRS")
    gate.set()
    result = await changing
    await asyncio.gather(*holders)
    assert (result.outcome, server.count("CreateRepository")) == (Outcome.FAILED, 0)
    assert isinstance(result.error, AppError)
    assert (result.error.executed, result.detail) == ("no", "the credentials were replaced meanwhile")


@pytest.mark.fault("B35", "C50")
async def test_a_change_is_not_repeated_with_other_keys_and_what_was_sent_stays_unknown(
    aws_home: Path, server: FaultServer, mine: AwsAccount
) -> None:
    gate = asyncio.Event()
    server.on("StartBuild", when(gate, reset), answer({"build": {"id": "pet-web:1"}}))
    confirmed = await mine.identity()
    call = ApiCall("codebuild", "StartBuild", {"projectName": "pet-web", "idempotencyToken": "t"})
    starting = asyncio.ensure_future(mine.sender.send(REGION, call, confirmed))
    await server.holds(1)
    await taken_over(aws_home, server, mine, "THEIRS")
    gate.set()
    with pytest.raises(AppError) as caught:
        await starting
    assert (caught.value.executed, server.count("StartBuild")) == ("unknown", 1)


@pytest.mark.fault("B35")
async def test_what_another_account_shows_is_no_outcome(aws_home: Path, server: FaultServer, mine: AwsAccount) -> None:
    result = await changed(mine, reading=lambda: taken_over(aws_home, server, mine, "THEIRS"))
    (sent_one,) = (request for request in server.requests if request.operation == "CreateRepository")
    assert (result.outcome, signer(sent_one)) == (Outcome.UNKNOWN, "MINE")
    assert "222222222222" in result.detail


@pytest.mark.parametrize("moment", ["before", "checking", "reading"])
async def test_keys_that_are_rotated_are_no_hindrance(
    aws_home: Path, server: FaultServer, mine: AwsAccount, moment: str
) -> None:
    result = await changed(mine, **{moment: lambda: taken_over(aws_home, server, mine, "RENEWED")})
    (sent_one,) = (request for request in server.requests if request.operation == "CreateRepository")
    assert (result.outcome, signer(sent_one)) == (Outcome.DONE, "MINE" if moment == "reading" else "RENEWED")


# -- the clock --------------------------------------------------------------------------------------------


def late(seconds: float) -> Reply:
    """What a clock that is behind by so much gets."""
    return error("InvalidSignatureException", "Signature expired", 403, Date=formatdate(time.time() + seconds))


@pytest.mark.fault("B31")
async def test_a_clock_that_is_wrong_is_told_once_with_its_size_and_mended_by_itself(
    aws_home: Path, server: FaultServer, opens: Opens
) -> None:
    keys(aws_home, "KEY")
    server.on("DescribeRepositories", late(420))
    account = await opens()
    told: list[AppError | None] = []
    account.login.on_change(lambda: told.append(account.login.problem))
    await asyncio.gather(*(listed(account) for _ in range(4)))
    (problem,) = told
    assert problem is not None
    assert problem.why.startswith("your clock is 7 min slow")
    assert server.count("DescribeRepositories") == 4
    account.login._loss.lookout._clock = lambda: time.time() + 420  # somebody sets it
    server.on("DescribeRepositories", NO_REPOSITORIES)
    await until(lambda: account.login.problem is None, 2.0)
    assert await listed(account) is None


@pytest.mark.fault("B31")
async def test_a_clock_that_goes_on_being_wrong_is_no_loop(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    keys(aws_home, "KEY")
    server.on("DescribeRepositories", late(-7200))
    account = await opens()
    for _ in range(3):
        failed = await listed(account)
        assert failed is not None
        assert failed.why.startswith("your clock is 2.0 h fast")
    assert server.count("DescribeRepositories") == 3
    assert server.count("GetCallerIdentity") == 0


@pytest.mark.fault("B31")
async def test_a_role_refused_for_the_clock_says_so(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    (aws_home / "config").write_text(ROLE.replace("mfa_serial", "x_serial"))
    body = b"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>expired</Message></Error></ErrorResponse>"
    server.on("AssumeRole", answer(body, 403, {"Date": formatdate(time.time() + 600)}))
    failed = await listed(await opens("role"))
    assert failed is not None
    assert (failed.kind, failed.why) == (ErrorKind.CREDENTIALS, "your clock is 10 min slow (expired)")
    assert "Set the clock" in failed.remedy


# -- one search for all -----------------------------------------------------------------------------------


@pytest.mark.fault("B21")
async def test_twenty_calls_share_one_login(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    (aws_home / "config").write_text(SSO)
    token(aws_home, 3600)
    server.on("/federation/credentials", granted("SSO"))
    server.on("DescribeRepositories", accepting("SSO"))
    account = await opens("work")
    assert await asyncio.gather(*(listed(account) for _ in range(20))) == [None] * 20
    assert server.count("/federation/credentials") == 1


@pytest.mark.fault("B21")
async def test_a_login_elsewhere_is_seen_by_itself(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    (aws_home / "config").write_text(SSO)
    token(aws_home, -60)
    server.on("/federation/credentials", granted("SSO"))
    server.on("DescribeRepositories", accepting("SSO"))
    account = await opens("work")
    back = asyncio.Event()
    failures = await asyncio.gather(*(listed(account) for _ in range(5)))
    assert {failed.kind for failed in failures if failed} == {ErrorKind.CREDENTIALS}
    assert account.login.problem is not None
    assert account.login.command == ("aws", "sso", "login", "--profile", "work")
    account.login.on_change(lambda: back.set() if account.login.problem is None else None)
    token(aws_home, 3600)
    await asyncio.wait_for(back.wait(), 2.5)
    assert await listed(account) is None


@pytest.mark.fault("B21")
async def test_a_portal_that_could_not_be_reached_is_asked_again_by_itself(
    aws_home: Path, server: FaultServer, opens: Opens
) -> None:
    (aws_home / "config").write_text(SSO)
    token(aws_home, 3600)
    server.on("/federation/credentials", reset)
    server.on("DescribeRepositories", accepting("SSO"))
    account = await opens("work")
    failed = await listed(account)
    assert failed is not None
    assert (failed.kind, "network" in failed.remedy) == (ErrorKind.CREDENTIALS, True)
    server.on("/federation/credentials", granted("SSO"))
    await until(lambda: account.login.problem is None, 3.0)
    assert await listed(account) is None
    server.on("DescribeRepositories", accepting())
    assert await listed(account) is not None  # refused, which does not pass by itself
    asked = server.count("/federation/credentials")
    await asyncio.sleep(1.2)
    assert server.count("/federation/credentials") == asked


async def test_a_program_is_run_once_for_all(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    ends = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    granted_keys = {"Version": 1, "AccessKeyId": "PROGRAM", "SecretAccessKey": "s", "Expiration": ends}
    (aws_home / "program").write_text(
        f"#!{sys.executable}\nopen('{aws_home / 'runs'}', 'a').write('x')\nprint('''{json.dumps(granted_keys)}''')\n"
    )
    (aws_home / "program").chmod(0o700)
    (aws_home / "config").write_text(f"[default]\ncredential_process = {aws_home / 'program'}\n")
    server.on("DescribeRepositories", accepting("PROGRAM"))
    account = await opens()
    assert await asyncio.gather(*(listed(account) for _ in range(10))) == [None] * 10
    assert len((aws_home / "runs").read_text()) < 5


# -- codes ------------------------------------------------------------------------------------------------


def assumed(seconds: float, key: str = "ROLE") -> Reply:
    """STS's answer to AssumeRole."""
    ends = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return answer(
        f"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{key}</AccessKeyId>"
        f"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{ends}</Expiration>"
        "</Credentials><AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId>"
        "<Arn>arn:aws:sts::1:assumed-role/x/s</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>".encode()
    )


def refused(message: str, code: str = "AccessDenied") -> Reply:
    """An error of STS's."""
    return answer(
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "</ErrorResponse>".encode(),
        403,
    )


class Person:
    """Answers questions with these codes, one after the other."""

    def __init__(self, *codes: str) -> None:
        self.codes = list(codes)
        self.asked: list[CodeQuestion] = []
        self.here = asyncio.Event()
        self.here.set()

    async def __call__(self, question: CodeQuestion) -> str:
        self.asked.append(question)
        await self.here.wait()
        if not self.codes:
            raise AppError(ErrorKind.CREDENTIALS, "go on", why="no code was given")
        return self.codes.pop(0)


@pytest.mark.fault("B25")
async def test_a_wrong_code_is_said_and_asked_again(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    (aws_home / "config").write_text(ROLE)
    wrong = refused("MultiFactorAuthentication failed with invalid MFA one time pass code.")
    server.on("AssumeRole", wrong, assumed(3600))
    server.on("DescribeRepositories", accepting("ROLE"))
    account = await opens("role")
    person = Person("12345", "000000", " 123456 ")
    account.login.asks(person)
    assert await asyncio.gather(*(listed(account) for _ in range(10))) == [None] * 10
    assert [question.problem for question in person.asked] == [
        "",
        "a code has six digits",
        "that code was not accepted; wait for the next one",
    ]
    assert person.asked[0] == CodeQuestion("role", "arn:aws:iam::1:role/x", "arn:aws:iam::1:mfa/me")
    codes = [request.parameters["TokenCode"] for request in server.requests if request.operation == "AssumeRole"]
    assert codes == ["000000", "123456"]


@pytest.mark.fault("B25")
async def test_a_person_may_take_longer_than_a_search(
    aws_home: Path, server: FaultServer, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecrtui.aws.credentials._PATIENCE", 0.5)
    (aws_home / "config").write_text(ROLE)
    server.on("AssumeRole", assumed(3600))
    server.on("DescribeRepositories", accepting("ROLE"))
    account = await opens("role")
    person = Person("123456")
    person.here.clear()
    account.login.asks(person)
    listing = asyncio.ensure_future(listed(account))
    await until(lambda: bool(person.asked))
    await asyncio.sleep(0.7)  # longer than the patience
    assert not listing.done()
    person.here.set()
    assert await listing is None


@pytest.mark.fault("B25")
async def test_who_gives_no_code_is_asked_again_only_on_demand(
    aws_home: Path, server: FaultServer, opens: Opens
) -> None:
    (aws_home / "config").write_text(ROLE)
    server.on("AssumeRole", assumed(3600))
    server.on("DescribeRepositories", accepting("ROLE"))
    account = await opens("role")
    person = Person()
    account.login.asks(person)
    for _ in range(3):
        failed = await listed(account)
        assert failed is not None
        assert (failed.kind, failed.why) == (ErrorKind.CREDENTIALS, "no code was given")
    assert len(person.asked) == 1
    person.codes = ["123456"]
    assert await account.login.again()
    assert await listed(account) is None


@pytest.mark.fault("B25")
async def test_a_role_that_runs_out_is_asked_for_again(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    (aws_home / "config").write_text(ROLE)
    server.on("AssumeRole", assumed(300), assumed(3600, "LATER"))
    server.on("DescribeRepositories", accepting("ROLE", "LATER"))
    account = await opens("role")
    person = Person("111111", "222222")
    account.login.asks(person)
    assert await listed(account) is None
    assert await listed(account) is None
    assert [request.parameters["TokenCode"] for request in server.requests if request.operation == "AssumeRole"] == [
        "111111",
        "222222",
    ]


@pytest.mark.fault("B25")
async def test_a_role_that_refuses_is_no_wrong_code(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    (aws_home / "config").write_text(ROLE)
    server.on("AssumeRole", refused("User: me is not authorized to perform: sts:AssumeRole"))
    account = await opens("role")
    person = Person("111111", "222222")
    account.login.asks(person)
    failed = await listed(account)
    assert failed is not None
    assert "sts:AssumeRole" in failed.why
    assert len(person.asked) == 1


# -- SSO --------------------------------------------------------------------------------------------------


def token(home: Path, seconds: float) -> None:
    """Log in as `aws sso login` does: write a token that holds for so many seconds."""
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    ends = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = {"accessToken": "t", "expiresAt": ends, "startUrl": "https://corp.example", "region": "us-east-1"}
    (cache / f"{sha1(b'corp').hexdigest()}.json").write_text(json.dumps(text))


def granted(key: str, seconds: float = 3600) -> Reply:
    """The portal's answer."""
    ends = int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp() * 1000)
    given = {"accessKeyId": key, "secretAccessKey": "s", "sessionToken": "t", "expiration": ends}
    return answer({"roleCredentials": given})


async def test_closing_ends_a_search_that_waits(aws_home: Path, server: FaultServer, opens: Opens) -> None:
    (aws_home / "config").write_text(SSO)
    token(aws_home, 3600)
    gate = asyncio.Event()
    server.on("/federation/credentials", when(gate, granted("SSO")))
    account = await opens("work")
    waiting = asyncio.ensure_future(listed(account))
    await server.holds(1)
    await asyncio.wait_for(account.close(), 2)
    with pytest.raises(asyncio.CancelledError):
        await waiting
