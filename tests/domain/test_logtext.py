"""Lines of build logs: prefixes, escapes, line ends, CodeBuild's own lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.logtext import parse, phase_end, phase_entered, running_command, split_event, split_log

STREAM = "0f6c1d2e-7a34-4d9b-9d53-1b2c3d4e5f60"
NOON = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("line", "text", "at"),
    [
        ("5f70bf18a086: Pushed", "5f70bf18a086: Pushed", None),
        ("5f70bf18a086: Pushed\r\n", "5f70bf18a086: Pushed", None),
        ("2026-05-04T12:00:00.250Z 5f70bf18a086: Pushed", "5f70bf18a086: Pushed", NOON),
        ("2026-05-04T21:00:00.250+09:00\tname unknown", "name unknown", NOON),
        (f"2026-05-04T12:00:00.250000+00:00 {STREAM} x: y", "x: y", NOON),
        (f"2026-05-04T12:00:00.250000+00:00 builds/{STREAM} #1 DONE 0.1s", "#1 DONE 0.1s", NOON),
        ("[2026-05-04 12:00:00.250] EOF", "EOF", NOON),
        ("1777896000250 EOF", "EOF", NOON),
        ("EVENTS\t1777896000250\tEOF\t1777896000250", "EOF", NOON),
        ("\x1b[32m5f70bf18a086\x1b[0m: Pushed", "5f70bf18a086: Pushed", None),
        ("5f70bf18a086: Pushing [=>]\r5f70bf18a086: Pushed", "5f70bf18a086: Pushed", None),
        ("\x1b]0;a title\x07EOF", "EOF", None),
        ("\x1bP payload \x1b\\EOF", "EOF", None),
        ("before \x1b]52;c;never ended", "before ", None),
        ("2026-99-99T99:99:99Z EOF", "EOF", None),
    ],
)
def test_what_a_parser_reads(line: str, text: str, at: float | None) -> None:
    parsed = parse(line)
    assert (parsed.text, parsed.at, parsed.agent) == (text, at, None)


def test_codebuilds_own_lines() -> None:
    line = "2026-05-04T12:00:01Z [Container] 2026/05/04 12:00:00.250000 Running command docker push $URI:$TAG"
    parsed = parse(line)
    assert parsed.at == NOON, "CodeBuild's own time is nearer to the event than the collector's"
    assert parsed.agent is not None
    assert running_command(parsed.agent) == "docker push $URI:$TAG"
    assert running_command("Entering phase BUILD") is None
    assert phase_entered("Entering phase BUILD") == "BUILD"
    assert phase_end("Phase complete: BUILD State: FAILED_WITH_ABORT") == ("BUILD", "FAILED_WITH_ABORT")
    assert phase_end("Phase complete: BUILD Success: true") == ("BUILD", "SUCCEEDED")
    assert phase_end("Phase complete: BUILD Success: false") == ("BUILD", "FAILED")


def test_a_command_may_print_what_looks_like_an_agents_line_of_no_real_time() -> None:
    assert parse("[Container] yesterday Phase complete: BUILD State: FAILED").agent is None


def test_an_event_of_several_lines() -> None:
    assert split_event("a\r\nb\n\nc\n") == ["a", "b", "", "c"]
    assert split_event("one\u2028line\x85still\x0bone") == ["one\u2028line\x85still\x0bone"]
    assert split_event("") == [""]


def test_a_saved_answer_of_get_log_events() -> None:
    events = [{"timestamp": 1, "message": "a\nb\n"}, {"message": 7}, {"message": "c"}]
    assert split_log(json.dumps({"events": events})) == ["a", "b", "c"]
    assert split_log(json.dumps(events)) == ["a", "b", "c"]
    assert split_log("[Container] not JSON\nx") == ["[Container] not JSON", "x"]
    assert split_log("\ufeffa\r\nb") == ["a", "b"]
    assert split_log("[" * 100_000) == ["[" * 100_000]
    assert split_log('["a", "b\\n"]') == ["a", "b"]
    assert split_log('{"events": []}') == ['{"events": []}']


def test_events_one_a_line_and_the_consoles_download() -> None:
    watched = [{"event": "phase", "phase": "BUILD"}, {"event": "log", "line": "a"}, {"message": "b\nc\n"}]
    assert split_log("\n".join(map(json.dumps, watched)) + "\n{broken") == ["a", "b", "c"]
    assert split_log('timestamp,message\n1,"a ""b""\n"\n2,"c\nd"\n') == ['a "b"', "c", "d"]


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_no_control_character_passes(line: str) -> None:
    assert not any((character < " " and character != "\t") or character == "\x1b" for character in parse(line).text)
