"""What BuildKit prints when it pushes (buildx build --push, bake, imagetools), read into a push ledger.

It names no layers: such a push has two steps, `layers` and `manifest`. A step of the build ("vertex") is
known by its number, which begins anew with every build. Formats: domain reference, section 3 (BuildKit).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ecrtui.domain.push import Layer, LayerState, Push, PushState, split_image
from ecrtui.domain.pushledger import PushLedger, PushRecord

_DIGEST = r"sha256:[0-9a-f]{64}"
_END = r"(?: [\d.]+m?s)?( done)?\s*"
_SIZES = r"(?: [\d.]+[kKMGT]?i?B / [\d.]+[kKMGT]?i?B)?"
_VERTEX = re.compile(r"#(\d{1,9}) (?:\d+\.\d+ )?(.*)")
_LAYERS = re.compile(rf"pushing (?:any remaining )?layers{_END}")
_MANIFEST = re.compile(rf"pushing manifest for (\S+)@({_DIGEST}){_END}")
_COPY = re.compile(rf"pushing ({_DIGEST}) to (\S+)\s*")
_WITH_DOCKER = re.compile(r"pushing (\S+) with docker\s*")
_LAYER = re.compile(rf"pushing layer ([0-9a-f]{{12,64}}){_SIZES}{_END}")
_NAMING = re.compile(r"naming to (\S+)")
_FAILED = re.compile(r"failed to push (\S+?): ")


@dataclass(eq=False, slots=True)
class _Vertex:
    number: int
    name: str = ""
    """The reference that its image was named, before a push says where it goes."""
    records: list[PushRecord] = field(default_factory=list)


class BuildKitReader:
    """Reads the lines of BuildKit's plain progress."""

    def __init__(self, ledger: PushLedger) -> None:
        self._ledger = ledger
        self._command = ""
        self._run = 0
        self._vertices: dict[int, _Vertex] = {}
        self._refused: set[PushRecord] = set()

    def begin(self, command: str) -> None:
        """A command begins: `command` tells it from all others, and is the same when it is read again."""
        self._command, self._run, self._vertices = command, 0, {}

    def end(self) -> None:
        """The command ended: what has no digest has failed."""
        for vertex in self._vertices.values():
            for record in vertex.records:
                self._ledger.give_up(record)

    def read(self, text: str) -> None:
        """Read one line that begins with `#`."""
        match = _VERTEX.fullmatch(text)
        if match is None:
            return
        number, body = int(match[1]), match[2]
        if body.startswith("pushing "):
            self._push(self._vertices.setdefault(number, _Vertex(number)), body)
        elif number == 0 and body.startswith("building with"):
            self.end()
            self._run, self._vertices = self._run + 1, {}
        elif body.startswith("naming to ") and (named := _NAMING.match(body)):
            self._vertices.setdefault(number, _Vertex(number)).name = named[1]
        elif body.startswith("ERROR") and (failed := _FAILED.search(body)):
            vertex = self._vertices.setdefault(number, _Vertex(number))
            self._refuse(self._open(vertex, failed[1]))
            self._close(vertex, body)
        elif (vertex_known := self._vertices.get(number)) is not None:
            self._close(vertex_known, body)

    def _push(self, vertex: _Vertex, body: str) -> None:
        if match := _LAYERS.fullmatch(body):
            record = vertex.records[-1] if vertex.records else self._open(vertex, vertex.name)
            self._steps(record, LayerState.PUSHED if match[1] else LayerState.PUSHING, LayerState.WAITING)
        elif match := _MANIFEST.fullmatch(body):
            self._manifest(vertex, match[1], match[2], done=bool(match[3]))
        elif match := _COPY.fullmatch(body):
            self._manifest(vertex, match[2], match[1], done=False)
        elif match := _WITH_DOCKER.fullmatch(body):
            self._open(vertex, match[1])
        elif (match := _LAYER.fullmatch(body)) and vertex.records:
            state = LayerState.PUSHED if match[2] else LayerState.PUSHING
            self._ledger.layer(vertex.records[-1], Layer(match[1][:12], state))

    def _manifest(self, vertex: _Vertex, reference: str, digest: str, done: bool) -> None:
        record = self._open(vertex, reference)
        self._steps(record, LayerState.PUSHED, LayerState.PUSHING)
        if record is None:
            return
        if record.push.digest != digest:
            self._ledger.change(record, digest=digest)
        if done:
            self._finish(record)

    def _open(self, vertex: _Vertex, reference: str) -> PushRecord | None:
        """The vertex's push to that reference; one that waits for its name takes it."""
        repository, tag = split_image(reference)
        for record in vertex.records:
            if (record.push.repository, record.push.tag) == (repository, tag):
                return record
        for record in vertex.records:
            if record.push.digest is None and "manifest" in record.layers:
                self._ledger.change(record, repository=repository, tag=tag)
                return record
        key = (self._command, self._run, "vertex", vertex.number, len(vertex.records))
        opened = self._ledger.open(key, Push(repository, "buildx", tag=tag))
        if opened is not None:
            vertex.records.append(opened)
        return opened

    def _steps(self, record: PushRecord | None, layers: LayerState, manifest: LayerState) -> None:
        if record is not None:
            self._ledger.layer(record, Layer("layers", layers))
            self._ledger.layer(record, Layer("manifest", manifest))

    def _finish(self, record: PushRecord) -> None:
        if "manifest" in record.layers:
            self._ledger.layer(record, Layer("manifest", LayerState.PUSHED))
        if record.push.state is not PushState.DONE and record not in self._refused:
            self._ledger.finish(record, record.push.tag, record.push.digest)

    def _refuse(self, record: PushRecord | None) -> None:
        """The registry refused it, although BuildKit had called its manifest done: it says so of failures too."""
        if record is not None and record not in self._refused:
            self._refused.add(record)
            self._ledger.change(record, state=PushState.FAILED)

    def _close(self, vertex: _Vertex, body: str) -> None:
        if body.startswith("DONE"):
            for record in vertex.records:
                if record.push.digest or "manifest" not in record.layers:
                    self._finish(record)
        elif body.startswith(("ERROR", "CANCELED")):
            for record in vertex.records:
                if record.push.state is not PushState.DONE:
                    self._ledger.change(record, state=PushState.FAILED)
