"""An image's manifest as lines: its layers with their sizes, or the platforms of an index."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.buildspec_audit.secrets import is_secret
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.image_config import made_by
from ecrtui.domain.manifest import LayerBlob, Manifest
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import count, size, size_unit
from ecrtui.services.contents import ReadManifest
from ecrtui.services.state import Failed, Idle, Loadable, Partial, value_of
from ecrtui.ui.present.cost import NO_LINE
from ecrtui.ui.present.detail import problem_lines
from ecrtui.ui.present.facts import fact
from ecrtui.ui.present.images import short_digest
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_BAR = 12


def layer_lines(read: Loadable[ReadManifest], image: Image, listing: ImageListing | None) -> tuple[Line, ...]:
    """What the manifest says; `listing` are the images of the repository, for the sizes of platforms."""
    if isinstance(read, Failed | Partial):
        return problem_lines(read)
    known = value_of(read)
    if known is None:
        return () if isinstance(read, Idle) else (fact("", "reading the manifest…", "muted"),)
    manifest = known.manifest
    lines = [fact("manifest", f"{size(known.bytes)}, {manifest.media_type or image.media_type}")]
    if manifest.subject:
        lines.append(fact("refers to", manifest.subject))
    if manifest.is_index:
        return (*lines, *_platforms(manifest, listing))
    steps = None if known.config is None else made_by(known.config, len(manifest.layers))
    return (*lines, *_config(manifest), *_layers(manifest.layers, steps), *_run(known))


def _config(manifest: Manifest) -> Sequence[Line]:
    if manifest.config_digest is None:
        return (fact("config", "none"),)
    kind = f", {manifest.config_media_type}" if manifest.config_media_type else ""
    return (fact("config", f"{size(manifest.config_size)}, {short_digest(manifest.config_digest)}{kind}"),)


def _run(known: ReadManifest) -> Sequence[Line]:
    """What the image runs, of its configuration; variables that may be secret are masked."""
    if known.unread is not None:
        return (NO_LINE, fact("config", "not read", "warn"), *((cell,) for cell in explanation(known.unread)))
    config = known.config
    if config is None:
        return ()
    facts = (
        ("platform", config.platform),
        ("created", config.created),
        ("entrypoint", " ".join(config.entrypoint)),
        ("command", " ".join(config.command)),
        ("user", config.user or "root (none is set)"),
        ("directory", config.directory),
        ("ports", ", ".join(config.ports)),
    )
    lines = [NO_LINE, *(fact(label, value) for label, value in facts if value)]
    lines += [
        fact("" if number else "variables", f"{name}={'***' if is_secret(name, value) else value}")
        for number, (name, value) in enumerate(config.environment)
    ]
    lines += [
        fact("" if number else "labels", f"{name}={value}")
        for number, (name, value) in enumerate(config.labels.items())
    ]
    return lines


def _layers(layers: Sequence[LayerBlob], steps: Sequence[str] | None) -> Sequence[Line]:
    stored = sum(layer.size or 0 for layer in {layer.digest: layer for layer in layers if not layer.foreign}.values())
    noun = "layer" if len(layers) == 1 else "layers"
    summary = fact("layers", f"{count(len(layers))} {noun}, {size(stored)} compressed, the base first", "strong")
    if not layers:
        return (fact("layers", "none"),)
    unit = size_unit(layer.size for layer in layers)
    largest = max((layer.size or 0 for layer in layers), default=0) or 1
    lines = [summary, NO_LINE]
    for number, layer in enumerate(layers):
        lines.append(_layer(number + 1, layer, largest, unit, None if steps is None else steps[number]))
    return lines


def _layer(number: int, layer: LayerBlob, largest: int, unit: str, step: str | None) -> Line:
    """One layer, with what made it, else its media type."""
    bar = glyphs().full * max(1, round((layer.size or 0) / largest * _BAR))
    elsewhere = "  stored elsewhere" if layer.foreign else ""
    return (
        Cell(Shown(f"{number:>3} "), "muted"),
        Cell(Shown(f"{size(layer.size, unit):>8} "), "number"),
        Cell(Shown(f"{bar:<{_BAR}} ")),
        Cell(shown(f"{short_digest(layer.digest)} ")),
        Cell(shown((_kind(layer.media_type) if step is None else _made(step)) + elsewhere), "muted"),
    )


def _made(step: str) -> str:
    """A step of a Dockerfile on one line, without what docker writes around it."""
    line = " ".join(step.split())
    return line.removeprefix("/bin/sh -c ").removeprefix("#(nop) ")


def _kind(media_type: str) -> str:
    """`tar+gzip` of `application/vnd.oci.image.layer.v1.tar+gzip`; others as they are."""
    for start in ("application/vnd.oci.image.layer.v1.", "application/vnd.docker.image.rootfs.diff."):
        if media_type.startswith(start):
            return media_type.removeprefix(start)
    return media_type


def _platforms(manifest: Manifest, listing: ImageListing | None) -> Sequence[Line]:
    number = sum(not child.attestation for child in manifest.children)
    noun = "platform" if number == 1 else "platforms"
    words = f"{count(number)} {noun}; the layers are theirs (e shows them as rows)"
    lines = [fact("index of", words, "strong"), NO_LINE]
    for child in manifest.children:
        row = None if listing is None else listing.find(child.digest)
        stored = None if listing is None or row is None or listing.sizes[row] < 0 else listing.sizes[row]
        name = "attestation" if child.attestation else child.platform or "unknown platform"
        lines.append(
            (
                Cell(shown(f"{name:<20} "), "muted" if child.attestation else "name"),
                Cell(Shown(f"{size(stored):>8} "), "number"),
                Cell(shown(short_digest(child.digest)), "plain"),
            )
        )
    return lines
