"""Checks of where a build runs: the buildspec itself, privileged mode, compute, variables that nobody sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecrtui.domain.buildspec_audit.finding import BuildspecFinding, fault
from ecrtui.domain.buildspec_audit.trace import Seen, Trace

_NEEDS_DAEMON = frozenset(
    {
        *("build", "buildx", "run", "create", "exec", "start", "pull", "push", "tag", "save", "load", "import"),
        *("commit", "cp", "images", "image", "ps", "info", "rmi", "system", "builder", "compose", "container"),
    }
)
_NO_DAEMON = frozenset({"buildx imagetools", "buildx create", "buildx version", "buildx use", "compose version"})
_ACCOUNT = "AWS_ACCOUNT_ID"
_ACCOUNT_USED = re.compile(rf"\$(?:{_ACCOUNT}\b|\{{{_ACCOUNT}(?![\w:=?+-]))")
_ACCOUNT_SET = re.compile(rf"\b{_ACCOUNT}=|\bread\b[^;|&]{{0,80}}\b{_ACCOUNT}\b|\bfor\s+{_ACCOUNT}\b")
_MAY_SET = frozenset({"source", ".", "eval"})


def unreadable(trace: Trace) -> Iterator[BuildspecFinding]:
    """What CodeBuild refuses, or reads otherwise than it looks."""
    for problem in trace.spec.problems:
        yield fault(
            "unreadable",
            problem.line,
            problem.sentence,
            "Correct the buildspec at this line; CodeBuild's error is YAML_FILE_ERROR."
            if problem.fatal
            else "Write it so that it can be read in one way only.",
            None if problem.fatal else "warn",
        )


def daemon(trace: Trace) -> Iterator[BuildspecFinding]:
    """Docker commands where there is no Docker daemon."""
    project = trace.project
    used = next((seen for seen in trace.steps if _needs_daemon(seen)), None)
    if used is None or project.docker_server or _sets(trace, "DOCKER_HOST"):
        return
    what = f"`{used.step.tool} {' '.join(used.verbs[:1])}` needs a Docker daemon"
    if project.environment_type.endswith("LAMBDA_CONTAINER"):
        yield fault(
            "lambda-compute",
            used.line,
            f"{what}, which Lambda compute ({project.environment_type}) does not have",
            "Use EC2 compute in privileged mode, or build with a tool that needs no daemon.",
        )
    elif not project.privileged:
        yield fault(
            "privileged-mode",
            used.line,
            f"{what}, but the project is not in privileged mode",
            "Switch privileged mode on in the project's environment: “Cannot connect to the Docker daemon” else.",
        )


def _needs_daemon(seen: Seen) -> bool:
    if seen.step.tool == "docker-compose":
        return True
    verbs = seen.verbs
    return (
        seen.step.tool == "docker"
        and bool(verbs)
        and verbs[0] in _NEEDS_DAEMON
        and " ".join(verbs[:2]) not in _NO_DAEMON
    )


def _sets(trace: Trace, name: str) -> bool:
    """Whether the project, its buildspec or a command sets a variable."""
    named = {variable.name for variable in trace.project.variables}
    named |= {known for known, _ in trace.spec.variables} | set(trace.spec.hidden)
    return name in named or any(name == known for seen in trace.steps for known, _ in seen.step.assignments)


def account_undefined(trace: Trace) -> Iterator[BuildspecFinding]:
    """`$AWS_ACCOUNT_ID`, which CodeBuild does not supply (domain reference, section 6)."""
    named = {variable.name for variable in trace.project.variables}
    if _ACCOUNT in named | {name for name, _ in trace.spec.variables} | set(trace.spec.hidden):
        return
    opaque = {seen.step.command for seen in trace.steps if seen.step.tool in _MAY_SET}
    for command in trace.spec.commands:
        used = _ACCOUNT_USED.search(command.text)
        given = _ACCOUNT_SET.search(command.text)
        if used and not (given and given.start() < used.start()):
            yield fault(
                "account-undefined",
                command.line,
                f"${_ACCOUNT} is used, but nothing sets it: CodeBuild does not",
                "Set it in the project, or first: "
                "AWS_ACCOUNT_ID=$(echo $CODEBUILD_BUILD_ARN | cut -d':' -f5), unless each build is given it.",
            )
            return
        if given or command in opaque:
            return


def one_platform(trace: Trace) -> Iterator[BuildspecFinding]:
    """Images of the build's own architecture, where that is not the usual one."""
    if not trace.project.environment_type.startswith("ARM_") or _sets(trace, "DOCKER_DEFAULT_PLATFORM"):
        return
    for seen in trace.steps:
        if seen.runs("build", "image build", "buildx build", "builder build") and not seen.values("--platform"):
            yield fault(
                "one-platform",
                seen.line,
                "the image is built for arm64 alone: on x86 it ends with “exec format error”",
                "Build with `docker buildx build --platform linux/amd64,linux/arm64`, or run it on arm64 only.",
            )
            return


def no_source_version(trace: Trace) -> Iterator[BuildspecFinding]:
    """The commit of a source that has none."""
    source = trace.project.source_type
    if source not in ("S3", "NO_SOURCE"):
        return
    for command in trace.spec.commands:
        if "CODEBUILD_RESOLVED_SOURCE_VERSION" in command.text:
            yield fault(
                "no-source-version",
                command.line,
                f"CODEBUILD_RESOLVED_SOURCE_VERSION is empty or an ARN with a source of type {source}: "
                "no tag can be made of it (“invalid reference format”)",
                "Make the tag of CODEBUILD_BUILD_NUMBER or of the time.",
            )
            return


CHECKS = (unreadable, daemon, account_undefined, one_platform, no_source_version)
