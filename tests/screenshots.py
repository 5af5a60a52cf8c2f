"""Pictures of every screen, from the embedded account: `python -m tests.screenshots DIRECTORY [NAME…]`.

Each scene drives the app by keys and is written as SVG and PNG. The clock of this process is the embedded
account's, and it stands still: a picture differs from the last one only where the app does.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from ecrtui.demo.clock import Clock

INSTANT = 1_793_700_000.0
CLOCK = Clock(INSTANT)
time.time = CLOCK  # before anything takes the function for its own
os.environ["TZ"] = "UTC"
time.tzset()

_TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(_TESTS), str(_TESTS / "services")]  # as pytest has it

from driver import Driver  # noqa: E402
from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account  # noqa: E402
from ecrtui.demo.process import ACCESS_KEY, DEFAULT_REGION, SECRET_KEY  # noqa: E402
from ecrtui.demo.seed import seeded_account  # noqa: E402
from ecrtui.demo.wsgi import serve  # noqa: E402
from ecrtui.settings import Settings  # noqa: E402
from ecrtui.store.journal import FileJournal  # noqa: E402
from ecrtui.ui.app import EcrtuiApp  # noqa: E402
from ecrtui.ui.backend import Backend  # noqa: E402

READABLE = 0.35
"""Seconds after which a dialog that has opened hears keys."""
FONTS = {
    "DejaVu Sans Mono": "DejaVuSansMono.ttf",
    "Menlo": "Menlo.ttc",
    "Cascadia Mono": "CascadiaMono.ttf",
    "Liberation Mono": "LiberationMono-Regular.ttf",
    "Noto Sans Mono": "NotoSansMono-Regular.ttf",
}
"""Monospaced fonts that have boxes and blocks, with their files; the first one found draws the PNGs."""
FONT_DIRECTORIES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)

Scene = Callable[["Stage"], Awaitable[None]]


class Stage(Driver):
    """The running app, and what scenes do with it."""

    async def point_at(self, start: str) -> None:
        """Move the cursor of the focused list down to the row that starts so."""
        here = re.compile(rf"▸[ ●]* {re.escape(start)}")
        for _ in range(200):
            if here.search(self.screen):
                return
            await self.press("down")
        raise AssertionError(f"no row {start!r} on:\n{self.screen}")

    async def readable(self) -> None:
        """Wait until the uppermost dialog hears keys."""
        await self.pilot.pause(READABLE)


@dataclass(frozen=True)
class Picture:
    """One scene, and how it is looked at."""

    scene: Scene
    size: tuple[int, int] = (120, 36)
    theme: str = "dark"
    regions: tuple[str, ...] = (DEFAULT_REGION,)


# The scenes


async def explore(stage: Stage) -> None:
    """The images of pet-web, with the newest in detail."""
    await stage.sees("REPOSITORIES  29", " GB")
    await stage.point_at("pet-web ")
    await stage.press("enter")
    await stage.sees("IMAGES  pet-web  412", "pet-web:main-")
    await stage.press("down", "down")


async def explore_regions(stage: Stage) -> None:
    """Two regions in one list, narrowed by a filter."""
    await stage.sees("REPOSITORIES  37")
    await stage.press("slash")
    await stage.type("images:>40")
    await stage.press("enter")
    await stage.readable()


async def explore_small(stage: Stage) -> None:
    """One pane at a time."""
    await stage.sees("REPOSITORIES  29")
    await stage.point_at("pet-web ")
    await stage.press("enter")
    await stage.sees("IMAGES  pet-web  412")
    await stage.press("down")


async def compare(stage: Stage) -> None:
    """Projects beside repositories, the worst first."""
    await stage.press("2")
    await stage.sees("PAIRINGS", "missing repository")
    await stage.misses("loading")


async def create(stage: Stage) -> None:
    """The form for the repository that api-server lacks."""
    await compare(stage)
    await stage.point_at("api-server ")
    await stage.press("n")
    await stage.sees("Create a repository", "✓ project api-server exists")
    await stage.readable()


async def plan(stage: Stage) -> None:
    """What creating it will do, before it is done."""
    await create(stage)
    await stage.press("enter")
    await stage.sees("The same with the AWS CLI")
    await stage.readable()


async def builds(stage: Stage) -> None:
    """Builds of the region; pet-web in the middle of its push."""
    await stage.press("3")
    await stage.sees("BUILDS", "pet-web")
    await stage.point_at("pet-web ")
    await stage.sees("POST_BUILD", "push")


async def failed(stage: Stage) -> None:
    """A failed build with its cause and remedy."""
    await stage.press("3")
    await stage.sees("BUILDS", "pet-web")
    await stage.point_at("payment-api")
    await stage.sees("ecr:InitiateLayerUpload")


async def lifecycle(stage: Stage) -> None:
    """A policy that would delete an image in use."""
    await stage.sees("REPOSITORIES  29")
    await stage.point_at("pet-web ")
    await stage.press("L")
    await stage.sees("LIFECYCLE  pet-web", "DRAFT")
    await stage.press("p")
    await stage.sees("expires 317 of 412")
    await stage.press("T")
    await stage.sees("Keep the last N images")
    await stage.readable()
    await stage.press("enter")
    await stage.sees("Images to keep")
    await stage.readable()
    await stage.press("backspace", "backspace")
    await stage.type("25")
    await stage.sees("beyond the newest 25.")
    await stage.press("enter")
    await stage.sees("valid, not applied")
    await stage.press("f5")
    await stage.sees("in use: blocked")


async def path(stage: Stage) -> None:
    """Why payment-api cannot push, and what runs of it."""
    await stage.sees("REPOSITORIES  2")
    await stage.point_at("payment-api ")
    await stage.press("p")
    await stage.sees("PATH  payment-api", "✗ role may not push", "✓ current")
    await stage.misses("loading")


async def path_drift(stage: Stage) -> None:
    """pet-web from project to a service that drifted."""
    await stage.sees("REPOSITORIES  2")
    await stage.point_at("pet-web ")
    await stage.press("p")
    await stage.sees("PATH  pet-web", "⚠ drift")
    await stage.misses("loading")
    await stage.press("G", "k")


async def audit(stage: Stage) -> None:
    """Every finding of the region, the worst first."""
    await stage.press("5")
    await stage.sees("all findings", "critical-findings", "what ")
    await stage.misses("loading")


async def findings(stage: Stage) -> None:
    """What the scan of a production image found."""
    await explore(stage)
    await stage.press("slash")
    await stage.type("tag:production")
    await stage.press("enter", "F")
    await stage.sees("FINDINGS", "CVE-", "critical")
    await stage.readable()


async def help_(stage: Stage) -> None:
    """All keys that apply here."""
    await explore(stage)
    await stage.press("question_mark")
    await stage.readable()


PICTURES: dict[str, Picture] = {
    "explore": Picture(explore),
    "explore-80x24": Picture(explore_small, size=(80, 24)),
    "explore-200x60": Picture(explore, size=(200, 60)),
    "explore-light": Picture(explore, theme="light"),
    "explore-ansi": Picture(explore, theme="ansi"),
    "explore-regions": Picture(explore_regions, regions=(DEFAULT_REGION, "ap-northeast-1")),
    "compare": Picture(compare),
    "create": Picture(create),
    "plan": Picture(plan),
    "builds": Picture(builds),
    "builds-failed": Picture(failed),
    "lifecycle": Picture(lifecycle),
    "path": Picture(path),
    "path-200x60": Picture(path_drift, size=(200, 60)),
    "audit": Picture(audit),
    "findings": Picture(findings),
    "help": Picture(help_),
}


# The stage


@asynccontextmanager
async def staged(picture: Picture) -> AsyncIterator[Stage]:
    """The app on an embedded account of its own."""
    CLOCK.set(INSTANT)
    with TemporaryDirectory() as directory, serve(seeded_account(CLOCK)) as url:

        async def opened(profile: str | None, retrying: Any) -> Any:
            keys = StaticCredentials(ACCESS_KEY, SECRET_KEY)
            return await open_account(AccountOptions(region=DEFAULT_REGION, endpoint_url=url, credentials=keys))

        settings = Settings(theme=picture.theme, refresh=-1.0, regions=picture.regions)
        backend = Backend(opened, lambda: (), lambda: FileJournal(Path(directory) / "journal.jsonl"), demo=True)
        app = EcrtuiApp(settings, backend, {})
        async with app.run_test(size=picture.size, notifications=True) as pilot:
            stage = Stage(app, pilot)
            await stage.until(lambda: app.mode_screen is not None and app.mode_screen.is_mounted, "the first screen")
            yield stage


async def take(picture: Picture) -> str:
    """Play a scene; the SVG of where it ends."""
    async with staged(picture) as stage:
        await picture.scene(stage)
        await stage.readable()
        return freestanding(stage.app.export_screenshot(title="ecrtui"))


# The files


def freestanding(svg: str) -> str:
    """The picture in the reader's own fonts instead of the web's, and with ids and ports that stay the same."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:50000", svg)
    families = ", ".join(f"'{font}'" for font in FONTS)
    return re.sub(r"terminal-\d+-", "terminal-", svg).replace("Fira Code, monospace", f"{families}, monospace")


def png(svg: str, font: str) -> bytes:
    """The picture in pixels, large enough to stay sharp when a page shrinks it."""
    import resvg_py

    plain = re.sub(r"font-family: [^;]*monospace", f"font-family: {font}", svg)
    return bytes(resvg_py.svg_to_bytes(svg_string=plain, font_family=font))


def installed_font() -> str | None:
    """The best monospaced font on this machine; None when there is none that we know."""
    directories = [Path(directory).expanduser() for directory in FONT_DIRECTORIES]
    return next((font for font, file in FONTS.items() if any(any(at.rglob(file)) for at in directories)), None)


def main(directory: Path, names: list[str]) -> int:
    """Write the pictures of these names (none: all); the exit code."""
    if unknown := [name for name in names if name not in PICTURES]:
        click.echo(f"There is no picture {unknown[0]}; there are: {', '.join(PICTURES)}", err=True)
        return 2
    font = installed_font()
    directory.mkdir(parents=True, exist_ok=True)
    for name in names or PICTURES:
        svg = asyncio.run(take(PICTURES[name]))
        (directory / f"{name}.svg").write_text(svg, encoding="utf-8")
        if font:
            (directory / f"{name}.png").write_bytes(png(svg, font))
        click.echo(directory / name)
    if not font:
        click.echo(f"No PNGs: none of these fonts is installed: {', '.join(FONTS)}", err=True)
    return 0 if font else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
