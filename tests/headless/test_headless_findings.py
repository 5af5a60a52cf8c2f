"""`ecrtui findings` against the embedded account: what is printed, and a gate that fails closed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from ecrtui.domain.errors import AppError
from ecrtui.headless.image_argument import ImageName, image_name

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
VIRGINIA = ("-r", "us-east-1")
DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pet-web:v1", ImageName("pet-web", "v1")),
        ("pet-web", ImageName("pet-web", "latest")),
        ("team/pet-web:v1", ImageName("team/pet-web", "v1")),
        (f"pet-web@{DIGEST}", ImageName("pet-web", DIGEST)),
        (f"pet-web:v1@{DIGEST}", ImageName("pet-web", DIGEST)),
        (
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/web:v1",
            ImageName("team/web", "v1", "eu-central-1", "123456789012"),
        ),
        ("my.team/web:v1", ImageName("my.team/web", "v1")),
    ],
)
def test_images_can_be_named(text: str, name: ImageName) -> None:
    assert image_name(text) == name


@pytest.mark.parametrize("text", ["", ":v1", "@sha256:abc", "localhost:5000/web"])
def test_what_names_no_image_is_refused(text: str) -> None:
    with pytest.raises(AppError) as refused:
        image_name(text)
    assert refused.value.exit_code == 2


def scanned(ecrtui: Run, *options: str, found: bool = True) -> str:
    """An image of pet-web whose scan answers, with findings or without."""
    for one in ecrtui("images", "pet-web", "--filter", "kind:image tagged:yes", "--format", "json", *options).json:
        ended = ecrtui("findings", f"pet-web@{one['digest']}", "--format", "json", *options)
        if ended.code == 0 and bool(ended.json) == found:
            return f"pet-web@{one['digest']}"
    raise AssertionError("no such image")


def severities(records: list[dict[str, Any]]) -> set[str]:
    return {record["severity"] for record in records}


def test_findings_of_basic_and_of_enhanced_scanning(ecrtui: Run) -> None:
    basic = ecrtui("findings", scanned(ecrtui), "--format", "json")
    assert "basic scanning" in basic.err
    assert all(record["id"].startswith("CVE-") and record["package"] for record in basic.json)
    image = scanned(ecrtui, *VIRGINIA)
    enhanced = ecrtui("findings", image, "--format", "json", *VIRGINIA)
    assert "enhanced scanning" in enhanced.err
    assert {record["fix_available"] for record in enhanced.json} <= {"YES", "NO", "PARTIAL"}
    order = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED"]
    places = [order.index(record["severity"]) for record in enhanced.json]
    assert places == sorted(places)
    rows = list(csv.DictReader(io.StringIO(ecrtui("findings", image, "--format", "csv", *VIRGINIA).out)))
    assert [row["id"] for row in rows] == [record["id"] for record in enhanced.json]
    lines = ecrtui("findings", image, "--format", "jsonl", *VIRGINIA)
    assert lines.events == enhanced.json
    table = ecrtui("findings", image, *VIRGINIA).out.splitlines()
    assert table[0].split()[:4] == ["SEVERITY", "ID", "PACKAGE", "INSTALLED"]
    assert len(table) == len(rows) + 1


def test_what_is_printed_can_be_narrowed(ecrtui: Run) -> None:
    image = scanned(ecrtui, *VIRGINIA)
    everything = ecrtui("findings", image, "--format", "json", *VIRGINIA).json
    worst = everything[0]["severity"]
    narrowed = ecrtui("findings", image, "--format", "json", "--severity", worst.lower(), *VIRGINIA)
    assert severities(narrowed.json) == {worst}
    fixed = ecrtui("findings", image, "--format", "json", "--fixable", *VIRGINIA).json
    assert fixed == [record for record in everything if record["fix_available"] in ("YES", "PARTIAL")]
    by_package = ecrtui(
        "findings", image, "--format", "json", "--filter", f"package:={everything[0]['package']}", *VIRGINIA
    )
    assert {record["package"] for record in by_package.json} == {everything[0]["package"]}


def test_the_gate_opens_only_when_all_is_known_and_well(ecrtui: Run) -> None:
    image = scanned(ecrtui)
    records = ecrtui("findings", image, "--format", "json").json
    worst = records[0]["severity"].lower()
    failed = ecrtui("findings", image, "--fail-on", worst, "--format", "json")
    assert (failed.code, failed.json) == (1, records)
    hidden = ecrtui("findings", image, "--fail-on", "undefined", "--severity", "critical")
    assert hidden.code == 1
    unfixable = ecrtui("findings", image, "--fail-on", worst, "--fixable", "--format", "json")
    assert unfixable.code == 1, "basic scanning does not say whether there is a fix"
    ignored = ecrtui("findings", image, "--fail-on", "undefined", "--filter", "-id:CVE")
    assert ignored.code == 0
    clean = scanned(ecrtui, found=False)
    assert ecrtui("findings", clean, "--fail-on", "undefined").code == 0


def never_scanned(ecrtui: Run) -> str:
    images = ecrtui("images", "arm-edge", "--filter", "tagged:yes", "--format", "json").json
    for one in images:
        if "never scanned" in ecrtui("findings", f"arm-edge@{one['digest']}").err:
            return f"arm-edge@{one['digest']}"
    raise AssertionError("every image was scanned")


def test_what_does_not_answer_is_not_nothing(ecrtui: Run) -> None:
    image = never_scanned(ecrtui)
    silent = ecrtui("findings", image, "--format", "json")
    assert (silent.code, silent.out) == (5, "")
    assert "never scanned" in silent.err
    assert ecrtui("findings", image, "--fail-on", "critical").code == 1
    compared = ecrtui("findings", scanned(ecrtui), "--against", image, "--format", "json")
    assert (compared.code, compared.out) == (5, "")


def test_a_refusal_is_denied_and_names_the_action(ecrtui: Run, refuse: Callable[..., None]) -> None:
    image = scanned(ecrtui)
    refuse("ecr:DescribeImageScanFindings")
    for gate in ((), ("--fail-on", "critical")):
        denied = ecrtui("findings", image, *gate)
        assert (denied.code, denied.out) == (4, "")
        assert "ecr:DescribeImageScanFindings" in denied.err


def test_an_index_is_its_platforms(ecrtui: Run) -> None:
    for index in ecrtui("images", "pet-api", "--filter", "kind:index tagged:yes", "--format", "json").json:
        ended = ecrtui("findings", f"pet-api@{index['digest']}", "--format", "json")
        if ended.code == 0:
            break
    platforms = {record["platform"] for record in ended.json}
    assert platforms
    assert all(platform.startswith("linux/") for platform in platforms)
    assert {record["digest"] for record in ended.json}.isdisjoint({index["digest"]})


def test_two_images_are_compared(ecrtui: Run) -> None:
    full, clean = scanned(ecrtui), scanned(ecrtui, found=False)
    worse = ecrtui("findings", full, "--against", clean, "--format", "json")
    assert {record["change"] for record in worse.json} == {"new"}
    assert "0 fixed, 0 remaining" in worse.err
    better = ecrtui("findings", clean, "--against", full, "--format", "json", "--fail-on", "undefined")
    assert {record["change"] for record in better.json} == {"fixed"}
    assert better.code == 0, "what is fixed fails no gate"
    assert ecrtui("findings", full, "--against", clean, "--fail-on", "undefined").code == 1
    same = ecrtui("findings", full, "--against", full, "--fail-on", "undefined")
    assert same.code == 0, "what remains fails no gate of what is new"
    assert same.out.splitlines()[0].startswith("CHANGE")


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("pet-web:no-such-tag", 2),
        ("no-such-repository:v1", 2),
        ("999999999999.dkr.ecr.ap-northeast-2.amazonaws.com/pet-web:v1", 2),
        (":v1", 2),
    ],
)
def test_what_is_not_there_is_a_mistake_of_the_caller(ecrtui: Run, image: str, code: int) -> None:
    ended = ecrtui("findings", image)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err
