"""`ecrtui cost` against the embedded account."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

Run = Callable[..., "Ended"]  # noqa: F821 - of conftest.py
PLACE = ("-r", "ap-northeast-2")


def test_repositories_are_the_largest_first_with_a_total(ecrtui: Run) -> None:
    ended = ecrtui("cost", *PLACE, "--format", "json")
    rows, total = ended.json["rows"], ended.json["total"]
    sizes = [row["bytes"] for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert total["bytes"] == sum(sizes)
    assert not total["exact"]
    assert ended.code == 4, "hr-vault is refused"
    assert "hr-vault" not in [row["repository"] for row in rows]
    assert any("hr-vault" in text for text in ended.json["notes"])
    assert "ecr:DescribeImages" in ended.err


def test_thirty_days_of_branch_images_have_a_price(ecrtui: Run) -> None:
    ended = ecrtui("cost", "pet-web", *PLACE, "--by", "tag", "--exact", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    by_tag = {row["tag"]: row for row in ended.json["rows"]}
    branch = by_tag["branch"]
    assert 0 < branch["images_30d"] < branch["images"]
    assert 0 < branch["bytes_30d"] < branch["bytes"]
    standard = ended.json["prices"]["ap-northeast-2"]["standard"]
    assert branch["monthly_usd_30d"] == pytest.approx(branch["bytes_30d"] / 1e9 * standard)


def test_exact_sizes_are_within_the_reported_ones(ecrtui: Run) -> None:
    reported = ecrtui("cost", "pet-web", *PLACE, "--format", "json").json
    exact = ecrtui("cost", "pet-web", *PLACE, "--exact", "--format", "json").json
    assert exact["total"]["bytes"] < reported["total"]["bytes"]
    assert exact["total"]["images"] == reported["total"]["images"]
    assert not any("upper bounds" in text for text in exact["notes"])
    assert any("upper bounds" in text for text in reported["notes"])


def test_rows_by_several_things_in_csv(ecrtui: Run) -> None:
    ended = ecrtui("cost", "pet-web", "pet-api", *PLACE, "--by", "age", "--by", "repository", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert {row["repository"] for row in rows} == {"pet-web", "pet-api"}
    assert {row["age"] for row in rows} >= {"under 7d", "7d to 30d"}
    assert {row["tag"] for row in rows} == {""}
    assert "prices of" in ended.err


def test_the_table_says_what_its_figures_are(ecrtui: Run) -> None:
    ended = ecrtui("cost", "pet-web", *PLACE)
    heading, row, total = ended.out.splitlines()
    assert "AT MOST" in heading
    assert row.split()[0] == "pet-web"
    assert total.split()[0] == "total"
    assert "upper bounds" in ended.err
    assert "estimate" in ended.err


def test_a_missing_repository_is_an_error_unless_another_region_has_it(ecrtui: Run) -> None:
    nowhere = ecrtui("cost", "pet-wbe", *PLACE)
    assert (nowhere.code, nowhere.out) == (2, "")
    assert "pet-wbe" in nowhere.err
    elsewhere = ecrtui("cost", "pet-api", "-r", "ap-northeast-2,us-east-1", "--format", "json")
    assert elsewhere.code == 0
    assert [row["region"] for row in elsewhere.json["rows"]] == ["ap-northeast-2"]
    assert "us-east-1" in elsewhere.err


def test_refused_manifests_leave_the_reported_sizes(ecrtui: Run, refuse: Callable[..., None]) -> None:
    refuse("ecr:BatchGetImage")
    ended = ecrtui("cost", "pet-web", *PLACE, "--exact", "--format", "json")
    assert ended.code == 4
    assert ended.json["total"]["bytes"] > 0
    assert ended.json["total"]["images_at_reported_size"] == ended.json["total"]["images"]
    assert "ecr:BatchGetImage" in ended.err


def test_refused_prices_leave_the_dated_table(ecrtui: Run, refuse: Callable[..., None]) -> None:
    refuse("pricing:GetProducts")
    ended = ecrtui("cost", "pet-web", *PLACE)
    assert ended.code == 0
    assert "prices of us-east-1, seen 2026" in ended.err
    assert "pricing:GetProducts" in ended.err


def test_a_wrong_dimension_is_a_usage_error(ecrtui: Run) -> None:
    assert ecrtui("cost", "--by", "colour").code == 2
