"""The embedded account with much in it: `bulk_server.py images 100000`, `names 5000` or `log 1000`.

In the region eu-west-1 it has one repository `big` of so many images; or so many repositories and three fifths as
many projects; or a build that runs and has written so many lines a second for as long as it runs. It prints its
URL, and ends when its standard input does.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from typing import Any

from bulk import bulk_repository

from ecrtui.demo import logs
from ecrtui.demo.account import Account
from ecrtui.demo.catalogue import ENTRIES
from ecrtui.demo.clock import Clock
from ecrtui.demo.codebuild.state import ProjectRecord
from ecrtui.demo.history import new_plan, new_record, project_document
from ecrtui.demo.http import listen
from ecrtui.demo.wsgi import Application

REGION = "eu-west-1"
_MODEL = next(replace(entry, region=REGION) for entry in ENTRIES if entry.name == "pet-web")
_LOG_MINUTES = 30


def images(account: Account, count: int) -> None:
    """One great repository beside a small one."""
    bulk_repository(account, REGION, "big", count)
    bulk_repository(account, REGION, "small", 3)


def names(account: Account, count: int) -> None:
    """Many repositories of two images; three of five have their project."""
    projects = account.region(REGION).projects
    for number in range(count):
        name = f"team-{number % 97}-service-{number:05d}"
        bulk_repository(account, REGION, name, 2)
        if number % 5 < 3:
            entry = replace(_MODEL, name=name)
            projects[name] = ProjectRecord(name, project_document(entry, account.clock()), entry.recipe)


def log(account: Account, rate: int) -> None:
    """A build that talks, beside one that is silent; the talk begins with the first look at it."""
    region = account.region(REGION)
    for number, name in enumerate(("talks", "silent")):
        entry = replace(_MODEL, name=name)
        document = project_document(entry, account.clock())
        region.projects[name] = ProjectRecord(name, document, entry.recipe)
        slow = replace(entry, recipe=replace(entry.recipe, seconds=60.0 * _LOG_MINUTES))
        record = new_record(new_plan(account, slow, document, 1, account.clock() - 30 - number), document)
        region.begin(record)
    line = "[Container] 2026/05/04 18:13:01.000000 step {} Pushing layer 5f70bf18a086 to the repository"
    talk = [line.format(number) for number in range(rate * 60 * _LOG_MINUTES)]
    usual, began = logs._events, []

    def events(record: Any, now: float) -> list[Any]:
        if record.plan.project != "talks":
            return usual(record, now)
        began[:] = began or [now]
        milliseconds = int(now * 1000)
        return [
            {"timestamp": milliseconds, "message": text + "\n", "ingestionTime": milliseconds}
            for text in talk[: int((now - began[0]) * rate)]
        ]

    logs._events = events


def main(kind: str, count: int) -> None:
    """Serve until standard input ends."""
    account = Account(Clock())
    account.enabled = (REGION,)
    {"images": images, "names": names, "log": log}[kind](account, count)
    server = listen(Application(account))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
