"""What a registry does by itself: it replicates what was pushed, and makes repositories from templates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ecrtui.demo.operations import Json
from ecrtui.demo.registry import Registry, Repository, StoredImage

if TYPE_CHECKING:
    from ecrtui.demo.account import Account

_SECONDS = 20.0
"""About how long a replication takes."""


def destinations(registry: Registry, name: str) -> list[Json]:
    """Where the images of this repository are replicated to."""
    return [
        destination
        for rule in registry.replication
        if any(name.startswith(each["filter"]) for each in rule.get("repositoryFilters") or [{"filter": ""}])
        for destination in rule["destinations"]
    ]


def replicate(account: Account, source: Repository, digest: str, at: float) -> None:
    """Copy an image, and what an index holds, to every destination of this account, under the tags it has."""
    image = source.images[digest]
    for destination in destinations(account.region(source.region).registry, source.name):
        if destination["registryId"] == account.id:
            target = _target(account, destination["region"], source.name, at)
            for each in (*(source.images[child] for child in image.children), image):
                _copy(source, target, each, at)


def _target(account: Account, region: str, name: str, at: float) -> Repository:
    found = account.region(region).registry.repositories.get(name)
    return found or create(account, region, name, at, template(account.region(region).registry, name, "REPLICATION"))


def _copy(source: Repository, target: Repository, image: StoredImage, at: float) -> None:
    known = target.images.get(image.digest)
    if known is None:
        target.put(replace(image, tags=(), pushed_at=at, pulled_at=None, scanned_at=None))
    for tag in image.tags:
        target.tag(image.digest, tag)
    config = image.config_digest
    if config in source.configs:
        target.configs[config] = source.configs[config]


def status(account: Account, source: Repository, image: StoredImage, destination: Json, now: float) -> Json | None:
    """How far the replication of one image to one destination is; None for one that was pushed before the rule."""
    registry = account.region(source.region).registry
    answer: Json = {"region": destination["region"], "registryId": destination["registryId"]}
    failure = registry.replication_failures.get((source.name, image.digest, destination["region"]))
    if failure is not None:
        return {**answer, "status": "FAILED", "failureCode": failure}
    if now < image.pushed_at + _SECONDS / account.speed:
        return {**answer, "status": "IN_PROGRESS"}
    target = account.region(destination["region"]).registry.repositories.get(source.name)
    if image.pushed_at < registry.replicated_since and (target is None or image.digest not in target.images):
        return None
    return {**answer, "status": "COMPLETE"}


def template(registry: Registry, name: str, use: str) -> Json | None:
    """The creation template of a new repository: that of its longest prefix, else that of `ROOT`."""
    fitting = [
        each
        for each in registry.templates
        if use in each["appliedFor"] and (each["prefix"] == "ROOT" or name.startswith(each["prefix"] + "/"))
    ]
    return max(fitting, key=lambda each: -1 if each["prefix"] == "ROOT" else len(each["prefix"]), default=None)


def create(account: Account, region: str, name: str, at: float, template: Json | None) -> Repository:
    """A repository that AWS makes by itself, as the template says."""
    made = account.new_repository(region, name, at)
    if template is not None:
        made.mutability = template.get("imageTagMutability", "MUTABLE")
        made.exclusions = tuple(each["filter"] for each in template.get("imageTagMutabilityExclusionFilters", ()))
        made.encryption = template.get("encryptionConfiguration", {}).get("encryptionType", "AES256")
        made.policy, made.lifecycle = template.get("repositoryPolicy"), template.get("lifecyclePolicy")
        made.labels = {each["Key"]: each["Value"] for each in template.get("resourceTags", ())}
    return made


def created_on_push(account: Account, uri: str, at: float) -> Repository | None:
    """The repository that a push to this URI makes, where a template says so."""
    place = account.place_of(uri)
    if place is None:
        return None
    region, name = place
    found = template(account.region(region).registry, name, "CREATE_ON_PUSH")
    return None if found is None else create(account, region, name, at, found)
