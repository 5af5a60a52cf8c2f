"""What works without AWS: checking and evaluating lifecycle policies, and diagnosing saved logs."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecrtui.cli import main

LOGS = Path(__file__).parent.parent / "fixtures" / "codebuild-logs"
DAY = 86_400


def rule(priority: int, **selection: Any) -> dict[str, Any]:
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}


def keep(priority: int, count: int, **selection: Any) -> dict[str, Any]:
    return rule(priority, countType="imageCountMoreThan", countNumber=count, **selection)


@pytest.fixture
def files(tmp_path: Path):
    """Write a policy and images, and give the options that name them."""

    def written(rules: list[dict[str, Any]], images: object) -> list[str]:
        (tmp_path / "policy.json").write_text(json.dumps({"rules": rules}))
        (tmp_path / "images.json").write_text(json.dumps(images))
        return ["--policy", str(tmp_path / "policy.json"), "--images", str(tmp_path / "images.json")]

    return written


def image(digit: str, age: int, *tags: str) -> dict[str, Any]:
    pushed = 1_777_900_000 - age * DAY
    return {"imageDigest": "sha256:" + digit * 64, "imageTags": list(tags), "imagePushedAt": pushed}


NOW = ["--now", "2026-05-04T13:06:40Z"]


def test_evaluate_answers_what_goes_and_what_stays(files, capsys: pytest.CaptureFixture[str]) -> None:
    images = {
        "imageDetails": [
            image("a", 10, "beta-1", "prod-1"),
            image("b", 9, "beta-2", "prod-2"),
            image("c", 8, "beta-3"),
        ]
    }
    rules = [
        keep(1, 1, tagStatus="tagged", tagPatternList=["prod*"]),
        keep(2, 1, tagStatus="tagged", tagPatternList=["beta*"]),
    ]
    assert main(["lifecycle", "evaluate", *files(rules, images), *NOW]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["marked"] == [
        {"digest": "sha256:" + "a" * 64, "tags": ["beta-1", "prod-1"], "rule": 1, "action": "expire"}
    ]
    assert [kept["digest"][7] for kept in answer["kept"]] == ["b", "c"]


def test_evaluate_takes_the_instant_from_now(files, capsys: pytest.CaptureFixture[str]) -> None:
    rules = [rule(1, tagStatus="any", countType="sinceImagePushed", countUnit="days", countNumber=5)]
    options = files(rules, [image("a", 6), image("b", 4)])
    for now, marked in (("2026-05-04T13:06:40Z", "a"), ("2026-05-08T13:06:40", "ab"), ("2026-05-01", "")):
        assert main(["lifecycle", "evaluate", *options, "--now", now]) == 0
        assert "".join(m["digest"][7] for m in json.loads(capsys.readouterr().out)["marked"]) == marked
    assert main(["lifecycle", "evaluate", *options, "--now", "tomorrow"]) == 2
    assert "2026-05-04T09:12:31Z" in capsys.readouterr().err


def test_evaluate_says_when_the_file_is_one_page_only(files, capsys: pytest.CaptureFixture[str]) -> None:
    page = {"imageDetails": [image("a", 1), image("b", 2)], "nextToken": "x"}
    assert main(["lifecycle", "evaluate", *files([keep(1, 1, tagStatus="any")], page), *NOW]) == 0
    answer = capsys.readouterr()
    assert len(json.loads(answer.out)["marked"]) == 1
    assert "one page of several" in answer.err


@pytest.mark.parametrize(
    ("images", "why"),
    [
        ({}, "imageDetails is missing"),
        ([{"imageTags": []}], "imageDetails[0].imageDigest"),
        ([{"imageDigest": 1}], "imageDetails[0].imageDigest"),
        ([{"imageDigest": "d", "imagePushedAt": "yesterday"}], "imageDetails[0].imagePushedAt"),
        ([{"imageDigest": "d", "imageTags": "latest"}], "imageDetails[0].imageTags"),
    ],
)
def test_a_bad_images_file_is_a_sentence(files, images: object, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lifecycle", "evaluate", *files([keep(1, 1, tagStatus="any")], images)]) == 2
    shown = capsys.readouterr()
    assert why in shown.err
    assert "images.json" in shown.err
    assert shown.out == ""


def test_a_bad_policy_stops_the_evaluation(files, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lifecycle", "evaluate", *files([keep(1, 0, tagStatus="any")], [])]) == 2
    shown = capsys.readouterr().err
    assert "countNumber" in shown
    assert "policy.json" in shown


def test_validate_names_each_problem_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"rules": [keep(1, 1, tagStatus="any"), keep(1, 0, tagStatus="tagged")]}, indent=1))
    assert main(["lifecycle", "validate", "--policy", str(path)]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["valid"] is False
    assert {problem["rule"] for problem in answer["problems"]} >= {2}
    for problem in answer["problems"]:
        assert set(problem) == {"rule", "priority", "path", "line", "column", "message", "remedy"}
        assert problem["message"]
        assert problem["remedy"]
    counted = next(p for p in answer["problems"] if p["path"] == "rules[1].selection.countNumber")
    assert '"countNumber": 0' in path.read_text().splitlines()[counted["line"] - 1]


def test_validate_reads_stdin_and_accepts_what_is_right(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, json.dumps({"rules": [keep(1, 1, tagStatus="any")]}))
    assert main(["lifecycle", "validate", "--policy", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == {"valid": True, "problems": []}


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


@pytest.mark.parametrize(
    ("name", "outcome", "cause", "code"),
    [
        ("01-push-ok-classic", "pushed", None, 0),
        ("02-push-ok-buildx", "pushed", None, 0),
        ("03-login-access-denied", "failed", "login-denied", 1),
        ("05-repository-missing", "failed", "repository-missing", 1),
        ("07-push-denied", "failed", "push-denied", 1),
        ("08-immutable-tag", "failed", "tag-immutable", 1),
    ],
)
def test_diagnose(name: str, outcome: str, cause: str | None, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    path = LOGS / f"{name}.log"
    assert main(["diagnose", str(path)]) == code
    answer = json.loads(capsys.readouterr().out)
    assert (answer["outcome"], answer["cause"]) == (outcome, cause)
    assert (answer["line"] is None) == (cause is None)
    assert answer["line"] is None or answer["line"] in path.read_text()
    for push in answer["pushes"]:
        assert push.keys() >= {"repository", "tag", "digest", "layers"}
        assert push["layers"].keys() == {"total", "done"}


@pytest.mark.parametrize(
    "encode",
    [gzip.compress, lambda text: text.decode().encode("utf-16"), lambda text: b"\xef\xbb\xbf" + text],
    ids=["compressed", "utf-16", "byte order mark"],
)
def test_diagnose_reads_what_s3_and_other_systems_write(
    encode: Callable[[bytes], bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "log"
    saved.write_bytes(encode((LOGS / "01-push-ok-classic.log").read_bytes()))
    assert main(["diagnose", str(saved)]) == 0
    assert len(json.loads(capsys.readouterr().out)["pushes"]) == 2
    saved.write_bytes(gzip.compress(b"x" * 9_000)[:-9])
    assert main(["diagnose", str(saved)]) == 2
    assert "cannot be decompressed" in capsys.readouterr().err


def test_documents_as_csv_and_as_one_line(files, capsys: pytest.CaptureFixture[str]) -> None:
    log = str(LOGS / "01-push-ok-classic.log")
    assert main(["diagnose", log, "--format", "jsonl"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "pushed"
    assert main(["diagnose", log, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["outcome"], row["tag"], row["done"]) for row in rows] == [
        ("pushed", "main-abc1234", "7"),
        ("pushed", "latest", "7"),
    ]
    options = files([keep(1, 1, tagStatus="any")], [image("a", 1, "v2"), image("b", 2, "v1", "v0")])
    assert main(["lifecycle", "evaluate", *options, *NOW, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["tags"], row["rule"], row["action"]) for row in rows] == [("v1 v0", "1", "expire"), ("v2", "", "")]
    assert main(["lifecycle", "validate", *options[:2], "--format", "csv"]) == 0
    assert capsys.readouterr().out == "rule,priority,path,line,column,message,remedy\n"


def test_a_log_that_does_not_end_is_not_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "log"
    saved.write_text("\n".join((LOGS / "01-push-ok-classic.log").read_text().split("\n")[:60]))
    assert main(["diagnose", str(saved)]) == 1
    assert json.loads(capsys.readouterr().out)["outcome"] == "unfinished"


def test_diagnose_reads_stdin_and_says_when_it_is_no_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, (LOGS / "08-immutable-tag.log").read_text())
    assert main(["diagnose", "-", "--format", "table"]) == 1
    assert "tag-immutable" in capsys.readouterr().out
    type_in(monkeypatch, "Dear diary,\n")
    assert main(["diagnose"]) == 2
    assert "stdin" in capsys.readouterr().err


def test_a_hostile_log_stays_harmless_and_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON carries what is there, in escapes; a table shows it; neither lets it act."""
    log = tmp_path / "log"
    name = "a\u202eb\u009b2J"
    log.write_bytes(f"The push refers to repository [{name}]\nt: digest: sha256:{'0' * 64} size: 1\n".encode())
    for form in ("json", "table"):
        assert main(["diagnose", str(log), "--format", form]) == 0
        out = capsys.readouterr().out
        assert all(character.isprintable() or character == "\n" for character in out)


@pytest.mark.parametrize("command", [["diagnose"], ["lifecycle", "validate", "--policy"]])
def test_files_that_cannot_be_read_are_sentences(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path, tmp_path / "missing", Path("a\0b")):
        assert main([*command, str(path)]) == 2
        assert "Name a file that can be read" in capsys.readouterr().err
    (tmp_path / "bytes").write_bytes(b"{\n\xff")
    code = main([*command, str(tmp_path / "bytes")])
    assert code == 2
    assert "Traceback" not in capsys.readouterr().err
