"""The Lambda functions of the seeded account: images that the tag has left, old versions, and many zip archives."""

from __future__ import annotations

from itertools import product

from ecrtui.demo.account import Account
from ecrtui.demo.artifacts import digest_of
from ecrtui.demo.catalogue import SEOUL, VIRGINIA
from ecrtui.demo.functions.state import Function, Version
from ecrtui.demo.iam.seeded import FUNCTIONS, role_arn
from ecrtui.demo.registry import Repository
from ecrtui.demo.workloads import deployed, running_image

_DAY = 86_400.0
_ROLE = role_arn(FUNCTIONS)
_VERBS = ("archive", "audit", "export", "notify", "purge", "rotate", "sync")
_NOUNS = ("carts", "invoices", "keys", "orders", "prices", "reports", "sessions", "users")


def seed_functions(account: Account, now: float) -> None:
    """Functions of images and of archives."""
    seoul = account.region(SEOUL).registry.repositories
    virginia = account.region(VIRGINIA).registry.repositories
    mailer, lookup, edge = seoul["invoice-mailer"], seoul["geo-lookup"], virginia["pet-web"]
    elsewhere = f"210987654321.dkr.ecr.{SEOUL}.amazonaws.com/shared/thumbnailer:v3.2.0"
    gone = f"{seoul['stock-sync'].uri}:main-0000000"
    _add(account, SEOUL, "invoice-mailer", _of(mailer, "latest", now - 50 * _DAY, now, "older"))
    _add(account, SEOUL, "geo-lookup", *_versions(lookup, now))
    _add(account, SEOUL, "thumbnails", Version("$LATEST", now - 100 * _DAY, elsewhere, digest_of(elsewhere)))
    _add(
        account,
        SEOUL,
        "stock-report",
        Version("$LATEST", now - 400 * _DAY, gone, digest_of(gone)),
        reason="ImageDeleted",
    )
    _add(account, VIRGINIA, "pet-web-edge", _of(edge, "staging", now - 5 * _DAY, now, "current"))
    _add(account, VIRGINIA, "ledger-close", *_versions(virginia["ledger"], now))
    for verb, noun in product(_VERBS, _NOUNS):
        _add(account, SEOUL, f"ops-{verb}-{noun}", Version("$LATEST", now - 200 * _DAY))
    master = f"arn:aws:lambda:{VIRGINIA}:{account.id}:function:edge-headers:3"
    _add(account, SEOUL, f"{VIRGINIA}.edge-headers", Version("3", now - 70 * _DAY), master=master)
    headers = (Version("$LATEST", now - 70 * _DAY), *(Version(str(n), now - (100 - 10 * n) * _DAY) for n in (1, 2, 3)))
    _add(account, VIRGINIA, "edge-headers", *headers)


def _add(account: Account, region: str, name: str, *versions: Version, reason: str = "", master: str = "") -> None:
    made = Function(name, region, _ROLE, versions, reason, master)
    account.region(region).functions[name] = made


def _of(repository: Repository, tag: str, at: float, now: float, runs: str, number: str = "$LATEST") -> Version:
    image = running_image(repository, tag, runs, at)
    return Version(number, deployed(image, at, now), f"{repository.uri}:{tag}", image.digest)


def _versions(repository: Repository, now: float) -> tuple[Version, ...]:
    """The newest is what the tag names; a version that was published once still runs what it named then."""
    return (
        _of(repository, "latest", now - 0.5 * _DAY, now, "current"),
        _of(repository, "latest", now - 60 * _DAY, now, "older", "1"),
        _of(repository, "latest", now - 0.5 * _DAY, now, "current", "2"),
    )
