"""What each setting takes: parsers of the values that TOML, a variable or a flag gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, cast

from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.mutability import Mutability
from ecrtui.settings.errors import quoted, refused, unknown

THEMES = ("dark", "light", "ansi", "no-colour")
ENCRYPTIONS = ("AES256", "KMS", "KMS_DSSE")
NO_REFRESH = -1.0
"""The value of `refresh` that turns refreshing off."""


class BadValue(Exception):  # noqa: N818
    """A value that cannot be taken; the text says what is expected."""


class BadMember(BadValue):
    """So is one member of one table of a list."""

    def __init__(self, expected: str, entry: int, member: str, why: str) -> None:
        super().__init__(expected)
        self.entry = entry
        self.member = member
        """Empty when it is about the whole table."""
        self.why = why


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadValue("a text that is not empty")
    if not value.isprintable():
        raise BadValue("a text without control characters")
    return value


def switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadValue("true or false")
    return value


def _names(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise BadValue("a list of texts")
    return tuple(dict.fromkeys(_text(part).strip() for part in parts))


def _region_names(value: Any) -> tuple[str, ...]:
    regions = _names(value)
    for region in regions:
        if not re.fullmatch(r"[a-z]{2,}(-[a-z0-9]+)+", region):
            raise BadValue('region names such as "eu-central-1"')
    return regions


def _url(value: Any) -> str:
    url = _text(value)
    if not re.fullmatch(r"https?://[^\s/?#@]+(/\S*)?", url):
        raise BadValue('a URL without credentials such as "https://ecr.example.com"')
    return url


def _one_of(choices: Collection[str]) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in choices:
            raise BadValue("one of " + ", ".join(choices))
        return str(value)

    return parse


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 86_400:
        raise BadValue("a number of seconds, at most a day")
    return float(value)


def _seconds(value: Any) -> float:
    if (seconds := _number(value)) <= 0:
        raise BadValue("a number of seconds greater than 0")
    return seconds


def refresh(value: Any) -> float:
    seconds = _number(value)
    if seconds != NO_REFRESH and seconds < 1:
        raise BadValue("1 second or more, or -1 to turn it off")
    return seconds


def _pattern(value: Any) -> str:
    try:
        re.compile(_text(value))
    except (re.error, OverflowError, RecursionError) as error:
        raise BadValue(f"a regular expression ({error})") from None
    return cast("str", value)


def _filters(value: Any) -> tuple[str, ...]:
    filters = _names(value)
    if len(filters) > 5 or any(not re.fullmatch(r"[0-9a-zA-Z._*-]{1,128}", name) for name in filters):
        raise BadValue("at most five tag filters of letters, digits, '.', '_', '-' and '*'")
    return filters


def _aws_tags(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or any(not isinstance(text, str) for text in value.values()):
        raise BadValue('a table of texts such as { team = "shop" }')
    if len(value) > 50 or any(not 1 <= len(key) <= 128 or len(text) > 256 for key, text in value.items()):
        raise BadValue("at most 50 tags, keys of 1 to 128 and values of at most 256 characters")
    return MappingProxyType(dict(value))


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else date(value.year, value.month, value.day)
    except (ValueError, AttributeError):
        raise BadValue("a day such as 2027-01-31") from None


_SUPPRESSION: Mapping[str, Callable[[Any], Any]] = {"rule": _text, "match": _text, "reason": _text, "until": _day}
_OPTIONAL = ("until",)


def _suppressions(value: Any) -> tuple[Suppression, ...]:
    if not isinstance(value, list) or any(not isinstance(entry, dict) for entry in value):
        raise BadValue('tables such as [[audit.suppress]] with rule = "naming", match = "legacy-*" and a reason')
    return tuple(_suppression(number, entry) for number, entry in enumerate(value))


def _suppression(number: int, entry: Mapping[str, Any]) -> Suppression:
    for name in entry:
        if name not in _SUPPRESSION:
            raise BadMember("rule, match, reason and until only", number, name, "there is no such setting")
    for name in _SUPPRESSION:
        if name not in entry and name not in _OPTIONAL:
            raise BadMember(f"{name} in every [[audit.suppress]]", number, "", f"{name} is missing")
    values = {}
    for name, given in entry.items():
        try:
            values[name] = _SUPPRESSION[name](given)
        except BadValue as expected:
            raise BadMember(str(expected), number, name, "") from None
    return Suppression(**values)


_KEY = re.compile(r"((ctrl|alt|shift|super|meta|hyper)\+)*([a-z0-9_]+|[^\s,])", re.IGNORECASE)


def key_names(value: Any) -> str:
    keys = _names(value) if value != "" else ()
    if not keys or any(not _KEY.fullmatch(key) for key in keys):
        raise BadValue('keys separated by commas such as "n" or "ctrl+r,f5"')
    return ",".join(keys)


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "profile": _text,
    "regions": _region_names,
    "endpoint_url": _url,
    "read_only": switch,
    "debug": switch,
    "theme": _one_of(THEMES),
    "refresh": refresh,
    "bell": switch,
    "notify": switch,
    "mouse": switch,
    "naming.rule": _pattern,
    "create.mutability": _one_of(tuple(Mutability)),
    "create.exclusions": _filters,
    "create.scan_on_push": switch,
    "create.encryption": _one_of(ENCRYPTIONS),
    "create.kms_key": _text,
    "create.lifecycle_template": _text,
    "create.tags": _aws_tags,
    "audit.suppress": _suppressions,
    "timeouts.connect": _seconds,
    "timeouts.read": _seconds,
    "timeouts.operation": _seconds,
}
"""The parser of each setting by its dotted key; it raises `BadValue`."""


def parsed(key: str, value: Any, place: str) -> Any:
    """A value as the setting takes it; raises `AppError`, and `BadMember` of a list of tables."""
    parser = key_names if key.startswith("keys.") else PARSERS.get(key)
    if parser is None:
        raise unknown(key, PARSERS, place)
    try:
        return parser(value)
    except BadMember:
        raise
    except BadValue as expected:
        raise refused(key, place, f"{quoted(value)} is not allowed", f"Write {expected}.") from None
