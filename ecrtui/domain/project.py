"""CodeBuild projects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """One environment variable of a project. A PLAINTEXT value may be a secret: mask it until revealed."""

    name: str
    value: str
    kind: str = "PLAINTEXT"
    """PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER; for the latter two `value` is a reference."""


@dataclass(frozen=True, slots=True)
class Project:
    """One CodeBuild project. Instants are epoch seconds; strings are as AWS sent them."""

    name: str
    region: str
    arn: str = ""
    description: str = ""
    source_type: str = ""
    source_location: str = ""
    source_version: str = ""
    buildspec: str = ""
    """Empty (buildspec.yml of the source), a path, an S3 ARN, or the inline text."""
    environment_type: str = ""
    environment_image: str = ""
    compute_type: str = ""
    privileged: bool = False
    docker_server: bool = False
    """Whether a Docker server of its own is part of the environment."""
    variables: tuple[EnvironmentVariable, ...] = ()
    service_role: str = ""
    artifacts_type: str = ""
    cloudwatch_logs: bool = True
    s3_logs: bool = False
    created_at: float | None = None
    modified_at: float | None = None

    @property
    def account(self) -> str:
        """The account id in the project's ARN; empty when the ARN has none."""
        parts = self.arn.split(":")
        return parts[4] if len(parts) > 5 else ""
