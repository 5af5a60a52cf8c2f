"""ECR repositories: one value, and the columns that hold many."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import isnan, nan

from ecrtui.domain.mutability import Mutability


@dataclass(frozen=True, slots=True)
class Repository:
    """One ECR repository. Instants are epoch seconds; strings are as AWS sent them."""

    name: str
    region: str
    registry_id: str
    arn: str
    uri: str
    created_at: float | None = None
    mutability: str = Mutability.MUTABLE
    exclusions: tuple[str, ...] = ()
    """Wildcard filters of the tags that behave opposite to `mutability`."""
    scan_on_push: bool | None = None
    encryption: str = "AES256"
    kms_key: str | None = None


class RepositoryListing:
    """Repositories of one region as columns: append only, so that `version` is the number of rows.

    A `Repository` is built only for a row that is shown or asked for.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        self.names: list[str] = []
        self.registry_ids: list[str] = []
        self.arns: list[str] = []
        self.uris: list[str] = []
        self.created = array("d")
        self.mutabilities: list[str] = []
        self.exclusions: dict[int, tuple[str, ...]] = {}
        self.scans: list[bool | None] = []
        self.encryptions: list[str] = []
        self.kms_keys: dict[int, str] = {}
        self._index: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    @property
    def version(self) -> int:
        """Grows with every change; equal versions of one listing hold equal rows."""
        return len(self.names)

    def add(
        self,
        name: str,
        registry_id: str,
        arn: str,
        uri: str,
        created_at: float | None,
        mutability: str,
        exclusions: tuple[str, ...],
        scan_on_push: bool | None,
        encryption: str,
        kms_key: str | None,
    ) -> bool:
        """Append one repository; False (and no change) when its name is already listed."""
        row = len(self.names)
        if self._index.setdefault(name, row) != row:
            return False
        self.names.append(name)
        self.registry_ids.append(registry_id)
        self.arns.append(arn)
        self.uris.append(uri)
        self.created.append(nan if created_at is None else created_at)
        self.mutabilities.append(mutability)
        if exclusions:
            self.exclusions[row] = exclusions
        self.scans.append(scan_on_push)
        self.encryptions.append(encryption)
        if kms_key:
            self.kms_keys[row] = kms_key
        return True

    def find(self, name: str) -> int | None:
        """The row of the repository with exactly this name."""
        return self._index.get(name)

    def row(self, index: int) -> Repository:
        """The value of one row."""
        created = self.created[index]
        return Repository(
            name=self.names[index],
            region=self.region,
            registry_id=self.registry_ids[index],
            arn=self.arns[index],
            uri=self.uris[index],
            created_at=None if isnan(created) else created,
            mutability=self.mutabilities[index],
            exclusions=self.exclusions.get(index, ()),
            scan_on_push=self.scans[index],
            encryption=self.encryptions[index],
            kms_key=self.kms_keys.get(index),
        )
