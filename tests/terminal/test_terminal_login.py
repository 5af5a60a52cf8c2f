"""Logging in from inside the app, and the code that a command asks for, on a real terminal."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
        ends = int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)
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


@pytest.mark.fault("B22", "B21")
def test_a_login_from_inside(codes, monkeypatch, tmp_path):
    (tmp_path / "aws_config").write_text(SSO)
    (tmp_path / "bin").mkdir()
    aws = tmp_path / "bin" / "aws"
    aws.write_text(
        f"#!{sys.executable}\nimport hashlib, os, sys\nprint('OPEN THE BROWSER', *sys.argv[1:])\n"
        "print('GOT', input())\nd = os.path.expanduser('~/.aws/sso/cache')\nos.makedirs(d, exist_ok=True)\n"
        "open(f\"{d}/{hashlib.sha1(b'corp').hexdigest()}.json\", 'w').write("
        '\'{"accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z"}\')\n'
    )
    aws.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with Program(columns=140) as t:
        t.sees("Run `aws sso login --profile default`")
        t.send(b"\x0c")
        t.sees("Run it here", "Copy it")
        threading.Event().wait(0.5)  # a dialog hears keys only when it could be read
        t.send(b"\r")
        t.sees("OPEN THE BROWSER sso login --profile default")
        assert t.output.rfind(b"\x1b[?1049l") > t.output.rfind(b"\x1b[?1049h")
        size = len(t.output)
        threading.Event().wait(1.5)  # the app lives on, and would repaint
        assert t.screen
        assert len(t.output) == size
        t.send(b"yes please\n")
        t.until(lambda: b"GOT yes please" in t.output, "its input")
        t.sees("pet-web", "REPOSITORIES")
        assert "Run `aws sso login" not in t.screen
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
