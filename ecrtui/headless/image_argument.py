"""An image as it is named on the command line: `REPO:TAG`, `REPO@DIGEST`, or its whole URI."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.reference import registry
from ecrtui.headless.invocation import Invocation
from ecrtui.services.browse import find_image
from ecrtui.services.ports import Account


@dataclass(frozen=True, slots=True)
class ImageName:
    """What was written. `region` and `registry_id` are empty unless it was a URI."""

    repository: str
    version: str
    """A tag, a digest or the beginning of one; `latest` when neither was written."""
    region: str = ""
    registry_id: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """An image that was found, with its place."""

    region: str
    repository: str
    image: Image


def image_name(text: str) -> ImageName:
    """What a text names; AppError (usage) when it cannot be an image."""
    host, slash, path = text.strip().partition("/")
    region, registry_id = "", ""
    if slash and (place := registry(host)):
        registry_id, region = place
    else:
        path = text.strip()
    path, _, digest = path.partition("@")
    repository, _, tag = path.partition(":")
    if not repository or "/" in tag:
        raise AppError(ErrorKind.USAGE, f"read {text}", why="it names no image", remedy="Write REPOSITORY:TAG.")
    return ImageName(repository, digest or tag or "latest", region, registry_id)


async def locate(call: Invocation, account: Account, text: str) -> Located:
    """The image that a text names: in the region of its URI, else in the one of the command.

    Raises AppError when there is none, or the URI is of another account.
    """
    name = image_name(text)
    if name.registry_id and name.registry_id != (own := (await account.identity()).account):
        why = f"it is in the registry of account {name.registry_id}, and the credentials are of {own}"
        raise AppError(ErrorKind.USAGE, f"find {text}", why=why, remedy="Use a profile of that account.")
    region = name.region or call.region(account)
    return Located(region, name.repository, await find_image(account, region, name.repository, name.version))
