"""What a build is going to do: fixed when it starts, and all that its phases, log and image follow from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from random import Random

from ecrtui.demo import artifacts
from ecrtui.demo.artifacts import Artifact, Layer

BASES = {
    "node": ("public.ecr.aws/docker/library/node:20-alpine", (3_408_729, 42_750_112, 1_388_201)),
    "python": ("public.ecr.aws/docker/library/python:3.12-slim", (28_228_350, 3_511_702, 13_660_818)),
    "go": ("public.ecr.aws/docker/library/alpine:3.20", (3_622_892,)),
    "java": ("public.ecr.aws/amazoncorretto/amazoncorretto:21", (51_836_211, 149_720_634)),
}
_STEPS = {
    "node": ("WORKDIR /app", "COPY package*.json ./", "RUN npm ci --omit=dev", "COPY . ."),
    "python": ("WORKDIR /app", "COPY requirements.txt .", "RUN pip install -r requirements.txt", "COPY . ."),
    "go": ("WORKDIR /src", "COPY go.mod go.sum ./", "RUN go mod download", "COPY . ."),
    "java": ("WORKDIR /app", "COPY pom.xml .", "RUN mvn -q dependency:go-offline", "COPY target/app.jar ."),
}
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
        return f"arn:aws:sts::{self.account}:assumed-role/codebuild-{self.project}-service-role/AWSCodeBuild-{self.uuid}"


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
    """Base layers shared by all images of a language, then the project's own, the last ones new each time."""
    base_name, base_sizes = BASES[language]
    base = [
        artifacts.layer(f"{base_name} {variant} {position}", size, f"ADD base {position}")
        for position, size in enumerate(base_sizes)
    ]
    chance = Random(f"{project} {key}")
    own = []
    for position, (command, size) in enumerate(zip(_STEPS[language], _SIZES, strict=True)):
        fresh = key if position == 3 or (position == 2 and chance.random() < 0.2) else ""
        jitter = Random(f"{project} {position} {fresh}").uniform(0.7, 1.4)
        own.append(artifacts.layer(f"{project} {variant} {position} {fresh}", int(size * jitter), command))
    return (*base, *own)


@lru_cache(maxsize=256)
def built(plan: Plan) -> Built:
    """The artefacts of a build; the same for the same plan."""
    return build_image(
        plan.project, plan.recipe, plan.commit, rfc3339(plan.started_at), key=f"{plan.commit} {plan.number}"
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
    top = artifacts.index(
        tuple(zip(images, recipe.platforms, strict=True)), tuple(zip(proofs, images, strict=True))
    )
    return Built(top, (*images, *proofs))


def commit_of(*parts: object) -> str:
    """A commit id, the same for the same parts."""
    return sha256(" ".join(map(str, parts)).encode()).hexdigest()[:40]
