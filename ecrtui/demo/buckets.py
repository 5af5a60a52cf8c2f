"""S3: the objects of the account, read one at a time. Everything else of S3 is moto's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import formatdate
from hashlib import md5
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.sax.saxutils import escape

from ecrtui.demo.account import PRINCIPAL, Account
from ecrtui.demo.others import query_code
from ecrtui.demo.wire import send, signed_for

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def answer(account: Account, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes] | None:
    """Answer the reading of an object; None when it is something else that is asked for."""
    bucket, key = _place(environ)
    objects = account.buckets.get(bucket)
    if objects is None or not key or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    region = signed_for(environ)[1]
    fault = account.fault("s3", "GetObject", region, {"Bucket": bucket, "Key": key})
    if fault is not None:
        text = fault.message.format(principal=PRINCIPAL, action="s3:GetObject", resource=f"arn:aws:s3:::{bucket}/{key}")
        status = 403 if fault.code.startswith("AccessDenied") else fault.status
        return _error(start_response, query_code(fault.code), text, status)
    content = objects.get(key)
    if content is None:
        return _error(start_response, "NoSuchKey", "The specified key does not exist.", 404)
    return _object(environ, start_response, content, account.clock())


def _place(environ: WSGIEnvironment) -> tuple[str, str]:
    """Bucket and key: the path has both, or the host the bucket (`bucket.localhost`)."""
    path = unquote(environ.get("PATH_INFO", "/")).lstrip("/")
    bucket, dot, host = environ.get("HTTP_HOST", "").partition(":")[0].partition(".")
    if dot and host == "localhost":
        return bucket, path
    bucket, _, key = path.partition("/")
    return bucket, key


def _object(environ: WSGIEnvironment, start_response: StartResponse, content: bytes, now: float) -> list[bytes]:
    headers = [
        ("Content-Type", "application/octet-stream"),
        ("Accept-Ranges", "bytes"),
        ("ETag", f'"{md5(content, usedforsecurity=False).hexdigest()}"'),
        ("Last-Modified", formatdate(now - 86_400 * 30, usegmt=True)),
    ]
    part = _RANGE.fullmatch(environ.get("HTTP_RANGE", ""))
    if part is None:
        return send(start_response, 200, content, headers)
    start, end = int(part[1]), min(int(part[2] or len(content)), len(content) - 1)
    if start >= len(content):
        return _error(start_response, "InvalidRange", "The requested range is not satisfiable", 416)
    headers.append(("Content-Range", f"bytes {start}-{end}/{len(content)}"))
    return send(start_response, 206, content[start : end + 1], headers)


def _error(start_response: StartResponse, code: str, message: str, status: int) -> list[bytes]:
    text = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return send(start_response, status, text.encode(), [("Content-Type", "application/xml")])
