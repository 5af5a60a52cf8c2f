"""The rows of `ecrtui usage`: a use with its drift and the builds behind it, as a record and as a line of a table."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ecrtui.domain.drift import Drift, DriftState, redeploy_command
from ecrtui.domain.image import Image
from ecrtui.domain.instants import iso
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.reference import Reference
from ecrtui.domain.usage import KIND_WORDS, registry_words
from ecrtui.headless.printers import Column, Record, column
from ecrtui.headless.words import age_of
from ecrtui.services.origins import NOT_TRACED, Origins, Stored, Traced

FIELDS = (
    Field("kind", FieldKind.TEXT),
    Field("name", FieldKind.TEXT),
    Field("region", FieldKind.TEXT),
    Field("repository", FieldKind.TEXT),
    Field("tag", FieldKind.TEXT),
    Field("drift", FieldKind.FLAG),
)


@dataclass(frozen=True, slots=True)
class UseRow:
    """One use as it is printed."""

    drift: Drift
    by: str
    """How it is known that it runs the image: `digest`, `tag`; empty for a reference to another registry."""
    repository_region: str = ""
    built: Image | None = None
    """What the build made whose image runs: the index, where a platform of one does."""
    running: Traced = NOT_TRACED
    """Where the image that runs comes from."""
    named: Traced = NOT_TRACED
    """Where the image comes from that the tag names."""

    @property
    def images(self) -> tuple[Stored, ...]:
        """The images whose builds are worth looking for: what runs, and what its tag names."""
        name = self.drift.use.reference.repository
        return tuple(
            Stored(self.repository_region, name, image) for image in (self.built, self.drift.named) if image is not None
        )

    def traced(self, origins: Origins) -> UseRow:
        """With the builds behind its images."""
        place = self.repository_region, self.drift.use.reference.repository
        return replace(self, running=origins.of(*place, self.built), named=origins.of(*place, self.drift.named))


def order(row: UseRow) -> tuple[bool, str, str, str, str]:
    """What drifted comes first."""
    use = row.drift.use
    return (not row.drift.drifted, use.reference.repository, use.kind, use.region, use.name)


def words(row: UseRow) -> str:
    """What bare words of a filter are looked for in."""
    use, reference = row.drift.use, row.drift.use.reference
    return f"{use.kind} {use.name} {use.region} {reference.repository} {reference.tag or ''} {row.drift.state}"


VALUES = {
    "kind": lambda row: row.drift.use.kind,
    "name": lambda row: row.drift.use.name,
    "region": lambda row: row.drift.use.region,
    "repository": lambda row: row.drift.use.reference.repository,
    "tag": lambda row: row.drift.tag,
    "drift": lambda row: None if row.drift.state is DriftState.UNKNOWN else row.drift.drifted,
}

MEMBERS = (
    "kind",
    "name",
    "region",
    "running",
    "role",
    "deployed_at",
    "auto_deploys",
    "reference",
    "registry",
    "repository",
    "repository_region",
    "tag",
    "by",
    "running_digest",
    "running_tags",
    "running_pushed_at",
    "running_build",
    "running_build_number",
    "running_commit",
    "running_certainty",
    "running_evidence",
    "running_log_read",
    "tag_digest",
    "tag_tags",
    "tag_pushed_at",
    "tag_build",
    "tag_build_number",
    "tag_commit",
    "tag_certainty",
    "tag_evidence",
    "tag_log_read",
    "drift",
    "drifted",
    "why",
    "command",
)


def record(row: UseRow) -> Record:
    """The members of a row, raw."""
    drift, use = row.drift, row.drift.use
    reference = use.reference
    return {
        "kind": use.kind,
        "name": use.name,
        "region": use.region,
        "running": use.running,
        "role": use.role or None,
        "deployed_at": iso(use.deployed_at),
        "auto_deploys": use.auto_deploys,
        "reference": _written(reference),
        "registry": registry_words(reference),
        "repository": reference.repository,
        "repository_region": row.repository_region or reference.region or None,
        "tag": drift.tag,
        "by": row.by or None,
        "running_digest": drift.running,
        **_image_members("running", reference, drift.running_image, row.running),
        "tag_digest": drift.named.digest if drift.named else None,
        **_image_members("tag", reference, drift.named, row.named),
        "drift": drift.state.value,
        "drifted": None if drift.state is DriftState.UNKNOWN else drift.drifted,
        "why": drift.why,
        "command": redeploy_command(drift) or None,
    }


def _image_members(prefix: str, reference: Reference, image: Image | None, traced: Traced) -> Record:
    origin = traced.origin
    build = origin.build if origin else None
    evidence = origin.evidence if origin else None
    if image is not None and not traced.looked_up:
        command = f"ecrtui usage {reference.repository}@{image.digest} looks it up"
        evidence = f"{f'{evidence}; ' if evidence else ''}its log was not read: {command}"
    return {
        f"{prefix}_tags": None if image is None else list(image.tags),
        f"{prefix}_pushed_at": None if image is None else iso(image.pushed_at),
        f"{prefix}_build": build.id if build else None,
        f"{prefix}_build_number": build.number if build else None,
        f"{prefix}_commit": (origin.commit or None) if origin else None,
        f"{prefix}_certainty": origin.certainty.value if origin else None,
        f"{prefix}_evidence": evidence,
        f"{prefix}_log_read": None if image is None else traced.looked_up,
    }


def _written(reference: Reference) -> str:
    tag = f":{reference.tag}" if reference.tag else ""
    digest = f"@{reference.digest}" if reference.digest else ""
    return f"{reference.host}/{reference.repository}{tag}{digest}"


_SIGNS = {
    DriftState.NONE: "✓ no",
    DriftState.DRIFT: "⚠ drift",
    DriftState.TAG_GONE: "✗ tag gone",
    DriftState.IMAGE_GONE: "✗ image gone",
    DriftState.UNKNOWN: "? unknown",
}


def _image(record: Record) -> str:
    named = f"{record['repository']}:{record['tag']}" if record["tag"] else record["repository"]
    own = record["repository_region"] and record["by"]
    return named if own else f"{record['registry']}: {named}"


def _runs(record: Record) -> str:
    digest = (record["running_digest"] or "")[7:19]
    if not digest:
        return "not told"
    return f"{digest} {age_of(record['running_pushed_at'])}" if record["running_pushed_at"] else digest


def _names(record: Record) -> str:
    digest = (record["tag_digest"] or "")[7:19]
    return f"{digest} {age_of(record['tag_pushed_at'])}" if digest else ""


def _made(record: Record) -> str:
    build, number = record["running_build"], record["running_build_number"]
    commit = (record["running_commit"] or "")[:7]
    unread = "" if record["running_log_read"] in (None, True) else ", log not read"
    if not build:
        return f"commit {commit} by tag" if commit else unread.removeprefix(", ")
    return f"{f'#{number}' if number else build.rpartition(':')[2][:8]} {commit} {record['running_certainty']}{unread}"


COLUMNS = (
    Column("what runs it", lambda record: f"{KIND_WORDS[record['kind']]} {record['name']}"),
    column("region", "region"),
    column("running", "running", "right"),
    Column("image", _image),
    Column("runs", _runs),
    Column("tag names", _names),
    Column("drift", lambda record: _SIGNS[DriftState(record["drift"])]),
    Column("built by", _made),
)
