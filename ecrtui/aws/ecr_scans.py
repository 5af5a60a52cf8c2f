"""Scans of images, of basic and of enhanced scanning (domain reference, section 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.values import count, instant, member, number, objects, text, texts
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.scan import ANSWERING, Finding, ScanReport

_PAGE = 1000


async def scan_report(caller: Caller, repository: str, digest: str, *, counts_only: bool) -> ScanReport:
    """The scan of one image, with all findings or (one call) with their counts; NOT_FOUND when there was none.

    What cannot be scanned has the status UNSUPPORTED_IMAGE, whichever way AWS says it.
    """
    asking = _Asking(caller, repository, digest)
    try:
        if counts_only:
            first = await asking.page(None, 1)
            counts = _counts(first)
            if counts is not None or not _answers(first):
                return _report(digest, first, counts or {})
        answers = await asking.all_pages()
    except AppError as error:
        if error.code.startswith("UnsupportedImageType"):
            return ScanReport(digest, "UNSUPPORTED_IMAGE", error.why)
        raise
    first = answers[0]
    if _answers(first) and not isinstance(first.get("imageScanFindings"), dict):
        raise AppError(
            ErrorKind.MALFORMED, asking.what, caller.region, "malformed answer: the scan has ended without findings"
        )
    counts = _counts(first)
    if counts is None:
        counts = Counter(text(each.get("severity")) or "UNDEFINED" for page in answers for each in _found(page))
    findings = () if counts_only else (finding for page in answers for finding in _findings(page))
    return _report(digest, first, counts, findings)


class _Asking:
    """DescribeImageScanFindings of one image."""

    def __init__(self, caller: Caller, repository: str, digest: str) -> None:
        self.what = f"read the scan of {repository}@{digest}"
        self._caller = caller
        self._asked = {"repositoryName": repository, "imageId": {"imageDigest": digest}}

    async def page(self, token: str | None, size: int) -> dict[str, Any]:
        """One page of it."""
        asked = {**self._asked, "maxResults": size} | ({"nextToken": token} if token else {})
        return await self._caller.read(
            "DescribeImageScanFindings", asked, self.what, required={"imageScanStatus": dict}
        )

    async def all_pages(self) -> list[dict[str, Any]]:
        """Every page; a scan that does not answer has one."""

        async def fetch(token: str | None) -> tuple[dict[str, Any], str | None]:
            answer = await self.page(token, _PAGE)
            return answer, text(answer.get("nextToken")) or None

        seen: set[Finding] = set()

        def news(answer: dict[str, Any]) -> int:
            fresh = set(_findings(answer)) - seen
            seen.update(fresh)
            return len(fresh)

        return [answer async for answer, _ in pages(fetch, self.what, self._caller.region, news=news)]


def _answers(answer: dict[str, Any]) -> bool:
    return text(member(answer, "imageScanStatus", "status")) in ANSWERING


def _report(
    digest: str, first: dict[str, Any], counts: Mapping[str, int], findings: Iterable[Finding] = ()
) -> ScanReport:
    """The report, without counts and findings unless the scan's status answers for them."""
    status, found = first["imageScanStatus"], first.get("imageScanFindings")
    answers = _answers(first)
    return ScanReport(
        digest,
        text(status.get("status")),
        text(status.get("description")),
        enhanced=text(status.get("status")) == "ACTIVE" or bool(member(found, "enhancedFindings")),
        counts=dict(counts) if answers else {},
        findings=tuple(dict.fromkeys(findings)) if answers else (),
        completed_at=instant(member(found, "imageScanCompletedAt")),
    )


def _counts(answer: dict[str, Any]) -> dict[str, int] | None:
    """Findings by severity as AWS counts them, all pages together; None where it does not."""
    found = member(answer, "imageScanFindings", "findingSeverityCounts")
    if not isinstance(found, dict):
        return None
    return {severity: number for severity, value in found.items() if (number := count(value)) is not None}


def _found(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = answer.get("imageScanFindings")
    return objects(member(found, "findings")) + objects(member(found, "enhancedFindings"))


def _findings(answer: dict[str, Any]) -> Iterator[Finding]:
    found = answer.get("imageScanFindings")
    for value in objects(member(found, "findings")):
        yield _basic(value)
    for value in objects(member(found, "enhancedFindings")):
        yield from _enhanced(value)


# -- basic ------------------------------------------------------------------------------------------------

_FIXED_IN = ("fixed_in_version", "fixed_version", "fixed_in")
_SCORES = ("CVSS4_SCORE", "CVSS3_SCORE", "CVSS2_SCORE")


def _basic(value: dict[str, Any]) -> Finding:
    attributes = {text(each.get("key")): text(each.get("value")) for each in objects(value.get("attributes"))}
    scores = (number(attributes.get(name)) for name in _SCORES)
    return Finding(
        id=text(value.get("name")),
        severity=text(value.get("severity")) or "UNDEFINED",
        package=attributes.get("package_name", ""),
        version=attributes.get("package_version", ""),
        fixed_in=next((attributes[name] for name in _FIXED_IN if attributes.get(name)), ""),
        score=next((score for score in scores if score is not None), None),
        title=text(value.get("description")),
        link=text(value.get("uri")),
    )


# -- enhanced ---------------------------------------------------------------------------------------------

_NO_FIX = frozenset({"NotAvailable", "NOT_AVAILABLE", "N/A"})


def _enhanced(value: dict[str, Any]) -> Iterator[Finding]:
    """A finding for each package that it names; one without a package when it names none."""
    details = value.get("packageVulnerabilityDetails")
    exploit = text(value.get("exploitAvailable"))
    for package in objects(member(details, "vulnerablePackages")) or [{}]:
        fixed_in = text(package.get("fixedInVersion"))
        yield Finding(
            id=text(member(details, "vulnerabilityId")) or text(value.get("title")) or text(value.get("findingArn")),
            severity=text(value.get("severity")) or "UNDEFINED",
            package=text(package.get("name")),
            version=_version(package),
            fixed_in="" if fixed_in in _NO_FIX else fixed_in,
            fix_available=text(value.get("fixAvailable")),
            score=_score(value, details),
            title=text(value.get("title")) or text(value.get("description")),
            link=_link(value, details),
            exploit_available={"YES": True, "NO": False}.get(exploit),
        )


def _version(package: dict[str, Any]) -> str:
    """`1:7.64.0-4+deb10u1`, as `fixedInVersion` writes it too."""
    version, release = text(package.get("version")), text(package.get("release"))
    epoch = count(package.get("epoch"))
    return (f"{epoch}:" if epoch and version else "") + version + (f"-{release}" if release else "")


def _score(value: dict[str, Any], details: Any) -> float | None:
    score = number(value.get("score"))
    if score is not None:
        return score
    known = [base for each in objects(member(details, "cvss")) if (base := number(each.get("baseScore"))) is not None]
    return max(known, default=None)


def _link(value: dict[str, Any], details: Any) -> str:
    links = (
        text(member(details, "sourceUrl")),
        *texts(member(details, "referenceUrls")),
        text(member(value, "remediation", "recommendation", "url")),
    )
    return next((link for link in links if link), "")
