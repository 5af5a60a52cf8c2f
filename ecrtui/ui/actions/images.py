"""Tagging and deleting images."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.image import Image
from ecrtui.domain.mutability import Mutability
from ecrtui.domain.tags import ordered
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import age, count, size
from ecrtui.services.image_tags import plan_tag, plan_untag
from ecrtui.services.image_uses import name_of
from ecrtui.services.images import ImageDeletion, Kept, plan_delete_images
from ecrtui.services.slices import ImagesKey, SummariesKey, repository_of
from ecrtui.services.state import Loading, State, value_of
from ecrtui.ui.actions.propose import prepare, propose
from ecrtui.ui.dialogs.blocked import BlockedDialog
from ecrtui.ui.dialogs.choices import Choice
from ecrtui.ui.dialogs.pick import Option, PickDialog
from ecrtui.ui.dialogs.plan import Results
from ecrtui.ui.dialogs.text_input import TagDialog
from ecrtui.ui.present.images import short_digest
from ecrtui.ui.session import Session
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_REASONS = 20
"""Kept images that are named; more are counted."""
_WHOLE = "image"


def image_of(state: State, subject: Subject) -> Image | None:
    """The image of a subject, as it is known now."""
    listing = value_of(state.get(ImagesKey(subject.region, subject.name)))
    row = None if listing is None or subject.digest is None else listing.find(subject.digest)
    return None if listing is None or row is None else listing.row(row)


# Tags


def tag_image(app: EcrtuiApp, subject: Subject) -> None:
    """Ask for another tag of an image, then propose to put it."""
    session, image = app.session, image_of(app.state, subject)
    listing = value_of(app.state.get(ImagesKey(subject.region, subject.name)))
    if session is None or image is None or listing is None:
        return
    taken = {tag: listing.digest(row) for row, tags in enumerate(listing.tags) for tag in tags}
    repository = repository_of(app.state, subject.region, subject.name)
    fixed = repository is not None and repository.mutability == Mutability.IMMUTABLE

    def chosen(tag: str | None) -> None:
        if tag:
            prepare(app, partial(_propose_tag, app, session, subject, image, tag))

    name = shown(f"{subject.name}:{name_of(image)}" if image.tags else f"{subject.name}@{name_of(image)}")
    app.push_screen(TagDialog(name, image.digest, taken, immutable=fixed), chosen)


async def _propose_tag(app: EcrtuiApp, session: Session, subject: Subject, image: Image, tag: str) -> None:
    step = await plan_tag(session.account, subject.region, subject.name, image.digest, tag)
    notes = [Cell(shown(f"the image {image.digest}"))]
    if step.change.before:
        notes.append(Cell(shown(f"⚠ {tag} names {step.change.before} now, and moves away from it"), "warn"))
    title = shown(f"Tag {subject.name}:{name_of(image)} as {tag}")
    propose(app, title, [step], verb=Shown("Tag"), notes=notes, ended=_reloading(app, session, subject))


# Deleting images


def delete_images(app: EcrtuiApp, subject: Subject, digests: Sequence[str]) -> None:
    """Propose to delete images; of one with several tags, perhaps only a tag."""
    session = app.session
    if session is None:
        return
    image = image_of(app.state, Subject(subject.region, subject.name, digests[0])) if len(digests) == 1 else None
    if image is None or len(image.tags) < 2:
        prepare(app, partial(_propose_deletion, app, session, subject, digests))
        return

    def chosen(picked: tuple[str, ...] | None) -> None:
        if picked and picked[0] == _WHOLE:
            prepare(app, partial(_propose_deletion, app, session, subject, digests))
        elif picked:
            prepare(app, partial(_propose_untag, app, session, subject, picked[0].removeprefix("tag:")))

    options = [Option(_WHOLE, Shown("The image"), shown(f"with all its {len(image.tags)} tags"))]
    options += [
        Option(f"tag:{tag}", shown(f"Only the tag {tag}"), Shown("the image stays")) for tag in ordered(image.tags)
    ]
    app.push_screen(PickDialog(shown(f"Delete from {subject.name}"), options), chosen)


async def _propose_untag(app: EcrtuiApp, session: Session, subject: Subject, tag: str) -> None:
    step = await plan_untag(session.account, subject.region, subject.name, tag, regions=app.scope)
    title = shown(f"Remove the tag {tag} from {subject.name}")
    notes = [Cell(Shown("The last tag of the image: the image is deleted with it."), "bad")]
    propose(
        app,
        title,
        [step],
        verb=Shown("Remove"),
        notes=notes if step.change.confirm_word else (),
        ended=_reloading(app, session, subject),
    )


async def _propose_deletion(
    app: EcrtuiApp, session: Session, subject: Subject, digests: Sequence[str], allowed: Sequence[Kept] = ()
) -> None:
    """`allowed` are images in use that the person lets go all the same."""
    deletion = await plan_delete_images(
        session.account,
        subject.region,
        subject.name,
        digests,
        regions=app.scope,
        allow_in_use=bool(allowed),
        contents=session.stored.contents,
    )
    if not deletion.kept:
        _confirm_deletion(app, session, subject, deletion, allowed)
        return

    def chosen(choice: str | None) -> None:
        if choice == "rest":
            _confirm_deletion(app, session, subject, deletion)
        elif choice == "all":
            in_use = [one for one in deletion.kept if one.in_use]
            prepare(app, partial(_propose_deletion, app, session, subject, digests, in_use))

    choices = []
    if deletion.images:
        choices.append(Choice("rest", shown(f"Delete the other {count(len(deletion.images))}")))
    if in_use := sum(kept.in_use for kept in deletion.kept):
        choices.append(Choice("all", Shown(f"Delete {count(in_use)} in use too")))
    whole = len(deletion.images) + len(deletion.kept)
    title = shown(f"{count(len(deletion.kept))} of {count(whole)} images of {subject.name} cannot be deleted so")
    app.push_screen(BlockedDialog(title, _kept_lines(deletion.kept), choices), chosen)


def _kept_lines(kept: Sequence[Kept]) -> list[Line]:
    lines: list[Line] = [
        (Cell(shown(f"{name_of(one.image)}  "), "strong"), Cell(shown(one.reason), "bad" if one.in_use else "warn"))
        for one in kept[:_REASONS]
    ]
    if (more := len(kept) - _REASONS) > 0:
        lines.append((Cell(shown(f"and {count(more)} more"), "bad"),))
    return lines


def _confirm_deletion(
    app: EcrtuiApp, session: Session, subject: Subject, deletion: ImageDeletion, allowed: Sequence[Kept] = ()
) -> None:
    if not deletion.steps:
        app.tell(Shown("nothing to delete: these images are gone"), good=False)
        return
    number = len(deletion.images)
    what = "1 image" if number == 1 else f"{count(number)} images"
    now = time.time()
    freed = deletion.freed
    worth = f"{size(deletion.bytes)} at most" if freed is None else f"{size(freed.bytes)} by the manifests"
    notes = [Cell(shown(f"{what}, {worth}; every tag goes with its image, and nothing undoes it"))]
    notes += [Cell(shown(_image_words(image, now)), "warn") for image in deletion.images]
    if number := len(deletion.referrers):
        notes.append(
            Cell(shown(f"{count(number)} signatures and the like refer to them, and are not deleted with them"))
        )
    notes += [Cell(shown(f"⚠ {name_of(one.image)} {one.reason}, and goes all the same"), "bad") for one in allowed]
    title = shown(f"Delete {what} from {subject.name}")
    propose(app, title, deletion.steps, verb=Shown("Delete"), notes=notes, ended=_reloading(app, session, subject))


def _image_words(image: Image, now: float) -> str:
    tags = ", ".join(ordered(image.tags)) or "<untagged>"
    pushed = "" if image.pushed_at is None else f"  {age(now - image.pushed_at)} old"
    return f"  {short_digest(image.digest)}  {tags}{pushed}"


# What follows


def _reloading(app: EcrtuiApp, session: Session, subject: Subject) -> Callable[[Results], None]:
    def reload(results: Results) -> None:
        session.load_images(subject.region, subject.name)
        if not isinstance(app.state.get(SummariesKey(subject.region)), Loading):
            session.count_first(subject.region, [subject.name])

    return reload
