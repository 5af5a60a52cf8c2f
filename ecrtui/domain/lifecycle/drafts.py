"""One rule of a policy's text, read as far as it is sound, with everything wrong inside it reported."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.domain.lifecycle.members import Members, quoted
from ecrtui.domain.lifecycle.policy import (
    TRANSITIONED_MINIMUM,
    WILDCARD_LIMIT,
    ActionType,
    CountType,
    Rule,
    Selection,
    StorageClass,
    TagStatus,
)

_RULE_KEYS = ("rulePriority", "description", "selection", "action")
_SELECTION_KEYS = (
    "tagStatus",
    "tagPatternList",
    "tagPrefixList",
    "storageClass",
    "countType",
    "countUnit",
    "countNumber",
)
_ACTION_KEYS = ("type", "targetStorageClass")


@dataclass(frozen=True, slots=True)
class SelectionDraft:
    """A selection as far as it could be read; a part that is not sound is None."""

    members: Members
    tag_status: TagStatus | None
    patterns: tuple[str, ...]
    prefixes: tuple[str, ...]
    storage: StorageClass | None
    count_type: CountType | None
    count_number: int | None

    def value(self) -> Selection | None:
        """The selection, when all of it could be read."""
        parts = self.tag_status, self.count_type, self.count_number, self.storage
        match parts:
            case TagStatus() as status, CountType() as count_type, int() as number, StorageClass() as storage:
                return Selection(status, count_type, number, self.patterns, self.prefixes, storage)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as far as it could be read."""

    members: Members
    priority: int | None
    selection: SelectionDraft | None
    action: ActionType | None
    description: str

    def value(self) -> Rule | None:
        """The rule, when all of it could be read."""
        selection = self.selection.value() if self.selection else None
        if selection is None or self.priority is None or self.action is None:
            return None
        return Rule(self.priority, selection, self.action, self.description)


def draft(members: Members) -> RuleDraft:
    """Read one rule and report everything wrong inside it."""
    members.only(_RULE_KEYS)
    priority = members.whole("rulePriority", 1)
    description = members.text("description") or ""
    selected = members.members("selection", "Say which images the rule is about.")
    selection = _selection(selected) if selected else None
    acting = members.members("action", 'Write {"type": "expire"}.')
    action = _action(acting) if acting else None
    if acting and action and selection and selection.count_type:
        _check_action(acting, action, selection.count_type)
    return RuleDraft(members, priority, selection, action, description)


def _selection(members: Members) -> SelectionDraft:
    members.only(_SELECTION_KEYS)
    tag_status = members.choice("tagStatus", TagStatus)
    patterns = _patterns(members)
    prefixes = tuple(text for _, text in members.texts("tagPrefixList"))
    if tag_status:
        _check_lists(members, tag_status)
    storage: StorageClass | None = StorageClass.STANDARD
    if "storageClass" in members:
        storage = members.choice("storageClass", StorageClass)
    count_type = members.choice("countType", CountType)
    if count_type is None:
        number = members.whole("countNumber", 1)
    else:
        number = _count_number(members, count_type)
        _check_unit(members, count_type)
        if storage:
            _check_storage(members, storage, count_type)
    return SelectionDraft(members, tag_status, patterns, prefixes, storage, count_type, number)


def _patterns(members: Members) -> tuple[str, ...]:
    patterns = members.texts("tagPatternList")
    for index, pattern in patterns:
        if (count := pattern.count("*")) > WILDCARD_LIMIT:
            message = f"the pattern {quoted(pattern)} has {count} wildcards, ECR takes at most {WILDCARD_LIMIT}"
            members.problem("tagPatternList", message, "Use fewer *.", entry=index)
    return tuple(text for _, text in patterns)


def _check_lists(members: Members, tag_status: TagStatus) -> None:
    given = [key for key in ("tagPatternList", "tagPrefixList") if key in members]
    if tag_status is not TagStatus.TAGGED:
        for key in given:
            message = f"{key} cannot stand beside tagStatus {quoted(tag_status)}"
            members.problem(key, message, 'Remove it, or write "tagged".')
    elif not given:
        message = 'tagStatus "tagged" needs tagPatternList or tagPrefixList'
        members.problem("tagStatus", message, "Add one of them.")
    elif len(given) == 2:
        message = "tagPatternList and tagPrefixList exclude each other"
        members.problem("tagPrefixList", message, "Keep one of them; a prefix p is the pattern p*.")


def _count_number(members: Members, count_type: CountType) -> int | None:
    if count_type is CountType.TRANSITIONED:
        why = f" with {count_type} (archived images are billed for 90 days)"
        return members.whole("countNumber", TRANSITIONED_MINIMUM, why)
    return members.whole("countNumber", 1)


def _check_unit(members: Members, count_type: CountType) -> None:
    if count_type is CountType.COUNT:
        if "countUnit" in members:
            members.problem("countUnit", f"countUnit cannot stand beside {count_type}", "Remove it.")
    else:
        members.literal("countUnit", "days", f"{count_type} needs it")


def _check_storage(members: Members, storage: StorageClass, count_type: CountType) -> None:
    if count_type is CountType.TRANSITIONED and storage is StorageClass.STANDARD:
        message = f'{count_type} needs storageClass "archive"'
        members.problem("storageClass", message, 'Write "storageClass": "archive".')
    elif count_type is not CountType.TRANSITIONED and storage is StorageClass.ARCHIVE:
        message = f'storageClass "archive" goes with {CountType.TRANSITIONED} only, not with {count_type}'
        members.problem("storageClass", message, "Remove it, or count since the transition.")


def _action(members: Members) -> ActionType | None:
    members.only(_ACTION_KEYS)
    action = members.choice("type", ActionType)
    if action is ActionType.TRANSITION:
        members.literal("targetStorageClass", "archive", "a transition needs it")
    elif action is ActionType.EXPIRE and "targetStorageClass" in members:
        message = "targetStorageClass cannot stand beside expire"
        members.problem("targetStorageClass", message, 'Remove it, or write "type": "transition".')
    return action


def _check_action(members: Members, action: ActionType, count_type: CountType) -> None:
    """The two count types that allow one action only."""
    if count_type is CountType.PULLED and action is ActionType.EXPIRE:
        message = f"{count_type} can only archive images, not expire them"
        members.problem("type", message, 'Write "type": "transition", "targetStorageClass": "archive".')
    if count_type is CountType.TRANSITIONED and action is ActionType.TRANSITION:
        message = f"{count_type} can only expire images, they are archived already"
        members.problem("type", message, 'Write "type": "expire".')
