"""The path of a name: links judged by what is known, one sentence first, and the picture in text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.build import Build
from ecrtui.domain.drift import Drift, drift_of
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.pairing import RegionFacts, Side, pair
from ecrtui.domain.path import Chain, Link, PathFacts, Standing, Stock, Unread, chain, stock
from ecrtui.domain.path.picture import SIDE_BY_SIDE, picture, plain
from ecrtui.domain.permission import Access, Actor, Mend, Place, Purpose, Verdict
from ecrtui.domain.policy_evaluation import Caller
from ecrtui.domain.project import EnvironmentVariable, Project
from ecrtui.domain.reference import parse
from ecrtui.domain.repository import Repository
from ecrtui.domain.text import width
from ecrtui.domain.usage import Use

NOW, HOUR, DAY = 1_777_900_000.0, 3_600.0, 86_400.0
SEOUL, ACCOUNT = "ap-northeast-2", "123456789012"
HOST = f"{ACCOUNT}.dkr.ecr.{SEOUL}.amazonaws.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/codebuild-pet-web"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
COMMIT = "4f2a91c0" * 5
PROJECT = Project(
    "pet-web",
    SEOUL,
    f"arn:aws:codebuild:{SEOUL}:{ACCOUNT}:project/pet-web",
    source_type="GITHUB",
    source_location="https://github.com/acme/pet-web.git",
    privileged=True,
    variables=(EnvironmentVariable("IMAGE_REPO_NAME", "pet-web"),),
    service_role=ROLE,
)
REPOSITORY = Repository(
    "pet-web", SEOUL, ACCOUNT, f"arn:aws:ecr:{SEOUL}:{ACCOUNT}:repository/pet-web", f"{HOST}/pet-web", scan_on_push=True
)
BUILD = Build(
    "pet-web:0001", "pet-web", SEOUL, 48, "SUCCEEDED", True, started_at=NOW - 2 * HOUR, resolved_source_version=COMMIT
)


def digest(character: str) -> str:
    return "sha256:" + character * 64


NEW = Image(digest("a"), ("main-4f2a91c", "latest"), 200_000_000, NOW - 2 * HOUR, media_type=MANIFEST)
OLD = Image(digest("b"), ("v2.4.1", "production"), 200_000_000, NOW - 3 * DAY, media_type=MANIFEST)
LOST = digest("c")


def listing(*images: Image) -> ImageListing:
    made = ImageListing(SEOUL, "pet-web")
    for one in images:
        made.add(one.digest, one.tags, one.size, one.pushed_at, None, one.media_type, "", "ACTIVE")
    return made


def use(tag: str, running: str | None, **settings: Any) -> Use:
    reference = parse(f"{HOST}/pet-web{tag}")
    assert reference is not None
    return Use(settings.pop("kind", "ecs-service"), "shop/front", SEOUL, reference, running, 3, **settings)


def drift(tag: str, running: str | None, named: Image | None, image: Image | None = None, **settings: Any) -> Drift:
    return drift_of(use(tag, running, **settings), named, image)


def right(access: Access, reason: str, *mends: Mend, purpose: Purpose = Purpose.PUSH) -> Verdict:
    where = ("project pet-web",) if purpose is Purpose.PUSH else (f"service shop/front in {SEOUL}",)
    return Verdict(Actor("codebuild", purpose, Caller(ROLE), where), access, reason, mends=mends)


def facts(**changes: Any) -> PathFacts:
    """A path on which all is well, unless changed."""
    project, repository = changes.get("project", PROJECT), changes.get("repository", REPOSITORY)
    sides: list[Side[Any]] = []
    for known in (project, repository):
        sides.append(Side((), False) if isinstance(known, Unread) else Side(() if known is None else (known,)))
    found = pair([RegionFacts(SEOUL, ACCOUNT, sides[0], sides[1])])
    usual = PathFacts(
        "pet-web",
        SEOUL,
        NOW,
        found[0] if found else None,
        PROJECT,
        REPOSITORY,
        '{"rules": []}',
        stock(listing(NEW, OLD), [OLD.digest], ["production"]),
        (BUILD,),
        (drift(":production", OLD.digest, OLD, OLD),),
        rights=(right(Access.OK, "the role's policies allow it"),),
    )
    return replace(usual, **changes)


def link(made: Chain, kind: str) -> Link:
    return next(link for link in made.links if link.kind == kind)


def words(made: Chain, kind: str) -> dict[str, Standing]:
    return {check.word: check.standing for check in link(made, kind).checks}


def test_a_whole_path_is_ok_and_says_what_production_runs() -> None:
    made = chain(facts())
    assert made.standing is Standing.OK
    assert [link.standing for link in made.links] == [Standing.OK] * 3
    assert made.headline == "pet-web: project pushes, repository ok, production runs v2.4.1 (3 tasks)"


# The link of the push


def test_a_role_that_may_not_push_breaks_the_link_and_brings_the_statement() -> None:
    mend = Mend(Place.ROLE, "codebuild-pet-web", ({"Effect": "Allow", "Action": ["ecr:PutImage"], "Resource": "*"},))
    made = chain(facts(rights=(right(Access.BROKEN, "ecr:PutImage is missing in the role's policies", mend),)))
    assert words(made, "push")["role may not push"] is Standing.BROKEN
    check = link(made, "push").leading
    assert "codebuild-pet-web" in check.why
    assert "ecr:PutImage" in check.why
    assert check.mend is not None
    assert (check.mend.kind, check.mend.text) == ("policy", mend.text)
    assert "project cannot push (its role may not)" in made.headline


@pytest.mark.parametrize(
    "rights",
    [Unread("iam:SimulatePrincipalPolicy is not allowed"), (right(Access.NOT_CHECKED, "it cannot be simulated"),)],
)
def test_a_role_that_was_not_checked_is_ok_only_where_its_build_has_pushed(rights: Any) -> None:
    pushed = words(chain(facts(rights=rights)), "push")
    assert pushed["has pushed"] is Standing.OK
    unknown = chain(facts(rights=rights, builds=()))
    assert words(unknown, "push")["role not checked"] is Standing.UNKNOWN
    assert link(unknown, "push").standing is Standing.UNKNOWN


def test_a_missing_repository_can_be_created_unless_aws_creates_it() -> None:
    made = chain(facts(repository=None, stock=Stock(), drifts=(), rights=()))
    assert link(made, "push").leading.word == "no repository"
    assert link(made, "push").leading.mend is not None
    assert link(made, "push").leading.mend.kind == "create"  # type: ignore[union-attr]
    assert made.standing is Standing.BROKEN
    template = chain(facts(repository=None, stock=Stock(), drifts=(), rights=(), created_on_push=True))
    assert words(template, "push")["created on push"] is Standing.OK
    assert template.standing is not Standing.BROKEN


def test_a_project_that_pushes_elsewhere_leads_to_that_path() -> None:
    project = replace(PROJECT, variables=(EnvironmentVariable("IMAGE_REPO_NAME", "pet-shop"),))
    made = chain(facts(project=project, drifts=()))
    check = link(made, "push").leading
    assert check.word == "pushes elsewhere"
    assert check.mend is not None
    assert (check.mend.kind, check.mend.text) == ("path", f"pet-shop {SEOUL}")
    assert "project pushes to pet-shop" in made.headline
    assert "role may push" not in words(made, "push")


def test_no_project_neither_side_and_a_failed_build() -> None:
    assert words(chain(facts(project=None, builds=(), rights=())), "push") == {"no project": Standing.BROKEN}
    nothing = chain(facts(project=None, repository=None, builds=(), stock=Stock(), drifts=(), rights=()))
    assert words(nothing, "push") == {"nothing of this name": Standing.BROKEN}
    failed = replace(BUILD, id="pet-web:2", number=49, status="FAILED", started_at=NOW - HOUR)
    check = link(chain(facts(builds=(failed, BUILD))), "push").leading
    assert (check.word, check.mend.kind if check.mend else "") == ("last build failed", "logs")
    running = replace(failed, status="IN_PROGRESS", complete=False)
    assert link(chain(facts(builds=(running, BUILD))), "push").standing is Standing.OK


def test_an_immutable_repository_and_a_fixed_tag_do_not_go_together() -> None:
    spec = f"version: 0.2\nphases:\n  build:\n    commands:\n      - docker push {HOST}/pet-web:latest\n"
    project = replace(PROJECT, buildspec=spec)
    made = chain(facts(project=project, repository=replace(REPOSITORY, mutability="IMMUTABLE")))
    assert words(made, "push")["tag cannot move"] is Standing.BROKEN


# What is held


def test_an_empty_repository_is_broken_and_unread_images_are_unknown() -> None:
    empty = chain(facts(stock=stock(listing()), drifts=()))
    assert link(empty, "hold").leading.word == "no image"
    assert "repository is empty" in empty.headline
    denied = chain(facts(stock=Unread("ecr:DescribeImages is not allowed", "ecr:DescribeImages"), drifts=()))
    assert link(denied, "hold").standing is Standing.UNKNOWN
    assert "ecr:DescribeImages is not allowed" in link(denied, "hold").leading.why
    part = next(part for part in chain(facts(stock=stock(listing(NEW), incomplete="stopped"))).parts if part.entries)
    assert part.standing is Standing.UNKNOWN


def test_the_stock_has_what_matters_and_never_takes_a_lone_row_for_the_newest() -> None:
    signature = Image(digest("d"), (f"sha256-{'a' * 64}.sig",), 1, NOW, media_type=MANIFEST)
    undated = Image(digest("e"), ("v10.0.0-rc.1",), 1, None, media_type=MANIFEST)
    untagged = Image(digest("f"), (), 1, NOW, media_type=MANIFEST)
    found = stock(listing(signature, undated, untagged, NEW, OLD), [untagged.digest])
    assert found.newest == NEW.digest
    assert found.release == undated.digest  # precedence, not age
    assert {image.digest for image in found.images} == {NEW.digest, OLD.digest, undated.digest, untagged.digest}
    assert found.total == 5
    assert stock(listing(undated)).newest == ""


# What runs


def test_drift_shows_both_images_with_ages_and_the_builds_that_made_them() -> None:
    made = chain(facts(drifts=(drift(":latest", OLD.digest, NEW, OLD),)))
    run = link(made, "run")
    assert (run.standing, run.leading.word) == (Standing.BROKEN, "drift")
    (entry,) = made.parts[3].entries
    assert entry.text == "runs v2.4.1 bbbbbbbbbbbb (3d), latest is main-4f2a91c aaaaaaaaaaaa (2h)"
    said = [(fact.label, fact.text) for fact in entry.facts]
    assert ("digest", OLD.digest) in said
    assert ("digest", NEW.digest) in said
    assert ("built by", f"build #48 from {COMMIT} (main)") in said
    assert made.headline.endswith("latest runs v2.4.1 (3 tasks) ≠ main-4f2a91c that it names now")


def test_production_is_told_first_and_then_what_is_wrong() -> None:
    drifts = (drift(":latest", OLD.digest, NEW, OLD), drift(":production", OLD.digest, OLD, OLD))
    made = chain(facts(drifts=drifts))
    assert made.headline.endswith("production runs v2.4.1 (3 tasks), latest runs v2.4.1 (3 tasks) ≠ main-4f2a91c that it names now")  # noqa: E501  # fmt: skip


@pytest.mark.parametrize(
    ("one", "word", "standing"),
    [
        (drift(":gone", OLD.digest, None, OLD), "tag gone", Standing.BROKEN),
        (drift(f"@{LOST}", LOST, None), "image gone", Standing.BROKEN),
        (drift(f"@{OLD.digest}", OLD.digest, None, OLD), "pinned", Standing.OK),
        (drift(":production", None, OLD, kind="apprunner-service"), "drift unknown", Standing.UNKNOWN),
    ],
)
def test_each_way_to_run_has_its_word(one: Drift, word: str, standing: Standing) -> None:
    made = chain(facts(drifts=(one,)))
    assert words(made, "run") == {word: standing}
    assert made.parts[3].entries[0].word == word


def test_nothing_runs_it_is_said_only_when_everything_was_checked() -> None:
    assert words(chain(facts(drifts=())), "run") == {"nothing runs it": Standing.NONE}
    unchecked = chain(facts(drifts=(), unchecked=("ecs:ListClusters is not allowed",)))
    assert link(unchecked, "run").standing is Standing.UNKNOWN
    assert "what runs it is unknown" in unchecked.headline
    waiting = chain(facts(drifts=(), waiting=True))
    assert link(waiting, "run").loading
    assert "nothing runs it" not in waiting.headline


def test_a_role_that_may_not_pull_is_broken_and_one_that_runs_has_pulled() -> None:
    broken = facts(rights=(right(Access.BROKEN, "ecr:BatchGetImage is missing", purpose=Purpose.PULL),))
    assert words(chain(broken), "run")["role may not pull"] is Standing.BROKEN
    unknown = facts(rights=(right(Access.UNKNOWN, "it depends", purpose=Purpose.PULL),))
    assert words(chain(unknown), "run") == {"current": Standing.OK}


def test_what_is_still_read_is_never_judged() -> None:
    made = chain(PathFacts("pet-web", SEOUL, NOW, waiting=True))
    assert made.loading
    assert made.standing is Standing.UNKNOWN
    assert all(link.loading for link in made.links)
    refused = chain(PathFacts("pet-web", SEOUL, NOW, project=Unread("codebuild:BatchGetProjects is not allowed")))
    assert not link(refused, "push").loading
    assert "codebuild:BatchGetProjects is not allowed" in link(refused, "push").leading.why


# The picture


def mended(mend: object) -> str:
    return f"MEND {getattr(mend, 'kind', '')}"


@pytest.mark.parametrize("room", [40, 78, 118, 198, 250])
def test_the_picture_fits_and_has_a_spot_for_everything(room: int) -> None:
    drifts = (drift(":latest", OLD.digest, NEW, OLD), drift(":production", OLD.digest, OLD, OLD))
    made = chain(facts(drifts=drifts))
    drawn = picture(made, room, mended, cursor="runtime:1")
    assert all(sum(width(piece.text) for piece in line) <= room for line in drawn.lines)
    ids = [spot.id for spot in drawn.spots]
    images = [f"images:{number}" for number in range(len(made.parts[2].entries))]
    runs = ["runtime:0", "runtime:1"]
    assert ids == ["project", "push", "repository", "hold", "images", *images, "run", "runtime", *runs]
    pointed = next(spot for spot in drawn.spots if spot.id == "runtime:1")
    text = "".join(piece.text for piece in drawn.lines[pointed.line])
    assert text[pointed.column :].startswith("▸")
    assert plain(drawn).count("▸ ✓ current") + plain(drawn).count("▸   ✓ current") == 1
    beside = next(line for line in plain(drawn).splitlines() if "PROJECT" in line)
    assert ("REPOSITORY" in beside) == (room >= SIDE_BY_SIDE)


def test_the_picture_tells_why_for_what_is_broken_and_with_evidence_for_all() -> None:
    made = chain(facts(repository=None, stock=Stock(), drifts=(), rights=()))
    text = plain(picture(made, 100, mended))
    assert "there is no repository pet-web" in text
    assert "MEND create" in text
    whole = chain(facts())
    assert "variable IMAGE_REPO_NAME" not in plain(picture(whole, 100, mended))
    assert "variable IMAGE_REPO_NAME" in plain(picture(whole, 100, mended, evidence=True))


NASTY = st.text(alphabet="a日\x1b\u202e\u0301 -\n[/]", min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(name=NASTY, tag=NASTY, room=st.sampled_from([30, 80, 200]))
def test_hostile_names_stay_in_their_place(name: str, tag: str, room: int) -> None:
    image = replace(NEW, tags=(tag,))
    known = facts(
        name=name,
        project=replace(PROJECT, name=name, source_location=name, service_role=name),
        stock=stock(listing(image, OLD), [image.digest]),
        drifts=(drift(":latest", image.digest, OLD, image),),
    )
    drawn = picture(chain(known), room, mended)
    for line in drawn.lines:
        assert all(piece.text.isprintable() for piece in line)
        assert sum(width(piece.text) for piece in line) <= max(30, room)
