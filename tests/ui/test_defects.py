"""Defects of ours in the background: a card where the work belongs, the rest goes on, and no words of theirs."""

from __future__ import annotations

import pytest
from memory import MemoryAccount, MemoryJournal, a_build, a_project, a_repository, an_image

from driver import driving

CANARY = "wJalrXUtnFEMI/K7MDENG"


class Defective(MemoryAccount):
    """An account whose adapter has a defect in one operation."""

    def __init__(self, action: str) -> None:
        self.broken = action
        super().__init__(
            repositories=[a_repository("pet-web")],
            images={"pet-web": [an_image("v1")]},
            projects=[a_project("pet-web")],
            builds=[a_build("pet-web", status="SUCCEEDED")],
            logs={"pet-web:00000001": ["a line"]},
        )

    async def enter(self, action: str, region: str = "", target: str = "") -> None:
        await super().enter(action, region, target)
        if action == self.broken:
            raise KeyError(CANARY)


@pytest.mark.parametrize(
    ("action", "keys", "pane"),
    [
        ("ecr:DescribeRepositories", (), "REPOSITORIES"),
        ("ecr:DescribeImages", (), "IMAGES  pet-web"),
        ("codebuild:ListProjects", ("2",), "PAIRINGS"),
        ("logs:GetLogEvents", ("3", "enter"), "pet-web #1"),
        ("ecr:GetRepositoryPolicy", ("I",), "Permissions"),
        ("ecs:ListClusters", ("u",), "Used by"),
        ("ecr:GetRepositoryPolicy", ("4",), "PATH  pet-web"),
        ("ecr:DescribeRepositories", ("5",), "FINDINGS"),
    ],
)
@pytest.mark.fault("D62")
async def test_a_defect_in_the_background_is_a_card_in_its_pane(action: str, keys: tuple[str, ...], pane: str):
    async with driving(Defective(action), size=(140, 40), journal=MemoryJournal()) as t:
        if action != "ecr:DescribeRepositories":  # nothing else would be listed
            await t.sees("pet-web")
        await t.press(*keys)
        await t.sees(pane, "KeyError in ")
        while t.app._notifications:  # what stays is the card, not the toast
            t.app.clear_notifications()
            await t.pilot.pause()
        await t.until(lambda: "… loading" not in t.screen, "the end of loading")
        assert "KeyError in " in t.screen
        assert CANARY not in t.screen
        await t.press("question_mark")
        await t.sees("Keys")
