"""Objects in S3: small texts, read on demand."""

from __future__ import annotations

import re

from ecrtui.aws.call import Caller
from ecrtui.domain.errors import AppError, ErrorKind

_OBJECT = re.compile(r"arn:[a-z-]+:s3:::([^/]+)/(.+)", re.DOTALL)


async def object_text(caller: Caller, arn: str, most: int) -> str:
    """The text of an object (`arn:aws:s3:::bucket/key`) of at most so many bytes, in whichever region it is."""
    what = f"read {arn}"
    named = _OBJECT.fullmatch(arn)
    if named is None:
        why = "it does not name an object as arn:aws:s3:::bucket/key"
        raise AppError(ErrorKind.INVALID, what, where=caller.region, why=why)
    asked = {"Bucket": named[1], "Key": named[2], "Range": f"bytes=0-{most}"}
    try:
        content = await caller.content("GetObject", asked, what)
    except AppError as error:
        if error.code == "InvalidRange":  # no first byte: it is empty
            return ""
        raise
    if len(content) > most:
        raise AppError(ErrorKind.LIMIT, what, where=caller.region, why=f"it has more than {most:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"it is not UTF-8 text: {error.reason} at byte {error.start:,}"
        raise AppError(ErrorKind.MALFORMED, what, where=caller.region, why=why) from error
