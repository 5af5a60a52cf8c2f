"""Every fault of the catalogue has a test that provokes it, and the table says so."""

from __future__ import annotations

import subprocess
import sys

import faults

FAULT = faults.Fault("D56", "kill -9", "os.kill")
HOLDS = {"D56": ["terminal/test_x.py::test_y"]}


def test_the_table_is_of_today_and_no_fault_is_without_a_test():
    command = [sys.executable, "-m", "tests.faults", "--check"]
    checked = subprocess.run(command, cwd=faults.TESTS.parent, capture_output=True, text=True, timeout=120, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "every fault has its tests\n", "")


def test_the_catalogue_is_whole():
    known = faults.catalogue()
    assert [int(number[1:]) for number in known] == list(range(1, 94))
    assert sorted(number[0] for number in known) == [number[0] for number in known]
    assert all(fault.name and fault.how for fault in known.values())


def test_the_check_would_notice():
    one = {"D56": FAULT}
    table = faults.written(one, HOLDS)
    assert faults.problems(one, HOLDS, table) == []
    assert faults.problems(one, {}, table) == ["D56 (kill -9) has no test"]
    assert faults.problems(one, {**HOLDS, "D99": ["t"]}, table) == ["D99 is no fault of the catalogue"]
    assert faults.problems(one, {"D56": ["another"]}, table) == [
        "tests/FAULTS.md is not of today: run `python -m tests.faults`"
    ]
    declared = {"D56": faults.Fault("D56", "kill -9", "os.kill", "tried in vain")}
    assert "tried in vain" in faults.written(declared, {})
    assert faults.problems(declared, {}, faults.written(declared, {})) == []
