"""Creating one repository: its settings, the change that makes it, and in what one that exists differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecrtui.domain.change import ApiCall, Change
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle import validate
from ecrtui.domain.mutability import Mutability
from ecrtui.domain.names import aws_tag_faults, exclusion_faults, judge
from ecrtui.domain.repository import Repository
from ecrtui.services.changes import (
    Absent,
    Already,
    Differs,
    Go,
    Precondition,
    Step,
    Verification,
    Verified,
)
from ecrtui.services.polling import ACCEPTED, VISIBLE_AFTER, visible
from ecrtui.services.ports import Account, Receipt, Sleep

DEFAULT_EXCLUSIONS = ("latest", "production", "staging", "development", "test")
"""Tags that move by their nature: `latest` and the environments (ECR allows five filters)."""
ENCRYPTIONS = ("AES256", "KMS", "KMS_DSSE")
_WITH_EXCLUSION = (Mutability.IMMUTABLE_WITH_EXCLUSION, Mutability.MUTABLE_WITH_EXCLUSION)


@dataclass(frozen=True, slots=True)
class RepositorySettings:
    """A repository as it is wanted."""

    name: str
    region: str
    mutability: str = Mutability.IMMUTABLE_WITH_EXCLUSION
    exclusions: tuple[str, ...] = DEFAULT_EXCLUSIONS
    """Sent with the `…_WITH_EXCLUSION` mutabilities only."""
    scan_on_push: bool = True
    encryption: str = "AES256"
    """AES256, KMS or KMS_DSSE; it can never be changed."""
    kms_key: str | None = None
    """Key id, ARN or alias; None for AWS's own key."""
    policy_text: str | None = None
    """The lifecycle policy to put; None for none."""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> tuple[str, ...]:
        """The exclusion filters that take effect."""
        return self.exclusions if self.mutability in _WITH_EXCLUSION else ()


def settings_faults(settings: RepositorySettings) -> tuple[str, ...]:
    """Why ECR would refuse these settings, as sentences; empty when it would not."""
    verdict = judge(settings.name)
    faults = [fault.sentence for fault in verdict.faults]
    if faults and verdict.suggestion:
        faults.append(f"{verdict.suggestion} would be allowed")
    if settings.mutability not in set(Mutability):
        faults.append(f"{settings.mutability} is no tag mutability: use one of {', '.join(Mutability)}")
    if settings.mutability in _WITH_EXCLUSION and not settings.exclusions:
        faults.append(f"{settings.mutability} needs at least one exclusion filter")
    faults += exclusion_faults(settings.filters)
    if settings.encryption not in ENCRYPTIONS:
        faults.append(f"{settings.encryption} is no encryption: use one of {', '.join(ENCRYPTIONS)}")
    if settings.kms_key and settings.encryption == "AES256":
        faults.append("a KMS key needs the encryption KMS or KMS_DSSE")
    faults += aws_tag_faults(tuple(settings.tags.items()))
    if settings.policy_text is not None:
        faults += [f"lifecycle policy: {problem}" for problem in validate(settings.policy_text)]
    return tuple(faults)


async def existing(account: Account, settings: RepositorySettings) -> Repository | AppError | None:
    """The repository of this name as it is; None where there is none, an error where that cannot be seen."""
    try:
        return await account.registry(settings.region).repository(settings.name)
    except AppError as error:
        return None if error.kind is ErrorKind.NOT_FOUND else error


def create_step(account: Account, settings: RepositorySettings, sleep: Sleep) -> Step:
    """The change, with what is looked at before and after it."""
    change = Change(
        f"create the repository {settings.name}",
        settings.region,
        settings.name,
        ApiCall("ecr", "CreateRepository", _parameters(settings)),
    )

    async def check() -> Precondition:
        repository = await existing(account, settings)
        if isinstance(repository, AppError):
            raise repository
        if repository is None:
            return Go()
        found = await differences(account, settings, repository)
        return Differs("; ".join(found)) if found else Already("it exists already, with these settings")

    async def verify(receipt: Receipt | None) -> Verification:
        async def look() -> Repository | None:
            repository = await existing(account, settings)
            if isinstance(repository, AppError):
                raise repository
            return repository

        repository = await visible(look, sleep, ACCEPTED if receipt else VISIBLE_AFTER)
        if repository is None:
            return Absent(f"the repository {settings.name} cannot be seen in {settings.region}")
        found = await differences(account, settings, repository)
        return Differs("; ".join(found)) if found else Verified("it exists, with all settings as planned")

    return Step(change, check, verify)


def _parameters(settings: RepositorySettings) -> dict[str, Any]:
    """The parameters of CreateRepository."""
    parameters: dict[str, Any] = {
        "repositoryName": settings.name,
        "imageTagMutability": str(settings.mutability),
        "imageScanningConfiguration": {"scanOnPush": settings.scan_on_push},
        "encryptionConfiguration": {"encryptionType": settings.encryption},
    }
    if settings.filters:
        parameters["imageTagMutabilityExclusionFilters"] = [
            {"filterType": "WILDCARD", "filter": text} for text in settings.filters
        ]
    if settings.kms_key:
        parameters["encryptionConfiguration"]["kmsKey"] = settings.kms_key
    if settings.tags:
        parameters["tags"] = [{"Key": key, "Value": value} for key, value in settings.tags.items()]
    return parameters


async def differences(account: Account, settings: RepositorySettings, repository: Repository) -> tuple[str, ...]:
    """In what a repository differs from the settings, the lifecycle policy aside."""
    compared = [
        ("tag mutability", settings.mutability, repository.mutability),
        ("exclusion filters", _listed(settings.filters), _listed(repository.exclusions)),
        ("scan on push", _switch(settings.scan_on_push), _switch(repository.scan_on_push)),
        ("encryption", settings.encryption, repository.encryption),
    ]
    if settings.kms_key and not _same_key(settings.kms_key, repository.kms_key or ""):
        compared.append(("KMS key", settings.kms_key, repository.kms_key or "none"))
    if settings.tags:
        tags = await account.registry(settings.region).tags(repository.arn)
        compared += [(f"tag {key}", value, tags.get(key, "none")) for key, value in settings.tags.items()]
    return tuple(f"{what} is {found}, not {wanted}" for what, wanted, found in compared if wanted != found)


def _listed(filters: Sequence[str]) -> str:
    return ", ".join(sorted(filters)) or "none"


def _switch(on: bool | None) -> str:
    return "not known" if on is None else "on" if on else "off"


def _same_key(wanted: str, found: str) -> bool:
    """Whether ECR's key (always an ARN) is the wanted one. An alias cannot be compared: AWS resolves it."""
    if "alias/" in wanted:
        return bool(found)
    return found == wanted or found.endswith(f":key/{wanted}")
