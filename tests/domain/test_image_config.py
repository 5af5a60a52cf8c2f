"""Configurations of images, which whoever pushed them wrote."""

from __future__ import annotations

import json

import pytest

from ecrtui.domain.errors import AppError
from ecrtui.domain.image_config import ImageConfig, Step, made_by, parse_config

BODY = {
    "os": "linux",
    "architecture": "arm64",
    "variant": "v8",
    "created": "2026-05-04T09:13:01Z",
    "config": {
        "User": "app",
        "Entrypoint": ["/init"],
        "Cmd": ["serve", "--port=80"],
        "WorkingDir": "/srv",
        "ExposedPorts": {"80/tcp": {}},
        "Env": ["PATH=/bin", "EMPTY=", "ALONE", "A=b=c"],
        "Labels": {"org.opencontainers.image.revision": "4f2a91c"},
    },
    "history": [
        {"created_by": "ADD rootfs"},
        {"created_by": "ENV A=b", "empty_layer": True},
        {"created_by": "COPY . ."},
    ],
}


def test_a_configuration_is_read() -> None:
    config = parse_config(json.dumps(BODY))
    assert config.platform == "linux/arm64/v8"
    assert (config.user, config.entrypoint, config.command) == ("app", ("/init",), ("serve", "--port=80"))
    assert (config.directory, config.ports) == ("/srv", ("80/tcp",))
    assert config.environment == (("PATH", "/bin"), ("EMPTY", ""), ("ALONE", ""), ("A", "b=c"))
    assert config.labels == {"org.opencontainers.image.revision": "4f2a91c"}
    assert config.history[1] == Step("ENV A=b", empty=True)


def test_the_history_is_aligned_with_the_layers_by_what_is_not_empty() -> None:
    config = parse_config(json.dumps(BODY))
    assert made_by(config, 2) == ("ADD rootfs", "COPY . .")
    assert made_by(config, 3) is None
    assert made_by(ImageConfig(), 0) == ()


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(AppError):
        parse_config(text)


def test_members_of_the_wrong_type_are_left_out() -> None:
    odd = {
        "os": 1,
        "architecture": "amd64",
        "config": {"User": [], "Env": ["A=1", 2, None], "Cmd": "sh", "Labels": {"a": 1, "b": "c"}, "ExposedPorts": []},
        "history": [1, {"created_by": {}, "empty_layer": "yes"}],
    }
    config = parse_config(json.dumps(odd))
    assert config == ImageConfig(
        platform="amd64", environment=(("A", "1"),), labels={"b": "c"}, history=(Step("", empty=False),)
    )
    assert parse_config("{}") == ImageConfig()
