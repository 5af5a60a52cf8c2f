"""What Lambda runs from images in one region (domain reference, section 4)."""

from __future__ import annotations

from typing import Any, NamedTuple

from ecrtui.aws.batches import gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.parts import Unchecked, no_image
from ecrtui.aws.refusals import lacks_operation
from ecrtui.aws.values import instant, member, objects, text
from ecrtui.domain.errors import AppError
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use

_PAGE = 50
_LATEST = "$LATEST"


class _Version(NamedTuple):
    """A version of a function, as it is listed."""

    name: str
    number: str
    modified_at: str
    """Tells a function from one of the same name that was deleted."""

    @property
    def qualified(self) -> str:
        """`fn`, or `fn:7` for a published version."""
        return self.name if self.number == _LATEST else f"{self.name}:{self.number}"


class Lambda:
    """Functions of package type Image, `fn`, and their published versions, `fn:7`.

    The digest is the one that the tag named when the version was made: it stays when the tag moves. There is no
    role that pulls: the repository's policy lets Lambda itself in.
    """

    def __init__(self, caller: Caller, *, emulated: bool) -> None:
        self._caller = caller
        self._emulated = emulated
        self._published: dict[_Version, Use] = {}
        """Uses of published versions, which never change."""

    async def usage(self) -> Usage:
        """Every version that runs an image, and what could not be checked."""
        unchecked = Unchecked(self._caller.region)
        versions: dict[_Version, None] = {}
        await unchecked.attempt("Lambda functions", self._list(versions), absent=self._absent)
        uses = await gathered(
            unchecked.attempt("Lambda function", self._use(version), version.qualified) for version in versions
        )
        return Usage(tuple(use for use in uses if use is not None), unchecked.sentences)

    def _absent(self, error: AppError) -> bool:
        return self._emulated and lacks_operation(error)

    async def _list(self, into: dict[_Version, None]) -> None:
        """Add names and versions of the functions that are images, page by page."""
        what = "list the Lambda functions"

        async def fetch(marker: str | None) -> tuple[list[dict[str, Any]], str | None]:
            asked = {"FunctionVersion": "ALL", "MaxItems": _PAGE} | ({"Marker": marker} if marker else {})
            answer = await self._caller.read("ListFunctions", asked, what, required={"Functions": list})
            return objects(answer["Functions"]), text(answer.get("NextMarker")) or None

        async for page, _ in pages(fetch, what, self._caller.region):
            for each in page:
                if each.get("PackageType") == "Image" and (name := text(each.get("FunctionName"))):
                    into[_Version(name, text(each.get("Version")) or _LATEST, text(each.get("LastModified")))] = None

    async def _use(self, version: _Version) -> Use:
        if version in self._published:
            return self._published[version]
        latest = version.number == _LATEST
        asked = {"FunctionName": version.name} | ({} if latest else {"Qualifier": version.number})
        what = f"describe the Lambda function {version.qualified}"
        answer = await self._caller.read("GetFunction", asked, what, required={"Code": dict})
        resolved = parse(text(answer["Code"].get("ResolvedImageUri")))
        named = text(answer["Code"].get("ImageUri"))
        reference = parse(named) or resolved
        if reference is None:
            raise no_image(what, self._caller.region, named)
        use = Use(
            "lambda-function",
            version.qualified,
            self._caller.region,
            reference,
            digest=(resolved.digest if resolved else None) or reference.digest,
            running=1 if member(answer, "Configuration", "State") in ("Active", None) else 0,
            deployed_at=instant(member(answer, "Configuration", "LastModified")),
        )
        if not latest and use.digest and use.running:
            self._published[version] = use
        return use
