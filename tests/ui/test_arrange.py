"""The order of long lists: rows that come later stand where a sort of all would put them."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st
from memory import MemoryAccount, a_repository, an_image

from driver import driving
from ecrtui.domain.image import ImageListing
from ecrtui.domain.query import Query, parse
from ecrtui.ui.panes.arrange import Arrangement, exhaust
from ecrtui.ui.present.images import ImageRows
from ecrtui.ui.present.lineage import Lineage
from ecrtui.ui.present.uses import NOT_KNOWN
from ecrtui.ui.widgets.resource_table import Sort


def digest_of(number: int) -> str:
    return "sha256:" + sha256(str(number).encode()).hexdigest()


def add(listing: ImageListing, number: int, age: int, about: int | None, cosign: bool) -> None:
    """One more image; about another one by its manifest, or as cosign does it."""
    row, tags = len(listing), (f"v{number}",)
    if about is not None and cosign:
        tags = (f"sha256-{digest_of(about)[7:]}.sig",)
    listing.add(digest_of(number), tags, number, float(age), None, "", "", "ACTIVE")
    if about is not None and not cosign:
        listing.subjects[row] = digest_of(about)


IMAGE = st.tuples(st.integers(0, 5), st.none() | st.integers(0, 12), st.booleans())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(IMAGE, max_size=6), max_size=5), st.sampled_from(["pushed", "size", "tags"]), st.booleans())
def test_a_list_that_grows_is_ordered_as_one_that_came_whole(pages, column, descending):
    listing, sort = ImageListing("r", "n"), Sort(column, descending)
    growing, rows = Arrangement(), ImageRows(Lineage(listing), NOT_KNOWN, {}, (), 0.0)
    wanted = parse("1", ())
    assert isinstance(wanted, Query)
    for page in pages:
        for age, about, cosign in page:
            add(listing, len(listing), age, about, cosign)
        whole = ImageRows(Lineage(listing), NOT_KNOWN, {}, (), 0.0)
        assert Lineage(listing).bytes == sum(listing.sizes)
        for query in (None, wanted):
            expected = exhaust(Arrangement().order(whole, query, sort))
            assert exhaust(growing.order(rows, query, sort)) == expected


async def test_repositories_beyond_the_first_thousand_are_counted_when_they_are_seen():
    names = [f"repo-{number:04d}" for number in range(1_040)]
    account = MemoryAccount(repositories=[a_repository(name) for name in names], images={names[-1]: [an_image("v1")]})
    async with driving(account) as t:
        await t.sees("REPOSITORIES  1,040")
        await t.press("G")
        await t.sees_match(r"repo-1039 +1 ")
