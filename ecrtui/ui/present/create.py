"""The create form in words: names judged, projects looked for, settings read from what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle import parse, sentences, template, to_json
from ecrtui.domain.mutability import Mutability
from ecrtui.domain.names import NamingRule, aws_tag_faults, can_name_project, exclusion_faults, judge
from ecrtui.domain.project import Project
from ecrtui.domain.text import Shown, shown
from ecrtui.services.create import RepositorySettings
from ecrtui.services.create_plan import CreateItem, CreatePlan
from ecrtui.services.state import Failed, Loadable, Partial, Ready, value_of
from ecrtui.settings import CreateDefaults
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.rows import Cell

MUTABILITIES: Mapping[str, str] = {
    Mutability.IMMUTABLE_WITH_EXCLUSION: "immutable, except the tags below",
    Mutability.IMMUTABLE: "immutable",
    Mutability.MUTABLE_WITH_EXCLUSION: "mutable, except the tags below",
    Mutability.MUTABLE: "mutable",
}
"""ECR's tag mutabilities, and what each means."""
ENCRYPTION_WORDS: Mapping[str, str] = {
    "AES256": "AES256, keys of AWS",
    "KMS": "KMS, one layer",
    "KMS_DSSE": "KMS_DSSE, two layers",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A repository that is wanted."""

    region: str
    name: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it stands: settings for every target, lists still as they were typed."""

    targets: tuple[Target, ...]
    without_project: bool = False
    mutability: str = Mutability.IMMUTABLE_WITH_EXCLUSION
    exclusions: str = ""
    scan_on_push: bool = True
    encryption: str = "AES256"
    kms_key: str = ""
    template: str = ""
    """The id of a lifecycle template; empty for no policy."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: str = ""

    @property
    def excluding(self) -> bool:
        """Whether exclusion filters take effect."""
        return self.mutability.endswith("_WITH_EXCLUSION")

    @property
    def filters(self) -> tuple[str, ...]:
        """The exclusion filters: what was typed, parted by commas or blanks."""
        return tuple(part for part in re.split(r"[,\s]+", self.exclusions) if part)

    @property
    def tag_pairs(self) -> tuple[tuple[str, str], ...]:
        """The AWS tags: `key=value`, parted by commas, which no tag may hold."""
        pairs = (part.partition("=") for part in self.tags.split(",") if part.strip())
        return tuple((key.strip(), value.strip()) for key, _, value in pairs)

    def policy_text(self) -> str | None:
        """The lifecycle policy to put; AppError (invalid) when its numbers are none."""
        if not self.template:
            return None
        kind = template(self.template)
        labels = {parameter.name: parameter.label for parameter in kind.parameters}
        return to_json(kind.policy({name: _number(text, labels[name]) for name, text in self.parameters.items()}))

    def settings(self) -> tuple[RepositorySettings, ...]:
        """What is wanted, one for each target; AppError (invalid) when the policy's numbers are none."""
        policy = self.policy_text()
        return tuple(
            RepositorySettings(
                target.name,
                target.region,
                self.mutability,
                self.filters,
                self.scan_on_push,
                self.encryption,
                (self.kms_key.strip() or None) if self.encryption != "AES256" else None,
                policy,
                dict(self.tag_pairs),
            )
            for target in self.targets
        )


def _number(text: str, label: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        why = f"{label} cannot be “{text}”"
        raise AppError(ErrorKind.INVALID, "read the lifecycle policy", why=why, remedy="Give a whole number.")
    return int(text)


def draft_of(defaults: CreateDefaults, targets: Sequence[Target]) -> Draft:
    """The form as it opens: the configured defaults."""
    return Draft(
        tuple(targets),
        mutability=defaults.mutability,
        exclusions=", ".join(defaults.exclusions or CreateDefaults().exclusions),
        scan_on_push=defaults.scan_on_push,
        encryption=defaults.encryption,
        kms_key=defaults.kms_key or "",
        template=defaults.lifecycle_template or "",
        tags=", ".join(f"{key}={value}" for key, value in defaults.tags.items()),
    )


# What is wrong with the settings, by field


def exclusion_problems(draft: Draft) -> tuple[Cell, ...]:
    """Why the exclusion filters would be refused."""
    if not draft.excluding:
        return ()
    if not draft.filters:
        return (_bad("name at least one tag, or a pattern such as v*"),)
    return tuple(_bad(fault) for fault in exclusion_faults(draft.filters))


def tag_problems(draft: Draft) -> tuple[Cell, ...]:
    """Why the AWS tags would be refused."""
    return tuple(_bad(fault) for fault in aws_tag_faults(draft.tag_pairs))


def policy_notes(draft: Draft) -> tuple[tuple[Cell, ...], bool]:
    """The lifecycle policy in sentences, or what is wrong with its numbers; and whether it can be used."""
    try:
        text = draft.policy_text()
    except AppError as error:
        return (_bad(f"{error.why}: {error.remedy}"),), False
    if text is None:
        return (Cell(Shown("images stay until somebody deletes them"), "muted"),), True
    return tuple(Cell(shown(line), "muted") for line in sentences(parse(text))), True


# Names and projects


def name_notes(name: str, rule: NamingRule | None) -> tuple[Cell, ...]:
    """What ECR and the naming rule say of a name, and what would do instead."""
    if not name:
        return (Cell(Shown("the name of the CodeBuild project that pushes to it"), "muted"),)
    verdict = judge(name, rule)
    if verdict.allowed and verdict.conventional:
        return (_good("ECR allows it, and it follows the naming rule"),)
    cells = [_bad(f"ECR: {fault.sentence}") for fault in verdict.faults] or [_good("ECR allows it")]
    if verdict.conventional:
        return (*cells, _good("it follows the naming rule"))
    said = {fault.sentence for fault in verdict.faults}
    cells += [_warn(f"naming rule: {one.sentence}") for one in verdict.departures if one.sentence not in said]
    return tuple(cells)


def suggestion_for(name: str, rule: NamingRule | None) -> str:
    """A name near to this one that ECR and the rule allow; empty when it does itself, or none is found."""
    return (judge(name, rule).suggestion or "") if name else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a target stands: what to say of its project, and whether the repository can be created."""

    note: Cell
    missing: bool = False
    """Whether it is known that there is no such project."""
    doubtful: bool = False
    """Whether the projects could not be listed; the plan asks for this one."""


def project_standing(target: Target, projects: Loadable[tuple[Project, ...]]) -> Standing:
    """Whether the project that the repository is to be named after exists, as far as is known."""
    if not target.name:
        return Standing(Cell(Shown("")))
    if not can_name_project(target.name):
        return Standing(_bad("no CodeBuild project can bear this name"), missing=True)
    known: tuple[Project, ...] = value_of(projects) or ()
    if any(project.name == target.name for project in known):
        return Standing(_good(f"project {target.name} exists in {target.region}"))
    match projects:
        case Ready():
            words = f"there is no CodeBuild project {target.name} in {target.region}"
            return Standing(_bad(words), missing=True)
        case Failed(error=error) | Partial(error=error) if error is not None:
            why = f"{error.action} is not allowed" if error.action else error.why
            words = f"the projects cannot be listed ({why}); the plan asks for this one"
            return Standing(Cell(shown(f"{glyphs().unknown} {words}"), "warn"), doubtful=True)
    return Standing(Cell(Shown("… the projects are still loading; the plan asks for this one"), "muted"))


def target_note(target: Target, rule: NamingRule | None, standing: Standing, without_project: bool) -> Cell:
    """One of several names on one line: whether it will be planned, else why it is left out."""
    verdict = judge(target.name, rule)
    place = f"{target.name}   {target.region}"
    if verdict.faults:
        return _bad(f"{place}   left out: {verdict.faults[0].sentence}")
    if standing.missing and not without_project:
        return Cell(shown(f"{glyphs().missing} {place}   left out: {standing.note.text[2:]}"), "bad")
    if verdict.departures:
        return _warn(f"{place}   naming rule: {verdict.departures[0].sentence}")
    return _good(place)


# The plan


def left_out(plan: CreatePlan) -> tuple[Cell, ...]:
    """The items of a plan of which nothing is sent, each with the reason."""
    return tuple(cell for item in plan.items for cell in _item_cells(item))


def _item_cells(item: CreateItem) -> list[Cell]:
    place = f"{item.settings.name} in {item.settings.region}"
    match item.verdict:
        case "refused":
            return [_bad(f"left out: {place}"), *(_indented(reason) for reason in item.reasons)]
        case "exists-same":
            return [_good(f"exists already, with these settings: {place}")]
        case "exists-differs":
            title = Cell(shown(f"{glyphs().differs} exists already, and is left as it is: {place}"), "warn")
            return [title, *(_indented(difference) for difference in item.differences)]
        case _:
            return [_warn(f"{place}: {reason}") for reason in item.reasons]


def _indented(text: str, role: Role = "plain") -> Cell:
    return Cell(shown(f"    {text}"), role)


def _good(text: str) -> Cell:
    return Cell(shown(f"{glyphs().ok} {text}"), "good")


def _bad(text: str) -> Cell:
    return Cell(shown(f"{glyphs().missing} {text}"), "bad")


def _warn(text: str) -> Cell:
    return Cell(shown(f"{glyphs().warning} {text}"), "warn")
