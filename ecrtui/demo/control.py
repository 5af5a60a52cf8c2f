"""What is under `/_demo/`: the clock and the faults, for tests that reach the account over HTTP; blobs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ecrtui.demo.account import Account, Fault
from ecrtui.demo.clock import Clock
from ecrtui.demo.wire import body_of, send_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def answer(account: Account, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request: `POST clock {"set"|"advance": seconds}`, `POST faults [...]`, `GET blobs/...`."""
    path = environ["PATH_INFO"].removeprefix("/_demo/")
    body = body_of(environ)
    with account.lock:
        if path.startswith("blobs/"):
            payload = _blob(account, path)
        elif environ["REQUEST_METHOD"] == "POST":
            payload = _change(account, path, json.loads(body))
        else:
            payload = json.dumps({"now": account.clock(), "account": account.id}).encode()
    return send_json(start_response, b"{}" if payload is None else payload, 404 if payload is None else 200)


def _blob(account: Account, path: str) -> bytes | None:
    """The text of an image configuration: `blobs/<region>/<repository>/<digest>`."""
    region, _, rest = path.removeprefix("blobs/").partition("/")
    name, _, digest = rest.rpartition("/")
    repository = account.region(region).registry.repositories.get(name)
    text = repository.configs.get(digest) if repository else None
    return None if text is None else text.encode()


def _change(account: Account, path: str, asked: Any) -> bytes | None:
    if path == "clock" and isinstance(account.clock, Clock):
        if "set" in asked:
            account.clock.set(float(asked["set"]))
        account.clock.advance(float(asked.get("advance", 0)))
        return json.dumps({"now": account.clock()}).encode()
    if path == "faults":
        account.injected = [Fault(**each) for each in asked]
        return b"{}"
    return None
