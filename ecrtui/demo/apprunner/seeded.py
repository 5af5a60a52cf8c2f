"""The App Runner services of the seeded account. App Runner does not exist in Seoul."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.demo.account import Account
from ecrtui.demo.apprunner.state import AppService, service_arn
from ecrtui.demo.catalogue import FRANKFURT, TOKYO, VIRGINIA
from ecrtui.demo.iam.seeded import APPRUNNER, SANDBOX, role_arn

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class _App:
    name: str
    region: str
    image: str
    """`repository:tag` in that region's registry, a reference with a host, or empty for source code."""
    days: float
    auto: bool = False
    role: str = APPRUNNER
    status: str = "RUNNING"


_APPS = (
    _App("edge-proxy", TOKYO, "edge-proxy:latest", 45, auto=True),
    _App("pet-web-tokyo", TOKYO, "pet-web:staging", 30, auto=True),
    _App("batch-console", TOKYO, "legacy-batch:latest", 38),
    _App("edge-preview", TOKYO, "edge-proxy:staging", 1, role=SANDBOX, status="CREATE_FAILED"),
    _App("hello", TOKYO, "public.ecr.aws/aws-containers/hello-app-runner:latest", 90, role=""),
    _App("us-gateway", VIRGINIA, "us-gateway:production", 25),
    _App("ledger-console", VIRGINIA, "ledger:latest", 60, status="PAUSED"),
    _App("campaign-2025", FRANKFURT, "campaign-web:v2.4.0", 210, status="PAUSED"),
    _App("status-page", FRANKFURT, "", 80, auto=True, role=""),
)


def seed_app_services(account: Account, now: float) -> None:
    """Make them."""
    for app in _APPS:
        host = f"{account.id}.dkr.ecr.{app.region}.amazonaws.com"
        image = app.image if "/" in app.image or not app.image else f"{host}/{app.image}"
        made = AppService(
            app.name,
            service_arn(account.id, app.region, app.name),
            image,
            created_at=now - (app.days + 60) * _DAY,
            deployed_at=now - app.days * _DAY,
            auto=app.auto,
            role=role_arn(app.role) if app.role else "",
            status=app.status,
        )
        account.region(app.region).app_services[made.arn] = made
