"""Drift: what runs beside what its tag names; never accusing where something is not known."""

from __future__ import annotations

import pytest

from ecrtui.domain.drift import Drift, Drifts, DriftState, drift_of, redeploy_command
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.reference import parse
from ecrtui.domain.repository import Repository
from ecrtui.domain.usage import Children, ListedUses, RepositoryUses, Use, UseKind

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
REPOSITORY = Repository("pet-web", "us-east-1", "123456789012", "arn", f"{HOST}/pet-web")
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
ONE, TWO, INDEX, OTHER_INDEX, ARM, AMD = (f"sha256:{digit * 64}" for digit in "12cdab")


def use(
    tag: str = ":prod", digest: str | None = ONE, kind: UseKind = "ecs-service", name: str = "shop/web", **more: object
) -> Use:
    reference = parse(f"{HOST}/pet-web{tag}")
    assert reference is not None
    return Use(kind, name, "us-east-1", reference, digest, 2, **more)  # type: ignore[arg-type]


def index(digest: str, *tags: str) -> Image:
    return Image(digest, tags, media_type=INDEX_TYPE)


def judged(one: Use, *images: Image, children: Children | None = None, complete: bool = True) -> Drift:
    """One use judged by the images of the repository."""
    uses = RepositoryUses(REPOSITORY, [one], children)
    listing = ImageListing("us-east-1", "pet-web")
    for image in images:
        listing.add(image.digest, image.tags, None, image.pushed_at, None, image.media_type, "", "ACTIVE")
    return Drifts(ListedUses(uses, listing), complete=complete).of(one)


def test_the_tag_names_what_runs() -> None:
    found = judged(use(), Image(ONE, ("prod", "v1")), Image(TWO))
    assert (found.state, found.drifted) == (DriftState.NONE, False)


def test_the_tag_moved_on() -> None:
    old, new = Image(ONE, ("v1",), pushed_at=10.0), Image(TWO, ("v2", "prod"), pushed_at=20.0)
    found = judged(use(), old, new)
    assert found.state is DriftState.DRIFT
    assert (found.tag, found.running) == ("prod", ONE)
    assert found.running_image is not None
    assert found.named is not None
    assert (found.running_image.tags, found.running_image.pushed_at) == (("v1",), 10.0)
    assert (found.named.digest, found.named.pushed_at) == (TWO, 20.0)


def test_what_runs_may_be_deleted_by_now() -> None:
    found = judged(use(), Image(TWO, ("prod",)))
    assert found.state is DriftState.DRIFT
    assert found.running_image is None
    assert "not in the repository any more" in found.why


def test_no_tag_means_latest() -> None:
    assert judged(use(tag=""), Image(TWO, ("latest",)), Image(ONE, ("v1",))).state is DriftState.DRIFT


@pytest.mark.parametrize("digest", [ONE, None])
def test_a_digest_cannot_drift(digest: str | None) -> None:
    pinned = use(f":prod@{ONE}", digest)
    assert judged(pinned, Image(ONE), Image(TWO, ("prod",))).state is DriftState.NONE
    gone = judged(pinned, Image(TWO, ("prod",)))
    assert (gone.state, gone.drifted) == (DriftState.IMAGE_GONE, True)
    assert judged(pinned, Image(TWO, ("prod",)), complete=False).state is DriftState.NONE, "it may come yet"


def test_a_tag_that_is_gone() -> None:
    found = judged(use(), Image(ONE, ("v1",)))
    assert (found.state, found.drifted) == (DriftState.TAG_GONE, True)
    assert judged(use(), Image(ONE, ("v1",)), complete=False).state is DriftState.UNKNOWN, "it may come yet"


def test_a_platform_of_the_index_that_the_tag_names_is_no_drift() -> None:
    images = (index(INDEX, "prod"), Image(ARM), Image(AMD))
    running = use(digest=ARM)
    assert judged(running, *images, children={INDEX: [ARM, AMD]}).state is DriftState.NONE
    assert judged(running, *images, children={INDEX: [AMD]}).state is DriftState.DRIFT
    assert judged(running, *images, children={}).state is DriftState.UNKNOWN, "its platforms were not read"


def test_an_index_that_runs_and_its_platform_by_tag_are_the_same() -> None:
    images = (index(INDEX), Image(ARM, ("prod",)), Image(TWO))
    running = use(digest=INDEX)
    assert judged(running, *images, children={INDEX: [ARM, AMD]}).state is DriftState.NONE
    assert judged(running, *images, children={INDEX: [AMD]}).state is DriftState.DRIFT
    assert judged(running, *images).state is DriftState.UNKNOWN


def test_one_index_and_then_another() -> None:
    images = (index(OTHER_INDEX, "prod"), index(INDEX), Image(ARM), Image(AMD))
    children = {INDEX: [ARM], OTHER_INDEX: [AMD]}
    assert judged(use(digest=INDEX), *images, children=children).state is DriftState.DRIFT
    assert judged(use(digest=ARM), *images, children=children).state is DriftState.DRIFT
    assert judged(use(digest=AMD), *images, children=children).state is DriftState.NONE


def test_app_runner_does_not_say_what_runs() -> None:
    new = Image(TWO, ("prod",), pushed_at=200.0)
    runner = use(digest=None, kind="apprunner-service", name="web", deployed_at=100.0)
    by_itself = use(digest=None, kind="apprunner-service", name="web", auto_deploys=True)
    found = judged(runner, new)
    assert found.state is DriftState.UNKNOWN
    assert "pushed after the last deployment" in found.why
    assert judged(by_itself, new).state is DriftState.NONE
    assert judged(by_itself, Image(TWO, ("other",))).state is DriftState.TAG_GONE


def test_lambda_is_pinned_when_it_is_deployed() -> None:
    function = use(kind="lambda-function", name="resize")
    assert judged(function, Image(ONE), Image(TWO, ("prod",))).state is DriftState.DRIFT
    assert judged(function, Image(ONE, ("v1",))).state is DriftState.NONE, "the tag means nothing to it any more"
    assert judged(function, Image(TWO, ("prod",))).state is DriftState.IMAGE_GONE
    published = use(kind="lambda-function", name="resize:7")
    assert judged(published, Image(ONE), Image(TWO, ("prod",))).state is DriftState.NONE
    assert judged(use(digest=None, kind="lambda-function"), Image(TWO, ("prod",))).state is DriftState.UNKNOWN


def test_a_digest_that_is_not_told_is_no_drift() -> None:
    assert judged(use(digest=None), Image(TWO, ("prod",))).state is DriftState.UNKNOWN


def test_a_tag_on_two_pages_is_the_later_one() -> None:
    images = (Image(TWO, ("prod",), pushed_at=20.0), Image(ONE, ("prod",), pushed_at=10.0))
    assert judged(use(digest=TWO), *images).state is DriftState.NONE
    assert judged(use(digest=TWO), *reversed(images)).state is DriftState.NONE


def test_what_drifted_comes_first_and_grows_with_the_listing() -> None:
    uses = RepositoryUses(REPOSITORY, [use(":a", TWO, name="shop/a"), use(":b", ONE, name="shop/b")])
    listing = ImageListing("us-east-1", "pet-web")
    drifts = Drifts(ListedUses(uses, listing), complete=False)
    assert {one.state for one in drifts.all()} == {DriftState.UNKNOWN}
    listing.add(TWO, ("a",), None, 1.0, None, "", "", "ACTIVE")
    listing.add(OTHER_INDEX, ("b",), None, 1.0, None, "", "", "ACTIVE")
    assert [(one.use.name, one.state) for one in drifts.all()] == [
        ("shop/b", DriftState.DRIFT),
        ("shop/a", DriftState.NONE),
    ]
    assert [one.use.name for one in drifts.of_row(1)] == ["shop/b"]


@pytest.mark.parametrize(
    ("one", "command"),
    [
        (use(name="my shop/web"), "aws ecs update-service --cluster 'my shop' --service web --force-new-deployment"),
        (use(kind="lambda-function", name="resize"), f"--function-name resize --image-uri {HOST}/pet-web:prod"),
        (use(kind="ecs-task", name="shop/12ab"), ""),
    ],
)
def test_what_mends_it(one: Use, command: str) -> None:
    found = redeploy_command(drift_of(one, Image(TWO, ("prod",)), Image(ONE)))
    assert (command in found) if command else (found == "")
    assert redeploy_command(drift_of(one, Image(ONE, ("prod",)), Image(ONE))) == "", "nothing to mend"
