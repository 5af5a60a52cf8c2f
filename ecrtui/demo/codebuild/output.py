"""What the commands of a container build print: tests, docker build, docker push and buildx."""

from __future__ import annotations

from random import Random

from ecrtui.demo.artifacts import digest_of
from ecrtui.demo.codebuild.plan import BASES, STEPS, Plan, built, lasting
from ecrtui.demo.codebuild.script import Writer

_GREEN, _RED, _DIM, _OFF = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"
_MODULES = ("config", "routes", "session", "payments", "catalogue", "search", "health", "templates")
_TESTS_FAILED = {
    "node": "npm ERR! Test failed.  See above for more details.",
    "python": "=========================== 1 failed, 83 passed in 4.11s ===========================",
    "go": "FAIL\tgithub.com/acme/app/session\t0.412s",
    "java": "[ERROR] Tests run: 84, Failures: 1, Errors: 0, Skipped: 0",
}
_INSTALLED = {
    "node": "added 187 packages in 4s",
    "python": "Successfully installed flask-3.1.0 gunicorn-23.0.0 sqlalchemy-2.0.36",
    "go": "go: downloading github.com/jackc/pgx/v5 v5.7.2",
    "java": "[INFO] Resolved 143 artifacts",
}


def test_output(writer: Writer, plan: Plan, chance: Random) -> None:
    """A coloured test run; its last test fails when the build is to fail there."""
    failing = plan.outcome == "command-failed"
    modules = chance.sample(_MODULES, 6)
    for module in modules:
        passed, millis = chance.randint(3, 21), chance.randint(4, 900)
        writer.say(f"{_GREEN}PASS{_OFF} tests/{module} {_DIM}({passed} tests, {millis} ms){_OFF}", every=0.35)
    if failing:
        writer.say(
            f"{_RED}FAIL{_OFF} tests/{modules[0]} \x1b[1m› refuses an expired session{_OFF}",
            f"  {_RED}● expected 401, received 200{_OFF}",
            "",
            _TESTS_FAILED[plan.recipe.language],
            "",
            every=0.2,
        )
    else:
        writer.say(f"{_GREEN}Tests: 0 failed, {chance.randint(60, 140)} passed{_OFF}", "", every=0.2)


def build_output(writer: Writer, plan: Plan, chance: Random) -> bool:
    """What BuildKit prints (with buildx the push too); False when it breaks off."""
    buildx = plan.recipe.builder == "buildx"
    name, driver = ("builder", "docker-container") if buildx else ("default", "docker")
    base = BASES[plan.recipe.language][0]
    writer.say(f'#0 building with "{name}" instance using {driver} driver', "", every=0.2)
    _vertex(writer, 1, "[internal] load build definition from Dockerfile", "transferring dockerfile: 412B done")
    if plan.outcome == "bad-reference":
        writer.say('ERROR: failed to build: invalid tag "' + plan.target + ':": invalid reference format', "")
        return False
    if plan.outcome == "rate-limited":
        _rate_limited(writer, base)
        return False
    writer.wait(0.6)
    _vertex(writer, 2, f"[internal] load metadata for {base}")
    _vertex(writer, 3, "[internal] load .dockerignore", "transferring context: 84B done")
    _pull_base(writer, plan, base)
    _vertex(writer, 5, "[internal] load build context", "transferring context: 1.87MB 0.1s done", done=0.1)
    if not _run_steps(writer, plan, chance):
        return False
    if buildx:
        return _export_and_push(writer, plan)
    _export(writer, plan)
    return True


def _vertex(writer: Writer, number: int, title: str, *body: str, done: float = 0.0) -> None:
    writer.say(f"#{number} {title}")
    for text in body:
        writer.say(f"#{number} {text}", every=0.05)
    writer.wait(done)
    writer.say(f"#{number} DONE {done:.1f}s", "")


def _rate_limited(writer: Writer, base: str) -> None:
    writer.say(f"#2 [internal] load metadata for {base}")
    repository, _, version = base.removeprefix("public.ecr.aws/").partition(":")
    error = (
        f"unexpected status from HEAD request to https://public.ecr.aws/v2/{repository}/manifests/{version}: "
        "429 Too Many Requests: toomanyrequests: Rate exceeded"
    )
    writer.say(f"#2 ERROR: {error}", "------", f" > [internal] load metadata for {base}:", "------", every=0.3)
    writer.say(f"ERROR: failed to solve: {base}: failed to resolve source metadata: {error}", "")


def _pull_base(writer: Writer, plan: Plan, base: str) -> None:
    digest = digest_of(base)
    writer.say(f"#4 [1/5] FROM {base}@{digest}", f"#4 resolve {base}@{digest} done")
    for layer in built(plan).main.layers[: len(BASES[plan.recipe.language][1])]:
        total = layer.size / 1e6
        for part in (0.0, 0.3, 0.7):
            writer.say(f"#4 {layer.digest} {_mb(total * part)} / {_mb(total)} {0.1 + part:.1f}s", every=0.25)
        writer.say(f"#4 {layer.digest} {_mb(total)} / {_mb(total)} 0.8s done", every=0.3)
        writer.say(f"#4 extracting {layer.digest}")
        writer.say(f"#4 extracting {layer.digest} 0.9s done", every=0.6)
    writer.say("#4 DONE 3.1s", "")


def _mb(size: float) -> str:
    return "0B" if size == 0 else f"{size:.2f}MB"


def _run_steps(writer: Writer, plan: Plan, chance: Random) -> bool:
    steps = built(plan).main.layers[len(BASES[plan.recipe.language][1]) :]
    for position, layer in enumerate(steps):
        number = 6 + position
        writer.say(f"#{number} [{position + 2}/5] {layer.command}")
        if layer.command.startswith("RUN") and not _run(writer, plan, number, chance):
            return False
        seconds = 0.1 if not layer.command.startswith("RUN") else 5.0
        writer.say(f"#{number} DONE {seconds:.1f}s", "", every=0.1)
    return True


def _run(writer: Writer, plan: Plan, number: int, chance: Random) -> bool:
    """The long step; False when it is here that the build breaks off."""
    if plan.outcome == "wrong-architecture":
        writer.say(f"#{number} 0.214 exec /bin/sh: exec format error", every=0.3)
        _not_completed(writer, plan, number, 255)
        return False
    for tick in range(1, 11):
        package = f"{chance.choice(_MODULES)}-{chance.randint(1, 9)}.{chance.randint(0, 20)}.{chance.randint(0, 9)}"
        writer.say(f"#{number} {tick * 0.9:.3f} {_DIM}fetched{_OFF} {package}", every=0.9)
    if plan.outcome == "no-space":
        writer.say(f"#{number} 9.413 write /app/.cache/index: no space left on device", every=0.3)
        _not_completed(writer, plan, number, 1)
        return False
    if plan.outcome == "timed-out":
        writer.wait(float(plan.detail or 5) * 60.0 / writer.pace / plan.speed)
        return False
    writer.say(f"#{number} 9.812 {_INSTALLED[plan.recipe.language]}", every=0.4)
    return True


def _not_completed(writer: Writer, plan: Plan, number: int, code: int) -> None:
    command = STEPS[plan.recipe.language][2].removeprefix("RUN ")
    error = f'process "/bin/sh -c {command}" did not complete successfully: exit code: {code}'
    writer.say(f"#{number} ERROR: {error}", "------", f"ERROR: failed to solve: {error}", "")


def _export(writer: Writer, plan: Plan) -> None:
    image = built(plan).top
    writer.say("#10 exporting to image", "#10 exporting layers")
    writer.say("#10 exporting layers 1.4s done", every=1.4)
    writer.say(f"#10 writing image {image.config_digest} done")
    name = f"{plan.target}:{plan.tags[0]}" if plan.target else f"docker.io/library/app:{plan.commit}"
    writer.say(f"#10 naming to {name} done", "#10 DONE 1.4s", "")


def _export_and_push(writer: Writer, plan: Plan) -> bool:
    made = built(plan)
    writer.say("#10 exporting to image", "#10 exporting layers")
    writer.say("#10 exporting layers 1.9s done", every=1.9)
    half = len(made.others) // 2
    for image in made.others[:half]:
        writer.say(f"#10 exporting manifest {image.digest} 0.0s done")
        writer.say(f"#10 exporting config {image.config_digest} 0.0s done")
    for proof in made.others[half:]:
        writer.say(f"#10 exporting attestation manifest {proof.digest} 0.0s done")
    writer.say(f"#10 exporting manifest list {made.top.digest} 0.0s done")
    if not plan.target:
        writer.say("#10 DONE 2.1s", "")
        return True
    writer.say("#10 pushing layers", "#10 ...", "")
    writer.say(f"#11 [auth] sharing credentials for {plan.host}", "#11 DONE 0.0s", "", every=0.3)
    writer.contact()
    if error := refusal(plan):
        writer.say("#10 exporting to image", "#10 pushing layers 0.8s done", every=0.6)
        return _not_pushed(writer, plan, plan.tags[0], error)
    writer.wait(11.0)
    writer.say("#10 exporting to image", "#10 pushing layers 11.6s done")
    for tag in plan.tags:
        reference = f"{plan.target}:{tag}@{made.top.digest}"
        writer.say(f"#10 pushing manifest for {reference}")
        writer.wait(0.9)
        writer.contact(tag)
        if error := tag_refusal(plan, tag):
            return _not_pushed(writer, plan, tag, error)
        writer.say(f"#10 pushing manifest for {reference} 0.9s done")
    writer.say("#10 DONE 14.5s", "")
    return True


def _not_pushed(writer: Writer, plan: Plan, tag: str, error: str) -> bool:
    failed = f"failed to push {plan.target}:{tag}: {error}"
    writer.say(f"#10 ERROR: {failed}", "------", " > exporting to image:", "------")
    writer.say(f"ERROR: failed to solve: {failed}", "")
    return False


def refusal(plan: Plan) -> str:
    """The registry's refusal of any push of this build; empty when it lets it begin."""
    name = plan.repository
    registry = plan.host.partition(".")[0]
    if plan.outcome == "repository-missing":
        return f"name unknown: The repository with name '{name}' does not exist in the registry with id '{registry}'"
    if plan.outcome == "push-denied":
        region = plan.host.split(".")[3]
        return (
            f"denied: User: {plan.session} is not authorized to perform: ecr:InitiateLayerUpload "
            f"on resource: arn:aws:ecr:{region}:{registry}:repository/{name} because no identity-based "
            "policy allows the ecr:InitiateLayerUpload action"
        )
    return {"no-basic-auth": "no basic auth credentials", "retrying-eof": "EOF"}.get(plan.outcome, "")


def tag_refusal(plan: Plan, tag: str) -> str:
    """The registry's refusal of this one tag; empty when it takes it."""
    if plan.outcome != "tag-immutable" or tag != (plan.detail or plan.tags[0]):
        return ""
    return (
        f"tag invalid: The image tag '{tag}' already exists in the '{plan.repository}' repository "
        "and cannot be overwritten because the repository is immutable."
    )


def push_output(writer: Writer, plan: Plan, tag: str, first: bool) -> bool:
    """What `docker push` prints without a terminal; False when the registry refuses."""
    image = built(plan).top
    containerd = plan.recipe.builder == "containerd"
    ids = [(layer.digest if containerd else layer.diff_id)[7:19] for layer in reversed(image.layers)]
    known = lasting(plan)
    writer.say(f"The push refers to repository [{plan.target}]", every=0.3)
    writer.say(*(f"{each}: Preparing" for each in ids))
    writer.say(*(f"{each}: Waiting" for each in ids[5:]), every=0.05)
    writer.contact()
    if error := refusal(plan):
        _retry(writer, plan, ids)
        writer.say(error, "", every=0.2)
        return False
    for layer, each in zip(reversed(image.layers), ids, strict=True):
        if not first or layer.digest in known:
            writer.say(f"{each}: Layer already exists", every=0.12)
        else:
            writer.say(f"{each}: Pushed", every=min(6.0, 0.5 + layer.size / 8e6))
    writer.wait(0.6)
    writer.contact(tag)
    if error := tag_refusal(plan, tag):
        writer.say(error, "")
        return False
    writer.say(f"{tag}: digest: {image.digest} size: {len(image.manifest)}")
    return True


def _retry(writer: Writer, plan: Plan, ids: list[str]) -> None:
    if plan.outcome != "retrying-eof":
        return
    for seconds in (5, 4, 3, 2, 1) * 2:
        plural = "s" if seconds > 1 else ""
        writer.say(*(f"{each}: Retrying in {seconds} second{plural}" for each in ids[:3]), every=0.35)
