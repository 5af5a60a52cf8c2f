"""Starting and ending the embedded account's process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from ecrtui.domain.errors import AppError, ErrorKind

ACCESS_KEY, SECRET_KEY = "AKIADEMODEMODEMODEMO", "demo"
DEFAULT_REGION = "ap-northeast-2"
_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A running embedded account."""

    url: str
    process: asyncio.subprocess.Process

    @property
    def environment(self) -> dict[str, str]:
        """The AWS variables with which any client reaches it, and nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": DEFAULT_REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    async def close(self) -> None:
        """End it. It ends by itself when this process does."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 3.0)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


async def start(speed: float | None = None) -> DemoServer:
    """Start the embedded account as a child process; it answers when this returns.

    `speed` makes builds that many times faster; None leaves it to `ECRTUI_DEMO_SPEED`.
    """
    environment = dict(os.environ)
    places = [str(Path(__file__).parents[2]), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, places))
    if speed is not None:
        environment["ECRTUI_DEMO_SPEED"] = str(speed)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ecrtui.demo.server",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)
    except TimeoutError:
        line = b""
    answer = json.loads(line or b"{}")
    server = DemoServer(answer.get("url", ""), process)
    if not server.url:
        await server.close()
        raise AppError(
            ErrorKind.LOCAL,
            what="start the embedded account",
            why=answer.get("error", "its process ended without an answer"),
            remedy=f"Run `{sys.executable} -m ecrtui.demo.server` to see what it says.",
        )
    return server
