"""What to do about a failed build, in a sentence that names the real repository, role, host or tag."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ecrtui.domain.push import Push
from ecrtui.domain.symptoms import Cause

_ACTION = re.compile(r"(?:perform: |\b)((?:ecr|ecr-public|sts|kms):[A-Z]\w+)")
_RESOURCE = re.compile(r"on resource: (\S+)")
_ROLE = re.compile(r"(?:assumed-role/|:role/(?:[^\s/]+/)*)([\w+=,.@-]+)")
_HOST = re.compile(r"\d{12}\.dkr[.-]ecr[a-z0-9.-]+[a-z]|public\.ecr\.aws")
_REGION = re.compile(r"\.ecr(?:-fips)?\.([a-z0-9-]+)\.|arn:[a-z-]+:ecr:([a-z0-9-]+):")
_REGISTRY_ID = re.compile(r"registry with id '(\d{12})'|^(\d{12})\.")
_REPOSITORY = re.compile(
    r"repository with name '([^']+)'|in the '([^']+)' repository|:repository/([^\s\"']+)"
    r"|/v2/(\S+?)/(?:blobs|manifests)/|\.dkr[.-]ecr[a-z0-9.-]+/(?!v2/)([a-z0-9._/-]*[a-z0-9])"
)
_TAG = re.compile(r"image tag '([^']+)'|/manifests/([\w.-]+)")
_SEARCHED_CHARACTERS = 4_096
"""Bounds what a hostile line costs."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a failure: the line that tells it, its command, its push, the project."""

    line: str
    command: str = ""
    phase: str = ""
    push: Push | None = None
    project: str = ""

    @property
    def action(self) -> str | None:
        """The IAM action that was refused."""
        return _first(_ACTION, self.line)

    @property
    def repository(self) -> str | None:
        """The repository's name, from the line, else from the push."""
        return _first(_REPOSITORY, self.line) or (self.push.name if self.push else None) or None

    @property
    def host(self) -> str | None:
        """The registry's host, from the line, the push or the command."""
        places = (self.line, self.push.repository if self.push else "", self.command)
        return next((match[0] for place in places if (match := _HOST.search(place))), None)

    @property
    def region(self) -> str | None:
        """The registry's region."""
        return _first(_REGION, self.line) or _first(_REGION, self.host or "")

    @property
    def registry_id(self) -> str | None:
        """The account that owns the registry."""
        return _first(_REGISTRY_ID, self.line) or _first(_REGISTRY_ID, self.host or "")

    @property
    def role(self) -> str:
        """The role that was refused, as a noun."""
        role = _first(_ROLE, self.line)
        return f"role {role}" if role else "project's service role"

    @property
    def tag(self) -> str | None:
        """The tag that was pushed."""
        return _first(_TAG, self.line) or (self.push.tag if self.push else None)


def remedy(cause: Cause, facts: Circumstances) -> str:
    """What the reader can do, as an imperative sentence."""
    return _REMEDIES[cause](facts)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text[:_SEARCHED_CHARACTERS])
    return next((group for group in match.groups() if group), None) if match else None


def _place(facts: Circumstances) -> str:
    region = f" in {facts.region}" if facts.region else ""
    return f"{region} of account {facts.registry_id}" if facts.registry_id else region


def _policy_kind(facts: Circumstances) -> str:
    """AWS names the policy that is missing; an explicit deny is lifted elsewhere."""
    resource = _first(_RESOURCE, facts.line) or "*"
    action = facts.action or "the action"
    if "explicit deny" in facts.line:
        return (
            f"Lift the explicit deny of {action} for the {facts.role}: it stands in a service control "
            "policy, a permissions boundary or a policy of its own."
        )
    if "no resource-based policy" in facts.line:
        return f"Allow {action} to the {facts.role} in the repository policy of {resource}."
    return f"Allow {action} on {resource} in the policy of the {facts.role}."


def _login_denied(facts: Circumstances) -> str:
    if "explicit deny" in facts.line:
        return _policy_kind(facts)
    action = facts.action or "ecr:GetAuthorizationToken"
    return f"Allow {action} on resource * in the policy of the {facts.role}."


def _not_logged_in(facts: Circumstances) -> str:
    host = facts.host or "<registry>"
    if "interactive login" in facts.line:
        return (
            "Make `aws ecr get-login-password` print a password before `docker login` reads it: "
            f"its error stands above, and the login must be to {host}."
        )
    if "pull access denied" in facts.line and facts.host is None:
        return "Check the name of the image that is pulled, and log in to its registry: it is not there, or private."
    if host == "public.ecr.aws":
        return (
            "Log in to public.ecr.aws before pulling: "
            "`aws ecr-public get-login-password --region us-east-1` prints the password."
        )
    region = f" --region {facts.region}" if facts.region else ""
    return (
        f"Log in before the push: `aws ecr get-login-password{region} | docker login --username AWS "
        f"--password-stdin {host}`; it must be exactly that host, and the login lasts 12 hours."
    )


def _repository_missing(facts: Circumstances) -> str:
    name = facts.repository or facts.project
    created = f"Create the repository {name}{_place(facts)}" if name else "Create the repository"
    if facts.project and name and name != facts.project:
        return f"{created}, or push to {facts.project}, the repository of the project's name."
    return f"{created}, by the project's name, then build again."


def _push_denied(facts: Circumstances) -> str:
    if facts.action:
        return _policy_kind(facts)
    if facts.push and facts.host is None:
        return (
            f"Tag the image with the URI of an ECR repository: this push went to {facts.push.repository}, "
            "perhaps because the variable with the registry is empty."
        )
    where = f" on the repository {facts.repository}" if facts.repository else ""
    return f"Allow the {facts.role} to push{where}: ecr:InitiateLayerUpload, ecr:PutImage and the others."


def _retrying_eof(facts: Circumstances) -> str:
    name = facts.repository or facts.project or "the repository"
    return (
        f"Check that the repository {name} exists{_place(facts)}, and that the {facts.role} may push to it "
        "(ecr:InitiateLayerUpload, ecr:PutImage): ECR ends the connection in both cases."
    )


def _tag_immutable(facts: Circumstances) -> str:
    tag = f"the tag {facts.tag}" if facts.tag else "a tag that exists already"
    where = facts.repository or "the repository"
    return (
        f"Push a tag that is new for each build instead of {tag}, or add an exclusion filter for it "
        f"to {where}: its tags are immutable."
    )


def _rate_limited(facts: Circumstances) -> str:
    if re.search(r"public\.ecr\.aws|toomanyrequests: Rate exceeded", facts.line, re.IGNORECASE):
        return "Build again later, or log in to public.ecr.aws before pulling: pulls without a login share a low limit."
    if "ThrottlingException" in facts.line:
        return "Build again later: too many calls were made to AWS at once."
    return (
        "Log in to Docker Hub before pulling, or pull the base image through an ECR pull-through cache "
        "or public.ecr.aws."
    )


def _no_docker_daemon(facts: Circumstances) -> str:
    project = f" of {facts.project}" if facts.project else ""
    return f"Turn on privileged mode in the project's environment{project}: docker needs it."


def _no_space(_: Circumstances) -> str:
    return "Use a larger compute type, which has a larger disk, or remove images and caches before the build."


def _wrong_architecture(_: Circumstances) -> str:
    return (
        "Build for the architecture that runs it: match the project's environment (x86 or ARM) "
        "to the base image and `--platform`."
    )


def _bad_reference(facts: Circumstances) -> str:
    names = sorted(set(re.findall(r"\$\{?([A-Za-z_]\w*)", facts.command)))
    which = f" ({', '.join(names)})" if names else ""
    return (
        f"Set the variables that make up the image's name and tag{which}: one is empty or holds a character "
        "that a reference may not have; names are in lower case."
    )


def _buildspec_invalid(_: Circumstances) -> str:
    return "Correct the buildspec: its path in the project, and its YAML (version, phases, commands)."


def _image_not_built(facts: Circumstances) -> str:
    what = facts.push.repository if facts.push else "that name"
    tag = f":{facts.tag}" if facts.push and facts.tag else ""
    return f"Tag the image as {what}{tag} before the push: the build failed earlier, or gave it another name or tag."


def _timed_out(facts: Circumstances) -> str:
    during = f" It ended while running `{facts.command}`." if facts.command else ""
    phase = f" in phase {facts.phase}" if facts.phase else ""
    return f"Raise the project's timeout, or find what hangs{phase}.{during}"


def _stopped(_: Circumstances) -> str:
    return "Start the build again: it was stopped by someone, not by a fault."


def _command_failed(facts: Circumstances) -> str:
    if not facts.command:
        return "Read the log around this line."
    return f"Read the log around this line: `{facts.command}` ended with an error."


_REMEDIES: dict[Cause, Callable[[Circumstances], str]] = {
    Cause.LOGIN_DENIED: _login_denied,
    Cause.NOT_LOGGED_IN: _not_logged_in,
    Cause.REPOSITORY_MISSING: _repository_missing,
    Cause.PUSH_DENIED: _push_denied,
    Cause.RETRYING_EOF: _retrying_eof,
    Cause.TAG_IMMUTABLE: _tag_immutable,
    Cause.RATE_LIMITED: _rate_limited,
    Cause.NO_DOCKER_DAEMON: _no_docker_daemon,
    Cause.NO_SPACE: _no_space,
    Cause.WRONG_ARCHITECTURE: _wrong_architecture,
    Cause.BAD_REFERENCE: _bad_reference,
    Cause.BUILDSPEC_INVALID: _buildspec_invalid,
    Cause.IMAGE_NOT_BUILT: _image_not_built,
    Cause.TIMED_OUT: _timed_out,
    Cause.STOPPED: _stopped,
    Cause.COMMAND_FAILED: _command_failed,
}
