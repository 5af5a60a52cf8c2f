"""The repository policies of the seeded account, by name: narrow ones, broad ones, and one that is broken."""

from __future__ import annotations

import json

from ecrtui.demo.account import ACCOUNT_ID, PRINCIPAL
from ecrtui.demo.operations import Json

_PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
_PUSH = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
    *_PULL,
]


def _policy(sid: str, principal: Json | str, actions: list[str], effect: str = "Allow", **more: Json) -> str:
    statement = {"Sid": sid, "Effect": effect, "Principal": principal, "Action": actions, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


POLICIES = {
    "partner-pulls": _policy("PullFromStaging", {"AWS": "arn:aws:iam::210987654321:root"}, _PULL),
    "anyone-pulls": _policy("PublicPull", "*", _PULL),
    "anyone-pushes": _policy("Temporary", {"AWS": "*"}, ["ecr:*"]),
    "organisation-pulls": _policy(
        "PullFromOrganisation", "*", _PULL, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    ),
    "functions-pull": _policy(
        "LambdaECRImageRetrievalPolicy",
        {"Service": "lambda.amazonaws.com"},
        _PULL,
        Condition={"StringLike": {"aws:sourceArn": f"arn:aws:lambda:{{region}}:{ACCOUNT_ID}:function:*"}},
    ),
    "project-pushes": _policy(
        "PushFromProject", {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/codebuild-{{name}}-service-role"}, _PUSH
    ),
    "denies-us": _policy("HumanResourcesOnly", {"AWS": PRINCIPAL}, ["ecr:DescribeImages"], "Deny"),
    "broken": '{"Version": "2012-10-17", "Statement": [{"Sid": "Half", "Effect": "Allow", "Principal": ',
}
"""Texts; `{name}` and `{region}` are the repository's. AWS refuses to store the broken one: older texts can be so."""


def policy_of(kind: str, name: str, region: str) -> str | None:
    """The text for one repository; None without a kind."""
    return POLICIES[kind].replace("{name}", name).replace("{region}", region) if kind else None
