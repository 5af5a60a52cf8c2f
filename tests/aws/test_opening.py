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


BROKEN = [
    (b"[profile\n", "line 1"),
    (b"region = a\n", "line 1: it belongs to no section"),
    (b"[default]\nregion=a\n\n[default]\nregion=b\n", "line 4: the section default is there twice"),
    (b"[default]\nregion=a\nregion=b\n", "line 3: region is set twice"),
    (b"[default]\nregion=a\nnothing\n", "line 3 cannot be read"),
    (b"[default]\ns3 =\n  nothing\n", "a nested setting"),
    (b"\xff\xfe[\x00", "no text"),
]


@pytest.mark.parametrize(("broken", "where"), BROKEN)
@pytest.mark.fault("B29")
async def test_a_broken_file_is_named_with_the_line(aws_home: Path, broken: bytes, where: str) -> None:
    (aws_home / "config").write_bytes(broken)
    failed = await failing(AccountOptions(region=REGION))
    assert (failed.kind, failed.exit_code) == (ErrorKind.CREDENTIALS, 3)
    assert str(aws_home / "config") in failed.why
    assert where in failed.why


@pytest.mark.fault("B29")
async def test_an_unknown_profile_names_those_that_there_are(aws_home: Path) -> None:
    (aws_home / "credentials").write_text("[work]\n[other]\n")
    failed = await failing(AccountOptions(profile="nobody", region=REGION))
    assert (failed.kind, failed.exit_code) == (ErrorKind.CREDENTIALS, 3)
    assert failed.why == "there is no profile nobody in the AWS files"
    assert "work, other" in failed.remedy


WRONG = [
    ("role_arn = r\nsource_profile = nobody\n", '"nobody" referenced in the profile "a" does not exist'),
    ("role_arn = r\ncredential_source = Moon\n", "Moon"),
    ("aws_access_key_id = A\n", "missing: aws_secret_access_key"),
]


@pytest.mark.parametrize(("settings", "why"), WRONG)
@pytest.mark.fault("B29")
async def test_a_profile_that_leads_nowhere_is_to_be_corrected(aws_home: Path, settings: str, why: str) -> None:
    (aws_home / "config").write_text(f"[profile a]\n{settings}")
    failed = await failing(AccountOptions(profile="a", region=REGION, endpoint_url="http://127.0.0.1:1"))
    assert (failed.kind, why in failed.why) == (ErrorKind.CREDENTIALS, True)
    assert failed.remedy == "Correct the profile a in the AWS files."


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
    monkeypatch.setattr("ecrtui.aws.providers._METADATA_PATIENCE", 0.8)
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", mute)
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "600")
    started = time.monotonic()
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url))
    assert time.monotonic() - started < 2
    asking = [account.identity(fresh=True) for _ in range(5)]
    failures = await asyncio.gather(*asking, return_exceptions=True)
    assert [getattr(failed, "kind", failed) for failed in failures] == [ErrorKind.CREDENTIALS] * 5
    assert time.monotonic() - started < 4
    await account.close()


@pytest.mark.fault("B20")
async def test_a_mute_container_endpoint_is_waited_for_in_sight_and_not_for_long(
    mute: str, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecrtui.aws.providers._METADATA_PATIENCE", 0.8)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{mute}/get")
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url))
    waited_for: list[str] = []
    account.login.on_change(lambda: waited_for.append(account.login.waiting_for))
    started = time.monotonic()
    with pytest.raises(AppError) as caught:
        await account.identity()
    assert time.monotonic() - started < 3
    assert caught.value.why == "the container's metadata gave none: no answer within 0.8 s"
    assert waited_for[0] == "the container's metadata"
    assert account.login.waiting_for == ""
    await account.close()


@pytest.mark.fault("B20")
async def test_who_is_waited_for_in_vain_can_be_stopped(
    mute: str, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", mute)
    monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "600")
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url))
    account.login.stop()  # nobody is waited for yet
    account.login.on_change(account.login.stop)
    for _ in range(2):  # and not asked again by itself
        with pytest.raises(AppError) as caught:
            await asyncio.wait_for(account.identity(fresh=True), 3)
        assert caught.value.why == "the instance's metadata (IMDS) was waited for no longer"
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


IN_ADVANCE = '"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": '
FAILING = [
    ("raise SystemExit('\\x1b[31mno such vault\\n')", "failed: \x1b[31mno such vault"),
    ("import sys; sys.stderr.buffer.write(b'\\xff'); sys.exit(1)", "it printed no credentials"),
    ("raise SystemExit(3)", "it said nothing"),
    ("print('not json')", "it printed no credentials"),
    ("print('[1]')", "it printed no credentials"),
    ("print('{}')", "Unsupported version"),
    (f"print('{{{IN_ADVANCE}\"tomorrow\"}}')", "it printed no credentials"),
    (f"print('{{{IN_ADVANCE}\"2099-01-01T00:00:00\"}}')", "it printed no credentials"),
    (f"print('{{{IN_ADVANCE}\"2009-01-01T00:00:00Z\"}}')", "gave what has expired already"),
    ("while True: print('x' * 100_000)", "it printed no credentials"),
]


@pytest.mark.parametrize(("text", "why"), FAILING)
@pytest.mark.fault("B28")
async def test_a_credential_program_that_fails(aws_home: Path, server: FaultServer, text: str, why: str) -> None:
    program(aws_home, text)
    failed = await failing(AccountOptions(region=REGION, endpoint_url=server.url))
    assert failed.kind is ErrorKind.CREDENTIALS
    assert failed.why.startswith("the program of credential_process")
    assert why in failed.why
    assert "sso login" not in failed.remedy


@pytest.mark.parametrize(("mode", "why"), [(None, "No such file"), (0o600, "Permission denied")])
@pytest.mark.fault("B28")
async def test_a_credential_program_that_cannot_be_run(
    aws_home: Path, server: FaultServer, mode: int | None, why: str
) -> None:
    program(aws_home, "")
    (aws_home / "program").unlink() if mode is None else (aws_home / "program").chmod(mode)
    failed = await failing(AccountOptions(region=REGION, endpoint_url=server.url))
    assert failed.kind is ErrorKind.CREDENTIALS
    assert f"{aws_home / 'program'}: {why}" in failed.why
    assert "credential_process" in failed.remedy


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
        "subprocess.Popen(['sleep', '2'], start_new_session=True)\n"  # out of reach, with our pipe in its hands
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


LOGINS = [
    (None, "nobody has logged in with the profile work"),
    ('{"startUrl": "x"', "kept of the login of the profile work cannot be read"),
    ("null", "cannot be read"),
    ('{"accessToken": 3, "expiresAt": 7}', "cannot be read"),
    ('{"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z"}', "expired"),
]


@pytest.mark.parametrize(("token", "why"), LOGINS)
@pytest.mark.fault("B23")
async def test_an_sso_login_that_is_over(aws_home: Path, server: FaultServer, token: str | None, why: str) -> None:
    (aws_home / "config").write_text(
        "[profile work]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\n"
        "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example\n"
    )
    if token is not None:
        cache = aws_home / ".aws" / "sso" / "cache"
        cache.mkdir(parents=True)
        (cache / f"{sha1(b'corp').hexdigest()}.json").write_text(token)
    failed = await failing(AccountOptions(profile="work", region=REGION, endpoint_url=server.url))
    assert (failed.kind, why in failed.why) == (ErrorKind.CREDENTIALS, True)
    assert failed.remedy == "Run `aws sso login --profile work`."


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


@pytest.mark.parametrize(("held", "why"), [(None, "No such file"), ("junk", "it holds no certificates")])
@pytest.mark.fault("B32")
async def test_certificates_that_cannot_be_used_are_named(
    monkeypatch: pytest.MonkeyPatch, aws_home: Path, held: str | None, why: str
) -> None:
    bundle = aws_home / "bundle.pem"
    if held is not None:
        bundle.write_text(held)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    (aws_home / "credentials").write_text("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n")
    failed = await failing(AccountOptions(region=REGION, endpoint_url="https://127.0.0.1:1"))
    assert (failed.kind, str(bundle) in failed.why, why in failed.why) == (ErrorKind.NETWORK, True, True)
    assert "AWS_CA_BUNDLE" in failed.remedy


PROXIES = [
    ("http://me:hunter2@127.0.0.1:1", "the proxy 127.0.0.1:1 does not let us through: Connection refused"),
    ("http://me:hunter2@127.0.0.1:99999", "a proxy variable holds what is no URL"),
    ("junk:hunter2@@", "a proxy variable holds what is no URL"),
]


@pytest.mark.parametrize(("proxy", "why"), PROXIES)
@pytest.mark.fault("B32")
async def test_a_proxy_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, aws_home: Path, proxy: str, why: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    (aws_home / "credentials").write_text("[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n")
    failed = await failing(AccountOptions(region=REGION, endpoint_url="https://ecr.example:8443"))
    assert (failed.kind, failed.why) == (ErrorKind.NETWORK, why)
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
