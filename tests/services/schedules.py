"""A small account that a person changes while others change it, links fail, logins come and go, processes are killed.

`World` holds the account and what is true of it; whatever is carried out in it is judged at that moment, by what had
been confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from memory import (
    ACCOUNT,
    MANIFEST,
    REGION,
    FakeTime,
    Faults,
    MemoryAccount,
    MemoryJournal,
    a_build,
    a_project,
    a_repository,
    an_image,
    digest_of,
)

from ecrtui.domain.change import ApiCall, ChangeResult
from ecrtui.domain.errors import AppError, ErrorKind, Executed
from ecrtui.domain.image import Image
from ecrtui.domain.lifecycle import template, to_json
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.builds import plan_start
from ecrtui.services.changes import Already, Gateway, Step
from ecrtui.services.create import RepositorySettings
from ecrtui.services.create_plan import plan
from ecrtui.services.image_tags import plan_tag, plan_untag
from ecrtui.services.images import plan_delete_images
from ecrtui.services.lifecycle import plan_delete
from ecrtui.services.policies import put_step, stored_text
from ecrtui.services.ports import Identity, JournalEntry, Receipt, StoredPolicy
from ecrtui.services.protection import mutability_step
from ecrtui.services.reconcile import Resolved, reconcile
from ecrtui.services.repository_deletion import plan_delete_repository

ME = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/tester", credentials=1)
SOMEBODY = Identity("999999999999", "arn:aws:iam::999999999999:user/other")
MUTABILITIES = ("MUTABLE", "IMMUTABLE")
TAGS = ("v0", "v1", "v2", "latest")
POLICIES = [to_json(template(name).policy()) for name in ("keep-last", "expire-untagged")]
THEIRS = to_json(template("keep-last").policy()).replace("10", "77")
SENT = "sent"
"""The moment at which a change is sent, after the last look."""
OPERATIONS = {
    "build": "codebuild:StartBuild",
    "create": "ecr:CreateRepository",
    "put": "ecr:PutLifecyclePolicy",
    "unset": "ecr:DeleteLifecyclePolicy",
    "protect": "ecr:PutImageTagMutability",
    "tag": "ecr:PutImage",
    "untag": "ecr:BatchDeleteImage",
    "delete": "ecr:BatchDeleteImage",
    "drop": "ecr:DeleteRepository",
}
"""What is sent, by the kind of a wish."""
_ATTEMPTS = 3
"""How often a change with an idempotency token is sent, as `aws/call.py` does."""


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Wish:
    """What a person has confirmed."""

    kind: str
    steps: tuple[Step, ...]
    who: Identity
    digests: frozenset[str] = frozenset()
    """The images that may go."""
    tags: frozenset[str] = frozenset()
    """The tags that may go, or move."""


@dataclass(frozen=True)
class Facts:
    """What wishes depend on."""

    images: Mapping[str, frozenset[str]]
    """Every image with its tags."""
    old: frozenset[str]
    """The images of the repository that is to be dropped."""
    used: frozenset[str]
    policy: StoredPolicy | None
    mutability: str

    def holder(self, tag: str) -> str:
        """The image that a tag names, or none."""
        return next((digest for digest, tags in self.images.items() if tag in tags), "")


@dataclass
class Effect:
    """Something that was carried out for us."""

    intent: str
    call: ApiCall


class World:
    """The account, with what is true of it."""

    def __init__(self, lateness: int) -> None:
        self.time = FakeTime()
        images = [_image(f"v{number}", self.time.now - 900 + number) for number in range(3)]
        images[0] = replace(images[0], tags=("v0", "latest"))
        self.account = MemoryAccount(
            repositories=[a_repository("shop"), a_repository("old")],
            images={"shop": images, "old": [_image("old", self.time.now - 900)]},
            manifests={digest_of(_text(tag)): _text(tag) for tag in ("v0", "v1", "v2", "old")},
            projects=[a_project("shop", source_version="main")],
            identity=ME,
            visible_after=lateness,
            clock=self.time,
        )
        self.journal = _Journal(self)
        self.wish: Wish | None = None
        self.effects: list[Effect] = []
        self.disturbed: set[str] = set()
        """The intents since which others, or we again, have changed something."""
        self._pushes = 0
        self._boundaries = 0
        self._due: dict[int | str, Callable[[], None]] = {}
        self._blurred = False
        """Whether reading cannot tell what we do now from what others did."""
        self._stale: set[str] = set()
        """The calls that must not be carried out now: what they are about was changed since it was confirmed."""
        self._signer = ME
        self._instrument()

    # What is seen of everything that leaves the process

    def _instrument(self) -> None:
        enter, carry_out, send = self.account.enter, self.account.carry_out, self.account.sender.send

        async def entered(action: str, region: str = "", target: str = "") -> None:
            self.boundary(action)
            await enter(action, region, target)

        def carried_out(region: str, call: ApiCall) -> Mapping[str, Any]:
            before = self.images()
            answer = carry_out(region, call)
            self._judge(call, before)
            self.boundary()
            return answer

        async def sent(region: str, call: ApiCall, identity: Identity) -> Receipt:
            """As `aws/call.py` does: with a token again, and what may have been done once stays unknown."""
            self._signer, unknown = self.account.who, False
            for left in reversed(range(_ATTEMPTS if "idempotencyToken" in call.parameters else 1)):
                try:
                    return await send(region, call, identity)
                except AppError as error:
                    unknown = unknown or error.executed is Executed.UNKNOWN
                    error.executed = Executed.UNKNOWN if unknown else error.executed
                    if not left or error.kind is ErrorKind.CREDENTIALS or not unknown:
                        raise
            raise AssertionError

        self.account.enter = entered  # type: ignore[method-assign]
        self.account.carry_out = carried_out  # type: ignore[method-assign]
        self.account.sender.send = sent  # type: ignore[method-assign]

    def boundary(self, action: str = "") -> None:
        """A place where the process may be killed, and where others may do something."""
        self._boundaries += 1
        sending = self.wish is not None and action == OPERATIONS[self.wish.kind]
        if sending and self.wish.kind == "untag":
            return  # AWS cannot be told which image a tag is to be taken off: others must not come in between
        for moment in (self._boundaries, SENT) if sending else (self._boundaries,):
            if event := self._due.pop(moment, None):
                event()

    def _judge(self, call: ApiCall, before: Mapping[str, frozenset[str]]) -> None:
        """What was carried out was journalled before, confirmed, by the one who confirmed it, and not stale."""
        assert self.wish is not None
        intent = self.journal.written[-1]
        assert (intent.outcome, intent.operation, intent.parameters) == ("intent", call.operation, call.parameters)
        assert not self.account.read_only
        assert (self._signer.account, self._signer.arn) == (self.wish.who.account, self.wish.who.arn)
        assert call.operation not in self._stale, f"{call.operation} was carried out, though it was stale"
        after = self.images()
        gone = before.keys() - after.keys()
        assert gone <= self.wish.digests, f"{gone - self.wish.digests} went without being confirmed"
        loose = {tag for digest in after for tag in before.get(digest, frozenset()) - after[digest]}
        assert loose <= self.wish.tags, f"{loose - self.wish.tags} were taken off without being confirmed"
        self.effects.append(Effect(intent.id, call))

    def facts(self) -> Facts:
        """What is so now."""
        area = self.account.area(REGION)
        return Facts(
            self.images(),
            frozenset(image.digest for image in area.images.get("old", ())),
            frozenset(use.reference.digest or "" for use in area.usage.uses),
            area.policies.get("shop"),
            area.repositories["shop"].mutability,
        )

    def _stale_since(self, wish: Wish, then: Facts) -> set[str]:
        """The calls that must not be carried out for a wish that was confirmed `then`."""
        now, stale = self.facts(), set()
        (tag,) = wish.tags or ("",)
        moved = now.holder(tag) != then.holder(tag)
        looked_at = wish.digests | ({now.holder(tag)} if wish.kind == "untag" else set())
        changed = [each for each in looked_at & now.images.keys() if now.images[each] != then.images.get(each)]
        if changed or (moved and wish.kind == "untag") or wish.digests & (now.used - then.used):
            stale.add("BatchDeleteImage")
        if moved:
            stale.add("PutImage")
        if now.policy != then.policy:
            stale |= {"PutLifecyclePolicy", "DeleteLifecyclePolicy"}
        if now.mutability != then.mutability:
            stale.add("PutImageTagMutability")
        if now.old - then.old:
            stale.add("DeleteRepository")
        return stale

    def images(self) -> dict[str, frozenset[str]]:
        """Every image with its tags."""
        listed = self.account.area(REGION).images
        return {image.digest: frozenset(image.tags) for images in listed.values() for image in images}

    # What a person does

    async def confirm(self, kind: str, number: int) -> Wish | None:
        """A wish of that kind, looked at and confirmed now; None where it cannot be planned."""
        who = await self.account.identity(fresh=True)
        digest, tag = _pick([*sorted(self.images()), "sha256:none"], number), TAGS[number % len(TAGS)]
        try:
            return await self._wishes()[kind](who, number, digest, tag)
        except AppError:
            return None

    def _wishes(self) -> dict[str, Callable[[Identity, int, str, str], Awaitable[Wish]]]:
        account, sleep = self.account, self.time.sleep

        async def build(who: Identity, number: int, _digest: str, _tag: str) -> Wish:
            version = "v2" if number % 2 else ""
            return Wish("build", (plan_start(account, REGION, "shop", source_version=version, sleep=sleep),), who)

        async def create(who: Identity, number: int, _digest: str, _tag: str) -> Wish:
            wanted = RepositorySettings(f"new{number % 3}", REGION, tags={"team": "pets"})
            planned = await plan(account, [wanted], allow_without_project=True, sleep=sleep)
            return Wish("create", planned.steps, who)

        async def put(who: Identity, number: int, _digest: str, _tag: str) -> Wish:
            before = await stored_text(account, REGION, "shop")
            text = POLICIES[number % len(POLICIES)]
            return Wish("put", (put_step(account, REGION, "shop", text, before=before, sleep=sleep),), who)

        async def unset(who: Identity, _number: int, _digest: str, _tag: str) -> Wish:
            return Wish("unset", (await plan_delete(account, REGION, "shop", sleep=sleep),), who)

        async def protect(who: Identity, number: int, _digest: str, _tag: str) -> Wish:
            shop = await account.registry(REGION).repository("shop")
            return Wish("protect", (mutability_step(account, shop, MUTABILITIES[number % 2], sleep=sleep),), who)

        async def tag(who: Identity, number: int, _digest: str, tag: str) -> Wish:
            digest = _pick(sorted(account.area(REGION).manifests), number // 4)
            step = await plan_tag(account, REGION, "shop", digest, tag, sleep=sleep)
            return Wish("tag", (step,), who, tags=frozenset([tag]))

        async def untag(who: Identity, _number: int, _digest: str, tag: str) -> Wish:
            holder = [digest for digest, tags in self.images().items() if tags == {tag}]
            step = await plan_untag(account, REGION, "shop", tag, sleep=sleep)
            return Wish("untag" if not holder else "delete", (step,), who, frozenset(holder), frozenset([tag]))

        async def delete(who: Identity, number: int, digest: str, _tag: str) -> Wish:
            wanted = {digest, _pick([*sorted(self.images()), digest], number // 3)}
            planned = await plan_delete_images(account, REGION, "shop", sorted(wanted), sleep=sleep)
            return Wish("delete", planned.steps, who, frozenset(image.digest for image in planned.images))

        async def drop(who: Identity, _number: int, _digest: str, _tag: str) -> Wish:
            digests = frozenset(image.digest for image in account.area(REGION).images.get("old", ()))
            planned = await plan_delete_repository(account, REGION, "old", sleep=sleep)
            return Wish("drop", planned.steps, who, digests)

        wishes = (build, create, put, unset, protect, tag, untag, delete, drop)
        return {wish.__name__: wish for wish in wishes}

    async def apply(self, wish: Wish, then: Facts, due: Mapping[int | str, Callable[[], None]]) -> list[ChangeResult]:
        """Apply what was confirmed `then`; `due` is what happens at the n-th boundary, or when it is sent."""
        self.disturb()
        self._blurred = await self._is_so(wish)
        self._stale = self._stale_since(wish, then)
        self.wish, self._boundaries, self._due = wish, 0, dict(due)
        gateway = Gateway(self.account, self.journal, clock=self.time)
        try:
            return [result async for result in gateway.apply_all(wish.steps, wish.who)]
        finally:
            self.wish, self._due = None, {}
            if self._blurred:
                self.disturb()

    async def _is_so(self, wish: Wish) -> bool:
        """Whether any of it is so without us: reading can show no difference then."""
        area = self.account.area(REGION)
        faults, hidden = self.account.faults, dict(area.hidden)
        self.account.faults = Faults()
        area.hidden.clear()
        try:
            return any([isinstance(await step.check(), Already) for step in wish.steps])
        except AppError:
            return False
        finally:
            self.account.faults = faults
            area.hidden.update(hidden)

    async def look_back(self) -> Sequence[Resolved]:
        """What a start of the program sees ten minutes later."""
        self.time.now += 600.0
        self.account.area(REGION).hidden.clear()
        return await reconcile(self.account, self.journal, again=True, clock=self.time, sleep=self.time.sleep)

    # What others do

    def disturb(self) -> None:
        """Note that what is there is no longer what intents without a known end have left."""
        self.disturbed |= {entry.id for entry in self.journal.written}

    def others(self, event: str, number: int) -> None:
        """Somebody else changes something; perhaps back to what it was, so that nothing is stale."""
        self.disturb()
        self._stale, self._blurred = set(), True
        getattr(self, f"_{event}")(number)

    def _moved(self, number: int) -> None:
        """A tag moves to another image of the shop."""
        images, tag = self.account.area(REGION).images["shop"], TAGS[number % len(TAGS)]
        if not images:
            return
        target = _pick(images, number // 4)
        holder = next((image.digest for image in images if tag in image.tags), "")
        if holder == target.digest:
            return
        self.account.push("shop", replace(target, tags=(*target.tags, tag)))

    def _pushed(self, number: int) -> None:
        """A new image comes into both repositories, with a tag in the shop."""
        self._pushes += 1
        area = self.account.area(REGION)
        for repository in sorted(area.repositories.keys() & {"shop", "old"}):
            name = f"{repository}{self._pushes}"
            image = _image(name, self.time.now)
            area.manifests[image.digest] = _text(name)
            self.account.push(repository, image if number % 2 else replace(image, tags=()))

    def _gone(self, number: int) -> None:
        """An image is deleted."""
        if images := self.account.area(REGION).images["shop"]:
            self.account.remove("shop", _pick(images, number).digest)

    def _used(self, number: int) -> None:
        """Something runs an image."""
        area = self.account.area(REGION)
        there = [(name, image.digest) for name, images in area.images.items() for image in images]
        if not there:
            return
        name, digest = _pick(there, number)
        reference = parse(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}@{digest}")
        assert reference is not None
        area.usage = Usage((*area.usage.uses, Use("ecs-service", f"shop/web{number}", REGION, reference, None, 1)))

    def _held(self, number: int) -> None:
        """AWS protects an image, since an index names it that nobody sees; or none any more."""
        self.account.undeletable = {_pick([*sorted(self.images()), ""], number)}

    def _policed(self, _number: int) -> None:
        """The lifecycle policy is changed."""
        self.account.area(REGION).policies["shop"] = StoredPolicy(THEIRS)

    def _protected(self, number: int) -> None:
        """The tag mutability is changed."""
        area = self.account.area(REGION)
        area.repositories["shop"] = replace(area.repositories["shop"], mutability=MUTABILITIES[number % 2])

    def _created(self, number: int) -> None:
        """Somebody else has the name, with other settings."""
        area = self.account.area(REGION)
        name = f"new{number % 3}"
        area.repositories.setdefault(name, a_repository(name, created_at=self.time.now, mutability="MUTABLE"))

    def _built(self, number: int) -> None:
        """Somebody else starts a build."""
        count = 1_000 + len(self.account.area(REGION).builds)
        self.account.set_build(
            a_build("shop", count, started_at=self.time.now, initiator="somebody", source_version="main")
        )

    def log_in(self, who: Identity) -> None:
        """Other credentials, perhaps of somebody else."""
        self.account.who = replace(who, credentials=self.account.who.credentials + 1)


class _Journal(MemoryJournal):
    """A journal, before and after each line of which the process may be killed."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def append(self, entry: JournalEntry) -> None:
        self._world.boundary()
        await super().append(entry)
        self._world.boundary()


def _text(tag: str) -> str:
    return f'{{"schemaVersion": 2, "mediaType": "{MANIFEST}", "layers": [], "of": "{tag}"}}'


def _image(tag: str, pushed_at: float) -> Image:
    return an_image(tag, pushed_at=pushed_at, digest=digest_of(_text(tag)))


def _pick(choice: Sequence[Any], number: int) -> Any:
    return choice[number % len(choice)]
