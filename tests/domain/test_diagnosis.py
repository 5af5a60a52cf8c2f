"""Causes and remedies of failed builds, from their logs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.build import Build, Phase, PhaseContext
from ecrtui.domain.diagnosis import Cause, Examination, Outcome, answer, diagnose
from ecrtui.domain.errors import AppError, ErrorKind

LOGS = Path(__file__).parent.parent / "fixtures" / "codebuild-logs"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
HEADER = f"The push refers to repository [{REGISTRY}/pet-web]"
DIGEST = "sha256:7d1f3c5a9b2e4d608c7a1b3e5f70926489acbd1357e9f2046813579bdf02468a"
RESULT = f"main-abc1234: digest: {DIGEST} size: 1786"
PUSH = "docker push $REPOSITORY_URI:$IMAGE_TAG"


def agent(text: str) -> str:
    return f"[Container] 2026/05/04 09:12:47.509260 {text}"


def run(command: str, *output: str) -> list[str]:
    return [agent(f"Running command {command}"), *output, ""]


def fail(command: str, *output: str) -> list[str]:
    return [*run(command, *output), agent(f"Command did not exit successfully {command} exit status 1")]


def phase(kind: str, *commands: list[str], status: str | None = None, context: str = "") -> list[str]:
    lines = [line for command in commands for line in command]
    failed = any("did not exit" in line for line in lines)
    status = status or ("FAILED" if failed else "SUCCEEDED")
    context = context or (" Message: " if status == "SUCCEEDED" else "COMMAND_EXECUTION_ERROR Message: x")
    return [
        agent(f"Entering phase {kind}"),
        *lines,
        agent(f"Phase complete: {kind} State: {status}"),
        agent(f"Phase context status code: {context}"),
    ]


END = phase("UPLOAD_ARTIFACTS")


@pytest.mark.parametrize(
    ("name", "cause", "words"),
    [
        (
            "03-login-access-denied.log",
            "login-denied",
            ["ecr:GetAuthorizationToken", "codebuild-pet-web-service-role"],
        ),
        ("05-repository-missing.log", "repository-missing", ["pet-web", "us-east-1", "123456789012"]),
        (
            "07-push-denied.log",
            "push-denied",
            ["ecr:InitiateLayerUpload", "repository/pet-web", "codebuild-pet-web"],
        ),
        ("08-immutable-tag.log", "tag-immutable", ["main-abc1234", "pet-web"]),
    ],
)
def test_the_failed_sample_logs(name: str, cause: str, words: list[str]) -> None:
    lines = (LOGS / name).read_text().split("\n")
    found = answer(lines)
    assert (found["outcome"], found["cause"]) == ("failed", cause)
    assert isinstance(found["line_number"], int)
    assert found["line"] == lines[found["line_number"] - 1]
    assert all(word in str(found["remedy"]) for word in words)


@pytest.mark.parametrize("name", ["01-push-ok-classic.log", "02-push-ok-buildx.log"])
def test_the_good_sample_logs(name: str) -> None:
    lines = (LOGS / name).read_text().split("\n")
    found = answer(lines)
    assert (found["outcome"], found["cause"], found["line"], found["remedy"]) == ("pushed", None, None, None)
    pushes = found["pushes"]
    assert isinstance(pushes, list)
    assert pushes[0]["repository"] == f"{REGISTRY}/pet-web"
    assert (pushes[0]["name"], pushes[0]["tag"], pushes[0]["digest"]) == ("pet-web", "main-abc1234", DIGEST)
    assert pushes[0]["layers"]["done"] == pushes[0]["layers"]["total"]


DENIED = (
    "denied: User: arn:aws:sts::123456789012:assumed-role/builder/build is not authorized to perform: "
    "ecr:PutImage on resource: arn:aws:ecr:us-east-1:123456789012:repository/pet-web because "
)


@pytest.mark.parametrize(
    ("cause", "output", "quoted", "word"),
    [
        ("not-logged-in", [HEADER, "no basic auth credentials"], -1, f"--password-stdin {REGISTRY}"),
        (
            "not-logged-in",
            [HEADER, "denied: Your authorization token has expired. Reauthenticate and try again."],
            -1,
            "12 hours",
        ),
        (
            "repository-missing",
            [HEADER, "name unknown: The repository with name 'a/b' does not exist"],
            -1,
            "a/b",
        ),
        ("push-denied", [HEADER, DENIED + "no identity-based policy allows the action"], -1, "role builder"),
        ("push-denied", [HEADER, DENIED + "no resource-based policy allows it"], -1, "repository policy"),
        ("push-denied", [HEADER, DENIED + "of an explicit deny in a policy"], -1, "explicit deny"),
        (
            "push-denied",
            [f"#9 ERROR: failed to push {REGISTRY}/pet-web:v1: 403 Forbidden"],
            -1,
            "pet-web",
        ),
        (
            "push-denied",
            [
                "The push refers to repository [docker.io/library/pet-web]",
                "denied: requested access to the resource is denied",
            ],
            -1,
            "docker.io/library/pet-web",
        ),
        (
            "retrying-eof",
            [
                HEADER,
                "5f70bf18a086: Preparing",
                "5f70bf18a086: Retrying in 5 seconds",
                "5f70bf18a086: Retrying in 1 second",
                "EOF",
            ],
            -1,
            "pet-web",
        ),
        (
            "retrying-eof",
            [f'ERROR: failed to do request: Put "https://{REGISTRY}/v2/pet-web/blobs/uploads/": EOF'],
            -1,
            "pet-web",
        ),
        (
            "tag-immutable",
            [
                HEADER,
                "tag invalid: The image tag 'v1' already exists in the 'pet-web' repository and "
                "cannot be overwritten because the tag is immutable.",
            ],
            -1,
            "v1",
        ),
        ("rate-limited", ["toomanyrequests: Rate exceeded"], -1, "public.ecr.aws"),
        (
            "rate-limited",
            ["toomanyrequests: You have reached your unauthenticated pull rate limit."],
            -1,
            "Docker Hub",
        ),
        (
            "rate-limited",
            ["ERROR: failed to solve: unexpected status: 429 Too Many Requests"],
            -1,
            "Docker Hub",
        ),
        (
            "no-docker-daemon",
            ["Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?"],
            -1,
            "privileged",
        ),
        (
            "no-docker-daemon",
            ["failed to connect to the docker API at unix:///x.sock; check if the daemon is running"],
            -1,
            "privileged",
        ),
        (
            "no-space",
            ["#8 4.812 write /app/x: no space left on device", "ERROR: failed to solve"],
            0,
            "larger",
        ),
        (
            "wrong-architecture",
            ["#8 0.3 exec /bin/sh: exec format error", "ERROR: failed to solve"],
            0,
            "platform",
        ),
        (
            "bad-reference",
            ['ERROR: invalid tag "/pet-web:": invalid reference format'],
            -1,
            "REPOSITORY_URI",
        ),
        (
            "image-not-built",
            [HEADER, f"An image does not exist locally with the tag: {REGISTRY}/pet-web"],
            -1,
            f"{REGISTRY}/pet-web",
        ),
        ("image-not-built", ["Error response from daemon: No such image: pet-web:v1"], -1, "before the push"),
        ("command-failed", ["step one", "npm ERR! missing script: build", "cleaned up"], 1, PUSH),
        ("command-failed", ["nothing that helps"], 0, PUSH),
    ],
)
def test_causes_in_the_failing_command(cause: str, output: list[str], quoted: int, word: str) -> None:
    lines = [
        *phase("BUILD", run("docker build .", "#1 DONE 0.0s"), fail(PUSH, *output)),
        *phase("POST_BUILD"),
        *END,
    ]
    found = diagnose(None, lines)
    assert (found.outcome, found.cause) == (Outcome.FAILED, cause)
    assert found.line == output[quoted]
    assert found.line_number is not None
    assert lines[found.line_number - 1] == found.line
    assert word in found.remedy


def test_action_and_repository_are_facts_of_their_own() -> None:
    found = diagnose(None, phase("BUILD", fail(PUSH, HEADER, DENIED + "no identity-based policy allows it")))
    assert (found.action, found.repository) == ("ecr:PutImage", "pet-web")


def test_the_first_failing_command_is_the_cause_not_what_follows_from_it() -> None:
    consequence = f"An image does not exist locally with the tag: {REGISTRY}/pet-web"
    build = phase("BUILD", fail("docker build .", "#8 write: no space left on device"))
    after = phase("POST_BUILD", fail(PUSH, HEADER, consequence))
    assert diagnose(None, [*build, *after, *END]).cause is Cause.NO_SPACE
    build = phase("BUILD", fail("docker build .", "ERROR: failed to solve: exit code: 1"))
    found = diagnose(None, [*build, *after, *END])
    assert (found.cause, found.line) == (Cause.COMMAND_FAILED, "ERROR: failed to solve: exit code: 1")
    assert diagnose(None, [*phase("BUILD"), *after, *END]).cause is Cause.IMAGE_NOT_BUILT


def test_a_failure_that_an_earlier_command_hid_is_the_cause_of_its_consequence() -> None:
    denied = "An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: User: x"
    login = phase("PRE_BUILD", run("aws ecr get-login-password | docker login || true", denied))
    found = diagnose(None, [*login, *phase("BUILD", fail(PUSH, HEADER, "no basic auth credentials"))])
    assert (found.cause, found.line) == (Cause.LOGIN_DENIED, denied)
    hidden = phase("BUILD", run("docker build . | tee log", "write: no space left on device"))
    push = phase("POST_BUILD", fail(PUSH, "Error response from daemon: No such image: x"))
    assert diagnose(None, [*hidden, *push]).cause is Cause.NO_SPACE


def test_what_was_retried_is_not_the_cause_when_something_else_is() -> None:
    found = diagnose(
        None,
        phase("BUILD", fail("docker build .", "toomanyrequests: Rate exceeded, retrying", "exec format error")),
    )
    assert found.cause is Cause.WRONG_ARCHITECTURE


def test_a_green_build_has_no_cause() -> None:
    lines = [
        *phase("BUILD", run("docker build .", "WARN toomanyrequests: Rate exceeded: retrying", "done")),
        *phase("POST_BUILD", run(PUSH, HEADER, "5f70bf18a086: Preparing", "5f70bf18a086: Pushed", RESULT)),
        *END,
    ]
    found = diagnose(None, lines)
    assert (found.outcome, found.cause, found.line, found.remedy) == (Outcome.PUSHED, None, None, "")


def test_green_but_nothing_pushed_says_what_was_hidden() -> None:
    quiet = [*phase("BUILD", run("make test", "no space left on device")), *phase("POST_BUILD"), *END]
    assert (diagnose(None, quiet).outcome, diagnose(None, quiet).cause) == (Outcome.NOTHING_PUSHED, None)
    masked = [*phase("POST_BUILD", run(f"{PUSH} || true", HEADER, "no basic auth credentials")), *END]
    found = diagnose(None, masked)
    assert (found.outcome, found.cause) == (Outcome.NOTHING_PUSHED, Cause.NOT_LOGGED_IN)


def test_a_log_without_its_end_is_unfinished() -> None:
    lines = (LOGS / "01-push-ok-classic.log").read_text().split("\n")
    cut = next(number for number, line in enumerate(lines) if line.startswith("The push refers"))
    found = diagnose(None, lines[: cut + 4])
    assert (found.outcome, found.cause) == (Outcome.UNFINISHED, None)
    assert found.pushes[0].total == 3
    assert diagnose(None, []).outcome is Outcome.UNFINISHED


def test_a_phase_that_was_tried_again_and_succeeded() -> None:
    lines = [
        agent("Entering phase BUILD"),
        *fail(PUSH, HEADER, "no basic auth credentials"),
        *run(PUSH, HEADER, "5f70bf18a086: Preparing", "5f70bf18a086: Pushed", RESULT),
        agent("Phase complete: BUILD State: SUCCEEDED"),
        *END,
    ]
    found = diagnose(None, lines)
    assert (found.outcome, found.cause) == (Outcome.PUSHED, None)


def test_a_buildspec_that_cannot_be_read() -> None:
    context = "YAML_FILE_ERROR Message: stat /codebuild/output/src1/src/buildspec.yml: no such file or directory"
    found = diagnose(None, phase("DOWNLOAD_SOURCE", status="FAILED", context=context))
    assert found.cause is Cause.BUILDSPEC_INVALID
    assert found.line is not None
    assert "YAML_FILE_ERROR" in found.line


@pytest.mark.parametrize(("status", "cause"), [("TIMED_OUT", Cause.TIMED_OUT), ("STOPPED", Cause.STOPPED)])
def test_a_build_that_was_ended_from_outside(status: str, cause: Cause) -> None:
    lines = phase("BUILD", run("docker build .", "#8 4.0 waiting"), status=status, context=" Message: ")
    found = diagnose(None, lines)
    assert (found.outcome, found.cause) == (Outcome.FAILED, cause)
    found = diagnose(build(status), run("docker build .", "exec format error"))
    assert (found.outcome, found.cause) == (Outcome.FAILED, cause)
    assert found.line is not None


def build(status: str, *phases: Phase) -> Build:
    return Build("pet-web:1", "pet-web", "us-east-1", status=status, complete=status != "IN_PROGRESS", phases=phases)


def test_phase_contexts_where_there_is_no_log() -> None:
    context = PhaseContext("YAML_FILE_ERROR", "wrong number of container tags, expected 1")
    found = diagnose(build("FAILED", Phase("DOWNLOAD_SOURCE", "FAILED", 1, 2, (context,))), [])
    assert (found.cause, found.line) == (
        Cause.BUILDSPEC_INVALID,
        "YAML_FILE_ERROR: wrong number of container tags, expected 1",
    )
    pull = PhaseContext(
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE", "toomanyrequests: You have reached your pull rate limit"
    )
    assert diagnose(build("FAILED", Phase("PROVISIONING", "FAILED", 1, 2, (pull,))), []).cause is Cause.RATE_LIMITED
    unknown = PhaseContext("INTERNAL_ERROR", "something at AWS")
    found = diagnose(build("FAULT", Phase("PROVISIONING", "FAULT", 1, 2, (unknown,))), [])
    assert (found.cause, found.line) == (Cause.COMMAND_FAILED, "INTERNAL_ERROR: something at AWS")
    assert diagnose(build("FAILED"), []).cause is Cause.COMMAND_FAILED


def test_what_codebuild_says_of_the_build_counts_more_than_a_log_without_end() -> None:
    lines = phase("POST_BUILD", run(PUSH, HEADER, "5f70bf18a086: Preparing", "5f70bf18a086: Pushed", RESULT))[:-2]
    assert diagnose(build("SUCCEEDED"), lines).outcome is Outcome.PUSHED
    assert diagnose(build("SUCCEEDED"), run("echo", "x")).outcome is Outcome.NOTHING_PUSHED
    assert diagnose(build("SUCCEEDED"), []).outcome is Outcome.NO_LOG
    assert diagnose(build("IN_PROGRESS"), lines).outcome is Outcome.UNFINISHED


def test_the_projects_own_repository_is_named_when_the_push_went_elsewhere() -> None:
    lines = phase("BUILD", fail(PUSH, "name unknown: The repository with name 'pet-wbe' does not exist"))
    found = diagnose(build("FAILED"), lines)
    assert "pet-wbe" in found.remedy
    assert "push to pet-web" in found.remedy


def test_dockers_output_alone() -> None:
    good = [HEADER, "5f70bf18a086: Preparing", "5f70bf18a086: Pushed", RESULT]
    assert diagnose(None, good).outcome is Outcome.PUSHED
    assert diagnose(None, good[:2]).outcome is Outcome.UNFINISHED
    found = diagnose(None, [HEADER, "5f70bf18a086: Preparing", "no basic auth credentials"])
    assert (found.outcome, found.cause) == (Outcome.FAILED, Cause.NOT_LOGGED_IN)
    found = diagnose(None, [*good, HEADER, "denied: User x is not authorized to perform: ecr:PutImage on resource: y"])
    assert (found.outcome, found.cause) == (Outcome.FAILED, Cause.PUSH_DENIED)


def test_a_shells_own_eof_is_not_the_registrys() -> None:
    found = diagnose(None, phase("BUILD", fail("sh x.sh", "x.sh: line 3: unexpected EOF")))
    assert found.cause is Cause.COMMAND_FAILED


@pytest.mark.parametrize("lines", [[], ["hello", "world"], ["\x00\x01\x02", "PNG"]])
def test_what_is_no_log_is_refused_with_a_remedy(lines: list[str]) -> None:
    with pytest.raises(AppError) as caught:
        answer(lines)
    assert caught.value.kind is ErrorKind.INVALID
    assert caught.value.remedy


_PIECES = [line for path in sorted(LOGS.glob("*.log")) for line in path.read_text().split("\n")[18:]]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=30), max_size=80))
def test_any_lines_give_an_answer_that_holds_together(lines: list[str]) -> None:
    examination = Examination()
    for line in lines:
        examination.feed(line)
    found = examination.conclude()
    assert (found.cause is None) == (found.line is None) == (not found.remedy)
    assert (found.outcome is Outcome.FAILED) <= (found.cause is not None)
    if found.outcome is Outcome.PUSHED:
        assert found.cause is None


ECR = f"https://{REGISTRY}/v2/pet-web"
BUILDX = "docker buildx build --push -t $REPOSITORY_URI:$IMAGE_TAG ."


@pytest.mark.parametrize(
    ("cause", "command", "line"),
    [
        (
            "repository-missing",
            BUILDX,
            f"#9 ERROR: failed to push {REGISTRY}/pet-web:v1: unexpected status from POST request to "
            f"{ECR}/blobs/uploads/: 404 Not Found",
        ),
        (
            "not-logged-in",
            "podman push $URI",
            f"Error: writing blob: initiating layer upload to /v2/pet-web/blobs/uploads/ in {REGISTRY}: "
            "authentication required",
        ),
        (
            "not-logged-in",
            "docker login",
            f"Error response from daemon: login attempt to https://{REGISTRY}/v2/ failed with status: 400 Bad Request",
        ),
        ("repository-missing", "kaniko", "error pushing image: POST x: NAME_UNKNOWN: The repository is not there"),
        ("command-failed", "make", "main.c:3: error: type name unknown"),
        ("not-logged-in", "docker build .", 'time="09:12" level=error msg="no basic auth credentials"'),
        ("no-docker-daemon", "docker info", "error during connect: Get http://docker:2375/_ping: no such host"),
        ("bad-reference", PUSH, '"docker push" requires exactly 1 argument.'),
        ("wrong-architecture", "docker build .", "#7 0.288 exec /bin/sh: exec format error"),
        ("no-space", "docker build .", "#7 12.5 cp: write error: No space left on device"),
    ],
)
def test_words_of_other_tools_and_versions(cause: str, command: str, line: str) -> None:
    after = 'ERROR: failed to solve: process "/bin/sh -c x" did not complete successfully: exit code: 1'
    inside = [after] if line.startswith("#7") else []
    found = diagnose(None, phase("BUILD", fail(command, line, *inside)))
    assert (found.cause, found.line) == (cause, line)


NPM_FAILED = 'ERROR: failed to solve: process "/bin/sh -c npm test" did not complete successfully: exit code: 1'


@pytest.mark.parametrize(
    ("command", "output", "quoted"),
    [
        ("npm test", ["  ● push", '    Received: "no basic auth credentials"', "Tests: 1 failed"], 2),
        ("npm test", ["  1) push: no basic auth credentials", "1 test failed"], 1),
        ("./check.sh", ["E  AssertionError: 'no basic auth credentials' == 'ok'", "1 failed"], 1),
        ("./check.sh", ['got "denied: User is not authorized to perform: ecr:PutImage", want nil', "FAILED"], 1),
        ("docker build .", ["#9 3.1   no basic auth credentials", "#9 3.2 1 failed", NPM_FAILED], 2),
        ("docker build .", ["no basic auth credentials", f"#9 {NPM_FAILED}", "", NPM_FAILED], 3),
        ("docker build .", ["#3 toomanyrequests: Rate exceeded, retrying", "#3 DONE 1s", NPM_FAILED], 2),
        ("docker build .", ["denied: x", "The command '/bin/sh -c npm test' returned a non-zero code: 1"], 1),
    ],
)
def test_what_a_failed_test_quotes_is_not_the_cause(command: str, output: list[str], quoted: int) -> None:
    found = diagnose(None, phase("BUILD", fail(command, *output)))
    assert (found.cause, found.line) == (Cause.COMMAND_FAILED, output[quoted])


@pytest.mark.parametrize(
    ("state", "context", "cause"),
    [
        ("FAILED", "BUILD_TIMED_OUT Message: Build has timed out. ", Cause.TIMED_OUT),
        ("TIMED_OUT", " Message: ", Cause.TIMED_OUT),
        ("STOPPED", " Message: ", Cause.STOPPED),
        ("FAILED", "CLIENT_ERROR Message: build was stopped by user", Cause.STOPPED),
    ],
)
def test_a_log_of_a_build_that_was_ended_from_outside(state: str, context: str, cause: Cause) -> None:
    found = diagnose(None, phase("BUILD", fail("npm run build", "Killed"), status=state, context=context))
    assert (found.outcome, found.cause) == (Outcome.FAILED, cause)
    assert "Phase c" in (found.line or "")


def test_the_agent_may_say_that_the_build_was_stopped() -> None:
    lines = [agent("Entering phase BUILD"), agent("Running command sleep 600"), agent("Build was stopped by user")]
    found = diagnose(None, lines)
    assert (found.outcome, found.cause, found.line) == (Outcome.FAILED, Cause.STOPPED, lines[-1])
    assert diagnose(None, [*lines[:1], agent("Running command echo build was stopped")]).cause is None


def test_a_private_image_that_is_pulled_needs_no_login_to_ecr() -> None:
    line = "ERROR: pull access denied, repository does not exist or may require authorization: server message: x"
    found = diagnose(None, phase("BUILD", fail("docker build .", line)))
    assert found.cause is Cause.NOT_LOGGED_IN
    assert "pulled" in found.remedy
