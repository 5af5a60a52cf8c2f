"""What differs between the seeded regions' registries: scanning, replication, cache rules, templates, settings."""

from __future__ import annotations

from ecrtui.demo.account import Account
from ecrtui.demo.catalogue import FRANKFURT, SEOUL, TOKYO, VIRGINIA
from ecrtui.demo.ecr.replication import replicate
from ecrtui.demo.operations import Json
from ecrtui.demo.registry import Repository, StoredImage

_DAY = 86_400.0
_REPLICATED_DAYS = 40
_SCANNED = ("pet-web", "pet-api", "payments-api", "auth-service", "base/node", "loyalty-service")
_MOVING = frozenset({"latest", "staging", "production"})


def configure_registries(account: Account, now: float) -> None:
    """Set up the registries, and replicate what was pushed since."""
    seoul = account.region(SEOUL).registry
    seoul.scan_rules = [_scan_rule("SCAN_ON_PUSH", *_SCANNED)]
    seoul.settings["BLOB_MOUNTING"] = "ENABLED"
    seoul.replication = [_replication(account, VIRGINIA, "pet-web"), _replication(account, TOKYO, "pet-")]
    seoul.replicated_since = now - _REPLICATED_DAYS * _DAY
    seoul.cache_rules = [_cache_rule(account, now)]
    seoul.templates = [_template("docker-hub", "Cached upstream images", ["PULL_THROUGH_CACHE"], now)]
    for region in (TOKYO, VIRGINIA):
        account.region(region).registry.templates = [_template("ROOT", "Replicas", ["REPLICATION"], now)]
    account.region(FRANKFURT).registry.templates = [
        _template("ROOT", "Repositories that a push makes", ["CREATE_ON_PUSH", "REPLICATION"], now)
        | {"imageTagMutability": "IMMUTABLE"}
    ]
    _replicate(account, now)
    _disturb(account)
    virginia = account.region(VIRGINIA).registry
    virginia.scan_type = "ENHANCED"
    virginia.scan_rules = [_scan_rule("CONTINUOUS_SCAN", "*")]


def _scan_rule(frequency: str, *filters: str) -> Json:
    return {
        "scanFrequency": frequency,
        "repositoryFilters": [{"filter": each, "filterType": "WILDCARD"} for each in filters],
    }


def _replication(account: Account, region: str, prefix: str) -> Json:
    return {
        "destinations": [{"region": region, "registryId": account.id}],
        "repositoryFilters": [{"filter": prefix, "filterType": "PREFIX_MATCH"}],
    }


def _cache_rule(account: Account, now: float) -> Json:
    return {
        "ecrRepositoryPrefix": "docker-hub",
        "upstreamRegistryUrl": "registry-1.docker.io",
        "upstreamRegistry": "docker-hub",
        "registryId": account.id,
        "createdAt": now - 200 * _DAY,
        "updatedAt": now - 200 * _DAY,
    }


def _template(prefix: str, description: str, uses: list[str], now: float) -> Json:
    return {
        "prefix": prefix,
        "description": description,
        "encryptionConfiguration": {"encryptionType": "AES256"},
        "imageTagMutability": "MUTABLE",
        "appliedFor": uses,
        "createdAt": now - 200 * _DAY,
        "updatedAt": now - 200 * _DAY,
    }


def _replicate(account: Account, now: float) -> None:
    """Copy what was pushed since the rules were set, in the order in which it was."""
    seoul = account.region(SEOUL).registry
    for source in list(seoul.repositories.values()):
        if not source.name.startswith("pet-"):
            continue
        held = {child for image in source.images.values() for child in image.children}
        for image in sorted(source.images.values(), key=lambda each: each.pushed_at):
            if image.digest not in held and image.pushed_at >= seoul.replicated_since:
                replicate(account, source, image.digest, min(now, image.pushed_at + 12))


def _disturb(account: Account) -> None:
    """One replica has diverged, and one image never arrived."""
    tokyo, seoul = account.region(TOKYO).registry, account.region(SEOUL).registry
    diverged = tokyo.repositories["pet-api"]
    staging = diverged.images[diverged.tagged["staging"]]
    diverged.tag(_before(diverged, staging).digest, "staging")
    lost = tokyo.repositories["pet-worker"].tagged["staging"]
    tokyo.repositories["pet-worker"].remove(lost)
    seoul.replication_failures["pet-worker", lost, TOKYO] = "KMS_KEY_NOT_ACCESSIBLE"


def _before(repository: Repository, image: StoredImage) -> StoredImage:
    """The last tagged image before another."""
    older = [each for each in repository.images.values() if each.tags and each.pushed_at < image.pushed_at]
    return max(older, key=lambda each: each.pushed_at)


def mark_scans(account: Account) -> None:
    """Scans that find much in what runs in production, and scans that did not end well."""
    for region, name in ((SEOUL, "pet-web"), (TOKYO, "monolith"), (VIRGINIA, "us-gateway")):
        repository = account.region(region).registry.repositories[name]
        production = repository.images[repository.tagged["production"]]
        repository.grave.update((production.digest, *production.children))
    troubles = {
        (SEOUL, "pet-web"): ("FAILED", "LIMIT_EXCEEDED", "UNSUPPORTED_IMAGE"),
        (VIRGINIA, "ledger"): ("PENDING", "FINDINGS_UNAVAILABLE", "FAILED"),
    }
    for (region, name), statuses in troubles.items():
        repository = account.region(region).registry.repositories[name]
        plain = [each for each in repository.images.values() if each.tags and _MOVING.isdisjoint(each.tags)]
        plain.sort(key=lambda each: -each.pushed_at)
        repository.troubles.update(zip((each.digest for each in plain[2::3]), statuses, strict=False))
