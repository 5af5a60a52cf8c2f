"""An account whose every string tries to act on the terminal, on Textual, or on whoever uses it as a name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from memory import (
    ACCOUNT,
    MANIFEST,
    NOW,
    REGION,
    Fault,
    MemoryAccount,
    a_build,
    a_project,
    a_repository,
    an_image,
    an_index,
    digest_of,
)

from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.build import Phase, PhaseContext
from ecrtui.domain.cost import Prices
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.image_config import IMAGE_CONFIGS
from ecrtui.domain.permission import PUSH_ACTIONS, TOKEN, Decision, Simulated
from ecrtui.domain.project import EnvironmentVariable
from ecrtui.domain.reference import parse
from ecrtui.domain.registry import (
    CreationTemplate,
    Destination,
    PullThroughRule,
    RegistrySettings,
    Replica,
    ReplicationRule,
    ScanningRule,
)
from ecrtui.domain.scan import Finding, ScanReport
from ecrtui.domain.usage import Usage, Use, UseKind
from ecrtui.services.ports import Identity, PreviewMark, PreviewReport, RegionStatus

PAYLOADS = {
    "clear": "\x1b[2J\x1b[H",
    "colour": "\x1b[31;5mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "link": "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "unterminated": "\x1b]0;owned",
    "dcs": "\x1bP+q544e\x1b\\",
    "apc": "\x1b_Ga=T;AAAA\x1b\\",
    "reset": "\x1bc\x0e\x0f\x1b7\x1b8",
    "c1": "\x9b2J\x9d0;owned\x9c\x90q\x84\x85",
    "controls": "\x00\x01\b\b\b\x7f\x0b\x0c\x05",
    "overwrite": "safe\rEVIL",
    "lines": "one\ntwo\u2028three\u2029four\x85five\r\nsix",
    "tab": "a\tb",
    "bidi": "\u202egnp.exe\u202c\u2066x\u2069\u200f",
    "invisible": "a\u200b\u200d\ufeff\u2060\u00ad\U000e0041b",
    "marks": "e" + "\u0301" * 200_000,
    "wide": "\u6f22\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f\u3000\uff71",
    "scripts": "שלום مرحبا 한국어 漢字 \U0001f680",
    "surrogate": "\ud800x\udfff",
    "markup": "[/][/foo][bold red]x[/] [b",
    "click": "[@click=app.quit]quit[/]",
    "lock": "([sys:LOCK=SAFE]) :secret: :key: x[/",
    "path": "../../x;-rf $(id) `id` %s {0} '\"",
    "long": "L" * 1_000_000,
}
"""What a stranger may have written, by what it tries; and, as `scripts`, what is to stay as it is."""
MIX = "".join(payload for name, payload in PAYLOADS.items() if name not in ("marks", "long"))
EVIL = "pet-web"
"""The repository whose images and project are hostile though its name is not."""
LACKING = "no-repository"
"""A hostile project that lacks its repository."""


@dataclass
class HostileFault(Fault):
    """A refusal whose words are hostile too."""

    def error(self, region: str, target: str) -> AppError:
        return AppError(
            self.kind, MIX, MIX, MIX, MIX, action=MIX if self.kind is ErrorKind.DENIED else "", request_id=MIX, code=MIX
        )


SUPPRESSED = (Suppression("*", "r-*", MIX), Suppression("*", MIX, MIX, date(2020, 1, 1)))
"""Accepted findings, for reasons that are hostile too: a configuration is shared, as code is."""


def hostile_account(who: str = "") -> MemoryAccount:
    """Everything at once. `who` stands behind the account's number, which then leads to no role."""
    children = {f"linux/{name}{payload[:99]}": digest_of(name) for name, payload in PAYLOADS.items()}
    index, manifest = an_index(f"index{MIX}", children=children, pushed_at=NOW - 5)
    image, texts = _layered("v1", "v2")
    images = [index, image, *(_image(name, payload, number) for number, (name, payload) in enumerate(PAYLOADS.items()))]
    account = MemoryAccount(
        regions=(REGION, RegionStatus(f"x{MIX}"), RegionStatus("eu-west-3", MIX)),
        repositories=[
            a_repository(EVIL),
            *(
                a_repository(f"r-{name}{payload}", exclusions=(payload,), mutability=payload, kms_key=payload)
                for name, payload in PAYLOADS.items()
            ),
        ],
        images={
            EVIL: images,
            **{f"r-{name}{payload}": [_image(name, payload, 0)] for name, payload in PAYLOADS.items()},
        },
        manifests={index.digest: manifest, **texts},
        policies={
            EVIL: _policy(MIX.replace(PAYLOADS["surrogate"], "")),
            **{f"r-{name}{payload}": _policy(payload, payload) for name, payload in PAYLOADS.items()},
            "r-colour" + PAYLOADS["colour"]: MIX,
        },
        repository_policies={
            EVIL: _permits(MIX.replace(PAYLOADS["surrogate"], "")),
            **{f"r-{name}{payload}": _permits(payload, payload) for name, payload in PAYLOADS.items()},
            "r-title" + PAYLOADS["title"]: MIX,
        },
        projects=[
            _project(EVIL, MIX),
            _project(LACKING, MIX),
            *(_project(f"r-{name}{payload}", payload) for name, payload in PAYLOADS.items()),
        ],
        buildspecs={f"{_STORED}{name}": _buildspec(payload) for name, payload in PAYLOADS.items()},
        builds=[
            _build(EVIL, MIX, 1),
            _build(EVIL, MIX, 2, status="FAILED"),
            *(
                _build(f"r-{name}{payload}", payload, number, status=f"FAILED{payload}")
                for number, (name, payload) in enumerate(PAYLOADS.items(), 10)
            ),
        ],
        usages={REGION: _usage(image.digest)},
        settings=[_settings()],
        scans=[_scan(each.digest) for each in (image, *images[3:5])]
        + [ScanReport(digest_of(name), payload, payload) for name, payload in PAYLOADS.items()],
        replicas={image.digest: [Replica(Destination("eu-west-3", ACCOUNT), MIX, MIX)]},
        simulations={
            _role(name, payload): [
                *(
                    Simulated(
                        action, "*" if action == TOKEN else f"{EVIL}{payload}", Decision.UNKNOWN, True, (payload,)
                    )
                    for action in (TOKEN, *PUSH_ACTIONS)
                ),
            ]
            for name, payload in (("mix", MIX), *PAYLOADS.items())
        },
        prices={REGION: Prices(MIX, MIX, 0.1, 0.1, 0.07, 150 * 10**12)},
        identity=Identity(f"{ACCOUNT}{who}", f"arn:aws:iam::{ACCOUNT}:user/{MIX}", MIX),
        profile=f"prod{MIX}",
        endpoint=f"http://{MIX}",
        page_size=7,
    )
    account.login.command = ("aws", "sso", "login", "--profile", MIX)
    lines = [f"{name} {payload} end" for name, payload in PAYLOADS.items()]
    for number in (1, 2):
        account.write_log(f"{EVIL}:{number:08x}", *lines, f"denied: {MIX}", f"v1: digest: {MIX} size: 1")
    arn = account.area(REGION).repositories[EVIL].arn
    account.area(REGION).tags[arn] = {f"k{MIX}": f"v{MIX}"}
    account.area(REGION).previews[EVIL] = PreviewReport(f"COMPLETE{MIX}", (PreviewMark(index.digest, (MIX,), MIX, 1),))
    return account


_STORED = "arn:aws:s3:::bucket/"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def _role(name: str, payload: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}{payload}"


def _layered(*tags: str) -> tuple[Image, dict[str, str]]:
    """An image of which the manifest and the configuration can be read, and these by their digests."""
    config = {
        "os": MIX,
        "created": MIX,
        "config": {
            "User": MIX,
            "Env": [f"{MIX}={MIX}"],
            "Cmd": [MIX],
            "WorkingDir": MIX,
            "ExposedPorts": {MIX: {}},
            "Labels": {MIX: MIX},
        },
        "history": [{"created_by": payload} for payload in PAYLOADS.values()],
    }
    said = json.dumps(config)
    layers = [{"digest": digest_of(name), "size": 9, "mediaType": payload} for name, payload in PAYLOADS.items()]
    text = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": IMAGE_CONFIGS[0], "digest": digest_of(said), "size": 1},
            "layers": layers,
        }
    )
    image = an_image(*tags, pushed_at=NOW - 9, digest=digest_of(text))
    return image, {digest_of(text): text, digest_of(said): said}


def _scan(digest: str) -> ScanReport:
    found = [
        Finding(f"{name}{payload}", severity, payload, payload, payload, payload, 9.8, payload, payload)
        for name, payload in PAYLOADS.items()
        for severity in ("CRITICAL", payload)
    ]
    return ScanReport(digest, "COMPLETE", MIX, True, {"CRITICAL": len(found), MIX: 3}, tuple(found), NOW - 90)


def _usage(digest: str) -> Usage:
    references = [parse(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{EVIL}:{tag}") for tag in ("v1", "v2", "gone")]
    kinds: tuple[UseKind, ...] = ("ecs-service", "ecs-task", "apprunner-service", "lambda-function")
    uses = [
        Use(kinds[number % 4], f"cluster/{name}{payload}", REGION, reference, digest, 1, role=_role(name, payload))
        for number, (name, payload) in enumerate(PAYLOADS.items())
        if (reference := references[number % 3]) is not None
    ]
    return Usage(tuple(uses), (MIX,))


def _settings() -> RegistrySettings:
    return RegistrySettings(
        REGION,
        f"{ACCOUNT}{MIX}",
        (ReplicationRule((Destination("eu-west-3", ACCOUNT), Destination(f"x{MIX}", MIX)), ("pet", MIX)),),
        MIX,
        (ScanningRule(MIX, ("*", MIX)),),
        (PullThroughRule(MIX, MIX), PullThroughRule("pet", MIX)),
        (CreationTemplate(MIX, (MIX,)), CreationTemplate("ROOT", (MIX,))),
        unread={"blob_mounting": MIX},
    )


def _permits(payload: str, version: str = "2012-10-17") -> str:
    statement = {
        "Sid": payload,
        "Effect": "Allow",
        "Principal": {"AWS": [payload, _role("x", payload)], "Service": payload},
        "Action": [payload, "ecr:PutImage"],
        "Resource": payload,
        "Condition": {"StringLike": {payload: payload}, payload: {payload: [payload]}},
    }
    return json.dumps({"Version": version, "Statement": [statement, {payload: payload}]})


def refuse_everything(account: MemoryAccount) -> None:
    """From now on every answer is a refusal in hostile words."""
    actions = ("ecr:DescribeRepositories", "ecr:DescribeImages", "codebuild:ListProjects", "codebuild:ListBuilds")
    actions += ("account:ListRegions", "sts:GetCallerIdentity", "ecs:ListClusters", "logs:GetLogEvents")
    actions += ("codebuild:BatchGetBuilds", "ecr:GetLifecyclePolicy", "codebuild:ListBuildsForProject")
    kinds = (ErrorKind.DENIED, ErrorKind.SERVICE, ErrorKind.THROTTLED, ErrorKind.MALFORMED)
    for number, action in enumerate(actions):
        account.faults.active.append(HostileFault(action, kinds[number % len(kinds)], None, None, None, 0))


def _image(name: str, payload: str, number: int):
    return an_image(
        f"t-{name}{payload}",
        payload,
        pushed_at=NOW - 100 - number,
        media_type=payload,
        artifact_type=payload,
        status=payload,
        subject=payload,
        scan_status=payload,
        severities=((payload, 3),),
    )


def _policy(payload: str, *unknown: str) -> str:
    rule = {
        "rulePriority": 1,
        "description": payload,
        "selection": {
            "tagStatus": "tagged",
            "tagPrefixList": [payload],
            "countType": "imageCountMoreThan",
            "countNumber": 1,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule], **{name: name for name in unknown}}, ensure_ascii=False)


def _project(name: str, payload: str):
    return a_project(
        name,
        description=payload,
        source_type=payload,
        source_location=payload,
        source_version=payload,
        buildspec=_buildspec(payload),
        environment_type=payload,
        environment_image=payload,
        compute_type=payload,
        variables=(EnvironmentVariable(payload, payload), EnvironmentVariable("ECR_URI", payload, payload)),
        service_role=_role("mix" if name == EVIL else name.partition(payload)[0][2:], payload),
        artifacts_type=payload,
    )


def _buildspec(payload: str) -> str:
    return f"version: 0.2\nphases:\n  build:\n    commands:\n      - docker push {payload!r}\n{payload}"


def _build(project: str, payload: str, number: int, **settings):
    phases = (
        Phase("SUBMITTED", "SUCCEEDED", NOW - 90, NOW - 80),
        Phase(f"BUILD{payload}", payload, NOW - 80, NOW - 70, (PhaseContext(payload, payload),)),
    )
    return a_build(
        project,
        number,
        phases=phases,
        source_version=payload,
        resolved_source_version=payload,
        initiator=payload,
        log_link=payload,
        arn=payload,
        **{"current_phase": payload, **settings},
    )
