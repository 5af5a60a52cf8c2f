"""ECR: the registry itself: login, registry policy, replication, cache rules, templates, account settings."""

from __future__ import annotations

import base64
from hashlib import sha256

from ecrtui.demo.ecr.lookup import image, repository
from ecrtui.demo.ecr.replication import destinations, status
from ecrtui.demo.ecr.repositories import check_policy_text
from ecrtui.demo.operations import ECR, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page

_TOKEN_LIFE = 12 * 3600.0
_DEFAULTS = {
    "BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE",
    "REGISTRY_POLICY_SCOPE": "V2",
    "BLOB_MOUNTING": "DISABLED",
}


@ECR("GetAuthorizationToken")
def get_authorization_token(call: Call) -> Answer:
    password = sha256(f"{call.region.name} {call.now}".encode()).hexdigest()
    return {
        "authorizationData": [
            {
                "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
                "expiresAt": call.now + _TOKEN_LIFE,
                "proxyEndpoint": f"https://{call.account.id}.dkr.ecr.{call.region.name}.amazonaws.com",
            }
        ]
    }


@ECR("DescribeRegistry")
def describe_registry(call: Call) -> Answer:
    return {
        "registryId": call.account.id,
        "replicationConfiguration": {"rules": call.region.registry.replication},
    }


@ECR("PutReplicationConfiguration")
def put_replication_configuration(call: Call) -> Answer:
    configuration = call.params["replicationConfiguration"]
    registry = call.region.registry
    registry.replication, registry.replicated_since = configuration["rules"], call.now
    return {"replicationConfiguration": configuration}


@ECR("DescribeImageReplicationStatus")
def describe_image_replication_status(call: Call) -> Answer:
    source = repository(call)
    found = image(call, source, call.params["imageId"])
    statuses = [
        status(call.account, source, found, each, call.now) for each in destinations(call.region.registry, source.name)
    ]
    return {
        "repositoryName": source.name,
        "imageId": call.params["imageId"],
        "replicationStatuses": [each for each in statuses if each is not None],
    }


@ECR("GetRegistryPolicy")
def get_registry_policy(call: Call) -> Answer:
    policy = call.region.registry.policy
    if policy is None:
        raise ServiceError(
            "RegistryPolicyNotFoundException",
            f"Registry policy does not exist in the registry with id '{call.account.id}'",
        )
    return {"registryId": call.account.id, "policyText": policy}


@ECR("PutRegistryPolicy")
def put_registry_policy(call: Call) -> Answer:
    check_policy_text(call.params["policyText"])
    call.region.registry.policy = call.params["policyText"]
    return get_registry_policy(call)


@ECR("DeleteRegistryPolicy")
def delete_registry_policy(call: Call) -> Answer:
    answer = get_registry_policy(call)
    call.region.registry.policy = None
    return answer


@ECR("GetAccountSetting")
def get_account_setting(call: Call) -> Answer:
    name = call.params["name"]
    settings = _DEFAULTS | call.region.registry.settings
    if name not in settings:
        raise ServiceError("ValidationException", f"Invalid setting name: {name}")
    return {"name": name, "value": settings[name]}


@ECR("PutAccountSetting")
def put_account_setting(call: Call) -> Answer:
    name, value = call.params["name"], call.params["value"]
    if name not in _DEFAULTS:
        raise ServiceError("ValidationException", f"Invalid setting name: {name}")
    call.region.registry.settings[name] = value
    return {"name": name, "value": value}


@ECR("DescribePullThroughCacheRules")
def describe_pull_through_cache_rules(call: Call) -> Answer:
    wanted = call.get("ecrRepositoryPrefixes")
    rules = [each for each in call.region.registry.cache_rules if not wanted or each["ecrRepositoryPrefix"] in wanted]
    return _paged(call, "pullThroughCacheRules", rules)


@ECR("DescribeRepositoryCreationTemplates")
def describe_repository_creation_templates(call: Call) -> Answer:
    wanted = call.get("prefixes")
    templates = [each for each in call.region.registry.templates if not wanted or each["prefix"] in wanted]
    answer = _paged(call, "repositoryCreationTemplates", templates)
    return {"registryId": call.account.id, **answer}


@ECR("ListPullTimeUpdateExclusions")
def list_pull_time_update_exclusions(call: Call) -> Answer:
    return {"pullTimeUpdateExclusions": []}


@ECR("GetSigningConfiguration")
def get_signing_configuration(call: Call) -> Answer:
    raise ServiceError(
        "SigningConfigurationNotFoundException",
        f"Signing configuration does not exist in the registry with id '{call.account.id}'",
    )


def _paged(call: Call, name: str, items: list[Json]) -> Json:
    page, token = offset_page(items, name, call.get("nextToken"), call.get("maxResults", 100), ECR.invalid)
    answer: Json = {name: list(page)}
    return {**answer, "nextToken": token} if token else answer
