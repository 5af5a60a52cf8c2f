"""What an operation of the embedded account is: a call in, an answer or AWS's own error out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecrtui.demo.account import Account, Region

Json = dict[str, Any]
"""A JSON object in a service's own member names."""
Answer = Json | bytes
"""An answer; bytes are JSON that is encoded already."""


class ServiceError(Exception):
    """AWS's refusal of a call: code, message, HTTP status and further members of the error's shape."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one operation: its parameters, where it goes, and when."""

    account: Account
    region: Region
    params: Json
    now: float
    url: str = ""
    """The base URL of the server that was asked, for links in answers."""

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter, or the default where it is absent or null."""
        value = self.params.get(name)
        return default if value is None else value


Handler = Callable[[Call], Answer]


class Service:
    """The operations of one AWS service, by name; `service("Operation")` declares one."""

    def __init__(self, name: str, target: str, invalid: str) -> None:
        self.name = name
        self.target = target
        """The prefix of its `X-Amz-Target`; empty for the services of other protocols."""
        self.invalid = invalid
        """Its error code for a parameter that breaks the model's constraints."""
        self.handlers: dict[str, Handler] = {}

    def __call__(self, operation: str) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            self.handlers[operation] = handler
            return handler

        return declare


ECR = Service("ecr", "AmazonEC2ContainerRegistry_V20150921", "InvalidParameterException")
CODEBUILD = Service("codebuild", "CodeBuild_20161006", "InvalidInputException")
LOGS = Service("logs", "Logs_20140328", "InvalidParameterException")
ECS = Service("ecs", "AmazonEC2ContainerServiceV20141113", "InvalidParameterException")
APPRUNNER = Service("apprunner", "AppRunner", "InvalidRequestException")
PRICING = Service("pricing", "AWSPriceListService", "InvalidParameterException")
IAM = Service("iam", "", "ValidationError")
LAMBDA = Service("lambda", "", "InvalidParameterValueException")
SERVICES = (ECR, CODEBUILD, LOGS, ECS, APPRUNNER, PRICING, IAM, LAMBDA)
TARGETS = {service.target: service for service in SERVICES if service.target}
