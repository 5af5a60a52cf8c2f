"""What came of a build: the cause of a failure and its remedy, and whether its images are there."""

from __future__ import annotations

from collections.abc import Mapping

from ecrtui.domain.build import Build
from ecrtui.domain.diagnosis import Diagnosis
from ecrtui.domain.text import Shown, shown
from ecrtui.services.verify import ImageVerdict
from ecrtui.ui.present.facts import fact
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_VERDICTS: Mapping[str, tuple[str, Role]] = {
    "in-ecr": ("✓ in ECR", "good"),
    "pushed-but-absent": ("✗ pushed, but not there", "bad"),
    "nothing-pushed": ("⚠ green, but nothing was pushed", "warn"),
    "unknown": ("? could not be looked up in ECR", "warn"),
}


def verdict_lines(build: Build, diagnosis: Diagnosis | None, verdict: ImageVerdict | None) -> tuple[Line, ...]:
    """How the build ended: in ECR, pushed but absent, nothing pushed, or failed with cause and remedy."""
    if build.active or diagnosis is None:
        return ()
    if diagnosis.cause is not None:
        lines: list[Line] = [(Cell(shown(f"✗ {diagnosis.cause}".replace("-", " ")), "bad"),)]
        if diagnosis.line:
            lines.append(fact("  says", diagnosis.line))
        if diagnosis.remedy:
            lines.append(fact("  do", diagnosis.remedy, "strong"))
        return tuple(lines)
    if verdict is None:
        return ((Cell(Shown("looking the image up in ECR…"), "muted"),),)
    return _image_verdict(verdict)


def _image_verdict(verdict: ImageVerdict) -> tuple[Line, ...]:
    word, role = _VERDICTS.get(verdict.outcome, (f"? {verdict.outcome}", "warn"))
    lines: list[Line] = [(Cell(shown(word), role),)]
    for image in verdict.images:
        target = f"{image.push.name}{':' + image.push.tag if image.push.tag else ''}"
        lines.append(fact("", f"{target}  {image.detail}", "plain" if image.matches else "warn"))
    return tuple(lines)


def ending(build: Build, diagnosis: Diagnosis | None, verdict: ImageVerdict | None) -> tuple[Shown, bool]:
    """How a watched build ended, in one sentence, and whether that is good news."""
    name = f"{build.project} #{build.number}" if build.number else build.project
    if diagnosis is not None and diagnosis.cause is not None:
        return shown(f"✗ {name}: {diagnosis.cause.replace('-', ' ')}. {diagnosis.remedy}"), False
    if verdict is None:
        return shown(f"{name}: {build.status.lower().replace('_', ' ')}"), build.status == "SUCCEEDED"
    word, role = _VERDICTS.get(verdict.outcome, (f"? {verdict.outcome}", "warn"))
    images = ", ".join(f"{image.push.name}:{image.push.tag}" for image in verdict.images if image.push.tag)
    return shown(f"{word}  {name}  {images}"), role == "good"
