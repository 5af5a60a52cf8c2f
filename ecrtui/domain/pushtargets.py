"""Where a project pushes to, by what can be seen of it: its environment variables and its inline buildspec.

The buildspec's push commands are what happens; variables are what is meant. What is pulled (base images, caches,
the environment's own image) is no target. Variables: domain reference, sections 3 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ecrtui.domain.buildspec import Buildspec, parse_buildspec
from ecrtui.domain.buildsteps import VALUE_LIMIT, Variables
from ecrtui.domain.project import Project
from ecrtui.domain.pushcommands import VARIABLE, CommandWalk, PushTarget
from ecrtui.domain.reference import Reference, parse, registry, substitute

REPOSITORY_NAMES = frozenset(
    {
        "IMAGE_REPO_NAME",
        "IMAGE_REPO",
        "ECR_REPO_NAME",
        "ECR_REPO",
        "ECR_REPOSITORY",
        "ECR_REPOSITORY_NAME",
        "REPOSITORY_NAME",
    }
)
"""Variables that hold a repository's name without its registry."""

_REPOSITORY_URIS = frozenset({"ECR_URI", "REPOSITORY_URI", "ECR_REPOSITORY_URI", "IMAGE_URI"})
_PULLED = re.compile(r"(?:^|_)(?:BASE|FROM|CACHE|PARENT|BUILDER|SOURCE|PULL|UPSTREAM|RUNTIME|SIDECAR|TEST)(?:_|$)")
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class PushEvidence:
    """What is known of a project's pushes."""

    buildspec: Buildspec
    pushes: tuple[PushTarget, ...] = ()
    """By commands of the inline buildspec."""
    meant: tuple[PushTarget, ...] = ()
    """By variables, and by images that are tagged but not seen to be pushed."""
    runs_containers: bool = False
    """Whether a command of docker or its kin was seen."""

    @property
    def targets(self) -> tuple[PushTarget, ...]:
        """The targets that count: what is pushed, else what is meant."""
        resolved = any(target.reference for target in self.pushes)
        return self.pushes if resolved else (*self.pushes, *self.meant)


@lru_cache(maxsize=8_192)
def push_evidence(project: Project, account: str = "") -> PushEvidence:
    """Where the project pushes to; `account` where its ARN does not say.

    Remembered: Compare asks for the same projects again with every page that comes.
    """
    spec = parse_buildspec(project.buildspec)
    account = project.account or account
    known = initial_variables(project, spec, account)
    seen = CommandWalk(Variables(project, account, dict(known)))
    for command in spec.commands:
        seen.read(command)
    variables = tuple(_variable_targets(project, account, known))
    meant = variables or (*seen.tagged, *_hidden_targets(project))
    return PushEvidence(spec, tuple(seen.pushes), meant, seen.runs_containers)


def initial_variables(project: Project, spec: Buildspec, account: str) -> dict[str, str]:
    """Values before the first command: CodeBuild's own, the buildspec's, and the project's, which win."""
    known = {"AWS_DEFAULT_REGION": project.region, "AWS_REGION": project.region}
    if account:
        known["AWS_ACCOUNT_ID"] = account
    known |= dict(spec.variables)
    known |= {one.name: one.value for one in project.variables if one.kind == "PLAINTEXT"}
    for name in (*spec.hidden, *(one.name for one in project.variables if one.kind != "PLAINTEXT")):
        known.pop(name, None)
    known = {name: value for name, value in known.items() if len(value) <= VALUE_LIMIT}
    for _ in range(_ROUNDS):
        known = {name: _expand(value, known) if "$" in value else value for name, value in known.items()}
    return known


def _expand(value: str, known: Mapping[str, str]) -> str:
    expanded = substitute(value, known)[0]
    return expanded if len(expanded) <= VALUE_LIMIT else value


def _variable_targets(project: Project, account: str, known: Mapping[str, str]) -> Iterator[PushTarget]:
    """Targets that the project's variables name: a whole reference, or a name beside a registry."""
    host = _registry_host(project, known)
    owner = registry(host) or (known.get("AWS_ACCOUNT_ID", account), _region(project, known))
    for variable in project.variables:
        if variable.kind != "PLAINTEXT" or _PULLED.search(variable.name.upper()):
            continue
        value = known.get(variable.name, "")
        reference = parse(value)
        if reference is not None and reference.is_ecr and reference.digest is None and "$" not in value:
            yield PushTarget(reference, f"variable {variable.name} is {value}")
        elif variable.name.upper() in REPOSITORY_NAMES and reference is not None:
            yield _named_target(variable.name, value, reference, host, owner)


def _hidden_targets(project: Project) -> Iterator[PushTarget]:
    """Variables that name a target which is kept in a parameter or a secret."""
    for variable in project.variables:
        if variable.kind != "PLAINTEXT" and variable.name.upper() in REPOSITORY_NAMES | _REPOSITORY_URIS:
            evidence = f"variable {variable.name} is in {variable.kind}: its value cannot be seen"
            yield PushTarget(None, evidence, (variable.name,))


def _named_target(variable: str, value: str, reference: Reference, host: str, owner: tuple[str, str]) -> PushTarget:
    """The target of a variable that holds a repository's name, with the registry that the others tell."""
    evidence = f"variable {variable} is {value}"
    if "/" in value and "." in value.partition("/")[0]:
        return PushTarget(reference, evidence)
    name = value.partition(":")[0]
    if "$" in "".join((name, *owner)):
        return PushTarget(None, evidence, tuple(VARIABLE.findall("".join((name, *owner)))) or (variable,))
    return PushTarget(Reference(host, name, None, None, *owner), evidence)


def _registry_host(project: Project, known: Mapping[str, str]) -> str:
    """The registry that a variable of the project holds alone (`ECR_REGISTRY`)."""
    for variable in project.variables:
        value = known.get(variable.name, "").removeprefix("https://").rstrip("/")
        if variable.kind == "PLAINTEXT" and registry(value) and not _PULLED.search(variable.name.upper()):
            return value
    return ""


def _region(project: Project, known: Mapping[str, str]) -> str:
    return known.get("AWS_DEFAULT_REGION") or known.get("AWS_REGION") or project.region
