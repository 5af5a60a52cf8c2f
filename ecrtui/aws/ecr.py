"""ECR in one region."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from ecrtui.aws import decode, ecr_policies
from ecrtui.aws.batches import batches, gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.decode import Rows
from ecrtui.aws.ecr_scans import scan_report
from ecrtui.aws.ecr_settings import image_replicas, registry_settings
from ecrtui.aws.paging import pages
from ecrtui.aws.raw import readable
from ecrtui.aws.values import member, objects, text
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.registry import RegistrySettings, Replica
from ecrtui.domain.repository import Repository, RepositoryListing
from ecrtui.domain.scan import ScanReport
from ecrtui.services.ports import ImageId, Page, PreviewReport, StoredPolicy

T = TypeVar("T")

_PAGE = 1000
_BATCH = 100
"""Ids a call (ECR API: `imageIds`, at most 100)."""

_MEDIA_TYPES = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.distribution.manifest.v1+json",
)
"""Every type of manifest: without the index types an index may be answered by one of its images."""


class EcrRegistry:
    """The port `Registry` over the ECR API."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._any_status = True
        """Whether the endpoint takes the filter `imageStatus`; older emulators refuse it."""

    # -- listings -----------------------------------------------------------------------------------------

    async def list_repositories(self, into: RepositoryListing, resume: str | None = None) -> AsyncIterator[Page]:
        """Append all repositories to `into`, page by page (1,000 each)."""
        what = "list the repositories"
        read = decode.repositories_into(into)

        async def fetch(token: str | None) -> tuple[Rows, str | None]:
            rows = await self._caller.decode("DescribeRepositories", _from(token), what, read)
            return rows, rows.token

        async for page in self._listed(fetch, what, into, resume):
            yield page

    async def list_images(self, into: ImageListing, resume: str | None = None) -> AsyncIterator[Page]:
        """Append all images (any status) of `into.repository`, page by page (1,000 each).

        Where only `ecr:ListImages` is allowed, digests and tags are listed before the refusal is raised.
        """
        what = f"list the images of {into.repository}"
        read = decode.images_into(into)

        async def fetch(token: str | None) -> tuple[Rows, str | None]:
            asked = {"repositoryName": into.repository, **_from(token)}
            rows = await self._of_any_status(
                asked, lambda parameters: self._caller.decode("DescribeImages", parameters, what, read)
            )
            return rows, rows.token

        try:
            async for page in self._listed(fetch, what, into, resume):
                yield page
        except AppError as refusal:
            if refusal.kind is ErrorKind.DENIED and not len(into):
                await self._list_ids(into, what, refusal)
                yield Page(1, len(into), None)
            raise

    async def _listed(
        self,
        fetch: Callable[[str | None], Awaitable[tuple[Rows, str | None]]],
        what: str,
        into: RepositoryListing | ImageListing,
        resume: str | None,
    ) -> AsyncIterator[Page]:
        count = lost = received = 0
        region = self._caller.region

        def news(rows: Rows) -> bool:
            """Rows may repeat: in overlapping pages, and when a broken listing is begun anew."""
            nonlocal received
            received += rows.added + rows.repeated
            return bool(rows.added or (rows.repeated and received <= len(into)))

        async for rows, token in pages(fetch, what, region, resume=resume, news=news):
            count += 1
            lost += rows.lost
            yield Page(count, len(into), token)
        if lost:
            raise AppError(
                ErrorKind.MALFORMED, what, where=region, why=f"malformed answer: {lost} rows have no identity"
            )

    async def _list_ids(self, into: ImageListing, what: str, refusal: AppError) -> None:
        """Fill `into` with what ListImages tells; raises `refusal` when that is refused too."""

        async def fetch(token: str | None) -> tuple[list[tuple[str, str]], str | None]:
            asked = {"repositoryName": into.repository, **_from(token)}
            return await self._of_any_status(
                asked,
                lambda parameters: self._caller.decode("ListImages", parameters, what, decode.image_ids),
            )

        tags: dict[str, list[str]] = {}
        try:
            async for ids, _ in pages(fetch, what, self._caller.region):
                for digest, tag in ids:
                    tags.setdefault(digest, []).extend([tag] if tag else [])
        except AppError:
            raise refusal from None
        for digest, names in tags.items():
            into.add(digest, tuple(names), None, None, None, "", "", "")

    async def _of_any_status(
        self, parameters: Mapping[str, Any], ask: Callable[[Mapping[str, Any]], Awaitable[T]]
    ) -> T:
        """Ask for images of any status: AWS answers only active ones unless told so."""
        if self._any_status:
            try:
                return await ask({**parameters, "filter": {"imageStatus": "ANY"}})
            except AppError as error:
                if error.kind is not ErrorKind.INVALID:
                    raise
            answer = await ask(parameters)
            self._any_status = False
            return answer
        return await ask(parameters)

    # -- single things ------------------------------------------------------------------------------------

    async def repository(self, name: str) -> Repository:
        """One repository; NOT_FOUND when there is none of that name."""
        found = decode.repository(await self._repository(name), self._caller.region)
        assert found is not None  # `_repository` found it by its name
        return found

    async def raw_repository(self, name: str) -> Mapping[str, Any]:
        """All that AWS says of one repository."""
        value = await self._repository(name)
        shape = await self._caller.output_shape("DescribeRepositories")
        result: Mapping[str, Any] = readable(value, shape.members["repositories"].member)
        return result

    async def _repository(self, name: str) -> dict[str, Any]:
        what = f"describe the repository {name}"
        answer = await self._caller.read(
            "DescribeRepositories", {"repositoryNames": [name]}, what, required={"repositories": list}
        )
        for value in objects(answer["repositories"]):
            if value.get("repositoryName") == name:
                return value
        raise self._absent(what, f"there is no repository {name}")

    async def images(self, repository: str, ids: Sequence[ImageId]) -> tuple[Image, ...]:
        """The images of these ids that exist; any number of ids, asked for by 100."""
        unique_ids = list(dict.fromkeys(ids))
        found = await gathered(self._details(repository, batch) for batch in batches(unique_ids, _BATCH))
        images = (decode.image(value) for batch in found for value in batch)
        unique = {image.digest: image for image in images if image is not None}
        return tuple(unique.values())

    async def raw_image(self, repository: str, digest: str) -> Mapping[str, Any]:
        """All that AWS says of one image."""
        found = await self._details(repository, [ImageId(digest=digest)])
        if not found:
            raise self._absent(f"describe the image {digest}", f"it is not in {repository} (any more)")
        shape = await self._caller.output_shape("DescribeImages")
        result: Mapping[str, Any] = readable(found[0], shape.members["imageDetails"].member)
        return result

    async def _details(self, repository: str, ids: Sequence[ImageId]) -> list[dict[str, Any]]:
        """DescribeImages of some ids; one that does not exist fails the whole call, so that it is halved."""
        what = f"describe images of {repository}"
        asked = {"repositoryName": repository, "imageIds": [_image_id(wanted) for wanted in ids]}
        try:
            answer = await self._of_any_status(
                asked,
                lambda parameters: self._caller.read(
                    "DescribeImages", parameters, what, required={"imageDetails": list}
                ),
            )
        except AppError as error:
            if not error.code.startswith("ImageNotFound"):
                raise
            if len(ids) == 1:
                return []
            half = len(ids) // 2
            halves = await gathered(self._details(repository, part) for part in (ids[:half], ids[half:]))
            return [value for part in halves for value in part]
        return objects(answer["imageDetails"])

    async def manifests(self, repository: str, digests: Sequence[str]) -> Mapping[str, str]:
        """Manifest texts by digest, of those that could be read. Counts as a pull at AWS: only on demand."""
        found = await gathered(self._manifests(repository, batch) for batch in batches(digests, _BATCH))
        return {digest: manifest for batch in found for digest, manifest in batch.items()}

    async def _manifests(self, repository: str, digests: Sequence[str]) -> dict[str, str]:
        answer = await self._caller.read(
            "BatchGetImage",
            {
                "repositoryName": repository,
                "imageIds": [{"imageDigest": digest} for digest in digests],
                "acceptedMediaTypes": list(_MEDIA_TYPES),
            },
            f"read manifests of {repository}",
            required={"images": list},
        )
        return {
            text(member(value, "imageId", "imageDigest")): text(value.get("imageManifest"))
            for value in objects(answer["images"])
            if value.get("imageManifest")
        }

    async def configuration(self, repository: str, digest: str) -> bytes:
        """The configuration blob of an image, of at most a MiB; it comes from S3, over a link that ECR signs."""
        what = f"read the configuration of an image of {repository}"
        answer = await self._caller.read(
            "GetDownloadUrlForLayer",
            {"repositoryName": repository, "layerDigest": digest},
            what,
            required={"downloadUrl": str},
        )
        return await self._caller.fetch(answer["downloadUrl"], what)

    async def lifecycle_policy(self, repository: str) -> StoredPolicy | None:
        """The lifecycle policy, or None where none is set."""
        return await ecr_policies.lifecycle_policy(self._caller, repository)

    async def lifecycle_preview(self, repository: str) -> PreviewReport:
        """AWS's preview, started before by a change; NOT_FOUND when none was."""
        return await ecr_policies.lifecycle_preview(self._caller, repository)

    async def repository_policy(self, name: str) -> str | None:
        """The repository policy's text as stored, or None where none is set."""
        return await ecr_policies.repository_policy(self._caller, name)

    async def settings(self) -> RegistrySettings:
        """The registry's own settings in this region; what cannot be read is named in them, never raised."""
        return await registry_settings(self._caller)

    async def scan(self, repository: str, digest: str, *, counts_only: bool = False) -> ScanReport:
        """The scan of one image with all findings, or (one call) with their counts alone.

        NOT_FOUND when it was never scanned.
        """
        return await scan_report(self._caller, repository, digest, counts_only=counts_only)

    async def replicas(self, repository: str, digest: str) -> tuple[Replica, ...]:
        """Where one image is replicated to, and how far that is."""
        return await image_replicas(self._caller, repository, digest)

    async def tags(self, arn: str) -> Mapping[str, str]:
        """The AWS tags of a repository."""
        answer = await self._caller.read(
            "ListTagsForResource", {"resourceArn": arn}, f"read the tags of {arn}", required={"tags": list}
        )
        return {text(tag.get("Key")): text(tag.get("Value")) for tag in objects(answer["tags"])}

    def _absent(self, what: str, why: str) -> AppError:
        return AppError(
            ErrorKind.NOT_FOUND, what, where=self._caller.region, why=why, remedy="Check its name and region."
        )


def _from(token: str | None) -> dict[str, Any]:
    return {"maxResults": _PAGE, "nextToken": token} if token else {"maxResults": _PAGE}


def _image_id(wanted: ImageId) -> dict[str, str]:
    return {"imageDigest": wanted.digest} if wanted.digest else {"imageTag": wanted.tag}
