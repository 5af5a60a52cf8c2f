"""Instants as ISO 8601 texts."""

from __future__ import annotations

from ecrtui.domain.instants import instant, iso


def test_instants_go_there_and_back() -> None:
    assert iso(None) is None
    assert iso(1_777_900_000.0) == "2026-05-04T13:06:40Z"
    assert iso(1_777_900_000.25) == "2026-05-04T13:06:40.250Z"
    assert instant("2026-05-04T22:06:40+09:00") == 1_777_900_000.0
    assert instant("2026-05-04 13:06:40") == 1_777_900_000.0
    assert instant("soon") is None
    assert iso(1e300) is None
