"""Checks of pushes: where they go, under which tags, and whether their failure is noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ecrtui.domain.buildspec_audit.finding import BuildspecFinding, fault
from ecrtui.domain.buildspec_audit.trace import Seen, Trace
from ecrtui.domain.pushcommands import PushTarget
from ecrtui.domain.reference import Reference
from ecrtui.domain.tagging import failing_pushes

_SWALLOWS = frozenset({"true", ":", "echo", "printf"})
_SUCCEEDING = re.compile("CODEBUILD_BUILD_SUCCEEDING")
_LOOKS = re.compile(r"\bset\s+(?:-[a-z]*e|-o\s+errexit)|\b(?:if|while|until)\b")
"""What lets a line notice a failure that is not its last."""
_PIPES = re.compile(r"\bset\s+-[a-z]*o\s+pipefail")
_FOLLOWED = 40
"""How many steps behind a push are looked at."""
_COMMIT = "main-$(echo $CODEBUILD_RESOLVED_SOURCE_VERSION | cut -c1-7)"


def elsewhere(trace: Trace) -> Iterator[BuildspecFinding]:
    """Pushes to ECR of which none goes to the repository of the project's own name, account and region."""
    pushes = [target for seen in trace.steps for target in seen.pushes]
    resolved = [target for target in pushes if target.reference is not None and target.reference.is_ecr]
    if len(resolved) < len(pushes) or any(_is_own(trace, target.reference) for target in resolved if target.reference):
        return
    for target in resolved[:1]:
        assert target.reference is not None
        yield fault(
            "pushes-elsewhere",
            target.line,
            f"it pushes to {target.reference.host}/{target.reference.repository}, not to the repository "
            f"{trace.project.name} of its own account and region",
            f"Push to the repository {trace.project.name}, or name project and repository alike.",
        )


def _is_own(trace: Trace, reference: Reference) -> bool:
    return (
        reference.repository == trace.project.name
        and reference.region in ("", trace.project.region)
        and trace.account in ("", reference.registry_id)
    )


def after_failure(trace: Trace) -> Iterator[BuildspecFinding]:
    """POST_BUILD runs also when BUILD failed; a push in it has to look."""
    spec = trace.spec
    if "build" in spec.aborting or all(command.phase != "build" for command in spec.commands):
        return
    for seen in trace.steps:
        if seen.phase != "post_build":
            continue
        if seen.mentions(_SUCCEEDING):
            return
        if seen.pushes:
            yield fault(
                "push-after-failure",
                seen.line,
                "it pushes in post_build, which runs also when build has failed, without looking",
                "Set `on-failure: ABORT` in the phase build, or push only when $CODEBUILD_BUILD_SUCCEEDING is 1.",
            )
            return


def tags(trace: Trace) -> Iterator[BuildspecFinding]:
    """Nothing but `latest`, and tags that an immutable repository takes only once."""
    pushes = [target for seen in trace.steps for target in seen.pushes]
    known = [tag for target in pushes if (tag := _tag(target)) is not None]
    if pushes and len(known) == len(pushes) and set(known) == {"latest"}:
        yield fault(
            "only-latest",
            pushes[0].line,
            "it pushes nothing but latest: no image can be told from the next, nor rolled back to",
            f"Push a tag of the commit as well: {_COMMIT}.",
        )
    if trace.repository is None:
        return
    for push in failing_pushes(trace.repository, pushes):
        yield fault(
            "fixed-tag",
            push.line,
            f"it pushes {push.tag} in every build, and {trace.repository.name} is immutable: "
            "from the second build on the push fails",
            f"Push a tag of the commit ({_COMMIT}), or except {push.tag} from immutability.",
        )


def _tag(target: PushTarget) -> str | None:
    """The tag, where it is known and the same in every build."""
    reference = target.reference
    if reference is None or target.unresolved or reference.unresolved:
        return None
    return reference.effective_tag


def masked_failures(trace: Trace) -> Iterator[BuildspecFinding]:
    """Pushes whose failure does not fail the build."""
    pipes = False
    for at, seen in enumerate(trace.steps):
        pipes = pipes or seen.mentions(_PIPES)
        if not seen.pushes:
            continue
        operator, rest = _what_follows(trace.steps[at : at + _FOLLOWED])
        if not rest or any(_fails(each) for each in rest):
            continue
        words = rest[0].step.words
        if operator in ("|", "|&") and not pipes:
            remedy = "Say `set -o pipefail` before, with `env: {shell: bash}`, or do without the pipe."
            yield _masked(seen, f"the pipe into `{' '.join(words[:1])}` after the push", remedy)
        elif _swallows(words) and (operator == "||" or (operator == ";" and not seen.mentions(_LOOKS))):
            what = " ".join(words[:2] if words[0] == "exit" else words[:1])
            remedy = "Take it away, so that a push that fails fails the build."
            yield _masked(seen, f"`{operator} {what}` after the push", remedy)


def _swallows(words: tuple[str, ...]) -> bool:
    """Whether a command succeeds, whatever was before it."""
    return bool(words) and (words[0] in _SWALLOWS or words[:2] == ("exit", "0"))


def _what_follows(steps: Sequence[Seen]) -> tuple[str, list[Seen]]:
    """The operator behind the first step, `&&` and what it leads to passed over, and the steps of the line after it."""
    line = [seen for seen in steps if seen.step.command is steps[0].step.command]
    while len(line) > 1 and line[0].step.operator == "&&":
        line = line[1:]
    return line[0].step.operator, line[1:]


def _fails(seen: Seen) -> bool:
    """Whether a step ends the build as failed."""
    words = seen.step.words
    return words[:1] == ("false",) or (words[:1] in (("exit",), ("return",)) and words[1:2] != ("0",))


def _masked(seen: Seen, what: str, remedy: str) -> BuildspecFinding:
    sentence = f"{what} hides its failure: the build is green, and nothing may have been pushed"
    return fault("masked-failure", seen.line, sentence, remedy)


CHECKS = (elsewhere, after_failure, tags, masked_failures)
