"""`ecrtui lifecycle validate` and `evaluate`: policies and images from files, without AWS."""

from __future__ import annotations

import time

import click

from ecrtui.domain.image_file import read_images
from ecrtui.domain.instants import instant
from ecrtui.domain.lifecycle.evaluate import evaluate as evaluated
from ecrtui.domain.lifecycle.problems import Problem
from ecrtui.domain.lifecycle.validate import parse
from ecrtui.domain.lifecycle.validate import validate as problems_of
from ecrtui.domain.text import shown
from ecrtui.headless.inputs import place, read_text
from ecrtui.headless.invocation import Command, begin
from ecrtui.headless.printers import column, note, print_document, print_line, print_records


@click.command(cls=Command)
@click.option("--policy", required=True, metavar="FILE", help="The policy's JSON text; - is stdin.")
def validate(policy: str) -> int:
    """Check a lifecycle policy against every rule of ECR, without AWS. Exit code 1 when it is invalid."""
    form = begin(default="json").form
    problems = problems_of(read_text(policy, "the policy"))
    if form != "table":
        records = [_record(problem) for problem in problems]
        print_document(form, {"valid": not problems, "problems": records}, records, _PROBLEM)
    else:
        for problem in problems:
            print_line(shown(f"{place(policy)}: {problem}"))
        if not problems:
            print_line(shown(f"{place(policy)}: valid"))
    return int(bool(problems))


@click.command(cls=Command)
@click.option("--policy", required=True, metavar="FILE", help="The policy's JSON text; - is stdin.")
@click.option("--images", required=True, metavar="FILE", help="The JSON of 'aws ecr describe-images'; - is stdin.")
@click.option("--now", metavar="ISO8601", help="The instant to judge ages at (UTC unless it names a zone).")
def evaluate(policy: str, images: str, now: str | None) -> int:
    """Say what a policy would do to a list of images, without AWS."""
    form = begin(default="json").form
    if policy == images == "-":
        raise click.UsageError("Only one of --policy and --images can be stdin.")
    at = time.time() if now is None else instant(now)
    if at is None:
        raise click.BadParameter("write an instant such as 2026-05-04T09:12:31Z.", param_hint="'--now'")
    rules = parse(read_text(policy, "the policy"), place(policy))
    given = read_images(read_text(images, "the images"), place(images))
    if given.more:
        note(f"{place(images)} is one page of several: what a rule keeps by number can only be seen from all images")
    evaluation = evaluated(rules, given.images, at)
    if evaluation.undated:
        note(f"images without an instant to judge by, which are kept: {len(evaluation.undated)}")
    answer = evaluation.to_answer()
    if form != "table":
        rows = [*answer["marked"], *({**kept, "rule": None, "action": None} for kept in answer["kept"])]
        print_document(form, answer, rows, ("digest", "tags", "rule", "action"))
    else:
        print_records("table", answer["marked"], _MARKED, ())
        print_line(f"{len(answer['marked'])} marked, {len(answer['kept'])} kept")
    return 0


def _record(problem: Problem) -> dict[str, object]:
    return {member: getattr(problem, member) for member in _PROBLEM}


_PROBLEM = ("rule", "priority", "path", "line", "column", "message", "remedy")
_MARKED = (
    column("digest", "digest"),
    column("rule", "rule", "right"),
    column("action", "action"),
    column("tags", "tags"),
)
