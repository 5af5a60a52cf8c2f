"""The steps of a container build, as CodeBuild's log tells them, with every way in which they fail."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from ecrtui.demo.codebuild.output import build_output, push_output, test_output
from ecrtui.demo.codebuild.plan import Plan
from ecrtui.demo.codebuild.script import Script, Writer

FAILURES = frozenset(
    {
        "login-denied",
        "no-basic-auth",
        "repository-missing",
        "retrying-eof",
        "push-denied",
        "tag-immutable",
        "rate-limited",
        "no-docker-daemon",
        "timed-out",
        "yaml-error",
        "no-space",
        "command-failed",
        "wrong-architecture",
        "bad-reference",
        "role-missing",
    }
)
"""How a build can end besides well. `stopped` is not one: a build is stopped from outside."""

_LOGIN = (
    "aws ecr get-login-password --region $AWS_DEFAULT_REGION | docker login --username AWS --password-stdin $REGISTRY"
)
_BUILD = "docker build -t $REPOSITORY_URI:$IMAGE_TAG ."
_BUILDX = "docker buildx build --push --platform {platforms} -t $REPOSITORY_URI:$IMAGE_TAG -t $REPOSITORY_URI:latest ."
_TAG = "docker tag $REPOSITORY_URI:$IMAGE_TAG $REPOSITORY_URI:latest"
_TESTS = {"node": "npm test", "python": "pytest --color=yes", "go": "go test ./...", "java": "mvn -B test"}
_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"


@lru_cache(maxsize=512)
def script(plan: Plan) -> Script:
    """The course of a build; the same for the same plan, and the same up to where an outcome shows."""
    chance = Random(f"{plan.project} {plan.number}")
    writer = Writer(pace=plan.recipe.seconds / 52.0 * chance.uniform(0.88, 1.15) / plan.speed)
    _start(writer, plan, chance)
    if plan.outcome == "role-missing":
        message = "CodeBuild is not authorized to perform: sts:AssumeRole on service role"
        writer.end("CLIENT_ERROR", "ACCESS_DENIED", message, logged=False)
        writer.status = "FAILED"
    elif _download(writer, plan):
        _work(writer, plan, chance)
    _finalize(writer)
    return writer.finish()


def _start(writer: Writer, plan: Plan, chance: Random) -> None:
    writer.begin("SUBMITTED", logged=False)
    writer.wait(0.3)
    writer.end(logged=False)
    writer.begin("QUEUED", logged=False)
    writer.wait(0.8)
    writer.end(logged=False)
    writer.begin("PROVISIONING", logged=False)
    writer.wait(chance.uniform(3.0, 6.0))


def _download(writer: Writer, plan: Plan) -> bool:
    """Fetch the source and read the buildspec; False when that fails."""
    writer.agent("Running on CodeBuild On-demand", "Waiting for agent ping")
    writer.wait(0.1)
    writer.agent("Waiting for DOWNLOAD_SOURCE")
    writer.end(logged=False)
    writer.begin("DOWNLOAD_SOURCE", logged=False)
    writer.wait(1.3)
    directory = f"/codebuild/output/src{plan.number + 2334412000}/src/github.com/acme/{plan.project}"
    writer.agent(
        "Phase is DOWNLOAD_SOURCE",
        f"CODEBUILD_SRC_DIR={directory}",
        f"YAML location is {directory}/buildspec.yml",
    )
    if plan.outcome == "yaml-error":
        message = "Unknown runtime error: could not find expected ':' at line 14"
        writer.end("FAILED", "YAML_FILE_ERROR", message)
        return False
    writer.agent(
        "Setting HTTP client timeout to higher timeout for Github and GitHub Enterprise sources",
        "Processing environment variables",
    )
    writer.wait(0.5)
    writer.agent(
        "No runtime version selected in buildspec.",
        f"Moving to directory {directory}",
        "Cache is not defined in the buildspec",
        "Skip cache due to: no paths specified to be cached",
        "Registering with agent",
        "Phases found in YAML: 3",
        " PRE_BUILD: 2 commands",
        " BUILD: 4 commands",
        " POST_BUILD: 3 commands",
    )
    writer.end()
    return True


def _work(writer: Writer, plan: Plan, chance: Random) -> None:
    writer.begin("INSTALL")
    writer.end()
    if plan.recipe.builder == "none":
        _plain_build(writer, plan)
    elif not plan.target:
        _build_without_push(writer, plan, chance)
    elif _pre_build(writer, plan):
        _container_build(writer, plan, chance)
    if writer.status != "TIMED_OUT":
        _upload(writer)


def _pre_build(writer: Writer, plan: Plan) -> bool:
    writer.begin("PRE_BUILD")
    writer.agent("Running command echo Logging in to Amazon ECR...")
    writer.say("Logging in to Amazon ECR...", "")
    if plan.outcome == "no-basic-auth":
        writer.end()
        return True
    writer.agent(f"Running command {_LOGIN}")
    writer.wait(1.2)
    if plan.outcome == "login-denied":
        writer.say(
            "",
            "An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: "
            f"User: {plan.session} is not authorized to perform: ecr:GetAuthorizationToken on resource: * "
            "because no identity-based policy allows the ecr:GetAuthorizationToken action",
            "Error: Cannot perform an interactive login from a non TTY device",
            "",
        )
        _fail(writer, _LOGIN)
        return False
    writer.say(
        "WARNING! Your password will be stored unencrypted in /root/.docker/config.json.",
        "Configure a credential helper to remove this warning. See",
        "https://docs.docker.com/engine/reference/commandline/login/#credentials-store",
        "",
        "Login Succeeded",
        "",
    )
    writer.end()
    return True


def _container_build(writer: Writer, plan: Plan, chance: Random) -> None:
    writer.begin("BUILD")
    built = _build(writer, plan, chance)
    if writer.status == "TIMED_OUT":
        return
    writer.begin("POST_BUILD")
    if plan.recipe.builder == "buildx":
        writer.end()
        return
    if not built:
        command = "docker push $REPOSITORY_URI:$IMAGE_TAG"
        writer.agent(f"Running command {command}")
        missing = f"An image does not exist locally with the tag: {plan.target}"
        writer.say(_DAEMON if plan.outcome == "no-docker-daemon" else missing, "", every=0.1)
        _fail(writer, command)
        return
    for position, tag in enumerate(plan.tags):
        command = "docker push $REPOSITORY_URI:" + ("latest" if tag == "latest" else "$IMAGE_TAG")
        writer.agent(f"Running command {command}")
        if not push_output(writer, plan, tag, first=position == 0):
            _fail(writer, command)
            return
        writer.say("")
    writer.end()


def _build(writer: Writer, plan: Plan, chance: Random) -> bool:
    """Test and build; True when the image is there."""
    if plan.recipe.tests or plan.outcome == "command-failed":
        command = _TESTS[plan.recipe.language]
        writer.agent(f"Running command {command}")
        test_output(writer, plan, chance)
        if plan.outcome == "command-failed":
            _fail(writer, command)
            return False
    command = _BUILD
    if plan.recipe.builder == "buildx":
        writer.agent("Running command docker buildx create --use --name builder")
        writer.say("builder", "", every=0.6)
        command = _BUILDX.format(platforms=",".join(f"linux/{each}" for each in plan.recipe.platforms))
    writer.agent(f"Running command {command}")
    if plan.outcome == "no-docker-daemon":
        writer.say(f"ERROR: {_DAEMON}", "", every=0.2)
        _fail(writer, command)
        return False
    if not build_output(writer, plan, chance):
        if plan.outcome == "timed-out":
            writer.end("TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out. ", logged=False)
        else:
            _fail(writer, command)
        return False
    if plan.recipe.builder != "buildx" and "latest" in plan.tags:
        writer.agent(f"Running command {_TAG}")
        writer.say("")
    writer.end()
    return True


def _fail(writer: Writer, command: str) -> None:
    writer.agent(f"Command did not exit successfully {command} exit status 1")
    message = f"Error while executing command: {command}. Reason: exit status 1"
    writer.end("FAILED", "COMMAND_EXECUTION_ERROR", message)


def _plain_build(writer: Writer, plan: Plan) -> None:
    """A build that has nothing to do with containers."""
    writer.begin("PRE_BUILD")
    writer.end()
    writer.begin("BUILD")
    command = _TESTS[plan.recipe.language]
    writer.agent(f"Running command {command}")
    test_output(writer, plan, Random(plan.commit))
    if plan.outcome:
        _fail(writer, command)
    else:
        writer.wait(18.0)
        writer.end()
    writer.begin("POST_BUILD")
    writer.end()


def _build_without_push(writer: Writer, plan: Plan, chance: Random) -> None:
    """A container build whose push was forgotten: green, and nothing in the registry."""
    writer.begin("PRE_BUILD")
    writer.end()
    writer.begin("BUILD")
    command = "docker build -t app:$CODEBUILD_RESOLVED_SOURCE_VERSION ."
    writer.agent(f"Running command {command}")
    if plan.outcome == "no-docker-daemon":
        writer.say(f"ERROR: {_DAEMON}", "", every=0.2)
        _fail(writer, command)
    elif build_output(writer, plan, chance):
        writer.end()
    elif plan.outcome == "timed-out":
        writer.end("TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out. ", logged=False)
        return
    else:
        _fail(writer, command)
    writer.begin("POST_BUILD")
    writer.agent("Running command echo Build completed")
    writer.say("Build completed", "")
    writer.end()


def _upload(writer: Writer) -> None:
    writer.begin("UPLOAD_ARTIFACTS", logged=False)
    writer.wait(0.04)
    writer.agent(
        "Set report auto-discover timeout to 5 seconds",
        "Expanding base directory path:  .",
        "Assembling file list",
        "Expanding .",
        "Expanding file paths for base directory .",
        "Assembling file list",
        "Expanding **/*",
        "No matching auto-discover report paths found",
        "Report auto-discover file discovery took 0.009316 seconds",
    )
    writer.end()


def _finalize(writer: Writer) -> None:
    writer.begin("FINALIZING", logged=False)
    writer.wait(1.5)
    writer.end(logged=False)
