"""Images of the seeded repositories: releases, branch builds, leftovers, signatures, and what was pulled."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from ecrtui.demo import artifacts
from ecrtui.demo.catalogue import Entry
from ecrtui.demo.codebuild.plan import Built, Recipe, build_image, commit_of, rfc3339
from ecrtui.demo.codebuild.state import BuildRecord, arrive
from ecrtui.demo.registry import Repository, StoredImage

_DAY = 86_400.0


class Stock:
    """The images of one repository."""

    def __init__(self, entry: Entry, repository: Repository, now: float) -> None:
        self._entry = entry
        self._repository = repository
        self._now = now
        self._chance = Random(f"images {entry.region} {entry.name}")

    def fill(self, builds: list[BuildRecord]) -> None:
        """Images of the time before the known builds, then those that the builds pushed, then the rest."""
        own = [each for each in builds if self._pushed(each)]
        per_step = 1 + 2 * len(self._entry.recipe.platforms) if self._entry.recipe.builder == "buildx" else 1
        until = own[0].plan.started_at if own else self._now - self._entry.quiet * _DAY
        if "helm" in self._entry.extras:
            self._charts(until)
            return
        early = max(0, self._entry.images - per_step * len(own) - self._extras())
        self._images(early, per_step, until)
        for record in own:
            started = record.plan.started_at
            for contact in record.script.contacts:
                if contact.tag:
                    arrive(self._repository, record.plan, contact.tag, started + contact.at)
        self._environments()
        self._referrers()
        self._archive()
        self._pulls_and_scans()

    def _pushed(self, record: BuildRecord) -> bool:
        succeeded = not record.plan.outcome and record.stopped_at is None
        return succeeded and record.plan.target == self._repository.uri

    def _extras(self) -> int:
        return 6 * ("signatures" in self._entry.extras) + 6 * ("referrers" in self._entry.extras)

    def _images(self, count: int, per_step: int, until: float) -> None:
        """Releases, branch builds and untagged leftovers, oldest first."""
        recipe = self._entry.recipe
        steps, rest = divmod(count, per_step)
        spans = sorted(self._chance.random() ** 0.7 for _ in range(steps + rest))
        version = [1, 0, 0]
        for number, span in enumerate(spans):
            at = until - self._entry.days * _DAY * (1 - span) - 3_600
            single = number < rest and per_step > 1
            commit = commit_of(self._entry.region, self._entry.name, number)
            made = build_image(
                self._repository.name.replace("/", "-"),
                Recipe(language=recipe.language) if single else recipe,
                commit,
                rfc3339(at),
                key=commit,
            )
            _store(self._repository, made, at, self._tags(number, commit, version))

    def _tags(self, number: int, commit: str, version: list[int]) -> tuple[str, ...]:
        luck = self._chance.random()
        if "latest-only" in self._entry.extras:
            return ()
        if "upstream" in self._entry.extras:
            return (f"1.{24 + number}",)
        if number % 9 == 4:
            part = 2 if luck < 0.6 else 1 if luck < 0.95 else 0
            version[part:] = [version[part] + 1] + [0] * (2 - part)
            return f"v{version[0]}.{version[1]}.{version[2]}", f"main-{commit[:7]}"
        if luck < 0.16:
            return ()
        return (f"feature-login-{commit[:7]}",) if luck > 0.93 else (f"main-{commit[:7]}",)

    def _charts(self, until: float) -> None:
        for number in range(self._entry.images):
            chart = artifacts.helm_chart(self._entry.name.rpartition("/")[2], f"0.{number}.0")
            self._repository.put(
                StoredImage.of(chart, until - (self._entry.images - number) * 9 * _DAY, (f"0.{number}.0",))
            )

    def _tagged(self) -> list[StoredImage]:
        """The tagged images, oldest first."""
        tagged = [each for each in self._repository.images.values() if each.tags]
        return sorted(tagged, key=lambda each: each.pushed_at)

    def _environments(self) -> None:
        """Where the moving tags stand: `latest` on the newest, `production` on the last release."""
        tagged = self._tagged()
        releases = [each for each in tagged if any(tag.startswith("v") for tag in each.tags)]
        if tagged and "latest" not in self._repository.tagged:
            self._repository.tag(tagged[-1].digest, "latest")
        if len(tagged) > 12 and self._entry.mutability != "IMMUTABLE":
            self._repository.tag(tagged[-3].digest, "staging")
            self._repository.tag((releases or tagged)[-1].digest, "production")

    def _referrers(self) -> None:
        """Signatures and SBOMs of the newest tagged images."""
        newest = self._tagged()[:-7:-1]
        for number, image in enumerate(newest):
            subject = artifacts.Artifact(
                image.manifest, image.media_type, image.artifact_type, image.size, image.digest
            )
            if "signatures" in self._entry.extras:
                made = artifacts.cosign_signature(subject)
                tag = image.digest.replace(":", "-") + ".sig"
                self._repository.put(StoredImage.of(made, image.pushed_at + 40, (tag,)))
            if "referrers" in self._entry.extras:
                kind = "application/vnd.cncf.notary.signature" if number % 2 else "application/spdx+json"
                note = {"org.opencontainers.image.created": rfc3339(image.pushed_at + 60)}
                made = artifacts.referrer(subject, kind, 2_100 if number % 2 else 88_000, note)
                self._repository.put(StoredImage.of(made, image.pushed_at + 60))

    def _archive(self) -> None:
        if "archived" not in self._entry.extras:
            return
        stored = self._repository.images.values()
        oldest = sorted(stored, key=lambda each: each.pushed_at)[: len(stored) // 12]
        for image in oldest:
            archived_at = image.pushed_at + self._chance.uniform(200, 400) * _DAY
            self._repository.put(replace(image, status="ARCHIVED", archived_at=min(archived_at, self._now - _DAY)))

    def _pulls_and_scans(self) -> None:
        last = self._now - (self._entry.quiet * _DAY if self._entry.quiet > 3 else 0)
        for image in list(self._repository.images.values()):
            pulled, scanned = None, None
            if image.tags and self._chance.random() < 0.55:
                pulled = min(last - 60, image.pushed_at + self._chance.expovariate(1 / (20 * _DAY)))
            if not {"latest", "staging", "production"}.isdisjoint(image.tags):
                pulled = last - self._chance.uniform(300, 40_000)
            if self._entry.scan and image.status == "ACTIVE":
                scanned = image.pushed_at + 2
            if pulled is not None or scanned is not None:
                self._repository.put(replace(image, pulled_at=pulled, scanned_at=scanned))
        for image in list(self._repository.images.values()):
            for child in image.children if image.pulled_at is not None else ():
                self._repository.put(replace(self._repository.images[child], pulled_at=image.pulled_at))


def _store(repository: Repository, made: Built, at: float, tags: tuple[str, ...]) -> None:
    for artifact in made.others:
        repository.put(StoredImage.of(artifact, at))
    repository.put(StoredImage.of(made.top, at, tags))
    for artifact in (made.top, *made.others):
        if artifact.config:
            repository.configs[artifact.config_digest] = artifact.config
