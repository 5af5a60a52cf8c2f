"""What the tests of this room share: their region, and the type of what opens accounts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ecrtui.aws.account import AwsAccount

REGION = "eu-central-1"

Open = Callable[..., Awaitable[AwsAccount]]
