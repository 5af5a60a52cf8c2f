"""What can be copied, exact and harmless; and the links to the console."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

import pytest
from dialogs_app import HOSTILE, DialogApp, screen_text
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.image import Image
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository
from ecrtui.domain.text import Shown
from ecrtui.ui.dialogs.copy import CopyDialog
from ecrtui.ui.present.copying import (
    Copyable,
    clipboard_text,
    console_link,
    image_copies,
    project_copies,
    repository_copies,
)
from ecrtui.ui.subject import Subject

ACCOUNT, REGION = "123456789012", "ap-northeast-2"
URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/team/pet-web"
REPOSITORY = Repository("team/pet-web", REGION, ACCOUNT, f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/pet-web", URI)
DIGEST = "sha256:" + "ab" * 32


def image(*tags: str) -> Image:
    return Image(digest=DIGEST, tags=tags)


def values(copies: tuple[Copyable, ...]) -> dict[str, str]:
    return {copy.label: copy.value for copy in copies}


def test_an_image_with_tags() -> None:
    found = values(image_copies(REPOSITORY, image("main-4f2a91c", "v2.4.1")))
    assert found["URI"] == f"{URI}:v2.4.1"
    assert found["URI@digest"] == f"{URI}@{DIGEST}"
    assert found["digest"] == DIGEST
    assert found["pull"] == f"docker pull {URI}:v2.4.1"
    assert found["login"] == (
        f"aws ecr get-login-password --region {REGION} | "
        f"docker login --username AWS --password-stdin {ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
    )
    assert found["describe"] == (
        f"aws ecr describe-images --region {REGION} --registry-id {ACCOUNT} "
        "--repository-name team/pet-web --image-ids imageTag=v2.4.1"
    )
    assert found["repository ARN"] == REPOSITORY.arn


def test_an_untagged_image_is_named_by_its_digest() -> None:
    found = values(image_copies(REPOSITORY, image()))
    assert "URI" not in found
    assert found["pull"] == f"docker pull {URI}@{DIGEST}"
    assert found["describe"].endswith(f"imageDigest={DIGEST}")


@given(st.text(min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
@pytest.mark.fault("A18")
def test_no_name_breaks_out_of_its_word(name: str) -> None:
    repository = Repository(name, name, name, name, f"{name}/x")
    project = Project(name, name)
    for copy in (*repository_copies(repository), *project_copies(project), *image_copies(repository, image(name))):
        if copy.value.startswith(("aws ", "docker ")):
            words = shlex.split(copy.value)
            assert words[0] in ("aws", "docker")
            assert not {";", "&&", "$(", "`"} & set(words) or name in words
            assert any(name in word for word in words)


@pytest.mark.fault("A3", "A13")
def test_the_clipboard_gets_nothing_that_acts() -> None:
    assert clipboard_text("a\x1b]52;c;eA==\x07b\u202e\u200b\ud800\r\nc\td") == "a]52;c;eA==b\ncd"
    assert clipboard_text(HOSTILE).encode()


@pytest.mark.parametrize(
    ("subject", "project", "link"),
    [
        (
            Subject(REGION, "team/pet-web"),
            False,
            f"https://{REGION}.console.aws.amazon.com/ecr/repositories/private/{ACCOUNT}/team/pet-web?region={REGION}",
        ),
        (
            Subject(REGION, "pet-web", DIGEST),
            False,
            f"https://{REGION}.console.aws.amazon.com/ecr/repositories/private/{ACCOUNT}/pet-web"
            f"/_/image/{DIGEST.replace(':', '%3A')}/details?region={REGION}",
        ),
        (
            Subject(REGION, "pet-web", build_id="pet-web:1-2"),
            False,
            f"https://{REGION}.console.aws.amazon.com/codesuite/codebuild/{ACCOUNT}/projects/pet-web"
            f"/build/pet-web%3A1-2/?region={REGION}",
        ),
        (
            Subject("cn-north-1", "pet-web"),
            True,
            f"https://console.amazonaws.cn/codesuite/codebuild/{ACCOUNT}/projects/pet-web?region=cn-north-1",
        ),
        (
            Subject("us-gov-west-1", "x"),
            False,
            f"https://console.amazonaws-us-gov.com/ecr/repositories/private/{ACCOUNT}/x?region=us-gov-west-1",
        ),
    ],
)
def test_links_to_the_console(subject: Subject, project: bool, link: str) -> None:
    assert console_link(subject, ACCOUNT, project) == link


@given(st.text(), st.text(), st.text())
@settings(max_examples=60, deadline=None)
@pytest.mark.fault("A18")
def test_no_name_leads_to_another_host(region: str, name: str, account: str) -> None:
    for link in (
        console_link(Subject(region, name), account),
        console_link(Subject(region, name, build_id=name), account),
        console_link(Subject(region, name, digest=name), account),
    ):
        assert link.isascii()
        assert link.isprintable()
        parts = urlsplit(link)
        assert parts.scheme == "https"
        assert (parts.hostname or "").endswith(("console.aws.amazon.com", ".cn", ".com", ".eu"))
        assert not parts.fragment


async def test_enter_copies_the_value_under_the_cursor_raw_and_shows_it() -> None:
    app = DialogApp(CopyDialog(Shown("pet-web"), repository_copies(REPOSITORY)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
    assert app.copied == [REPOSITORY.arn]
    assert "if your terminal allows it" in app.said[0]
    assert REPOSITORY.arn in app.said[0]


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
async def test_the_whole_value_can_be_read(size: tuple[int, int]) -> None:
    app = DialogApp(CopyDialog(Shown("pet-web"), [Copyable("ARN", REPOSITORY.arn)]))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert REPOSITORY.arn in screen_text(app).replace("\n", "").replace("│", "").replace(" ", "")


async def test_hostile_values_are_drawn_harmlessly() -> None:
    app = DialogApp(CopyDialog(Shown("x"), [Copyable(HOSTILE, HOSTILE)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
    assert app.exit_filter.caught == 0
    assert all(character == "\n" or character.isprintable() for character in app.copied[0])
