"""What images keep: blobs counted once, against a plain model with sets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError
from ecrtui.domain.image import Image
from ecrtui.domain.storage import Contents, Freed, Ledger, contents_of, freed

A, B, C, D, E = (f"sha256:{letter * 64}" for letter in "abcde")


def layer(digest: str, size: object, **more: object) -> dict[str, object]:
    return {"digest": digest, "size": size, **more}


def text_of(*layers: dict[str, object], config: dict[str, object] | None = None, **more: object) -> str:
    body = {"schemaVersion": 2, "layers": list(layers), "config": config or layer(E, 7), **more}
    return json.dumps(body)


def test_a_manifest_stores_itself_its_configuration_and_each_layer_once() -> None:
    text = text_of(layer(A, 100), layer(B, 20), layer(A, 100))
    assert contents_of(text) == Contents(len(text), ((A, 100), (B, 20), (E, 7)))


def test_layers_that_are_stored_elsewhere_are_not_counted() -> None:
    found = contents_of(text_of(layer(A, 100, urls=["https://example.com/a"]), layer(B, 20)))
    assert found is not None
    assert found.blobs == ((B, 20), (E, 7))


def test_an_index_stores_nothing_but_itself_and_names_its_children() -> None:
    text = json.dumps({"schemaVersion": 2, "manifests": [{"digest": A, "size": 500}, {"digest": B, "size": 400}]})
    assert contents_of(text) == Contents(len(text), (), (A, B))


@pytest.mark.parametrize(
    "text",
    [
        text_of(layer(A, None)),
        text_of(layer(A, "100")),
        text_of(layer(A, -1)),
        text_of(config={"digest": E}),
        json.dumps({"schemaVersion": 1, "fsLayers": [{"blobSum": A}]}),
    ],
)
def test_a_manifest_that_does_not_say_its_sizes_says_nothing(text: str) -> None:
    assert contents_of(text) is None


def test_what_is_no_manifest_is_refused() -> None:
    with pytest.raises(AppError):
        contents_of("<html>")


def contents(*blobs: tuple[str, int], manifest: int = 0) -> Contents:
    return Contents(manifest, blobs)


def test_shared_layers_count_once_and_belong_to_nobody_alone() -> None:
    ledger: Ledger[str] = Ledger()
    ledger.add("releases", 130, contents((A, 100), (B, 30), manifest=1))
    ledger.add("branches", 120, contents((A, 100), (C, 20), manifest=1))
    holdings = ledger.holdings()
    everything, branches = holdings.of(), holdings.of(lambda part: part == "branches")
    assert (everything.bytes, everything.own, everything.images, everything.exact) == (152, 152, 2, True)
    assert (branches.bytes, branches.own, branches.images) == (121, 21, 1)


def test_pools_do_not_share_unless_they_are_one() -> None:
    apart: Ledger[str] = Ledger()
    together: Ledger[str] = Ledger()
    for name in ("api", "web"):
        apart.add(name, None, contents((A, 100)), pool=name)
        together.add(name, None, contents((A, 100)), pool="registry")
    assert apart.holdings().of().bytes == 200
    assert together.holdings().of().bytes == 100


def test_what_was_not_read_counts_as_reported_and_what_has_no_size_is_named() -> None:
    ledger: Ledger[str] = Ledger()
    ledger.add("all", 500, None)
    ledger.add("all", None, None)
    ledger.add("all", 90, contents((A, 80)))
    amount = ledger.holdings().of()
    assert (amount.bytes, amount.reported, amount.unsized, amount.exact) == (580, 1, 1, False)


def test_a_blob_is_in_the_archive_when_only_archived_images_hold_it() -> None:
    ledger: Ledger[str] = Ledger()
    ledger.add("all", None, contents((A, 100), (B, 10)), archived=True)
    ledger.add("all", None, contents((A, 100)))
    amount = ledger.holdings().of()
    assert (amount.bytes, amount.archived, amount.own_archived) == (110, 10, 10)


def test_manifests_that_disagree_on_a_size_count_the_largest_in_any_order() -> None:
    for sizes in ((1, 100), (100, 1)):
        ledger: Ledger[int] = Ledger()
        for part, size in enumerate(sizes):
            ledger.add(part, None, contents((A, size)))
        assert ledger.holdings().of().bytes == 100


BLOBS = {A: 1, B: 10, C: 100, D: 1_000, E: 10_000}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sets(st.sampled_from(sorted(BLOBS))), st.booleans()), max_size=12),
    st.sets(st.integers(0, 2)),
)
def test_the_ledger_is_the_union_of_sets(images: list[tuple[int, set[str], bool]], chosen: set[int]) -> None:
    ledger: Ledger[int] = Ledger()
    for part, blobs, archived in images:
        ledger.add(part, None, contents(*((blob, BLOBS[blob]) for blob in blobs)), archived=archived)
    inside = set().union(*(blobs for part, blobs, _ in images if part in chosen))
    outside = set().union(*(blobs for part, blobs, _ in images if part not in chosen))
    warm = set().union(*(blobs for _, blobs, archived in images if not archived))
    amount = ledger.holdings().of(chosen.__contains__)
    assert amount.bytes == sum(BLOBS[blob] for blob in inside)
    assert amount.own == sum(BLOBS[blob] for blob in inside - outside)
    assert amount.archived == sum(BLOBS[blob] for blob in inside - warm)
    assert amount.own_archived == sum(BLOBS[blob] for blob in inside - outside - warm)
    assert amount.images == sum(part in chosen for part, _, _ in images)


ONE, TWO, THREE = (Image(digest, size=1_000) for digest in (A, B, C))


def test_deleting_frees_what_nothing_else_references() -> None:
    known = {A: contents((D, 600), (E, 50), manifest=2), B: contents((D, 600), manifest=2)}
    assert freed([ONE, TWO], [A], known).bytes == 52
    assert freed([ONE, TWO], [A, B], known).bytes == 654
    assert freed([ONE, TWO], [], known).bytes == 0
    assert freed([ONE, TWO], [A], known).exact


def test_deleting_what_was_not_read_frees_at_most_its_size() -> None:
    known = {A: contents((D, 600), manifest=2)}
    assert freed([ONE, TWO], [B], known) == Freed(1_000, exact=False)
    assert freed([ONE, TWO], [A], known).bytes == 602
    assert not freed([ONE, TWO, THREE], [A], known).exact
