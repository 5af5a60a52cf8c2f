"""Previewing a policy, what blocks it, putting, deleting and restoring it."""

import json
from dataclasses import replace

import pytest
from memory import (
    ACCOUNT,
    NOW,
    REGION,
    FakeTime,
    MemoryAccount,
    MemoryJournal,
    a_repository,
    an_image,
    an_index,
    digest_of,
)

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle import PolicyError
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.changes import Gateway, Step
from ecrtui.services.lifecycle import former_policy, plan_delete, plan_put, plan_restore, preview
from ecrtui.services.lifecycle_preview import aws_preview
from ecrtui.services.ports import PreviewMark, PreviewReport

DAY = 86_400.0
URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/pet-web"


def keep(count: int) -> str:
    rule = {
        "rulePriority": 1,
        "description": f"keep the last {count}",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count},
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]}, indent=1)


IMAGES = [an_image(f"v{n}", pushed_at=NOW - (5 - n) * DAY, size=10**9) for n in range(1, 5)]


def shop(*images, **settings) -> MemoryAccount:
    return MemoryAccount(repositories=[a_repository("pet-web")], images={"pet-web": images or IMAGES}, **settings)


def use(reference: str, digest: str | None = None) -> Use:
    found = parse(reference)
    assert found is not None
    return Use("ecs-service", "shop/pet-web", REGION, found, digest, 2)


def usages(*uses: Use, unchecked: tuple[str, ...] = ()) -> dict[str, Usage]:
    return {REGION: Usage(uses, unchecked)}


async def previewed(account: MemoryAccount, text: str = keep(2), **options):
    return await preview(account, REGION, "pet-web", text, clock=FakeTime(), **options)


async def applied(account: MemoryAccount, step: Step, journal: MemoryJournal | None = None):
    return await Gateway(account, journal or MemoryJournal()).apply(step, account.who)


def put(account: MemoryAccount, seen, text: str = keep(2), **options) -> Step:
    return plan_put(account, REGION, "pet-web", text, seen, sleep=FakeTime().sleep, **options)


async def test_a_preview_says_what_goes_and_what_it_saves():
    seen = await previewed(shop())
    assert [mark.tags for mark in seen.evaluation.marks] == [("v1",), ("v2",)]
    assert seen.monthly_saving == pytest.approx(0.2)
    assert (seen.in_use, seen.unchecked, seen.blocked, seen.stored_text) == ({}, (), False, None)


async def test_an_unknown_size_has_no_price():
    images = [replace(image, size=None) for image in IMAGES]
    assert (await previewed(shop(*images))).monthly_saving is None


@pytest.mark.parametrize("digest", [None, IMAGES[0].digest])
@pytest.mark.fault("E84")
async def test_an_image_in_use_blocks_putting_until_it_is_allowed(digest):
    account = shop(usages=usages(use(f"{URI}:v1", digest)))
    seen = await previewed(account)
    assert list(seen.in_use) == [IMAGES[0].digest]
    assert seen.blocked

    result = await applied(account, put(account, seen))
    assert result.outcome is Outcome.REFUSED
    assert "v1 would go" in result.detail
    assert "shop/pet-web" in result.detail
    assert account.sent == []

    step = put(account, seen, allow_in_use=True)
    assert step.change.confirm_word == "pet-web"
    assert (await applied(account, step)).outcome is Outcome.DONE


async def test_a_kept_image_in_use_blocks_nothing():
    assert not (await previewed(shop(usages=usages(use(f"{URI}:v4"))))).blocked


async def test_uses_that_could_not_be_checked_block_as_if_in_use():
    account = shop()
    account.faults.deny("ecs:ListClusters")
    seen = await previewed(account)
    assert seen.blocked
    assert len(seen.unchecked) == 1
    assert not (await previewed(account, keep(99))).blocked


async def test_a_running_child_of_an_index_blocks_the_index():
    child = an_image(pushed_at=NOW - 9 * DAY, digest=digest_of("amd64"))
    index, manifest = an_index("v0", children={"linux/amd64": child.digest}, pushed_at=NOW - 8 * DAY)
    account = shop(
        *IMAGES,
        child,
        index,
        manifests={index.digest: manifest},
        usages=usages(use(f"{URI}:old", child.digest)),
    )
    seen = await previewed(account, keep(4))
    assert [mark.digest for mark in seen.evaluation.marks] == [index.digest]
    assert [each.image.digest for each in seen.evaluation.protected] == [child.digest]
    assert list(seen.in_use) == [index.digest]

    account.area(REGION).manifests.clear()
    unread = await previewed(account, keep(4))
    assert unread.blocked
    assert any("indexes" in what for what in unread.unchecked)


async def test_no_manifest_is_read_when_nothing_would_go():
    index, manifest = an_index("v0", children={}, pushed_at=NOW)
    account = shop(index, manifests={index.digest: manifest})
    await previewed(account, keep(9))
    assert account.count("ecr:BatchGetImage") == 0


async def test_an_invalid_policy_and_an_incomplete_list_have_no_preview():
    with pytest.raises(PolicyError):
        await previewed(shop(), "{}")
    account = shop(page_size=1)
    account.faults.fail("ecr:DescribeImages", ErrorKind.NETWORK, after=1)
    with pytest.raises(AppError) as caught:
        await previewed(account)
    assert caught.value.kind is ErrorKind.NETWORK


async def test_a_policy_is_put_and_read_back_and_the_former_is_journalled():
    account, journal = shop(policies={"pet-web": keep(7)}), MemoryJournal()
    result = await applied(account, put(account, await previewed(account)), journal)
    assert result.outcome is Outcome.DONE
    assert account.area(REGION).policies["pet-web"].text == keep(2)
    assert journal.written[0].before == keep(7)


async def test_a_policy_that_is_set_already_is_not_sent():
    account = shop(policies={"pet-web": json.dumps(json.loads(keep(2)))})
    assert (await applied(account, put(account, await previewed(account)))).outcome is Outcome.ALREADY
    assert account.sent == []


@pytest.mark.fault("E78")
async def test_a_policy_changed_meanwhile_makes_the_plan_stale():
    account = shop(policies={"pet-web": keep(7)})
    step = put(account, await previewed(account))
    account.area(REGION).policies = shop(policies={"pet-web": keep(8)}).area(REGION).policies
    assert (await applied(account, step)).outcome is Outcome.REFUSED
    assert account.sent == []


@pytest.mark.fault("E84")
async def test_another_policy_than_the_previewed_one_is_refused():
    account = shop()
    assert (await applied(account, put(account, await previewed(account), keep(1)))).outcome is Outcome.REFUSED


async def test_a_lost_answer_to_a_put_is_resolved_by_reading():
    for done, outcome in ((True, Outcome.DONE), (False, Outcome.UNKNOWN)):
        account = shop(policies={"pet-web": keep(7)})
        account.faults.lose_reply("ecr:PutLifecyclePolicy", applied=done)
        assert (await applied(account, put(account, await previewed(account)))).outcome is outcome


async def test_the_policy_before_a_change_is_restored():
    account, journal = shop(policies={"pet-web": keep(7)}), MemoryJournal()
    await applied(account, put(account, await previewed(account)), journal)
    former = await former_policy(account, journal, REGION, "pet-web")
    assert former is not None
    assert former.text == keep(7)
    time = FakeTime()
    step = await plan_restore(account, journal, REGION, "pet-web", clock=time, sleep=time.sleep)
    assert (await applied(account, step, journal)).outcome is Outcome.DONE
    assert account.area(REGION).policies["pet-web"].text == keep(7)
    again = await former_policy(account, journal, REGION, "pet-web")
    assert again is not None
    assert again.text == keep(2)


async def test_where_no_policy_was_restoring_deletes_and_where_nothing_is_known_it_refuses():
    account, journal, time = shop(), MemoryJournal(), FakeTime()
    with pytest.raises(AppError) as caught:
        await plan_restore(account, journal, REGION, "pet-web")
    assert caught.value.kind is ErrorKind.NOT_FOUND
    await applied(account, put(account, await previewed(account)), journal)
    step = await plan_restore(account, journal, REGION, "pet-web", clock=time, sleep=time.sleep)
    assert step.change.call.operation == "DeleteLifecyclePolicy"
    assert (await applied(account, step, journal)).outcome is Outcome.DONE
    assert account.area(REGION).policies == {}


async def test_a_failed_change_is_not_what_is_restored():
    account, journal = shop(policies={"pet-web": keep(7)}), MemoryJournal()
    account.faults.deny("ecr:PutLifecyclePolicy")
    await applied(account, put(account, await previewed(account)), journal)
    assert await former_policy(account, journal, REGION, "pet-web") is None


async def test_what_an_emulator_of_the_same_account_had_is_not_what_is_restored():
    journal = MemoryJournal()
    emulated = shop(policies={"pet-web": keep(7)}, endpoint="http://127.0.0.1:4566")
    await applied(emulated, put(emulated, await previewed(emulated)), journal)
    assert await former_policy(emulated, journal, REGION, "pet-web") is not None
    assert await former_policy(shop(), journal, REGION, "pet-web") is None


async def test_what_was_looked_up_later_and_found_not_done_replaced_nothing():
    account, journal = shop(policies={"pet-web": keep(7)}), MemoryJournal()
    account.faults.lose_reply("ecr:PutLifecyclePolicy", applied=False)
    result = await applied(account, put(account, await previewed(account)), journal)
    assert result.outcome is Outcome.UNKNOWN
    assert await former_policy(account, journal, REGION, "pet-web") is not None
    journal.written.append(replace(journal.written[-1], outcome="not done", looked_up=True))
    assert await former_policy(account, journal, REGION, "pet-web") is None


async def test_a_restored_policy_is_blocked_by_what_is_in_use_like_any_other():
    account, journal = shop(policies={"pet-web": keep(1)}, usages=usages(use(f"{URI}:v3"))), MemoryJournal()
    await applied(account, put(account, await previewed(account, keep(9)), keep(9)), journal)
    step = await plan_restore(account, journal, REGION, "pet-web", clock=FakeTime())
    assert (await applied(account, step, journal)).outcome is Outcome.REFUSED


async def test_deleting_a_policy_that_is_not_there_needs_nothing():
    account = shop()
    step = await plan_delete(account, REGION, "pet-web")
    assert (await applied(account, step)).outcome is Outcome.ALREADY


async def aws_of(account: MemoryAccount, **options):
    gateway = Gateway(account, MemoryJournal())
    return await aws_preview(
        gateway, account, account.who, REGION, "pet-web", keep(2), sleep=FakeTime().sleep, **options
    )


@pytest.mark.fault("E84")
async def test_awss_preview_is_compared_with_ours():
    account = shop()
    marks = (
        PreviewMark(IMAGES[0].digest, ("v1",), "expire", 1),
        PreviewMark(IMAGES[3].digest, ("v4",), "expire", 1),
    )
    account.area(REGION).previews["pet-web"] = PreviewReport("COMPLETE", marks)
    seen = await aws_of(account, ours=(await previewed(account)).evaluation)
    assert seen.report is not None
    assert [text.partition(":")[0] for text in seen.differences] == ["v2", "v4"]


@pytest.mark.parametrize("kind", [ErrorKind.DENIED, ErrorKind.SERVICE])
async def test_without_awss_preview_there_is_a_reason(kind):
    account = shop()
    account.faults.fail("ecr:StartLifecyclePolicyPreview", kind)
    seen = await aws_of(account)
    assert seen.report is None
    assert seen.reason


async def test_a_preview_of_somebody_else_is_waited_for():
    account = shop()
    account.faults.fail("ecr:StartLifecyclePolicyPreview", ErrorKind.CONFLICT, times=2)
    assert (await aws_of(account)).report == PreviewReport("COMPLETE")


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED", "EXPIRED"])
async def test_a_preview_that_does_not_complete_is_no_preview(status):
    account = shop()
    account.area(REGION).previews["pet-web"] = PreviewReport(status)
    seen = await aws_of(account)
    assert (seen.report, status in seen.reason) == (None, True)


async def test_read_only_has_no_preview_of_awss():
    assert "read-only" in (await aws_of(shop(read_only=True))).reason
