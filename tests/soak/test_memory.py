"""Eight hours at a gallop: every screen, refreshes, logs, filters, dialogs and sizes; the memory stays."""

from __future__ import annotations

import json
import os
import statistics
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from program import Program, reach

from soak.keys import LONGER

HOURS = 8.0
ROUNDS = int(48 * LONGER)
GOAL = 0.1
SIZES = ((80, 24), (200, 60), (120, 36))
NAMES = (
    *("arm-edge", "auth-service", "batch-worker", "catalog-service", "cdn-purger", "checkout-web", "coupon-service"),
    *("fraud-scorer", "geo-lookup", "gift-cards", "image-resizer", "invoice-mailer", "legacy-frontend", "payment-api"),
    *("payments-api", "pet-api", "pet-web", "pet-worker", "price-engine", "search-indexer", "stock-sync"),
)
WARM_UP = len(NAMES)
"""Rounds, besides, in which everything is seen once."""
COMPARED = 8
"""Rounds at either end whose median counts."""
EXPLORE = (b"r", b"\x1b[B" * 2, b"\r", b"]", b"]", b"]", b"[", b"\x1b", b"F", b"\x1b", b"\x1b")
OTHERS = (b"2r", b"\x1b[B", b"/pet\r", b"\x1b", b"3r", b"\x1b[B", b"l", b"\x1b[A" * 3, b"\x1b", b"4r", b"5", b"\x1b[B")
DIALOGS = (b"?", b"\x1b", b"!", b"\x1b", b"c", b"\x1b", b":", b"\x1b", b"i", b"\x1b", b"y", b"\x1b")


def advance(url: str, seconds: float) -> None:
    """Have the account's clock move on: builds go on and end, images come."""
    body = json.dumps({"advance": seconds}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/_demo/clock", body, method="POST")) as answer:
        answer.read()


def megabytes(pid: int) -> float:
    """The memory in use (Linux only)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def one_round(t: Program, url: str, number: int) -> None:
    """Some minutes of somebody's work."""
    advance(url, HOURS * 3600 / ROUNDS)
    t.resize(*SIZES[number % len(SIZES)])
    place = (b"1:region ap-northeast-2\r", f":repo {NAMES[number % len(NAMES)]}\r".encode())
    for keys in (*place, *EXPLORE, *OTHERS, *DIALOGS):
        t.send(keys)
        t.read(quiet=0.04, limit=0.1)
    t.read(quiet=0.2, limit=0.5)
    t.forget()


def test_the_memory_is_flat(server: str, measured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    reach(server, monkeypatch)
    with Program(environ={"ECRTUI_REFRESH": "2"}) as t:
        t.sees("pet-web", "main-")
        used: list[float] = []
        for number in range(WARM_UP + ROUNDS):
            one_round(t, server, number)
            used.append(megabytes(t.app))
        t.send(b"q")
        t.ends(0)
    began, ended = statistics.median(used[WARM_UP : WARM_UP + COMPARED]), statistics.median(used[-COMPARED:])
    measured(
        f"memory over {HOURS:g} hours in {ROUNDS} rounds: {began:.0f} MB after the warm-up, {ended:.0f} MB at the end, "
        f"{ended / began - 1:+.1%} (goal {GOAL:+.0%}); at most {max(used):.0f} MB"
    )
    assert ended <= began * (1 + GOAL)
