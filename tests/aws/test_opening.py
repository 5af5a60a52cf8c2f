"""Opening an account: light imports, credentials in every state, and who else may read our keys."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

import pytest
from botocore.tokens import SSOTokenProvider
from faultserver import FaultServer, answer, error, identity
from opening import REGION, Open

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account, profiles
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import RegionStatus


@pytest.fixture(autouse=True)
def aws_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home without any AWS variable, and an instance metadata service that refuses."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")
    # botocore has looked for the home when it was imported
    monkeypatch.setattr(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path / ".aws" / "sso" / "cache"))
    return tmp_path


@pytest.fixture
def mute() -> Iterator[str]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def ask(options: AccountOptions) -> None:
    """Open an account, ask who we are, and close it."""
    account = await open_account(options)
    try:
        await account.identity()
    finally:
        await account.close()


async def failing(options: AccountOptions) -> AppError:
    """The error of opening an account and asking who we are."""
    with pytest.raises(AppError) as caught:
        await ask(options)
    return caught.value


# -- what opening costs -----------------------------------------------------------------------------------


def test_the_options_cost_no_botocore() -> None:
    script = (
        "import sys, ecrtui.aws.session as session; session.AccountOptions(); "
        "heavy = {'botocore', 'aiobotocore', 'aiohttp', 'msgspec', 'asyncio'}; "
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_opening_calls_nobody(server: FaultServer, opened: Open) -> None:
    account = await opened()
    assert (account.default_region, account.endpoint, account.read_only) == (REGION, server.url, False)
    assert server.requests == []


@pytest.mark.fault("B36")
async def test_one_tls_context_for_all_clients(opened: Open) -> None:
    account = await opened(endpoint_url="https://127.0.0.1:1", attempts=1)
    contexts = []
    for region in ("us-east-1", "eu-west-1"):
        http = (await account.client("ecr", region))._endpoint.http_session
        contexts.append((await http._create_connector(None))._ssl)
        await asyncio.sleep(0)
    assert contexts[0] is contexts[1]


# -- profiles and files -----------------------------------------------------------------------------------


async def test_the_profile_gives_region_and_endpoint(aws_home: Path, server: FaultServer) -> None:
    (aws_home / "config").write_text(
        f"[profile work]\nregion = eu-west-3\nendpoint_url = {server.url}\n[default]\nregion = us-west-2\n"
    )
    (aws_home / "credentials").write_text("[work]\naws_access_key_id = AKID\naws_secret_access_key = s\n")
    assert set(profiles()) == {"work", "default"}
    server.on("GetCallerIdentity", identity("42"))
    account = await open_account(AccountOptions(profile="work"))
    assert (account.profile, account.default_region, account.endpoint) == ("work", "eu-west-3", server.url)
    assert (await account.identity()).account == "42"
    await account.close()


async def test_the_region_of_the_newer_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    account = await open_account(AccountOptions())
    assert account.default_region == "us-west-2"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert (await open_account(AccountOptions())).default_region == "eu-west-1"
    assert (await open_account(AccountOptions(region="sa-east-1"))).default_region == "sa-east-1"


@pytest.mark.parametrize("broken", ["[profile\n", "[default]\nregion=a\n[default]\nregion=b\n", b"\xff\xfe[\x00"])
@pytest.mark.fault("B29")
async def test_a_broken_file_is_named(aws_home: Path, broken: str | bytes) -> None:
    (aws_home / "config").write_bytes(broken if isinstance(broken, bytes) else broken.encode())
    failed = await failing(AccountOptions(region=REGION))
    assert failed.kind is ErrorKind.CREDENTIALS
    assert str(aws_home / "config") in failed.why


@pytest.mark.fault("B29")
async def test_an_unknown_profile() -> None:
    failed = await failing(AccountOptions(profile="nobody", region=REGION))
    assert (failed.kind, failed.exit_code) == (ErrorKind.CREDENTIALS, 3)
    assert "nobody" in failed.why


async def test_the_embedded_account_reads_neither_files_nor_variables(
    aws_home: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (aws_home / "config").write_text("[broken\n")
    for name, value in {
        "AWS_PROFILE": "nobody",
        "AWS_REGION": "xx-nowhere-1",
        "AWS_ENDPOINT_URL": "junk",
        "AWS_CA_BUNDLE": "/no/such/file",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "AWS_USE_FIPS_ENDPOINT": "true",
    }.items():
        monkeypatch.setenv(name, value)
    server.on("GetCallerIdentity", identity())
    keys = StaticCredentials("AKID", "s")
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url, credentials=keys))
    assert (await account.identity()).account == "123456789012"
    assert account.default_region == REGION
    await account.close()
    assert "s'" not in repr(keys)


# -- credentials ------------------------------------------------------------------------------------------


@pytest.mark.fault("B20")
async def test_no_credentials_at_all(server: FaultServer) -> None:
    failed = await failing(AccountOptions(region=REGION, endpoint_url=server.url))
    assert (failed.kind, failed.exit_code) == (ErrorKind.CREDENTIALS, 3)
    assert "no credentials for the profile default" in failed.why


@pytest.mark.fault("B20")
async def test_a_mute_metadata_service_holds_nobody_up(
    mute: str, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", mute)
    started = time.monotonic()
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url))
    assert time.monotonic() - started < 2
    asking = [account.identity(fresh=True) for _ in range(5)]
    failures = await asyncio.gather(*asking, return_exceptions=True)
    assert [getattr(failed, "kind", failed) for failed in failures] == [ErrorKind.CREDENTIALS] * 5
    assert time.monotonic() - started < 8
    await account.close()


@pytest.mark.fault("B21")
async def test_a_login_is_found_without_opening_anew(aws_home: Path, server: FaultServer) -> None:
    server.on("GetCallerIdentity", identity())
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url))
    with pytest.raises(AppError):
        await account.identity()
    (aws_home / "credentials").write_text("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n")
    assert (await account.identity()).account == "123456789012"
    await account.close()


def program(home: Path, text: str) -> None:
    """Configure a credential_process."""
    (home / "program").write_text(f"#!{sys.executable}\n{text}\n")
    (home / "program").chmod(0o700)
    (home / "config").write_text(f"[default]\ncredential_process = {home / 'program'}\n")


GRANTED = json.dumps({"Version": 1, "AccessKeyId": "AKID", "SecretAccessKey": "s"})


@pytest.mark.fault("B27")
async def test_a_credential_program_does_not_read_our_keys(aws_home: Path, server: FaultServer) -> None:
    seen = aws_home / "seen"
    program(
        aws_home,
        "import os, sys\n"
        f"open('{seen}', 'w').write(repr((sys.stdin.read(), os.getsid(0) == os.getpid())))\n"
        f"print('{GRANTED}')",
    )
    server.on("GetCallerIdentity", identity())
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url))
    assert (await account.identity()).account == "123456789012"
    assert seen.read_text() == "('', True)"
    await account.close()


@pytest.mark.parametrize("text", ["print('not json')", "raise SystemExit(3)", "print('{}')"])
@pytest.mark.fault("B28")
async def test_a_credential_program_that_fails(aws_home: Path, server: FaultServer, text: str) -> None:
    program(aws_home, text)
    failed = await failing(AccountOptions(region=REGION, endpoint_url=server.url))
    assert failed.kind is ErrorKind.CREDENTIALS
    assert failed.remedy


@pytest.mark.fault("B26")
async def test_a_credential_program_that_hangs_is_ended_with_its_children(
    aws_home: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecrtui.aws.credentials._PATIENCE", 1.0)
    child = aws_home / "child"
    program(
        aws_home,
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"open('{child}', 'w').write(str(child.pid))\n"
        "child.wait()",
    )
    failed = await failing(AccountOptions(region=REGION, endpoint_url=server.url))
    assert failed.kind is ErrorKind.CREDENTIALS
    assert failed.why == f"the program of credential_process ({aws_home / 'program'}) did not answer within 1 s"
    for _ in range(100):
        if not _runs(int(child.read_text())):
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("its child still runs")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.fault("B28")
async def test_a_credential_program_that_is_not_there(aws_home: Path, server: FaultServer) -> None:
    (aws_home / "config").write_text("[default]\ncredential_process = /no/such/program\n")
    failed = await failing(AccountOptions(region=REGION, endpoint_url=server.url))
    assert (failed.kind, "/no/such/program" in failed.why) == (ErrorKind.CREDENTIALS, True)


@pytest.mark.parametrize(
    "token", ['{"startUrl": "x"', '{"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z"}', None]
)
@pytest.mark.fault("B23")
async def test_an_sso_login_that_is_over(aws_home: Path, server: FaultServer, token: str | None) -> None:
    (aws_home / "config").write_text(
        "[profile work]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\n"
        "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example\n"
    )
    if token is not None:
        cache = aws_home / ".aws" / "sso" / "cache"
        cache.mkdir(parents=True)
        (cache / f"{sha1(b'corp').hexdigest()}.json").write_text(token)
    failed = await failing(AccountOptions(profile="work", region=REGION, endpoint_url=server.url))
    assert failed.kind is ErrorKind.CREDENTIALS
    assert "aws sso login --profile work" in failed.remedy


@pytest.mark.fault("B25")
async def test_a_role_that_asks_for_mfa_does_not_ask_at_our_terminal(aws_home: Path, server: FaultServer) -> None:
    (aws_home / "config").write_text(
        "[profile base]\naws_access_key_id = AKID\naws_secret_access_key = s\n"
        "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/me\n"
    )
    failed = await failing(AccountOptions(profile="role", region=REGION, endpoint_url=server.url))
    assert (failed.kind, "MFA" in failed.why) == (ErrorKind.CREDENTIALS, True)


@pytest.mark.fault("B29")
async def test_no_region(server: FaultServer, aws_home: Path) -> None:
    (aws_home / "credentials").write_text("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n")
    account = await open_account(AccountOptions())
    assert account.default_region == ""
    with pytest.raises(AppError) as caught:
        await account.registry("").repository("pet-web")
    assert caught.value.kind is ErrorKind.USAGE
    await account.close()


@pytest.mark.fault("B32")
async def test_a_ca_bundle_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, aws_home: Path) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/bundle.pem")
    (aws_home / "credentials").write_text("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n")
    failed = await failing(AccountOptions(region=REGION, endpoint_url="https://127.0.0.1:1"))
    assert (failed.kind, "/no/such/bundle.pem" in failed.why) == (ErrorKind.NETWORK, True)
    assert "AWS_CA_BUNDLE" in failed.remedy


@pytest.mark.fault("B32")
async def test_a_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch, aws_home: Path) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@127.0.0.1:1")
    (aws_home / "credentials").write_text("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n")
    failed = await failing(AccountOptions(region=REGION, endpoint_url="https://ecr.example:8443"))
    assert (failed.kind, "127.0.0.1:1" in failed.why) == (ErrorKind.NETWORK, True)
    assert "hunter2" not in f"{failed}{failed.remedy}"
    assert "HTTPS_PROXY" in failed.remedy


# -- regions ----------------------------------------------------------------------------------------------


def statuses(*names: tuple[str, str]) -> list[dict[str, str]]:
    """Regions as the account service names them."""
    return [{"RegionName": name, "RegionOptStatus": status} for name, status in names]


async def test_regions_by_the_account_service(server: FaultServer, account: AwsAccount) -> None:
    server.on(
        "/listRegions",
        answer(
            {"Regions": statuses(("us-east-1", "ENABLED_BY_DEFAULT"), ("me-south-1", "DISABLED")), "NextToken": "n"}
        ),
        answer({"Regions": statuses(("af-south-1", "ENABLED"))}),
    )
    assert await account.regions() == (
        RegionStatus("af-south-1"),
        RegionStatus("me-south-1", "not enabled in this account"),
        RegionStatus("us-east-1"),
    )


async def test_regions_by_ec2_when_the_account_service_refuses(server: FaultServer, account: AwsAccount) -> None:
    server.on("/listRegions", error("AccessDeniedException", status=403))
    item = "<item><regionName>{}</regionName><optInStatus>{}</optInStatus></item>"
    regions = item.format("us-east-1", "opt-in-not-required") + item.format("me-south-1", "not-opted-in")
    server.on("DescribeRegions", answer(f"<R><regionInfo>{regions}</regionInfo></R>".encode()))
    assert await account.regions() == (
        RegionStatus("me-south-1", "not enabled in this account"),
        RegionStatus("us-east-1"),
    )


async def test_regions_of_the_partition_when_nobody_answers(server: FaultServer, opened: Open) -> None:
    account = await opened(region="cn-north-1")
    assert await account.regions() == (RegionStatus("cn-north-1"), RegionStatus("cn-northwest-1"))
    assert len(server.requests) == 2
