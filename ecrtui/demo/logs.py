"""CloudWatch Logs of the builds: a group for each project, a stream for each build."""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime

from ecrtui.demo.codebuild.plan import Plan
from ecrtui.demo.codebuild.script import Line
from ecrtui.demo.codebuild.state import BuildRecord, builds_of
from ecrtui.demo.operations import LOGS, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import decode, encode, offset_page

_PREFIX = "/aws/codebuild/"
_PAGE_EVENTS = 10_000
_PAGE_BYTES = 1_048_576
_EVENT_OVERHEAD = 26


@LOGS("DescribeLogGroups")
def describe_log_groups(call: Call) -> Answer:
    prefix, pattern = call.get("logGroupNamePrefix", ""), call.get("logGroupNamePattern", "")
    names = [
        name
        for name in sorted(_PREFIX + project for project in call.region.projects)
        if name.startswith(prefix) and pattern.lower() in name.lower() and _streams(call, name)
    ]
    page, token = offset_page(names, "groups", call.get("nextToken"), call.get("limit", 50), LOGS.invalid)
    return _paged("logGroups", [_group(call, name) for name in page], token)


def _group(call: Call, name: str) -> Json:
    streams = _streams(call, name)
    arn = f"arn:aws:logs:{call.region.name}:{call.account.id}:log-group:{name}"
    return {
        "logGroupName": name,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "creationTime": _ms(min(each.plan.started_at for each in streams)),
        "metricFilterCount": 0,
        "storedBytes": 40_000 * len(streams),
        "logGroupClass": "STANDARD",
    }


def _paged(name: str, items: list[Json], token: str | None) -> Json:
    answer: Json = {name: items}
    return {**answer, "nextToken": token} if token else answer


@LOGS("DescribeLogStreams")
def describe_log_streams(call: Call) -> Answer:
    group = _group_name(call)
    streams = [each for each in _streams(call, group) if each.plan.uuid.startswith(call.get("logStreamNamePrefix", ""))]
    if call.get("orderBy", "LogStreamName") == "LastEventTime":
        streams.sort(key=lambda each: (each.plan.started_at, each.plan.uuid))
    else:
        streams.sort(key=lambda each: each.plan.uuid)
    if call.get("descending"):
        streams.reverse()
    page, token = offset_page(streams, f"streams {group}", call.get("nextToken"), call.get("limit", 50), LOGS.invalid)
    return _paged("logStreams", [_stream_of(call, group, each) for each in page], token)


def _stream_of(call: Call, group: str, record: BuildRecord) -> Json:
    created = _ms(record.plan.started_at + record.script.log_start)
    arn = f"arn:aws:logs:{call.region.name}:{call.account.id}:log-group:{group}"
    stream: Json = {
        "logStreamName": record.plan.uuid,
        "creationTime": created,
        "uploadSequenceToken": "0",
        "arn": f"{arn}:log-stream:{record.plan.uuid}",
        "storedBytes": 0,
    }
    if events := _events(record, call.now):
        stream["firstEventTimestamp"] = events[0]["timestamp"]
        stream["lastEventTimestamp"] = stream["lastIngestionTime"] = events[-1]["timestamp"]
    return stream


@LOGS("GetLogEvents")
def get_log_events(call: Call) -> Answer:
    """A page of events; the token of a direction never is absent, and comes back itself at the end."""
    record = _stream(call)
    events = _between(call, _events(record, call.now))
    scope = f"events {record.plan.uuid}"
    start, end = _window(call, scope, events)
    return {
        "events": events[start:end],
        "nextForwardToken": "f/" + encode(scope, str(end)),
        "nextBackwardToken": "b/" + encode(scope, str(start)),
    }


def _window(call: Call, scope: str, events: list[Json]) -> tuple[int, int]:
    limit = call.get("limit", _PAGE_EVENTS)
    token = call.get("nextToken")
    if token is None:
        return (0, _forward(events, 0, limit)) if call.get("startFromHead") else (_backward(events, limit), len(events))
    direction, _, rest = token.partition("/")
    key = decode(scope, rest, LOGS.invalid)
    if direction not in ("f", "b") or not key.isdecimal():
        raise ServiceError(LOGS.invalid, "The specified nextToken is invalid.")
    position = min(int(key), len(events))
    if direction == "f":
        return position, _forward(events, position, limit)
    return _backward(events[:position], limit), position


def _forward(events: list[Json], start: int, limit: int) -> int:
    """Where a page that begins at `start` ends: at most `limit` events and one MiB."""
    size = 0
    for position in range(start, min(len(events), start + limit)):
        size += len(events[position]["message"].encode()) + _EVENT_OVERHEAD
        if size > _PAGE_BYTES:
            return max(position, start + 1)
    return min(len(events), start + limit)


def _backward(events: list[Json], limit: int) -> int:
    start = max(0, len(events) - limit)
    while _forward(events, start, limit) < len(events):
        start += 1
    return start


def _between(call: Call, events: list[Json]) -> list[Json]:
    start, end = call.get("startTime", 0), call.get("endTime")
    return [each for each in events if start <= each["timestamp"] and (end is None or each["timestamp"] < end)]


@LOGS("FilterLogEvents")
def filter_log_events(call: Call) -> Answer:
    group = _group_name(call)
    names, prefix = call.get("logStreamNames"), call.get("logStreamNamePrefix", "")
    streams = [
        each
        for each in _streams(call, group)
        if (names is None or each.plan.uuid in names) and each.plan.uuid.startswith(prefix)
    ]
    found = [
        {**event, "logStreamName": record.plan.uuid, "eventId": f"{event['timestamp']:016d}{position:08d}"}
        for record in streams
        for position, event in enumerate(_between(call, _events(record, call.now)))
        if _matches(call.get("filterPattern", ""), event["message"])
    ]
    found.sort(key=lambda each: (each["timestamp"], each["eventId"]))
    page, token = offset_page(
        found, f"filter {group}", call.get("nextToken"), call.get("limit", _PAGE_EVENTS), LOGS.invalid
    )
    return {**_paged("events", list(page), token), "searchedLogStreams": []}


def _matches(pattern: str, message: str) -> bool:
    """Whether a message holds every term of a plain filter pattern."""
    terms = [quoted or word for quoted, word in re.findall(r'"([^"]*)"|(\S+)', pattern)]
    return all(term in message for term in terms)


def _group_name(call: Call) -> str:
    name = call.get("logGroupName")
    if name is None:
        identifier = call.get("logGroupIdentifier")
        if identifier is None:
            raise ServiceError(LOGS.invalid, "logGroupName or logGroupIdentifier must be given")
        name = identifier.rpartition("log-group:")[2].removesuffix(":*")
    if not _streams(call, name):
        raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    return str(name)


def _streams(call: Call, group: str) -> list[BuildRecord]:
    """The builds of a group that have a log stream by now, oldest first."""
    if not group.startswith(_PREFIX):
        return []
    records = builds_of(call.region, group.removeprefix(_PREFIX))
    return [each for each in reversed(records) if call.now >= each.plan.started_at + each.script.log_start]


def _stream(call: Call) -> BuildRecord:
    group = _group_name(call)
    for record in _streams(call, group):
        if record.plan.uuid == call.params["logStreamName"]:
            return record
    raise ServiceError("ResourceNotFoundException", "The specified log stream does not exist.")


def _events(record: BuildRecord, now: float) -> list[Json]:
    """The events of a build that are there by now."""
    started = record.plan.started_at
    lines = record.script.lines
    shown = bisect_right(lines, min(now, record.ends_at), key=lambda line: started + line.at)
    return [_event(record.plan, line) for line in lines[:shown]]


def _event(plan: Plan, line: Line) -> Json:
    at = plan.started_at + line.at
    text = line.text
    if line.agent:
        text = datetime.fromtimestamp(at, UTC).strftime("[Container] %Y/%m/%d %H:%M:%S.%f ") + text
    return {"timestamp": _ms(at), "message": text + "\n", "ingestionTime": _ms(at) + 40}


def _ms(at: float) -> int:
    return int(at * 1000)
