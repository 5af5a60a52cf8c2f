"""`ecrtui create`: repositories for projects, planned, confirmed, made and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from ecrtui.domain.change import ChangeResult, Outcome
from ecrtui.domain.errors import AppError
from ecrtui.domain.mutability import Mutability
from ecrtui.domain.names import NamingRule
from ecrtui.headless.changes import apply, ended, exit_code, planned, require_consent, require_writable
from ecrtui.headless.compare import missing
from ecrtui.headless.inputs import policy_text
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.options import pairs
from ecrtui.headless.printers import Column, Record, column, note, plain, print_records, report_all
from ecrtui.services.create import RepositorySettings
from ecrtui.services.create_plan import CreateItem, CreatePlan, exists_now, plan, remaining
from ecrtui.settings import CreateDefaults, Settings
from ecrtui.settings.values import ENCRYPTIONS

_EXISTS = {"exists-same": Outcome.ALREADY, "exists-differs": Outcome.DIFFERS, "refused": Outcome.REFUSED}


@click.command(cls=Command)
@click.argument("names", nargs=-1, metavar="NAME…")
@click.option("--all-missing", is_flag=True, help="Every project's repository that is missing.")
@click.option("--allow-without-project", is_flag=True, help="Create also where no project has the name.")
@click.option("--mutability", type=click.Choice([str(kind) for kind in Mutability], case_sensitive=False))
@click.option("--exclude", multiple=True, metavar="FILTER", help="Tags that behave opposite; at most five.")
@click.option("--scan/--no-scan", default=None, help="Scan images when they are pushed.")
@click.option("--encryption", type=click.Choice(ENCRYPTIONS, case_sensitive=False), help="For ever.")
@click.option("--kms-key", metavar="KEY", help="Key id, ARN or alias.")
@click.option("--policy", metavar="FILE", help="Lifecycle policy from a file; - is stdin.")
@click.option("--template", metavar="NAME", help="Lifecycle policy from a template.")
@click.option("--no-policy", is_flag=True, help="No lifecycle policy.")
@click.option("--tag", multiple=True, metavar="K=V", callback=pairs, help="AWS tag; repeatable.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def create(names: tuple[str, ...], all_missing: bool, **options: Any) -> int:
    """Create repositories that bear the names of CodeBuild projects."""
    if bool(names) == all_missing:
        raise click.UsageError("Name the repositories, or give --all-missing.")
    call = begin(filtered=all_missing)
    dry_run, yes = options["dry_run"], options["yes"]
    defaults = _wanted(call.settings, options)
    require_consent(yes, dry_run)

    async def command(opened: Opened) -> int:
        if not dry_run:
            require_writable(opened, "create repositories")
        opened.progress("planning")
        targets = await _targets(call, opened, names)
        wanted = [_settings(defaults, name, region) for region, name in targets]
        rule = call.settings.naming_rule
        made = await plan(
            opened.account,
            wanted,
            allow_without_project=options["allow_without_project"],
            rule=NamingRule.of(rule) if rule else None,
        )
        opened.progress.clear()
        # What exists already is told with its differences; only what is refused is a failure.
        refused = report_all([item.error for item in made.items if item.error])
        if dry_run:
            _show(call, made)
            return refused
        return await _apply(call, opened, made, yes) or refused

    return call.run(command)


async def _targets(call: Invocation, opened: Opened, names: Sequence[str]) -> list[tuple[str, str]]:
    """Region and name of each wanted repository, each once."""
    regions = await call.regions(opened.account)
    if names:
        return [(region, name) for region in regions for name in dict.fromkeys(names)]
    return await missing(call, opened, regions)


async def _apply(call: Invocation, opened: Opened, made: CreatePlan, yes: bool) -> int:
    for item in made.items:
        if item.error is None and item.verdict != "create" and not yes:
            note(f"{item.settings.region}: {item.settings.name}: {item.verdict}: {_why(item)}")
    results = await apply(opened, made.steps, yes)
    if results is None:
        return 1
    print_records(call.form, _records(made, results), _COLUMNS, _MEMBERS)
    code = exit_code(results)
    rest = remaining(made, results).steps
    if rest and any(result.outcome is Outcome.DONE for result in results):
        for sentence in exists_now(results):
            note(sentence)
        for step in rest:
            note(f"left to do: {step.change.command}")
    return code


def _show(call: Invocation, made: CreatePlan) -> None:
    """The plan with every call, and nothing sent."""
    if call.form == "table":
        rows = [
            {**planned(step.change), "name": item.settings.name, "verdict": item.verdict}
            for item in made.items
            for step in item.steps
        ]
        rows += [{**_record(item), "action": "", "command": _why(item)} for item in made.items if not item.steps]
        print_records("table", rows, _PLAN, ())
    else:
        print_records(call.form, map(_record, made.items), (), _PLAN_MEMBERS)


def _why(item: CreateItem) -> str:
    return "; ".join((*item.reasons, *item.differences))


# Settings


def _wanted(settings: Settings, options: Mapping[str, Any]) -> RepositorySettings:
    """The settings of all wanted repositories: the options over the configured defaults; no name yet."""
    defaults = settings.create
    mutability = (options["mutability"] or defaults.mutability).upper()
    excluding = mutability.endswith("_WITH_EXCLUSION")
    if options["exclude"] and not excluding:
        raise click.UsageError(f"{mutability} takes no --exclude: use {mutability}_WITH_EXCLUSION.")
    encryption = (options["encryption"] or (options["kms_key"] and "KMS") or defaults.encryption).upper()
    key = options["kms_key"] or (defaults.kms_key if encryption == defaults.encryption else None)
    if key and encryption == "AES256":
        raise click.UsageError("AES256 uses no --kms-key: give --encryption KMS.")
    return RepositorySettings(
        name="",
        region="",
        mutability=mutability,
        exclusions=(options["exclude"] or defaults.exclusions or CreateDefaults().exclusions) if excluding else (),
        scan_on_push=defaults.scan_on_push if options["scan"] is None else options["scan"],
        encryption=encryption,
        kms_key=key,
        policy_text=_policy(settings, options),
        tags={**defaults.tags, **options["tag"]},
    )


def _settings(wanted: RepositorySettings, name: str, region: str) -> RepositorySettings:
    return replace(wanted, name=name, region=region)


def _policy(settings: Settings, options: Mapping[str, Any]) -> str | None:
    """The text of the lifecycle policy to put: from a file, a template or the configured template."""
    chosen = policy_text(options["policy"], options["template"])
    if options["no_policy"]:
        if chosen:
            raise click.UsageError("Give --no-policy or a policy, not both.")
        return None
    if chosen or not settings.create.lifecycle_template:
        return chosen
    try:
        return policy_text(None, settings.create.lifecycle_template)
    except AppError as error:
        raise settings.rejected("create.lifecycle_template", error.why, error.remedy) from None


# What is printed


def _record(item: CreateItem) -> Record:
    return {
        "name": item.settings.name,
        "region": item.settings.region,
        "verdict": item.verdict,
        "reasons": list(item.reasons),
        "differences": list(item.differences),
        "changes": [planned(step.change) for step in item.steps],
    }


def _records(made: CreatePlan, results: Sequence[ChangeResult]) -> list[Record]:
    """Each item with the outcome of its steps; the item's outcome is the first that did not succeed."""
    left = iter(results)
    records: list[Record] = []
    for item in made.items:
        own = [next(left) for _ in item.steps]
        outcomes = [result.outcome for result in own] or [_EXISTS[item.verdict]]
        bad = [outcome for outcome in outcomes if outcome not in (Outcome.DONE, Outcome.ALREADY)]
        details = [result.detail for result in own] or [*item.reasons, *item.differences]
        records.append(
            {
                "name": item.settings.name,
                "region": item.settings.region,
                "verdict": item.verdict,
                "outcome": (bad or outcomes)[0].value,
                "detail": "; ".join(filter(None, details)),
                "reasons": list(item.reasons),
                "differences": list(item.differences),
                "changes": [ended(result) for result in own],
            }
        )
    return records


_PLAN_MEMBERS = ("name", "region", "verdict", "reasons", "differences", "changes")
_MEMBERS = ("name", "region", "verdict", "outcome", "detail", "reasons", "differences", "changes")
_PLAN = (
    column("name", "name"),
    column("region", "region"),
    column("verdict", "verdict"),
    column("needs", "action"),
    column("command", "command"),
)
_COLUMNS = (
    column("name", "name"),
    column("region", "region"),
    column("outcome", "outcome"),
    Column("detail", lambda record: plain(record["detail"])),
)
