"""An emulator as it is, without our layer: no paging, no filters, markup for what it lacks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.domain.repository import RepositoryListing
from ecrtui.services.ports import ImageId

REGION = "us-east-1"


@pytest.fixture
def url() -> Iterator[str]:
    """A moto server with a repository, an image and a service."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    ecr = boto3.client("ecr", region_name=REGION, endpoint_url=address, **keys)
    ecr.create_repository(repositoryName="pet-web")
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}
    manifest["config"] = {"mediaType": "x", "digest": "sha256:" + "1" * 64, "size": 5}
    ecr.put_image(repositoryName="pet-web", imageTag="v1", imageManifest=json.dumps(manifest))
    ecs = boto3.client("ecs", region_name=REGION, endpoint_url=address, **keys)
    ecs.create_cluster(clusterName="shop")
    image = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/pet-web:v1"
    container = {"name": "c", "image": image, "memory": 10}
    ecs.register_task_definition(family="f", containerDefinitions=[container])
    ecs.create_service(cluster="shop", serviceName="pet", taskDefinition="f", desiredCount=1)
    yield address
    server.stop()


async def test_what_it_has_is_shown_and_what_it_lacks_is_named(url: str) -> None:
    options = AccountOptions(region=REGION, endpoint_url=url, credentials=StaticCredentials("a", "b"))
    account = await open_account(options)
    registry = account.registry(REGION)
    repositories, images = RepositoryListing(REGION), ImageListing(REGION, "pet-web")
    async for _ in registry.list_repositories(repositories):
        pass
    async for _ in registry.list_images(images):
        pass
    assert (repositories.names, images.tags) == (["pet-web"], [("v1",)])
    found = await registry.images("pet-web", [ImageId(tag="v1"), ImageId(tag="gone")])
    assert [image.tags for image in found] == [("v1",)]
    usage = await account.runtime(REGION).usage()
    assert ([use.name for use in usage.uses], usage.unchecked) == (["shop/pet"], ())
    with pytest.raises(AppError) as caught:
        await account.permissions().simulate("arn:aws:iam::123456789012:role/x", ["ecr:PutImage"], ["*"])
    assert caught.value.kind in (ErrorKind.SERVICE, ErrorKind.MALFORMED)
    assert REGION in {region.name for region in await account.regions()}
    with pytest.raises(AppError) as caught:
        await registry.lifecycle_preview("pet-web")
    assert (caught.value.kind, "operation" in caught.value.remedy) == (ErrorKind.SERVICE, True)
    await account.close()
