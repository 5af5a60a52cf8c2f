"""What `docker push` prints (classic and containerd store; crane and kaniko too), read into a push ledger.

Docker prints neither bytes nor, before the end, a tag, and lines of concurrent pushes come through each other
without a name: a layer line belongs to the push that it moves. Formats: domain reference, section 3 (moby).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecrtui.domain.push import Layer, LayerState, Push, PushState, split_image
from ecrtui.domain.pushledger import PushLedger, PushRecord

_BACKGROUND_PUSHES = 8
_COMMAND_CHARACTERS = 2_048
"""What is looked at of a command; more would let a hostile log make the reading slow."""
_STATES = {
    "Preparing": LayerState.PREPARING,
    "Waiting": LayerState.WAITING,
    "Pushed": LayerState.PUSHED,
    "Layer already exists": LayerState.THERE,
    "Already exists": LayerState.THERE,
    "Unavailable": LayerState.UNAVAILABLE,
    "Skipped foreign layer": LayerState.SKIPPED,
}
_DIGEST = r"sha256:[0-9a-f]{64}"
_HEADER = re.compile(r"The push refers to repository \[(.+)\]\s*")
_LAYER = re.compile(
    rf"([0-9a-f]{{12}}): (?:(?P<plain>{'|'.join(_STATES)})|(?P<pushing>Pushing.*)|"
    r"Mounted from (?P<from>\S+)|Retrying in (?P<seconds>\d{1,6}) seconds?.*)\s*"
)
_RESULT = re.compile(rf"(\S+): digest: ({_DIGEST}) size: (\d+)\s*")
_COMMAND = re.compile(r"\b(?:docker|podman|finch|nerdctl)\b[^|;&]*?\bpush\b[^|;&]*?\s([^\s$`|;&-]\S*)")
_ERROR = re.compile(
    r"denied|name unknown|tag invalid|unauthorized|toomanyrequests|manifest invalid|unknown|no basic auth|"
    r"EOF$|error parsing HTTP|received unexpected HTTP|failed to (?:copy|push|do request)|Error response",
    re.IGNORECASE,
)
_QUIET = re.compile(r"\bpush\s(?:[^|;&]*\s)?(?:-q|--quiet)\b")
_REFERENCE = re.compile(r"[\w.:-]+/[\w./-]+:[\w.-]+\s*")
_QUOTED_TAG = re.compile(r"image tag '([^']{1,300})'")
_KANIKO_START = re.compile(r"(?:INFO\[\d+\] )?Pushing image to (\S+)\s*")
_KANIKO_END = re.compile(rf"(?:INFO\[\d+\] )?Pushed (\S+)@({_DIGEST})\s*")


@dataclass(eq=False, slots=True)
class _Header:
    """A `The push refers to` line and the images pushed under it, one after the other (`--all-tags`)."""

    key: tuple[str, int]
    repository: str
    record: PushRecord
    image: int = 0
    closed: bool = False
    """The current image's digest was printed."""
    fresh: bool = True
    """No line came since the header."""


class DockerReader:
    """Reads the lines of docker push commands."""

    def __init__(self, ledger: PushLedger) -> None:
        self._ledger = ledger
        self._command = ""
        self._count = 0
        self._headers: list[_Header] = []
        self._literal: dict[str, str] = {}
        self._quiet = False

    def begin(self, command: str, text: str) -> None:
        """A command begins: `command` tells it from all others, and is the same when it is read again."""
        self._command, self._count, self._literal = command, 0, {}
        self._quiet = _QUIET.search(text[:_COMMAND_CHARACTERS]) is not None
        self._note_command(text)

    def end(self) -> None:
        """The command ended: what has no digest has failed, unless it was sent behind and goes on."""
        open_headers = [header for header in self._headers if not header.closed]
        for header in open_headers:
            self._ledger.give_up(header.record)
        self._headers = open_headers[-_BACKGROUND_PUSHES:]

    def read(self, text: str) -> None:
        """Read one line that is neither CodeBuild's own nor BuildKit's."""
        if text[12:14] == ": " and (match := _LAYER.fullmatch(text)):
            self._layer(_read_layer(match))
        elif text.startswith("The push") and (match := _HEADER.fullmatch(text)):
            self._header(match[1])
        elif ": digest: sha256:" in text and (match := _RESULT.fullmatch(text)):
            self._result(match[1], match[2])
        elif "Push" in text and (match := _KANIKO_START.fullmatch(text)):
            self._standalone(match[1])
        elif "Push" in text and (match := _KANIKO_END.fullmatch(text)):
            self._finish_standalone(match[1], match[2])
        elif text.startswith("+ "):
            self._note_command(text)
        elif self._headers and _ERROR.match(text):
            self._error(text)
        elif self._quiet and _REFERENCE.fullmatch(text):
            self._quiet_result(text.strip())

    def _note_command(self, text: str) -> None:
        """Docker names the tag at the end only; a command that spells it out tells it earlier."""
        if (match := _COMMAND.search(text[:_COMMAND_CHARACTERS])) and "$" not in match[1]:
            repository, tag = split_image(match[1])
            if tag:
                self._literal[repository] = tag

    def _header(self, repository: str) -> None:
        last = self._headers[-1] if self._headers else None
        if last and last.fresh and last.repository == repository:
            return
        self._count += 1
        key = (self._command, self._count)
        tag = self._literal.get(repository)
        if record := self._ledger.open((*key, 0), Push(repository, "classic", tag=tag)):
            self._headers.append(_Header(key, repository, record))

    def _next_image(self, header: _Header, layers: dict[str, Layer]) -> None:
        key = (*header.key, header.image + 1)
        if record := self._ledger.open(key, Push(header.repository, "classic"), layers):
            header.image += 1
            header.record, header.closed = record, False

    def _layer(self, layer: Layer) -> None:
        header = self._header_of(layer)
        if header is None:
            return
        header.fresh = False
        if header.closed and layer.state is LayerState.PREPARING:
            self._next_image(header, {})
        self._ledger.layer(header.record, layer)

    def _header_of(self, layer: Layer) -> _Header | None:
        """The push that this line moves: new layers are the latest header's."""
        if not self._headers:
            return None
        last = self._headers[-1]
        if layer.state is LayerState.PREPARING:
            return last
        knowing = [header for header in self._headers if layer.id in header.record.layers]
        for header in knowing:
            known = header.record.layers[layer.id]
            if known.advanced(layer) != known:
                return header
        if knowing:
            return knowing[-1]
        return None if last.closed or last.record.push.state is PushState.FAILED else last

    def _result(self, tag: str, digest: str) -> None:
        if "/" in tag:
            self._standalone(tag)
            self._finish_standalone(tag, digest)
            return
        header = self._header_of_result(tag)
        if header is None:
            self._orphan_result(tag, digest)
        elif not self._known_result(header, tag, digest):
            if header.closed:
                self._next_image(header, dict(header.record.layers))
            header.closed, header.fresh = True, False
            self._ledger.finish(header.record, tag, digest)

    def _orphan_result(self, tag: str, digest: str) -> None:
        """A digest line without its header: a log without its beginning, or a page read again."""
        if any((record.push.tag, record.push.digest) == (tag, digest) for record in self._ledger):
            return
        if record := self._ledger.open((self._command, "result", tag, digest), Push("", "classic")):
            self._ledger.finish(record, tag, digest)

    def _header_of_result(self, tag: str) -> _Header | None:
        """The push that a digest line ends: the one of that tag, else the one whose layers are all there."""
        running = [h for h in self._headers if not h.closed and h.record.push.state is PushState.RUNNING]
        for header in running:
            if header.record.push.tag == tag:
                return header
        if running:
            ready = [h for h in running if h.record.layers and not h.record.unfinished]
            return (ready or running[-1:])[0]
        behind = [h for h in self._headers if not h.closed and h.record.push.finished is None]
        candidates = behind or self._headers
        return candidates[-1] if candidates else None

    def _known_result(self, header: _Header, tag: str, digest: str) -> bool:
        """Whether this digest line was read before, for an image under the same header."""
        for image in range(header.image + 1):
            known = self._ledger.find((*header.key, image))
            if known is None or (known.push.tag, known.push.digest) != (tag, digest):
                continue
            if header.record.push.digest is None:
                self._ledger.drop((*header.key, header.image))
                header.image -= 1
            header.record, header.closed, header.fresh = known, True, False
            return True
        return False

    def _error(self, text: str) -> None:
        for header in reversed(self._headers):
            if not header.closed:
                quoted = _QUOTED_TAG.search(text)
                if quoted and header.record.push.tag is None:
                    self._ledger.change(header.record, tag=quoted[1])
                self._ledger.fail(header.record)
                return

    def _standalone(self, reference: str) -> None:
        repository, tag = split_image(reference)
        self._ledger.open((self._command, "reference", reference), Push(repository, "classic", tag=tag))

    def _quiet_result(self, reference: str) -> None:
        """`docker push --quiet` prints the reference alone, when all is done."""
        self._standalone(reference)
        record = self._ledger.find((self._command, "reference", reference))
        if record is not None and record.push.finished is None:
            self._ledger.finish(record, record.push.tag, None)

    def _finish_standalone(self, reference: str, digest: str) -> None:
        """kaniko's last line names repository and digest, no tag: all that waited there are done."""
        repository, tag = split_image(reference)
        for record in self._ledger:
            push = record.push
            if push.repository == repository and not push.digest and (tag is None or push.tag == tag):
                self._ledger.finish(record, push.tag, digest)


def _read_layer(match: re.Match[str]) -> Layer:
    if plain := match["plain"]:
        return Layer(match[1], _STATES[plain])
    if source := match["from"]:
        return Layer(match[1], LayerState.MOUNTED, mounted_from=source)
    if seconds := match["seconds"]:
        return Layer(match[1], LayerState.RETRYING, retry_seconds=int(seconds))
    return Layer(match[1], LayerState.PUSHING)
