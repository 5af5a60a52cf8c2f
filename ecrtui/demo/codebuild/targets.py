"""Where a build pushes to, and whether it can work at all, judged by the settings that it starts with."""

from __future__ import annotations

import re
from dataclasses import replace

import yaml

from ecrtui.demo.codebuild.plan import Plan, Recipe
from ecrtui.demo.operations import Json

_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_CONTAINER = re.compile(r"\b(docker|buildx|podman|buildah)\b")
_PUSH = re.compile(r"docker push|--push|imagetools create")


def target_of(plan: Plan, variables: list[Json]) -> str:
    """The repository URI that a build pushes to: its variables decide, then its recipe, then its own name."""
    if plan.recipe.builder == "none" or plan.recipe.target == "-":
        return ""
    values = {each["name"]: each["value"] for each in variables if each["type"] == "PLAINTEXT"}
    host = f"{plan.account}.dkr.ecr.{plan.region}.amazonaws.com"
    known = {
        "AWS_ACCOUNT_ID": plan.account,
        "AWS_DEFAULT_REGION": plan.region,
        "AWS_REGION": plan.region,
    } | values
    for name in ("REPOSITORY_URI", "ECR_URI"):
        uri = _resolved(values.get(name, ""), known)
        if ".dkr.ecr." in uri and "/" in uri:
            return uri.partition("@")[0].rstrip("/")
    name = _resolved(values.get("IMAGE_REPO_NAME", ""), known)
    return f"{host}/{name}" if name else plan.recipe.target or f"{host}/{plan.project}"


def _resolved(text: str, known: dict[str, str]) -> str:
    for _ in range(5):
        text, count = _VARIABLE.subn(lambda match: known.get(match[1], ""), text)
        if not count:
            break
    return text


def tags_of(plan: Plan, variables: list[Json], version: str) -> tuple[str, ...]:
    """The tags that a build pushes: the branch with the commit, and `latest` from the main branch."""
    if not plan.target and plan.recipe.builder == "none":
        return ()
    values = {each["name"]: each["value"] for each in variables if each["type"] == "PLAINTEXT"}
    if values.get("IMAGE_TAG") and "$" not in values["IMAGE_TAG"]:
        return (values["IMAGE_TAG"],)
    is_commit = re.fullmatch(r"[0-9a-f]{7,40}", version) is not None
    branch = "main" if is_commit or not version else version.removeprefix("refs/heads/")
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", branch).strip("-.")[:100] or "main"
    tag = f"{slug}-{plan.commit[:7]}"
    return (tag, "latest") if slug in ("main", "master") else (tag,)


def outcome_of(recipe: Recipe, environment: Json, source: Json) -> tuple[Recipe, str]:
    """The recipe as these settings change it, and the failure in which it must end (or none)."""
    buildspec = source.get("buildspec", "")
    if "\n" in buildspec or buildspec.lstrip().startswith(("version:", "{")):
        try:
            document = yaml.safe_load(buildspec)
        except yaml.YAMLError:
            document = None
        if not isinstance(document, dict) or "phases" not in document:
            return recipe, "yaml-error"
        if not _CONTAINER.search(buildspec):
            recipe = replace(recipe, builder="none")
        elif not _PUSH.search(buildspec):
            recipe = replace(recipe, target="-")
    if recipe.builder != "none" and not environment.get("privilegedMode"):
        return recipe, "no-docker-daemon"
    return recipe, recipe.outcome
