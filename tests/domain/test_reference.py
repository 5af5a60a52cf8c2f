"""Image references and the variables in them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.reference import parse, registry, substitute

DIGEST = "sha256:" + "0f" * 32


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("123456789012.dkr.ecr.ap-northeast-2.amazonaws.com", "ap-northeast-2"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ("123456789012.dkr-ecr.us-east-1.on.aws", "us-east-1"),
        ("123456789012.dkr-ecr-fips.us-east-1.on.aws", "us-east-1"),
        ("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1"),
        ("123456789012.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu", "eusc-de-east-1"),
    ],
)
def test_every_kind_of_ecr_host(host: str, region: str) -> None:
    assert registry(host) == ("123456789012", region)
    found = parse(f"{host}/team/pet-web:main-4f2a91c")
    assert found is not None
    assert (found.registry_id, found.region, found.repository, found.tag) == (
        "123456789012",
        region,
        "team/pet-web",
        "main-4f2a91c",
    )
    assert found.is_ecr


@pytest.mark.parametrize(
    "host",
    [
        "12345678901.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example",
        "x123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "public.ecr.aws",
        "123456789012.dkr.ecr.us-east-1.amazonaws.net",
    ],
)
def test_foreign_hosts_are_not_ecr(host: str) -> None:
    assert registry(host) is None
    found = parse(f"{host}/pet-web")
    assert found is not None
    assert not found.is_ecr


@pytest.mark.parametrize(
    ("text", "host", "repository", "tag", "digest", "version"),
    [
        ("nginx", "docker.io", "library/nginx", None, None, "latest"),
        ("grafana/grafana:11", "docker.io", "grafana/grafana", "11", None, "11"),
        ("docker.io/nginx:1", "docker.io", "library/nginx", "1", None, "1"),
        ("localhost:5000/a/b:c", "localhost:5000", "a/b", "c", None, "c"),
        ("GHCR.io/Owner/App", "ghcr.io", "Owner/App", None, None, "latest"),
        (f"ghcr.io/o/app:v1@{DIGEST}", "ghcr.io", "o/app", "v1", DIGEST, DIGEST),
        ("https://ghcr.io/o/app:v1", "ghcr.io", "o/app", "v1", None, "v1"),
    ],
)
def test_references(text: str, host: str, repository: str, tag: str | None, digest: str | None, version: str) -> None:
    found = parse(text)
    assert found is not None
    assert (found.host, found.repository, found.tag, found.digest) == (host, repository, tag, digest)
    assert found.version == version
    assert found.effective_tag == (None if digest else tag or "latest")


@pytest.mark.parametrize("text", ["", " ", "a b", "a@sha256:12", "host.io/", "a//b", "a:b:c", "a:", "x\x00 y"])
def test_what_is_no_reference(text: str) -> None:
    assert parse(text) is None


def test_variables_may_be_left_and_are_said() -> None:
    found = parse("123456789012.dkr.ecr.us-east-1.amazonaws.com/pet-web:${TAG:0:7}")
    assert found is not None
    assert (found.repository, found.tag, found.unresolved) == ("pet-web", "${TAG:0:7}", True)
    found = parse("$ACCOUNT.dkr.ecr.us-east-1.amazonaws.com/pet-web")
    assert found is not None
    assert (found.repository, found.is_ecr, found.unresolved) == ("pet-web", False, True)


@pytest.mark.parametrize(
    ("text", "result", "unresolved"),
    [
        ("$A/$B", "1/$B", ("B",)),
        ("${A}b$A", "1b1", ()),
        ("${B:-x}", "x", ()),
        ("${B:-$A}", "1", ()),
        ("${B:-${C:-${A}}}", "1", ()),
        ("${E:-x}|${E-x}|${E}", "x||", ()),
        ("${A:0:7}", "${A:0:7}", ("{A:0:7}",)),
        ("${A", "${A", ("{A",)),
        ("$(date) $A", "$(date) 1", ("$(…)",)),
        ("$B $B ${C}", "$B $B ${C}", ("B", "C")),
        ("cost: 5$", "cost: 5$", ()),
        ("$D", "$A", ()),
    ],
)
def test_substitution(text: str, result: str, unresolved: tuple[str, ...]) -> None:
    assert substitute(text, {"A": "1", "D": "$A", "E": ""}) == (result, unresolved)


@settings(deadline=None, max_examples=300)
@given(st.text("$A{}:-/@. (\n", max_size=30) | st.text(max_size=20))
def test_nothing_crashes(text: str) -> None:
    parse(text)
    substitute(text, {"A": "x"})


@pytest.mark.parametrize("text", ["${A}" * 20_000, "${" * 40_000, "a." * 20_000, "${A:-" * 9_000 + "}" * 9_000])
def test_long_texts_are_quick(text: str) -> None:
    started = time.process_time()
    parse(text)
    substitute(text, {"A": ""})
    assert time.process_time() - started < 5, "seconds of CPU on a slow machine"
