"""What an endpoint of SageMaker's is made of: looking at the parts, and deleting them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ragkit.aws.autoscaling import deregistering
from ragkit.aws.calls import Call
from ragkit.aws.clients import Clients
from ragkit.aws.waiting import Wait
from ragkit.errors import DeploymentError, EndpointError, EndpointTimeoutError, RagkitError

__all__ = [
    "TAG",
    "TAG_ID",
    "Resource",
    "arn_of",
    "delete_all",
    "described",
    "is_missing",
    "tags_of",
]

TAG = "ragkit"
"""The key of the tag on all that ragkit makes; its value is "llm" or "embedder"."""
TAG_ID = "ragkit:deployment"
"""The key of the tag that tells one deployment from another of the same name."""

# SageMaker has no error class for what does not exist; Application Auto Scaling has one.
_MISSING = re.compile(
    r"refused with (?:\w*NotFound\w*|Validation\w*: (?:Could not find|No scalable target))"
)
# While it is created or changed, an endpoint can't be deleted.
_BUSY = re.compile(r"in-progress endpoint")
_DENIED = re.compile(r"refused with AccessDenied")
_SPELT = {
    "endpoint": ("endpoint", "Endpoint"),
    "endpoint configuration": ("endpoint_config", "EndpointConfig"),
    "model": ("model", "Model"),
}
_ORDER = ("autoscaling", *_SPELT)


@dataclass(frozen=True, slots=True)
class Resource:
    """One part, by kind ("autoscaling", "endpoint", …) and name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}"

    def describing(self) -> Call:
        """What gives its description."""
        operation, spelt = _SPELT[self.kind]
        return Call("sagemaker", f"describe_{operation}", {f"{spelt}Name": self.name})

    def deleting(self) -> Call:
        """What deletes it."""
        if self.kind == "autoscaling":
            return deregistering(self.name)
        operation, spelt = _SPELT[self.kind]
        return Call("sagemaker", f"delete_{operation}", {f"{spelt}Name": self.name})


def described(clients: Clients, resource: Resource) -> dict[str, Any] | None:
    """Its description, or None if it does not exist."""
    try:
        return clients.make(resource.describing())
    except EndpointError as error:
        if is_missing(error):
            return None
        raise


def tags_of(clients: Clients, arn: str) -> dict[str, str]:
    """The tags of what has that ARN; none if it has gone."""
    found: dict[str, str] = {}
    more: dict[str, str] = {}
    while True:
        try:
            reply = clients.make(Call("sagemaker", "list_tags", {"ResourceArn": arn, **more}))
        except EndpointError as error:
            if is_missing(error):
                return {}
            raise
        found |= {tag["Key"]: tag["Value"] for tag in reply.get("Tags", ())}
        if not reply.get("NextToken"):
            return found
        more = {"NextToken": reply["NextToken"]}


def arn_of(resource: Resource, description: dict[str, Any]) -> str:
    """The ARN in a description."""
    return str(description[f"{_SPELT[resource.kind][1]}Arn"])


def is_missing(error: RagkitError) -> bool:
    """Whether a service refused because there is no such thing."""
    return _MISSING.search(str(error)) is not None


def delete_all(clients: Clients, resources: Iterable[Resource], wait: Wait) -> None:
    """Deletes what is there: autoscaling first, then endpoints, configurations and models.

    An endpoint that is still being created is waited for, since SageMaker refuses to delete it;
    if it takes too long, what it needs stays too, because it would hang for an hour without.
    Whatever else fails, the rest is deleted. Who may not ask for autoscaling has none left if the
    endpoint went: SageMaker refuses to delete one that is registered and can't be taken out.

    Raises:
        DeploymentError: If anything could not be deleted; ``left`` lists it.
    """
    failed: list[tuple[Resource, str]] = []
    busy = False
    for resource in sorted(resources, key=lambda one: _ORDER.index(one.kind)):
        if busy and resource.kind in ("endpoint configuration", "model"):
            failed.append((resource, "kept, since the endpoint still needs it"))
            continue
        try:
            _delete(clients, resource, wait)
        except RagkitError as error:
            busy = busy or (resource.kind == "endpoint" and isinstance(error, EndpointTimeoutError))
            failed.append((resource, str(error)))
    if not any(resource.kind == "endpoint" for resource, _ in failed):
        failed = [
            one for one in failed if one[0].kind != "autoscaling" or not _DENIED.search(one[1])
        ]
    if failed:
        causes = "\n".join(f"- {resource}: {cause}" for resource, cause in failed)
        raise DeploymentError(
            f"Not all could be deleted; an endpoint that is left costs money. Call delete() again, "
            f"or delete it in SageMaker's console.\n{causes}",
            reason=failed[0][1],
            left=[str(resource) for resource, _ in failed],
        )


def _delete(clients: Clients, resource: Resource, wait: Wait) -> None:
    def attempt() -> str | None:
        try:
            clients.make(resource.deleting())
        except EndpointError as error:
            if is_missing(error):
                return None
            if resource.kind != "endpoint" or not _BUSY.search(str(error)):
                raise
            description = described(clients, resource) or {}
            return f"{description.get('EndpointStatus', 'Deleted')}, can't be deleted yet"
        return None

    Wait(str(resource), wait.timeout, wait.interval, wait.progress).until(attempt)
