"""A manifest and its configuration, believed only when they are what the digests say."""

import json

import pytest
from layers import a_blob
from memory import MANIFEST, REGION, MemoryAccount, a_repository, an_image, digest_of

from ecrtui.domain.errors import ErrorKind
from ecrtui.domain.image_config import made_by
from ecrtui.services.contents import load_manifest

CONFIG = json.dumps(
    {
        "os": "linux",
        "architecture": "amd64",
        "config": {"Env": ["API_KEY=abcdef123456"], "Cmd": ["/app"]},
        "history": [{"created_by": "ADD base"}, {"created_by": "CMD /app", "empty_layer": True}],
    }
)


def built(config: str = CONFIG, kind: str = "application/vnd.docker.container.image.v1+json"):
    """An account with one image of that configuration."""
    body = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": kind, "digest": digest_of(config), "size": len(config)},
        "layers": [{"digest": a_blob("base"), "size": 5}],
    }
    text = json.dumps(body)
    image = an_image("v1", digest=digest_of(text))
    stored = {image.digest: text, digest_of(config): config}
    return image, MemoryAccount(repositories=[a_repository("pet-web")], images={"pet-web": [image]}, manifests=stored)


async def test_the_configuration_says_what_made_the_layers():
    image, account = built()
    read = await load_manifest(account, REGION, "pet-web", image.digest)
    assert read.config is not None
    assert made_by(read.config, len(read.manifest.layers)) == ("ADD base",)
    assert read.unread is None


async def test_a_refused_configuration_leaves_the_layers():
    image, account = built()
    account.faults.deny("ecr:GetDownloadUrlForLayer")
    read = await load_manifest(account, REGION, "pet-web", image.digest)
    assert len(read.manifest.layers) == 1
    assert read.config is None
    assert read.unread is not None
    assert read.unread.action == "ecr:GetDownloadUrlForLayer"


@pytest.mark.parametrize("false", [CONFIG + " ", "{}", ""])
async def test_a_configuration_that_is_not_what_its_digest_says_is_not_believed(false: str):
    image, account = built()
    account.area(REGION).manifests[digest_of(CONFIG)] = false
    read = await load_manifest(account, REGION, "pet-web", image.digest)
    assert read.config is None
    assert read.unread is not None
    assert read.unread.kind is ErrorKind.MALFORMED


async def test_what_is_no_configuration_of_an_image_is_not_fetched():
    image, account = built("{}", kind="application/vnd.cncf.helm.config.v1+json")
    read = await load_manifest(account, REGION, "pet-web", image.digest)
    assert (read.config, read.unread) == (None, None)
    assert account.count("ecr:GetDownloadUrlForLayer") == 0
