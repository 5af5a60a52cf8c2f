"""Lifecycle as stories: read, draft, preview, blocked, spared, applied, restored, deleted; for one and for many."""

from __future__ import annotations

import json

from memory import NOW, MemoryAccount, MemoryJournal, a_repository, an_image

from driver import Driver, driving
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
DAY = 86_400.0


def policy(keep: int, status: str = "any", **selection) -> str:
    rule = {
        "rulePriority": 1,
        "description": f"keep the newest {keep} of these images",
        "selection": {"tagStatus": status, **selection, "countType": "imageCountMoreThan", "countNumber": keep},
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})


def use(tag: str, region: str = SEOUL) -> Use:
    reference = parse(f"123456789012.dkr.ecr.{SEOUL}.amazonaws.com/pet-web:{tag}")
    assert reference is not None
    return Use("ecs-service", "shop/front", region, reference, running=2)


def account(stored: str | None = None, **settings) -> MemoryAccount:
    images = [an_image(f"v{n}", pushed_at=NOW - (9 - n) * DAY) for n in range(1, 9)]
    settings.setdefault("policies", {"pet-web": stored} if stored else {})
    return MemoryAccount(
        regions=(SEOUL, TOKYO),
        repositories=[a_repository("pet-web"), a_repository("api-gateway")],
        images={"pet-web": images, "api-gateway": images[:3]},
        **settings,
    )


async def opened(t: Driver) -> None:
    await t.sees("pet-web", "api-gateway")
    await t.press("G", "L")
    await t.sees("LIFECYCLE  pet-web", "DRAFT", "PREVIEW")


async def keep_last(t: Driver, number: str) -> None:
    """Fill the draft from the first template."""
    await t.press("T")
    await t.sees("Keep the last N images")
    await t.pilot.pause(0.3)
    await t.press("enter")
    await t.sees("Images to keep")
    await t.pilot.pause(0.3)
    await t.press("backspace", "backspace")
    await t.type(number)
    await t.sees(f"beyond the newest {number}.")
    await t.press("enter")
    await t.sees("valid, not applied")


async def confirmed(t: Driver, word: str = "") -> None:
    """Confirm the plan, after the dialog could be read."""
    await t.sees("The same with the AWS CLI")
    await t.pilot.pause(0.3)
    if word:
        await t.type(word)
        await t.press("enter")
        await t.pilot.pause(0.3)
    else:
        await t.press("right")
    await t.press("enter")
    await t.sees("1 done")
    await t.pilot.pause(0.3)
    await t.press("enter")
    await t.misses("1 done")


async def test_no_policy_says_so_and_what_helps():
    async with driving(account()) as t:
        await opened(t)
        await t.sees("none: images stay for ever", "T fills in a template")


async def test_a_policy_is_read_in_sentences_and_its_text_laid_out():
    async with driving(account(policy(5))) as t:
        await opened(t)
        await t.sees("Expire all images beyond the newest 5.", "never ran yet", '"rulePriority": 1', "as stored")


async def test_a_denied_policy_is_not_none():
    refused = account(policy(5))
    refused.faults.deny("ecr:GetLifecyclePolicy")
    async with driving(refused) as t:
        await opened(t)
        await t.sees("denied", "ecr:GetLifecyclePolicy")
        assert "none: images" not in t.screen


async def test_a_preview_says_what_goes_why_and_what_it_saves():
    async with driving(account(policy(5))) as t:
        await opened(t)
        await t.press("p")
        await t.sees("expires 3 of 8", "600 MB at most", "$0.06 a month", "none of them is in use")
        await t.sees("number 8 from the newest; the rule keeps 5")
        assert "v4" not in t.screen.split("PREVIEW")[1]
        await t.press("V")
        await t.sees("5  stay, of 8")


async def test_what_runs_blocks_until_it_is_spared_then_apply_and_restore():
    living, journal = account(policy(8), usages={SEOUL: Usage((use("v1"),))}), MemoryJournal()
    async with driving(living, journal=journal) as t:
        await opened(t)
        await keep_last(t, "3")
        await t.press("f5")
        await t.sees("1 in use: blocked", "shop/front")
        await t.press("A")
        await t.sees("pet-web is blocked", "v1 would go")
        assert living.sent == []
        await t.pilot.pause(0.3)
        await t.press("enter")
        await t.misses("pet-web is blocked")

        await keep_last(t, "8")
        await t.press("escape", "A")
        await t.sees("Apply the lifecycle policy of pet-web")
        await t.pilot.pause(0.3)
        await t.press("escape")


async def test_a_blocked_policy_can_be_allowed_by_typing_and_restored():
    living, journal = account(policy(8), usages={SEOUL: Usage((use("v1"),))}), MemoryJournal()
    async with driving(living, journal=journal) as t:
        await opened(t)
        await keep_last(t, "3")
        await t.press("escape", "A")
        await t.sees("pet-web is blocked")
        await t.pilot.pause(0.3)
        await t.press("right", "enter")
        await t.sees("Type pet-web to confirm", "in use go all the same")
        await confirmed(t, "pet-web")
        await t.sees("beyond the newest 3.", "as stored")
        await t.press("U")
        await t.sees("Restore the lifecycle policy of pet-web")
        await confirmed(t)
        await t.sees("beyond the newest 8.")
        await t.misses("of another text")
    assert [call.operation for _, call in living.sent] == ["PutLifecyclePolicy"] * 2
    assert json.loads(living.sent[1][1].parameters["lifecyclePolicyText"]) == json.loads(policy(8))


async def test_uses_in_another_region_in_scope_block_too():
    living = account(policy(8), usages={TOKYO: Usage((use("v1", TOKYO),))})
    async with driving(living, regions=(SEOUL, TOKYO)) as t:
        await opened(t)
        await keep_last(t, "3")
        await t.press("f5")
        await t.sees("1 in use: blocked")


async def test_uses_that_cannot_be_checked_block():
    refused = account(policy(5))
    refused.faults.deny("ecs:ListClusters")
    async with driving(refused) as t:
        await opened(t)
        await t.press("p")
        await t.sees("could not be checked: blocked", "not checked")


async def test_problems_have_their_line_and_f8_goes_there():
    async with driving(account(policy(5))) as t:
        await opened(t)
        await t.press("E", "down", "down", "end")
        await t.type("x")
        await t.sees("1 problem")
        await t.press("ctrl+home", "pageup", "f8")
        area = t.app.screen.query_one("PolicyText")
        assert area.cursor_location[0] in (2, 3)
        await t.press("escape", "A")
        await t.sees("the draft is not valid")


async def test_apply_to_many_leaves_out_what_is_blocked():
    living = account(policies={"pet-web": policy(8), "api-gateway": policy(8)}, usages={SEOUL: Usage((use("v1"),))})
    async with driving(living) as t:
        await t.sees("pet-web", "api-gateway")
        await t.press("asterisk", "L")
        await t.sees("REPOSITORIES  2", "2 marked")
        await keep_last(t, "2")
        await t.press("escape", "A")
        await t.sees("1 of 2 are left out", "pet-web in ap-northeast-2")
        await t.pilot.pause(0.3)
        await t.press("right", "enter")
        await t.sees("Apply the lifecycle policy of api-gateway")
        await confirmed(t)
    assert [call.parameters["repositoryName"] for _, call in living.sent] == ["api-gateway"]


async def test_a_repository_that_cannot_be_previewed_is_named_and_left_out():
    refused = account(policy(5))
    refused.faults.deny("ecr:DescribeImages", target="pet-web")
    async with driving(refused) as t:
        await opened(t)
        await t.press("A")
        await t.sees("cannot be previewed", "Cancel")
        assert "Apply to" not in t.screen


async def test_delete_is_proposed_and_restorable():
    living, journal = account(policy(8)), MemoryJournal()
    async with driving(living, journal=journal) as t:
        await opened(t)
        await t.sees("beyond the newest 8.")
        await t.press("D")
        await t.sees("Delete the lifecycle policy of pet-web")
        await confirmed(t)
        await t.sees("none: images stay for ever")
        await t.press("U")
        await confirmed(t)
        await t.sees("beyond the newest 8.")


async def test_read_only_previews_but_changes_nothing():
    reading = account(policy(5), read_only=True)
    async with driving(reading) as t:
        await opened(t)
        await t.press("p")
        await t.sees("expires 3 of 8")
        for key in ("A", "U", "D", "a"):
            await t.press(key)
            await t.sees("read-only: this session sends no changes")
    assert reading.sent == []


async def test_awss_own_preview_stands_beside_ours_with_the_differences():
    living = account(policy(5))
    async with driving(living) as t:
        await opened(t)
        await t.press("p")
        await t.sees("expires 3 of 8")
        await t.press("a")
        await t.sees("AWS's own preview differs in 3")
        await t.sees("≠ stays")


async def test_hostile_text_is_shown_as_escapes_and_keeps_its_meaning():
    hostile = json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "description": "a\u202eb\u001b]0;x\u0007 [red]c[/red]",
                    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5},
                    "action": {"type": "expire"},
                }
            ]
        },
        ensure_ascii=False,
    )
    async with driving(account(hostile)) as t:
        await opened(t)
        await t.sees("\\u202e", "\\u001b", "[red]c[/red]", "as stored")


async def test_an_unapplied_draft_is_not_lost_by_one_escape():
    async with driving(account(policy(5))) as t:
        await opened(t)
        await keep_last(t, "3")
        await t.press("escape", "escape")
        await t.sees("Esc again drops it")
        assert "DRAFT" in t.screen
        await t.press("escape")
        await t.misses("DRAFT")


async def test_one_pane_at_a_time_on_a_small_terminal():
    async with driving(account(policy(5)), size=(80, 24)) as t:
        await t.sees("pet-web")
        await t.press("G", "L")
        await t.sees("LIFECYCLE  pet-web", "beyond the newest 5.")
        assert "PREVIEW" not in t.screen
        await t.press("p")
        await t.sees("PREVIEW", "expires 3 of 8")
        assert "DRAFT" not in t.screen
        await t.press("escape", "escape")
        await t.sees("REPOSITORIES")


async def test_tab_goes_through_all_panes_of_a_small_terminal():
    async with driving(account(policy(5)), size=(80, 24)) as t:
        await t.sees("pet-web", "api-gateway")
        await t.press("asterisk", "L")
        await t.sees("2 marked: they get the draft")
        for seen, gone in (("LIFECYCLE  ", "2 marked"), ("DRAFT", "LIFECYCLE  "), ("PREVIEW", "DRAFT")):
            await t.press("tab")
            await t.sees(seen)
            await t.misses(gone)
        await t.press("tab")
        await t.sees("2 marked")


async def test_another_account_leaves_nothing_of_the_old_one():
    first, second = account(policy(5)), MemoryAccount(repositories=[a_repository("other")], profile="b")

    async def opening(profile: str | None, _: object) -> MemoryAccount:
        return second if profile == "b" else first

    async with driving(first, profiles=("a", "b"), open_account=opening) as t:
        await opened(t)
        await t.sees("beyond the newest 5.")
        await t.press("P")
        await t.sees("AWS profile")
        await t.pilot.pause(0.3)
        await t.type("b")
        await t.press("enter")
        await t.sees("REPOSITORIES  1", "other")
        assert "beyond the newest" not in t.screen
        assert "pet-web" not in t.screen


async def test_marks_choose_who_gets_the_draft():
    living = account(policies={"pet-web": policy(8), "api-gateway": policy(8)})
    async with driving(living) as t:
        await t.sees("pet-web", "api-gateway")
        await t.press("asterisk", "L")
        await t.sees("2 marked")
        await t.press("space")
        await t.sees("1 marked")
        await keep_last(t, "2")
        await t.press("escape", "A")
        await t.sees("Apply the lifecycle policy of")
        await confirmed(t)
    assert len(living.sent) == 1


async def test_an_edited_draft_does_not_follow_the_cursor_and_an_untouched_one_does():
    living = account(policies={"pet-web": policy(8), "api-gateway": policy(4)})
    async with driving(living) as t:
        await t.sees("pet-web", "api-gateway")
        await t.press("asterisk", "L")
        await t.sees('"countNumber": 8')
        await t.press("j")
        await t.sees('"countNumber": 4')
        await keep_last(t, "6")
        await t.press("escape", "escape", "k")
        await t.sees("the draft would change 1 rule", '"countNumber": 6')


async def test_escape_stops_a_preview():
    living = account(policy(5))
    async with driving(living) as t:
        await opened(t)
        gate = living.faults.hold("ecr:DescribeImages")
        await t.press("p")
        await t.sees("previewing")
        await t.press("escape")
        await t.sees("p shows what the draft would do")
        gate.set()
