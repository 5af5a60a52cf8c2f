"""The command line: what can be typed after `:`, read, completed, and refused with a suggestion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import takewhile

from ecrtui.domain.text import Shown, shown


@dataclass(frozen=True, slots=True)
class Verb:
    """One word that can be typed. `argument` says what follows it; empty when nothing does."""

    name: str
    help: str = ""
    argument: str = ""
    """What the argument is: `repository`, `region`."""
    values: Sequence[str] = ()
    """What the argument can be (raw; typed as it is shown); empty when it is any text."""
    optional: bool = False
    """Whether it can be typed without its argument."""
    several: bool = False
    """Whether the argument can be several values with commas."""
    free: bool = False
    """Whether it can be another value than those that are known."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command line that was understood."""

    verb: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineProblem:
    """Why a command line was not understood, as a sentence."""

    shown: Shown


def read(text: str, verbs: Sequence[Verb]) -> Invocation | LineProblem:
    """What `text` asks for."""
    name, _, rest = text.strip().removeprefix(":").strip().partition(" ")
    rest = rest.strip()
    verb = _verb(name, verbs)
    if verb is None:
        return _unknown("command", name, [verb.name for verb in verbs])
    if not verb.argument:
        return LineProblem(shown(f"{name} takes nothing after it")) if rest else Invocation(name)
    if not rest:
        return Invocation(name) if verb.optional else LineProblem(shown(f"{name} what? Write {name} {verb.argument}"))
    values = [value.strip() for value in rest.split(",") if value.strip()] if verb.several else [rest]
    raw = {shown(value): value for value in verb.values}
    for value in values:
        if raw and value not in raw and not verb.free:
            return _unknown(verb.argument, value, list(raw))
    return Invocation(name, tuple(dict.fromkeys(raw.get(shown(value), value) for value in values)))


def completions(text: str, verbs: Sequence[Verb]) -> tuple[str, ...]:
    """What the word that is being typed can become: names, or values of the argument."""
    name, space, rest = text.lstrip(" :").partition(" ")
    if not space:
        return tuple(verb.name for verb in verbs if verb.name.startswith(name))
    verb = _verb(name, verbs)
    if verb is None:
        return ()
    word = _last(rest, verb)
    values = [shown(value) for value in verb.values]
    starting = tuple(value for value in values if value.startswith(word))
    return starting or tuple(value for value in values if word in value)


def completed(text: str, verbs: Sequence[Verb]) -> str:
    """`text` with as much added as is certain; a blank follows a name that wants an argument."""
    found = completions(text, verbs)
    name, space, rest = text.lstrip(" :").partition(" ")
    if not found:
        return text
    common = _common(found)
    if not space:
        verb = _verb(common, verbs) if len(found) == 1 else None
        return f"{common} " if verb is not None and verb.argument else max(name, common, key=len)
    verb = _verb(name, verbs)
    word = "" if verb is None else _last(rest, verb)
    if not common.startswith(word):
        return text
    return f"{name} {rest[: len(rest) - len(word)]}{common}"


def _verb(name: str, verbs: Sequence[Verb]) -> Verb | None:
    return next((verb for verb in verbs if verb.name == name), None)


def _last(rest: str, verb: Verb) -> str:
    return rest.rpartition(",")[2].lstrip() if verb.several else rest.lstrip()


def _common(words: Sequence[str]) -> str:
    """What all words begin with."""
    pairs = zip(min(words), max(words), strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _unknown(what: str, word: str, known: Sequence[str]) -> LineProblem:
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    close = close or [name for name in known if word and name.startswith(word)][:1]
    meant = f": did you mean {close[0]}?" if close else ""
    return LineProblem(shown(f"there is no {what} {word or 'without a name'}{meant}"))
