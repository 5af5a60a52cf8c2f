"""CloudWatch Logs in one region."""

from __future__ import annotations

from typing import Any

from ecrtui.aws.call import Caller
from ecrtui.aws.values import instant, objects, text
from ecrtui.services.ports import LogPage


class CloudWatchLogs:
    """The port `Logs` over the CloudWatch Logs API."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def events(self, group: str, stream: str, token: str | None) -> LogPage:
        """The next events from the head on; the same token back means: nothing more for now.

        NOT_FOUND while the stream does not exist yet (or no longer).
        """
        asked: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
        if token:
            asked["nextToken"] = token
        answer = await self._caller.read(
            "GetLogEvents",
            asked,
            f"read the log {group}/{stream}",
            required={"events": list, "nextForwardToken": str},
        )
        events = tuple(
            (_seconds(event.get("timestamp")), text(event.get("message"))) for event in objects(answer["events"])
        )
        return LogPage(events, answer["nextForwardToken"])


def _seconds(milliseconds: Any) -> float:
    """Epoch seconds; 0 for an event without a readable instant, whose text still counts."""
    return instant(milliseconds / 1000 if isinstance(milliseconds, (int, float)) else None) or 0.0
