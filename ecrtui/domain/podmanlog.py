"""What podman, buildah and skopeo print when they push, read into a push ledger.

They print the same lines for a pull, and neither tag nor digest: only the command tells that it is a push,
and where to. Lines: containers/image, `copy/` (`Getting image source signatures` to `Writing manifest`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecrtui.domain.push import Layer, LayerState, Push, PushState, split_image
from ecrtui.domain.pushledger import PushLedger, PushRecord

_COMMAND_CHARACTERS = 2_048
"""What is looked at of a command; more would let a hostile log make the reading slow."""
_SIMPLE = re.compile(r"[|;&]+")
_PUSH = re.compile(r"(?:^|[\s/(])(?:(?:podman|buildah)\s(?:.*\s)?push|skopeo\s(?:.*\s)?copy)\s(.*)")
_BLOB = re.compile(r"Copying blob (?:sha256:)?([0-9a-f]{12})\w*(?: (done|skipped: already exists))?\b")
_STARTS = ("Getting image source signatures", "Copying blob ")
_WRITTEN = "Writing manifest to image destination"
_STATES = {None: LayerState.PUSHING, "done": LayerState.PUSHED}


class PodmanReader:
    """Reads the lines of commands that push with containers/image."""

    def __init__(self, ledger: PushLedger) -> None:
        self._ledger = ledger
        self._command = ""
        self._destinations: list[str] = []
        self._count = 0
        self._record: PushRecord | None = None

    def begin(self, command: str, text: str) -> None:
        """A command begins: `command` tells it from all others, and is the same when it is read again."""
        self._command, self._count, self._record = command, 0, None
        self._destinations = list(_destinations(text))

    def end(self) -> None:
        """The command ended: a push whose manifest was not written has failed."""
        if self._record is not None:
            self._ledger.give_up(self._record)
        self._destinations, self._record = [], None

    def read(self, text: str) -> None:
        """Read one line that is neither CodeBuild's own nor BuildKit's."""
        if text.startswith("+ "):
            self._destinations += _destinations(text)
        elif not self._destinations:
            return
        elif text.startswith(_WRITTEN):
            self._written()
        elif text.startswith(_STARTS):
            self._record = self._record or self._open()
            if self._record is not None and (blob := _BLOB.match(text)):
                self._ledger.layer(self._record, Layer(blob[1], _STATES.get(blob[2], LayerState.THERE)))

    def _open(self) -> PushRecord | None:
        """The next push of the command; a loop pushes more often than its text says."""
        destination = self._destinations[min(self._count, len(self._destinations) - 1)]
        repository, tag = ("", None) if "$" in destination else split_image(destination)
        self._count += 1
        return self._ledger.open((self._command, "podman", self._count), Push(repository, "classic", tag=tag))

    def _written(self) -> None:
        record, self._record = self._record or self._open(), None
        if record is None:
            return
        for layer in list(record.layers.values()):
            self._ledger.layer(record, Layer(layer.id, LayerState.PUSHED))
        if record.push.state is not PushState.DONE:
            self._ledger.finish(record, record.push.tag, None)


def _destinations(text: str) -> Iterator[str]:
    """Where the pushes in a command's text go: each one's last word."""
    for simple in _SIMPLE.split(text[:_COMMAND_CHARACTERS]):
        if (match := _PUSH.search(simple)) and (words := match[1].replace('"', "").split()):
            scheme, separator, rest = words[-1].partition("://")
            if "skopeo" not in simple or scheme == "docker":
                yield rest if separator else words[-1]
