"""The table of error codes: every code of the domain reference, section 12, has its meaning."""

from __future__ import annotations

import pytest

from ecrtui.aws.codes import rule
from ecrtui.domain.errors import ErrorKind

KINDS = {
    ErrorKind.CREDENTIALS: "ExpiredToken ExpiredTokenException UnrecognizedClientException InvalidClientTokenId "
    "InvalidSignatureException SignatureDoesNotMatch RequestTimeTooSkewed",
    ErrorKind.DENIED: "AccessDenied AccessDeniedException UnauthorizedOperation KmsException KmsError "
    "BlockedByOrganizationPolicyException",
    ErrorKind.THROTTLED: "Throttling ThrottlingException TooManyRequestsException RequestLimitExceeded",
    ErrorKind.NOT_FOUND: "RepositoryNotFoundException ImageNotFoundException LayersNotFoundException "
    "ReferencedImagesNotFoundException LifecyclePolicyNotFoundException RepositoryPolicyNotFoundException "
    "RegistryPolicyNotFoundException SigningConfigurationNotFoundException ScanNotFoundException "
    "LifecyclePolicyPreviewNotFoundException ResourceNotFoundException ClusterNotFoundException",
    ErrorKind.CONFLICT: "RepositoryAlreadyExistsException RepositoryNotEmptyException "
    "ImageTagAlreadyExistsException ImageAlreadyExistsException LifecyclePolicyPreviewInProgressException "
    "LayerInaccessibleException ImageInaccessibleException ImageArchivedException "
    "ImageStorageClassUpdateNotSupportedException ImageReferencedByManifestList",
    ErrorKind.INVALID: "InvalidParameterException ValidationException InvalidInputException "
    "UnsupportedImageTypeException InvalidTagParameterException",
    ErrorKind.LIMIT: "LimitExceededException TooManyTagsException AccountLimitExceededException",
    ErrorKind.SERVICE: "UnableToGetUpstreamImageException UnableToGetUpstreamLayerException "
    "UnknownOperationException NeverHeardOf",
}


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in KINDS.items() for code in codes.split()])
def test_a_code_has_its_kind(kind: ErrorKind, code: str) -> None:
    assert rule(code, 400, "ecr").kind is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, ErrorKind.DENIED), (429, ErrorKind.THROTTLED), (500, ErrorKind.SERVICE), (404, ErrorKind.SERVICE)],
)
def test_an_unknown_code_is_judged_by_its_status(status: int, kind: ErrorKind) -> None:
    assert rule(str(status), status, "ecr").kind is kind


def test_a_service_may_mean_something_of_its_own() -> None:
    assert "project" in rule("ResourceNotFoundException", 400, "codebuild").remedy
    assert "log" in rule("ResourceNotFoundException", 400, "logs").remedy
    assert rule("ClientException", 400, "ecs").kind is ErrorKind.INVALID
