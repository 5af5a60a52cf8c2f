"""Policies that people ask for, with their numbers to fill in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle.policy import ActionType, CountType, Policy, Rule, Selection, TagStatus

_GREATEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a template asks for."""

    name: str
    label: str
    default: int
    least: int = 1


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of policy: what it is called, what it does, what it asks for."""

    id: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    make: Callable[[Mapping[str, int]], tuple[Rule, ...]]
    """The rules for a complete set of numbers."""

    def policy(self, values: Mapping[str, int] | None = None) -> Policy:
        """The policy for these numbers (defaults for those left out); AppError (invalid) for a bad one."""
        given = values or {}
        names = [parameter.name for parameter in self.parameters]
        for name in given.keys() - set(names):
            raise self._refused(name, f"it asks for {', '.join(names)}", "Use one of these names.")
        numbers = {parameter.name: given.get(parameter.name, parameter.default) for parameter in self.parameters}
        for parameter in self.parameters:
            if not parameter.least <= numbers[parameter.name] <= _GREATEST:
                why = f"{parameter.label} cannot be {numbers[parameter.name]}"
                remedy = f"Give a whole number from {parameter.least} to {_GREATEST:,}."
                raise self._refused(parameter.name, why, remedy)
        return Policy(self.make(numbers))

    def _refused(self, name: str, why: str, remedy: str) -> AppError:
        what = f"fill in the template {self.id}"
        return AppError(ErrorKind.INVALID, what=what, where=name, why=why, remedy=remedy)


def templates() -> tuple[Template, ...]:
    """All templates, the most asked for first."""
    return _TEMPLATES


def template(id: str) -> Template:  # noqa: A002
    """The template of this id; AppError (not found) names those that there are."""
    for one in _TEMPLATES:
        if one.id == id:
            return one
    known = ", ".join(one.id for one in _TEMPLATES)
    raise AppError(
        ErrorKind.NOT_FOUND,
        what="find a lifecycle template",
        where=id,
        why="there is none of that name",
        remedy=f"Use one of: {known}.",
    )


def _keep_last(values: Mapping[str, int]) -> tuple[Rule, ...]:
    keep = values["keep"]
    return (
        Rule(
            1,
            Selection(TagStatus.ANY, CountType.COUNT, keep),
            description=f"Keep the newest {keep} images",
        ),
    )


def _expire_untagged(values: Mapping[str, int]) -> tuple[Rule, ...]:
    return (_untagged(1, values["days"]),)


_MOVING_TAGS = ("latest", "production", "staging")


def _keep_releases(values: Mapping[str, int]) -> tuple[Rule, ...]:
    """An image belongs to the first rule that selects it, so the last one cannot act on those named before.

    A tag names one image at a time: a rule that keeps one image of an exact tag spares it for ever.
    """
    releases, days = values["releases"], values["days"]
    kept = [(tag, 1, f"Keep the image that {tag} names") for tag in _MOVING_TAGS]
    kept.append(("*.*.*", releases, f"Keep the newest {releases} releases"))
    rules = [
        Rule(
            priority,
            Selection(TagStatus.TAGGED, CountType.COUNT, number, patterns=(pattern,)),
            description=description,
        )
        for priority, (pattern, number, description) in enumerate(kept, 1)
    ]
    rules.append(_untagged(len(rules) + 1, values["untagged_days"]))
    rules.append(
        Rule(
            len(rules) + 1,
            Selection(TagStatus.ANY, CountType.PUSHED, days),
            description=f"Expire branch images after {days} days",
        )
    )
    return tuple(rules)


def _archive_unused(values: Mapping[str, int]) -> tuple[Rule, ...]:
    days = values["days"]
    return (
        Rule(
            1,
            Selection(TagStatus.ANY, CountType.PULLED, days),
            ActionType.TRANSITION,
            f"Archive what was not pulled for {days} days",
        ),
    )


def _untagged(priority: int, days: int) -> Rule:
    return Rule(
        priority,
        Selection(TagStatus.UNTAGGED, CountType.PUSHED, days),
        description=f"Expire untagged images after {days} days",
    )


_TEMPLATES = (
    Template(
        "keep-last",
        "Keep the last N images",
        "Everything beyond the newest N images expires, tagged or not.",
        (Parameter("keep", "images to keep", 30),),
        _keep_last,
    ),
    Template(
        "expire-untagged",
        "Expire untagged images after N days",
        "Images that lost their tag to a newer push expire; nothing tagged is touched.",
        (Parameter("days", "days", 14),),
        _expire_untagged,
    ),
    Template(
        "keep-releases",
        "Keep releases, expire branches",
        "The newest releases (tags like v1.4.2) and what latest, production and staging name stay; untagged "
        "and all other images expire after some days.",
        (
            Parameter("releases", "releases to keep", 50),
            Parameter("days", "days for branch images", 30),
            Parameter("untagged_days", "days for untagged images", 7),
        ),
        _keep_releases,
    ),
    Template(
        "archive-unused",
        "Archive what was not pulled for N days",
        "Images that nobody pulled move to the archive: they stay, and can be restored in about 20 minutes.",
        (Parameter("days", "days", 90),),
        _archive_unused,
    ),
)
