"""Comparing both sides of several regions, also when one of them must not be read."""

from memory import ACCOUNT, NOW, REGION, MemoryAccount, a_build, a_project, a_repository, an_image

from ecrtui.domain.pairing import Verdict
from ecrtui.domain.registry import Destination, RegistrySettings, ReplicationRule
from ecrtui.services.compare import compare, facts_of
from ecrtui.services.state import IDLE, Loading

OTHER = "us-east-1"


def account() -> MemoryAccount:
    return MemoryAccount(
        regions=(REGION, OTHER),
        projects=[a_project("pet-web"), a_project("api-server"), a_project("new-web"), a_project("far", OTHER)],
        repositories=[
            a_repository("pet-web"),
            a_repository("new-web"),
            a_repository("lonely"),
            a_repository("far", OTHER),
        ],
        images={"pet-web": [an_image("v1", pushed_at=NOW - 9)], "lonely": [an_image("v1")]},
        builds=[a_build("pet-web", 7, status="FAILED")],
    )


async def verdicts(compared: MemoryAccount) -> dict[tuple[str, str], Verdict]:
    found = await compare(compared, [REGION, OTHER])
    return {(row.pairing.region, row.pairing.name): row.pairing.verdict for row in found.rows}


async def test_every_name_of_every_region_has_its_verdict():
    assert await verdicts(account()) == {
        (REGION, "pet-web"): Verdict.PAIRED,
        (REGION, "api-server"): Verdict.MISSING_REPOSITORY,
        (REGION, "new-web"): Verdict.NEVER_PUSHED,
        (REGION, "lonely"): Verdict.NO_PROJECT,
        (OTHER, "far"): Verdict.NEVER_PUSHED,
    }


async def test_a_row_has_its_last_build_and_its_last_image():
    told: list[str] = []
    found = await compare(account(), [REGION, OTHER], progress=told.append)
    row = next(row for row in found.rows if row.pairing.name == "pet-web")
    assert row.last_build is not None
    assert row.last_build.number == 7
    assert row.summary is not None
    assert row.summary.last_tag == "v1"
    assert row.pairing.last_image is not None
    assert (row.pairing.last_image.tag, row.pairing.last_image.pushed_at) == ("v1", NOW - 9)
    assert found.errors == {}
    assert told


async def test_a_region_that_is_refused_is_unknown_and_costs_that_region_only():
    compared = account()
    compared.faults.deny("ecr:DescribeRepositories", region=OTHER)
    found = await compare(compared, [REGION, OTHER])
    by_region = {row.pairing.region: row.pairing.verdict for row in found.rows if row.pairing.name != "lonely"}
    assert by_region[OTHER] is Verdict.UNKNOWN
    assert found.errors[OTHER].action == "ecr:DescribeRepositories"
    assert REGION not in found.errors


async def test_images_that_must_not_be_listed_are_not_called_never_pushed():
    compared = account()
    compared.faults.deny("ecr:DescribeImages")
    found = await compare(compared, [REGION])
    row = next(row for row in found.rows if row.pairing.name == "new-web")
    assert row.pairing.verdict is Verdict.PAIRED
    assert row.summary is not None
    assert row.summary.error is not None
    assert found.errors == {}


async def test_a_replica_is_known_by_one_look_at_each_registry():
    rule = ReplicationRule((Destination(OTHER, ACCOUNT),), ("lone",))
    compared = MemoryAccount(
        regions=(REGION, OTHER, "eu-west-1"),
        repositories=[a_repository("lonely"), a_repository("lonely", OTHER), a_repository("alone", OTHER)],
        settings=[RegistrySettings(REGION, ACCOUNT, (rule,))],
    )
    three = [REGION, OTHER, "eu-west-1"]
    found = {(row.pairing.region, row.pairing.name): row.pairing for row in (await compare(compared, three)).rows}
    replica = found[OTHER, "lonely"]
    assert (replica.verdict, replica.source) == (Verdict.REPLICA, REGION)
    assert found[OTHER, "alone"].verdict is Verdict.NO_PROJECT
    assert compared.count("ecr:DescribeRegistry") == 2, "a region with nothing in it is not asked"
    compared.faults.deny("ecr:DescribeRegistry", region=REGION)
    assert (await verdicts(compared))[OTHER, "lonely"] is Verdict.UNKNOWN


async def test_without_an_identity_it_still_compares():
    compared = account()
    compared.faults.deny("sts:GetCallerIdentity")
    assert (await verdicts(compared))[REGION, "pet-web"] is Verdict.PAIRED


def test_what_is_still_loading_is_incomplete():
    facts = facts_of(REGION, ACCOUNT, Loading((a_project("pet-web"),)), IDLE, {})
    assert (facts.projects.complete, facts.repositories.complete) == (False, False)
    assert [project.name for project in facts.projects.rows] == ["pet-web"]
