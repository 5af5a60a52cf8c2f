"""Previewing lifecycle policies, and putting, deleting and restoring them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecrtui.domain.errors import AppError
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.usage import Usage, used_by
from ecrtui.services import lifecycle
from ecrtui.services.browse import IndexChildren, load_usage
from ecrtui.services.changes import Step
from ecrtui.services.lifecycle_preview import aws_preview
from ecrtui.services.slices import IdentityKey, SummariesKey
from ecrtui.services.state import Failed, Loading, Ready, value_of
from ecrtui.ui.actions.propose import propose
from ecrtui.ui.dialogs.blocked import BlockedDialog
from ecrtui.ui.dialogs.choices import Choice
from ecrtui.ui.dialogs.plan import Results
from ecrtui.ui.present.fates import AwsPreviewKey, PreviewKey, Seen, SeenByAws, fates_of
from ecrtui.ui.present.previews import headline
from ecrtui.ui.present.problems import headline as error_headline
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.session import Session
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_AT_ONCE = 3
"""Repositories that are previewed at the same time."""
_REASONS = 5
"""Images in use that are named for one repository."""

Ended = Callable[[Results], None]


@dataclass(frozen=True, slots=True)
class Looked:
    """One repository as it was previewed with the text that is to be put there; or why it could not be."""

    key: RepositoryKey
    text: str
    seen: Seen | None
    error: AppError | None = None

    @property
    def blocked(self) -> bool:
        """Whether images in use would go."""
        return self.seen is not None and self.seen.preview.blocked


# Previews


async def preview_all(
    app: EcrtuiApp, session: Session, texts: Mapping[RepositoryKey, str], cache: IndexChildren
) -> list[Looked]:
    """What each text would do to its repository now; the slices of the previews follow."""
    for key in texts:
        session.put(PreviewKey(*key), Loading())
    regions = tuple(dict.fromkeys([*app.scope, *(key.region for key in texts)]))
    slots = asyncio.Semaphore(_AT_ONCE)
    ended: dict[RepositoryKey, Looked] = {}

    async def one(key: RepositoryKey, text: str, usages: Sequence[Usage]) -> None:
        async with slots:
            looked = ended[key] = await _look(session, key, text, usages, regions, cache)
        if looked.error is not None:
            session.put(PreviewKey(*key), Failed(looked.error, time.time()))
        elif looked.seen is not None:
            session.put(PreviewKey(*key), Ready(looked.seen, time.time()))

    loaded = await asyncio.gather(*(load_usage(session.account, region) for region in regions))
    usages = [usage for slice_ in loaded if (usage := value_of(slice_)) is not None]
    await asyncio.gather(*(one(key, text, usages) for key, text in texts.items()))
    return [ended[key] for key in texts]


async def _look(
    session: Session,
    key: RepositoryKey,
    text: str,
    usages: Sequence[Usage],
    regions: tuple[str, ...],
    cache: IndexChildren,
) -> Looked:
    try:
        preview = await lifecycle.preview(
            session.account,
            key.region,
            key.name,
            text,
            usages=usages,
            cache=cache,
            contents=session.stored.contents,
        )
        repository = await session.account.registry(key.region).repository(key.name)
    except AppError as error:
        return Looked(key, text, None, error)

    def fates() -> Seen:
        images = [preview.listing.row(index) for index in range(len(preview.listing))]
        known = cache.known(image.digest for image in images if image.is_index)
        children = {digest: [child.digest for child in kids] for digest, kids in known.items()}
        uses = used_by(repository, images, [use for usage in usages for use in usage.uses], children)
        return Seen(preview, fates_of(preview, uses), regions)

    return Looked(key, text, await asyncio.to_thread(fates))


async def preview_by_aws(app: EcrtuiApp, session: Session, key: RepositoryKey, seen: Seen) -> None:
    """AWS's own preview of the same text, beside ours."""
    identity = value_of(app.state.get(IdentityKey()))
    if identity is None:
        app.tell(Shown("not yet: it is not known whose account this is; i says why"), good=False)
        return
    slice_key, text = AwsPreviewKey(*key), seen.preview.policy_text
    session.put(slice_key, Loading())
    ours = seen.preview.evaluation
    found = await aws_preview(session.gateway, session.account, identity, *key, text, ours=ours)
    session.put(slice_key, Ready(SeenByAws(text, found), time.time()))


# Changes


async def apply_policies(
    app: EcrtuiApp,
    session: Session,
    texts: Mapping[RepositoryKey, str],
    cache: IndexChildren,
    *,
    verb: str = "Apply",
    also: Sequence[Step] = (),
    ended: Ended = lambda results: None,
) -> None:
    """Preview each text anew, ask about what is blocked, and propose the rest; `also` are steps beside them."""
    looked = await preview_all(app, session, texts, cache)
    clear = [one for one in looked if one.error is None and not one.blocked]
    blocked = [one for one in looked if one.blocked]

    def go_on(choice: str | None) -> None:
        chosen = [*clear, *blocked] if choice == "all" else clear
        if choice is not None and (chosen or also):
            _propose(app, session, chosen, verb, also, ended)

    if len(clear) == len(looked):
        go_on("clear")
        return
    choices = []
    if clear or also:
        choices.append(Choice("clear", shown(f"{verb} to the other {len(clear) + len(also)}")))
    if blocked:
        name = shown(blocked[0].key.name if len(blocked) == 1 else f"{len(blocked)}")
        choices.append(Choice("all", Shown(f"{verb} to {name} all the same")))
    number = len(looked) - len(clear)
    words = "is blocked" if len(looked) == 1 else f"{number} of {len(looked)} are left out"
    title = shown(f"{verb}: {looked[0].key.name} {words}" if len(looked) == 1 else f"{verb}: {words}")
    app.push_screen(BlockedDialog(title, _reasons(looked), choices), go_on)


def _reasons(looked: Sequence[Looked]) -> list[Line]:
    lines: list[Line] = []
    for one in looked:
        if one.error is not None:
            lines += [
                (Cell(shown(f"{one.key.name} in {one.key.region} cannot be previewed"), "strong"),),
                (Cell(error_headline(one.error), "bad"),),
            ]
        elif one.seen is not None and one.blocked:
            reasons = one.seen.preview.reasons
            lines.append((Cell(shown(f"{one.key.name} in {one.key.region}"), "strong"),))
            lines += [(Cell(Shown("  ")), Cell(shown(reason), "bad")) for reason in reasons[:_REASONS]]
            if (more := len(reasons) - _REASONS) > 0:
                lines.append((Cell(shown(f"  and {more} more"), "bad"),))
    words = "Spare these images in the policy, or go on all the same: the name is asked for next."
    return [*lines, (Cell(Shown("")),), (Cell(Shown(words), "muted"),)]


def _propose(
    app: EcrtuiApp, session: Session, chosen: Sequence[Looked], verb: str, also: Sequence[Step], ended: Ended
) -> None:
    steps = list(also)
    notes: list[Cell] = []
    for one in chosen:
        if one.seen is None:
            continue
        preview, (region, name) = one.seen.preview, one.key
        steps.append(lifecycle.plan_put(session.account, region, name, one.text, preview, allow_in_use=one.blocked))
        notes.append(Cell(shown(f"{name} {headline(preview)}")))
        if one.blocked:
            what = f"{len(preview.in_use)} in use go all the same" if preview.in_use else "what is in use is not known"
            notes.append(Cell(shown(f"{glyphs().warning} {what}: the name is typed for that"), "bad"))
    targets = [one.key.name for one in chosen] + [step.change.target for step in also]
    name = targets[0] if len(targets) == 1 else f"{len(targets)} repositories"
    title = shown(f"{verb} the lifecycle policy of {name}")
    propose(app, title, steps, verb=shown(verb), notes=notes, ended=_reloading(app, session, ended))


async def delete_policies(
    app: EcrtuiApp, session: Session, keys: Sequence[RepositoryKey], ended: Ended = lambda results: None
) -> None:
    """Propose to delete the policies of these repositories."""
    steps = await asyncio.gather(*(lifecycle.plan_delete(session.account, *key) for key in keys))
    name = keys[0].name if len(keys) == 1 else f"{len(keys)} repositories"
    note = Cell(Shown("Images are deleted by no rule from then on. U puts the policy back."))
    propose(
        app,
        shown(f"Delete the lifecycle policy of {name}"),
        steps,
        verb=Shown("Delete"),
        notes=(note,),
        ended=_reloading(app, session, ended),
    )


async def restore_policies(
    app: EcrtuiApp,
    session: Session,
    keys: Sequence[RepositoryKey],
    cache: IndexChildren,
    ended: Ended = lambda results: None,
) -> None:
    """Propose to put back what the last change from here replaced, previewed like any other policy."""
    texts: dict[RepositoryKey, str] = {}
    deletions: list[Step] = []
    unknown: list[str] = []
    for key in keys:
        former = await lifecycle.former_policy(session.account, session.journal, *key)
        if former is None:
            unknown.append(key.name)
        elif former.text is None:
            deletions.append(await lifecycle.plan_delete(session.account, *key))
        else:
            texts[key] = former.text
    if unknown:
        app.tell(shown(f"no former policy of {', '.join(unknown)} is known: nothing was changed from here"), good=False)
    if texts or deletions:
        await apply_policies(app, session, texts, cache, verb="Restore", also=deletions, ended=ended)


def _reloading(app: EcrtuiApp, session: Session, ended: Ended) -> Ended:
    """Load again what a change of policies altered, then tell `ended`."""

    def reload(results: Results) -> None:
        for result in results:
            session.load_policy(result.change.region, result.change.target)
        for region in {result.change.region for result in results}:
            if not isinstance(app.state.get(SummariesKey(region)), Loading):
                names = [result.change.target for result in results if result.change.region == region]
                session.count_first(region, names)
        ended(results)

    return reload
