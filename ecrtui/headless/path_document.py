"""A path as a document, for programs: what it holds, and one row a check."""

from __future__ import annotations

from ecrtui.domain.build import Build
from ecrtui.domain.buildspec import kind_of
from ecrtui.domain.drift import Drift
from ecrtui.domain.image import Image
from ecrtui.domain.instants import iso
from ecrtui.domain.origin import Origin
from ecrtui.domain.path import LINKS, Chain, Link, PathFacts, Unread
from ecrtui.headless.printers import Record

MEMBERS = ("name", "region", "link", "standing", "word", "why")
"""The members of a row."""


def rows_of(made: Chain, document: Record) -> list[Record]:
    """A row for each check of each link."""
    return [_row(made, link, check) for link in document["links"] for check in link["checks"]]


def _row(made: Chain, link: Record, check: Record) -> Record:
    return {
        "name": made.name,
        "region": made.region,
        "link": f"{link['from']}-{link['to']}",
        "standing": check["standing"],
        "word": check["word"],
        "why": check["why"],
    }


def document_of(made: Chain, facts: PathFacts) -> Record:
    """The whole path; what could not be read is `null`, or says why under `unread`."""
    known = () if isinstance(facts.stock, Unread) else facts.stock.images
    return {
        "name": made.name,
        "region": made.region,
        "standing": made.standing.value,
        "headline": made.headline,
        "project": _project(facts),
        "repository": _repository(facts),
        "images": [_image(image, facts) for image in known],
        "uses": [_use(drift, facts) for drift in facts.drifts],
        "unchecked": list(facts.unchecked),
        "links": [_link(made, number) for number in range(len(LINKS))],
    }


def _project(facts: PathFacts) -> Record | None:
    project = facts.project
    if project is None or isinstance(project, Unread):
        return None if project is None else {"unread": project.why}
    builds = () if isinstance(facts.builds, Unread) else facts.builds
    return {
        "name": project.name,
        "arn": project.arn,
        "source_type": project.source_type,
        "source_location": project.source_location,
        "source_version": project.source_version or None,
        "buildspec": kind_of(project.buildspec).value,
        "privileged": project.privileged,
        "role": project.service_role or None,
        "last_build": next(map(_build, builds), None),
    }


def _build(build: Build) -> Record:
    return {
        "id": build.id,
        "number": build.number,
        "status": build.status,
        "started_at": iso(build.started_at),
        "commit": build.resolved_source_version or None,
    }


def _repository(facts: PathFacts) -> Record | None:
    repository, stock = facts.repository, facts.stock
    if repository is None or isinstance(repository, Unread):
        return None if repository is None else {"unread": repository.why}
    return {
        "name": repository.name,
        "arn": repository.arn,
        "uri": repository.uri,
        "mutability": repository.mutability,
        "exclusions": list(repository.exclusions),
        "scan_on_push": repository.scan_on_push,
        "lifecycle_policy": None if isinstance(facts.policy, Unread) else facts.policy is not None,
        "encryption": repository.encryption,
        "kms_key": repository.kms_key,
        "images": None if isinstance(stock, Unread) or stock.incomplete else stock.total,
        "bytes": None if isinstance(stock, Unread) or stock.incomplete else stock.bytes,
    }


def _image(image: Image, facts: PathFacts) -> Record:
    return {
        "digest": image.digest,
        "tags": list(image.tags),
        "pushed_at": iso(image.pushed_at),
        "size": image.size,
        "origin": _origin(facts.origin(image)),
    }


def _origin(origin: Origin | None) -> Record | None:
    if origin is None:
        return None
    return {
        "build": None if origin.build is None else origin.build.id,
        "number": None if origin.build is None else origin.build.number,
        "commit": origin.commit or None,
        "branch": origin.branch or None,
        "certainty": origin.certainty.value,
        "evidence": origin.evidence,
    }


def _use(drift: Drift, facts: PathFacts) -> Record:
    use, named = drift.use, drift.named
    return {
        "kind": use.kind,
        "name": use.name,
        "region": use.region,
        "running": use.running,
        "tag": drift.tag,
        "state": drift.state.value,
        "why": drift.why,
        "running_digest": drift.running,
        "running_pushed_at": None if drift.running_image is None else iso(drift.running_image.pushed_at),
        "running_origin": None if drift.running_image is None else _origin(facts.origin(drift.running_image)),
        "tag_digest": None if named is None else named.digest,
        "tag_pushed_at": None if named is None else iso(named.pushed_at),
        "tag_origin": None if named is None else _origin(facts.origin(named)),
        "role": use.role or None,
        "deployed_at": iso(use.deployed_at),
    }


def _link(made: Chain, number: int) -> Record:
    link: Link = made.links[number]
    leading = link.leading
    checks = sorted(link.checks, key=lambda check: check is not leading)
    return {
        "from": made.parts[number].kind,
        "to": made.parts[number + 1].kind,
        "standing": link.standing.value,
        "checks": [
            {
                "standing": check.standing.value,
                "word": check.word,
                "why": check.why or None,
                "mend": None if check.mend is None else {"kind": check.mend.kind, "text": check.mend.text or None},
            }
            for check in checks
        ],
    }
