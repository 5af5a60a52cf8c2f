"""What scans find: made up from the digest of the topmost layer, and the same every time."""

from __future__ import annotations

import json
import random
from functools import cache, lru_cache

from ecrtui.demo.operations import Call, Json
from ecrtui.demo.registry import Repository, StoredImage

_PACKAGES = (
    ("openssl", "3.0.11-1~deb12u2", "3.0.15-1~deb12u1", "OS"),
    ("curl", "7.88.1-10", "7.88.1-10+deb12u8", "OS"),
    ("glibc", "2.36-9+deb12u4", "2.36-9+deb12u9", "OS"),
    ("libxml2", "2.9.14+dfsg-1.3", "", "OS"),
    ("zlib", "1:1.2.13.dfsg-1", "", "OS"),
    ("expat", "2.5.0-1", "2.5.0-1+deb12u1", "OS"),
    ("busybox", "1.36.1-r5", "1.36.1-r29", "OS"),
    ("perl", "5.36.0-7+deb12u1", "", "OS"),
    ("golang.org/x/net", "0.17.0", "0.33.0", "GOBINARY"),
)
_WEIGHTS = {"CRITICAL": 1, "HIGH": 4, "MEDIUM": 9, "LOW": 14, "INFORMATIONAL": 5, "UNDEFINED": 1}
_SCORES = {"CRITICAL": (9.0, 10.0), "HIGH": (7.0, 8.9), "MEDIUM": (4.0, 6.9), "LOW": (0.1, 3.9)}


@cache
def _known() -> tuple[Json, ...]:
    """Every vulnerability that there is; images have the first so many of them, so that they can be compared."""
    chance = random.Random("vulnerabilities")
    severities = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()), k=140)
    return tuple(_finding(chance, number, severity) for number, severity in enumerate(severities))


def findings(source: Repository, scanned: StoredImage) -> tuple[Json, ...]:
    """The findings of a basic scan; the same in every account, however the clock that it was made at stood."""
    if scanned.digest in source.grave:
        return _known()
    layers = json.loads(scanned.manifest).get("layers") or [{"digest": scanned.digest}]
    return _of_content(layers[-1]["digest"])


@lru_cache(maxsize=2_048)
def _of_content(digest: str) -> tuple[Json, ...]:
    chance = random.Random(digest)
    count = chance.choice((0, 3, 9, 24, 60, 140))
    return tuple(each for each in _known()[:count] if chance.random() > 0.08)


def _finding(chance: random.Random, number: int, severity: str) -> Json:
    package, version, *_ = chance.choice(_PACKAGES)
    name = f"CVE-20{chance.randint(22, 26)}-{1_000 + number * 137 + chance.randint(0, 99)}"
    low, high = _SCORES.get(severity, (0.0, 0.0))
    return {
        "name": name,
        "description": f"A flaw in {package} allows a crafted input to be read beyond its end.",
        "uri": f"https://security-tracker.debian.org/tracker/{name}",
        "severity": severity,
        "attributes": [
            {"key": "package_name", "value": package},
            {"key": "package_version", "value": version},
            {"key": "CVSS3_SCORE", "value": f"{chance.uniform(low, high):.1f}"},
        ],
    }


def enhanced(call: Call, source: Repository, scanned: StoredImage, finding: Json, seen_at: float) -> Json:
    """A finding as enhanced scanning tells it."""
    name = finding["attributes"][0]["value"]
    package, version, fixed, manager = next(each for each in _PACKAGES if each[0] == name)
    severity = enhanced_severity(finding["severity"])
    score = float(finding["attributes"][2]["value"])
    return {
        "awsAccountId": call.account.id,
        "findingArn": f"arn:aws:inspector2:{call.region.name}:{call.account.id}:finding/{finding['name']}",
        "title": f"{finding['name']} - {package}",
        "description": finding["description"],
        "type": "PACKAGE_VULNERABILITY",
        "severity": severity,
        "score": score,
        "status": "ACTIVE",
        "fixAvailable": "YES" if fixed else "NO",
        "exploitAvailable": "YES" if score >= 9.5 else "NO",
        "firstObservedAt": seen_at,
        "lastObservedAt": seen_at,
        "updatedAt": seen_at,
        "packageVulnerabilityDetails": {
            "vulnerabilityId": finding["name"],
            "source": "DEBIAN_CVE",
            "sourceUrl": finding["uri"],
            "vulnerablePackages": [
                {"name": package, "version": version, "packageManager": manager, "arch": "X86_64"}
                | ({"fixedInVersion": fixed} if fixed else {})
            ],
            "cvss": [{"baseScore": score, "source": "NVD", "version": "3.1"}],
        },
        "remediation": {"recommendation": {"text": "None Provided"}},
        "resources": [_resource(call, source, scanned)],
    }


def _resource(call: Call, source: Repository, scanned: StoredImage) -> Json:
    return {
        "id": f"{source.arn}/{scanned.digest}",
        "type": "AWS_ECR_CONTAINER_IMAGE",
        "details": {
            "awsEcrContainerImage": {
                "repositoryName": source.name,
                "registry": call.account.id,
                "imageHash": scanned.digest,
                "imageTags": list(scanned.tags),
                "architecture": "amd64",
                "pushedAt": scanned.pushed_at,
            }
        },
    }


def enhanced_severity(severity: str) -> str:
    """A severity in the words of enhanced scanning."""
    return "UNTRIAGED" if severity == "UNDEFINED" else severity
