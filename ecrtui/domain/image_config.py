"""The configuration of an image: how it was made and what it runs, from the JSON that its manifest names.

Whoever pushed it wrote it: members of the wrong type are left out. Source: domain reference, section 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ecrtui.domain.errors import AppError, ErrorKind

IMAGE_CONFIGS = ("application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json")
"""The media types of configurations of images; artefacts have others."""
_MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the history."""

    created_by: str
    empty: bool
    """Whether it made no layer."""


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What an image runs, and how it was made."""

    platform: str = ""
    created: str = ""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    directory: str = ""
    ports: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    """Variables with their values, which may be secret: pass them through `buildspec_audit.secrets`."""
    labels: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Step, ...] = ()


def parse_config(text: str) -> ImageConfig:
    """Read a configuration; AppError (malformed) when it is no JSON object."""
    try:
        body = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"it is not JSON ({error})") from error
    if not isinstance(body, dict):
        raise _malformed("it is not a JSON object")
    runs = _object(body.get("config"))
    platform = (_text(body.get(member)) for member in ("os", "architecture", "variant"))
    variables = (entry.partition("=") for entry in _texts(runs.get("Env")))
    return ImageConfig(
        platform="/".join(part for part in platform if part),
        created=_text(body.get("created")),
        user=_text(runs.get("User")),
        entrypoint=_texts(runs.get("Entrypoint")),
        command=_texts(runs.get("Cmd")),
        directory=_text(runs.get("WorkingDir")),
        ports=tuple(_object(runs.get("ExposedPorts"))),
        environment=tuple((name, value) for name, _, value in variables),
        labels={name: value for name, value in _object(runs.get("Labels")).items() if isinstance(value, str)},
        history=tuple(_step(entry) for entry in _entries(body.get("history"))),
    )


def made_by(config: ImageConfig, layers: int) -> tuple[str, ...] | None:
    """What made each of so many layers: the i-th entry that is not empty made the i-th layer.

    None where the history has another number of them: nothing can be said then.
    """
    steps = tuple(step.created_by for step in config.history if not step.empty)
    return steps if len(steps) == layers else None


def _step(entry: Mapping[str, Any]) -> Step:
    return Step(_text(entry.get("created_by")), entry.get("empty_layer") is True)


def _entries(value: object) -> Sequence[Mapping[str, Any]]:
    return [entry for entry in value[:_MOST_STEPS] if isinstance(entry, dict)] if isinstance(value, list) else []


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _malformed(why: str) -> AppError:
    return AppError(ErrorKind.MALFORMED, "read the image's configuration", why=why)
