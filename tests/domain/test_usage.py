"""Which images are in use."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.reference import Reference, parse
from ecrtui.domain.repository import Repository
from ecrtui.domain.usage import (
    Children,
    ListedUses,
    RepositoryUses,
    Usage,
    Use,
    UseIndex,
    UseKind,
    registry_words,
    used_by,
)

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
ONE, TWO, INDEX, ARM, AMD = (f"sha256:{digit * 64}" for digit in "12abc")


def repository(name: str = "pet-web", region: str = "us-east-1", account: str = "123456789012") -> Repository:
    uri = f"{account}.dkr.ecr.{region}.amazonaws.com/{name}"
    return Repository(name, region, account, f"arn:aws:ecr:{region}:{account}:repository/{name}", uri)


def reference(text: str) -> Reference:
    found = parse(text)
    assert found is not None
    return found


def use(text: str = f"{HOST}/pet-web:v1", digest: str | None = None, name: str = "shop/pet-web") -> Use:
    return Use("ecs-service", name, "us-east-1", reference(text), digest, 3)


def found(*uses: Use, images: tuple[Image, ...], children: dict[str, list[str]] | None = None) -> dict[str, list[bool]]:
    """By digest, for each use whether it is by tag only."""
    joined = used_by(repository(), images, uses, children)
    return {digest: [one.by_tag for one in those] for digest, those in joined.items()}


def test_by_digest() -> None:
    images = (Image(ONE, ("v1",)), Image(TWO, ("v2",)))
    assert found(use(digest=ONE), images=images) == {ONE: [False]}
    assert found(use(f"{HOST}/pet-web@{TWO}"), images=images) == {TWO: [False]}


def test_by_tag_only_where_no_digest_is_known() -> None:
    images = (Image(ONE, ("v1", "latest")), Image(TWO, ("v2",)))
    assert found(use(), images=images) == {ONE: [True]}
    assert found(use(f"{HOST}/pet-web"), images=images) == {ONE: [True]}, "no tag means latest"


def test_a_tag_that_moved_protects_both_what_runs_and_what_runs_next() -> None:
    images = (Image(ONE), Image(TWO, ("v1",)))
    assert found(use(digest=ONE), images=images) == {ONE: [False], TWO: [True]}


def test_an_index_and_its_children_are_used_together() -> None:
    images = (Image(INDEX, ("v1",)), Image(ARM), Image(AMD))
    children = {INDEX: [ARM, AMD]}
    assert found(use(digest=ARM), images=images, children=children) == {
        INDEX: [False],
        ARM: [False],
        AMD: [False],
    }
    by_tag = found(use(), images=images, children=children)
    assert by_tag == {INDEX: [True], ARM: [True], AMD: [True]}
    assert RepositoryUses(repository(), [use(digest=INDEX)], children).of(Image(AMD))


def test_several_uses_of_one_image() -> None:
    uses = (use(digest=ONE), use(name="shop/worker"), use(digest=ONE))
    assert found(*uses, images=(Image(ONE, ("v1",)),)) == {ONE: [False, True]}


def test_names_accounts_and_regions_match_exactly() -> None:
    images = (Image(ONE, ("v1", "latest")),)
    for other in (
        f"{HOST}/pet-web-v2:v1",
        f"{HOST}/team/pet-web:v1",
        f"{HOST}/pet:v1",
        f"{HOST.replace('us-east-1', 'eu-west-1')}/pet-web:v1",
        f"999999999999{HOST[12:]}/pet-web:v1",
        "docker.io/library/pet-web:v1",
        "pet-web:v1",
        f"{HOST}/pet-web:V1",
    ):
        assert found(use(other), images=images) == {}, other
    same = f"{HOST.replace('dkr.ecr', 'dkr.ecr-fips')}/pet-web:v1"
    assert found(use(same), images=images) == {ONE: [True]}, "another endpoint of the same registry"


def test_a_registry_that_is_not_awss_own_matches_by_uri() -> None:
    odd = Repository("pet-web", "us-east-1", "123456789012", "arn", "localhost:5000/pet-web")
    assert used_by(odd, [Image(ONE, ("v1",))], [use("localhost:5000/pet-web:v1")])
    assert not used_by(odd, [Image(ONE, ("v1",))], [use("localhost:5001/pet-web:v1")])


def test_what_could_not_be_checked_is_kept() -> None:
    assert Usage((), ("us-east-1: ecs:ListClusters was denied",)).unchecked
    assert use().label == "service shop/pet-web (3 running)"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("123456"), st.sampled_from([None, "v1", "v2", "v3"])), max_size=6),
    st.lists(st.tuples(st.sampled_from([*"123456", None]), st.sampled_from(["v1", "v2", "v9"])), max_size=6),
)
def test_every_use_is_found_where_its_image_is(
    images: list[tuple[str, str | None]], uses: list[tuple[str | None, str]]
) -> None:
    listed = [Image(f"sha256:{digit * 64}", (tag,) if tag else ()) for digit, tag in dict(images).items()]
    given_uses = [
        use(f"{HOST}/pet-web:{tag}", f"sha256:{digit * 64}" if digit else None, f"shop/{number}")
        for number, (digit, tag) in enumerate(uses)
    ]
    joined = used_by(repository(), listed, given_uses)
    for one in given_uses:
        names = {image.digest for image in listed if one.reference.tag in image.tags or image.digest == one.digest}
        assert names == {digest for digest, those in joined.items() if one.name in {u.name for u in those}}


# Other kinds than ECS


def of_kind(kind: UseKind, digest: str | None = None, name: str = "resize") -> Use:
    return Use(kind, name, "us-east-1", reference(f"{HOST}/pet-web:v1"), digest, 1)


def test_a_function_is_pinned_to_its_digest() -> None:
    images = (Image(ONE), Image(TWO, ("v1",)))
    assert found(of_kind("lambda-function", ONE), images=images) == {ONE: [False]}
    assert found(of_kind("lambda-function"), images=images) == {TWO: [True]}, "its digest is not known"


def test_an_app_runner_service_is_known_by_its_tag() -> None:
    assert found(of_kind("apprunner-service"), images=(Image(ONE), Image(TWO, ("v1",)))) == {TWO: [True]}


def test_labels() -> None:
    assert of_kind("apprunner-service").label == "App Runner service resize"
    assert of_kind("lambda-function", name="resize:7").label == "Lambda function resize:7"
    assert of_kind("ecs-task", name="shop/12ab").label == "task shop/12ab (1 running)"


def test_the_mark_by_tag_alters_nothing_else() -> None:
    one = replace(of_kind("apprunner-service"), role="arn", deployed_at=5.0, auto_deploys=True, fargate=True)
    uses = RepositoryUses(repository(), [one]).of(Image(ONE, ("v1",)))
    assert uses == (replace(one, by_tag=True),)


# Many uses and many images


def test_an_index_of_uses_is_exact_and_keeps_what_was_not_checked() -> None:
    here, other = use(), use(f"{HOST}/pet-web-v2:v1")
    index = UseIndex([Usage((here,), ("a", "b")), Usage((other, use("nginx:1.27")), ("b",))])
    assert index.of(repository()) == (here,)
    assert index.of(repository("pet")) == ()
    assert index.of(repository(region="eu-west-1")) == ()
    assert index.unchecked == ("a", "b")
    assert [one.reference.tag for one in index.naming(reference("docker.io/library/nginx"))] == ["1.27"]
    fips = use(f"{HOST.replace('dkr.ecr', 'dkr.ecr-fips')}/pet-web:v1")
    assert UseIndex([Usage((fips,))]).of(repository()) == (fips,)


def test_other_registries_are_called_what_they_are() -> None:
    words = {
        "nginx": "Docker Hub",
        "public.ecr.aws/docker/library/node:22": "ECR Public",
        f"999999999999{HOST[12:]}/pet-web": "ECR of account 999999999999 in us-east-1",
        "ghcr.io/owner/app:1": "ghcr.io",
    }
    assert {text: registry_words(reference(text)) for text in words} == words


def listed(*images: Image) -> ImageListing:
    listing = ImageListing("us-east-1", "pet-web")
    for image in images:
        listing.add(image.digest, image.tags, None, image.pushed_at, None, "", "", "ACTIVE")
    return listing


_DIGITS = "123456"


@settings(max_examples=150, deadline=None)
@example({"1": set(), "2": {"v1"}, "3": set(), "4": set()}, [("1", "v1")], {"2": {"3"}, "4": {"1", "3"}}, 0)
@given(
    st.dictionaries(st.sampled_from(_DIGITS), st.sets(st.sampled_from(["v1", "v2", "latest"]), max_size=2)),
    st.lists(st.tuples(st.sampled_from([*_DIGITS, None]), st.sampled_from(["v1", "v2", "latest"])), max_size=6),
    st.dictionaries(st.sampled_from(_DIGITS), st.sets(st.sampled_from(_DIGITS), max_size=2), max_size=2),
    st.integers(0, 6),
)
def test_the_join_over_columns_is_the_join_over_values(
    tags: dict[str, set[str]], uses: list[tuple[str | None, str]], kids: dict[str, set[str]], first: int
) -> None:
    def digest(digit: str) -> str:
        return f"sha256:{digit * 64}"

    taken: set[str] = set()
    images = []
    for digit, wanted in tags.items():
        images.append(Image(digest(digit), tuple(sorted(wanted - taken))))
        taken |= wanted
    children: Children = {digest(one): sorted(map(digest, those - {one})) for one, those in kids.items()}
    given_uses = [
        use(f"{HOST}/pet-web:{tag}", digest(digit) if digit else None, f"shop/{number}")
        for number, (digit, tag) in enumerate(uses)
    ]
    joined = RepositoryUses(repository(), given_uses, children)
    listing = listed(*images[:first])
    by_row = ListedUses(joined, listing)
    assert len(by_row.rows) <= len(listing)  # a look while it loads
    for image in images[first:]:
        listing.add(image.digest, image.tags, None, None, None, "", "", "ACTIVE")

    def named(found: tuple[Use, ...]) -> set[tuple[str, bool]]:
        return {(one.name, one.by_tag) for one in found}

    present = {image.digest for image in images}
    over = {one: named(those) for one, those in joined.over(images).items() if one in present}
    assert {listing.digest(row): named(those) for row, those in by_row.rows.items()} == over
