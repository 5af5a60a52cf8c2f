"""Replication rules, creation templates, and the tags of copies beside those here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecrtui.domain.image import Image
from ecrtui.domain.registry import (
    CreationTemplate,
    Destination,
    PullThroughRule,
    RegistrySettings,
    Replica,
    ReplicationRule,
)
from ecrtui.domain.replication import (
    USUAL_DELAY,
    Copy,
    CopyState,
    cached_from,
    created_on_push,
    replicated_to,
    replication_gaps,
    tag_rows,
    template_for,
)

NOW = 1_777_900_000.0
TOKYO, VIRGINIA, OTHER = (Destination("ap-northeast-1", "1"), Destination("us-east-1", "1"), Destination("x", "2"))
SETTINGS = RegistrySettings(
    "ap-northeast-2",
    "1",
    replication=(ReplicationRule((TOKYO,)), ReplicationRule((TOKYO, VIRGINIA), ("pet-", "shop/"))),
    templates=(
        CreationTemplate("team", ("CREATE_ON_PUSH", "REPLICATION")),
        CreationTemplate("team/sealed", ("REPLICATION",)),
    ),
    pull_through=(PullThroughRule("docker-hub", "registry-1.docker.io"),),
)


@pytest.mark.parametrize(
    ("name", "destinations"),
    [("pet-web", (TOKYO, VIRGINIA)), ("shop/api", (TOKYO, VIRGINIA)), ("shop", (TOKYO,)), ("my-pet-web", (TOKYO,))],
)
def test_rules_hold_for_names_that_begin_with_a_prefix(name: str, destinations: tuple[Destination, ...]) -> None:
    assert replicated_to(name, SETTINGS) == destinations


def test_rules_that_could_not_be_read_are_not_no_rules() -> None:
    unread = RegistrySettings("r", unread={"replication": "ecr:DescribeRegistry is not allowed", "templates": "no"})
    assert replicated_to("pet-web", unread) is None
    assert created_on_push("pet-web", unread) is None
    assert replicated_to("pet-web", RegistrySettings("r")) == ()


@pytest.mark.parametrize(
    ("name", "created"),
    [("team/web", True), ("team/sealed/web", False), ("teams/web", False), ("team", False), ("pet-web", False)],
)
def test_the_longest_prefix_decides_what_a_push_creates(name: str, created: bool) -> None:
    assert created_on_push(name, SETTINGS) is created


def test_root_holds_for_all_others() -> None:
    root = replace(SETTINGS, templates=(*SETTINGS.templates, CreationTemplate("ROOT", ("CREATE_ON_PUSH",))))
    assert created_on_push("pet-web", root)
    assert not created_on_push("team/sealed/web", root)
    assert template_for("pet-web", root) == CreationTemplate("ROOT", ("CREATE_ON_PUSH",))


def test_what_a_pull_through_cache_fills() -> None:
    assert cached_from("docker-hub/library/nginx", SETTINGS) == PullThroughRule("docker-hub", "registry-1.docker.io")
    assert cached_from("docker-hubs/nginx", SETTINGS) is None


def image(letter: str, *tags: str, age: float = 86_400.0) -> Image:
    return Image(f"sha256:{letter * 64}", tags, pushed_at=NOW - age)


HERE = [image("a", "v2", "latest"), image("b", "v1"), image("c", "v3", age=60)]


def test_every_tag_beside_every_copy() -> None:
    copies = [
        Copy(TOKYO, {"v2": HERE[0].digest, "latest": HERE[1].digest}),
        Copy(OTHER, None, "another account"),
    ]
    rows = tag_rows(HERE, copies, NOW)
    assert [(row.tag, *row.states) for row in rows] == [
        ("v2", CopyState.SAME, CopyState.UNKNOWN),
        ("latest", CopyState.DIFFERS, CopyState.UNKNOWN),
        ("v1", CopyState.MISSING, CopyState.UNKNOWN),
        ("v3", CopyState.UNDER_WAY, CopyState.UNKNOWN),
    ]
    assert rows[1].there == (HERE[1].digest, "")


def test_what_is_older_than_all_that_was_copied_is_of_before_the_rule() -> None:
    old = image("d", "v0", age=9 * 86_400.0)
    copies = [Copy(TOKYO, {"v2": HERE[0].digest}), Copy(TOKYO, {"v2": HERE[0].digest}, by_rule=False), Copy(TOKYO, {})]
    rows = tag_rows((*HERE, old), copies, NOW)
    assert rows[-1].states == (CopyState.OLDER, CopyState.MISSING, CopyState.MISSING)
    assert "v0" not in [gap.tag for gap in replication_gaps("pet-web", "r", (*HERE, old), copies[:1], NOW)]


def test_gaps_are_what_the_rules_should_have_copied() -> None:
    copies = [Copy(TOKYO, {"v2": HERE[0].digest, "latest": HERE[1].digest}), Copy(OTHER, None)]
    gaps = replication_gaps("pet-web", "ap-northeast-2", HERE, copies, NOW)
    assert [(gap.tag, gap.state, gap.destination) for gap in gaps] == [
        ("latest", CopyState.DIFFERS, TOKYO),
        ("v1", CopyState.MISSING, TOKYO),
    ]
    assert gaps[0].there == HERE[1].digest
    later = replication_gaps("pet-web", "ap-northeast-2", HERE, copies, NOW + USUAL_DELAY)
    assert [gap.tag for gap in later] == ["latest", "v1", "v3"]


def test_a_repository_of_the_same_name_without_a_rule_has_no_gaps() -> None:
    copy = Copy(TOKYO, {}, by_rule=False)
    assert not replication_gaps("pet-web", "ap-northeast-2", HERE, [copy], NOW)
    assert {state for row in tag_rows(HERE, [copy], NOW) for state in row.states} == {CopyState.MISSING}


def test_what_aws_failed_to_replicate_has_failed() -> None:
    replicas = {HERE[2].digest: [Replica(TOKYO, "FAILED", "no permission"), Replica(VIRGINIA, "COMPLETE")]}
    rows = tag_rows(HERE[2:], [Copy(TOKYO, {}), Copy(VIRGINIA, {})], NOW, replicas)
    assert rows[0].states == (CopyState.FAILED, CopyState.UNDER_WAY)
