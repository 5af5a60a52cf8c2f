"""Clauses that several rules say."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.image import Image
from ecrtui.domain.tags import primary_tag
from ecrtui.domain.units import count
from ecrtui.domain.usage import KIND_WORDS, Use


def image_name(image: Image) -> str:
    """A tag of the image, else the beginning of its digest."""
    return primary_tag(image.tags) or short(image.digest)


def short(digest: str) -> str:
    """The beginning of a digest, as lists show it."""
    return digest.removeprefix("sha256:")[:12]


def counted(number: int, noun: str) -> str:
    """`1 image`, `1,200 images`."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def user(use: Use) -> str:
    """`service shop/pet-web`: without numbers, which change from minute to minute."""
    return f"{KIND_WORDS[use.kind]} {use.name}"


def users(uses: Sequence[Use]) -> str:
    """`service shop/pet-web runs`, `service a/b and 2 others run`."""
    names = list(dict.fromkeys(user(use) for use in uses))
    if len(names) == 1:
        return f"{names[0]} runs"
    return f"{names[0]} and {counted(len(names) - 1, 'other')} run"


def some(names: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 4 others`."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {counted(len(names) - most, 'other')}"
