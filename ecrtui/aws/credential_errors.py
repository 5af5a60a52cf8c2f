"""Why there are no usable credentials, and what brings them: what botocore's providers raise, as sentences."""

from __future__ import annotations

import configparser
from collections.abc import Sequence
from dataclasses import replace

from botocore import exceptions as boto

from ecrtui.aws.errors import failure
from ecrtui.aws.failures import Failure, Place
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import CodeQuestion

_WHAT = "find usable credentials"
_ASKED = {
    "iam-role": "the instance's metadata (IMDS)",
    "container-role": "the container's metadata",
    "sso": "the SSO portal",
    "login": "the login service",
    "assume-role": "STS",
    "assume-role-with-web-identity": "STS",
    "custom-process": "the program of credential_process",
}
"""Who gives credentials that do not lie in a file, by the provider's `METHOD`."""
_NAMED = 12
"""Profiles that are named where one does not exist."""
_LONGEST = 300


def asked(method: str) -> str:
    """Who is asked by a provider; empty where it is only a file that is read."""
    return _ASKED.get(method, "")


def not_opened(error: Exception, profile: str, profiles: Sequence[str] = ()) -> AppError:
    """Why a profile cannot be opened at all; `profiles` are those that there are."""
    why, remedy = _text(error), "Correct the AWS config or credentials file."
    if isinstance(error, boto.ProfileNotFound):
        why, remedy = f"there is no profile {profile} in the AWS files", "Make it with `aws configure`."
        if profiles:
            more = f" and {len(profiles) - _NAMED} more" if len(profiles) > _NAMED else ""
            remedy = f"The profiles are {', '.join(profiles[:_NAMED])}{more}."
    elif isinstance(error, boto.ConfigParseError):
        why, remedy = _unparsed(error.kwargs["path"], error.kwargs.get("error")), "Correct that file."
    return AppError(ErrorKind.CREDENTIALS, f"open the profile {profile}", why=why, remedy=remedy)


def not_found(error: Exception, profile: str, renewal: str, waited_for: str, seconds: float) -> Failure:
    """Why the search failed. `renewal` is the sentence about what renews them, `waited_for` who was asked last."""
    if isinstance(error, (boto.ClientError, boto.HTTPClientError, boto.ConnectionError)):
        return _refused(error, profile, renewal)
    passing = False
    if isinstance(error, boto.NoCredentialsError):
        why = f"there are no credentials for the profile {profile}"
        remedy = (
            f"Set them up with `aws configure sso --profile {profile}` or `aws configure --profile {profile}`, "
            "or choose another profile."
        )
    elif isinstance(error, TimeoutError):
        why, remedy, passing = f"{waited_for or 'who has them'} did not answer within {seconds:g} s", "Try again.", True
        if waited_for.startswith(asked("custom-process")):
            remedy, passing = f"Run it by hand, or correct the profile {profile}; it was stopped.", False
    elif isinstance(error, (boto.CredentialRetrievalError, boto.TokenRetrievalError)):
        why, remedy, passing = _not_given(error, profile, renewal)
    elif isinstance(error, boto.MissingDependencyException):
        why = f"the profile {profile} uses a way to log in that botocore has no code for here"
        remedy = "Install botocore[crt] beside ecrtui (`pip install 'botocore[crt]'`), or choose another profile."
    elif isinstance(error, (boto.ConfigParseError, boto.ConfigNotFound, boto.ProfileNotFound)):
        return Failure(replace(not_opened(error, profile), what=_WHAT), False)
    elif isinstance(error, (boto.InvalidConfigError, boto.PartialCredentialsError)):
        why, remedy = _text(error), f"Correct the profile {profile} in the AWS files."
    elif isinstance(error, (boto.SSOError, boto.LoginError)):
        why, remedy = f"the login of the profile {profile} is over", renewal
        if isinstance(error, (boto.SSOTokenLoadError, boto.LoginTokenLoadError)):
            why = f"nobody has logged in with the profile {profile}"
    elif isinstance(error, boto.BotoCoreError):
        why, remedy = _text(error), renewal
    elif isinstance(error, RuntimeError) and "still expired" in str(error):
        why, remedy = (
            f"{waited_for or 'the provider'} gave what has expired already",
            "Check the clock of this machine.",
        )
    else:  # a kept login that was cut off raises anything
        why = f"what was kept of the login of the profile {profile} cannot be read ({type(error).__name__})"
        remedy = renewal
    return Failure(AppError(ErrorKind.CREDENTIALS, _WHAT, why=why, remedy=remedy), passing)


def given_up(waited_for: str) -> AppError:
    """A person has ended the wait."""
    why = f"{waited_for} was waited for no longer"
    return AppError(ErrorKind.CREDENTIALS, _WHAT, why=why, remedy="Try again, or take another profile.")


def nobody_to_ask(question: CodeQuestion) -> AppError:
    """A code is demanded where nobody can be asked."""
    return AppError(
        ErrorKind.CREDENTIALS,
        _WHAT,
        why=f"the profile {question.profile} asks for an MFA code, and there is no terminal to ask at",
        remedy="Run this on a terminal, or take a session with `aws sts get-session-token` first.",
    )


def replaced() -> AppError:
    """Others than those of the confirmation would have signed a change."""
    return AppError(
        ErrorKind.CREDENTIALS,
        "send a change as the one who was confirmed",
        why="the credentials were replaced meanwhile",
        remedy="Look at it again, and confirm again: nothing was sent.",
    )


def _not_given(error: boto.BotoCoreError, profile: str, renewal: str) -> tuple[str, str, bool]:
    """Why who was asked gave none, what to do, and whether it may pass by itself."""
    method, said = str(error.kwargs.get("provider", "")), _cut(str(error.kwargs.get("error_msg", "")))
    if method == "custom-process":
        why = f"the program of credential_process failed: {said or 'it said nothing'}"
        return why, f"Run it by hand, or correct credential_process of the profile {profile}.", False
    metadata = method in ("iam-role", "container-role")
    return f"{asked(method) or method} gave none: {said}", "Try again." if metadata else renewal, metadata


def _refused(error: Exception, profile: str, renewal: str) -> Failure:
    """What a service answered that gives credentials, or that it cannot be reached."""
    operation = getattr(error, "operation_name", "AssumeRole")
    service = {"GetRoleCredentials": "sso", "CreateToken": "sso-oidc"}.get(operation, "sts")
    failed = failure(error, Place(_WHAT, service, operation, "", profile), sent=False)
    told = failed.error
    if told.kind is ErrorKind.DENIED and service == "sso":
        told.remedy = f"Check sso_account_id and sso_role_name of the profile {profile}."
    elif told.kind is ErrorKind.CREDENTIALS and "clock" not in told.why:
        told.remedy = renewal
    told.kind = ErrorKind.CREDENTIALS
    return failed


def _unparsed(path: str, cause: object) -> str:
    """Where in a file the first thing is that cannot be read."""
    match cause:
        case UnicodeDecodeError():
            return f"{path} holds bytes that are no text"
        case configparser.DuplicateSectionError(section=section, lineno=line):
            return f"{path}, line {line}: the section {section} is there twice"
        case configparser.DuplicateOptionError(option=option, lineno=line):
            return f"{path}, line {line}: {option} is set twice"
        case configparser.MissingSectionHeaderError(lineno=line):
            return f"{path}, line {line}: it belongs to no section"
        case configparser.ParsingError(errors=[(line, _), *_]):
            return f"{path}, line {line} cannot be read"
    return f"{path} cannot be read: a line of a nested setting sets nothing"


def _text(error: Exception) -> str:
    return _cut(str(error)) or type(error).__name__


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
