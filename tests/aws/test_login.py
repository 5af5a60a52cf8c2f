"""Logins that end and begin again, and profiles that need more than there is."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path

import pytest
from botocore.tokens import SSOTokenProvider
from faultserver import FaultServer, Reply, Request, answer, error, identity
from opening import REGION, Open, sent

from ecrtui.aws.session import AccountOptions, open_account
from ecrtui.domain.change import ApiCall
from ecrtui.domain.errors import AppError, ErrorKind, Executed

REPOSITORY = {"repositoryName": "pet-web", "registryId": "1", "repositoryArn": "a", "repositoryUri": "u"}
GOOD = answer({"repositories": [REPOSITORY]})
KEYS = "[default]\naws_access_key_id = AKID\naws_secret_access_key = s\n"
PROFILE = (
    "[profile work]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\n"
    "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example\n"
)


@pytest.fixture(autouse=True)
def aws_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: FaultServer) -> Path:
    """An empty home, and a portal on loopback."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", server.url)
    # botocore has looked for the home when it was imported
    monkeypatch.setattr(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", str(tmp_path / ".aws" / "sso" / "cache"))
    return tmp_path


@pytest.fixture
def login(aws_home: Path) -> Callable[[float], None]:
    """Log in as `aws sso login` does: write a token that holds for so many seconds."""
    cache = aws_home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)

    def until(seconds: float) -> None:
        ends = datetime.fromtimestamp(time.time() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        token = {"accessToken": "t", "expiresAt": ends, "startUrl": "https://corp.example", "region": "us-east-1"}
        (cache / f"{sha1(b'corp').hexdigest()}.json").write_text(json.dumps(token))

    return until


def granted(seconds: float) -> object:
    """The portal's answer: credentials that hold for so many seconds."""
    ends = int((time.time() + seconds) * 1000)
    keys = {"accessKeyId": "AKID", "secretAccessKey": "s", "sessionToken": "t", "expiration": ends}
    return answer({"roleCredentials": keys})


@pytest.mark.fault("B21")
async def test_a_login_that_ends_in_mid_session_is_renewed_without_opening_anew(
    aws_home: Path, server: FaultServer, login: Callable[[float], None]
) -> None:
    (aws_home / "config").write_text(PROFILE)
    login(3600)
    server.on("/federation/credentials", granted(60))  # type: ignore[arg-type]
    server.on("GetCallerIdentity", identity())
    account = await open_account(AccountOptions(profile="work", region=REGION, endpoint_url=server.url))
    assert (await account.identity(fresh=True)).account == "123456789012"
    login(-60)
    server.on("/federation/credentials", error("UnauthorizedException", "Session token not found", 401))
    with pytest.raises(AppError) as caught:
        await account.identity(fresh=True)
    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert "aws sso login --profile work" in caught.value.remedy
    login(3600)
    server.on("/federation/credentials", granted(3600))  # type: ignore[arg-type]
    assert (await account.identity(fresh=True)).account == "123456789012"
    await account.close()


@pytest.mark.fault("B30")
async def test_a_profile_that_needs_an_extra_package_names_it(aws_home: Path, server: FaultServer) -> None:
    (aws_home / "config").write_text("[profile l]\nlogin_session = arn:aws:iam::1:user/me\n")
    account = await open_account(AccountOptions(profile="l", region=REGION, endpoint_url=server.url))
    with pytest.raises(AppError) as caught:
        await account.identity()
    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert "botocore[crt]" in caught.value.remedy
    assert "sso login" not in caught.value.remedy
    await account.close()


@pytest.mark.fault("B29")
async def test_roles_that_lead_to_each_other(aws_home: Path, server: FaultServer) -> None:
    role = "[profile {0}]\nrole_arn = arn:aws:iam::1:role/{0}\nsource_profile = {1}\n"
    (aws_home / "config").write_text(role.format("a", "b") + role.format("b", "a"))
    account = await open_account(AccountOptions(profile="a", region=REGION, endpoint_url=server.url))
    with pytest.raises(AppError) as caught:
        await account.identity()
    assert (caught.value.kind, "Infinite loop" in caught.value.why) == (ErrorKind.CREDENTIALS, True)
    assert caught.value.remedy == "Correct the profile a in the AWS files."
    await account.close()


@pytest.mark.fault("B33")
async def test_a_fips_endpoint_that_does_not_exist_is_no_matter_of_the_network(
    aws_home: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    (aws_home / "credentials").write_text(KEYS)
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    account = await open_account(AccountOptions(region="eu-west-1"))
    assert "fips" in (await account.client("ecr", "eu-west-1")).meta.endpoint_url  # type: ignore[attr-defined]
    await account.close()
    account = await opened(endpoint_url="https://ecr-fips.eu-west-1.invalid", attempts=1)
    with pytest.raises(AppError) as caught:
        await account.registry("eu-west-1").repository("pet-web")
    assert caught.value.kind is ErrorKind.NETWORK
    assert "no FIPS endpoint" in caught.value.remedy


@pytest.mark.fault("B24")
async def test_an_expired_token_has_the_credentials_looked_for_again_once(aws_home: Path, server: FaultServer) -> None:
    def judged(request: Request) -> Reply:
        return GOOD if "NEWKEY" in request.headers["authorization"] else error("ExpiredTokenException", "expired")

    def keys(name: str) -> None:
        text = f"[default]\naws_access_key_id = {name}\naws_secret_access_key = s\n"
        (aws_home / "credentials").write_text(text)

    keys("OLDKEY")
    server.on("DescribeRepositories", judged)
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url, backoff=0.001))
    registry = account.registry(REGION)
    with pytest.raises(AppError) as caught:
        await registry.repository("pet-web")
    assert (caught.value.kind, caught.value.executed) == (ErrorKind.CREDENTIALS, Executed.NO)
    assert server.count("DescribeRepositories") <= 2
    keys("NEWKEY")
    await account.login.again()
    assert (await registry.repository("pet-web")).name == "pet-web"
    await account.close()


@pytest.mark.fault("B24")
async def test_a_change_with_an_expired_token_was_not_executed(aws_home: Path, server: FaultServer) -> None:
    (aws_home / "credentials").write_text(KEYS)
    server.on("CreateRepository", error("ExpiredTokenException", "expired"))
    account = await open_account(AccountOptions(region=REGION, endpoint_url=server.url, backoff=0.001))
    with pytest.raises(AppError) as caught:
        await sent(account, REGION, ApiCall("ecr", "CreateRepository", {"repositoryName": "pet-web"}))
    assert (caught.value.kind, caught.value.executed) == (ErrorKind.CREDENTIALS, Executed.NO)
    assert server.count("CreateRepository") == 1
    await account.close()


ASSUMED = (
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s"
    "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>"
    "</AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>"
)


@pytest.mark.fault("B36")
async def test_thirty_regions_take_one_role_call(
    aws_home: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n"
    (aws_home / "config").write_text(role)
    (aws_home / "credentials").write_text(KEYS)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
    server.on("AssumeRole", answer(ASSUMED.encode()))
    server.on("DescribeRepositories", GOOD)
    account = await open_account(AccountOptions(profile="role", region=REGION, endpoint_url=server.url))
    regions = [f"eu-west-{number}" for number in range(1, 31)]
    found = await asyncio.gather(*(account.registry(region).repository("pet-web") for region in regions))
    assert [each.region for each in found] == regions
    assert (server.count("AssumeRole"), server.count("DescribeRepositories")) == (1, 30)
    await account.close()
