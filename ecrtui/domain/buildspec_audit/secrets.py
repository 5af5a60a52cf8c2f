"""Checks for secrets in plain text: in variables, build arguments and commands. Values are never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecrtui.domain.buildspec_audit.finding import BuildspecFinding, fault
from ecrtui.domain.buildspec_audit.trace import Seen, Trace

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:SECRETS?|TOKENS?|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|PRIVATE_?KEY|API_?KEY|APIKEY"
    r"|ACCESS_?KEY|SECRET_?KEY|ENCRYPTION_?KEY|SIGNING_?KEY|SSH_?KEY|DEPLOY_?KEY|PAT)(?:_|$)|_PWD$|(?:^|_)PASS$"
)
_NO_SECRET = re.compile(
    r"_(?:ARN|NAME|ID|URL|URI|PATH|DIR|FILE|FILENAME|REGION|ENDPOINT|HOST|USER|USERNAME|TTL|EXPIRY|LENGTH|VERSION"
    r"|HEADER|ENABLED|DISABLED|TYPE|PREFIX|SUFFIX|PARAM|PARAMETER|REQUIRED|COUNT|ALIAS|STORE|MANAGER|PROVIDER)$"
)
_SECRET_VALUE = re.compile(
    r"(?:^|[^A-Z0-9])A[KS]IA[A-Z0-9]{16}(?:[^A-Z0-9]|$)|-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[opsu]_[A-Za-z0-9]{30,}"
    r"|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20}|\bxox[abprs]-[\w-]{10,}|://[^/\s:@$]+:[^/\s@$]+@"
)
_NO_VALUE = re.compile(r"(?i)|true|false|yes|no|on|off|none|null|\d{1,3}|\*+|arn:.*|/[\w./-]+|https?://[^\s@]*")
_REFERENCE = re.compile(r"\$(?:\w+|\{.*|\(.*)|`.*", re.DOTALL)
_STORE = "Keep it in Secrets Manager or Parameter Store, name it there by type, and change it: it has been readable."


def plaintext_variables(trace: Trace) -> Iterator[BuildspecFinding]:
    """Secrets in the project's variables and in those of the buildspec."""
    for variable in trace.project.variables:
        if variable.kind == "PLAINTEXT" and is_secret(variable.name, variable.value):
            sentence = f"the project's variable {variable.name} holds a secret in plain text (***)"
            yield fault("plaintext-secret", None, sentence, _STORE)
    spec = trace.spec
    lines = spec.variable_lines or (None,) * len(spec.variables)
    for (name, value), line in zip(spec.variables, lines, strict=True):
        if is_secret(name, value):
            sentence = f"the buildspec's variable {name} holds a secret in plain text (***)"
            yield fault("plaintext-secret", line, sentence, _STORE)


def is_secret(name: str, value: str) -> bool:
    """Whether a variable looks like a secret, by its value or by its name; references to one are none."""
    value = value.strip()
    if _SECRET_VALUE.search(value):
        return True
    return is_secret_name(name) and not _REFERENCE.fullmatch(value) and not _NO_VALUE.fullmatch(value)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret: `DB_PASSWORD`, `githubToken`, but not `SECRET_ARN`."""
    name = _HUMP.sub("_", name).upper().replace("-", "_")
    return bool(_SECRET_NAME.search(name)) and not _NO_SECRET.search(name)


def secrets_in_commands(trace: Trace) -> Iterator[BuildspecFinding]:
    """Secrets that stand in the text of commands, or go into an image's history."""
    for seen in trace.steps:
        for name in _build_arguments(seen):
            yield fault(
                "secret-in-command",
                seen.line,
                f"--build-arg {name} passes a secret, which stays readable in the image's history",
                "Pass it with `docker build --secret`, and mount it where it is needed.",
            )
        for name, value in seen.step.assignments:
            if is_secret(name, value) and not ("$" in value or "`" in value):
                sentence = f"a command sets {name} to a secret in plain text (***)"
                yield fault("secret-in-command", seen.line, sentence, _STORE)
        if _literal_password(seen):
            yield fault(
                "secret-in-command",
                seen.line,
                "a command logs in with a password in plain text (***)",
                "Pipe the password into `docker login --password-stdin`, from Secrets Manager; and change it.",
            )


def _build_arguments(seen: Seen) -> Iterator[str]:
    """The names of build arguments that are secrets, with or without a value."""
    for argument in seen.values("--build-arg"):
        name, _, value = argument.partition("=")
        named = is_secret_name(name) and not _NO_VALUE.fullmatch(value or "x")
        if named or _SECRET_VALUE.search(value):
            yield name


def _literal_password(seen: Seen) -> bool:
    if "login" not in seen.verbs:
        return False
    return any(value and not value.startswith(("$", "`")) for value in seen.values("-p", "--password"))


CHECKS = (plaintext_variables, secrets_in_commands)
