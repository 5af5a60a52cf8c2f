"""An account whose every string tries to act on the terminal, on Textual, or on whoever uses it as a name."""

from __future__ import annotations

import json
from dataclasses import dataclass

from memory import NOW, REGION, Fault, MemoryAccount, a_build, a_project, a_repository, an_image, an_index, digest_of

from ecrtui.domain.build import Phase, PhaseContext
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.project import EnvironmentVariable
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
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
    "surrogate": "\ud800x\udfff",
    "markup": "[/][/foo][bold red]x[/] [b",
    "click": "[@click=app.quit]quit[/]",
    "lock": "([sys:LOCK=SAFE]) :secret: :key: x[/",
    "path": "../../x;-rf $(id) `id` %s {0} '\"",
    "long": "L" * 1_000_000,
}
"""What a stranger may have written, by what it tries."""
MIX = "".join(payload for name, payload in PAYLOADS.items() if name not in ("marks", "long"))
EVIL = "pet-web"
"""The repository whose images and project are hostile though its name is not."""


@dataclass
class HostileFault(Fault):
    """A refusal whose words are hostile too."""

    def error(self, region: str, target: str) -> AppError:
        return AppError(
            self.kind, MIX, MIX, MIX, MIX, action=MIX if self.kind is ErrorKind.DENIED else "", request_id=MIX, code=MIX
        )


def hostile_account() -> MemoryAccount:
    """Everything at once."""
    children = {f"linux/{name}{payload[:99]}": digest_of(name) for name, payload in PAYLOADS.items()}
    index, manifest = an_index(f"index{MIX}", children=children, pushed_at=NOW - 5)
    references = [f"123456789012.dkr.ecr.{REGION}.amazonaws.com/{EVIL}:{tag}" for tag in ("v1", "v2")]
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
            EVIL: [
                index,
                an_image("v1", "v2", pushed_at=NOW - 9),
                *(_image(name, payload, number) for number, (name, payload) in enumerate(PAYLOADS.items())),
            ],
            **{f"r-{name}{payload}": [_image(name, payload, 0)] for name, payload in PAYLOADS.items()},
        },
        manifests={index.digest: manifest},
        policies={
            EVIL: _policy(MIX.replace(PAYLOADS["surrogate"], "")),
            **{f"r-{name}{payload}": _policy(payload, payload) for name, payload in PAYLOADS.items()},
            "r-colour" + PAYLOADS["colour"]: MIX,
        },
        projects=[
            _project(EVIL, MIX),
            *(_project(f"r-{name}{payload}", payload) for name, payload in PAYLOADS.items()),
        ],
        builds=[
            _build(EVIL, MIX, 1),
            _build(EVIL, MIX, 2, status="FAILED"),
            *(
                _build(f"r-{name}{payload}", payload, number, status=f"FAILED{payload}")
                for number, (name, payload) in enumerate(PAYLOADS.items(), 10)
            ),
        ],
        usages={
            REGION: Usage(tuple(Use("ecs-service", f"cluster/{MIX}", REGION, parse(one)) for one in references), (MIX,))
        },
        identity=Identity(f"123456789012{MIX}", f"arn:aws:iam::123456789012:user/{MIX}", MIX),
        profile=f"prod{MIX}",
        endpoint=f"http://{MIX}",
        page_size=7,
    )
    lines = [f"{name} {payload} end" for name, payload in PAYLOADS.items()]
    for number in (1, 2):
        account.write_log(f"{EVIL}:{number:08x}", *lines, f"denied: {MIX}", f"v1: digest: {MIX} size: 1")
    arn = account.area(REGION).repositories[EVIL].arn
    account.area(REGION).tags[arn] = {f"k{MIX}": f"v{MIX}"}
    account.area(REGION).previews[EVIL] = PreviewReport(f"COMPLETE{MIX}", (PreviewMark(index.digest, (MIX,), MIX, 1),))
    return account


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
        buildspec=f"version: 0.2\nphases:\n  build:\n    commands:\n      - docker push {payload!r}\n{payload}",
        environment_type=payload,
        environment_image=payload,
        compute_type=payload,
        variables=(EnvironmentVariable(payload, payload), EnvironmentVariable("ECR_URI", payload, payload)),
        service_role=payload,
        artifacts_type=payload,
    )


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
