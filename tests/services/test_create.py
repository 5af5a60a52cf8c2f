"""Creating repositories: what is planned, refused, made, read back, and left after a half failure."""

from dataclasses import replace

import pytest
from memory import REGION, FakeTime, MemoryAccount, MemoryJournal, a_project, a_repository

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import ErrorKind
from ecrtui.services.changes import Gateway
from ecrtui.services.create import RepositorySettings
from ecrtui.services.create_plan import CreatePlan, exists_now, plan, remaining

POLICY = """{"rules": [{"rulePriority": 1, "description": "keep the last ten",
 "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
 "action": {"type": "expire"}}]}"""
OTHER_POLICY = POLICY.replace('"countNumber": 10', '"countNumber": 99')
WANTED = RepositorySettings("pet-web", REGION, policy_text=POLICY, tags={"team": "pets"})


def account_with(*names: str, **settings) -> MemoryAccount:
    return MemoryAccount(projects=[a_project(name) for name in names], **settings)


def as_wanted(wanted: RepositorySettings = WANTED, **differently) -> MemoryAccount:
    """An account in which the wanted repository exists already."""
    values = {
        "mutability": wanted.mutability,
        "exclusions": wanted.exclusions,
        "scan_on_push": wanted.scan_on_push,
        **differently,
    }
    made = a_repository(wanted.name, **values)
    return MemoryAccount(
        repositories=[made],
        projects=[a_project(wanted.name)],
        policies={wanted.name: POLICY},
        tags={made.arn: {"team": "pets", "cost-centre": "7"}},
    )


async def planned(account: MemoryAccount, *wanted: RepositorySettings, **options) -> CreatePlan:
    return await plan(account, wanted, sleep=FakeTime().sleep, **options)


async def applied(account: MemoryAccount, chosen: CreatePlan):
    gateway = Gateway(account, MemoryJournal())
    return [result async for result in gateway.apply_all(chosen.steps, account.who)]


async def test_a_repository_is_made_with_all_its_settings_and_read_back():
    account = account_with("pet-web")
    chosen = await planned(account, WANTED)
    assert [item.verdict for item in chosen.items] == ["create"]
    results = await applied(account, chosen)
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.DONE]
    made = account.area(REGION).repositories["pet-web"]
    assert made.mutability == "IMMUTABLE_WITH_EXCLUSION"
    assert made.exclusions == WANTED.exclusions
    assert made.scan_on_push
    assert account.area(REGION).policies["pet-web"].text == POLICY
    assert account.area(REGION).tags[made.arn] == {"team": "pets"}


async def test_the_call_is_what_ecr_takes():
    chosen = await planned(account_with("pet-web"), replace(WANTED, encryption="KMS", kms_key="alias/pets"))
    assert chosen.steps[0].change.call.parameters == {
        "repositoryName": "pet-web",
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [
            {"filterType": "WILDCARD", "filter": text} for text in WANTED.exclusions
        ],
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "alias/pets"},
        "tags": [{"Key": "team", "Value": "pets"}],
    }
    assert chosen.steps[1].after == 0


async def test_filters_are_sent_with_an_exclusion_only():
    chosen = await planned(account_with("pet-web"), replace(WANTED, mutability="MUTABLE"))
    assert "imageTagMutabilityExclusionFilters" not in chosen.steps[0].change.call.parameters


@pytest.mark.fault("C49")
async def test_a_repository_seen_late_is_waited_for():
    account = account_with("pet-web", visible_after=3)
    results = await applied(account, await planned(account, WANTED))
    assert results[0].outcome is Outcome.DONE


@pytest.mark.fault("C49")
async def test_a_repository_that_never_appears_is_not_called_done():
    account = account_with("pet-web", visible_after=99)
    results = await applied(account, await planned(account, WANTED))
    assert [result.outcome for result in results] == [Outcome.UNKNOWN, Outcome.REFUSED]


async def test_no_project_no_repository_unless_allowed():
    account = MemoryAccount()
    item = (await planned(account, WANTED)).items[0]
    assert item.verdict == "refused"
    assert "create the project first" in item.reasons[0]
    item = (await planned(account, WANTED, allow_without_project=True)).items[0]
    assert item.verdict == "create"
    assert "create the project first" in item.reasons[0]


async def test_a_project_that_must_not_be_seen_is_not_called_missing():
    account = account_with("pet-web")
    account.faults.deny("codebuild:BatchGetProjects")
    item = (await planned(account, WANTED)).items[0]
    assert item.verdict == "refused"
    assert "codebuild:BatchGetProjects" in item.reasons[0]
    assert "there is no" not in item.reasons[0]


async def test_a_repository_that_must_not_be_seen_is_not_created():
    account = account_with("pet-web")
    account.faults.deny("ecr:DescribeRepositories")
    item = (await planned(account, WANTED)).items[0]
    assert item.verdict == "refused"
    assert "ecr:DescribeRepositories" in item.reasons[0]


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"name": "Pet_Web"}, "pet"),
        ({"name": ""}, "name"),
        ({"exclusions": ()}, "exclusion filter"),
        ({"exclusions": tuple("abcdef")}, "at most 5"),
        ({"mutability": "SOMETIMES"}, "SOMETIMES"),
        ({"encryption": "ROT13"}, "ROT13"),
        ({"kms_key": "alias/pets"}, "KMS"),
        ({"tags": {"aws:x": "y"}}, "aws:"),
        ({"policy_text": "{}"}, "lifecycle policy"),
    ],
)
async def test_what_ecr_would_refuse_is_refused_before_anything_is_asked(settings, word):
    account = account_with("pet-web")
    item = (await planned(account, replace(WANTED, **settings))).items[0]
    assert item.verdict == "refused"
    assert word in " ".join(item.reasons)
    assert account.calls == []


async def test_a_name_that_departs_from_the_rule_may_be_created_and_is_told():
    item = (await planned(account_with("pet_web"), replace(WANTED, name="pet_web"))).items[0]
    assert item.verdict == "create"
    assert any("pet-web" in reason for reason in item.reasons)


async def test_what_exists_alike_needs_nothing():
    item = (await planned(as_wanted(), WANTED)).items[0]
    assert (item.verdict, item.steps, item.differences) == ("exists-same", (), ())


@pytest.mark.parametrize(
    ("differently", "word"),
    [
        ({"mutability": "MUTABLE"}, "tag mutability"),
        ({"exclusions": ("latest",)}, "exclusion filters"),
        ({"scan_on_push": False}, "scan on push is off"),
        ({"scan_on_push": None}, "scan on push is not known"),
        ({"encryption": "KMS"}, "encryption is KMS"),
    ],
)
async def test_what_exists_differently_says_in_what(differently, word):
    item = (await planned(as_wanted(**differently), WANTED)).items[0]
    assert item.verdict == "exists-differs"
    assert word in " ".join(item.differences)


async def test_tags_policy_and_key_are_compared_too():
    wanted = replace(WANTED, tags={"team": "cats"}, policy_text=OTHER_POLICY, encryption="KMS", kms_key="1234")
    account = as_wanted(encryption="KMS", kms_key="arn:aws:kms:r:1:key/9999")
    found = " ".join((await planned(account, wanted)).items[0].differences)
    assert "tag team is pets" in found
    assert "lifecycle policy" in found
    assert "KMS key" in found


async def test_what_cannot_be_compared_is_not_called_the_same():
    account = as_wanted()
    account.faults.deny("ecr:ListTagsForResource")
    item = (await planned(account, WANTED)).items[0]
    assert item.verdict == "exists-differs"
    assert "ecr:ListTagsForResource" in item.differences[0]


async def test_two_of_one_name_are_created_once():
    chosen = await planned(account_with("pet-web"), WANTED, WANTED)
    assert [item.verdict for item in chosen.items] == ["create", "refused"]


@pytest.mark.parametrize(
    ("scan", "outcomes"),
    [(True, [Outcome.ALREADY, Outcome.DONE]), (False, [Outcome.DIFFERS, Outcome.REFUSED])],
)
async def test_one_made_meanwhile_by_somebody_else_is_compared(scan, outcomes):
    account = account_with("pet-web")
    chosen = await planned(account, WANTED)
    theirs = as_wanted(scan_on_push=scan)
    account.area(REGION).repositories = theirs.area(REGION).repositories
    account.area(REGION).tags = theirs.area(REGION).tags
    results = await applied(account, chosen)
    assert [result.outcome for result in results] == outcomes
    assert remaining(chosen, results).items == ()


@pytest.mark.fault("C48")
async def test_a_lost_answer_is_resolved_by_reading():
    account = account_with("pet-web")
    chosen = await planned(account, WANTED)
    account.faults.lose_reply("ecr:CreateRepository")
    results = await applied(account, chosen)
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.DONE]
    assert len(account.sent) == 2


async def test_a_half_failure_says_what_exists_and_offers_the_rest():
    account = account_with("pet-web", "cat-web")
    chosen = await planned(account, WANTED, replace(WANTED, name="cat-web"))
    account.faults.fail("ecr:PutLifecyclePolicy", ErrorKind.SERVICE, target="pet-web", times=1)
    account.faults.fail("ecr:CreateRepository", ErrorKind.LIMIT, target="cat-web", times=1)
    results = await applied(account, chosen)
    assert [result.outcome for result in results] == [
        Outcome.DONE,
        Outcome.FAILED,
        Outcome.FAILED,
        Outcome.REFUSED,
    ]
    sentences = exists_now(results)
    assert "repository pet-web exists as planned" in sentences[0]
    assert "policy of pet-web was not set" in sentences[1]
    assert "repository cat-web was not created" in sentences[2]

    rest = remaining(chosen, results)
    assert [step.change.call.operation for step in rest.steps] == [
        "PutLifecyclePolicy",
        "CreateRepository",
        "PutLifecyclePolicy",
    ]
    assert [step.after for step in rest.steps] == [None, None, 1]
    assert all(result.outcome is Outcome.DONE for result in await applied(account, rest))
    assert remaining(rest, await applied(account, rest)).items == ()


async def test_the_rest_after_a_stop_is_all_that_was_not_tried():
    account = account_with("pet-web")
    chosen = await planned(account, WANTED)
    assert remaining(chosen, []).steps == chosen.steps


async def test_a_denied_creation_names_the_action():
    account = account_with("pet-web")
    account.faults.deny("ecr:CreateRepository")
    results = await applied(account, await planned(account, WANTED))
    assert results[0].error.action == "ecr:CreateRepository"
    assert "was not created" in exists_now(results)[0]
