"""Buildspecs: what kind a project has, and the commands and variables of an inline one.

Inline text is YAML or JSON that anybody may have written: it is read event by event, so that no alias is
expanded, no tag is obeyed, and nesting and size are bounded. What is wrong is told, never raised.
Schema: the CodeBuild user guide, "Build specification reference" (domain reference, sections 3 and 6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import yaml

BUILDSPEC_CHARACTERS = 256 * 1024
"""A longer inline buildspec is not read (CodeBuild takes no project that large)."""

_DEPTH = 40
_PHASES = ("install", "pre_build", "build", "post_build")
_COMMAND_LISTS = ("commands", "finally")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BuildspecKind(StrEnum):
    """Where a project's buildspec is."""

    INLINE = "inline"
    FILE = "file"
    S3 = "s3"
    DEFAULT = "default"
    """buildspec.yml in the root of the source."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a buildspec; `line` counts from 1."""

    sentence: str
    line: int | None = None
    fatal: bool = True
    """Whether CodeBuild refuses the buildspec for it."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a command; `line` is where it stands in the buildspec, from 1."""

    phase: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Buildspec:
    """A project's buildspec, as far as it can be seen. `commands` are in the order in which they run."""

    kind: BuildspecKind
    location: str = ""
    """The file's path or the object's ARN; empty for the others."""
    commands: tuple[Command, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    """`env.variables`."""
    variable_lines: tuple[int, ...] = ()
    """The lines of their values."""
    hidden: tuple[str, ...] = ()
    """Variables whose values are in Parameter Store or Secrets Manager."""
    problems: tuple[Problem, ...] = ()
    aborting: tuple[str, ...] = ()
    """Phases with `on-failure: ABORT`: the phases after them do not run when they fail."""

    @property
    def seen(self) -> bool:
        """Whether its commands could be read."""
        return bool(self.commands)


def kind_of(text: str) -> BuildspecKind:
    """What a project's `source.buildspec` is: nothing, a path, an S3 ARN, or the text itself."""
    text = text.strip()
    if not text:
        return BuildspecKind.DEFAULT
    if re.match(r"arn:[a-z-]+:s3:::", text):
        return BuildspecKind.S3
    inline = "\n" in text or text.startswith(("{", "version:", "version ", "---"))
    return BuildspecKind.INLINE if inline else BuildspecKind.FILE


def parse_buildspec(text: str) -> Buildspec:
    """Read a project's `source.buildspec`; what cannot be read is told in `problems`."""
    kind = kind_of(text)
    return _parsed(text, kind) if kind is BuildspecKind.INLINE else Buildspec(kind, text.strip())


def parse_stored_buildspec(arn: str, text: str) -> Buildspec:
    """Read the text of a buildspec that is an S3 object."""
    return _parsed(text, BuildspecKind.S3, arn)


def _parsed(text: str, kind: BuildspecKind, location: str = "") -> Buildspec:
    if len(text) > BUILDSPEC_CHARACTERS:
        return Buildspec(kind, location, problems=(Problem(f"it has {len(text):,} characters: too long to be read"),))
    reader = _Reader()
    root = reader.read(text)
    if not isinstance(root, _Mapping):
        if root is not None or not reader.problems:
            reader.problem("it is not a mapping with version and phases", 1)
        return Buildspec(kind, location, problems=tuple(reader.problems))
    commands = tuple(_commands(root, text, reader))
    if not commands and not reader.problems:
        reader.problem("it has no commands", root.line)
    variables, hidden = _environment(root)
    return Buildspec(
        kind,
        location,
        commands,
        tuple((name, value.value) for name, value in variables.items()),
        tuple(value.line for value in variables.values()),
        hidden,
        tuple(reader.problems),
        tuple(_aborting(root)),
    )


@dataclass(eq=False, slots=True)
class _Scalar:
    value: str
    line: int
    """Of the first character of the value."""
    last_line: int
    """Of the last one: a line feed that is written as an escape begins no line."""


@dataclass(eq=False, slots=True)
class _Sequence:
    line: int
    items: list[_Node] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class _Mapping:
    line: int
    column: int = 0
    last_line: int = 0
    members: dict[str, _Node] = field(default_factory=dict)


_Node = _Scalar | _Sequence | _Mapping


class _Reader:
    """Builds the tree of one YAML document from its events, without recursion."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._anchors: dict[str, _Node] = {}
        self._open: list[_Sequence | _Mapping] = []
        self._keys: list[str | None] = []
        self._root: _Node | None = None

    def problem(self, sentence: str, line: int | None, *, fatal: bool = True) -> None:
        """Note what is wrong; the first few say enough."""
        if len(self.problems) < 20:
            self.problems.append(Problem(sentence, line, fatal))

    def read(self, text: str) -> _Node | None:
        """The document's root; None where the text is no YAML (the problem is noted)."""
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._event(event)
                if len(self._open) > _DEPTH:
                    self.problem(f"it is nested deeper than {_DEPTH} levels", _line(event))
                    return None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            why = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
            self.problem(f"it is not YAML: {why}", mark.line + 1 if mark else None)
            return None
        except (RecursionError, ValueError) as error:
            self.problem(f"it is not YAML: {error}", None)
            return None
        return self._root

    def _event(self, event: yaml.Event) -> None:
        line = _line(event)
        if isinstance(event, yaml.ScalarEvent):
            block = event.style in ("|", ">")
            last = event.end_mark.line + 1 if event.end_mark else line
            self._place(_Scalar(event.value, line + 1 if block else line, last), event)
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._anchors.get(event.anchor or "") or _Scalar("", line, line), line)
        elif isinstance(event, yaml.CollectionStartEvent):
            start: _Sequence | _Mapping
            column = event.start_mark.column if event.start_mark else 0
            start = _Sequence(line) if isinstance(event, yaml.SequenceStartEvent) else _Mapping(line, column)
            self._place(start, event)
            self._open.append(start)
            self._keys.append(None)
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = self._open.pop()
            if isinstance(ended, _Mapping):
                ended.last_line = max(ended.line, line - 1)
            self._keys.pop()

    def _place(self, node: _Node, event: yaml.NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self.problem(f"the YAML tag {str(tag)[:60]} is not obeyed", node.line, fatal=False)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._add(node, node.line)

    def _add(self, node: _Node, line: int) -> None:
        parent = self._open[-1] if self._open else None
        if parent is None:
            self._root = self._root or node
        elif isinstance(parent, _Sequence):
            parent.items.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = node.value if isinstance(node, _Scalar) else f"(key at line {line})"
        else:
            key = self._keys[-1]
            self._keys[-1] = None
            if key in parent.members:
                self.problem(f"the key {key[:60]} stands there twice: the last one counts", line, fatal=False)
            parent.members[key] = node


def _line(event: yaml.Event) -> int:
    """The line that an event begins at, from 1."""
    return event.start_mark.line + 1 if event.start_mark else 1


def _commands(root: _Mapping, text: str, reader: _Reader) -> Iterator[Command]:
    phases = root.members.get("phases")
    if not isinstance(phases, _Mapping):
        reader.problem("it has no phases", root.line)
        return
    for name in _PHASES:
        phase = phases.members.get(name)
        if phase is None:
            continue
        if not isinstance(phase, _Mapping):
            reader.problem(f"the phase {name} is not a mapping", phase.line)
            continue
        for part in _COMMAND_LISTS:
            node = phase.members.get(part)
            if isinstance(node, _Mapping):
                reader.problem(f"the {part} of {name} are not a list", node.line)
            items = node.items if isinstance(node, _Sequence) else [node] if isinstance(node, _Scalar) else []
            for item in items:
                yield from _lines(name, _command(name, item, text, reader))


def _command(phase: str, item: _Node, text: str, reader: _Reader) -> _Scalar:
    """The text of one command. An unquoted `: ` makes a mapping of it, which CodeBuild refuses; it is still
    told what its author meant."""
    if isinstance(item, _Scalar):
        return item
    reader.problem(f"a command of {phase} is not a text: put it in quotes", item.line)
    if isinstance(item, _Sequence):
        return _Scalar("", item.line, item.line)
    source = text.splitlines()[item.line - 1 : item.last_line]
    return _Scalar("\n".join([source[0][item.column :], *source[1:]]) if source else "", item.line, item.last_line)


def _lines(phase: str, command: _Scalar) -> Iterator[Command]:
    """The lines of a command; one that goes on (`\\`) is one with the next."""
    joined, start = "", command.line
    for offset, text in enumerate(command.value.split("\n")):
        start = start if joined else min(command.line + offset, command.last_line)
        joined += text
        if text.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        if joined.strip():
            yield Command(phase, start, joined.strip())
        joined = ""
    if joined.strip():
        yield Command(phase, start, joined.strip())


def _environment(root: _Mapping) -> tuple[Mapping[str, _Scalar], tuple[str, ...]]:
    """`env.variables`, and the names of those whose values are kept elsewhere."""
    environment = root.members.get("env")
    if not isinstance(environment, _Mapping):
        return {}, ()
    hidden = [name for part in ("parameter-store", "secrets-manager") for name in _texts(environment.members.get(part))]
    return _texts(environment.members.get("variables")), tuple(dict.fromkeys(hidden))


def _texts(node: _Node | None) -> Mapping[str, _Scalar]:
    if not isinstance(node, _Mapping):
        return {}
    return {name: value for name, value in node.members.items() if isinstance(value, _Scalar)}


def _aborting(root: _Mapping) -> Iterator[str]:
    phases = root.members.get("phases")
    for name, phase in phases.members.items() if isinstance(phases, _Mapping) else ():
        action = phase.members.get("on-failure") if isinstance(phase, _Mapping) else None
        if isinstance(action, _Scalar) and action.value.strip().upper() == "ABORT":
            yield name
