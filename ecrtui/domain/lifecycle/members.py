"""The members of one JSON object, taken out by the type that they must have; what is wrong is reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from ecrtui.domain.lifecycle.problems import Report
from ecrtui.domain.lifecycle.source import Node, Number

Word = TypeVar("Word", bound=StrEnum)


class Members:
    """One object of the text. Every getter returns None after it has reported why there is no value."""

    def __init__(self, node: Node, path: str, rule: int | None, report: Report) -> None:
        self._values: dict[str, Node] = node.value if isinstance(node.value, dict) else {}
        self._node = node
        self.path = path
        self.rule = rule
        self._report = report

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def problem(self, key: str, message: str, remedy: str, *, entry: int | None = None) -> None:
        """Report a member: at its value (or an entry of its list), or at the object when it is missing."""
        node = self._values.get(key, self._node)
        path = self._path(key)
        if entry is not None and isinstance(node.value, list):
            node, path = node.value[entry], f"{path}[{entry}]"
        self._report.add(node.at, path, self.rule, message, remedy)

    def only(self, known: Sequence[str]) -> None:
        """Report keys that do not belong here, and keys that are there twice."""
        for key, at in self._node.keys.items():
            if key not in known:
                remedy = f"Remove it; allowed here: {', '.join(known)}."
                self._report.add(at, self._path(key), self.rule, f"unknown member {quoted(key)}", remedy)
        for key, at in self._node.repeated:
            message = f"{quoted(key)} is there twice"
            self._report.add(at, self._path(key), self.rule, message, "Remove one of them.")

    def node(self, key: str, remedy: str) -> Node | None:
        """A member that must be there."""
        if key not in self._values:
            self.problem(key, f"{key} is missing", remedy)
        return self._values.get(key)

    def members(self, key: str, remedy: str) -> Members | None:
        """A nested object that must be there."""
        node = self.node(key, remedy)
        if node is None:
            return None
        if not isinstance(node.value, dict):
            self.problem(key, f"{key} must be an object, not {kind(node)}", remedy)
            return None
        return Members(node, self._path(key), self.rule, self._report)

    def choice(self, key: str, words: type[Word]) -> Word | None:
        """One of a few words that must be there."""
        remedy = f"Write one of {', '.join(words)}."
        node = self.node(key, remedy)
        if node is None:
            return None
        if isinstance(node.value, str) and node.value in tuple(words):
            return words(node.value)
        self.problem(key, f"{key} cannot be {shown(node)}", remedy)
        return None

    def whole(self, key: str, least: int, why: str = "") -> int | None:
        """A whole number of at least `least` that must be there."""
        remedy = f"Write a whole number of at least {least}{why}."
        node = self.node(key, remedy)
        if node is None:
            return None
        if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value >= least:
            return node.value
        self.problem(key, f"{key} cannot be {shown(node)}", remedy)
        return None

    def literal(self, key: str, word: str, why: str) -> None:
        """A member that must be there with this one word."""
        remedy = f'Write "{key}": "{word}".'
        node = self._values.get(key)
        if node is None:
            self.problem(key, f"{key} is missing: {why}", remedy)
        elif node.value != word:
            self.problem(key, f"{key} cannot be {shown(node)}", remedy)

    def text(self, key: str) -> str | None:
        """A text that may be left out."""
        node = self._values.get(key)
        if node is None or isinstance(node.value, str):
            return None if node is None else str(node.value)
        self.problem(key, f"{key} must be a text, not {kind(node)}", "Put it in double quotes.")
        return None

    def texts(self, key: str) -> tuple[tuple[int, str], ...]:
        """The sound entries, with their index, of a list of texts; empty when it is left out or not sound."""
        node = self._values.get(key)
        if node is None:
            return ()
        if not isinstance(node.value, list):
            self.problem(key, f"{key} must be a list, not {kind(node)}", 'Write it as ["…"].')
            return ()
        if not node.value:
            self.problem(key, f"{key} is empty", "Name at least one, or change tagStatus.")
        sound = []
        for index, entry in enumerate(node.value):
            if isinstance(entry.value, str) and entry.value:
                sound.append((index, entry.value))
            else:
                message = f"{key} must hold non-empty texts, not {shown(entry)}"
                self.problem(key, message, "Correct or remove it.", entry=index)
        return tuple(sound)

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def quoted(text: str) -> str:
    """A text of the policy for a message: escaped, in quotes, shortened."""
    return json.dumps(text if len(text) <= 40 else text[:39] + "…")


def kind(node: Node) -> str:
    """What a value is, in words."""
    match node.value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "a text"
        case None:
            return "null"
        case bool():
            return "true or false"
        case _:
            return "a number"


def shown(node: Node) -> str:
    """A value for a message: itself when it is short, else what it is."""
    match node.value:
        case str():
            return quoted(node.value)
        case bool():
            return "true" if node.value else "false"
        case Number():
            return node.value.text if len(node.value.text) <= 24 else "a number of that length"
        case int():
            return str(node.value)
        case _:
            return kind(node)
