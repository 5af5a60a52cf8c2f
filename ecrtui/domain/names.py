"""Names: what ECR, CodeBuild and the naming rule say of one, where it fails, and what to write instead.

Rules of AWS: the botocore models of ECR and CodeBuild (patterns and lengths), written out in the domain
reference, section 10.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ecrtui.domain.errors import AppError, ErrorKind

REPOSITORY_LENGTH = (2, 256)
PROJECT_LENGTH = (2, 150)
FILTER_LIMIT = 5
TAG_LIMIT = 50

_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}")
_IMAGE_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_SEPARATORS = re.compile(r"[._-]+")
_GOOD_SEPARATOR = re.compile(r"\.|__?|-+")
_ILLEGAL = re.compile(r"[^a-z0-9._/-]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a name, as a sentence, and the index of the character it begins at."""

    sentence: str
    position: int | None = None
    """Index from 0; None when the fault is not at one place (a length)."""


@dataclass(frozen=True, slots=True)
class NamingRule:
    """A house rule for names: a pattern that the whole name must match, and how to say it."""

    pattern: re.Pattern[str]
    description: str

    @classmethod
    def of(cls, pattern: str, description: str = "") -> NamingRule:
        """The rule of a configured regular expression; AppError (invalid) when it is none."""
        try:
            compiled = re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise AppError(
                ErrorKind.INVALID,
                what="read the naming rule",
                where=pattern[:80],
                why=f"it is not a regular expression: {error}",
                remedy="Correct the pattern, or remove it to use the recommended one.",
            ) from error
        return cls(compiled, description or f"the pattern {pattern}")

    def allows(self, name: str) -> bool:
        """Whether the whole name matches."""
        return self.pattern.fullmatch(name) is not None


RECOMMENDED = NamingRule(
    re.compile(r"(?=.{2,150}\Z)[a-z][a-z0-9]*(?:-[a-z0-9]+)*"),
    "lower-case words joined by single hyphens, beginning with a letter, at most 150 characters",
)
"""The recommended rule: a name that serves a project and its repository alike (reference, section 10)."""


@dataclass(frozen=True, slots=True)
class NameVerdict:
    """What ECR and the naming rule say of a repository name."""

    name: str
    allowed: bool
    """Whether ECR accepts it."""
    faults: tuple[Fault, ...]
    """Why ECR refuses it; empty when it is allowed."""
    conventional: bool
    """Whether it follows the naming rule."""
    departures: tuple[Fault, ...]
    """Where it departs from the naming rule; empty when it is conventional."""
    suggestion: str | None
    """An allowed, conventional name near to it; None when it is one already, or none is found."""


def judge(name: str, rule: NamingRule | None = None) -> NameVerdict:
    """Judge a repository name, also half typed, by ECR and by a naming rule (the recommended one)."""
    chosen = rule or RECOMMENDED
    faults = tuple(_repository_faults(name))
    conventional = chosen.allows(name)
    departures: tuple[Fault, ...] = ()
    if not conventional:
        departures = tuple(_departures(name)) if chosen is RECOMMENDED else ()
        departures = departures or (Fault(f"does not follow the naming rule: {chosen.description}"),)
    good = not faults and conventional
    return NameVerdict(name, not faults, faults, conventional, departures, None if good else _suggest(name, chosen))


def can_name_repository(name: str) -> bool:
    """Whether ECR accepts a repository of this name (a project's, say)."""
    return _within(name, REPOSITORY_LENGTH) and _REPOSITORY.fullmatch(name) is not None


def can_name_project(name: str) -> bool:
    """Whether CodeBuild accepts a project of this name (a repository's, say)."""
    return _PROJECT.fullmatch(name) is not None


def suggest_pair(name: str) -> str | None:
    """A recommended name near to this one that serves both sides; None when nothing usable is left of it."""
    return _suggest(name, RECOMMENDED)


def near_miss_key(name: str) -> str:
    """Equal for names that are near misses of each other."""
    return _SEPARATORS.sub("-", name.lower())


def image_tag_faults(tag: str) -> tuple[Fault, ...]:
    """Why this cannot be an image's tag (OCI distribution specification); empty when it can."""
    if _IMAGE_TAG.fullmatch(tag):
        return ()
    if not tag:
        return (Fault("a tag cannot be empty"),)
    faults = []
    if len(tag) > 128:
        faults.append(Fault(f"a tag has at most 128 characters, this one {len(tag)}"))
    if tag[0] in ".-":
        faults.append(Fault(f"{_seen(tag[0])} cannot begin a tag", 0))
    faults.extend(
        Fault(f"{_seen(char)} at position {at + 1} is not allowed in a tag", at)
        for char, at in _first_matches(re.compile(r"[^A-Za-z0-9._-]"), tag)
    )
    return tuple(faults)


def exclusion_faults(filters: Sequence[str]) -> tuple[str, ...]:
    """Why these are no mutability exclusion filters (at most 5 of `[0-9a-zA-Z._*-]{1,128}`), as sentences."""
    faults = []
    if len(filters) > FILTER_LIMIT:
        faults.append(f"at most {FILTER_LIMIT} exclusion filters are allowed, these are {len(filters)}")
    for number, text in enumerate(filters, 1):
        if not text:
            faults.append(f"filter {number} is empty")
        elif len(text) > 128:
            faults.append(f"filter {number} has {len(text)} characters, at most 128 are allowed")
        for char, at in _first_matches(re.compile(r"[^0-9a-zA-Z._*-]"), text):
            faults.append(f"filter {number}: {_seen(char)} at position {at + 1} is not allowed")
        if text in filters[: number - 1]:
            faults.append(f"filter {number} repeats {text}")
    return tuple(faults)


def aws_tag_faults(tags: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Why these (key, value) pairs cannot be a resource's tags (at most 50, 128 and 256 characters)."""
    faults = []
    if len(tags) > TAG_LIMIT:
        faults.append(f"at most {TAG_LIMIT} tags are allowed, these are {len(tags)}")
    seen: set[str] = set()
    for number, (key, value) in enumerate(tags, 1):
        faults.extend(f"tag {number}: {fault}" for fault in _pair_faults(key, value))
        if key in seen:
            faults.append(f"tag {number}: the key {_short(key)} is already there")
        seen.add(key)
    return tuple(faults)


def _pair_faults(key: str, value: str) -> Iterator[str]:
    if not key.strip():
        yield "the key is empty"
    if len(key) > 128:
        yield f"the key has {len(key)} characters, at most 128 are allowed"
    if key.lower().startswith("aws:"):
        yield "keys that begin with aws: are reserved by AWS"
    if len(value) > 256:
        yield f"the value has {len(value)} characters, at most 256 are allowed"
    for part, text in (("key", key), ("value", value)):
        if bad := next((char for char in text if not _tag_character(char)), None):
            yield f"{_seen(bad)} is not allowed in a {part}"


def _tag_character(char: str) -> bool:
    """AWS's pattern for tags: letters, separators and numbers of any script, and `_.:/=+-@`."""
    return char in "_.:/=+-@" or unicodedata.category(char)[0] in "LZN"


def _repository_faults(name: str) -> Iterator[Fault]:
    if not name:
        yield Fault("a name is needed")
        return
    low, high = REPOSITORY_LENGTH
    if len(name) < low:
        yield Fault(f"a repository name has at least {low} characters")
    if len(name) > high:
        yield Fault(f"a repository name has at most {high} characters, this one {len(name)}")
    for char, at in _first_matches(_ILLEGAL, name):
        yield Fault(_illegal_sentence(char, at), at)
    yield from _separator_faults(name)


def _illegal_sentence(char: str, at: int) -> str:
    if "A" <= char <= "Z":
        return f"{_seen(char)} at position {at + 1} is a capital letter: write {_seen(char.lower())}"
    return f"{_seen(char)} at position {at + 1} is not allowed: use a-z, 0-9 and . _ - /"


def _separator_faults(name: str) -> Iterator[Fault]:
    start, lonely = 0, False
    for part in name.split("/"):
        if not part and not lonely:
            lonely, at = True, max(0, start - 1)
            yield Fault(f"‘/’ at position {at + 1} needs a name on both sides", at)
        for run in _SEPARATORS.finditer(part):
            at, text = start + run.start(), run.group()
            if run.start() == 0:
                yield Fault(f"‘{text[0]}’ at position {at + 1} cannot begin a name or a part of it", at)
            elif run.end() == len(part):
                yield Fault(f"‘{text[-1]}’ at position {at + 1} cannot end a name or a part of it", at)
            elif not _GOOD_SEPARATOR.fullmatch(text):
                yield Fault(f"‘{text[:8]}’ at position {at + 1}: join words by one . or _ or __ or hyphens", at)
        start += len(part) + 1


def _departures(name: str) -> Iterator[Fault]:
    """Where a name departs from the recommended rule."""
    if len(name) > PROJECT_LENGTH[1]:
        yield Fault(f"a project's name has at most {PROJECT_LENGTH[1]} characters, this one {len(name)}")
    if name and name[0] in "0123456789-":
        yield Fault(f"the first character should be a letter a-z, not {_seen(name[0])}", 0)
    for char, at in _first_matches(re.compile(r"[^a-z0-9-]"), name):
        yield Fault(_departure_sentence(char, at), at)
    if (at := name.find("--")) >= 0:
        yield Fault(f"one hyphen is enough at position {at + 1}", at)
    if name.endswith("-"):
        yield Fault("a hyphen should not end a name", len(name) - 1)


def _departure_sentence(char: str, at: int) -> str:
    place = f"{_seen(char)} at position {at + 1}"
    if char in "./":
        return f"{place}: no CodeBuild project can bear a name with it, join words by a hyphen"
    if char == "_":
        return f"{place}: join words by a hyphen"
    return f"{place} should be a lower-case letter, a digit or a hyphen"


def _suggest(name: str, rule: NamingRule) -> str | None:
    """The first of a few rewritings that ECR, CodeBuild and the rule allow, nearest first."""
    plain = unicodedata.normalize("NFKD", name[:1000])
    lower = "".join(char for char in plain if not unicodedata.combining(char)).lower()
    candidates = [lower]
    for kept in ("._/", "_/", "/", "_", ""):
        joined = re.sub(rf"[^a-z0-9{re.escape(kept)}-]+", "-", lower)
        tidy = "/".join(_tidy(part) for part in joined.split("/"))
        candidates += [tidy.strip("/"), tidy.strip("/").lstrip("0123456789._-/")]
    low, high = PROJECT_LENGTH
    for candidate in candidates:
        cut = candidate[:high].rstrip("._-/")
        if len(cut) >= low and cut != name and can_name_repository(cut) and rule.allows(cut):
            return cut
    return None


def _tidy(part: str) -> str:
    return _SEPARATORS.sub(lambda run: run.group() if len(run.group()) == 1 else "-", part).strip("._-")


def _first_matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int]]:
    """Each distinct match once, with the index of its first occurrence."""
    seen: set[str] = set()
    for match in pattern.finditer(text):
        if match.group() not in seen:
            seen.add(match.group())
            yield match.group(), match.start()


def _within(text: str, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= len(text) <= bounds[1]


_SPOKEN: Mapping[str, str] = {" ": "a space", "\t": "a tab", "\n": "a line break"}


def _seen(char: str) -> str:
    """A character as it can be shown: named or escaped when it is invisible."""
    if char in _SPOKEN:
        return _SPOKEN[char]
    return f"‘{char}’" if char.isprintable() else f"U+{ord(char):04X}"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
