"""The lifecycle policies and inline buildspecs of the seeded account."""

from __future__ import annotations

import json
from typing import Any


def _rule(priority: int, description: str, *, action: str = "expire", **selection: Any) -> dict[str, Any]:
    target = {"targetStorageClass": "archive"} if action == "transition" else {}
    return {
        "rulePriority": priority,
        "description": description,
        "selection": selection,
        "action": {"type": action, **target},
    }


def _days(kind: str, days: int) -> dict[str, Any]:
    return {"countType": kind, "countUnit": "days", "countNumber": days}


def _newest(count: int) -> dict[str, Any]:
    return {"countType": "imageCountMoreThan", "countNumber": count}


_RULES = {
    "untagged": [
        _rule(
            1,
            "Expire untagged images after 14 days",
            tagStatus="untagged",
            **_days("sinceImagePushed", 14),
        )
    ],
    "keep-50": [_rule(10, "Keep the last 50 images", tagStatus="any", **_newest(50))],
    "keep-12": [_rule(1, "Keep the last 12 images", tagStatus="any", **_newest(12))],
    "keep-releases": [
        _rule(1, "Keep 30 releases", tagStatus="tagged", tagPatternList=["v*"], **_newest(30)),
        _rule(
            2,
            "Expire branch builds after 60 days",
            tagStatus="tagged",
            tagPatternList=["main-*"],
            **_days("sinceImagePushed", 60),
        ),
        _rule(
            3,
            "Expire untagged images after 7 days",
            tagStatus="untagged",
            **_days("sinceImagePushed", 7),
        ),
    ],
    "archive": [
        _rule(
            1,
            "Archive what was not pulled for 180 days",
            action="transition",
            tagStatus="any",
            **_days("sinceImagePulled", 180),
        )
    ],
}
LIFECYCLES = {name: json.dumps({"rules": rules}) for name, rules in _RULES.items()}
"""Policy texts by name."""

BUILDSPECS = {
    "push": """\
version: 0.2
phases:
  pre_build:
    commands:
      - REGISTRY=123456789012.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com
      - REPOSITORY_URI=$REGISTRY/${IMAGE_REPO_NAME:-{name}}
      - IMAGE_TAG=main-$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c1-7)
      - >-
        aws ecr get-login-password --region $AWS_DEFAULT_REGION |
        docker login --username AWS --password-stdin $REGISTRY
  build:
    commands:
      - docker build -t $REPOSITORY_URI:$IMAGE_TAG .
      - docker tag $REPOSITORY_URI:$IMAGE_TAG $REPOSITORY_URI:latest
  post_build:
    commands:
      - docker push $REPOSITORY_URI:$IMAGE_TAG
      - docker push $REPOSITORY_URI:latest
""",
    "buildx": """\
version: 0.2
phases:
  pre_build:
    commands:
      - REGISTRY=123456789012.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com
      - REPOSITORY_URI=$REGISTRY/${IMAGE_REPO_NAME:-{name}}
      - IMAGE_TAG=main-$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c1-7)
      - >-
        aws ecr get-login-password --region $AWS_DEFAULT_REGION |
        docker login --username AWS --password-stdin $REGISTRY
  build:
    commands:
      - docker buildx create --use --name builder
      - docker buildx build --push -t $REPOSITORY_URI:$IMAGE_TAG -t $REPOSITORY_URI:latest .
""",
    "latest": """\
version: 0.2
env:
  variables:
    IMAGE_TAG: latest
phases:
  pre_build:
    commands:
      - REGISTRY=123456789012.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com
      - >-
        aws ecr get-login-password --region $AWS_DEFAULT_REGION |
        docker login --username AWS --password-stdin $REGISTRY
  build:
    on-failure: ABORT
    commands:
      - docker build -t $REGISTRY/{name}:$IMAGE_TAG .
  post_build:
    commands:
      - docker push $REGISTRY/{name}:$IMAGE_TAG
""",
    "faulty": """\
version: 0.2
phases:
  pre_build:
    commands:
      - $(aws ecr get-login --no-include-email --region $AWS_DEFAULT_REGION)
      - REPOSITORY_URI=$AWS_ACCOUNT_ID.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com/{name}
  build:
    commands:
      - docker build --build-arg NPM_TOKEN=$NPM_TOKEN -t $REPOSITORY_URI:release .
      - docker tag $REPOSITORY_URI:release $REPOSITORY_URI:latest
  post_build:
    commands:
      - docker push $REPOSITORY_URI:release
      - docker push $REPOSITORY_URI:latest || true
""",
    "silent": """\
version: 0.2
phases:
  build:
    commands:
      - docker build -t app:$CODEBUILD_RESOLVED_SOURCE_VERSION .
  post_build:
    commands:
      - echo Build completed
""",
    "plain": """\
version: 0.2
phases:
  install:
    commands:
      - ./scripts/setup.sh
  build:
    commands:
      - make test
artifacts:
  files:
    - out/**/*
""",
    "file": "",
    "s3": "arn:aws:s3:::acme-buildspecs/{name}/buildspec.yml",
}
"""Buildspecs by kind, empty for one in the source; `{name}` is the project's name."""
