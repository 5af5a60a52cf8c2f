"""Changes that were cut off get their end by reading: the memory account."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from memory import ACCOUNT, NOW, REGION, FakeTime, MemoryAccount, MemoryJournal, a_build, a_project, a_repository
from memory import an_image as image

from ecrtui.domain.errors import ErrorKind
from ecrtui.domain.scan import ScanReport
from ecrtui.services.builds import plan_retry, plan_start, plan_stop
from ecrtui.services.changes import Gateway, Go
from ecrtui.services.create import RepositorySettings
from ecrtui.services.create_plan import plan
from ecrtui.services.image_tags import plan_untag
from ecrtui.services.images import plan_delete_images
from ecrtui.services.policies import delete_step, put_step
from ecrtui.services.ports import Identity, JournalEntry, StoredPolicy
from ecrtui.services.protection import mutability_step, scan_step
from ecrtui.services.reconcile import reconcile
from ecrtui.services.repository_deletion import plan_delete_repository
from ecrtui.services.traces import _KNOWN, phrase

pytestmark = pytest.mark.fault("E83")

POLICY = '{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}'  # noqa: E501
V1, V2, V3 = (image(tag, pushed_at=NOW - 9_000 - number) for number, tag in enumerate(("v1", "v2", "v3")))
RUNNING = a_build("pet-web", 7, started_at=NOW - 5_000)


def an_account() -> MemoryAccount:
    return MemoryAccount(
        repositories=[a_repository("pet-web"), a_repository("old"), a_repository("policed")],
        images={"pet-web": [V1, V2, V3]},
        policies={"policed": POLICY},
        projects=[a_project("pet-web", source_version="trunk"), a_project("new")],
        builds=[RUNNING],
    )


async def _create(account):
    wanted = RepositorySettings("new", REGION, tags={"team": "pets", "api-token": "hush"})
    return (await plan(account, [wanted])).steps[0]


async def _delete_images(account):
    return (await plan_delete_images(account, REGION, "pet-web", [V1.digest, V2.digest])).steps[0]


async def _delete_repository(account):
    return (await plan_delete_repository(account, REGION, "old")).steps[-1]


async def _untag(account):
    return await plan_untag(account, REGION, "pet-web", "v3")


async def _put(account):
    return put_step(account, REGION, "pet-web", POLICY, before=None)


async def _unset(account):
    return delete_step(account, REGION, "policed", before=POLICY)


async def _mutability(account):
    return mutability_step(account, a_repository("pet-web"), "IMMUTABLE")


async def _scanning(account):
    return scan_step(account, a_repository("pet-web"), on=False)


async def _start(account):
    return plan_start(account, REGION, "pet-web", source_version="main")


async def _start_as_the_project_says(account):
    return plan_start(account, REGION, "pet-web")


async def _retry(account):
    return plan_retry(account, REGION, RUNNING.id)


async def _stop(account):
    return plan_stop(account, REGION, RUNNING.id)


PLANS = [
    _create,
    _delete_images,
    _delete_repository,
    _untag,
    _put,
    _unset,
    _mutability,
    _scanning,
    _start,
    _start_as_the_project_says,
    _retry,
    _stop,
]


class Dies(BaseException):
    """The process ends here."""


class DyingJournal(MemoryJournal):
    """What is written after the intent is lost."""

    async def append(self, entry: JournalEntry) -> None:
        if entry.outcome != "intent":
            raise Dies
        await super().append(entry)


async def cut_off(account: MemoryAccount, make, *, sent: bool) -> MemoryJournal:
    """The journal of a process that was killed before, or after, the change was carried out."""
    step = await make(account)
    journal, time = DyingJournal(), FakeTime()
    if not sent:

        async def dies(*_):
            raise Dies

        step = replace(step, check=dies)
    with pytest.raises(Dies):
        await Gateway(account, journal, clock=time).apply(step, account.who)
    left = MemoryJournal()
    left.written = journal.written
    return left


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("make", PLANS)
async def test_every_change_that_was_cut_off_is_found_done_or_not_done(make, sent):
    account, time = an_account(), FakeTime()
    journal = await cut_off(account, make, sent=sent)
    before = len(account.sent)
    (resolved,) = await reconcile(account, journal, clock=time, sleep=time.sleep)
    assert resolved.resolution == ("done" if sent else "not done"), resolved.detail
    intent, end = journal.written
    assert (end.id, end.outcome, end.before) == (intent.id, resolved.resolution.value, "")
    assert resolved.detail in end.detail
    assert (intent.looked_up, end.looked_up) == (False, True)
    assert len(account.sent) == before, "reconciling sends nothing"
    assert await reconcile(account, journal, clock=time, sleep=time.sleep) == (), "it is told once"


def test_every_operation_that_is_ever_sent_can_be_looked_up():
    import re
    from pathlib import Path

    import ecrtui.services

    sources = "".join(path.read_text() for path in Path(ecrtui.services.__path__[0]).glob("*.py"))
    sent = set(re.findall(r"ApiCall\(\s*\"\w+\",\s*\"(\w+)\"", sources))
    assert len(sent) >= 13
    assert sent <= _KNOWN.keys()


async def _found(account: MemoryAccount, journal: MemoryJournal):
    time = FakeTime(NOW + 3_600)
    (resolved,) = await reconcile(account, journal, clock=time, sleep=time.sleep)
    return resolved.resolution.value, resolved.detail


async def test_half_a_batch_is_named_image_by_image():
    account = an_account()
    journal = await cut_off(account, _delete_images, sent=False)
    account.remove("pet-web", V1.digest)
    assert await _found(account, journal) == ("done in part", "1 image is gone, 1 still there: v2")


async def test_what_somebody_else_may_have_done_is_unknown():
    account = an_account()
    journal = await cut_off(account, _create, sent=False)
    account.area(REGION).repositories["new"] = a_repository("new", created_at=NOW + 2, mutability="MUTABLE")
    resolution, detail = await _found(account, journal)
    assert resolution == "unknown"
    assert "not as planned" in detail


async def test_an_older_repository_and_a_later_one_are_not_ours():
    for created_at, resolution in ((NOW - 9_000, "not done"), (NOW + 3_000, "unknown")):
        account = an_account()
        journal = await cut_off(account, _create, sent=False)
        account.area(REGION).repositories["new"] = a_repository("new", created_at=created_at)
        assert (await _found(account, journal))[0] == resolution


@pytest.mark.parametrize(
    ("others", "resolution"),
    [
        ([], "not done"),
        ([a_build("pet-web", 9, started_at=NOW + 3_000, source_version="main")], "not done"),
        ([a_build("pet-web", 9, started_at=NOW + 2, source_version="other")], "not done"),
        ([a_build("pet-web", 9, started_at=NOW + 2, source_version="main", initiator="somebody")], "unknown"),
        ([a_build("pet-web", number, started_at=NOW + 2, source_version="main") for number in (8, 9)], "unknown"),
        ([a_build("pet-web", 9, started_at=NOW + 2, source_version="main", initiator="tester")], "done"),
    ],
)
async def test_a_build_is_ours_only_when_it_is_the_one_that_began_then(others, resolution):
    account = an_account()
    journal = await cut_off(account, _start, sent=False)
    for build in others:
        account.set_build(build)
    assert (await _found(account, journal))[0] == resolution


@pytest.mark.parametrize(
    ("outcome", "minutes", "resolution"),
    [
        ("done", 1, "unknown"),
        ("unknown", 1, "unknown"),
        ("refused", 1, "done"),
        ("not done", 1, "done"),
        ("done", 9, "done"),
    ],
)
async def test_a_build_that_may_be_of_another_start_from_here_is_no_outcome(outcome, minutes, resolution):
    account = an_account()
    journal = await cut_off(account, _start, sent=True)
    (intent,) = journal.written
    other = replace(intent, id="other", at=intent.at - 60 * minutes)
    journal.written = [other, replace(other, outcome=outcome, looked_up=True), intent]
    assert (await _found(account, journal))[0] == resolution


async def test_another_policy_than_before_and_planned_is_unknown():
    account = an_account()
    journal = await cut_off(account, _put, sent=False)
    area = account.area(REGION)
    area.policies["pet-web"] = replace(area.policies["policed"], text=POLICY.replace("3", "9"))
    assert await _found(account, journal) == ("unknown", "another lifecycle policy is set")


@pytest.mark.parametrize(
    ("status", "at", "resolution"),
    [
        ("IN_PROGRESS", None, "done"),
        ("COMPLETE", NOW + 60, "done"),
        ("COMPLETE", NOW - 9_000, "not done"),
        ("FAILED", None, "unknown"),
    ],
)
async def test_a_scan(status, at, resolution):
    account = an_account()
    account.area(REGION).scans[V1.digest] = ScanReport(V1.digest, status, completed_at=at)
    assert (await _found(account, written("StartImageScan", imageId={"imageDigest": V1.digest})))[0] == resolution


def written(operation: str, **parameters) -> MemoryJournal:
    """A journal with an intent of any kind."""
    journal = MemoryJournal()
    given = {"repositoryName": "pet-web", **parameters}
    arn = f"arn:aws:iam::{ACCOUNT}:user/tester"
    journal.written = [JournalEntry("1", NOW, ACCOUNT, arn, REGION, "ecr", operation, "pet-web", given, "intent")]
    return journal


@pytest.mark.parametrize("operation", [*_KNOWN, "InventAnOperation"])
async def test_an_intent_that_makes_no_sense_is_unknown_and_never_stops_the_others(operation):
    account, time = an_account(), FakeTime()
    journal = written(operation)
    (intent,) = journal.written
    journal.written = [replace(intent, parameters={}), replace(intent, id="2", parameters={"repositoryName": 7})]
    resolved = await reconcile(account, journal, clock=time, sleep=time.sleep)
    assert len(resolved) == 2
    assert {each.resolution.value for each in resolved} <= {"unknown", "not done"}
    assert "pet-web" in phrase(intent)


async def test_an_outcome_that_was_unknown_is_looked_up_later_once_by_itself_and_again_when_asked():
    account, journal, time = an_account(), MemoryJournal(), FakeTime()
    step = await _put(account)
    account.faults.lose_reply("ecr:PutLifecyclePolicy", applied=False)
    result = await Gateway(account, journal, clock=time).apply(replace(step, check=_go), account.who)
    assert result.outcome == "unknown"
    account.area(REGION).policies["pet-web"] = StoredPolicy(POLICY.replace("3", "9"))
    assert await _found(account, journal) == ("unknown", "another lifecycle policy is set")
    assert await reconcile(account, journal) == ()
    account.area(REGION).policies["pet-web"] = StoredPolicy(POLICY)
    (resolved,) = await reconcile(account, journal, again=True, clock=FakeTime(NOW + 3_600))
    assert resolved.resolution == "done"
    assert [each.outcome for each in journal.written] == ["intent", "unknown", "unknown", "done"]
    assert await reconcile(account, journal, again=True) == ()


async def _go() -> Go:
    return Go()


async def test_what_another_account_shows_is_no_end():
    account, time = an_account(), FakeTime()
    journal = await cut_off(account, _put, sent=False)
    gate = account.faults.hold("ecr:GetLifecyclePolicy")
    looking = asyncio.ensure_future(reconcile(account, journal, clock=time, sleep=time.sleep))
    await gate.reached.wait()
    account.who = Identity("999999999999", "arn:aws:iam::999999999999:user/other", credentials=2)
    gate.set()
    (resolved,) = await looking
    assert (resolved.resolution, len(journal.written)) == ("still open", 1)


@pytest.mark.parametrize(
    ("kind", "resolution", "lines"),
    [(ErrorKind.NETWORK, "still open", 1), (ErrorKind.THROTTLED, "still open", 1), (ErrorKind.DENIED, "unknown", 2)],
)
async def test_what_cannot_be_read_now_stays_open_what_we_may_not_read_is_unknown(kind, resolution, lines):
    account = an_account()
    journal = await cut_off(account, _put, sent=True)
    account.faults.fail("ecr:GetLifecyclePolicy", kind)
    assert (await _found(account, journal))[0] == resolution
    assert len(journal.written) == lines
    account.faults.clear()
    if lines == 1:
        assert (await _found(account, journal))[0] == "done"


async def test_another_account_s_another_endpoint_s_and_a_living_writer_s_are_left_alone():
    for change in ({"account": "999999999999"}, {"endpoint": "http://localhost:4566"}):
        account, journal = an_account(), await cut_off(an_account(), _put, sent=True)
        journal.written = [replace(each, **change) for each in journal.written]
        assert await reconcile(account, journal) == ()
        assert len(journal.written) == 1
    journal.writing = True
    assert await reconcile(account, journal) == ()


async def test_nobody_is_asked_anything_when_nothing_was_cut_off():
    account = an_account()
    assert await reconcile(account, MemoryJournal()) == ()
    assert account.calls == []


async def test_what_becomes_visible_late_is_waited_for():
    account, time = an_account(), FakeTime()
    journal = await cut_off(account, _create, sent=True)
    account.area(REGION).hidden["new"] = 3
    (resolved,) = await reconcile(account, journal, clock=time, sleep=time.sleep)
    assert resolved.resolution == "done"
    assert len(time.slept) == 3
