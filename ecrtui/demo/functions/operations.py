"""Lambda: functions and their versions, over its REST protocol."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl, unquote

from ecrtui.demo.functions.state import Function, Version
from ecrtui.demo.operations import LAMBDA, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page

PATH = "/2015-03-31/functions"
_PAGE = 50
_NAME = re.compile(
    r"(?:(?:arn:aws:lambda:(?P<region>[a-z0-9-]+):)?(?P<account>\d{12}):function:)?"
    r"(?P<name>[A-Za-z0-9_.-]+)(?::(?P<qualifier>\$LATEST|[\w-]+))?"
)


def asked(method: str, path: str, query: str) -> tuple[str, Json] | None:
    """The operation and parameters of a request; None when it is none of ours."""
    if method != "GET" or not path.startswith(PATH):
        return None
    params: Json = dict(parse_qsl(query))
    rest = unquote(path.removeprefix(PATH)).strip("/")
    if not rest:
        return "ListFunctions", params
    return None if "/" in rest else ("GetFunction", {"FunctionName": rest, **params})


@LAMBDA("ListFunctions")
def list_functions(call: Call) -> Answer:
    every = call.get("FunctionVersion") == "ALL"
    master = call.get("MasterRegion")
    if master is not None and not every:
        raise ServiceError(LAMBDA.invalid, "MasterRegion requires FunctionVersion to be ALL.")
    items = [
        (function, version)
        for function in sorted(call.region.functions.values(), key=lambda each: each.name)
        if master is None or _replicated_from(function, master)
        for version in (function.versions if every else function.versions[:1])
    ]
    size = min(call.get("MaxItems", _PAGE), _PAGE)
    page, marker = offset_page(items, f"functions {every} {master}", call.get("Marker"), size, LAMBDA.invalid)
    listed = [_configuration(call, function, version, qualified=every) for function, version in page]
    answer: Json = {"Functions": listed}
    return {**answer, "NextMarker": marker} if marker else answer


def _replicated_from(function: Function, region: str) -> bool:
    return bool(function.master) and region in ("ALL", function.master.split(":")[3])


@LAMBDA("GetFunction")
def get_function(call: Call) -> Answer:
    asked = call.params["FunctionName"]
    match = _NAME.fullmatch(asked)
    if match is None:
        raise ServiceError(LAMBDA.invalid, f"Invalid function name: {asked}")
    found = call.region.functions.get(match["name"])
    qualifier = call.get("Qualifier", match["qualifier"])
    here = match["region"] in (None, call.region.name) and match["account"] in (None, call.account.id)
    versions = found.versions if found is not None and here else ()
    version = next((each for each in versions if qualifier in (None, each.number)), None)
    if found is None or version is None:
        arn = f"arn:aws:lambda:{call.region.name}:{call.account.id}:function:{match['name']}"
        named = f"{arn}:{qualifier}" if qualifier else arn
        raise ServiceError("ResourceNotFoundException", f"Function not found: {named}", 404, Type="User")
    configuration = _configuration(call, found, version, qualified=qualifier is not None)
    return {
        "Configuration": configuration | _state(found),
        "Code": _code(call, found, version),
        "Tags": {},
    }


def _configuration(call: Call, function: Function, version: Version, *, qualified: bool) -> Json:
    arn = f"arn:aws:lambda:{call.region.name}:{call.account.id}:function:{function.name}"
    content = version.digest or f"zip {function.name}"
    configuration: Json = {
        "FunctionName": function.name,
        "FunctionArn": f"{arn}:{version.number}" if qualified else arn,
        "Role": function.role,
        "CodeSize": 0 if function.is_image else 48_211,
        "Description": "",
        "Timeout": 30,
        "MemorySize": 512,
        "LastModified": datetime.fromtimestamp(version.modified_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "CodeSha256": _code_hash(content),
        "Version": version.number,
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Image" if function.is_image else "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
    }
    if not function.is_image:
        configuration |= {"Runtime": "python3.12", "Handler": "app.handler"}
    return configuration | ({"MasterArn": function.master} if function.master else {})


def _code_hash(content: str) -> str:
    """As Lambda gives it: of an image its digest without the prefix, of an archive in base64."""
    if content.startswith("sha256:"):
        return content.removeprefix("sha256:")
    return base64.b64encode(sha256(content.encode()).digest()).decode()


def _state(function: Function) -> Json:
    if not function.reason:
        return {"State": "Active", "LastUpdateStatus": "Successful"}
    return {
        "State": "Failed",
        "StateReason": "The image that this function was deployed from is gone.",
        "StateReasonCode": function.reason,
        "LastUpdateStatus": "Successful",
    }


def _code(call: Call, function: Function, version: Version) -> Json:
    if not function.is_image:
        location = f"{call.url}/awslambda-{call.region.name}-tasks/{function.name}"
        return {"RepositoryType": "S3", "Location": location}
    name = version.image.partition("@")[0]
    place, _, last = name.rpartition("/")
    uri = f"{place}/{last.partition(':')[0]}"
    return {
        "RepositoryType": "ECR",
        "ImageUri": version.image,
        "ResolvedImageUri": f"{uri}@{version.digest}",
    }
