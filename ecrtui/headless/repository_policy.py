"""Repository policies as they are, and compared: `ecrtui permissions --policy` and `--diff`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.policy_document import LONGEST, PolicyDocument, PolicyProblem, Statement, parse, wide_open
from ecrtui.domain.policy_words import difference, sentence
from ecrtui.domain.text import shown
from ecrtui.headless.inputs import bad_input, place, read_text
from ecrtui.headless.invocation import Invocation, Opened
from ecrtui.headless.printers import Column, Record, column, note, print_document, print_found, print_line, report_all
from ecrtui.services.permissions import repository_policy


async def show_policies(call: Invocation, opened: Opened, name: str) -> int:
    """The repository policy in each region that has the repository: a row for each statement, or its JSON."""
    regions = await call.regions(opened.account, wide=True)
    texts = await asyncio.gather(*(repository_policy(opened.account, region, name) for region in regions))
    opened.progress.clear()
    found = [(region, text) for region, text in zip(regions, texts, strict=True) if not isinstance(text, AppError)]
    refused = [text for text in texts if isinstance(text, AppError)]
    errors = [error for error in refused if error.kind is not ErrorKind.NOT_FOUND]
    if not found:
        return report_all(errors or refused[:1])
    for region, text in found:
        if text is None:
            note(f"{name} in {region} has no repository policy")
        elif isinstance(problem := parse(text), PolicyProblem):
            errors.append(_malformed(name, region, problem))
    records = [_policy_record(name, region, text) for region, text in found]
    statements = [statement for record in records for statement in record["statements"]]
    if call.form == "table" and not statements:
        return report_all(errors)
    as_rows = call.form in ("table", "csv")
    return print_found(call.form, statements if as_rows else records, _COLUMNS, _MEMBERS, errors)


def _malformed(name: str, region: str, problem: PolicyProblem) -> AppError:
    remedy = "Look at its text with --format json."
    return AppError(ErrorKind.MALFORMED, f"read the repository policy of {name}", region, str(problem), remedy)


async def compare_policies(call: Invocation, opened: Opened, name: str, other: PolicyFile | str) -> int:
    """The differences from a file's policy or another repository's, as a unified diff; exit code 1 for any."""
    registry = opened.account.registry(call.region(opened.account))
    one = await registry.repository_policy(name)
    if isinstance(other, PolicyFile):
        wanted: str | None = other.text
        named = other.name
    else:
        wanted = await registry.repository_policy(other)
        named = other
    opened.progress.clear()
    for label, text in ((name, one), (named, wanted)):
        if text is None:
            note(f"{label} has no repository policy")
    lines = await asyncio.to_thread(difference, one, wanted, (name, named))
    if call.form == "table":
        for line in lines:
            print_line(shown(line))
    else:
        rows = [{"line": line} for line in lines]
        print_document(call.form, {"same": not lines, "difference": list(lines)}, rows, ("line",))
    return int(bool(lines))


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy that the user brings."""

    name: str
    text: str


def other_policy(named: str) -> PolicyFile | str:
    """What `--diff` names: a file, where there is one (or `-`), else a repository."""
    if named != "-" and not Path(named).is_file():
        return named
    text = read_text(named, "the policy")
    if len(text) > LONGEST:
        why = f"it has {len(text):,} characters, a repository policy at most {LONGEST:,}"
        raise bad_input(named, "the policy", why, "Name the file of a repository policy.")
    if isinstance(problem := parse(text), PolicyProblem):
        raise bad_input(named, "the policy", str(problem), "Correct it there.")
    return PolicyFile(place(named), text)


_MEMBERS = (
    "repository",
    "region",
    "statement",
    "sid",
    "effect",
    "principals",
    "actions",
    "conditions",
    "open",
    "sentence",
)


def _policy_record(name: str, region: str, text: str | None) -> Record:
    """A policy with its statements: those of one that cannot be read are none, and its text is all there is."""
    document = None if text is None else parse(text)
    read = document.statements if isinstance(document, PolicyDocument) else ()
    return {
        "repository": name,
        "region": region,
        "policy": json.loads(text) if text is not None and isinstance(document, PolicyDocument) else None,
        "text": text,
        "problem": str(document) if isinstance(document, PolicyProblem) else None,
        "statements": [_statement_record(name, region, statement) for statement in read],
    }


def _statement_record(name: str, region: str, statement: Statement) -> Record:
    return {
        "repository": name,
        "region": region,
        "statement": statement.number,
        "sid": statement.sid or None,
        "effect": statement.effect,
        "principals": [f"{_not(statement.excludes)}{each.kind} {each.name}" for each in statement.principals],
        "actions": [f"{_not(statement.actions.excluded)}{each}" for each in statement.actions.entries],
        "conditions": [f"{each.operator} {each.key} {' '.join(each.values)}" for each in statement.conditions],
        "open": wide_open(statement),
        "sentence": sentence(statement),
    }


def _not(excluded: bool) -> str:
    return "not " if excluded else ""


_COLUMNS = (
    column("region", "region"),
    column("statement", "statement", "right"),
    column("sid", "sid"),
    Column("what it says", lambda record: f"⚠ {record['sentence']}" if record["open"] else record["sentence"]),
)
