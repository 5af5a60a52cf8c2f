"""What is installed is exactly what was locked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.fault("F93")
@pytest.mark.parametrize("name", ["constraints.txt", "constraints-run.txt", "constraints-audit.txt"])
def test_every_dependency_is_pinned_with_its_hashes(name: str) -> None:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text(), flags=re.M).replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line.strip()]
    assert len(requirements) > 20
    for requirement in requirements:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


@pytest.mark.fault("F93")
def test_nothing_is_installed_without_its_hash() -> None:
    for place in ("Makefile", ".ci/run"):
        path = ROOT / place
        if not path.exists():
            continue
        for line in path.read_text().splitlines():
            if "pip install" in line and " -r " in line:
                assert "--require-hashes" in line, line
