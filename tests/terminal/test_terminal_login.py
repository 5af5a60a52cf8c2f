"""Logging in from inside the app, and the code that a command asks for, on a real terminal."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from program import Program, reach

SSO = (
    "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\nregion = ap-northeast-2\n"
    "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.example\n"
)
ROLE = (
    "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/me\n"
    "region = ap-northeast-2\n[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n"
)


class _Far(BaseHTTPRequestHandler):
    """STS and the SSO portal: 654098 is the right code."""

    codes: list[str]

    def do_GET(self) -> None:
        ends = int((datetime.now(UTC) + timedelta(minutes=1)).timestamp() * 1000)
        keys = f'"accessKeyId": "A", "secretAccessKey": "s", "sessionToken": "t", "expiration": {ends}'
        self._answer(200, f'{{"roleCredentials": {{{keys}}}}}')

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        if form["Action"][0] == "GetCallerIdentity":
            return self._answer(
                200,
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/me</Arn><UserId>A</UserId>"
                "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
            )
        self.codes.append(form["TokenCode"][0])
        if form["TokenCode"][0] != "654098":
            why = "MultiFactorAuthentication failed with invalid MFA one time pass code."
            return self._answer(
                403, f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{why}</Message></Error></ErrorResponse>"
            )
        ends = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._answer(
            200,
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s"
            f"</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{ends}</Expiration></Credentials>"
            "<AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/x/s</Arn>"
            "</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>",
        )

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def codes(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """The programs under test reach the embedded account with credentials of STS or SSO; the codes given to STS."""
    reach(server, monkeypatch)
    given: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Far", (_Far,), {"codes": given})) as far:
        thread = threading.Thread(target=far.serve_forever)
        thread.start()
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        for name in ("STS", "SSO"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{name}", f"http://127.0.0.1:{far.server_port}")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws_config"))
        yield given
        far.shutdown()
        thread.join()


class Commands:
    """A login command that the tests rewrite."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.token = home / ".aws" / "sso" / "cache" / f"{sha1(b'corp').hexdigest()}.json"
        self.token.parent.mkdir(parents=True)
        (home / "bin").mkdir()
        self.aws = home / "bin" / "aws"
        monkeypatch.setenv("PATH", f"{home / 'bin'}:/usr/bin:/bin")

    def are(self, text: str) -> None:
        """What the command does (sh)."""
        self.aws.write_text(f"#!/bin/sh\n{text}\n")
        self.aws.chmod(0o700)

    def logged_in(self, ends: str = "2099-01-01T00:00:00Z") -> None:
        """What a login leaves."""
        self.token.write_text(f'{{"accessToken": "t", "expiresAt": "{ends}"}}')


@pytest.fixture
def commands(codes: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    """A profile that logs in by SSO, and the command for it."""
    (tmp_path / "aws_config").write_text(SSO)
    return Commands(tmp_path, monkeypatch)


def log_in(t: Program) -> None:
    """Have the command run."""
    t.send(b"\x0c")
    t.sees("Run it here", "Copy it")
    threading.Event().wait(0.5)  # a dialog hears keys only when it could be read
    t.send(b"\r")


def the_command_has_the_terminal(t: Program) -> bool:
    return t.output.rfind(b"\x1b[?1049l") > t.output.rfind(b"\x1b[?1049h")


@pytest.mark.fault("B22", "B21")
def test_a_login_from_inside(commands):
    commands.are(
        'echo OPEN THE BROWSER "$@"; read line; echo GOT "$line"\n'
        f'echo \'{{"accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z"}}\' > {commands.token}'
    )
    with Program(columns=140) as t:
        t.sees("Run `aws sso login --profile default`")
        log_in(t)
        t.sees("OPEN THE BROWSER sso login --profile default")
        assert the_command_has_the_terminal(t)
        size = len(t.output)
        threading.Event().wait(1.5)  # the app lives on, and would repaint
        assert t.screen
        assert len(t.output) == size
        t.send(b"yes please\n")
        t.until(lambda: b"GOT yes please" in t.output, "its input")
        t.sees("pet-web", "REPOSITORIES")
        t.misses("af-south-1")  # the regions are the account's now, and no guess
        assert "Run `aws sso login" not in t.screen
        commands.logged_in("2020-01-01T00:00:00Z")
        t.send(b"r")  # the keys of the portal last for a minute: it is asked again
        t.sees("expired", "Run `aws sso login --profile default`")
        assert "pet-web" in t.screen
        commands.logged_in()
        t.misses("Run `aws sso login")
        t.misses("no valid credentials")
        t.send(b"q")
        t.ends(0)


@pytest.mark.fault("B22")
def test_a_login_command_that_does_not_end_well_ends_only_itself(commands):
    with Program(columns=140) as t:
        t.sees("Run `aws sso login --profile default`")
        commands.are("echo OPEN THE BROWSER; sleep 100")
        log_in(t)
        t.sees("OPEN THE BROWSER")
        t.send(b"\x03")
        t.sees("interrupted. Run it again", "REPOSITORIES")
        commands.are("trap '' INT QUIT TERM; echo I STAY; while :; do sleep 0.1; done")
        log_in(t)
        t.sees("I STAY")
        t.send(b"\x03")
        threading.Event().wait(0.5)
        assert the_command_has_the_terminal(t)
        t.send(b"\x03")
        t.sees("REPOSITORIES")
        commands.are("echo no such session >&2; exit 4")
        log_in(t)
        t.sees("no such session", "ended with 4. Enter goes back to ecrtui.")
        assert the_command_has_the_terminal(t)
        t.send(b"\r")
        t.sees("ended with 4", "REPOSITORIES")
        commands.aws.unlink()
        log_in(t)
        t.sees("Install the AWS CLI", "REPOSITORIES")
        commands.logged_in()
        t.sees("pet-web")
        t.send(b"q")
        t.ends(0)


@pytest.mark.fault("B29")
def test_without_a_profile_and_a_region_both_are_asked_for(server, monkeypatch, tmp_path):
    reach(server, monkeypatch)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws_config"))
    (tmp_path / "aws_config").write_text("[profile work]\naws_access_key_id = A\naws_secret_access_key = s\n")
    with Program() as t:
        t.sees("no credentials for the profile default", "AWS profile", "work")
        threading.Event().wait(0.5)
        t.send(b"\r")
        t.sees("No region is set: which one?", "ap-northeast-2")
        threading.Event().wait(0.5)
        t.send(b"northeast-2\r")
        t.sees("pet-web")
        assert "work" in t.line("1 Explore")
        assert "ap-northeast-2" in t.line("1 Explore")
        t.send(b"q")
        t.ends(0)


@pytest.mark.fault("B25")
def test_a_command_asks_for_the_code_on_the_terminal(codes, tmp_path):
    (tmp_path / "aws_config").write_text(ROLE)
    with Program("repositories") as t:
        t.sees("MFA code of arn:aws:iam::1:mfa/me")
        t.send(b"111111\n")
        t.sees("that code was not accepted")
        t.send(b"654098\n")
        t.sees("pet-web")
        assert "654098" not in t.screen
        with contextlib.suppress(OSError):
            assert t.wait(10) == 0
    assert codes == ["111111", "654098"]
