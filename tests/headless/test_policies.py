"""The IAM policies that `ecrtui policy` prints: valid, narrow, and neither more nor less than what ecrtui calls.

Commands and changes run against the embedded account behind a recorder; each recorded call is judged, with its
resource, by the policies that were printed for it.
"""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.session import get_session
from memory import MemoryJournal

import ecrtui as package
from ecrtui.aws.account import AwsAccount
from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account
from ecrtui.cli import main
from ecrtui.demo.account import ACCOUNT_ID
from ecrtui.demo.clock import Clock
from ecrtui.demo.functions.operations import asked as lambda_asked
from ecrtui.demo.http import listen
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wire import body_of, signed_for
from ecrtui.demo.wsgi import Application
from ecrtui.domain.image import ImageListing
from ecrtui.headless.policy import _DOCUMENTS as DOCUMENTS
from ecrtui.headless.policy import filled
from ecrtui.services.changes import Gateway, Step
from ecrtui.services.findings import plan_scan
from ecrtui.services.image_tags import plan_tag, plan_untag
from ecrtui.services.images import plan_delete_images
from ecrtui.services.lifecycle_preview import aws_preview
from ecrtui.services.protection import mutability_step, scan_step
from ecrtui.services.repository_deletion import plan_delete_repository

HOME = "ap-northeast-2"
MANAGED_POLICY = 6_144
"""The most characters of a managed policy, white space not counted (IAM quotas)."""

NOT_CALLED = {
    "ecr:TagResource": "CreateRepository with tags needs it beside itself (Service Authorization Reference)",
    "kms:CreateGrant": "ECR asks for it in our name when a repository with a KMS key is created",
    "kms:DescribeKey": "ECR asks for it in our name when a repository with a KMS key is created",
    "kms:RetireGrant": "ECR asks for it in our name when a repository with a KMS key is created",
}
"""What no code path calls by its name, and why it is allowed all the same."""

NOT_EXERCISED = {
    "ec2:DescribeRegions": "asked only where account:ListRegions is refused",
}
"""What the calls below do not come to, and why."""


@dataclass(frozen=True)
class Called:
    """One request that reached the account: its IAM action, its region, and what it is about, as ARNs."""

    action: str
    region: str
    resources: tuple[str, ...]


@dataclass
class Recorder:
    """The embedded account behind a list of what was asked of it."""

    served: Application
    calls: list[Called] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if (called := _called(environ)) is not None:
            self.calls.append(called)
        return self.served(environ, start_response)

    def take(self) -> list[Called]:
        taken, self.calls = self.calls, []
        return taken


def _called(environ: Any) -> Called | None:
    """What a request is; None for what no signature says (a link that S3 answers, the clock of tests)."""
    _, region, service = signed_for(environ)
    if not service:
        assert environ["PATH_INFO"].startswith("/_demo/"), environ["PATH_INFO"]
        return None
    operation, parameters = _asked(environ, service)
    return Called(f"{service}:{operation}", region, tuple(_resources(service, region, operation, parameters)))


def _asked(environ: Any, service: str) -> tuple[str, dict[str, Any]]:
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return target.rpartition(".")[2], json.loads(body_of(environ) or b"{}")
    path = environ["PATH_INFO"]
    match service:
        case "lambda":
            asked = lambda_asked(environ["REQUEST_METHOD"], path, environ["QUERY_STRING"])
            assert asked is not None, path
            return asked
        case "s3":
            return "GetObject", {"object": path.lstrip("/")}
        case "account":
            return path[1:2].upper() + path[2:], {}
    body = parse_qs(body_of(environ).decode())
    return body["Action"][0], {name: values[0] for name, values in body.items()}


def _resources(service: str, region: str, operation: str, asked: dict[str, Any]) -> Iterator[str]:
    """The ARNs that IAM would compare, by the Service Authorization Reference; `*` where an action has none."""
    here = f"arn:aws:{service}:{region}:{ACCOUNT_ID}"
    found = list(_named(service, operation, asked, here))
    yield from found or ["*"]


def _named(service: str, operation: str, asked: dict[str, Any], here: str) -> Iterator[str]:
    match service:
        case "ecr" if operation == "DescribeRepositories":
            yield from (f"{here}:repository/{name}" for name in asked.get("repositoryNames") or ["*"])
        case "ecr" if "repositoryName" in asked:
            yield f"{here}:repository/{asked['repositoryName']}"
        case "ecr" if "resourceArn" in asked:
            yield asked["resourceArn"]
        case "codebuild":
            names = [asked.get("projectName"), *asked.get("names", ())]
            names += [build.partition(":")[0] for build in (asked.get("id"), *asked.get("ids", ())) if build]
            yield from (f"{here}:project/{name}" for name in names if name)
        case "logs":
            yield f"{here}:log-group:{asked['logGroupName']}:log-stream:{asked['logStreamName']}"
        case "s3":
            yield f"arn:aws:s3:::{asked['object']}"
        case "ecs" if operation.startswith("Describe") and operation != "DescribeTaskDefinition":
            yield from (
                arn if arn.startswith("arn:") else f"{here}:service/{arn}"
                for member in ("services", "tasks", "serviceRevisionArns")
                for arn in asked.get(member, ())
            )
        case "apprunner" if "ServiceArn" in asked:
            yield asked["ServiceArn"]
        case "lambda" if "FunctionName" in asked:
            name = asked["FunctionName"]
            yield name if name.startswith("arn:") else f"{here}:function:{name}"
        case "iam":
            yield asked["PolicySourceArn"]


def allows(documents: Iterable[dict[str, Any]], called: Called) -> bool:
    """Whether the documents together allow a call on everything that it is about."""
    statements = [statement for document in documents for statement in document["Statement"]]
    return all(any(_allowed(statement, called, resource) for statement in statements) for resource in called.resources)


def _allowed(statement: dict[str, Any], called: Called, resource: str) -> bool:
    regions = statement.get("Condition", {}).get("StringLike", {}).get("aws:RequestedRegion", ["*"])
    return (
        called.action in statement["Action"]
        and called.region in [region if region != "*" else called.region for region in regions]
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
    )


@pytest.fixture(scope="module")
def recorder() -> Iterator[tuple[Recorder, str]]:
    """A seeded account behind a recorder, and its URL; its builds take a second."""
    application = Recorder(Application(seeded_account(Clock(), speed=120)))
    server = listen(application)  # type: ignore[arg-type]  # its start_response is never called otherwise
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield application, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def record(
    recorder: tuple[Recorder, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., list[Called]]:
    """Run a command; what it called."""
    application, url = recorder
    for name in [name for name in os.environ if name.startswith(("AWS_", "ECRTUI_"))]:
        monkeypatch.delenv(name)
    values = {"HOME": tmp_path, "XDG_CONFIG_HOME": tmp_path / "config", "XDG_STATE_HOME": tmp_path / "state"}
    values |= {"AWS_ACCESS_KEY_ID": "AKIADEMODEMODEMODEMO", "AWS_SECRET_ACCESS_KEY": "demo", "AWS_ENDPOINT_URL": url}
    for variable, value in {**values, "AWS_DEFAULT_REGION": HOME}.items():
        monkeypatch.setenv(variable, str(value))

    def run(*arguments: str, codes: Iterable[int] = (0,)) -> list[Called]:
        application.take()
        code = main(arguments)
        shown = capsys.readouterr()
        assert code in codes, (arguments, code, shown.err)
        return application.take()

    return run


# What is printed


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("regions", [(), ("eu-central-1",), ("eu-central-1", "eu-west-1"), ("cn-north-1",)])
def test_each_is_a_valid_policy(name: str, regions: tuple[str, ...]) -> None:
    document = filled(name, regions, "123456789012", "team/*")
    assert document.keys() == {"Version", "Statement"}
    assert document["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)
    for statement in document["Statement"]:
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert re.fullmatch("[A-Za-z0-9]+", statement["Sid"])
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == sorted(set(statement["Action"]))
        assert statement["Resource"]
        for resource in statement["Resource"]:
            assert resource == "*" or re.fullmatch(r"arn:aws(-cn)?:[a-z0-9]+:[a-z0-9-]*\*?:(\d{12})?:[^$\s]+", resource)
    text = json.dumps(document)
    assert "${" not in text
    assert len(re.sub(r"\s", "", text)) <= MANAGED_POLICY


def test_every_action_is_one_of_aws_and_none_is_a_pattern() -> None:
    session = get_session()
    for name in DOCUMENTS:
        for action in _actions(name):
            service, _, operation = action.partition(":")
            assert operation in session.get_service_model(service).operation_names, action


def test_read_allows_no_change() -> None:
    changing = re.compile(":(?!(Batch)?(Get|Describe|List)|SimulatePrincipalPolicy)")
    assert not [action for action in _actions("read") if changing.search(action)]
    assert "ecr:GetAuthorizationToken" not in {action for name in DOCUMENTS for action in _actions(name)}


def test_arguments_narrow_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--region", "eu-central-1", "--account", "123456789012", "--repository", "team/*")
    assert main(["policy", "delete", *options]) == 0
    [statement] = json.loads(capsys.readouterr().out)["Statement"]
    assert statement["Resource"] == ["arn:aws:ecr:eu-central-1:123456789012:repository/team/*"]
    assert main(["policy", "read", *options]) == 0
    by_sid = {each["Sid"]: each for each in json.loads(capsys.readouterr().out)["Statement"]}
    assert by_sid["RepositoriesRead"]["Resource"] == statement["Resource"]
    assert by_sid["RepositoriesListed"]["Resource"] == ["arn:aws:ecr:eu-central-1:123456789012:repository/*"]
    assert by_sid["ProjectsListed"]["Condition"] == {"StringLike": {"aws:RequestedRegion": ["eu-central-1"]}}
    assert by_sid["StoredBuildspecs"]["Condition"] == {"StringLike": {"aws:ResourceAccount": ["123456789012"]}}


def test_without_arguments_nothing_is_narrowed_by_a_condition(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "read", "--all-regions"]) == 0
    assert not [each for each in json.loads(capsys.readouterr().out)["Statement"] if "Condition" in each]


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == list(DOCUMENTS)
    assert main(["policy", "build", "--format", "table"]) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[1:]] == _actions("build")
    assert main(["policy", "build", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("sid,effect,action,resources,conditions\n")


@pytest.mark.parametrize(
    "options",
    [
        ("--account", "12345"),
        ("--repository", 'x"]}'),
        ("--repository", "${aws:username}"),
        ("--region", "cn-north-1,eu-west-1"),
    ],
)
def test_what_cannot_be_part_of_a_policy_is_refused(options: tuple[str, ...]) -> None:
    assert main(["policy", "read", *options]) == 2


def _actions(name: str) -> list[str]:
    return [action for statement in filled(name)["Statement"] for action in statement["Action"]]


# What the code can call


def test_no_more_and_no_less_than_the_code_can_call() -> None:
    """By the source: every operation that `aws/` names, and every call of a change."""
    allowed = {action for name in DOCUMENTS for action in _actions(name)}
    assert allowed - set(NOT_CALLED) == _callable()
    assert not set(NOT_CALLED) & _callable()


def _callable() -> set[str]:
    """The IAM actions of all operations that are named in the source of `aws`, and in changes of `services`."""
    room = Path(package.__file__).parent
    found = set(_changes(room / "services"))
    session = get_session()
    services = {action.partition(":")[0] for name in DOCUMENTS for action in _actions(name)} - {"kms"}
    models = {service: set(session.get_service_model(service).operation_names) for service in services}
    for path in (room / "aws").glob("*.py"):
        of_file = _SERVICES_OF.get(path.stem) or _by_stem(path.stem)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {f"{service}:{node.value}" for service in of_file if node.value in models[service]}
    return found


_SERVICES_OF = {"account": ("sts",), "awslambda": ("lambda",), "regions": ("account", "ec2")}
_OTHER_ROOMS = (
    *("__init__", "batches", "boto", "call", "codes", "credentials", "decode", "errors", "logins", "paging"),
    *("parts", "providers", "raw", "runtime", "sender", "session", "values"),
    *("credential_errors", "credential_process", "failures", "lookout", "loss", "network", "operation", "refusals"),
    *("streams", "unreachable", "waiting"),
)


def _by_stem(stem: str) -> tuple[str, ...]:
    """The service of a module: that of its name. A KeyError above asks for an entry in one of these tables."""
    return () if stem in _OTHER_ROOMS else (stem.partition("_")[0],)


def _changes(room: Path) -> Iterator[str]:
    for path in room.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ApiCall":
                service, operation = (argument.value for argument in node.args[:2])  # type: ignore[attr-defined]
                assert hasattr(get_session().get_service_model(service).operation_model(operation), "name")
                yield f"{service}:{operation}"


# What the program calls

READING = [
    (("repositories", "--details"), (0, 4)),
    (("repositories", "--all-regions"), (0, 5)),
    (("images", "pet-web"), (0,)),
    (("usage",), (0, 1, 4)),
    (("usage", "pet-web", "-r", "ap-northeast-2,ap-northeast-1"), (0, 1, 4)),
    (("permissions", "pet-web"), (0, 1)),
    (("permissions", "pet-web", "--policy"), (0, 1)),
    (("cost", "--exact"), (0, 4)),
    (("compare",), (1,)),
    (("path", "pet-web"), (0, 1)),
    (("audit", "-r", "ap-northeast-2,ap-northeast-1,us-east-1,eu-central-1"), (0, 1, 3, 4, 5)),
    (("findings", "pet-web"), (0, 1, 4)),
    (("lifecycle", "show", "pet-web"), (0,)),
    (("lifecycle", "preview", "pet-web"), (0, 1)),
    (("watch", "geo-lookup"), (0, 1)),
    (("create", "--all-missing", "--dry-run"), (0, 1, 4)),
]


def test_reading_needs_read_alone_and_all_of_it(
    record: Callable[..., list[Called]], recorder: tuple[Recorder, str]
) -> None:
    called: list[Called] = []
    for command, codes in READING:
        calls = record(*command, codes=codes)
        refused = [each for each in calls if not allows([filled("read")], each)]
        assert calls, command
        assert not refused, (command, refused[:3])
        called += calls
    called += asyncio.run(_what_the_app_reads(recorder))
    assert all(allows([filled("read")], each) for each in called)
    assert set(_actions("read")) - {each.action for each in called} == set(NOT_EXERCISED)


async def _what_the_app_reads(recorder: tuple[Recorder, str]) -> list[Called]:
    """What no command reads: the configuration of an image, and the tags of a repository."""
    async with opened(recorder) as world:
        registry = world.account.registry(HOME)
        tagged = [image.digest for image in await _images(world, "pet-web") if image.tags][:20]
        texts = (await registry.manifests("pet-web", tagged)).values()
        configs = (json.loads(text).get("config", {}).get("digest") for text in texts)
        assert await registry.configuration("pet-web", next(filter(None, configs)))
        await registry.tags((await registry.repository("pet-web")).arn)
        return world.recorder.take()


def test_a_narrowed_policy_is_enough_for_what_it_names(record: Callable[..., list[Called]]) -> None:
    """`--region`, `--account` and `--repository` take away nothing that a look at that repository needs."""
    document = filled("read", (HOME,), ACCOUNT_ID, "pet-*")
    for command in (("images", "pet-web"), ("permissions", "pet-web"), ("path", "pet-web"), ("usage", "pet-web")):
        refused = [called for called in record(*command, codes=(0, 1)) if not allows([document], called)]
        assert not refused, refused[:3]
    elsewhere = [called for called in record("images", "payments-api") if not allows([document], called)]
    assert {called.action for called in elsewhere} == {"ecr:DescribeImages"}


def test_creating(record: Callable[..., list[Called]], tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(_POLICY))
    options = ("--allow-without-project", "--tag", "team=pets", "--policy", str(tmp_path / "policy.json"), "--yes")
    calls = record("create", "policy-made", *options)
    _judge(calls, "create")


_POLICY = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 900},
            "action": {"type": "expire"},
        }
    ]
}


def test_lifecycle(record: Callable[..., list[Called]], recorder: tuple[Recorder, str], tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(_POLICY))
    where = ("edge-proxy", "-r", "ap-northeast-1", "--yes")
    calls: list[Called] = []
    for command in (("put", "--policy", str(tmp_path / "policy.json")), ("delete",), ("restore",)):
        calls += record("lifecycle", *command, *where)
    _judge(calls + asyncio.run(_previewed(recorder)), "lifecycle")


async def _previewed(recorder: tuple[Recorder, str]) -> list[Called]:
    async with opened(recorder) as world:
        gateway, identity = Gateway(world.account, MemoryJournal()), await world.account.identity()
        preview = await aws_preview(gateway, world.account, identity, HOME, "geo-lookup", json.dumps(_POLICY))
        assert preview.report is not None, preview
        return world.recorder.take()


def test_building(record: Callable[..., list[Called]], recorder: tuple[Recorder, str]) -> None:
    account = recorder[0].served.account
    calls = record("build", "geo-lookup", "--env", "STAGE=test")
    newest = list(account.region(HOME).builds)[-1]
    calls += record("stop", newest, codes=(0, 1))
    calls += record("retry", newest, "--watch", codes=(0, 1))
    _judge(calls, "build")


def _judge(calls: list[Called], name: str) -> None:
    """Every call is allowed by `read` and this policy together, and everything that this one allows was called."""
    policies = [filled("read"), filled(name)]
    refused = [called for called in calls if not allows(policies, called)]
    assert not refused, refused[:3]
    assert set(_actions(name)) - set(NOT_CALLED) <= {called.action for called in calls}
    assert not set(_actions(name)) & set(_actions("read"))


@dataclass
class World:
    """The account opened as the app opens it, and its gateway."""

    account: AwsAccount
    recorder: Recorder

    async def apply(self, *steps: Step) -> list[Called]:
        identity = await self.account.identity()
        gateway = Gateway(self.account, MemoryJournal())
        results = [result async for result in gateway.apply_all(steps, identity)]
        assert {result.outcome.value for result in results} == {"done"}, results
        return self.recorder.take()


@asynccontextmanager
async def opened(recorder: tuple[Recorder, str]) -> AsyncIterator[World]:
    application, url = recorder
    keys = StaticCredentials("AKIADEMODEMODEMODEMO", "demo")
    account = await open_account(AccountOptions(region=HOME, endpoint_url=url, credentials=keys))
    assert isinstance(account, AwsAccount)
    application.take()
    yield World(account, application)
    await account.close()


@pytest.fixture
async def world(recorder: tuple[Recorder, str]) -> AsyncIterator[World]:
    """The account of the recorder."""
    async with opened(recorder) as it:
        yield it


async def _images(world: World, name: str) -> list[Any]:
    listing = ImageListing(HOME, name)
    async for _ in world.account.registry(HOME).list_images(listing):
        pass
    return [listing.row(number) for number in range(len(listing))]


async def test_tagging(world: World) -> None:
    image = next(image for image in await _images(world, "geo-lookup") if image.tags)
    _judge(await world.apply(await plan_tag(world.account, HOME, "geo-lookup", image.digest, "policy-test")), "tag")


async def test_protecting_and_scanning(world: World) -> None:
    repository = await world.account.registry(HOME).repository("geo-lookup")
    wanted = "MUTABLE" if repository.mutability != "MUTABLE" else "IMMUTABLE"
    steps = [
        mutability_step(world.account, repository, wanted),
        scan_step(world.account, repository, on=not repository.scan_on_push),
    ]
    calls = await world.apply(*steps)
    tagged = [image for image in await _images(world, "geo-lookup") if image.tags]
    calls += await world.apply(*await plan_scan(world.account, HOME, "geo-lookup", tagged[:1]))
    _judge(calls, "protect")


async def test_deleting(world: World) -> None:
    name = "search-indexer"
    *_, other, image = (image for image in await _images(world, name) if len(image.tags) == 1)
    calls = await world.apply(await plan_untag(world.account, HOME, name, image.tags[0], allow_in_use=True))
    deletion = await plan_delete_images(world.account, HOME, name, [other.digest], allow_in_use=True)
    calls += await world.apply(*deletion.steps)
    gone = await plan_delete_repository(world.account, HOME, name, allow_in_use=True)
    _judge(calls + await world.apply(*gone.steps), "delete")
