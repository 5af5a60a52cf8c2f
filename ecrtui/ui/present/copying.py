"""What can be copied of a subject: references, commands and links, exact to the letter."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ecrtui.domain.build import Build
from ecrtui.domain.image import Image
from ecrtui.domain.permission import Place
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository
from ecrtui.domain.tags import primary_tag
from ecrtui.services.slices import BuildsKey, HistoryKey, ImagesKey, PermissionsKey, ProjectsKey, repository_of
from ecrtui.services.state import Key, State, value_of
from ecrtui.ui.present.permissions import mends_of
from ecrtui.ui.subject import Subject


@dataclass(frozen=True, slots=True)
class Copyable:
    """One thing to copy: what it is, and its raw value."""

    label: str
    value: str


def clipboard_text(raw: str) -> str:
    """`raw` without anything that a terminal or an editor would act on: only printable text and line ends."""
    return "".join(character for character in raw if character == "\n" or character.isprintable())


def copies_of(subject: Subject, state: State) -> tuple[Copyable, ...]:
    """What can be copied of a subject, as far as it is known now: of the build or image first, then of its
    repository (with what mends its permissions) and project.
    """
    copies: list[Copyable] = []
    if subject.build_id is not None:
        copies += [copy for build in _builds(subject, state) for copy in build_copies(build)]
    repository = repository_of(state, subject.region, subject.name)
    if repository is not None:
        listing = value_of(state.get(ImagesKey(subject.region, subject.name)))
        row = None if listing is None or subject.digest is None else listing.find(subject.digest)
        image = None if listing is None or row is None else listing.row(row)
        copies += repository_copies(repository) if image is None else image_copies(repository, image)
    copies += _mends(subject, state)
    for project in value_of(state.get(ProjectsKey(subject.region))) or ():
        if project.name == subject.name:
            copies += project_copies(project)
    return tuple(copies)


def _mends(subject: Subject, state: State) -> Sequence[Copyable]:
    """The policies that mend what is missing, as far as permissions were asked for."""
    report = value_of(state.get(PermissionsKey(subject.region, subject.name)))
    mends = () if report is None else mends_of(report)
    return [Copyable("role policy" if mend.place is Place.ROLE else "repository policy", mend.text) for mend in mends]


def _builds(subject: Subject, state: State) -> Sequence[Build]:
    keys: tuple[Key[tuple[Build, ...]], ...] = (
        BuildsKey(subject.region),
        HistoryKey(subject.region, subject.name),
    )
    found = {build.id: build for key in keys for build in value_of(state.get(key)) or ()}
    return [build for build in found.values() if build.id == subject.build_id]


def image_copies(repository: Repository, image: Image, tag: str = "") -> tuple[Copyable, ...]:
    """What can be copied of an image; `tag` is the tag that is meant, else the most telling one."""
    tag = tag or primary_tag(image.tags) or ""
    by_digest = f"{repository.uri}@{image.digest}"
    reference = f"{repository.uri}:{tag}" if tag else by_digest
    chosen = f"imageTag={tag}" if tag else f"imageDigest={image.digest}"
    return (
        *((Copyable("URI", reference),) if tag else ()),
        Copyable("URI@digest", by_digest),
        Copyable("digest", image.digest),
        Copyable("pull", shlex.join(["docker", "pull", reference])),
        Copyable("login", login_command(repository)),
        Copyable("describe", _describe_images(repository, chosen)),
        Copyable("repository ARN", repository.arn),
    )


def repository_copies(repository: Repository) -> tuple[Copyable, ...]:
    """What can be copied of a repository."""
    return (
        Copyable("URI", repository.uri),
        Copyable("name", repository.name),
        Copyable("ARN", repository.arn),
        Copyable("login", login_command(repository)),
        Copyable(
            "describe",
            _aws("ecr", "describe-repositories", repository.region, "--repository-names", repository.name),
        ),
        Copyable("list images", _describe_images(repository)),
    )


def project_copies(project: Project) -> tuple[Copyable, ...]:
    """What can be copied of a project."""
    describe = _aws("codebuild", "batch-get-projects", project.region, "--names", project.name)
    start = _aws("codebuild", "start-build", project.region, "--project-name", project.name)
    return (
        Copyable("project", project.name),
        *((Copyable("project ARN", project.arn),) if project.arn else ()),
        Copyable("describe project", describe),
        Copyable("start build", start),
    )


def build_copies(build: Build) -> tuple[Copyable, ...]:
    """What can be copied of a build."""
    describe = _aws("codebuild", "batch-get-builds", build.region, "--ids", build.id)
    return (
        Copyable("build id", build.id),
        *((Copyable("build ARN", build.arn),) if build.arn else ()),
        *((Copyable("commit", build.resolved_source_version),) if build.resolved_source_version else ()),
        Copyable("describe build", describe),
        *((Copyable("log link", build.log_link),) if build.log_link.startswith("https://") else ()),
    )


def login_command(repository: Repository) -> str:
    """The command that logs Docker in at the repository's registry."""
    password = _aws("ecr", "get-login-password", repository.region)
    registry = repository.uri.partition("/")[0]
    return f"{password} | {shlex.join(['docker', 'login', '--username', 'AWS', '--password-stdin', registry])}"


def _describe_images(repository: Repository, *ids: str) -> str:
    words = ["--repository-name", repository.name, *(("--image-ids", *ids) if ids else ())]
    return _aws("ecr", "describe-images", repository.region, "--registry-id", repository.registry_id, *words)


def _aws(service: str, operation: str, region: str, *words: str) -> str:
    return shlex.join(["aws", service, operation, "--region", region, *words])


# Links to the console (hosts by partition; the paths are those that the console itself makes)

_HOSTS: Sequence[tuple[str, str]] = (
    ("cn-", "console.amazonaws.cn"),
    ("us-gov-", "console.amazonaws-us-gov.com"),
    ("eusc-", "console.amazonaws-eusc.eu"),
)


def console_link(subject: Subject, account: str, project: bool = False) -> str:
    """The address in the AWS console of a subject: a build, an image, a project or a repository.

    Every part is percent-encoded, so that no name can lead elsewhere.
    """
    region = _part(subject.region)
    name = _part(subject.name)
    host = _host(subject.region)
    if subject.build_id is not None:
        owner, _, _ = subject.build_id.partition(":")
        path = f"codesuite/codebuild/{_part(account)}/projects/{_part(owner)}/build/{_part(subject.build_id)}/"
    elif project:
        path = f"codesuite/codebuild/{_part(account)}/projects/{name}"
    else:
        path = f"ecr/repositories/private/{_part(account)}/{quote(subject.name, safe='/', errors='replace')}"
        if subject.digest is not None:
            path += f"/_/image/{_part(subject.digest)}/details"
    return f"https://{host}/{path}?region={region}"


def _host(region: str) -> str:
    for prefix, host in _HOSTS:
        if region.startswith(prefix):
            return host
    return f"{_part(region)}.console.aws.amazon.com"


def _part(text: str) -> str:
    return quote(text, safe="", errors="replace")
