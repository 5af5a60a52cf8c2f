"""ECS: what runs which image, over the wire."""

from __future__ import annotations

from ecrtui.demo.ecs.state import Cluster, Deployment, EcsService, Task, TaskDefinition
from ecrtui.demo.operations import ECS, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page


def _page(call: Call, name: str, items: list[str], default: int) -> Json:
    page, token = offset_page(items, name, call.get("nextToken"), call.get("maxResults", default), ECS.invalid)
    answer: Json = {name: list(page)}
    return {**answer, "nextToken": token} if token else answer


def _cluster(call: Call) -> Cluster:
    name = call.get("cluster", "default").rpartition("/")[2]
    if name not in call.region.clusters:
        raise ServiceError("ClusterNotFoundException", "Cluster not found.")
    return call.region.clusters[name]


@ECS("ListClusters")
def list_clusters(call: Call) -> Answer:
    return _page(call, "clusterArns", sorted(each.arn for each in call.region.clusters.values()), 100)


@ECS("DescribeClusters")
def describe_clusters(call: Call) -> Answer:
    clusters = call.region.clusters
    names = [each.rpartition("/")[2] for each in call.get("clusters", ["default"])]
    arn = f"arn:aws:ecs:{call.region.name}:{call.account.id}:cluster/"
    return {
        "clusters": [
            {
                "clusterArn": clusters[name].arn,
                "clusterName": name,
                "status": "ACTIVE",
                "runningTasksCount": sum(task.status == "RUNNING" for task in clusters[name].tasks),
                "pendingTasksCount": 0,
                "activeServicesCount": len(clusters[name].services),
                "registeredContainerInstancesCount": 0,
            }
            for name in names
            if name in clusters
        ],
        "failures": [{"arn": arn + name, "reason": "MISSING"} for name in names if name not in clusters],
    }


@ECS("ListServices")
def list_services(call: Call) -> Answer:
    return _page(call, "serviceArns", sorted(each.arn for each in _cluster(call).services.values()), 10)


@ECS("DescribeServices")
def describe_services(call: Call) -> Answer:
    cluster = _cluster(call)
    asked = call.params["services"]
    if len(asked) > 10:
        raise ServiceError("InvalidParameterException", "Services cannot contain more than 10 elements.")
    found, failures = [], []
    for each in asked:
        service = cluster.services.get(each.rpartition("/")[2])
        if service is None:
            arn = f"arn:aws:ecs:{call.region.name}:{call.account.id}:service/{cluster.name}/"
            failures.append({"arn": each if each.startswith("arn:") else arn + each, "reason": "MISSING"})
        else:
            found.append(_described(cluster, service))
    return {"services": found, "failures": failures}


def _described(cluster: Cluster, service: EcsService) -> Json:
    running = {each.id: _running(cluster, service, each) for each in service.deployments}
    desired = service.primary.tasks
    return {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": cluster.arn,
        "status": "ACTIVE",
        "desiredCount": desired,
        "pendingCount": max(0, desired - sum(running.values())),
        "runningCount": sum(running.values()),
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "taskDefinition": service.primary.definition.arn,
        "deployments": [_deployment(service, each, running[each.id]) for each in service.deployments],
        "currentServiceRevisions": [
            {
                "arn": service.revision_arn(each),
                "requestedTaskCount": each.tasks,
                "runningTaskCount": running[each.id],
                "pendingTaskCount": max(0, each.tasks - running[each.id]),
            }
            for each in service.deployments
        ],
        "loadBalancers": [],
        "serviceRegistries": [],
        "events": _events(service),
        "createdAt": service.primary.at - 90 * 86_400,
        "schedulingStrategy": "REPLICA",
    }


def _running(cluster: Cluster, service: EcsService, deployment: Deployment) -> int:
    return sum(
        task.service == service.name and task.status == "RUNNING" and task.digest == deployment.digest
        for task in cluster.tasks
    )


def _deployment(service: EcsService, deployment: Deployment, running: int) -> Json:
    primary = deployment is service.primary
    moving = len(service.deployments) > 1 or not deployment.digest
    return {
        "id": f"ecs-svc/{deployment.id}",
        "status": "PRIMARY" if primary else "ACTIVE",
        "taskDefinition": deployment.definition.arn,
        "desiredCount": deployment.tasks,
        "pendingCount": max(0, deployment.tasks - running),
        "runningCount": running,
        "failedTasks": 0 if deployment.digest else 12,
        "createdAt": deployment.at,
        "updatedAt": deployment.at + 180,
        "launchType": "FARGATE",
        "rolloutState": "IN_PROGRESS" if primary and moving else "COMPLETED",
    }


def _events(service: EcsService) -> list[Json]:
    """Why a service does not come up."""
    primary = service.primary
    if primary.digest:
        return []
    image = primary.definition.document["containerDefinitions"][0]["image"]
    message = (
        f"(service {service.name}) was unable to place a task: CannotPullContainerError: "
        f"pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
        "not authorized to perform: ecr:BatchGetImage"
    )
    return [{"id": "7a1b9c3d-52e4-4f06-8a7d-0c1e2f3a4b5c", "createdAt": primary.at + 240, "message": message}]


@ECS("DescribeServiceRevisions")
def describe_service_revisions(call: Call) -> Answer:
    revisions = {
        service.revision_arn(each): (cluster, service, each)
        for cluster in call.region.clusters.values()
        for service in cluster.services.values()
        for each in service.deployments
    }
    asked = call.params["serviceRevisionArns"]
    if len(asked) > 20:
        raise ServiceError("InvalidParameterException", "At most 20 service revisions can be described.")
    return {
        "serviceRevisions": [_revision(*revisions[each]) for each in asked if each in revisions],
        "failures": [{"arn": each, "reason": "MISSING"} for each in asked if each not in revisions],
    }


def _revision(cluster: Cluster, service: EcsService, deployment: Deployment) -> Json:
    containers = deployment.definition.document["containerDefinitions"]
    return {
        "serviceRevisionArn": service.revision_arn(deployment),
        "serviceArn": service.arn,
        "clusterArn": cluster.arn,
        "taskDefinition": deployment.definition.arn,
        "launchType": "FARGATE",
        "containerImages": [
            {"containerName": each["name"], "image": each["image"]}
            | ({"imageDigest": deployment.digest} if position == 0 and deployment.digest else {})
            for position, each in enumerate(containers)
        ],
        "createdAt": deployment.at,
    }


@ECS("ListTasks")
def list_tasks(call: Call) -> Answer:
    cluster = _cluster(call)
    service, family = call.get("serviceName"), call.get("family")
    if service is not None and service.rpartition("/")[2] not in cluster.services:
        raise ServiceError("ServiceNotFoundException", "Service not found.")
    status = call.get("desiredStatus", "RUNNING")
    arns = sorted(
        task.arn
        for task in cluster.tasks
        if task.status == status
        and service in (None, task.service, _service_arn(cluster, task))
        and family in (None, task.definition.family)
    )
    return _page(call, "taskArns", arns, 100)


def _service_arn(cluster: Cluster, task: Task) -> str | None:
    return cluster.services[task.service].arn if task.service else None


@ECS("DescribeTasks")
def describe_tasks(call: Call) -> Answer:
    cluster = _cluster(call)
    tasks = {task.arn.rpartition("/")[2]: task for task in cluster.tasks}
    asked = call.params["tasks"]
    if len(asked) > 100:
        raise ServiceError("InvalidParameterException", "Tasks cannot contain more than 100 elements.")
    ids = [each.rpartition("/")[2] for each in asked]
    arn = f"arn:aws:ecs:{call.region.name}:{call.account.id}:task/{cluster.name}/"
    return {
        "tasks": [_task(cluster, tasks[each]) for each in ids if each in tasks],
        "failures": [{"arn": arn + each, "reason": "MISSING"} for each in ids if each not in tasks],
    }


def _task(cluster: Cluster, task: Task) -> Json:
    document = task.definition.document
    answer: Json = {
        "taskArn": task.arn,
        "clusterArn": cluster.arn,
        "taskDefinitionArn": task.definition.arn,
        "group": f"service:{task.service}" if task.service else f"family:{task.definition.family}",
        "lastStatus": task.status,
        "desiredStatus": task.status,
        "launchType": "FARGATE",
        "cpu": document["cpu"],
        "memory": document["memory"],
        "createdAt": task.started_at - 30,
        "startedAt": task.started_at,
        "containers": [
            {
                "containerArn": f"{task.arn.replace(':task/', ':container/')}/{each['name']}",
                "taskArn": task.arn,
                "name": each["name"],
                "image": each["image"],
                "lastStatus": task.status,
            }
            | ({"imageDigest": task.digest} if position == 0 else {})
            for position, each in enumerate(document["containerDefinitions"])
        ],
    }
    if task.status == "STOPPED":
        answer |= {
            "stoppedAt": task.started_at + 3_600,
            "stoppedReason": "Essential container in task exited",
        }
    return answer


def _definition(call: Call, name: str) -> TaskDefinition:
    name = name.rpartition("task-definition/")[2]
    definitions = call.region.task_definitions
    if ":" not in name:
        revisions = [each for each in definitions.values() if each.family == name]
        found = max(revisions, key=lambda each: each.revision, default=None)
    else:
        found = definitions.get(name)
    if found is None:
        raise ServiceError("ClientException", "Unable to describe task definition.")
    return found


@ECS("DescribeTaskDefinition")
def describe_task_definition(call: Call) -> Answer:
    return {"taskDefinition": _definition(call, call.params["taskDefinition"]).document, "tags": []}


@ECS("ListTaskDefinitions")
def list_task_definitions(call: Call) -> Answer:
    prefix = call.get("familyPrefix")
    found = [each for each in call.region.task_definitions.values() if prefix in (None, each.family)]
    found.sort(key=lambda each: (each.family, each.revision), reverse=call.get("sort") == "DESC")
    return _page(call, "taskDefinitionArns", [each.arn for each in found], 100)


@ECS("ListTaskDefinitionFamilies")
def list_task_definition_families(call: Call) -> Answer:
    prefix = call.get("familyPrefix", "")
    families = sorted({each.family for each in call.region.task_definitions.values()})
    return _page(call, "families", [each for each in families if each.startswith(prefix)], 100)
