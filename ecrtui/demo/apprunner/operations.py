"""App Runner: its services, listed and described. The digest that runs is not among what it says."""

from __future__ import annotations

from ecrtui.demo.apprunner.state import AppService
from ecrtui.demo.operations import APPRUNNER, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page

_PAGE = 20
_DEPLOYING_SECONDS = 150.0
"""How long after a push a service that deploys by itself has been updated."""


@APPRUNNER("ListServices")
def list_services(call: Call) -> Answer:
    services = sorted(call.region.app_services.values(), key=lambda each: each.arn)
    size = min(call.get("MaxResults", _PAGE), _PAGE)
    page, token = offset_page(services, "services", call.get("NextToken"), size, APPRUNNER.invalid)
    answer: Json = {"ServiceSummaryList": [_summary(call, each) for each in page]}
    return {**answer, "NextToken": token} if token else answer


@APPRUNNER("DescribeService")
def describe_service(call: Call) -> Answer:
    service = _service(call, call.params["ServiceArn"])
    return {
        "Service": {
            **_summary(call, service),
            "SourceConfiguration": _source(service),
            "InstanceConfiguration": {"Cpu": "1024", "Memory": "2048"},
            "AutoScalingConfigurationSummary": {
                "AutoScalingConfigurationArn": service.arn.split(":service/")[0]
                + ":autoscalingconfiguration/DefaultConfiguration/1/00000000000000000000000000000001",
                "AutoScalingConfigurationName": "DefaultConfiguration",
                "AutoScalingConfigurationRevision": 1,
            },
            "NetworkConfiguration": {
                "EgressConfiguration": {"EgressType": "DEFAULT"},
                "IngressConfiguration": {"IsPubliclyAccessible": True},
            },
        }
    }


@APPRUNNER("ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    _service(call, call.params["ResourceArn"])
    return {"Tags": []}


def _service(call: Call, arn: str) -> AppService:
    found = call.region.app_services.get(arn)
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"Service with ARN {arn} does not exist.")
    return found


def _summary(call: Call, service: AppService) -> Json:
    return {
        "ServiceName": service.name,
        "ServiceId": service.id,
        "ServiceArn": service.arn,
        "ServiceUrl": f"{service.id[:10]}.{call.region.name}.awsapprunner.com",
        "CreatedAt": service.created_at,
        "UpdatedAt": _updated_at(call, service),
        "Status": service.status,
    }


def _updated_at(call: Call, service: AppService) -> float:
    """When it was deployed: with automatic deployment, soon after the last push to its tag."""
    uri, _, tag = service.image.rpartition(":")
    repository = call.account.find_repository(uri) if service.auto else None
    if repository is None or tag not in repository.tagged:
        return service.deployed_at
    pushed_at = repository.images[repository.tagged[tag]].pushed_at
    return max(service.deployed_at, min(call.now, pushed_at + _DEPLOYING_SECONDS / call.account.speed))


def _source(service: AppService) -> Json:
    source: Json = {"AutoDeploymentsEnabled": service.auto}
    if not service.image:
        branch = {"Type": "BRANCH", "Value": "main"}
        repository = {"RepositoryUrl": f"https://github.com/acme/{service.name}", "SourceCodeVersion": branch}
        return {**source, "CodeRepository": repository}
    if service.role:
        source["AuthenticationConfiguration"] = {"AccessRoleArn": service.role}
    return {
        **source,
        "ImageRepository": {
            "ImageIdentifier": service.image,
            "ImageConfiguration": {"Port": "8080"},
            "ImageRepositoryType": "ECR_PUBLIC" if service.public else "ECR",
        },
    }
