"""Calls: deadlines, retries, bounds, and what their failures say."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from typing import Any

import pytest
from faultserver import FaultServer, answer, error, half, hang, identity, loris, page_of_markup, reset, when
from opening import REGION, Open, sent

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.session import Attempt
from ecrtui.domain.change import ApiCall
from ecrtui.domain.errors import AppError, ErrorKind, Executed
from ecrtui.domain.repository import RepositoryListing

REPOSITORY = {"repositoryName": "pet-web", "registryId": "1", "repositoryArn": "a", "repositoryUri": "u"}
GOOD = answer({"repositories": [REPOSITORY]})
CREATE = ApiCall("ecr", "CreateRepository", {"repositoryName": "pet-web"})
START = ApiCall("codebuild", "StartBuild", {"projectName": "pet-web", "idempotencyToken": "t-1"})


async def names(account: AwsAccount, region: str = REGION) -> list[str]:
    """The names of all repositories."""
    listing = RepositoryListing(region)
    async for _ in account.registry(region).list_repositories(listing):
        pass
    return listing.names


async def failing(account: AwsAccount, region: str = REGION) -> AppError:
    """The error of listing the repositories."""
    with pytest.raises(AppError) as caught:
        await names(account, region)
    return caught.value


async def refused(account: AwsAccount, call: ApiCall) -> AppError:
    """The error of a change."""
    with pytest.raises(AppError) as caught:
        await sent(account, REGION, call)
    return caught.value


# -- reads are repeated -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        error("ThrottlingException"),
        error("TooManyRequestsException", status=429),
        error("ServerException", status=500),
        page_of_markup(503),
        reset,
        half({"repositories": [REPOSITORY]}),
    ],
    ids=["throttled", "429", "server", "markup-503", "reset", "half"],
)
@pytest.mark.fault("C37", "C38")
async def test_a_read_is_repeated_and_each_attempt_is_told(server: FaultServer, opened: Open, fault: Any) -> None:
    attempts: list[Attempt] = []
    account = await opened(on_attempt=attempts.append)
    server.on("DescribeRepositories", fault, fault, GOOD)
    assert await names(account) == ["pet-web"]
    assert server.count("DescribeRepositories") == 3
    assert [(attempt.number, attempt.of, attempt.operation) for attempt in attempts] == [
        (1, 5, "DescribeRepositories"),
        (2, 5, "DescribeRepositories"),
    ]


@pytest.mark.fault("C37")
async def test_reads_that_stay_throttled_give_up_after_five(server: FaultServer, account: AwsAccount) -> None:
    server.on("DescribeRepositories", error("ThrottlingException", "Rate exceeded"))
    failed = await failing(account)
    assert (failed.kind, failed.why, failed.exit_code) == (ErrorKind.THROTTLED, "Rate exceeded", 5)
    assert server.count("DescribeRepositories") == 5


@pytest.mark.parametrize("code", ["RepositoryNotFoundException", "InvalidParameterException", "NoSuchCode"])
async def test_a_refusal_is_not_repeated(server: FaultServer, account: AwsAccount, code: str) -> None:
    server.on("DescribeRepositories", error(code))
    assert (await failing(account)).code == code
    assert server.count("DescribeRepositories") == 1


# -- changes are not --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "executed"),
    [
        (error("ThrottlingException"), Executed.NO),
        (error("RepositoryAlreadyExistsException"), Executed.NO),
        (error("ServerException", status=500), Executed.UNKNOWN),
        (reset, Executed.UNKNOWN),
        (half({"repository": REPOSITORY}), Executed.UNKNOWN),
        (page_of_markup(), Executed.UNKNOWN),
        (hang, Executed.UNKNOWN),
        (loris, Executed.UNKNOWN),
    ],
    ids=["throttled", "refused", "500", "reset", "half", "markup", "hang", "loris"],
)
@pytest.mark.fault("C48")
async def test_a_change_is_sent_once(server: FaultServer, opened: Open, fault: Any, executed: Executed) -> None:
    account = await opened(read_timeout=0.2, operation_timeout=0.6)
    server.on("CreateRepository", fault)
    failed = await refused(account, CREATE)
    assert failed.executed is executed
    assert server.count("CreateRepository") == 1


async def test_a_change_that_never_left_was_not_executed(opened: Open) -> None:
    account = await opened(endpoint_url="http://127.0.0.1:1")
    failed = await refused(account, CREATE)
    assert (failed.kind, failed.executed) == (ErrorKind.NETWORK, Executed.NO)
    assert failed.why.startswith("127.0.0.1:1: ")


@pytest.mark.fault("C50")
async def test_a_change_with_a_token_is_repeated(server: FaultServer, account: AwsAccount) -> None:
    server.on("StartBuild", reset, answer({"build": {"id": "pet-web:1", "startTime": 1.5e9}}))
    receipt = await sent(account, REGION, START)
    assert receipt.request_id == "req-1"
    assert receipt.response == {"build": {"id": "pet-web:1", "startTime": "2017-07-14T02:40:00Z"}}
    tokens = {request.parameters["idempotencyToken"] for request in server.requests}
    assert (tokens, server.count("StartBuild")) == ({"t-1"}, 2)


async def test_a_refusal_after_a_lost_reply_leaves_the_outcome_open(server: FaultServer, account: AwsAccount) -> None:
    server.on("StartBuild", reset, error("AccountLimitExceededException"))
    failed = await refused(account, START)
    assert (failed.kind, failed.executed) == (ErrorKind.LIMIT, Executed.UNKNOWN)


@pytest.mark.fault("E85")
async def test_read_only_sends_nothing(server: FaultServer, opened: Open) -> None:
    account = await opened(read_only=True)
    failed = await refused(account, START)
    assert (failed.kind, failed.executed, failed.exit_code) == (ErrorKind.READ_ONLY, Executed.NO, 4)
    assert server.requests == []


# -- answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (page_of_markup(), "markup"),
        (answer(b""), "empty"),
        (answer(b'{"repositories": [{"repos'), "breaks off"),
        (answer([1, 2]), "list instead of an object"),
        (answer({}), "no repositories"),
        (answer({"repositories": None}), "no repositories"),
        (answer({"repositories": "none"}), "no repositories"),
        (answer(b"[" * 200_000), "Recursion"),
    ],
    ids=["markup", "empty", "cut", "list", "missing", "null", "text", "deep"],
)
@pytest.mark.fault("C39", "C40")
async def test_an_answer_that_is_none_is_malformed(
    server: FaultServer, account: AwsAccount, body: Any, why: str
) -> None:
    server.on("DescribeRepositories", body)
    failed = await failing(account)
    assert failed.kind is ErrorKind.MALFORMED
    assert failed.why.startswith("malformed answer: ")
    assert why in failed.why


async def test_an_empty_region_is_no_error(server: FaultServer, account: AwsAccount) -> None:
    server.on("DescribeRepositories", answer({"repositories": []}))
    assert await names(account) == []


# -- deadlines and bounds ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [loris, hang], ids=["loris", "hang"])
@pytest.mark.fault("C42")
async def test_the_deadline_ends_everything(server: FaultServer, opened: Open, fault: Any) -> None:
    account = await opened(operation_timeout=0.4)
    server.on("DescribeRepositories", fault)
    started = time.monotonic()
    assert (await failing(account)).kind is ErrorKind.TIMEOUT
    assert time.monotonic() - started < 2


async def test_the_deadline_names_the_cause_that_it_cut_short(server: FaultServer, opened: Open) -> None:
    account = await opened(operation_timeout=0.5, backoff=60)
    server.on("DescribeRepositories", error("ThrottlingException", "Rate exceeded"))
    failed = await failing(account)
    assert (failed.kind, failed.why) == (ErrorKind.THROTTLED, "Rate exceeded; gave up after 0.5 s")


async def test_eight_calls_at_a_time_to_one_region(server: FaultServer, account: AwsAccount) -> None:
    gate = asyncio.Event()
    server.on("DescribeRepositories", when(gate, GOOD))
    calls = [asyncio.ensure_future(names(account)) for _ in range(20)]
    elsewhere = asyncio.ensure_future(names(account, "us-east-1"))
    await server.holds(9)
    server.on("GetCallerIdentity", identity())
    await account.identity()  # a tenth would have come meanwhile
    assert server.active == 9
    gate.set()
    assert await asyncio.gather(*calls, elsewhere) == [["pet-web"]] * 21


@pytest.mark.fault("C53")
async def test_cancelling_a_read_frees_its_place(server: FaultServer, account: AwsAccount) -> None:
    server.on("DescribeRepositories", hang)
    calls = [asyncio.ensure_future(names(account)) for _ in range(8)]
    await server.holds(8)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    server.on("DescribeRepositories", GOOD)
    assert await names(account) == ["pet-web"]


@pytest.mark.fault("B36")
async def test_one_client_for_a_service_and_region(server: FaultServer, account: AwsAccount) -> None:
    clients = await asyncio.gather(*(account.client("ecr", REGION) for _ in range(10)))
    other = await account.client("ecr", "us-east-1")
    assert len({id(client) for client in clients}) == 1
    assert other is not clients[0]
    assert (clients[0].meta.region_name, other.meta.region_name) == (REGION, "us-east-1")


async def test_a_closed_account_calls_nobody(server: FaultServer, account: AwsAccount) -> None:
    server.on("DescribeRepositories", GOOD)
    await names(account)
    await account.close()
    assert (await failing(account)).kind is ErrorKind.LOCAL
    assert server.count("DescribeRepositories") == 1


# -- what errors say --------------------------------------------------------------------------------------


async def test_a_missing_permission_is_named(server: FaultServer, account: AwsAccount) -> None:
    message = (
        "User: arn:aws:sts::1:assumed-role/dev/me is not authorized to perform: ecr:DescribeRepositories "
        "on resource: arn:aws:ecr:eu-central-1:1:repository/* because no identity-based policy allows it"
    )
    server.on("DescribeRepositories", error("AccessDeniedException", message))
    failed = await failing(account)
    assert (failed.kind, failed.action, failed.exit_code) == (ErrorKind.DENIED, "ecr:DescribeRepositories", 4)
    assert "arn:aws:sts::1:assumed-role/dev/me" in failed.remedy
    assert "repository/*" in failed.remedy


@pytest.mark.parametrize(
    ("ending", "remedy"),
    [
        ("with an explicit deny in a service control policy", "denying policy"),
        ("because no resource-based policy allows the action", "policy of the resource"),
        ("because no permissions boundary allows the action", "boundary"),
    ],
)
async def test_the_remedy_fits_the_kind_of_denial(
    server: FaultServer, account: AwsAccount, ending: str, remedy: str
) -> None:
    message = f"User: me is not authorized to perform: ecr:Describe* on resource: r {ending}"
    server.on("DescribeRepositories", error("AccessDeniedException", message))
    assert remedy in (await failing(account)).remedy


async def test_a_denial_without_a_message_names_the_operation(server: FaultServer, account: AwsAccount) -> None:
    server.on("DescribeRepositories", error("AccessDeniedException", ""))
    assert (await failing(account)).action == "ecr:DescribeRepositories"


@pytest.mark.fault("B31")
async def test_a_slow_clock_is_measured(server: FaultServer, account: AwsAccount) -> None:
    server.on(
        "DescribeRepositories",
        error("InvalidSignatureException", "Signature expired", 403, Date=formatdate(time.time() + 424, usegmt=True)),
    )
    failed = await failing(account)
    assert failed.kind is ErrorKind.CREDENTIALS
    assert failed.why.startswith("your clock is 7 min slow")


async def test_a_bad_secret_is_no_matter_of_the_clock(server: FaultServer, account: AwsAccount) -> None:
    server.on(
        "DescribeRepositories",
        error("SignatureDoesNotMatch", "does not match", 403, Date=formatdate(usegmt=True)),
    )
    failed = await failing(account)
    assert "clock" not in failed.why
    assert "secret key" in failed.remedy


@pytest.mark.fault("B24")
async def test_expired_credentials_name_the_profile(server: FaultServer, opened: Open) -> None:
    account = await opened(profile="work")
    server.on("DescribeRepositories", error("ExpiredTokenException"))
    failed = await failing(account)
    assert (failed.kind, failed.exit_code) == (ErrorKind.CREDENTIALS, 3)
    assert failed.remedy == "Renew the credentials of the profile work."


@pytest.mark.fault("C46")
async def test_a_region_is_disabled_when_another_accepts_us(server: FaultServer, account: AwsAccount) -> None:
    server.on("DescribeRepositories", error("UnrecognizedClientException"))
    server.on("GetCallerIdentity", identity())
    failed = await failing(account, "me-south-1")
    assert (failed.kind, "me-south-1" in failed.remedy) == (ErrorKind.REGION_DISABLED, True)


REFUSED = b"<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no</Message></Error></ErrorResponse>"


@pytest.mark.parametrize("region", [REGION, "me-south-1", "us-east-1"])
@pytest.mark.fault("C46")
async def test_credentials_that_no_region_accepts_are_no_matter_of_the_region(
    server: FaultServer, opened: Open, region: str
) -> None:
    """And no two regions wait for each other's answer."""
    account = await opened(operation_timeout=5)
    server.on("DescribeRepositories", error("UnrecognizedClientException"))
    server.on("GetCallerIdentity", answer(REFUSED, 403))
    assert (await failing(account, region)).kind is ErrorKind.CREDENTIALS
    with pytest.raises(AppError) as caught:
        await account.identity()
    assert caught.value.kind is ErrorKind.CREDENTIALS


async def test_a_host_without_an_address_is_named(opened: Open) -> None:
    account = await opened(endpoint_url="http://no-such-host.invalid:8443", attempts=1)
    failed = await failing(account)
    assert failed.kind is ErrorKind.NETWORK
    assert failed.why.startswith("no-such-host.invalid:8443 has no address")


@pytest.mark.parametrize(
    "url", ["http://me:hunter2@127.0.0.1:1", "127.0.0.1:1", "ftp://127.0.0.1", "http://", "http://[::1", "junk"]
)
@pytest.mark.fault("B34")
async def test_an_endpoint_that_cannot_be_used_is_refused_at_once(opened: Open, url: str) -> None:
    with pytest.raises(AppError) as caught:
        await opened(endpoint_url=url)
    assert caught.value.kind is ErrorKind.USAGE
    assert "hunter2" not in f"{caught.value} {caught.value.remedy}"


async def test_parameters_that_botocore_refuses_are_invalid(server: FaultServer, account: AwsAccount) -> None:
    failed = await refused(account, ApiCall("ecr", "CreateRepository", {"repositoryName": 7}))
    assert (failed.kind, failed.executed) == (ErrorKind.INVALID, Executed.NO)
    failed = await refused(account, ApiCall("ecr", "NoSuchOperation", {}))
    assert failed.kind is ErrorKind.INVALID
    assert server.requests == []
