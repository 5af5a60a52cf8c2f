"""The catalogue of faults, and the table of what provokes them: `python -m tests.faults` writes tests/FAULTS.md.

    python -m tests.faults           write the table from the tests that bear a number
    python -m tests.faults --check   say what is wrong with it: a fault without a test, a table that is not of today

A test bears the numbers of what it provokes: `@pytest.mark.fault("D56", "D57")`. Faults, and those that do not hold,
are in faults.toml.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TABLE = TESTS / "FAULTS.md"
_MARK = "pytest.mark.fault("
_SECTIONS = {
    "A": "Hostile strings",
    "B": "Credentials and session",
    "C": "API",
    "D": "Terminal life",
    "E": "Changes",
    "F": "Local data",
}
_HEAD = """\
# Faults

What the program is made to survive, and the tests that provoke it. Written by `make faults` from
`tests/faults.toml` and the tests that bear a number, which it then runs. A test of its own fails when this is not of
today or a fault has no test.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the catalogue."""

    number: str
    name: str
    how: str
    """How its tests provoke it."""
    open: str = ""
    """Why it does not hold, or not whole, and what was tried; empty when it holds."""


def catalogue() -> dict[str, Fault]:
    """All faults by their numbers, in their order."""
    read = tomllib.loads((TESTS / "faults.toml").read_text())
    open_ones = read["open"]
    return {
        number: Fault(number, name, how, open_ones.get(number, "")) for number, (name, how) in read["faults"].items()
    }


class _Collected:
    """A pytest plugin that notes which tests bear which number."""

    def __init__(self) -> None:
        self.tests: dict[str, dict[str, None]] = defaultdict(dict)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note them, once for all their parameters."""
        for item in session.items:
            for mark in item.iter_markers("fault"):
                for number in mark.args:
                    self.tests[number][item.nodeid.partition("[")[0].removeprefix("tests/")] = None


def collected() -> Mapping[str, Sequence[str]]:
    """The tests by the numbers that they bear."""
    files = [str(path) for path in sorted(TESTS.rglob("test_*.py")) if _MARK in path.read_text()]
    plugin, said = _Collected(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *files], plugins=[plugin])
    if code:
        raise SystemExit(f"the tests cannot be collected:\n{said.getvalue()}")
    return {number: list(tests) for number, tests in plugin.tests.items()}


def problems(faults: Mapping[str, Fault], tests: Mapping[str, Sequence[str]], table: str) -> list[str]:
    """What is wrong, a sentence each."""
    found = [f"{number} is no fault of the catalogue" for number in tests if number not in faults]
    for fault in faults.values():
        if not tests.get(fault.number) and not fault.open:
            found.append(f"{fault.number} ({fault.name}) has no test")
    if not found and table != written(faults, tests):
        found.append("tests/FAULTS.md is not of today: run `python -m tests.faults`")
    return found


def written(faults: Mapping[str, Fault], tests: Mapping[str, Sequence[str]]) -> str:
    """The table."""
    lines = [_HEAD, _sum(faults)]
    section = ""
    for fault in faults.values():
        if fault.number[0] != section:
            section = fault.number[0]
            lines.append(
                f"\n## {section}. {_SECTIONS[section]}\n\n| fault | provoked by | tests | result |\n|---|---|---|---|"
            )
        names = "<br>".join(f"`{name}`" for name in tests.get(fault.number, ()))
        result = f"**not whole**: {fault.open}" if fault.open else "holds"
        lines.append(f"| **{fault.number}** {fault.name} | {fault.how} | {names or 'none'} | {result} |")
    return "\n".join(lines) + "\n"


def _sum(faults: Mapping[str, Fault]) -> str:
    whole = sum(not fault.open for fault in faults.values())
    return f"Of {len(faults)} faults, {whole} hold; {len(faults) - whole} do not, or not whole, with the reason.\n"


def main(arguments: Sequence[str]) -> int:
    """Write the table, or check it."""
    faults, tests = catalogue(), collected()
    if "--check" in arguments:
        found = problems(faults, tests, TABLE.read_text() if TABLE.exists() else "")
        print("\n".join(found) or "every fault has its tests")  # noqa: T201
        return 1 if found else 0
    TABLE.write_text(written(faults, tests))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
