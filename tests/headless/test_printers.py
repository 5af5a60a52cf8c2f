"""What is printed: faithful for programs, harmless for terminals."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.text import shown
from ecrtui.headless.printers import Column, column, dumped, print_records

COLUMNS = (column("name", "name"), Column("size", lambda record: str(record["size"]), "right"))
MEMBERS = ("name", "size", "tags")
HOSTILE = st.text(
    alphabet=st.sampled_from("a=\x00\x07\x1b\x7f\x80\x9b\u202e\u2028\u200b\ud800\U000e0041,\"'\n\r\t 한é"),
    max_size=12,
)


def printed(form: str, records: list[dict], capsys: pytest.CaptureFixture[str]) -> str:
    print_records(form, records, COLUMNS, MEMBERS)
    return capsys.readouterr().out


RECORDS = [{"name": "web", "size": 9, "tags": ["a", "b"]}, {"name": "한국", "size": 1234, "tags": []}]


def test_tables_are_aligned_also_with_wide_characters(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed("table", RECORDS, capsys) == "NAME  SIZE\nweb      9\n한국  1234\n"


def test_json_is_one_array_with_a_record_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed("json", RECORDS, capsys)
    assert json.loads(out) == RECORDS
    assert len(out.splitlines()) == len(RECORDS) + 2
    assert json.loads(printed("json", [], capsys)) == []


def test_json_lines_are_records(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed("jsonl", RECORDS, capsys)
    assert [json.loads(line) for line in out.splitlines()] == RECORDS
    assert printed("jsonl", [], capsys) == ""


def test_csv_has_a_heading_always(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.reader(io.StringIO(printed("csv", RECORDS, capsys))))
    assert rows == [["name", "size", "tags"], ["web", "9", "a b"], ["한국", "1234", ""]]
    assert printed("csv", [], capsys) == "name,size,tags\n"


def test_clauses_in_one_cell_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    record = {"name": "web", "size": 9, "tags": ["there is none", "it pushes nothing"]}
    assert "there is none; it pushes nothing" in printed("csv", [record], capsys)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "  =1", "\t=1+1"])
@pytest.mark.fault("A18")
def test_csv_holds_no_formulas(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed("csv", [{"name": text, "size": -1, "tags": [text]}], capsys)
    cell = "'" + text.replace("\t", " ")
    assert list(csv.reader(io.StringIO(out)))[1] == [cell, "-1", cell]


@given(HOSTILE)
@settings(max_examples=150, deadline=None)
@pytest.mark.fault("A1", "A13")
def test_json_is_faithful_and_harmless(text: str) -> None:
    out = dumped({text: [text]})
    assert json.loads(out) == {text: [text]}
    assert out.isprintable()


@given(HOSTILE)
@settings(max_examples=50, deadline=None)
@pytest.mark.fault("A1", "A2", "A6", "A8")
def test_tables_and_csv_are_harmless(text: str) -> None:
    for form in ("table", "csv"):
        stream = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdout", stream)
            print_records(form, [{"name": text, "size": 1, "tags": [text]}], COLUMNS, MEMBERS)
        out = stream.getvalue()
        assert out.count("\n") == 2
        assert all(line.isprintable() for line in out.split("\n"))
        if form == "table":
            assert shown(text).strip() in out
