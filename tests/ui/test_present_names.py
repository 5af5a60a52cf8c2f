"""Names in lists and details: one that may not be what it looks like is pointed out."""

from __future__ import annotations

import pytest

from ecrtui.domain.image import Image
from ecrtui.domain.repository import Repository
from ecrtui.services.state import IDLE
from ecrtui.ui.present.detail import image_lines, repository_lines
from ecrtui.ui.present.images import tags_cell
from ecrtui.ui.present.names import name_cell

IMITATION = "pet-w\u0435b"  # a Cyrillic letter


@pytest.mark.fault("A10")
def test_a_name_that_imitates_another_is_pointed_out_with_a_sign_and_its_characters() -> None:
    assert name_cell("pet-web", "◉") == ("pet-web ◉", "name")
    assert name_cell(IMITATION) == (f"⚠ {IMITATION}", "warn")
    assert tags_cell(("v1", IMITATION)).role == "warn"
    repository = Repository(IMITATION, "us-east-1", "123456789012", "arn", "uri")
    for lines in (
        repository_lines(repository, None, IDLE, 0.0),
        image_lines(Image("sha256:1", (IMITATION,)), "uri", (), (), (), "", 0.0),
    ):
        said = ["".join(cell.text for cell in line) for line in lines]
        assert f"beware     {IMITATION} may not be what it looks like: U+0435" in said


def test_names_of_other_alphabets_are_names() -> None:
    assert name_cell("도커-이미지") == ("도커-이미지", "name")
