"""The table of error codes: what each means and what the reader can do (domain reference, section 12)."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.domain.errors import ErrorKind


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means. `remedy` may name {profile}, {region} and {service}."""

    kind: ErrorKind
    remedy: str = ""
    throttled: bool = False
    signature: bool = False
    """The signature was refused: the clock may be the cause."""
    permanent: bool = False
    """Another attempt cannot help, whatever the HTTP status is."""


def rule(code: str, status: int, service: str) -> Rule:
    """The rule of a code (`RepositoryNotFoundException`); an unknown one is judged by its HTTP status."""
    name = code.removesuffix("Exception")
    found = _OF_SERVICE.get((service, name)) or _RULES.get(name)
    if found is not None:
        return found
    if status in (401, 403):
        return _DENIED
    if status == 429:
        return _THROTTLED
    if status in (404, 405, 501):
        return _UNKNOWN_OPERATION
    return Rule(ErrorKind.SERVICE, "Try again; if it stays, see the AWS status page." if status >= 500 else "")


_LOGIN = "Renew the credentials of the profile {profile}."
_REFRESH = "Check its name, the region ({region}) and the account (profile {profile}); it may be gone."
_CREDENTIALS = Rule(ErrorKind.CREDENTIALS, _LOGIN)
_SIGNATURE = Rule(ErrorKind.CREDENTIALS, "Check the secret key of the profile {profile}.", signature=True)
_DENIED = Rule(ErrorKind.DENIED)
_THROTTLED = Rule(ErrorKind.THROTTLED, "Wait a little; fewer refreshes help.", throttled=True)
_INVALID = Rule(ErrorKind.INVALID, "Correct what the message names.")
_GONE = Rule(ErrorKind.NOT_FOUND, _REFRESH)
_UNSET = Rule(ErrorKind.NOT_FOUND)
LACKING = "This endpoint does not have that operation."
_UNKNOWN_OPERATION = Rule(ErrorKind.SERVICE, LACKING, permanent=True)
_QUOTA = Rule(ErrorKind.LIMIT, "Free some, or ask for a higher quota in Service Quotas.")
_ARCHIVED = Rule(ErrorKind.CONFLICT, "Restore the image from the archive first (it takes up to 20 minutes).")
_KMS = Rule(ErrorKind.DENIED, "Check that the KMS key is enabled and that you may use it.", permanent=True)

_RULES: dict[str, Rule] = {
    # credentials, or a region that is not enabled
    "ExpiredToken": _CREDENTIALS,
    "TokenRefreshRequired": _CREDENTIALS,
    "UnrecognizedClient": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "InvalidAccessKeyId": _CREDENTIALS,
    "AuthFailure": _CREDENTIALS,
    "MissingAuthenticationToken": _CREDENTIALS,
    "IncompleteSignature": _CREDENTIALS,
    "NotSignedUp": _CREDENTIALS,
    "OptInRequired": Rule(ErrorKind.REGION_DISABLED, "Enable {region} for the account, or take another region."),
    "SubscriptionRequired": Rule(ErrorKind.REGION_DISABLED, "Enable {service} for the account."),
    # the clock
    "InvalidSignature": _SIGNATURE,
    "SignatureDoesNotMatch": _SIGNATURE,
    "RequestTimeTooSkewed": _SIGNATURE,
    "RequestExpired": _SIGNATURE,
    "RequestInTheFuture": _SIGNATURE,
    # permissions
    "AccessDenied": _DENIED,
    "UnauthorizedOperation": _DENIED,
    "UnauthorizedAccess": _DENIED,
    "Unauthorized": _DENIED,
    "NotAuthorized": _DENIED,
    "Forbidden": _DENIED,
    "BlockedByOrganizationPolicy": Rule(ErrorKind.DENIED, "Ask the organisation's administrators."),
    "Kms": _KMS,
    "KmsError": _KMS,
    # rates
    "Throttling": _THROTTLED,
    "Throttled": _THROTTLED,
    "TooManyRequests": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "ProvisionedThroughputExceeded": _THROTTLED,
    "BandwidthLimitExceeded": _THROTTLED,
    "SlowDown": _THROTTLED,
    "PriorRequestNotComplete": _THROTTLED,
    "EC2Throttled": _THROTTLED,
    # quotas
    "LimitExceeded": _QUOTA,
    "AccountLimitExceeded": Rule(
        ErrorKind.LIMIT, "Wait until running builds have ended, or ask for a higher quota in Service Quotas."
    ),
    "TooManyTags": Rule(ErrorKind.LIMIT, "Keep to 50 tags."),
    # absent
    "RepositoryNotFound": _GONE,
    "ImageNotFound": Rule(ErrorKind.NOT_FOUND, "Look again; the tag may have moved, or the image expired."),
    "ResourceNotFound": _GONE,
    "ClusterNotFound": _GONE,
    "ServiceNotFound": _GONE,
    "NoSuchEntity": _GONE,
    "NoSuchBucket": _GONE,
    "NoSuchKey": _GONE,
    "LayersNotFound": Rule(ErrorKind.NOT_FOUND, "Build and push the image again: its layers are gone."),
    "ReferencedImagesNotFound": Rule(ErrorKind.NOT_FOUND, "Push the platform images before their index."),
    "LifecyclePolicyNotFound": _UNSET,
    "RepositoryPolicyNotFound": _UNSET,
    "RegistryPolicyNotFound": _UNSET,
    "SigningConfigurationNotFound": _UNSET,
    "LifecyclePolicyPreviewNotFound": _UNSET,
    "ScanNotFound": Rule(ErrorKind.NOT_FOUND, "Start a scan; this image was never scanned."),
    # conflicts
    "RepositoryAlreadyExists": Rule(ErrorKind.CONFLICT, "Compare its settings with the plan."),
    "RepositoryNotEmpty": Rule(ErrorKind.CONFLICT, "Delete its images first, or delete it with them."),
    "ImageTagAlreadyExists": Rule(
        ErrorKind.CONFLICT,
        "Push a unique tag, or except this tag from immutability with an exclusion filter.",
    ),
    "ImageAlreadyExists": Rule(ErrorKind.CONFLICT, "Nothing to do: this image already has this tag."),
    "ImageReferencedByManifestList": Rule(ErrorKind.CONFLICT, "Delete the index first, then its platform images."),
    "LifecyclePolicyPreviewInProgress": Rule(ErrorKind.CONFLICT, "Wait until the running preview has ended."),
    "ImageStorageClassUpdateNotSupported": Rule(ErrorKind.CONFLICT, "Change the index that holds this image."),
    "LayerInaccessible": _ARCHIVED,
    "ImageInaccessible": _ARCHIVED,
    "ImageArchived": _ARCHIVED,
    "ResourceAlreadyExists": Rule(ErrorKind.CONFLICT),
    "OAuthProvider": Rule(ErrorKind.CONFLICT, "Check the connection of the project to its source provider."),
    # bad input
    "InvalidParameter": _INVALID,
    "InvalidParameterValue": _INVALID,
    "InvalidParameterCombination": _INVALID,
    "Validation": _INVALID,
    "ValidationError": _INVALID,
    "InvalidInput": _INVALID,
    "InvalidTagParameter": Rule(ErrorKind.INVALID, "Keep tags to 128 characters and their values to 256."),
    "InvalidRequest": _INVALID,
    "Serialization": _INVALID,
    "MissingParameter": _INVALID,
    "UnsupportedImageType": Rule(ErrorKind.INVALID, "This artefact cannot be scanned; scan its platform images."),
    # upstream registries
    "UnableToGetUpstreamImage": Rule(ErrorKind.SERVICE, "Validate the pull-through cache rule.", permanent=True),
    "UnableToGetUpstreamLayer": Rule(ErrorKind.SERVICE, "Validate the pull-through cache rule.", permanent=True),
    # operations that an endpoint does not have
    "UnknownOperation": _UNKNOWN_OPERATION,
    "InvalidAction": _UNKNOWN_OPERATION,
    "NotImplemented": _UNKNOWN_OPERATION,
    "UnsupportedOperation": _UNKNOWN_OPERATION,
}

_OF_SERVICE: dict[tuple[str, str], Rule] = {
    ("codebuild", "ResourceNotFound"): Rule(
        ErrorKind.NOT_FOUND, "Create the CodeBuild project first, or check its name and region ({region})."
    ),
    ("logs", "ResourceNotFound"): Rule(
        ErrorKind.NOT_FOUND, "Wait if the build has just started; otherwise the log has expired."
    ),
    ("ecs", "Client"): _INVALID,
    ("iam", "PolicyEvaluation"): Rule(ErrorKind.SERVICE, "One of the role's policies cannot be read.", permanent=True),
}
