"""What runs images in one region: ECS services and tasks."""

from __future__ import annotations

from ecrtui.aws.call import Caller


class EcsRuntime:
    """The port `Runtime` over the ECS API."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
