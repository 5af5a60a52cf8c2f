"""The create form in words: what is typed becomes settings, and every line says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from memory import a_project

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle import parse
from ecrtui.domain.names import judge
from ecrtui.services.create import settings_faults
from ecrtui.services.state import Failed, Idle, Loading, Partial, Ready
from ecrtui.settings import CreateDefaults
from ecrtui.ui.present.create import (
    Draft,
    Target,
    draft_of,
    exclusion_problems,
    name_notes,
    policy_notes,
    project_standing,
    suggestion_for,
    tag_problems,
)

SEOUL = "ap-northeast-2"
WEB = Target(SEOUL, "web")
DENIED = AppError(ErrorKind.DENIED, "list the projects", action="codebuild:ListProjects")


def test_the_defaults_give_settings_that_ecr_takes():
    [settings] = draft_of(CreateDefaults(), [WEB]).settings()
    assert (settings.name, settings.region) == ("web", SEOUL)
    assert settings.filters == CreateDefaults().exclusions
    assert settings_faults(settings) == ()


@pytest.mark.parametrize(
    ("typed", "filters"),
    [("latest, v*", ("latest", "v*")), ("latest v*  ,, x", ("latest", "v*", "x")), ("", ()), (" , ", ())],
)
def test_exclusions_are_parted_by_commas_and_blanks(typed: str, filters: tuple[str, ...]):
    assert Draft((WEB,), exclusions=typed).filters == filters


def test_tags_are_parted_by_commas_and_the_first_equals_sign():
    draft = Draft((WEB,), tags="team=pets, url=a=b, alone,")
    assert draft.tag_pairs == (("team", "pets"), ("url", "a=b"), ("alone", ""))


def test_a_key_is_sent_with_kms_only():
    assert Draft((WEB,), kms_key="alias/x").settings()[0].kms_key is None
    assert Draft((WEB,), kms_key=" alias/x ", encryption="KMS").settings()[0].kms_key == "alias/x"


def test_a_template_becomes_the_policy_of_every_target():
    draft = Draft((WEB, Target(SEOUL, "api")), template="keep-last", parameters={"keep": "12"})
    texts = [settings.policy_text for settings in draft.settings()]
    assert texts[0] == texts[1]
    assert parse(texts[0] or "").rules[0].selection.count_number == 12


@pytest.mark.parametrize("typed", ["", "0", "-3", "1.5", "many", "٣", "9" * 12])
def test_numbers_that_are_none_are_refused_by_their_field(typed: str):
    cells, usable = policy_notes(Draft((WEB,), template="keep-last", parameters={"keep": typed}))
    assert not usable
    assert "images to keep" in cells[0].text


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_breaks_the_form_and_none_that_is_passed_is_refused_later(exclusions: str, tags: str):
    draft = Draft((WEB,), exclusions=exclusions, tags=tags)
    if not exclusion_problems(draft) and not tag_problems(draft):
        assert settings_faults(draft.settings()[0]) == ()


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_a_name_is_good_in_words_exactly_when_it_is(name: str):
    cells = name_notes(name, None)
    verdict = judge(name)
    assert all(cell.text.isprintable() for cell in cells)
    if name:
        assert (cells[0].role == "good") == verdict.allowed
    if suggestion := suggestion_for(name, None):
        assert judge(suggestion).allowed


@pytest.mark.parametrize(
    ("projects", "role", "missing", "doubtful"),
    [
        (Ready((a_project("web"),), 0.0), "good", False, False),
        (Ready((a_project("other"),), 0.0), "bad", True, False),
        (Loading((a_project("web"),)), "good", False, False),
        (Loading(()), "muted", False, False),
        (Idle(), "muted", False, False),
        (Failed(DENIED, 0.0), "warn", False, True),
        (Partial((a_project("other"),), DENIED, 0.0), "warn", False, True),
    ],
)
def test_a_project_is_missing_only_where_that_is_known(projects, role: str, missing: bool, doubtful: bool):
    standing = project_standing(WEB, projects)
    assert (standing.note.role, standing.missing, standing.doubtful) == (role, missing, doubtful)


def test_a_name_that_no_project_can_bear_has_none():
    assert project_standing(Target(SEOUL, "team/web"), Idle()).missing
