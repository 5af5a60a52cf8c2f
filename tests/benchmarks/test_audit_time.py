"""The audit of the seeded account, all rules, over real HTTP: how long it takes, and how much it asks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account
from ecrtui.demo.clock import Clock
from ecrtui.demo.http import listen
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import Application
from ecrtui.domain.audit.rules import RULES
from ecrtui.services.audit import audit
from ecrtui.services.state import value_of

REGIONS = ("ap-northeast-2", "ap-northeast-1", "us-east-1", "eu-central-1")
GOAL = 10.0
"""Seconds."""
SHARED, OF_EACH = 60, 7
"""Requests in all, and for each repository: its images, its two policies, the roles around it, the scans that run."""


@contextmanager
def served(requests: Counter[str]) -> Iterator[str]:
    """The seeded account at a URL; its requests are counted by operation."""
    account = Application(seeded_account(Clock()))

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        requests[str(environ.get("HTTP_X_AMZ_TARGET") or environ["PATH_INFO"]).rpartition(".")[2]] += 1
        return account(environ, start_response)

    server = listen(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


async def test_audit(measured: Callable[[str], None]) -> None:
    for regions in (REGIONS[:1], REGIONS):
        requests = Counter[str]()
        with served(requests) as url:
            keys = StaticCredentials("AKIADEMODEMODEMODEMO", "demo")
            account = await open_account(AccountOptions(region=regions[0], endpoint_url=url, credentials=keys))
            began = time.perf_counter()
            states = [state async for state in audit(account, regions)]
            seconds = time.perf_counter() - began
            await account.close()
        report = value_of(states[-1])
        assert report is not None
        assert {rule.id for rule in report.rules} == {rule.id for rule in RULES}
        repositories = requests["GetRepositoryPolicy"]
        most = SHARED + OF_EACH * repositories
        measured(
            f"audit of {repositories} repositories with {report.images:,} images in {len(regions)} regions: "
            f"{seconds:.1f} s (goal {GOAL:.0f}), {requests.total()} requests (at most {most})"
        )
        assert seconds <= GOAL
        assert requests.total() <= most
        assert requests["DescribeImages"] <= repositories + report.images // 1_000
        assert requests["GetLifecyclePolicy"] <= repositories
