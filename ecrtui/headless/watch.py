"""`ecrtui watch`: a build up to its image in ECR, or a repository, as a stream of events."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import click

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.text.loglines import log_line
from ecrtui.domain.units import duration
from ecrtui.headless.invocation import STREAM_FORMATS, Command, Opened, begin
from ecrtui.headless.printers import Record, StreamPrinter, note
from ecrtui.services.builds import history
from ecrtui.services.repository_watch import watch_repository
from ecrtui.services.watch import EndEvent, watch_build


def stream_format() -> str:
    """How a stream is written unless --format says so: lines for a person at a terminal, else JSON lines."""
    return "table" if sys.stdout.isatty() else "jsonl"


@click.command(cls=Command)
@click.argument("target", required=False, metavar="PROJECT|BUILD_ID")
@click.option("--repository", metavar="NAME", help="Watch a repository: new images, moved and vanished tags.")
def watch(target: str | None, repository: str | None) -> int:
    """Watch a build until its image is in ECR, or a repository until interrupted.

    Of a project the newest build is watched. Exit code 0 only when the build's image is in ECR. Events are
    JSON lines when the output is no terminal.
    """
    if (target is None) == (repository is None):
        raise click.UsageError("Name a project or a build, or a repository with --repository.")
    call = begin(STREAM_FORMATS, default=stream_format())

    async def command(opened: Opened) -> int:
        region = call.region(opened.account)
        if repository is not None:
            return await _repository(opened, region, repository, call.form)
        build_id = await _build_id(opened, region, target or "")
        return await watch_to_end(opened, region, build_id, call.form)

    return call.run(command)


async def watch_to_end(opened: Opened, region: str, build_id: str, form: str) -> int:
    """Print the events of a build; 0 when its image is in ECR, else 1."""
    printer = StreamPrinter(form)
    outcome = ""
    opened.progress(f"waiting for {build_id}")
    try:
        async for event in _closing(watch_build(opened.account, region, build_id)):
            opened.progress.clear()
            printer.print(event.to_json(), _line)
            if isinstance(event, EndEvent):
                outcome = event.outcome
    except asyncio.CancelledError:
        again = shlex.join(("ecrtui", "watch", build_id, "--region", region))
        note(f"the build goes on; watch it again with: {again}")
        raise
    finally:
        printer.close()
    return int(outcome != "in-ecr")


async def _repository(opened: Opened, region: str, repository: str, form: str) -> int:
    printer = StreamPrinter(form)
    opened.progress(f"watching {repository} in {region}; ^C ends it")
    try:
        async for change in _closing(watch_repository(opened.account, region, repository)):
            opened.progress.clear()
            printer.print(change.to_json(), _line)
    finally:
        printer.close()
    return 0


async def _closing(events: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async with aclosing(events) as closing:  # type: ignore[type-var]
        async for event in closing:
            yield event


async def _build_id(opened: Opened, region: str, target: str) -> str:
    """The id of the build that is named, or of the newest build of the project that is named."""
    name = target.rpartition("build/")[2] if target.startswith("arn:") else target
    if ":" in name:
        return name
    builds = await history(opened.account, region, name, 1)
    if builds:
        return builds[0].id
    await opened.account.builds(region).project(name)
    raise AppError(
        ErrorKind.NOT_FOUND,
        f"watch {name}",
        region,
        "the project was never built",
        f"Start a build: `ecrtui build {shlex.quote(name)} --watch`.",
    )


# Lines for a person


def _line(event: Record) -> Shown:
    match event["event"]:
        case "phase":
            seconds = f" {duration(event['seconds'])}" if event["seconds"] is not None else ""
            return _said("phase", f"{event['phase']} {event['status']}{seconds}", event["message"])
        case "log":
            return Shown("".join(span.text for span in log_line(f"  | {event['line']}")))
        case "push":
            layers = event["layers"]
            image = ":".join(filter(None, (event["repository"], event["tag"])))
            return _said("push", f"{image} {event['state']}, {layers['done']} of {layers['total']} layers")
        case "image":
            return _said("image", f"{event['tag'] or event['digest']}", event["detail"])
        case "end":
            return _said("end", event["outcome"], event["cause"], event["line"], event["remedy"], event["detail"])
        case "problem":
            return _said("problem", event["message"], event["remedy"])
        case kind:
            return _said(kind, event["tag"], event["digest"], event.get("former_digest"))


def _said(kind: str, *parts: str | None) -> Shown:
    return shown(f"{kind:8} " + "  ".join(part for part in parts if part))
