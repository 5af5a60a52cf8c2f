"""What Lambda runs from images in one region (domain reference, section 4)."""

from __future__ import annotations

from typing import Any

from ecrtui.aws.batches import gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.errors import lacks_operation
from ecrtui.aws.paging import pages
from ecrtui.aws.parts import Unchecked
from ecrtui.aws.values import instant, member, objects, text
from ecrtui.domain.errors import AppError
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use

_PAGE = 50
_LATEST = "$LATEST"


class Lambda:
    """Functions of package type Image, `fn`, and their published versions, `fn:7`.

    The digest is the one that the tag named when the version was made: it stays when the tag moves. There is no
    role that pulls: the repository's policy lets Lambda itself in.
    """

    def __init__(self, caller: Caller, *, emulated: bool) -> None:
        self._caller = caller
        self._emulated = emulated
        self._published: dict[str, Use] = {}
        """Uses of published versions by qualified name; a version never changes."""

    async def usage(self) -> Usage:
        """Every version that runs an image, and what could not be checked."""
        unchecked = Unchecked(self._caller.region)
        versions: dict[tuple[str, str], None] = {}
        await unchecked.attempt("Lambda functions", self._list(versions), absent=self._absent)
        uses = await gathered(
            unchecked.attempt("Lambda function", self._use(*version), _qualified(*version)) for version in versions
        )
        return Usage(tuple(use for use in uses if use is not None), unchecked.sentences)

    def _absent(self, error: AppError) -> bool:
        return self._emulated and lacks_operation(error)

    async def _list(self, into: dict[tuple[str, str], None]) -> None:
        """Add names and versions of the functions that are images, page by page."""
        what = "list the Lambda functions"

        async def fetch(marker: str | None) -> tuple[list[dict[str, Any]], str | None]:
            asked = {"FunctionVersion": "ALL", "MaxItems": _PAGE} | ({"Marker": marker} if marker else {})
            answer = await self._caller.read("ListFunctions", asked, what, required={"Functions": list})
            return objects(answer["Functions"]), text(answer.get("NextMarker")) or None

        async for page, _ in pages(fetch, what, self._caller.region):
            for each in page:
                if each.get("PackageType") == "Image" and (name := text(each.get("FunctionName"))):
                    into[name, text(each.get("Version")) or _LATEST] = None

    async def _use(self, name: str, version: str) -> Use | None:
        qualified = _qualified(name, version)
        if qualified in self._published:
            return self._published[qualified]
        asked = {"FunctionName": name} | ({} if version == _LATEST else {"Qualifier": version})
        what = f"describe the Lambda function {qualified}"
        answer = await self._caller.read("GetFunction", asked, what, required={"Code": dict})
        resolved = parse(text(answer["Code"].get("ResolvedImageUri")))
        reference = parse(text(answer["Code"].get("ImageUri"))) or resolved
        if reference is None:
            return None
        use = Use(
            "lambda-function",
            qualified,
            self._caller.region,
            reference,
            digest=(resolved.digest if resolved else None) or reference.digest,
            running=1 if member(answer, "Configuration", "State") in ("Active", None) else 0,
            deployed_at=instant(member(answer, "Configuration", "LastModified")),
        )
        if version != _LATEST and use.digest and use.running:
            self._published[qualified] = use
        return use


def _qualified(name: str, version: str) -> str:
    return name if version == _LATEST else f"{name}:{version}"
