"""The names that the seeded account holds: one entry for each project, repository, or pair of both."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.demo.codebuild.plan import Recipe

SEOUL, TOKYO, VIRGINIA, FRANKFURT = "ap-northeast-2", "ap-northeast-1", "us-east-1", "eu-central-1"
REGIONS = (TOKYO, SEOUL, FRANKFURT, VIRGINIA)
REFUSED_REGION = "eu-west-3"

_USUAL = Recipe()
_ENVIRONMENTS = ("latest", "staging", "production")
_URI = "$AWS_ACCOUNT_ID.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com/$IMAGE_REPO_NAME"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in one region."""

    name: str
    region: str = SEOUL
    images: int = -1
    """Manifests in its repository; -1 when there is no repository."""
    builds: int = -1
    """Builds in its history; -1 when there is no project."""
    recipe: Recipe = _USUAL
    variables: tuple[tuple[str, str], ...] = ()
    """Project variables; the value `@own` is the usual URI expression with the project's name."""
    buildspec: str = ""
    """`file` for a buildspec in the source, `s3` for one in a bucket, else an inline one of `texts.BUILDSPECS`."""
    privileged: bool = True
    mutability: str = "MUTABLE"
    exclusions: tuple[str, ...] = ()
    scan: bool = False
    lifecycle: str = ""
    kms: bool = False
    last: str = ""
    """In what the newest build of the history ends (besides what the recipe says): `stopped` or a failure."""
    labels: tuple[tuple[str, str], ...] = ()
    days: int = 420
    """How far its images reach back."""
    extras: tuple[str, ...] = ()
    """Besides ordinary images: `signatures`, `referrers`, `archived`, `helm`; or other tags: `latest-only`, and
    `upstream`, those of another registry."""
    denied: str = ""
    """An ECR operation that is refused for this repository."""
    policy: str = ""
    """A repository policy of `policies`."""
    quiet: float = 3
    """Days since the last push and pull, where no build pushes."""


def _variables(name: str, uri: str = "REPOSITORY_URI") -> tuple[tuple[str, str], ...]:
    return (("AWS_ACCOUNT_ID", "123456789012"), ("IMAGE_REPO_NAME", name), (uri, _URI))


_GUARDED = "IMMUTABLE_WITH_EXCLUSION"
_TEAM = (("team", "storefront"), ("cost-centre", "4711"))

ENTRIES = (
    Entry(
        "pet-web",
        images=412,
        builds=48,
        recipe=Recipe(seconds=50, tests=True),
        variables=_variables("pet-web"),
        buildspec="push",
        scan=True,
        lifecycle="keep-releases",
        labels=_TEAM,
        extras=("signatures", "referrers"),
        policy="partner-pulls",
    ),
    Entry(
        "pet-api",
        images=205,
        builds=36,
        recipe=Recipe("buildx", "go", seconds=58, platforms=("amd64", "arm64")),
        variables=_variables("pet-api", "ECR_URI"),
        buildspec="buildx",
        mutability=_GUARDED,
        exclusions=_ENVIRONMENTS,
        scan=True,
        labels=_TEAM,
        extras=("referrers",),
    ),
    Entry(
        "pet-worker",
        images=80,
        builds=30,
        recipe=Recipe("containerd", "python", seconds=62, tests=True),
        variables=_variables("pet-worker"),
        buildspec="file",
        lifecycle="untagged",
    ),
    Entry(
        "payments-api",
        images=120,
        builds=34,
        recipe=Recipe("classic", "java", seconds=75, tests=True),
        buildspec="push",
        mutability=_GUARDED,
        exclusions=("latest*", "production", "staging"),
        scan=True,
        lifecycle="keep-50",
        kms=True,
        extras=("signatures",),
    ),
    Entry(
        "checkout-web",
        images=60,
        builds=22,
        recipe=Recipe(tests=True),
        buildspec="file",
        variables=(("STRIPE_SECRET_KEY", "example-not-a-real-key-0002"), ("DB_PASSWORD", "example-not-a-password")),
        last="command-failed",
    ),
    Entry(
        "catalog-service",
        images=40,
        builds=14,
        recipe=Recipe("classic", "go", "login-denied"),
        buildspec="push",
        lifecycle="untagged",
    ),
    Entry(
        "notification-service",
        images=30,
        builds=12,
        recipe=Recipe("classic", "python", "push-denied"),
        variables=_variables("notification-service"),
        buildspec="file",
    ),
    Entry("image-resizer", images=25, builds=9, recipe=Recipe(language="go"), buildspec="push", privileged=False),
    Entry(
        "auth-service",
        images=50,
        builds=20,
        recipe=Recipe("containerd", "go", seconds=44),
        buildspec="push",
        mutability="IMMUTABLE",
        scan=True,
        last="tag-immutable",
    ),
    Entry("search-indexer", images=61, builds=18, recipe=Recipe("buildx", "java", seconds=82), buildspec="file"),
    Entry(
        "api-server",
        builds=3,
        variables=_variables("api-server"),
        buildspec="push",
        last="repository-missing",
    ),
    Entry(
        "report-generator",
        builds=6,
        recipe=Recipe(language="python"),
        buildspec="file",
        last="repository-missing",
    ),
    Entry(
        "payment-api",
        images=24,
        builds=11,
        recipe=Recipe("classic", "java", "push-denied"),
        buildspec="push",
        mutability=_GUARDED,
        exclusions=_ENVIRONMENTS,
        labels=_TEAM,
    ),
    Entry(
        "coupon-service",
        images=40,
        builds=12,
        recipe=Recipe("classic", "go", seconds=46),
        variables=(("IMAGE_TAG", "latest"),),
        buildspec="latest",
        lifecycle="untagged",
        extras=("latest-only",),
    ),
    Entry("legacy-frontend", images=45, days=1_400, mutability="MUTABLE", policy="anyone-pulls", quiet=210),
    Entry(
        "base/node",
        images=30,
        mutability="MUTABLE_WITH_EXCLUSION",
        exclusions=("v*",),
        scan=True,
        policy="organisation-pulls",
    ),
    Entry("charts/pet-web", images=14, extras=("helm",)),
    Entry("docker-hub/library/nginx", images=4, extras=("upstream",), days=150),
    Entry(
        "batch-jobs",
        builds=16,
        recipe=Recipe(language="python"),
        variables=_variables("batch-worker"),
        buildspec="file",
    ),
    Entry("batch-worker", images=44, lifecycle="untagged"),
    Entry(
        "mobile-bff",
        builds=11,
        variables=(("REPOSITORY_URI", "123456789012.dkr.ecr.us-east-1.amazonaws.com/mobile-bff"),),
        buildspec="file",
    ),
    Entry(
        "partner-gateway",
        images=6,
        builds=8,
        recipe=Recipe(language="java"),
        variables=(("ECR_URI", "210987654321.dkr.ecr.ap-northeast-2.amazonaws.com/partner-gateway"),),
        buildspec="file",
    ),
    Entry("Pet_Admin", builds=7, recipe=Recipe(target="-"), buildspec="silent"),
    Entry("infra-terraform", builds=15, recipe=Recipe("none", "go"), buildspec="plain", privileged=False),
    Entry("docs-site", builds=10, recipe=Recipe("none", "node"), buildspec="plain", privileged=False),
    Entry(
        "loyalty-service",
        images=0,
        builds=0,
        buildspec="push",
        scan=True,
        mutability=_GUARDED,
        exclusions=_ENVIRONMENTS,
    ),
    Entry(
        "recommendation-engine",
        images=0,
        builds=9,
        recipe=Recipe(language="python", target="-"),
        buildspec="silent",
    ),
    Entry("hr-vault", images=18, builds=5, buildspec="push", kms=True, denied="DescribeImages", policy="denies-us"),
    Entry("cdn-purger", images=20, builds=8, recipe=Recipe("classic", "go", "rate-limited"), buildspec="push"),
    Entry(
        "geo-lookup",
        images=20,
        builds=8,
        recipe=Recipe("classic", "node", "no-space"),
        buildspec="file",
        policy="functions-pull",
    ),
    Entry(
        "invoice-mailer",
        images=15,
        builds=7,
        recipe=Recipe("classic", "node", "retrying-eof"),
        buildspec="push",
        policy="functions-pull",
    ),
    Entry(
        "fraud-scorer",
        images=15,
        builds=9,
        recipe=Recipe("classic", "python"),
        buildspec="s3",
        last="timed-out",
    ),
    Entry("stock-sync", images=10, builds=6, recipe=Recipe("classic", "go", "yaml-error"), buildspec="file"),
    Entry(
        "gift-cards",
        images=10,
        builds=6,
        recipe=Recipe("classic", "node", "no-basic-auth"),
        buildspec="faulty",
        mutability="IMMUTABLE",
    ),
    Entry(
        "arm-edge",
        images=10,
        builds=5,
        recipe=Recipe("classic", "go", "wrong-architecture"),
        buildspec="push",
    ),
    Entry(
        "price-engine",
        images=20,
        builds=9,
        recipe=Recipe("classic", "java", seconds=88),
        buildspec="push",
        last="stopped",
    ),
    Entry(
        "monolith",
        TOKYO,
        images=3_000,
        builds=40,
        recipe=Recipe("classic", "java", seconds=90, tests=True),
        buildspec="file",
        scan=True,
        days=1_900,
        extras=("archived",),
    ),
    Entry(
        "legacy-batch",
        TOKYO,
        images=80,
        builds=12,
        recipe=Recipe("classic", "java"),
        buildspec="push",
        days=1_100,
    ),
    Entry("Data_Loader", TOKYO, builds=4, recipe=Recipe(language="python", target="-"), buildspec="silent"),
    Entry("unit-tests", TOKYO, builds=20, recipe=Recipe("none", "python"), buildspec="plain", privileged=False),
    Entry(
        "edge-proxy",
        TOKYO,
        images=40,
        builds=13,
        recipe=Recipe("classic", "go", seconds=42),
        buildspec="push",
        variables=(("API_TOKEN", "example-not-a-real-token-0001"), ("LOG_LEVEL", "info")),
    ),
    Entry("sandbox", TOKYO, images=20, days=60, policy="anyone-pushes"),
    Entry("archive-store", TOKYO, images=34, days=1_500, lifecycle="archive", extras=("archived",)),
    Entry("mobile-bff", VIRGINIA, images=25),
    Entry(
        "us-gateway",
        VIRGINIA,
        images=60,
        builds=16,
        recipe=Recipe("buildx", "go"),
        buildspec="buildx",
        mutability=_GUARDED,
        exclusions=_ENVIRONMENTS,
    ),
    Entry(
        "ledger",
        VIRGINIA,
        images=40,
        builds=12,
        recipe=Recipe("classic", "java"),
        buildspec="push",
        kms=True,
        lifecycle="keep-12",
    ),
    Entry(
        "ml-training",
        VIRGINIA,
        images=20,
        builds=6,
        recipe=Recipe("containerd", "python", seconds=86),
        buildspec="file",
    ),
    Entry(
        "feature-store",
        VIRGINIA,
        builds=3,
        recipe=Recipe(language="python"),
        buildspec="push",
        last="repository-missing",
    ),
    Entry(
        "gdpr-exporter",
        FRANKFURT,
        images=40,
        builds=12,
        recipe=Recipe("classic", "python"),
        buildspec="push",
        lifecycle="untagged",
    ),
    Entry(
        "eu-gateway",
        FRANKFURT,
        images=31,
        builds=10,
        recipe=Recipe("buildx", "go"),
        buildspec="file",
        scan=True,
    ),
    Entry(
        "consent-api",
        FRANKFURT,
        images=25,
        builds=9,
        buildspec="push",
        variables=_variables("consent-api"),
        policy="project-pushes",
    ),
    Entry(
        "translations",
        FRANKFURT,
        builds=8,
        recipe=Recipe("none", "node"),
        buildspec="plain",
        privileged=False,
    ),
    Entry("preview-web", FRANKFURT, builds=0, buildspec="push"),
    Entry("old-site", FRANKFURT, images=10, days=1_300, policy="broken", quiet=400),
)
"""The whole account. Newest builds of a project end as its recipe says, older ones mostly well."""
