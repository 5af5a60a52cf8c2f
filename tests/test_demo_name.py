"""The embedded account is called demo, whatever profile is set."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from ecrtui.aws.session import open_account
from ecrtui.composition import _embedded
from ecrtui.settings import Settings


async def test_the_embedded_account_is_no_profile(monkeypatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    server = cast("Any", SimpleNamespace(url="http://127.0.0.1:9"))
    account = await open_account(_embedded(Settings(), server))
    try:
        assert account.profile == "demo"
    finally:
        await account.close()
