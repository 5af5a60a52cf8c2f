"""`ecrtui policy`: the IAM policies with which ecrtui works, each with nothing in it that ecrtui does not call."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.resources import files
from string import Template
from typing import Any

import click

from ecrtui.headless.invocation import Command, begin
from ecrtui.headless.printers import Column, Record, column, plain, print_document, print_object, print_records

ANY = "*"
_DOCUMENTS = {
    "read": "look at everything, and change nothing",
    "create": "create repositories, with their first lifecycle policy, tags and key",
    "lifecycle": "put, delete and preview lifecycle policies",
    "build": "start, retry and stop builds",
    "delete": "remove tags, images and repositories",
    "protect": "set the tag mutability and scanning of repositories, and scan images",
    "tag": "give tags to images, and move them",
}
"""What each document is for; all but the first need it beside them."""

_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov", "eusc": "aws-eusc"}
_REGION = re.compile(r"(cn|us-gov|eusc)-")


def _account(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if value != ANY and not re.fullmatch(r"\d{12}", value):
        raise click.BadParameter("an account is twelve digits.", context, parameter)
    return value


def _pattern(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._/*?-]+", value):
        raise click.BadParameter("write a name, in which * stands for anything.", context, parameter)
    return value


@click.command(cls=Command)
@click.argument("name", required=False, type=click.Choice(list(_DOCUMENTS)))
@click.option("--account", default=ANY, metavar="ID", callback=_account, help="Only this account.")
@click.option(
    "--repository",
    default=ANY,
    metavar="PATTERN",
    callback=_pattern,
    help="Only repositories (and builds of projects) named like this; * stands for anything. Lists stay whole.",
)
def policy(name: str | None, account: str, repository: str) -> int:
    """Print an IAM policy that allows what ecrtui needs, and no more.

    Without a name the policies are listed. `read` is enough to look; the others are to stand beside it. Regions
    are those of --region or of the configuration, else all. --format table shows what a policy allows; nothing is
    asked of AWS.
    """
    call = begin(default="table" if name is None else "json")
    if name is None:
        print_records(
            call.form, [{"name": each, "allows": _DOCUMENTS[each]} for each in _DOCUMENTS], _LISTED, ("name", "allows")
        )
        return 0
    regions = () if call.all_regions else call.settings.regions
    document = filled(name, regions, account, repository)
    match call.form:
        case "json":
            print_object(document)
        case "table":
            print_records("table", _rows(document), _COLUMNS, ())
        case form:
            print_document(form, document, _rows(document), _MEMBERS)
    return 0


def filled(name: str, regions: Sequence[str] = (), account: str = ANY, repository: str = ANY) -> dict[str, Any]:
    """The policy of that name for these regions (none: all), this account and these repositories."""
    partitions = {_partition(region) for region in regions} or {"aws"}
    if len(partitions) > 1:
        raise click.UsageError(f"These regions are of different partitions: {', '.join(sorted(partitions))}.")
    text = files("ecrtui").joinpath("policies", f"{name}.json").read_text("utf-8")
    scopes = [
        {"Partition": partitions.copy().pop(), "Region": region, "Account": account, "Repository": repository}
        for region in regions or (ANY,)
    ]
    document: dict[str, Any] = _filled(json.loads(text), scopes)
    for statement in document["Statement"]:
        if _narrows_nothing(statement.get("Condition")):
            del statement["Condition"]
    return document


def _partition(region: str) -> str:
    found = _REGION.match(region)
    return _PARTITIONS[found[1]] if found else "aws"


def _filled(value: Any, scopes: Sequence[dict[str, str]]) -> Any:
    """The value with its placeholders filled in: texts of lists once for each scope that makes a difference."""
    if isinstance(value, dict):
        return {name: _filled(item, scopes) for name, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], str):
        return list(dict.fromkeys(Template(text).substitute(scope) for text in value for scope in scopes))
    if isinstance(value, list):
        return [_filled(item, scopes) for item in value]
    return value


def _narrows_nothing(condition: Any) -> bool:
    return condition is not None and all(values == [ANY] for keys in condition.values() for values in keys.values())


_MEMBERS = ("sid", "effect", "action", "resources", "conditions")
_LISTED = (column("policy", "name"), column("what for", "allows"))
_COLUMNS = (
    column("statement", "sid"),
    column("action", "action"),
    Column("resource", lambda record: plain(record["resources"])),
    Column("condition", lambda record: plain(record["conditions"])),
)


def _rows(document: dict[str, Any]) -> list[Record]:
    """A row for each action."""
    return [
        {
            "sid": statement["Sid"],
            "effect": statement["Effect"],
            "action": action,
            "resources": statement["Resource"],
            "conditions": [
                f"{key} like {' or '.join(values)}"
                for keys in statement.get("Condition", {}).values()
                for key, values in keys.items()
            ],
        }
        for statement in document["Statement"]
        for action in statement["Action"]
    ]
