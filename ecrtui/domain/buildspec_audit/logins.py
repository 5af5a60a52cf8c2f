"""Checks of logins: none before a push or pull, one to another registry, and Docker Hub without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ecrtui.domain.buildspec_audit.finding import BuildspecFinding, fault
from ecrtui.domain.buildspec_audit.trace import DOCKER_LIKE, Seen, Trace
from ecrtui.domain.reference import DOCKER_HUB, Reference, parse, registry

_GET_LOGIN = re.compile(r"\becr\s+get-login(?![\w-])")
_HELPER = re.compile(r"ecr-login|credHelpers|credsStore|\.docker/config\.json|DOCKER_AUTH_CONFIG|REGISTRY_AUTH_FILE")
"""Credentials that need no login command."""
_LOGIN_TOOLS = DOCKER_LIKE | {"crane", "skopeo", "helm", "oras"}
_LOGIN_VALUES = frozenset({"-u", "--username", "-p", "--password", "--authfile", "--cert-dir", "--config", "-c"})
_HUB_HOSTS = frozenset({"", "docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_RUN_VALUES = frozenset(
    {
        *("-v", "--volume", "-e", "--env", "--env-file", "-p", "--publish", "-w", "--workdir", "-u", "--user"),
        *("--name", "--network", "--net", "--mount", "--entrypoint", "-m", "--memory", "--cpus", "--platform"),
        *("-h", "--hostname", "-l", "--label", "--add-host", "--link", "--volumes-from", "--restart", "--shm-size"),
        *("--ulimit", "--tmpfs", "--device", "--gpus", "--cap-add", "--cap-drop", "--log-driver", "--pull"),
    }
)
_SCRIPT = re.compile(
    r"(?:\.{1,2}/|\w+/).*|.*\.(?:sh|bash|py)|make|just|task|rake|source|\.|eval|npm|yarn|pnpm|mvn|gradle"
)
_SHELLS = frozenset({"sh", "bash"})


def get_login(trace: Trace) -> Iterator[BuildspecFinding]:
    """`aws ecr get-login`, which version 2 of the AWS CLI does not have."""
    for command in trace.spec.commands:
        if _GET_LOGIN.search(command.text):
            yield fault(
                "get-login",
                command.line,
                "`aws ecr get-login` is not in version 2 of the AWS CLI",
                "Write `aws ecr get-login-password --region $AWS_DEFAULT_REGION | "
                "docker login --username AWS --password-stdin REGISTRY`.",
            )


@dataclass(frozen=True, slots=True)
class _Login:
    """One login; its host is empty where it depends on what cannot be seen."""

    host: str
    line: int
    token_region: str = ""
    """The region that the password was asked for in; empty where none was named."""


@dataclass(frozen=True, slots=True)
class _Need:
    """A push or pull that needs a login."""

    verb: str
    reference: Reference
    line: int

    @property
    def host(self) -> str:
        return self.reference.host


def logins(trace: Trace) -> Iterator[BuildspecFinding]:
    """Pushes and pulls without a login to exactly their host (credentials are kept by host)."""
    known: dict[str, _Login] = {}
    script = ""
    told: set[str] = set()
    for at, seen in enumerate(trace.steps):
        if seen.mentions(_HELPER) or seen.mentions(_GET_LOGIN):
            return
        login = _login(trace, at)
        if login is not None:
            known[login.host] = login
            yield from _other_region(login)
            if not login.host:
                return  # it may be any: nothing can be said of what follows
        script = script or _script(seen)
        for need in _needs(seen):
            if need.host not in known and need.host not in told:
                told.add(need.host)
                yield _without(need, known, script)


def _other_region(login: _Login) -> Iterator[BuildspecFinding]:
    of = registry(login.host)
    if of and login.token_region and "$" not in login.token_region and login.token_region != of[1]:
        yield fault(
            "login-elsewhere",
            login.line,
            f"the password is of {login.token_region}, but the login is to {login.host}",
            f"Ask for it with --region {of[1]}.",
        )


def _without(need: _Need, known: Mapping[str, _Login], script: str) -> BuildspecFinding:
    other = next(
        (login for login in reversed(tuple(known.values())) if need.reference.is_ecr and registry(login.host)), None
    )
    if other is not None:
        return fault(
            "login-elsewhere",
            other.line,
            f"it logs in to {other.host}, but {need.verb} {need.host}",
            f"Log in to {need.host}: a login is good for one account, region and host only.",
        )
    perhaps = f", unless {script} does" if script else ""
    return fault(
        "no-login",
        need.line,
        f"it {need.verb} {need.host}, and nothing before it logs in there{perhaps}",
        f"Log in first: aws ecr get-login-password --region {need.reference.region} | "
        f"docker login --username AWS --password-stdin {need.host}"
        if need.reference.is_ecr
        else f"Log in to {need.host} first.",
        "warn" if script else None,
    )


def _needs(seen: Seen) -> Iterator[_Need]:
    """Pushes to any registry, and pulls from private ones of ECR."""
    if seen.step.tool != "executor" and "kaniko" not in seen.words[:1]:  # kaniko brings its own login to ECR
        for target in seen.pushes:
            if target.reference is not None and target.reference.host and "$" not in target.reference.host:
                yield _Need("pushes to", target.reference, seen.line)
    for image in _pulled(seen):
        if image.is_ecr and "$" not in image.host:
            yield _Need("pulls from", image, seen.line)


def _login(trace: Trace, at: int) -> _Login | None:
    seen = trace.steps[at]
    verbs = seen.verbs
    if seen.step.tool not in _LOGIN_TOOLS or "login" not in verbs[:2]:
        return None
    words = _positionals(seen.words[1:], _LOGIN_VALUES)
    words = words[words.index("login") + 1 :] if "login" in words else []
    host = words[-1].removeprefix("https://").partition("/")[0].lower() if words else DOCKER_HUB
    if "$" in host:
        host = ""
    elif host in _HUB_HOSTS:
        host = DOCKER_HUB
    return _Login(host, seen.line, _token_region(trace, at))


def _token_region(trace: Trace, at: int) -> str:
    """The region of the `get-login-password` that is piped into this login."""
    before = trace.steps[at - 1] if at else None
    if before is None or before.step.operator != "|" or "get-login-password" not in before.words:
        return ""
    words = before.words
    for place, word in enumerate(words):
        if word == "--region":
            return words[place + 1] if place + 1 < len(words) else ""
        if word.startswith("--region="):
            return word.partition("=")[2]
    return ""


def _script(seen: Seen) -> str:
    """What runs that cannot be looked into, and may log in; empty when nothing does."""
    words = seen.step.words
    if not words or seen.step.tool in _LOGIN_TOOLS or seen.step.tool == "aws":
        return ""
    if words[0] in _SHELLS and len(words) > 1 and not words[1].startswith("-"):
        return words[1][:60]
    return " ".join(words[:2])[:60] if _SCRIPT.fullmatch(words[0]) else ""


# -- Docker Hub -------------------------------------------------------------------------------------------


def docker_hub(trace: Trace) -> Iterator[BuildspecFinding]:
    """Pulls from Docker Hub by nobody in particular: a limit by address, which many builds share."""
    for at, seen in enumerate(trace.steps):
        login = _login(trace, at)
        if seen.mentions(_HELPER) or (login is not None and login.host in ("", DOCKER_HUB)):
            return
        for image in _pulled(seen):
            if image.host == DOCKER_HUB and not image.unresolved:
                yield fault(
                    "docker-hub-limit",
                    seen.line,
                    f"{image.repository} is pulled from Docker Hub without a login: the limit of pulls is shared with "
                    "all who have the same address (“toomanyrequests”)",
                    "Log in to Docker Hub, or take the image through a pull-through cache rule of ECR or from "
                    "public.ecr.aws.",
                )
                return


def _pulled(seen: Seen) -> Iterator[Reference]:
    """The images that a step pulls by name."""
    texts: list[str] = []
    if seen.runs("pull", "image pull", "run", "create", "container run"):
        words = _positionals(seen.words[1:], _RUN_VALUES)
        skipped = 2 if words[:1] in (["image"], ["container"]) else 1
        texts = words[-1:] if "pull" in words[:2] else words[skipped : skipped + 1]
    elif seen.words[:1] == ("FROM",):
        texts = [word for word in seen.words[1:] if not word.startswith("-")][:1]
    elif seen.runs("build", "image build", "buildx build", "builder build"):
        arguments = (argument.partition("=") for argument in _expanded(seen, "--build-arg"))
        texts = [value for name, _, value in arguments if "IMAGE" in name.upper().split("_")]
    for text in texts:
        reference = parse(text)
        if reference is not None and reference.repository not in ("library/scratch", "library/$1"):
            yield reference


def _expanded(seen: Seen, option: str) -> Iterator[str]:
    for at, word in enumerate(seen.words):
        if word == option:
            yield from seen.words[at + 1 : at + 2]
        elif word.startswith(f"{option}="):
            yield word[len(option) + 1 :]


def _positionals(words: tuple[str, ...], with_value: frozenset[str]) -> list[str]:
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif re.match(r"[\d&]?[<>]", word):
            skip = word.endswith((">", "<"))
        elif word.startswith("-"):
            skip = word in with_value
        else:
            found.append(word)
    return found


CHECKS = (get_login, logins, docker_hub)
