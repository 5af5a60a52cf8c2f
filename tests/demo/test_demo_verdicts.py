"""The seeded account shows every verdict of Compare."""

from __future__ import annotations

from ecrtui.demo import registry
from ecrtui.demo.account import ACCOUNT_ID, Account, Region
from ecrtui.demo.operations import Json
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.pairing import pair
from ecrtui.domain.project import EnvironmentVariable, Project
from ecrtui.domain.registry import CreationTemplate, Destination, PullThroughRule, RegistrySettings, ReplicationRule
from ecrtui.domain.repository import Repository
from ecrtui.domain.verdict import LastImage, RegionFacts, Side, Verdict


def facts_of(region: Region) -> RegionFacts:
    repositories = region.registry.repositories.values()
    return RegionFacts(
        region.name,
        ACCOUNT_ID,
        Side([project(each.document, region.name) for each in region.projects.values()]),
        Side([repository(each, region.name) for each in repositories]),
        {each.name: LastImage(next(iter(each.images))) if each.images else None for each in repositories},
        RegistrySettings(
            region.name,
            replication=tuple(_rule(each) for each in region.registry.replication),
            pull_through=tuple(
                PullThroughRule(each["ecrRepositoryPrefix"], each["upstreamRegistryUrl"])
                for each in region.registry.cache_rules
            ),
            templates=tuple(
                CreationTemplate(each["prefix"], tuple(each["appliedFor"])) for each in region.registry.templates
            ),
        ),
    )


def _rule(rule: Json) -> ReplicationRule:
    destinations = [Destination(each["region"], each["registryId"]) for each in rule["destinations"]]
    return ReplicationRule(tuple(destinations), tuple(each["filter"] for each in rule["repositoryFilters"]))


def project(document: Json, region: str) -> Project:
    return Project(
        name=document["name"],
        region=region,
        arn=document["arn"],
        buildspec=document["source"]["buildspec"],
        privileged=document["environment"]["privilegedMode"],
        variables=tuple(
            EnvironmentVariable(each["name"], each["value"], each["type"])
            for each in document["environment"]["environmentVariables"]
        ),
    )


def repository(stored: registry.Repository, region: str) -> Repository:
    return Repository(stored.name, region, ACCOUNT_ID, stored.arn, stored.uri)


def test_every_verdict_is_in_the_account(seeded: tuple[Account, str]) -> None:
    account, _ = seeded
    refused = AppError(ErrorKind.REGION_DISABLED, "list the projects")
    facts = [facts_of(region) for region in account.regions if region.projects]
    unseen = Side[Project](complete=False, error=refused)
    facts.append(RegionFacts("eu-west-3", ACCOUNT_ID, unseen, Side(complete=False, error=refused)))
    verdicts = {(each.name, each.region): each.verdict for each in pair(facts)}
    seoul = {name: verdict for (name, region), verdict in verdicts.items() if region == "ap-northeast-2"}
    expected = {
        "pet-web": Verdict.PAIRED,
        "pet-worker": Verdict.PAIRED,
        "api-server": Verdict.MISSING_REPOSITORY,
        "report-generator": Verdict.MISSING_REPOSITORY,
        "legacy-frontend": Verdict.NO_PROJECT,
        "batch-worker": Verdict.NO_PROJECT,
        "batch-jobs": Verdict.PUSHES_ELSEWHERE,
        "mobile-bff": Verdict.PUSHES_ELSEWHERE,
        "partner-gateway": Verdict.PUSHES_ELSEWHERE,
        "Pet_Admin": Verdict.NAME_CANNOT_PAIR,
        "base/node": Verdict.NAME_CANNOT_PAIR,
        "docker-hub/library/nginx": Verdict.CACHE,
        "infra-terraform": Verdict.NOT_A_CONTAINER_BUILD,
        "docs-site": Verdict.NOT_A_CONTAINER_BUILD,
        "loyalty-service": Verdict.NEVER_PUSHED,
        "recommendation-engine": Verdict.NEVER_PUSHED,
    }
    assert {name: seoul[name] for name in expected} == expected
    assert set(verdicts.values()) == set(Verdict)
    assert {verdicts[name, "ap-northeast-1"] for name in ("pet-web", "pet-api", "pet-worker")} == {Verdict.REPLICA}
    assert verdicts["", "eu-west-3"] is Verdict.UNKNOWN
