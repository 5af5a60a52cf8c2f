"""Where the commands of a buildspec push to: docker and its kin, compose, buildx, kaniko, crane, skopeo."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ecrtui.domain.buildspec import Command
from ecrtui.domain.buildsteps import Step, Variables
from ecrtui.domain.reference import Reference, parse

VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_TOOLS = frozenset({"docker", "podman", "finch", "nerdctl", "buildah"})
_OPTIONS_WITH_VALUE = frozenset(
    {
        *("-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "--platform", "--creds"),
        *("--authfile", "--cert-dir", "--digestfile", "-f", "--format", "--sign-by", "--namespace", "-n"),
    }
)
_SECRET = re.compile(r"(--(?:build-arg|creds|password|secret|token)[= ])\S+|(?<=://)[^/@\s]+(?=@)")
_QUOTED = 1_000
_REDIRECTION = re.compile(r"[\d&]?[<>]")
_TAG_OPTIONS = ("-t", "--tag")


@dataclass(frozen=True, slots=True)
class PushTarget:
    """One place that a project pushes to, and how that is known."""

    reference: Reference | None
    """None when it depends on what cannot be seen. Its host is empty where only the account is known, its
    account where not even that is."""
    evidence: str
    """A clause that says where this is known from."""
    unresolved: tuple[str, ...] = ()
    """The variables and commands that it depends on."""
    line: int | None = None
    """In the inline buildspec."""


class CommandWalk:
    """Reads the commands of a buildspec in their order, with the variables as they are by then."""

    def __init__(self, variables: Variables) -> None:
        self.pushes: list[PushTarget] = []
        self.tagged: list[PushTarget] = []
        self.runs_containers = False
        self._variables = variables

    def read(self, command: Command) -> None:
        """Read one line of the buildspec."""
        for step in self._variables.steps(command):
            self.run(step)

    def run(self, step: Step) -> None:
        """Read one step that `variables` gave just now."""
        command, words = step.command, list(step.words)
        if not words:
            return
        tool = step.tool
        if tool in _TOOLS:
            self.runs_containers = True
            self._container_tool(_positionals(words[1:]), words[1:], command)
        elif tool == "docker-compose":
            self.runs_containers = True
            if "push" in words:
                self._unknown(command, "the compose file")
        elif tool == "executor" or "kaniko" in words[0]:
            self.runs_containers = True
            self._push(_values(words, ("-d", "--destination")), command)
        elif tool in ("crane", "skopeo") and words[1:2] in (["push"], ["copy"], ["cp"]):
            self.runs_containers = True
            self._push([_positionals(words[1:])[-1].removeprefix("docker://")], command)

    def _container_tool(self, positionals: list[str], words: list[str], command: Command) -> None:
        match positionals:
            case ["push", *rest] | ["image" | "manifest", "push", *rest]:
                self._push([word.removeprefix("docker://") for word in rest[-1:]] or ["$1"], command)
            case ["compose", *rest] if "push" in rest:
                self._unknown(command, "the compose file")
            case ["tag", _, target, *_] | ["image", "tag", _, target, *_]:
                self._tag([target], command)
            case ["buildx", "imagetools", "create", *_]:
                self._push(_values(words, _TAG_OPTIONS), command)
            case ["buildx", "bake", *_] if "--push" in words:
                self._unknown(command, "the bake file")
            case ["build" | "buildx" | "builder" | "image", *_]:
                self._build(words, command)

    def _build(self, words: list[str], command: Command) -> None:
        outputs = [
            output
            for output in _values(words, ("-o", "--output"))
            if "push=true" in output or "type=registry" in output
        ]
        names = _values(words, _TAG_OPTIONS)
        for output in outputs:
            names += [part[5:] for part in output.split(",") if part.startswith("name=")]
        if "--push" in words or outputs:
            self._push(names, command)
        else:
            self._tag(names, command)

    def _push(self, references: Iterable[str], command: Command) -> None:
        self.pushes += [self._target(text, command, "pushes to") for text in references]

    def _tag(self, references: Iterable[str], command: Command) -> None:
        targets = [self._target(text, command, "names an image") for text in references]
        self.tagged += [target for target in targets if target.reference and target.reference.is_ecr]

    def _unknown(self, command: Command, where: str) -> None:
        evidence = f"buildspec line {command.line} pushes what {where} names: `{_short(command.text)}`"
        self.pushes.append(PushTarget(None, evidence, (where,), command.line))

    def _target(self, text: str, command: Command, verb: str) -> PushTarget:
        expanded = self._variables.expand(text)
        reference = parse(expanded)
        if reference is None or "$" in reference.host + reference.repository:
            names = tuple(dict.fromkeys(VARIABLE.findall(text))) or (_short(text),)
            evidence = f"buildspec line {command.line} {verb} a place that depends on {', '.join(names)}"
            return PushTarget(None, f"{evidence}: `{_short(command.text)}`", names, command.line)
        evidence = f"buildspec line {command.line} {verb} {_short(expanded)}: `{_short(command.text)}`"
        return PushTarget(reference, evidence, (), command.line)


def _positionals(words: list[str]) -> list[str]:
    """The words that are neither options nor the values of those that take one."""
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif _REDIRECTION.match(word):
            skip = word.endswith((">", "<"))
        elif word.startswith("-") and word != "-":
            skip = word in _OPTIONS_WITH_VALUE
        else:
            found.append(word)
    return found


def _values(words: list[str], options: tuple[str, ...]) -> list[str]:
    """The values of an option, written `-t X`, `-tX`, `--tag X` or `--tag=X`."""
    found: list[str] = []
    for at, word in enumerate(words):
        if word in options:
            found += words[at + 1 : at + 2]
            continue
        for option in options:
            if option.startswith("--"):
                if word.startswith(f"{option}="):
                    found.append(word[len(option) + 1 :])
            elif word.startswith(option) and not word.startswith("--"):
                found.append(word[len(option) :])
    return found


def _short(text: str) -> str:
    """A text to quote: not too long, and without what may be a secret."""
    text = _SECRET.sub(lambda found: f"{found[1] or ''}…", text[:_QUOTED])
    return text if len(text) <= 160 else f"{text[:159]}…"
