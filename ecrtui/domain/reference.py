"""Image references as docker writes them, ECR's among them, and the shell variables in them.

Hosts of ECR: the domain reference, section 11 (all partitions, FIPS and dual-stack endpoints).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

DOCKER_HUB = "docker.io"

_ECR_HOST = re.compile(
    r"([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\."
    r"(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.(?:com\.cn|eu)))"
)
_HOST = re.compile(r"[A-Za-z0-9._${}-]+(?::[0-9]{1,5})?")
# The alternatives exclude each other, so that no text is tried in two ways.
_CHARACTER = r"\$\{[^}]*\}|\$(?!\{)|"
_PATH = re.compile(
    rf"(?P<repository>(?:{_CHARACTER}[^:@\s$])+)"
    rf"(?::(?P<tag>(?:{_CHARACTER}[^:@\s/$])+))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_SCHEME = re.compile(r"^https?://")
_LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class Reference:
    """What an image reference names. `registry_id` and `region` are empty for a registry that is not ECR."""

    host: str
    repository: str
    tag: str | None = None
    digest: str | None = None
    registry_id: str = ""
    region: str = ""

    @property
    def is_ecr(self) -> bool:
        """Whether the host is a private ECR registry."""
        return bool(self.registry_id)

    @property
    def unresolved(self) -> bool:
        """Whether a shell variable is left in it, so that it is not known what it names."""
        return "$" in f"{self.host}/{self.repository}:{self.tag or ''}"

    @property
    def version(self) -> str:
        """The digest, which wins, or the tag, or `latest` when there is neither."""
        return self.digest or self.tag or "latest"

    @property
    def effective_tag(self) -> str | None:
        """The tag that decides what is pulled: None when a digest does, `latest` when there is neither."""
        return None if self.digest else self.tag or "latest"


def parse(text: str) -> Reference | None:
    """The reference that a text is; None when it is none. A scheme before it is passed over."""
    text = _SCHEME.sub("", text.strip(), count=1)
    host, path = _split_host(text)
    match = _PATH.fullmatch(path) if len(text) <= _LONGEST else None
    if match is None or not _HOST.fullmatch(host):
        return None
    repository = match["repository"].strip("/")
    if not repository or "//" in repository:
        return None
    if host == DOCKER_HUB and "/" not in repository:
        repository = f"library/{repository}"
    registry_id, region = registry(host) or ("", "")
    return Reference(host, repository, match["tag"], match["digest"], registry_id, region)


def _split_host(text: str) -> tuple[str, str]:
    """Docker's rule: the part before the first `/` is a host if it has a dot or a port, or is localhost."""
    first, slash, rest = text.partition("/")
    if slash and (first == "localhost" or any(char in first for char in ".:$")):
        return (first if "$" in first else first.lower()), rest
    return DOCKER_HUB, text


def registry(host: str) -> tuple[str, str] | None:
    """Account id and region of a private ECR registry's host; None for any other."""
    match = _ECR_HOST.fullmatch(host)
    return (match[1], match[2]) if match else None


_DOLLAR = re.compile(r"\$(?:(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|(?P<brace>\{)|(?P<command>\())")
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?-)(.*))?\}", re.DOTALL)
_BRACE = re.compile(r"[{}]")
_DEPTH = 8


def substitute(text: str, variables: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Put in the values of `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}`.

    Also gives the names that are not known; these, other expansions, and commands (`$(…)`) stay as they are.
    """
    unresolved: dict[str, None] = {}
    return _expand(text, variables, unresolved, _DEPTH), tuple(unresolved)


def _expand(text: str, variables: Mapping[str, str], unresolved: dict[str, None], depth: int) -> str:
    parts: list[str] = []
    at = 0
    while match := _DOLLAR.search(text, at):
        parts.append(text[at : match.start()])
        end = match.end()
        if match["command"]:
            unresolved["$(…)"] = None
            value = None
        elif match["plain"]:
            value = variables.get(match["plain"])
            if value is None:
                unresolved[match["plain"]] = None
        else:
            end = _closing(text, end)
            value = _braced(text[match.end() - 1 : end], variables, unresolved, depth)
        parts.append(text[match.start() : end] if value is None else value)
        at = end
    return "".join([*parts, text[at:]])


def _braced(text: str, variables: Mapping[str, str], unresolved: dict[str, None], depth: int) -> str | None:
    """The value of `{…}`; None when it is not known."""
    match = _BRACED.fullmatch(text)
    if match is None or depth == 0:
        unresolved[text[:40]] = None
        return None
    name, operator, default = match.groups()
    value = variables.get(name)
    if value or (value is not None and operator != ":-"):
        return value
    if operator:
        return _expand(default, variables, unresolved, depth - 1)
    unresolved[name] = None
    return None


def _closing(text: str, at: int) -> int:
    """The index after the brace that closes the one before `at`; the end of the text when none does."""
    open_braces = 1
    for match in _BRACE.finditer(text, at):
        open_braces += 1 if match.group() == "{" else -1
        if not open_braces:
            return match.end()
    return len(text)
