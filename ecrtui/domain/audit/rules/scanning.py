"""Rules about scanning, and about what it finds in what runs."""

from __future__ import annotations

from collections.abc import Iterator

from ecrtui.domain.audit import docs
from ecrtui.domain.audit.actions import IMAGES, MANIFESTS, REPOSITORIES, SCANNING, SCANS, USES
from ecrtui.domain.audit.facts import NOT_ASKED, Known, NameFacts, NotRead, Unread, known
from ecrtui.domain.audit.rule import Found, Rule, Severity
from ecrtui.domain.audit.words import counted, image_name, users
from ecrtui.domain.image import Image
from ecrtui.domain.scan import ScanReport, critical_count, report_in, standing
from ecrtui.domain.scan_coverage import ScanMode, scan_coverage


def _scanning_off(facts: NameFacts) -> Iterator[Found]:
    assert facts.repository is not None
    coverage = scan_coverage(facts.repository, facts.around.settings)
    if coverage.mode is ScanMode.UNKNOWN:
        facts.around.require("scanning")
        raise NotRead(Unread(coverage.why))
    if not coverage.mode.automatic:
        by_rule = "" if coverage.repository_can else _REGISTRY_RULE
        remedy = "" if coverage.repository_can else "Add a rule for it to the registry's scanning configuration."
        yield Found(f"new images are scanned {coverage.mode}: {coverage.why}", command=by_rule, remedy=remedy)


def _critical_findings(facts: NameFacts) -> Iterator[Found]:
    """Running images with critical findings; one whose scan does not answer leaves the rule unchecked."""
    silent: list[Unread] = []
    for image in running_images(facts):
        report = scan_of(facts, image)
        number = None if isinstance(report, Unread) else critical_count(report.value)
        if isinstance(report, Unread):
            silent.append(report)
        elif number is None:
            silent.append(Unread(f"of an image that runs: {standing(report.value.status).sentence}"))
        elif number:
            has = f"{image_name(image)} has {counted(number, 'critical finding')}"
            what = f"{has}, and {users(facts.used[image.digest])} it"
            yield Found(what, key=image.digest, digest=image.digest)
    facts.around.require_all_uses()
    if _unread(facts):
        silent.append(facts.childless)
    if silent:
        raise NotRead(*silent)


def running(facts: NameFacts) -> list[Image]:
    """The images that run now, not merely those that a tag would have run next."""
    if facts.uses is None or not facts.uses.uses:
        return []
    return [image for image in known(facts.images) if image.digest in facts.uses.by_digest]


def running_images(facts: NameFacts) -> list[Image]:
    """Those that are scanned: an index is not, its platforms are."""
    return [image for image in running(facts) if not image.is_index]


def _unread(facts: NameFacts) -> bool:
    """Whether an index runs of which nobody knows the platforms."""
    return any(image.is_index and image.digest not in facts.children for image in running(facts))


def scan_of(facts: NameFacts, image: Image) -> Known[ScanReport] | Unread:
    """What is known of the scan of one image."""
    report = report_in(image)
    return facts.scans.get(image.digest, NOT_ASKED) if report is None else Known(report)


_REGISTRY_RULE = "aws ecr get-registry-scanning-configuration"

RULES = (
    Rule(
        "critical-findings",
        "An image with critical findings runs",
        Severity.CRITICAL,
        "repository",
        (*IMAGES, *SCANS, *USES, *MANIFESTS),
        "What is known to the scanner is known to attackers, and this is where it can be used.",
        "Build the image anew on a base that has the fixes, and deploy it.",
        "ecrtui build {name} --region {region} --watch",
        _critical_findings,
        docs=docs.SCANNING,
    ),
    Rule(
        "scanning-off",
        "A repository that is not scanned",
        Severity.MEDIUM,
        "repository",
        (*REPOSITORIES, *SCANNING),
        "Nobody learns of a vulnerability in an image that is never scanned. Basic scanning costs nothing.",
        "Switch scanning on push on, for the repository or by a rule of the registry.",
        "aws ecr put-image-scanning-configuration --region {region} --repository-name {name} "
        "--image-scanning-configuration scanOnPush=true",
        _scanning_off,
        docs=docs.SCANNING,
    ),
)
