"""The dialogs that only tell: help, activity, identity."""

from __future__ import annotations

import pytest
from dialogs_app import HOSTILE, DialogApp, change, done, screen_text

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown, shown
from ecrtui.services.ports import Identity
from ecrtui.services.state import IDLE, Failed, Ready
from ecrtui.ui.activity import ActivityEntry
from ecrtui.ui.dialogs.activity import ActivityDialog
from ecrtui.ui.dialogs.help import HelpDialog, HelpKey, help_lines
from ecrtui.ui.dialogs.identity import IdentityDialog
from ecrtui.ui.present.identity import identity_lines

KEYS = [
    HelpKey(Shown("/"), Shown("Filter by words"), "Lists"),
    HelpKey(Shown("n"), Shown("Create the repository"), "Changes", "read-only: this session sends no changes"),
    HelpKey(Shown("x"), Shown("Stop the build"), "Changes", None),
]
ERROR = AppError(ErrorKind.DENIED, "list the images of pet-web", "us-east-1", "not authorized", "Ask for it.")


async def test_the_help_groups_keys_and_says_why_some_do_nothing() -> None:
    app = DialogApp(HelpDialog(KEYS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "Lists" in text
        assert "Filter by words" in text
        assert "Create the repository: read-only: this session sends no" in text
        await pilot.press("question_mark")
        await pilot.pause()
    assert app.result is None


def test_the_help_greys_what_is_refused_or_not_offered() -> None:
    roles = {line[0].text.strip(): line[0].role for line in help_lines(KEYS, 120)}
    assert roles["/  Filter by words"] == "plain"
    assert roles["x  Stop the build"] == "muted"
    assert roles["n  Create the repository: read-only: this session sends no changes"] == "muted"


async def test_the_help_can_be_searched() -> None:
    many = [HelpKey(Shown(f"f{number}"), Shown(f"Thing {number}"), "Group") for number in range(80)]
    app = DialogApp(HelpDialog(many))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Thing 77" not in screen_text(app)
        await pilot.press("slash", *"thing 77")
        await pilot.pause()
        assert "Thing 77" in screen_text(app)
        await pilot.press("escape", "escape")
        await pilot.pause()
    assert app.result is None


async def test_the_activity_shows_the_newest_first_and_each_in_full() -> None:
    entries = [
        ActivityEntry(1e9, Shown("cannot list"), error=ERROR),
        ActivityEntry(1e9 + 60, Shown("done"), result=done(change("pet-web"), Outcome.DONE, "it exists")),
    ]
    app = DialogApp(ActivityDialog(entries, dropped=3))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "2, 3 older ones are gone" in text
        assert text.index("create the repository pet-web") < text.index("cannot list")
        assert "aws ecr create-repository" in text
        await pilot.press("down")
        await pilot.pause()
        text = screen_text(app)
        assert "not authorized" in text
        assert "Ask for it." in text


async def test_an_empty_activity_says_so() -> None:
    app = DialogApp(ActivityDialog([]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "no change and no error in this session" in screen_text(app)


def lines_of(identity: object, **more: object) -> str:
    how = {"profile": "prod", "endpoint": "", "regions": ["us-east-1"], "read_only": True, "demo": False, **more}
    return "\n".join(line[0].text for line in identity_lines(identity, **how))  # type: ignore[arg-type]


def test_the_identity_is_known_unknown_or_refused() -> None:
    known = lines_of(Ready(Identity("123456789012", "arn:aws:iam::123456789012:user/me", "AID"), 0.0))
    assert "123456789012" in known
    assert "AID" in known
    assert "read-only" in known
    assert "AWS's own" in known
    assert "journal.jsonl" in known
    assert "asking AWS" in lines_of(IDLE)
    refused = lines_of(Failed(ERROR, 0.0), endpoint="http://127.0.0.1:1")
    assert "Ask for it." in refused
    assert "http://127.0.0.1:1" in refused
    assert "none: the embedded account" in lines_of(IDLE, demo=True)


async def test_c_copies_the_arn() -> None:
    arn = "arn:aws:iam::123456789012:user/me"
    app = DialogApp(IdentityDialog([], arn))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("c", "i")
        await pilot.pause()
    assert app.copied == [arn]
    assert app.result is None


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 60)])
async def test_hostile_texts_are_drawn_harmlessly_at_every_size(size: tuple[int, int]) -> None:
    error = AppError(ErrorKind.SERVICE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    entries = [
        ActivityEntry(0, shown(HOSTILE), error=error),
        ActivityEntry(0, shown(HOSTILE), result=done(change(HOSTILE), Outcome.FAILED, HOSTILE, error)),
    ]
    keys = [HelpKey(shown(HOSTILE), shown(HOSTILE), HOSTILE, HOSTILE)]
    identity = identity_lines(
        Ready(Identity(HOSTILE, HOSTILE, HOSTILE), 0.0),
        profile=HOSTILE,
        endpoint=HOSTILE,
        regions=[HOSTILE],
        read_only=False,
        demo=False,
    )
    for dialog in (ActivityDialog(entries), HelpDialog(keys), IdentityDialog(identity, HOSTILE)):
        app = DialogApp(dialog)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await pilot.press("down", "c")
            await pilot.pause()
        assert app.exit_filter.caught == 0
