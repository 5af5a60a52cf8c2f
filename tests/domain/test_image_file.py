"""Image files: what the AWS command line writes is read; anything else is refused by its place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image_file import read_images

ENTRY = {
    "registryId": "123456789012",
    "repositoryName": "pet-web",
    "imageDigest": "sha256:" + "ab" * 32,
    "imageTags": ["v1", "latest"],
    "imageSizeInBytes": 209_000_000,
    "imagePushedAt": "2026-05-04T18:13:01.250000+09:00",
    "lastRecordedPullTime": 1_777_886_000.5,
    "imageManifestMediaType": "application/vnd.oci.image.index.v1+json",
    "artifactMediaType": "application/vnd.oci.image.config.v1+json",
    "imageStatus": "ARCHIVED",
    "subjectManifestDigest": "sha256:" + "cd" * 32,
    "lastArchivedAt": "2026-05-04T09:13:01Z",
    "lastActivatedAt": "2026-05-04T09:13:01",
    "imageScanStatus": {"status": "COMPLETE"},
    "imageScanFindingsSummary": {"findingSeverityCounts": {"LOW": 2, "HIGH": 1}},
    "somethingNew": {"x": 1},
}


def test_all_members_are_read() -> None:
    (image,) = read_images(json.dumps({"imageDetails": [ENTRY]})).images
    assert image.digest == ENTRY["imageDigest"]
    assert image.tags == ("v1", "latest")
    assert image.size == 209_000_000
    assert image.pushed_at == 1_777_885_981.25
    assert image.pulled_at == 1_777_886_000.5
    assert image.archived_at == image.activated_at == 1_777_885_981.0
    assert image.is_index
    assert image.artifact_type == ENTRY["artifactMediaType"]
    assert image.status == "ARCHIVED"
    assert image.subject == ENTRY["subjectManifestDigest"]
    assert image.scan_status == "COMPLETE"
    assert image.severities == (("HIGH", 1), ("LOW", 2))


def test_a_bare_list_and_absent_members() -> None:
    (image,) = read_images('\ufeff[{"imageDigest": "d", "imageTags": null, "imagePushedAt": null}]').images
    assert (image.tags, image.size, image.pushed_at, image.status) == ((), None, None, "ACTIVE")
    assert (image.subject, image.severities) == (None, None)
    assert read_images("[]").images == ()


def test_one_digest_listed_by_several_tags_is_one_image() -> None:
    one, two = {**ENTRY, "imageTags": ["a", "b"]}, {**ENTRY, "imageTags": ["b", "c"]}
    (image,) = read_images(json.dumps([one, two, one])).images
    assert image.tags == ("a", "b", "c")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"imageDetails": [ENTRY, {**ENTRY, "imageSizeInBytes": 1}]}, "imageDetails[1].imageDigest"),
        ([ENTRY, 5], "imageDetails[1] must be an object"),
        ([{}], "imageDetails[0].imageDigest is missing"),
        ([{"imageDigest": 5}], "imageDetails[0].imageDigest must be a text"),
        ([{**ENTRY, "imageTags": "v1"}], "imageDetails[0].imageTags must be a list of texts"),
        ([{**ENTRY, "imageTags": ["v1", None]}], "imageDetails[0].imageTags"),
        ([{**ENTRY, "imageTags": ["\ud800"]}], "lone surrogate"),
        ([{**ENTRY, "imageSizeInBytes": True}], "imageDetails[0].imageSizeInBytes"),
        ([{**ENTRY, "imageSizeInBytes": -1}], "imageDetails[0].imageSizeInBytes"),
        ([{**ENTRY, "imageSizeInBytes": 1.5}], "imageDetails[0].imageSizeInBytes"),
        ([{**ENTRY, "imagePushedAt": "yesterday"}], "imageDetails[0].imagePushedAt must be an ISO 8601"),
        ([{**ENTRY, "imagePushedAt": float("nan")}], "imageDetails[0].imagePushedAt"),
        ([{**ENTRY, "lastArchivedAt": False}], "imageDetails[0].lastArchivedAt"),
        ([{**ENTRY, "imageScanStatus": "x"}], "imageDetails[0].imageScanStatus must be an object"),
        ({"images": []}, "imageDetails is missing"),
        ({"imageDetails": None}, "must be a list"),
        (5, "must be a list"),
    ],
)
def test_what_is_wrong_is_named_by_entry_and_member(document: Any, words: str) -> None:
    with pytest.raises(AppError) as caught:
        read_images(json.dumps(document), "images.json")
    assert caught.value.kind is ErrorKind.INVALID
    assert caught.value.exit_code == 2
    assert caught.value.where == "images.json"
    assert words in caught.value.why


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1, column 1"),
        ('[{"imageDigest": "x",}]', "line 1"),
        ("[" * 200_000, "too deep"),
        ("[" + "9" * 10_000 + "]", "absurd length"),
    ],
)
def test_what_is_no_json_is_refused(text: str, words: str) -> None:
    with pytest.raises(AppError) as caught:
        read_images(text)
    assert words in caught.value.why


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(sorted(ENTRY)), _values, max_size=3))
def test_any_value_anywhere_is_read_or_refused(changes: dict[str, Any]) -> None:
    text = json.dumps([{**ENTRY, **changes}])
    try:
        (image,) = read_images(text).images
    except AppError as error:
        refused = error
    else:
        assert image.digest
        return
    assert refused.kind is ErrorKind.INVALID
    assert "imageDetails[0]." in refused.why


@pytest.mark.parametrize(("token", "more"), [({}, False), ({"nextToken": "x"}, True), ({"NextToken": "x"}, True)])
def test_a_page_with_a_token_is_not_all(token: dict[str, str], more: bool) -> None:
    assert read_images(json.dumps({"imageDetails": [ENTRY], **token})).more is more
