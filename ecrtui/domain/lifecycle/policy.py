"""A lifecycle policy as a value, and its JSON text.

Schema: the ECR user guide, "Lifecycle policy properties" (domain reference, section 2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

TEXT_LENGTH = (100, 30_720)
"""Characters that ECR accepts as a policy's text, at least and at most."""
RULE_LIMIT = 50
WILDCARD_LIMIT = 4
"""`*` in one pattern, at most."""
TRANSITIONED_MINIMUM = 90
"""The least `countNumber` with `sinceImageTransitioned`: archived images are billed for 90 days."""


class TagStatus(StrEnum):
    """Which images a rule selects by their tags."""

    TAGGED = "tagged"
    UNTAGGED = "untagged"
    ANY = "any"


class StorageClass(StrEnum):
    """Which images a rule selects by where they are stored."""

    STANDARD = "standard"
    ARCHIVE = "archive"


class CountType(StrEnum):
    """How a rule decides among the images that it selects."""

    COUNT = "imageCountMoreThan"
    PUSHED = "sinceImagePushed"
    PULLED = "sinceImagePulled"
    TRANSITIONED = "sinceImageTransitioned"


class ActionType(StrEnum):
    """What happens to an image that a rule marks: it is deleted, or moved to the archive."""

    EXPIRE = "expire"
    TRANSITION = "transition"


@dataclass(frozen=True, slots=True)
class Selection:
    """What a rule selects, and by which number it decides."""

    tag_status: TagStatus
    count_type: CountType
    count_number: int
    """Images to keep (`imageCountMoreThan`), else days."""
    patterns: tuple[str, ...] = ()
    """Globs with `*` only; every one must be matched by some tag of the image."""
    prefixes: tuple[str, ...] = ()
    """Literal beginnings; every one must begin some tag of the image."""
    storage_class: StorageClass = StorageClass.STANDARD


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy. Lower priorities act first."""

    priority: int
    selection: Selection
    action: ActionType = ActionType.EXPIRE
    description: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A lifecycle policy: its rules in the order of the text."""

    rules: tuple[Rule, ...]

    @property
    def ordered(self) -> tuple[Rule, ...]:
        """The rules in the order in which they act."""
        return tuple(sorted(self.rules, key=lambda rule: rule.priority))


def to_json(policy: Policy) -> str:
    """The policy's text: rules as they act, defaults left out; indented where ECR's limit leaves room."""
    document = {"rules": [_rule_document(rule) for rule in policy.ordered]}
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if len(text) <= TEXT_LENGTH[1]:
        return text
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _rule_document(rule: Rule) -> dict[str, object]:
    document: dict[str, object] = {"rulePriority": rule.priority}
    if rule.description:
        document["description"] = rule.description
    document["selection"] = _selection_document(rule.selection)
    document["action"] = {"type": str(rule.action)}
    if rule.action is ActionType.TRANSITION:
        document["action"] = {"type": "transition", "targetStorageClass": "archive"}
    return document


def _selection_document(selection: Selection) -> dict[str, object]:
    document: dict[str, object] = {"tagStatus": str(selection.tag_status)}
    if selection.patterns:
        document["tagPatternList"] = list(selection.patterns)
    if selection.prefixes:
        document["tagPrefixList"] = list(selection.prefixes)
    if selection.storage_class is not StorageClass.STANDARD:
        document["storageClass"] = str(selection.storage_class)
    document["countType"] = str(selection.count_type)
    if selection.count_type is not CountType.COUNT:
        document["countUnit"] = "days"
    document["countNumber"] = selection.count_number
    return document
