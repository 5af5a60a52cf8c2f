"""Pushes read from build logs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.pushlog import Layer, LayerState, Push, PushLog, PushState

LOGS = Path(__file__).parent.parent / "fixtures" / "codebuild-logs"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
WEB = f"{REGISTRY}/pet-web"
API = f"{REGISTRY}/team/pet-api"
DIGEST = "sha256:7d1f3c5a9b2e4d608c7a1b3e5f70926489acbd1357e9f2046813579bdf02468a"
OTHER = "sha256:" + "ab" * 32
A, B, C = "aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"


def lines_of(name: str) -> list[str]:
    return (LOGS / name).read_text().split("\n")


def pushes(*lines: str) -> tuple[Push, ...]:
    log = PushLog()
    log.feed_lines(lines)
    return log.pushes


def header(repository: str) -> str:
    return f"The push refers to repository [{repository}]"


def result(tag: str, digest: str = DIGEST) -> str:
    return f"{tag}: digest: {digest} size: 1786"


def facts(found: Sequence[Push]) -> list[tuple[str, str | None, str | None, PushState, int, int]]:
    return [(p.name, p.tag, p.digest, p.state, p.done, p.total) for p in found]


def states(push: Push) -> dict[str, LayerState]:
    return {layer.id: layer.state for layer in push.layers}


def test_classic_log_of_two_tags() -> None:
    first, second = pushes(*lines_of("01-push-ok-classic.log"))
    assert (first.repository, first.name, first.kind) == (WEB, "pet-web", "classic")
    assert facts([first, second]) == [
        ("pet-web", "main-abc1234", DIGEST, PushState.DONE, 7, 7),
        ("pet-web", "latest", DIGEST, PushState.DONE, 7, 7),
    ]
    assert states(first)["c3a58e0b9f17"] is LayerState.PUSHED
    assert states(second)["c3a58e0b9f17"] is LayerState.THERE
    assert first.started is not None
    assert first.finished is not None
    assert round(first.finished - first.started) == 14


def test_buildx_log_has_two_steps() -> None:
    (push,) = pushes(*lines_of("02-push-ok-buildx.log"))
    assert (push.repository, push.kind) == (WEB, "buildx")
    assert facts([push]) == [("pet-web", "main-abc1234", DIGEST, PushState.DONE, 2, 2)]


@pytest.mark.parametrize("name", sorted(path.name for path in LOGS.glob("*.log")))
def test_reading_again_changes_nothing(name: str) -> None:
    lines = lines_of(name)
    once = PushLog()
    once.feed_lines(lines)
    for again in (lines + lines, [line for line in lines for _ in range(2)], lines + lines[-40:]):
        log = PushLog()
        log.feed_lines(again)
        assert log.pushes == once.pushes
        assert [(mark.kind, mark.status) for mark in log.phases] == [(mark.kind, mark.status) for mark in once.phases]
    version = once.version
    once.feed_lines(lines[-60:])
    assert facts(once.pushes) == facts(log.pushes)
    assert once.version >= version


@pytest.mark.parametrize(
    "dress",
    [
        lambda line: f"2026-05-04T09:12:31.265Z {line}\r\n",
        lambda line: f"2026-05-04T09:12:31.265000+00:00 0f6c1d2e-7a34-4d9b-9d53-1b2c3d4e5f60 {line}",
        lambda line: f"\x1b[36m{line[:5]}\x1b[0m{line[5:]}\x1b[K",
        lambda line: f"an older state\r{line}",
    ],
    ids=["cloudwatch", "tail", "colours", "overwritten"],
)
@pytest.mark.parametrize("name", ["01-push-ok-classic.log", "02-push-ok-buildx.log"])
def test_what_stands_around_a_line_does_not_matter(name: str, dress: object) -> None:
    assert callable(dress)
    plain = pushes(*lines_of(name))
    dressed = pushes(*(dress(line) for line in lines_of(name)))
    assert facts(dressed) == facts(plain)


def test_phases_of_the_log() -> None:
    log = PushLog()
    log.feed_lines(lines_of("07-push-denied.log"))
    assert [(mark.kind, mark.status) for mark in log.phases] == [
        ("DOWNLOAD_SOURCE", "SUCCEEDED"),
        ("INSTALL", "SUCCEEDED"),
        ("PRE_BUILD", "SUCCEEDED"),
        ("BUILD", "SUCCEEDED"),
        ("POST_BUILD", "FAILED"),
        ("UPLOAD_ARTIFACTS", "SUCCEEDED"),
    ]
    build = log.phases[3]
    assert build.entered is not None
    assert build.left is not None
    assert round(build.left - build.entered) == 12


def test_every_state_of_a_layer() -> None:
    ids = [f"{number:012x}" for number in range(8)]
    log = PushLog()
    log.feed(header(WEB))
    log.feed_lines(f"{one}: Preparing" for one in ids)
    says = [
        "Waiting",
        "Pushing [=====>    ]  3.2MB/9MB",
        "Pushed",
        "Layer already exists",
        "Mounted from team/base",
        "Retrying in 5 seconds",
        "Unavailable",
        "Skipped foreign layer",
    ]
    log.feed_lines(f"{one}: {text}  " for one, text in zip(ids, says, strict=True))
    (push,) = log.pushes
    assert [layer.state.value for layer in push.layers] == [
        "waiting",
        "pushing",
        "pushed",
        "already-there",
        "mounted",
        "retrying",
        "unavailable",
        "skipped",
    ]
    assert push.layers[4].mounted_from == "team/base"
    assert (push.layers[5].retries, push.layers[5].retry_seconds) == (1, 5)
    assert (push.done, push.total, push.state) == (4, 8, PushState.RUNNING)


def test_containerd_store_waits_endlessly_and_never_goes_back() -> None:
    waiting = [f"{A}: Waiting", f"{B}: Waiting"] * 50
    (push,) = pushes(header(WEB), *waiting, f"{A}: Pushing", *waiting, f"{A}: Pushed", f"{B}: Already exists", *waiting)
    assert facts([push]) == [("pet-web", None, None, PushState.RUNNING, 2, 2)]


def test_retries_are_counted_by_countdown() -> None:
    def countdown(seconds: int) -> list[str]:
        return [f"{A}: Retrying in {left} second{'s' if left > 1 else ''}" for left in range(seconds, 0, -1)]

    (push,) = pushes(header(WEB), f"{A}: Preparing", *countdown(5), *countdown(10), f"{A}: Preparing", *countdown(3))
    assert push.layers == (Layer(A, LayerState.RETRYING, retries=3, retry_seconds=1),)
    (push,) = pushes(header(WEB), f"{A}: Preparing", *countdown(5), f"{A}: Pushed")
    assert push.layers == (Layer(A, LayerState.PUSHED, retries=1),)


def test_all_tags_under_one_header() -> None:
    found = pushes(
        header(WEB),
        f"{A}: Preparing",
        f"{A}: Pushed",
        result("v1"),
        f"{A}: Preparing",
        f"{B}: Preparing",
        f"{A}: Layer already exists",
        f"{B}: Pushed",
        result("v2", OTHER),
        result("latest", OTHER),
    )
    assert facts(found) == [
        ("pet-web", "v1", DIGEST, PushState.DONE, 1, 1),
        ("pet-web", "v2", OTHER, PushState.DONE, 2, 2),
        ("pet-web", "latest", OTHER, PushState.DONE, 2, 2),
    ]


def test_concurrent_pushes_to_two_repositories() -> None:
    found = pushes(
        header(WEB),
        f"{A}: Preparing",
        f"{B}: Preparing",
        header(API),
        f"{B}: Preparing",
        f"{C}: Preparing",
        f"{C}: Waiting",
        f"{A}: Pushed",
        f"{B}: Pushed",
        f"{C}: Pushed",
        f"{B}: Mounted from pet-web",
        result("api", OTHER),
        result("web"),
    )
    assert {(p.name, p.done, p.total) for p in found} == {("pet-web", 2, 2), ("team/pet-api", 2, 2)}
    assert {p.tag for p in found} == {"api", "web"}
    assert all(p.state is PushState.DONE for p in found)


def test_concurrent_pushes_end_by_the_tags_of_their_commands() -> None:
    found = pushes(
        f"+ docker push {WEB}:w",
        f"+ docker push {API}:a",
        header(WEB),
        f"{A}: Preparing",
        header(API),
        f"{C}: Preparing",
        f"{C}: Pushed",
        f"{A}: Pushed",
        result("a", OTHER),
        result("w"),
    )
    assert [(p.name, p.tag, p.digest) for p in found] == [
        ("pet-web", "w", DIGEST),
        ("team/pet-api", "a", OTHER),
    ]


def test_a_push_whose_command_ends_without_digest_has_failed() -> None:
    ended = "[Container] 2026/05/04 09:12:48.509260 Running command echo done"
    (push,) = pushes(header(WEB), f"{A}: Preparing", "denied: User: x is not authorized")
    assert push.state is PushState.FAILED
    (push,) = pushes(header(WEB), f"{A}: Preparing", ended)
    assert push.state is PushState.FAILED


def test_a_push_behind_other_commands_goes_on() -> None:
    (push,) = pushes(
        header(WEB),
        f"{A}: Preparing",
        "[Container] 2026/05/04 09:12:48.509260 Running command wait",
        f"{A}: Pushed",
        result("v1"),
    )
    assert facts([push]) == [("pet-web", "v1", DIGEST, PushState.DONE, 1, 1)]


def test_a_failed_push_before_another_in_one_script() -> None:
    found = pushes(
        header(WEB),
        f"{A}: Preparing",
        f"{A}: Layer already exists",
        "tag invalid: The image tag 'v1' already exists in the 'pet-web' repository",
        header(API),
        f"{A}: Preparing",
        f"{A}: Layer already exists",
        result("v1"),
    )
    assert facts(found) == [
        ("pet-web", "v1", None, PushState.FAILED, 1, 1),
        ("team/pet-api", "v1", DIGEST, PushState.DONE, 1, 1),
    ]


def test_a_pull_is_no_push() -> None:
    assert pushes(f"{A}: Pulling fs layer", f"{A}: Waiting", f"{A}: Already exists", f"Digest: {DIGEST}") == ()
    (push,) = pushes(
        header(WEB), f"{A}: Preparing", f"{A}: Pushed", result("v1"), f"{B}: Waiting", f"{B}: Already exists"
    )
    assert push.total == 1


def test_buildx_interrupted_with_tags_and_platforms() -> None:
    found = pushes(
        '#0 building with "builder" instance using docker-container driver',
        "#9 exporting to image",
        f"#9 exporting manifest {OTHER} 0.0s done",
        f"#9 exporting manifest list {DIGEST} 0.0s done",
        "#9 12.34 pushing layers",
        "#9 ...",
        "#11 [auth] sharing credentials",
        "#11 DONE 0.0s",
        "#9 pushing layers 11.6s done",
        f"#9 pushing manifest for {WEB}:v1@{DIGEST}",
        f"#9 pushing manifest for {WEB}:v1@{DIGEST} 0.9s done",
        "#9 pushing layers 0.3s done",
        f"#9 pushing manifest for {WEB}:latest@{DIGEST} 450ms done",
        f"#9 pushing manifest for {API}@{OTHER}",
        "#9 DONE 14.5s",
    )
    assert facts(found) == [
        ("pet-web", "v1", DIGEST, PushState.DONE, 2, 2),
        ("pet-web", "latest", DIGEST, PushState.DONE, 2, 2),
        ("team/pet-api", None, OTHER, PushState.DONE, 2, 2),
    ]


def test_buildx_while_it_pushes() -> None:
    log = PushLog()
    log.feed("#9 pushing layers")
    (push,) = log.pushes
    assert (push.repository, push.state, push.done, push.total) == ("", PushState.RUNNING, 0, 2)
    log.feed(f"#9 pushing manifest for {WEB}:v1@{DIGEST}")
    (push,) = log.pushes
    assert (push.repository, push.tag, push.digest, push.done) == (WEB, "v1", DIGEST, 1)
    assert push.state is PushState.RUNNING


def test_buildx_bake_pushes_in_several_vertices_and_runs() -> None:
    one = [
        '#0 building with "builder" instance',
        "#7 [web] pushing is not a push",
        "#7 pushing layers",
        "#8 pushing layers",
        f"#8 pushing manifest for {API}:v1@{OTHER} 0.1s done",
        f"#7 pushing manifest for {WEB}:v1@{DIGEST} 0.1s done",
    ]
    other = [line.replace(":v1", ":v2") for line in one]
    assert [(p.name, p.tag, p.digest) for p in pushes(*one, *other)] == [
        ("pet-web", "v1", DIGEST),
        ("team/pet-api", "v1", OTHER),
        ("pet-web", "v2", DIGEST),
        ("team/pet-api", "v2", OTHER),
    ]


def test_buildx_refused() -> None:
    (push,) = pushes("#9 pushing layers", f"#9 ERROR: failed to push {WEB}:v1: denied: User: x")
    assert facts([push]) == [("pet-web", "v1", None, PushState.FAILED, 0, 2)]


def test_buildx_calls_a_manifest_done_that_the_registry_refused() -> None:
    lines = [
        "#9 pushing layers 0.2s done",
        f"#9 pushing manifest for {WEB}:v1@{DIGEST} 0.1s done",
        f"#9 pushing manifest for {WEB}:v2@{DIGEST} 0.1s done",
        f"#9 ERROR: failed to push {WEB}:v2: unexpected status from PUT request to x: 400 Bad Request",
    ]
    for again in (lines, lines + lines):
        assert [(push.tag, push.state) for push in pushes(*again)] == [("v1", PushState.DONE), ("v2", PushState.FAILED)]


def test_buildx_with_dockers_own_driver_and_imagetools() -> None:
    (push,) = pushes(
        f"#12 pushing {WEB}:v1 with docker",
        f"#12 pushing layer {A}",
        f"#12 pushing layer {A} 1.2MB / 9MB 0.2s",
        f"#12 pushing layer {B} 0.2s done",
        f"#12 pushing layer {A} 1.1s done",
        "#12 DONE 1.3s",
    )
    assert facts([push]) == [("pet-web", "v1", None, PushState.DONE, 2, 2)]
    (push,) = pushes(f"#1 0.000 pushing {DIGEST} to {WEB}:prod", "#1 DONE 0.4s")
    assert facts([push]) == [("pet-web", "prod", DIGEST, PushState.DONE, 2, 2)]


def test_kaniko_crane_and_quiet_docker() -> None:
    (push,) = pushes(f"INFO[0045] Pushing image to {WEB}:v1", f"INFO[0048] Pushed {WEB}@{DIGEST}")
    assert facts([push]) == [("pet-web", "v1", DIGEST, PushState.DONE, 0, 0)]
    (push,) = pushes(result(f"{WEB}:v1"))
    assert facts([push]) == [("pet-web", "v1", DIGEST, PushState.DONE, 0, 0)]
    quiet = f"[Container] 2026/05/04 09:12:48.509260 Running command docker push -q {WEB}:$TAG"
    (push,) = pushes(quiet, f"{WEB}:v1")
    assert facts([push]) == [("pet-web", "v1", None, PushState.DONE, 0, 0)]
    assert pushes(f"{WEB}:v1") == ()


COPIED = [
    "Getting image source signatures",
    f"Copying blob {A} done   | ",
    f"Copying blob {B} skipped: already exists  ",
    "Copying blob sha256:" + "c" * 64,
    "Copying config sha256:" + "d" * 64,
    "Writing manifest to image destination",
    "Storing signatures",
]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"podman push {WEB}:v1", [("pet-web", "v1")]),
        (f"sudo /usr/bin/buildah --log-level debug push --all img docker://{WEB}:v1", [("pet-web", "v1")]),
        (f"skopeo copy docker-archive:x.tar docker://{WEB}:v1", [("pet-web", "v1")]),
        ("podman push $URI:$TAG && echo pushed", [("", None)]),
        (f"podman pull {WEB}:v1", []),
        (f"skopeo copy docker://{WEB}:v1 dir:/tmp/x", []),
    ],
)
def test_podman_says_neither_tag_nor_digest(command: str, expected: list[tuple[str, str | None]]) -> None:
    lines = [f"[Container] 2026/05/04 09:12:48.509260 Running command {command}", *COPIED]
    for again in (lines, lines + lines):
        assert [(push.name, push.tag) for push in pushes(*again)] == expected
        assert all((p.state, p.done, p.total, p.digest) == (PushState.DONE, 3, 3, None) for p in pushes(*again))


def test_podman_in_a_loop_and_refused() -> None:
    start = "[Container] 2026/05/04 09:12:48.509260 Running command"
    loop = [f"{start} for tag in $TAGS; do podman push $URI:$tag; done", *COPIED, *COPIED]
    assert [push.state for push in pushes(*loop)] == [PushState.DONE, PushState.DONE]
    traced = [f"{start} ./push.sh", f"+ podman push {WEB}:v1", *COPIED[:3], "Error: writing blob: denied: x"]
    (push,) = pushes(*traced, "[Container] 2026/05/04 09:12:49.509260 Command did not exit successfully ./push.sh")
    assert facts([push]) == [("pet-web", "v1", None, PushState.FAILED, 2, 2)]


def test_a_tail_without_its_header_still_proves_a_push() -> None:
    assert facts(pushes(result("v1"), result("v1"))) == [("", "v1", DIGEST, PushState.DONE, 0, 0)]


def test_a_tag_of_twelve_characters_is_no_layer() -> None:
    (push,) = pushes(header(WEB), f"{A}: Preparing", f"{A}: Pushed", result("abcdef123456"))
    assert push.tag == "abcdef123456"


def test_a_hostile_log_is_bounded_and_says_so() -> None:
    log = PushLog()
    log.feed_lines(line for number in range(1_500) for line in (header(f"r/{number}"), f"{A}: Preparing"))
    assert log.overflowed
    assert len(log.pushes) == 1_000
    log = PushLog()
    log.feed_lines([header(WEB), *(f"{number:012x}: Preparing" for number in range(2_000))])
    assert log.overflowed
    assert log.pushes[0].total == 1_000


_SOME_LINES = [
    line for path in sorted(LOGS.glob("0[12]*.log")) for line in path.read_text().split("\n") if line.strip()
] + [
    header(API),
    f"{A}: Retrying in 5 seconds",
    f"{A}: Retrying in 4 seconds",
    "EOF",
    "#9 ERROR: x",
    "\x1b[2J",
]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(_SOME_LINES), max_size=60), st.integers(0, 60))
def test_any_lines_in_any_pieces(lines: list[str], cut: int) -> None:
    log = PushLog()
    log.feed_lines(lines[:cut])
    middle = log.pushes
    log.feed_lines(lines[cut:])
    whole = PushLog()
    whole.feed_lines(lines)
    assert log.pushes == whole.pushes
    assert len(middle) <= len(log.pushes) + 1
    for push in log.pushes:
        assert 0 <= push.done <= push.total
        assert (push.state is PushState.DONE) >= (push.finished is not None and push.digest is not None)


@settings(max_examples=50, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_the_order_of_layer_lines_within_a_push_does_not_matter(shuffle: random.Random, count: int) -> None:
    ids = [f"{number:012x}" for number in range(count)]
    says = [f"{one}: {word}" for one in ids for word in ("Waiting", "Waiting", "Pushing", "Pushed")]
    shuffle.shuffle(says)
    (push,) = pushes(header(WEB), *(f"{one}: Preparing" for one in ids), *says, result("v1"))
    assert facts([push]) == [("pet-web", "v1", DIGEST, PushState.DONE, count, count)]
