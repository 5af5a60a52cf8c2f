"""What a build is going to do: fixed when it starts, and all that its phases, log and image follow from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import sha256

from ecrtui.demo import artifacts
from ecrtui.demo.artifacts import Artifact, Layer

BASES = {
    "node": ("public.ecr.aws/docker/library/node:20-alpine", (3_408_729, 42_750_112, 1_388_201)),
    "python": ("public.ecr.aws/docker/library/python:3.12-slim", (28_228_350, 3_511_702, 13_660_818)),
    "go": ("public.ecr.aws/docker/library/alpine:3.20", (3_622_892,)),
    "java": ("public.ecr.aws/amazoncorretto/amazoncorretto:21", (51_836_211, 149_720_634)),
}
STEPS = {
    "node": ("WORKDIR /app", "COPY package*.json ./", "RUN npm ci --omit=dev", "COPY . ."),
    "python": ("WORKDIR /app", "COPY requirements.txt .", "RUN pip install -r requirements.txt", "COPY . ."),
    "go": ("WORKDIR /src", "COPY go.mod go.sum ./", "RUN go mod download", "COPY . ."),
    "java": ("WORKDIR /app", "COPY pom.xml .", "RUN mvn -q dependency:go-offline", "COPY target/app.jar ."),
}
"""The four own steps of a Dockerfile in each language; the third is the long one."""
_SIZES = (1_204, 6_100, 38_000_000, 2_400_000)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a project's builds do, beyond what its AWS settings say."""

    builder: str = "classic"
    """`classic` or `containerd` docker, `buildx`, or `none` for no container build."""
    language: str = "node"
    outcome: str = ""
    """The failure in which builds end (a name of `steps.FAILURES`); empty is success."""
    target: str = ""
    """The repository URI that its buildspec pushes to; empty is the project's own name in its region."""
    seconds: float = 55.0
    """About how long a build takes."""
    platforms: tuple[str, ...] = ("amd64",)
    tests: bool = False
    """Whether the build runs a coloured test suite first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One build's course. Instants are epoch seconds."""

    id: str
    project: str
    region: str
    account: str
    number: int
    started_at: float
    commit: str
    recipe: Recipe
    target: str
    """The repository URI to push to; empty when nothing is pushed."""
    tags: tuple[str, ...]
    outcome: str = ""
    detail: str = ""
    """What the outcome is about: the tag that is immutable, the time limit in minutes."""
    speed: float = 1.0
    first: bool = False
    """Whether the repository holds no layer yet."""

    @property
    def repository(self) -> str:
        """The name of the target repository."""
        return self.target.partition("/")[2]

    @property
    def host(self) -> str:
        """The registry of the target."""
        return self.target.partition("/")[0]

    @property
    def uuid(self) -> str:
        """The part of the id after the project."""
        return self.id.partition(":")[2]

    @property
    def session(self) -> str:
        """The identity under which the build acts."""
        role = f"codebuild-{self.project}-service-role"
        return f"arn:aws:sts::{self.account}:assumed-role/{role}/AWSCodeBuild-{self.uuid}"


@dataclass(frozen=True, slots=True)
class Built:
    """What a build makes: the artefact that gets the tags, and those that are pushed before it."""

    top: Artifact
    others: tuple[Artifact, ...] = ()

    @property
    def main(self) -> Artifact:
        """The first platform's image."""
        return self.others[0] if self.others else self.top


def rfc3339(at: float) -> str:
    """An instant as manifests write it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def layers(project: str, language: str, variant: str, key: str) -> tuple[Layer, ...]:
    """Base layers shared by all images of a language, then the project's own; the last is new each time.

    `key` is hexadecimal; some keys bring new dependencies too.
    """
    base = tuple(_base_layer(language, variant, position) for position in range(len(BASES[language][1])))
    dependencies = key[:12] if key[0] in "012" else ""
    fresh = ("", "", dependencies, key)
    own = tuple(_own_layer(project, language, variant, position, each) for position, each in enumerate(fresh))
    return base + own


def lasting(plan: Plan) -> frozenset[str]:
    """Digests of the layers that earlier builds have pushed already."""
    if plan.first:
        return frozenset()
    recipe = plan.recipe
    return frozenset(
        each.digest
        for platform in recipe.platforms
        for each in layers(plan.project, recipe.language, platform, "f")[:-1]
    )


@cache
def _base_layer(language: str, variant: str, position: int) -> Layer:
    name, sizes = BASES[language]
    return artifacts.layer(f"{name} {variant} {position}", sizes[position], f"ADD base {position}")


@lru_cache(maxsize=4_096)
def _own_layer(project: str, language: str, variant: str, position: int, fresh: str) -> Layer:
    seed = f"{project} {variant} {position} {fresh}"
    made = artifacts.layer(seed, _SIZES[position], STEPS[language][position])
    jitter = 0.7 + int(made.digest[7:11], 16) / 0xFFFF * 0.7
    return replace(made, size=int(made.size * jitter))


@lru_cache(maxsize=256)
def built(plan: Plan) -> Built:
    """The artefacts of a build; the same for the same plan."""
    return build_image(
        plan.project,
        plan.recipe,
        plan.commit,
        rfc3339(plan.started_at),
        key=commit_of(plan.commit, plan.number),
    )


def build_image(project: str, recipe: Recipe, commit: str, created: str, key: str) -> Built:
    """The image, or the index with its platforms and attestations, that a recipe makes of a commit."""
    labels = {
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.source": f"https://github.com/acme/{project}",
    }
    oci = recipe.builder == "buildx"
    images = [
        artifacts.image(
            layers(project, recipe.language, platform, key),
            created=created,
            architecture=platform,
            oci=oci,
            labels=labels,
        )
        for platform in recipe.platforms
    ]
    if not oci:
        return Built(images[0])
    proofs = [artifacts.attestation(each, f"{each.digest} {key}") for each in images]
    top = artifacts.index(tuple(zip(images, recipe.platforms, strict=True)), tuple(zip(proofs, images, strict=True)))
    return Built(top, (*images, *proofs))


def commit_of(*parts: object) -> str:
    """A commit id, the same for the same parts."""
    return sha256(" ".join(map(str, parts)).encode()).hexdigest()[:40]
