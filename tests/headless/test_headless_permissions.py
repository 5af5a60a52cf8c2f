"""`ecrtui permissions` against the embedded account: verdicts, statements, policies, differences, exit codes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
PUSH = "arn:aws:iam::123456789012:role/codebuild-payment-api-service-role"


def test_why_a_project_cannot_push(ecrtui: Run) -> None:
    told = ecrtui("permissions", "payment-api", "--format", "json")
    assert told.code == 1
    (push,) = [record for record in told.json if record["purpose"] == "push"]
    assert (push["access"], push["role"]) == ("broken", PUSH)
    missing = [gap["action"] for gap in push["missing"]]
    assert missing == ["ecr:InitiateLayerUpload", "ecr:PutImage"]
    (statement,) = push["statements"]
    assert statement["add_to"] == "role"
    assert statement["policy"]["Statement"][0]["Action"] == missing
    pulls = [record for record in told.json if record["purpose"] == "pull"]
    assert pulls
    assert {record["access"] for record in pulls} == {"ok"}


def test_the_table_and_the_csv_say_the_same(ecrtui: Run) -> None:
    table = ecrtui("permissions", "payment-api")
    assert table.code == 1
    assert "✗ broken" in table.out
    assert "ecr:InitiateLayerUpload and ecr:PutImage are missing in the role's policies" in table.out
    rows = list(csv.DictReader(io.StringIO(ecrtui("permissions", "payment-api", "--format", "csv").out)))
    assert [row["access"] for row in rows if row["purpose"] == "push"] == ["broken"]


def test_the_statement_alone_is_json_on_stdout(ecrtui: Run) -> None:
    told = ecrtui("permissions", "payment-api", "--statement")
    assert told.code == 1
    assert json.loads(told.out)["Statement"][0]["Effect"] == "Allow"
    assert "add to the policies of role codebuild-payment-api-service-role" in told.err
    listed = ecrtui("permissions", "payment-api", "--statement", "--format", "json").json
    assert [(each["add_to"], each["policy"]) for each in listed] == [("role", json.loads(told.out))]


def test_a_role_that_cannot_pull(ecrtui: Run) -> None:
    told = ecrtui("permissions", "checkout-web", "--filter", "purpose:pull", "--format", "json")
    assert told.code == 1
    assert [record["access"] for record in told.json] == ["broken"]
    assert ecrtui("permissions", "checkout-web", "--filter", "purpose:push").code == 0


def test_a_refused_simulation_is_not_checked(ecrtui: Run, refuse: Callable[..., None]) -> None:
    refuse("iam:SimulatePrincipalPolicy")
    told = ecrtui("permissions", "payment-api", "--format", "json")
    assert told.code == 4
    assert {record["access"] for record in told.json} == {"not checked"}
    assert all(not record["missing"] and not record["statements"] for record in told.json)
    assert "iam:SimulatePrincipalPolicy" in told.err


def test_repository_policies_as_sentences_and_as_json(ecrtui: Run) -> None:
    told = ecrtui("permissions", "legacy-frontend", "--policy")
    assert told.code == 0
    assert "⚠ allows ecr:BatchGetImage and ecr:GetDownloadUrlForLayer to everyone" in told.out
    (record,) = ecrtui("permissions", "legacy-frontend", "--policy", "--format", "json").json
    assert json.loads(record["text"]) == record["policy"]
    assert [statement["open"] for statement in record["statements"]] == [True]
    none = ecrtui("permissions", "payment-api", "--policy")
    assert (none.code, none.out) == (0, "")
    assert "has no repository policy" in none.err


def test_a_policy_that_cannot_be_read(ecrtui: Run) -> None:
    told = ecrtui("permissions", "old-site", "--policy", "-r", "eu-central-1")
    assert (told.code, told.out) == (5, "")
    assert "line 1, column" in told.err
    assert "cannot be read" in ecrtui("permissions", "old-site", "-r", "eu-central-1").err


def test_differences_from_a_file_and_from_another_repository(ecrtui: Run, tmp_path: Path) -> None:
    (record,) = ecrtui("permissions", "legacy-frontend", "--policy", "--format", "json").json
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(record["policy"], indent=8, sort_keys=True))
    same = ecrtui("permissions", "legacy-frontend", "--diff", str(file))
    assert (same.code, same.out) == (0, "")
    file.write_text(record["text"].replace("Allow", "Deny"))
    other = ecrtui("permissions", "legacy-frontend", "--diff", str(file), "--format", "json")
    assert other.code == 1
    assert not other.json["same"]
    changed = [line for line in other.json["difference"][3:] if line[0] in "+-"]
    assert changed == ['-      "Effect": "Allow",', '+      "Effect": "Deny",']
    assert ecrtui("permissions", "legacy-frontend", "--diff", "invoice-mailer").code == 1


def test_what_cannot_be_compared_or_is_not_there(ecrtui: Run, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text("{")
    broken = ecrtui("permissions", "legacy-frontend", "--diff", str(file))
    assert (broken.code, broken.out) == (2, "")
    assert "line 1, column 2" in broken.err
    file.write_text(" " * 20_000)
    assert "20,000 characters" in ecrtui("permissions", "legacy-frontend", "--diff", str(file)).err
    assert ecrtui("permissions", "no-such-thing").code == 2
    assert ecrtui("permissions", "no-such-thing", "--policy").code == 2
    assert ecrtui("permissions", "pet-web", "--policy", "--statement").code == 2
