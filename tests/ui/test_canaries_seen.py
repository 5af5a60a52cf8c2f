"""Secrets in the plain variables of projects and images are on no screen, in no dialog and in no copy."""

from __future__ import annotations

import json

import pytest
from memory import NOW, MemoryAccount, a_build, a_project, a_repository, an_image, digest_of

from driver import Driver, driving
from ecrtui.domain.image_config import IMAGE_CONFIGS
from ecrtui.domain.project import EnvironmentVariable

PASSWORD, KEY = "CanarySingsSoftly1", "CanarySingsSoftly2"
CONFIG = json.dumps({"config": {"Env": [f"API_KEY={KEY}"]}, "history": [{"created_by": "COPY"}]})
MANIFEST = json.dumps(
    {
        "config": {"mediaType": IMAGE_CONFIGS[0], "digest": digest_of(CONFIG), "size": 1},
        "layers": [{"digest": digest_of("layer"), "size": 9}],
    }
)


def account() -> MemoryAccount:
    variables = (EnvironmentVariable("DB_PASSWORD", PASSWORD), EnvironmentVariable("HARMLESS", PASSWORD))
    return MemoryAccount(
        repositories=[a_repository("pet-web")],
        images={"pet-web": [an_image("v1", pushed_at=NOW - 60, digest=digest_of(MANIFEST))]},
        manifests={digest_of(MANIFEST): MANIFEST, digest_of(CONFIG): CONFIG},
        projects=[a_project("pet-web", variables=variables)],
        builds=[a_build("pet-web", status="FAILED")],
        logs={"pet-web:00000001": ["a line"]},
    )


async def look(t: Driver, *keys: str) -> None:
    """Press keys; nothing that was planted is seen, nor on its way to the clipboard."""
    for key in keys:
        await t.press(key)
        await t.pilot.pause()
        seen = t.screen + str(t.app.clipboard) + "".join(str(one.message) for one in t.app._notifications)
        assert PASSWORD not in seen, key
        assert KEY not in seen, key


@pytest.mark.fault("F90")
async def test_no_planted_secret_is_seen_or_copied():
    async with driving(account(), size=(140, 60)) as t:
        await t.sees("IMAGES  pet-web")
        await look(t, "enter", "enter", "right_square_bracket", "G")
        await t.sees("API_KEY")
        await look(t, *["right_square_bracket"] * 6, "y", "G")
        for mode, seen in (("2", "PAIRINGS"), ("3", "BUILDS"), ("4", "PATH  pet-web"), ("5", "plaintext-secret")):
            await look(t, mode)
            await t.sees(seen)
            await look(t, "down", "down", "G")
            if mode != "3":
                await t.press("c")
                await t.until(lambda: type(t.app.screen).__name__ == "CopyDialog", "what can be copied")
                await t.pilot.pause(0.3)
                await look(t, "down", "enter", "escape")
        await look(t, "3")
        for key, dialog in (("X", "PlanDialog"), ("b", "StartBuildDialog")):
            await t.press(key)
            await t.until(lambda name=dialog: type(t.app.screen).__name__ == name, dialog)  # type: ignore[misc]
            await t.pilot.pause(0.3)
            await look(t, "escape", "escape")
