"""`ecrtui build`, `stop` and `retry`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click

from ecrtui.headless.changes import apply, ended, exit_code, planned, require_writable
from ecrtui.headless.invocation import LIST_FORMATS, STREAM_FORMATS, Command, Opened, begin
from ecrtui.headless.options import pairs
from ecrtui.headless.printers import Record, column, note, print_records
from ecrtui.headless.watch import stream_format, watch_to_end
from ecrtui.services.builds import plan_retry, plan_start, plan_stop, started_build
from ecrtui.services.changes import Already, Differs, Stale, Step
from ecrtui.services.ports import Account

_watch = click.option("--watch", is_flag=True, help="Watch it until its image is in ECR.")
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")


@click.command(cls=Command)
@click.argument("project")
@click.option("--source-version", default="", metavar="V", help="Branch, tag, commit or pull request.")
@click.option(
    "--env",
    multiple=True,
    metavar="K=V",
    callback=pairs,
    help="Override a variable; repeatable.",
)
@_watch
@_dry_run
def build(project: str, source_version: str, env: Mapping[str, str], watch: bool, dry_run: bool) -> int:
    """Start a build of a CodeBuild project."""
    return _change(
        f"build {project}",
        lambda account, region: plan_start(account, region, project, source_version=source_version, variables=env),
        watch,
        dry_run,
    )


@click.command(cls=Command)
@click.argument("build_id")
@_watch
@_dry_run
def retry(build_id: str, watch: bool, dry_run: bool) -> int:
    """Start a build again, with the source and the variables that it had."""
    return _change(f"retry {build_id}", lambda account, region: plan_retry(account, region, build_id), watch, dry_run)


@click.command(cls=Command)
@click.argument("build_id")
@_dry_run
def stop(build_id: str, dry_run: bool) -> int:
    """Stop a running build."""
    return _change(f"stop {build_id}", lambda account, region: plan_stop(account, region, build_id), False, dry_run)


def _change(what: str, plan: Callable[[Account, str], Step], watch: bool, dry_run: bool) -> int:
    """Plan one change and send it; these commands name it so exactly that nothing is left to confirm."""
    streams = watch and not dry_run
    call = begin(STREAM_FORMATS if streams else LIST_FORMATS, stream_format() if streams else "table")

    async def command(opened: Opened) -> int:
        region = call.region(opened.account)
        if dry_run:
            step = plan(opened.account, region)
            seen = await step.check()
            detail = seen.detail if isinstance(seen, Already | Differs | Stale) else ""
            print_records(call.form, [{**planned(step.change), "detail": detail}], _PLAN, _PLAN_MEMBERS)
            return int(isinstance(seen, Stale))
        require_writable(opened, what)
        opened.progress(what)
        results = await apply(opened, [plan(opened.account, region)], yes=True) or ()
        code = exit_code(results)
        build_id = started_build(results[0])
        if not watch:
            print_records(call.form, [_record(ended(results[0]), build_id)], _RESULT, _RESULT_MEMBERS)
        elif code == 0 and build_id:
            note(f"started {build_id}")
            return await watch_to_end(opened, region, build_id, call.form)
        return code

    return call.run(command)


def _record(result: Record, build_id: str) -> Record:
    return {"build": build_id or None, **result}


_PLAN_MEMBERS = ("title", "region", "target", "detail", "call", "parameters", "action", "command")
_PLAN = (
    column("change", "title"),
    column("region", "region"),
    column("detail", "detail"),
    column("needs", "action"),
    column("command", "command"),
)
_RESULT_MEMBERS = ("build", "title", "region", "target", "call", "outcome", "detail", "request_id")
_RESULT = (
    column("change", "title"),
    column("region", "region"),
    column("outcome", "outcome"),
    column("detail", "detail"),
)
