"""The text of build logs: events into lines, lines into what a parser can read, CodeBuild's own lines.

Nothing here is for the screen: `parse` throws escape codes and overwritten segments away, which a reader must
see (`domain/text` shows them). Grammar: domain reference, section 3.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

PARSED_CHARACTERS = 16_384
"""A longer line is parsed by its beginning only: no line of the grammar is longer, and regular expressions
must not be made slow by a hostile line. The line itself is never shortened here."""

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC: to their end
    r"|\x1b[ -/]*[0-~]?",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\ufeff]")
_STAMP = re.compile(
    r"\[?(?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?\]?[ \t]"
    r"|(?P<epoch>\d{13})[ \t]"
    r"|EVENTS\t(?P<event>\d{13})\t"
)
_EVENT_END = re.compile(r"\t\d{13}$")
_STREAM = re.compile(r"(?:\S+/)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[ \t]")
_CONTAINER = re.compile(r"\[Container\] (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) (.*)")

_CSV_HEADING = "timestamp,message"
_RUNNING = "Running command "
_ENTERED = re.compile(r"(?:Entering phase|Phase is) (\w+)")
_ENDED = re.compile(r"Phase complete: (\w+) (?:State: (\w+)|Success: (true|false))")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line as a parser reads it."""

    text: str
    """Without escape codes, control characters, overwritten segments and a collector's prefix."""
    at: float | None = None
    """Epoch seconds in the line itself: CodeBuild's stamp, else the collector's."""
    agent: str | None = None
    """What CodeBuild's agent says, when the line is one of its `[Container]` lines."""


def parse(line: str) -> LogLine:
    """Read one line: with or without line end, colours, and a time or stream name in front."""
    text, at = _without_prefix(_plain(line))
    if not text.startswith("[Container] "):
        return LogLine(text, at)
    match = _CONTAINER.fullmatch(text)
    if match is None:
        return LogLine(text, at)
    stamp = _instant(match[1].replace("/", "-"))
    return LogLine(text, at if stamp is None else stamp, match[2])


def running_command(agent: str) -> str | None:
    """The command that the agent says it runs."""
    return agent.removeprefix(_RUNNING) if agent.startswith(_RUNNING) else None


def phase_entered(agent: str) -> str | None:
    """The phase that the agent says it enters."""
    match = _ENTERED.match(agent)
    return match[1] if match else None


def phase_end(agent: str) -> tuple[str, str] | None:
    """The phase that the agent says is complete, and its status."""
    match = _ENDED.match(agent)
    if match is None:
        return None
    return match[1], match[2] or ("SUCCEEDED" if match[3] == "true" else "FAILED")


def split_event(message: str) -> list[str]:
    """The lines of one log event: ended by LF or CR LF only, so that no other character makes a line."""
    lines = message.split("\n")
    if lines[-1] == "" and len(lines) > 1:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def split_log(text: str) -> list[str]:
    """The lines of a saved log: plain text, JSON of `aws logs` or of `ecrtui watch`, or the console's CSV."""
    text = text.removeprefix("\ufeff")
    events: list[str] = []
    if text.lstrip()[:1] in ("{", "["):
        events = _json_events(text)
    elif text.startswith(_CSV_HEADING):
        events = _csv_events(text)
    return [line for event in events or [text] for line in split_event(event)]


def _json_events(text: str) -> list[str]:
    """The messages of an answer with `events`, of a list of events or texts, or of events one a line."""
    try:
        answer = json.loads(text)
    except RecursionError:
        return []
    except ValueError:
        answer = [_json_line(line) for line in text.split("\n")]
    events = answer.get("events") if isinstance(answer, dict) else answer
    if not isinstance(events, list):
        return []
    messages = (event.get("message", event.get("line")) if isinstance(event, dict) else event for event in events)
    return [message for message in messages if isinstance(message, str)]


def _json_line(line: str) -> object:
    """An event (`ecrtui watch` writes its text as `line`), or None when the line is no JSON object."""
    if not line.startswith("{"):
        return None
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _csv_events(text: str) -> list[str]:
    """The messages of what CloudWatch's console downloads; empty when it cannot be read."""
    try:
        return [row[1] for row in csv.reader(StringIO(text, newline="")) if len(row) > 1][1:]
    except csv.Error:
        return []


def _plain(line: str) -> str:
    """The line's last state: no escapes, the text after the last carriage return that has any."""
    line = line[:PARSED_CHARACTERS]
    if line.isprintable():
        return line
    if "\x1b" in line or "\x9b" in line or not line.isascii():
        line = _ESCAPE.sub("", line)
    line = line.rstrip("\r\n")
    if "\r" in line:
        line = next((part for part in reversed(line.split("\r")) if part.strip()), "")
    return _CONTROL.sub("", line)


def _without_prefix(line: str) -> tuple[str, float | None]:
    """The line without the time, and then the stream name, that log collectors write in front."""
    if not line or line[0] not in "0123456789[E":
        return line, None
    match = _STAMP.match(line)
    if match is None:
        return line, None
    rest = line[match.end() :]
    if match["event"]:
        rest = _EVENT_END.sub("", rest)
    stream = _STREAM.match(rest)
    return rest[stream.end() :] if stream else rest, _stamp_instant(match)


def _stamp_instant(match: re.Match[str]) -> float | None:
    milliseconds = match["epoch"] or match["event"]
    if milliseconds:
        return int(milliseconds) / 1000
    fraction = f".{match['fraction'][:6]}" if match["fraction"] else ""
    return _instant(f"{match['iso']}{fraction}{match['zone'] or ''}")


def _instant(text: str) -> float | None:
    """Epoch seconds of an ISO 8601 text, UTC when it names no zone; None when it is no instant."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):
        return None
