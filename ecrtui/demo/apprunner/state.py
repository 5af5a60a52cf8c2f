"""App Runner's state: services that run an image, and one that runs source code."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class AppService:
    """One service."""

    name: str
    arn: str
    image: str
    """Empty for one that is built from source code."""
    created_at: float
    deployed_at: float
    auto: bool = False
    """Whether a push to the image's tag deploys it."""
    role: str = ""
    """The ARN of the access role; empty where none is needed."""
    status: str = "RUNNING"

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def public(self) -> bool:
        """Whether the image is in ECR Public."""
        return self.image.startswith("public.ecr.aws/")


def service_arn(account: str, region: str, name: str) -> str:
    """The ARN of a service."""
    key = sha256(f"apprunner {region} {name}".encode()).hexdigest()[:32]
    return f"arn:aws:apprunner:{region}:{account}:service/{name}/{key}"
