"""Every rule: what it finds, what it leaves alone, and that it is not checked where a fact lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from memory import ACCOUNT, INDEX, NOW, REGION, a_project, a_repository, an_image, digest_of

from ecrtui.domain.audit.checking import check_name, check_region, unlisted
from ecrtui.domain.audit.facts import Around, Known, NameFacts, RegionFacts, Unread, unread_sentence
from ecrtui.domain.audit.report import Checked
from ecrtui.domain.audit.rule import Finding, Severity
from ecrtui.domain.audit.rules import BY_ID, NAME_RULES, REGION_RULES, RULES
from ecrtui.domain.audit.rules.buildspecs import RULES as BUILDSPEC_RULES
from ecrtui.domain.buildspec import parse_buildspec
from ecrtui.domain.buildspec_audit import CHECKS
from ecrtui.domain.image import Image
from ecrtui.domain.names import NamingRule
from ecrtui.domain.permission import Access, Actor, Mend, Place, Purpose
from ecrtui.domain.permission import Verdict as Permitted
from ecrtui.domain.policy_evaluation import Caller
from ecrtui.domain.project import EnvironmentVariable
from ecrtui.domain.reference import Reference
from ecrtui.domain.registry import (
    CreationTemplate,
    Destination,
    PullThroughRule,
    RegistrySettings,
    Replica,
    ReplicationRule,
    ScanningRule,
)
from ecrtui.domain.replication import Copy
from ecrtui.domain.scan import ScanReport
from ecrtui.domain.usage import Usage, Use, UseIndex
from ecrtui.domain.verdict import Pairing, Verdict

DAY = 86_400.0
DENIED = Unread("ecr:DescribeImages is not allowed", "ecr:DescribeImages")
OTHER = "eu-central-1"


def an_around(
    *uses: Use, unchecked: Sequence[str] = (), settings: RegistrySettings | None = None, **more: Any
) -> Around:
    """A region of which everything could be read."""
    settings = settings or RegistrySettings(REGION, ACCOUNT, scan_type="BASIC")
    given = {"projects": Known(()), "repositories": Known(()), **more}
    registries = {settings.region: settings, **given.pop("registries", {})}
    index = UseIndex([Usage(uses, tuple(unchecked))])
    return Around(REGION, ACCOUNT, NOW, uses=index, registries=registries, **given)


def facts(
    name: str = "pet-web",
    verdict: Verdict = Verdict.PAIRED,
    *,
    images: Sequence[Image] | Unread = (),
    around: Around | None = None,
    repository: Any = True,
    project: Any = True,
    **more: Any,
) -> NameFacts:
    """A healthy pair, unless told otherwise."""
    repository = a_repository(name, mutability="IMMUTABLE") if repository is True else repository
    project = a_project(name, buildspec=BUILDSPEC) if project is True else project
    pairing = Pairing(name, REGION, verdict, project or None, repository or None, evidence=("so it is",))
    stored: Any = images if isinstance(images, Unread) else Known(sum(image.size or 0 for image in images))
    given = {"bytes": stored, "lifecycle": Known(POLICY), "access": Known(None), "permissions": Known(()), **more}
    spec = Known(parse_buildspec(project.buildspec)) if project else Known(parse_buildspec(""))
    known_images = images if isinstance(images, Unread) else Known(tuple(images))
    return NameFacts(around or an_around(), pairing, **{"buildspec": spec, "images": known_images, **given})


BUILDSPEC = """version: 0.2
env: {shell: bash}
phases:
  pre_build:
    commands:
      - set -o pipefail
      - REPO=123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/pet-web
      - TAG=main-$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c1-7)
      - REGISTRY=123456789012.dkr.ecr.ap-northeast-2.amazonaws.com
      - aws ecr get-login-password | docker login --username AWS --password-stdin $REGISTRY
  build:
    on-failure: ABORT
    commands:
      - docker build -t $REPO:$TAG .
  post_build:
    commands:
      - docker push $REPO:$TAG
"""
POLICY = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "description": "keep the newest thirty images of all, whatever they are",
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30},
                "action": {"type": "expire"},
            }
        ]
    }
)


def a_use(tag: str | None = None, digest: str | None = None, name: str = "shop/pet-web", **more: Any) -> Use:
    repository = more.pop("repository", "pet-web")
    reference = Reference(
        f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com", repository, tag, None, ACCOUNT, more.pop("of", REGION)
    )
    return Use("ecs-service", name, REGION, reference, digest, 2, **more)


def said(id_: str, given: NameFacts) -> Checked:
    return check_name([rule for rule in NAME_RULES if rule.id == id_], given)


def found(id_: str, given: NameFacts) -> list[Finding]:
    """What one rule finds; it must have been able to look."""
    checked = said(id_, given)
    assert checked.not_checked == ()
    return list(checked.findings)


def lacks(id_: str, given: NameFacts) -> Unread:
    """What one rule lacks."""
    checked = said(id_, given)
    assert len(checked.not_checked) == 1, checked
    assert [rule.id for rule in checked.not_checked[0].rules] == [id_]
    return checked.not_checked[0].unread


# The declarations


def test_every_rule_is_declared_in_full() -> None:
    assert len(BY_ID) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
        assert rule.title, rule.id
        assert not rule.title.endswith("."), rule.id
        assert rule.why.endswith("."), rule.id
        assert rule.remedy.endswith("."), rule.id
        assert rule.needs, rule.id
        assert all(":" in action for action in rule.needs), rule.id
        assert rule.docs.startswith("https://docs.aws.amazon.com/"), rule.id
    assert all(rule.of == "region" for rule in REGION_RULES)


def test_what_the_issue_asks_for_is_there() -> None:
    wanted = {
        "naming", "missing-repository", "no-project", "pushes-elsewhere", "name-cannot-pair", "never-pushed",
        "tag-strategy", "latest-in-production", "drift", "mutable-tags", "immutable-conflict", "scanning-off",
        "critical-findings", "no-lifecycle-policy", "lifecycle-deletes-running", "untagged-share", "role-cannot-push",
        "role-cannot-pull", "open-repository-policy", "plaintext-secret", "replication-gap", "archived-in-use",
        "unused", "cost-outlier",
    }  # fmt: skip
    assert wanted <= set(BY_ID)


def test_every_check_of_buildspecs_is_a_rule() -> None:
    by_others = {"pushes-elsewhere": "pushes-elsewhere", "fixed-tag": "immutable-conflict"}  # with more facts
    rules = {rule.id.removeprefix("buildspec-") for rule in BUILDSPEC_RULES}
    assert rules == set(CHECKS) - set(by_others)
    assert set(by_others.values()) <= set(BY_ID)


def test_a_healthy_pair_breaks_no_rule() -> None:
    image = an_image("main-4f2a91c", pushed_at=NOW - DAY, scan_status="COMPLETE", severities=(("HIGH", 2),))
    around = an_around(a_use("main-4f2a91c", image.digest))
    checked = check_name(NAME_RULES, facts(images=[image], around=around))
    assert [finding.rule.id for finding in checked.findings] == []
    assert checked.not_checked == ()


# Names and sides


def test_naming() -> None:
    assert found("naming", facts("pet-web")) == []
    (finding,) = found("naming", facts("pet_web"))
    assert "pet-web" in finding.remedy
    house = NamingRule.of("team-.*")
    assert found("naming", facts("pet-web", around=an_around(naming=house)))
    assert found("naming", facts("Pet_Web", Verdict.NAME_CANNOT_PAIR)) == []


@pytest.mark.parametrize(
    ("id_", "verdict"),
    [
        ("missing-repository", Verdict.MISSING_REPOSITORY),
        ("no-project", Verdict.NO_PROJECT),
        ("pushes-elsewhere", Verdict.PUSHES_ELSEWHERE),
        ("name-cannot-pair", Verdict.NAME_CANNOT_PAIR),
    ],
)
def test_each_verdict_is_a_rule(id_: str, verdict: Verdict) -> None:
    (finding,) = found(id_, facts(verdict=verdict))
    assert finding.what == "so it is"
    for other in Verdict:
        if other not in (verdict, Verdict.UNKNOWN):
            assert found(id_, facts(verdict=other)) == []


def test_a_verdict_that_is_not_known_is_not_checked() -> None:
    refused = Unread("ecr:DescribeRepositories is not allowed", "ecr:DescribeRepositories")
    around = an_around(repositories=refused)
    for id_ in ("missing-repository", "pushes-elsewhere", "name-cannot-pair", "never-pushed"):
        assert lacks(id_, facts(verdict=Verdict.UNKNOWN, around=around)) == refused


def test_a_repository_that_a_push_makes_is_not_missing() -> None:
    made = RegistrySettings(REGION, templates=(CreationTemplate("ROOT", ("CREATE_ON_PUSH",)),))
    missing = facts(verdict=Verdict.MISSING_REPOSITORY, repository=None)
    assert found("missing-repository", replace(missing, around=an_around(settings=made))) == []
    unread = RegistrySettings(REGION, unread={"templates": "ecr:DescribeRepositoryCreationTemplates is not allowed"})
    (finding,) = found("missing-repository", replace(missing, around=an_around(settings=unread)))
    assert finding.severity is Severity.MEDIUM
    assert "not known" in finding.what


def test_caches_and_replicas_need_no_project() -> None:
    cached = RegistrySettings(REGION, pull_through=(PullThroughRule("hub", "registry-1.docker.io"),))
    alone = facts("hub/library/nginx", Verdict.NO_PROJECT, project=None)
    assert found("no-project", replace(alone, around=an_around(settings=cached))) == []
    rule = ReplicationRule((Destination(REGION, ACCOUNT),), ("pet-",))
    source = RegistrySettings(OTHER, replication=(rule,))
    around = an_around(registries={OTHER: source})
    assert found("no-project", facts("pet-web", Verdict.NO_PROJECT, around=around)) == []
    assert found("no-project", facts("dog-web", Verdict.NO_PROJECT, around=around))
    slashed = facts("hub/library/nginx", Verdict.NAME_CANNOT_PAIR, project=None)
    assert found("name-cannot-pair", replace(slashed, around=an_around(settings=cached))) == []
    assert found("name-cannot-pair", slashed)
    unread = RegistrySettings(REGION, unread={"pull_through": "ecr:DescribePullThroughCacheRules is not allowed"})
    assert lacks("no-project", replace(alone, around=an_around(settings=unread))).action == (
        "ecr:DescribePullThroughCacheRules"
    )


def test_never_pushed() -> None:
    assert found("never-pushed", facts(images=[]))
    assert found("never-pushed", facts(images=[an_image("v1")])) == []
    assert lacks("never-pushed", facts(images=DENIED)) == DENIED


# Tags


def test_tag_strategy() -> None:
    assert found("tag-strategy", facts(images=[an_image("v1.0.0"), an_image("main-4f2a91c")])) == []
    (finding,) = found("tag-strategy", facts(images=[an_image("v1.0.0"), an_image("latest")]))
    assert (finding.severity, "latest" in finding.what) == (Severity.MEDIUM, True)
    many = [an_image(f"v1.0.{number}", pushed_at=NOW - number) for number in range(40)]
    (finding,) = found("tag-strategy", facts(images=[*many, an_image("nightly")]))
    assert finding.severity is Severity.INFO
    assert lacks("tag-strategy", facts(images=DENIED)) == DENIED


def test_latest_in_production() -> None:
    image = an_image("latest", "v1.0.0")
    around = an_around(a_use("latest", image.digest), a_use(None, image.digest, "shop/other"))
    findings = found("latest-in-production", facts(images=[image], around=around))
    assert [finding.key for finding in findings] == [
        f"ecs-service {REGION} shop/pet-web",
        f"ecs-service {REGION} shop/other",
    ]
    assert found("latest-in-production", facts(images=[image], around=an_around(a_use("v1.0.0", image.digest)))) == []
    blind = an_around(unchecked=["The ECS clusters could not be checked: ecs:ListClusters is not allowed"])
    assert lacks("latest-in-production", facts(images=[image], around=blind)).action == "ecs:ListClusters"


def test_moving_tags_in_use() -> None:
    image = an_image("production", "v1.0.0")
    around = an_around(a_use("production", image.digest))
    assert found("moving-tag-in-use", facts(images=[image], around=around))
    assert found("latest-in-production", facts(images=[image], around=around)) == []


def test_immutable_conflict() -> None:
    project = a_project("pet-web", buildspec=BUILDSPEC.replace("$REPO:$TAG", "$REPO:latest"))
    (finding,) = found("immutable-conflict", facts(project=project))
    assert finding.line == 17
    assert "IMMUTABLE_WITH_EXCLUSION" in finding.command
    assert "latest" in finding.command
    assert found("immutable-conflict", facts(project=project, repository=a_repository("pet-web"))) == []
    assert found("immutable-conflict", facts()) == []


def test_mutable_tags() -> None:
    mutable = a_repository("pet-web", mutability="MUTABLE")
    (finding,) = found("mutable-tags", facts(repository=mutable, images=[an_image("v1.0.0"), an_image("latest")]))
    assert "put-image-tag-mutability" in finding.command
    assert "latest" in finding.command
    assert found("mutable-tags", facts(images=[an_image("v1.0.0")])) == []
    assert lacks("mutable-tags", facts(repository=mutable, images=DENIED)) == DENIED


# What runs


def test_drift() -> None:
    old, new = an_image("main-4f2a91c", pushed_at=NOW - 3 * DAY), an_image("latest", pushed_at=NOW - DAY)
    (finding,) = found("drift", facts(images=[old, new], around=an_around(a_use("latest", old.digest))))
    assert finding.digest == old.digest
    assert f"runs {old.digest[7:19]} (commit 4f2a91c) of 3d ago, and latest names {new.digest[7:19]}," in finding.what
    assert "update-service" in finding.command
    assert "--force-new-deployment" in finding.command
    assert found("drift", facts(images=[old, new], around=an_around(a_use("latest", new.digest)))) == []
    unread_index = replace(new, media_type=INDEX)
    assert (
        "platforms"
        in lacks("drift", facts(images=[old, unread_index], around=an_around(a_use("latest", old.digest)))).why
    )


def test_an_index_of_what_runs_is_no_drift() -> None:
    child, index = an_image(), an_image("latest", media_type=INDEX)
    given = facts(images=[child, index], around=an_around(a_use("latest", child.digest)))
    assert found("drift", replace(given, children={index.digest: (child.digest,)})) == []


def test_image_missing_and_archived() -> None:
    image = an_image("v1.0.0", status="ARCHIVED")
    around = an_around(a_use("v1.0.0", image.digest), a_use("v2.0.0", None, "shop/other"))
    given = facts(images=[image], around=around)
    assert "v2.0.0" in found("image-missing", given)[0].what
    assert "archived" in found("archived-in-use", given)[0].what
    assert found("archived-in-use", facts(images=[image])) == []
    assert lacks("image-missing", facts(images=DENIED, around=around)) == DENIED
    function = replace(a_use("v2.0.0", "sha256:" + "9" * 64), kind="lambda-function")
    (finding,) = found("image-missing", facts(images=[image], around=an_around(function)))
    assert "needs the digest 999999999999" in finding.what, "a function goes by the digest that its tag once named"


def test_a_repository_that_is_gone() -> None:
    around = an_around(a_use("v1", repository="gone"), repositories=Known((a_repository("pet-web"),)))
    checked = check_region([BY_ID["repository-gone"]], RegionFacts(around))
    (finding,) = checked.findings
    assert (finding.name, "gone" in finding.command) == ("gone", True)
    elsewhere = an_around(a_use("v1", repository="gone", of=OTHER), repositories=Known(()))
    assert check_region([BY_ID["repository-gone"]], RegionFacts(elsewhere)).findings == ()


# Scanning


def test_scanning_off() -> None:
    off = a_repository("pet-web", scan_on_push=False)
    assert found("scanning-off", facts(repository=off))
    by_rule = RegistrySettings(REGION, scan_type="BASIC", scanning=(ScanningRule("SCAN_ON_PUSH", ("pet-*",)),))
    assert found("scanning-off", facts(repository=off, around=an_around(settings=by_rule))) == []
    unread = RegistrySettings(REGION, unread={"scanning": "ecr:GetRegistryScanningConfiguration is not allowed"})
    lacking = lacks("scanning-off", facts(repository=off, around=an_around(settings=unread)))
    assert lacking.action == "ecr:GetRegistryScanningConfiguration"


@pytest.mark.parametrize("status", ["FAILED", "PENDING", "LIMIT_EXCEEDED", "NEVER_SCANNED", "SOMETHING_NEW"])
def test_a_scan_that_does_not_answer_is_not_checked(status: str) -> None:
    image = an_image("v1.0.0")
    given = facts(images=[image], around=an_around(a_use("v1.0.0", image.digest)))
    scans = {image.digest: Known(ScanReport(image.digest, status, counts={"CRITICAL": 0}))}
    assert lacks("critical-findings", replace(given, scans=scans))


def test_critical_findings() -> None:
    runs, rests = an_image("v2.0.0"), an_image("v1.0.0", scan_status="COMPLETE", severities=(("CRITICAL", 9),))
    given = facts(images=[runs, rests], around=an_around(a_use("v2.0.0", runs.digest)))
    scans = {runs.digest: Known(ScanReport(runs.digest, "COMPLETE", counts={"CRITICAL": 3}))}
    (finding,) = found("critical-findings", replace(given, scans=scans))
    assert (finding.severity, finding.digest, "3 critical" in finding.what) == (Severity.CRITICAL, runs.digest, True)
    clean = {runs.digest: Known(ScanReport(runs.digest, "ACTIVE", counts={}))}
    assert found("critical-findings", replace(given, scans=clean)) == []
    denied = Unread("ecr:DescribeImageScanFindings is not allowed", "ecr:DescribeImageScanFindings")
    assert lacks("critical-findings", replace(given, scans={runs.digest: denied})) == denied


# Lifecycle


def test_no_lifecycle_policy() -> None:
    images = [an_image(f"v1.0.{number}", pushed_at=NOW - number) for number in range(10)]
    (finding,) = found("no-lifecycle-policy", facts(images=images, lifecycle=Known(None)))
    assert finding.command == f"ecrtui lifecycle put pet-web --region {REGION} --template keep-releases"
    assert found("no-lifecycle-policy", facts(images=images)) == []
    assert found("no-lifecycle-policy", facts(images=images[:3], lifecycle=Known(None))) == []
    refused = Unread("ecr:GetLifecyclePolicy is not allowed", "ecr:GetLifecyclePolicy")
    assert lacks("no-lifecycle-policy", facts(images=images, lifecycle=refused)) == refused


def test_a_policy_that_deletes_what_runs() -> None:
    images = [an_image(f"v1.0.{number}", pushed_at=NOW - number * DAY) for number in range(40)]
    around = an_around(a_use("v1.0.39", images[39].digest))
    (finding,) = found("lifecycle-deletes-running", facts(images=images, around=around))
    assert finding.severity is Severity.CRITICAL
    assert "rule 1 deletes v1.0.39" in finding.what
    newest = an_around(a_use("v1.0.0", images[0].digest))
    assert found("lifecycle-deletes-running", facts(images=images, around=newest)) == []
    assert lacks("lifecycle-deletes-running", facts(images=images, around=around, lifecycle=Known("{}"))).why


def test_untagged_share() -> None:
    bare = [an_image(pushed_at=NOW - number * DAY) for number in range(12)]
    tagged = [an_image("v1.0.0")]
    assert found("untagged-share", facts(images=[*bare, *tagged]))
    assert found("untagged-share", facts(images=[*bare[:5], *tagged])) == []
    platforms = [
        an_image("v2.0.0", media_type=INDEX, pushed_at=NOW - 60),
        *(an_image(pushed_at=NOW - 90 - number) for number in range(12)),
    ]
    assert found("untagged-share", facts(images=platforms)) == []


# Permissions


def a_verdict(access: Access, purpose: Purpose = Purpose.PUSH, **more: Any) -> Permitted:
    role = f"arn:aws:iam::{ACCOUNT}:role/builder"
    return Permitted(Actor("codebuild", purpose, Caller(role), ("project pet-web",)), access, "because", **more)


@pytest.mark.parametrize(("id_", "purpose"), [("role-cannot-push", Purpose.PUSH), ("role-cannot-pull", Purpose.PULL)])
def test_roles(id_: str, purpose: Purpose) -> None:
    mend = Mend(Place.ROLE, "builder", ({"Effect": "Allow", "Action": ["ecr:PutImage"], "Resource": "*"},))
    broken = facts(permissions=Known((a_verdict(Access.BROKEN, purpose, mends=(mend,)),)))
    (finding,) = found(id_, broken)
    assert "aws iam put-role-policy" in finding.command
    assert "ecr:PutImage" in finding.command
    assert "ecr:PutImage" in finding.remedy
    assert found(id_, facts(permissions=Known((a_verdict(Access.OK, purpose),)))) == []
    for access in (Access.UNKNOWN, Access.NOT_CHECKED):
        assert lacks(id_, facts(permissions=Known((a_verdict(access, purpose),)))).why == "because"
    refused = Unread("iam:SimulatePrincipalPolicy is not allowed", "iam:SimulatePrincipalPolicy")
    assert lacks(id_, facts(permissions=refused)) == refused


def a_policy(principal: Any, action: Any = "ecr:BatchGetImage", **more: Any) -> str:
    statement = {"Sid": "S", "Effect": "Allow", "Principal": principal, "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_open_repository_policy() -> None:
    (finding,) = found("open-repository-policy", facts(access=Known(a_policy("*"))))
    assert finding.severity is Severity.HIGH
    (finding,) = found("open-repository-policy", facts(access=Known(a_policy({"AWS": "*"}, ["ecr:Put*"]))))
    assert finding.severity is Severity.CRITICAL
    organised = a_policy("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-12345"}})
    assert found("open-repository-policy", facts(access=Known(organised))) == []
    assert found("open-repository-policy", facts(access=Known(None))) == []
    assert "cannot be read" in lacks("open-repository-policy", facts(access=Known("{"))).why


# Buildspecs


def test_plaintext_secrets_are_found_and_never_told() -> None:
    secret = EnvironmentVariable("DB_PASSWORD", "hunter2-correct-horse")
    project = a_project("pet-web", buildspec=BUILDSPEC, variables=(secret,))
    findings = found("plaintext-secret", facts(project=project))
    assert [("DB_PASSWORD" in finding.what, "hunter2" in repr(finding)) for finding in findings] == [(True, False)]
    unseen = a_project("pet-web", variables=(secret,))
    checked = said("plaintext-secret", facts(project=unseen))
    assert len(checked.findings) == 1
    assert len(checked.not_checked) == 1


def test_a_buildspec_that_is_not_seen_is_not_passed() -> None:
    for rule in BUILDSPEC_RULES:
        assert "does not show" in lacks(rule.id, facts(project=a_project("pet-web"))).why
    denied = Unread("s3:GetObject is not allowed", "s3:GetObject")
    stored = a_project("pet-web", buildspec="arn:aws:s3:::bucket/buildspec.yml")
    for rule in BUILDSPEC_RULES:
        assert lacks(rule.id, facts(project=stored, buildspec=denied)) == denied


def test_a_finding_of_a_buildspec_has_its_line() -> None:
    project = a_project(
        "pet-web", buildspec=BUILDSPEC.replace("docker push $REPO:$TAG", "docker push $REPO:$TAG || true")
    )
    (finding,) = found("buildspec-masked-failure", facts(project=project))
    assert finding.line == 17
    moved = a_project("pet-web", buildspec=project.buildspec.replace("phases:", "# a comment\nphases:"))
    (later,) = found("buildspec-masked-failure", facts(project=moved))
    assert (later.line, later.fingerprint) == (18, finding.fingerprint)


# Storage


def test_unused() -> None:
    old = [an_image("v1.0.0", pushed_at=NOW - 200 * DAY, pulled_at=NOW - 100 * DAY)]
    assert found("unused", facts(images=old))
    assert found("unused", facts(images=[replace(old[0], pulled_at=NOW - DAY)])) == []
    assert found("unused", facts(images=old, around=an_around(a_use("v1.0.0", old[0].digest)))) == []
    blind = an_around(unchecked=["lambda:ListFunctions is not allowed"])
    assert lacks("unused", facts(images=old, around=blind)).action == "lambda:ListFunctions"


def test_cost_outliers() -> None:
    def sized(name: str, gigabytes: int) -> NameFacts:
        return facts(name, images=[an_image("v1", size=gigabytes * 10**9)])

    rule = [BY_ID["cost-outlier"]]
    names = (sized("d", 100), *(sized(name, 1) for name in "abce"))
    checked = check_region(rule, RegionFacts(an_around(), names))
    assert [finding.name for finding in checked.findings] == ["d"]
    assert check_region(rule, RegionFacts(an_around(), names[:4])).findings == ()
    blind = (*names, facts("f", images=DENIED))
    checked = check_region(rule, RegionFacts(an_around(), blind))
    assert (len(checked.findings), checked.not_checked[0].unread) == (1, DENIED)


def test_replication_gaps() -> None:
    there = Destination(OTHER, ACCOUNT)
    settings = RegistrySettings(REGION, replication=(ReplicationRule((there,)),))
    images = [an_image(f"v1.0.{number}", pushed_at=NOW - (number + 1) * DAY) for number in range(4)]
    given = facts(images=images, around=an_around(settings=settings))
    same = {image.tags[0]: image.digest for image in images}
    assert found("replication-gap", replace(given, copies=(Copy(there, same),))) == []
    diverged = {**same, "v1.0.2": digest_of("other")}
    (finding,) = found("replication-gap", replace(given, copies=(Copy(there, diverged),)))
    assert (finding.severity, "v1.0.2" in finding.what) == (Severity.MEDIUM, True)
    before_the_rule = {tag: digest for tag, digest in same.items() if tag != "v1.0.3"}
    assert found("replication-gap", replace(given, copies=(Copy(there, before_the_rule),))) == []
    lost = {tag: digest for tag, digest in same.items() if tag != "v1.0.1"}
    assert "v1.0.1" in found("replication-gap", replace(given, copies=(Copy(there, lost),)))[0].what
    said = {images[1].digest: (Replica(there, "FAILED", "KMS_KEY_NOT_ACCESSIBLE"),)}
    (finding,) = found("replication-gap", replace(given, copies=(Copy(there, lost),), replicas=said))
    assert (finding.severity, "could not replicate" in finding.what) == (Severity.MEDIUM, True)
    assert lacks("replication-gap", replace(given, copies=(Copy(there, None, "not in scope"),)))
    unread = RegistrySettings(REGION, unread={"replication": "ecr:DescribeRegistry is not allowed"})
    assert lacks("replication-gap", replace(given, around=an_around(settings=unread))).action == "ecr:DescribeRegistry"


# What lacks


def test_what_could_not_be_listed_is_told_for_the_region() -> None:
    refused = Unread("codebuild:ListProjects is not allowed", "codebuild:ListProjects")
    checked = unlisted(RULES, an_around(projects=refused))
    told = {rule.id for one in checked.not_checked for rule in one.rules}
    assert told == {rule.id for rule in RULES if rule.of in ("project", "name")}
    assert unlisted(RULES, an_around()).not_checked == ()


def test_a_side_that_is_not_there_is_not_judged() -> None:
    given = facts(verdict=Verdict.MISSING_REPOSITORY, repository=None)
    judged = {finding.rule.of for finding in check_name(NAME_RULES, given).findings}
    assert judged == {"project"}


@pytest.mark.parametrize(
    ("sentence", "action"),
    [
        ("The ECS clusters in us-east-1 could not be checked: ecs:ListClusters is not allowed", "ecs:ListClusters"),
        ("the role's policies decide by aws:RequestedRegion", ""),
        ("IAM's simulator said nothing of ecr:PutImage", ""),
        ("no answer came", ""),
    ],
)
def test_the_action_to_ask_for(sentence: str, action: str) -> None:
    assert unread_sentence(sentence) == Unread(sentence, action)
