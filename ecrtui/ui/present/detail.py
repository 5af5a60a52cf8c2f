"""Details as lines: a region, a repository, an image, and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ecrtui.domain.drift import Drift
from ecrtui.domain.image import Image, ImageKind
from ecrtui.domain.lifecycle import PolicyError, parse, sentences
from ecrtui.domain.manifest import ChildManifest
from ecrtui.domain.repository import Repository
from ecrtui.domain.tags import ordered
from ecrtui.domain.text import shown
from ecrtui.domain.units import size
from ecrtui.services.browse import Summary
from ecrtui.services.ports import StoredPolicy
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready
from ecrtui.ui.present.facts import fact, instant
from ecrtui.ui.present.names import imitation_lines
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line


def repository_lines(
    repository: Repository, summary: Summary | None, policy: Loadable[StoredPolicy | None], now: float
) -> tuple[Line, ...]:
    """The overview of one repository."""
    lines = [
        fact("repository", repository.name, "strong"),
        *imitation_lines(repository.name),
        fact("uri", repository.uri),
        fact("created", instant(repository.created_at, now)),
    ]
    if summary is not None and summary.known:
        lines.append(fact("images", f"{summary.images}, {size(summary.bytes or 0)} at most (layers are shared)"))
        lines.append(fact("last push", instant(summary.last_push, now)))
    lines.append(fact("tags", _mutability(repository)))
    lines.append(fact("scan", {True: "on push", False: "not on push", None: "unknown"}[repository.scan_on_push]))
    lines.append(fact("encryption", repository.encryption + (f", {repository.kms_key}" if repository.kms_key else "")))
    return (*lines, *policy_lines(policy, now))


def policy_lines(policy: Loadable[StoredPolicy | None], now: float) -> tuple[Line, ...]:
    """A lifecycle policy as sentences, or why it is not known."""
    match policy:
        case Ready(value=None):
            return (fact("lifecycle", "none: images stay for ever; L sets a policy", "warn"),)
        case Ready(value=stored) | Partial(value=stored) if stored is not None:
            return _sentences(stored, now)
        case Failed(error=error):
            return (fact("lifecycle", "unknown", "warn"), *((cell,) for cell in explanation(error)))
        case Loading():
            return (fact("lifecycle", "loading…", "muted"),)
    return ()


def _sentences(stored: StoredPolicy, now: float) -> tuple[Line, ...]:
    try:
        texts = sentences(parse(stored.text))
    except PolicyError as error:
        lines = [fact("lifecycle", f"set, but not as ECR documents it: {error.problems[0]}", "warn")]
    else:
        lines = [fact("lifecycle" if number == 0 else "", text) for number, text in enumerate(texts)]
    ran = "never ran yet" if stored.evaluated_at is None else f"last ran {instant(stored.evaluated_at, now)}"
    return (*lines, fact("", ran, "muted"))


def _mutability(repository: Repository) -> str:
    word = repository.mutability.lower().replace("_with_exclusion", "")
    return f"{word}, except {', '.join(repository.exclusions)}" if repository.exclusions else word


def image_lines(
    image: Image,
    uri: str,
    uses: Sequence[Drift],
    unchecked: Sequence[str],
    children: Sequence[ChildManifest] | None,
    built_by: str,
    now: float,
) -> tuple[Line, ...]:
    """The overview of one image; `children` is None where its index was not read."""
    lines = [fact("digest", image.digest), fact("tags", ", ".join(ordered(image.tags)) or "none", "strong")]
    lines += imitation_lines(*image.tags)
    lines.append(fact("pushed", instant(image.pushed_at, now)))
    lines.append(fact("size", "unknown" if image.size is None else f"{size(image.size)} compressed"))
    lines.append(fact("kind", _kind(image, children)))
    lines.append(fact("last pull", instant(image.pulled_at, now)))
    if image.status != "ACTIVE":
        lines.append(fact("status", f"{image.status.lower()}, since {instant(image.archived_at, now)}", "warn"))
    if image.subject:
        lines.append(fact("refers to", image.subject))
    if built_by:
        lines.append(fact("built by", built_by))
    lines += use_lines(uses, unchecked)
    lines.append(fact("uri", f"{uri}:{image.tags[0]}" if image.tags else f"{uri}@{image.digest}", "muted"))
    return tuple(lines)


def _kind(image: Image, children: Sequence[ChildManifest] | None) -> str:
    if image.kind is not ImageKind.INDEX:
        return str(image.kind)
    if children is None:
        return "index; e reads its platforms"
    platforms = [child.platform for child in children if not child.attestation]
    return f"index of {len(platforms)}: {', '.join(platforms)}"


def use_lines(uses: Sequence[Drift], unchecked: Sequence[str]) -> tuple[Line, ...]:
    """What runs the image, whether that drifted, and what could not be checked."""
    lines = [_use_line(drift, first=number == 0) for number, drift in enumerate(uses)]
    if not lines:
        nothing = "nothing that was found" if not unchecked else "none that could be checked"
        lines.append(fact("runs in", nothing))
    lines += [fact("", f"not checked: {reason}", "warn") for reason in unchecked]
    return tuple(lines)


def _use_line(drift: Drift, first: bool) -> Line:
    use = drift.use
    words = f"{use.label}, {use.region}"
    if drift.drifted:
        words += f": {drift.state}, {drift.why}"
    elif use.by_tag:
        words += " (by tag only)"
    return fact("runs in" if first else "", words, "warn" if drift.drifted else "good")


_JSON_PIECES = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|([^"]+)')


def json_lines(value: Mapping[str, Any]) -> tuple[Line, ...]:
    """JSON as AWS sent it, indented, with members muted."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False)
    return tuple(_json_line(line) for line in text.split("\n"))


def _json_line(line: str) -> Line:
    cells = []
    for string, colon, other in _JSON_PIECES.findall(line):
        if string and colon:
            cells.append(Cell(shown(string + colon), "muted"))
        else:
            cells.append(Cell(shown(string or other)))
    return tuple(cells)


def problem_lines(failed: Failed | Partial[Any]) -> tuple[Line, ...]:
    """An error as lines."""
    return tuple((cell,) for cell in explanation(failed.error)) if failed.error else ()
