"""What an endpoint of SageMaker's is made of, and how each part is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ragkit.aws.autoscaling import deregistering
from ragkit.aws.calls import Call
from ragkit.aws.clients import Clients
from ragkit.errors import EndpointError, RagkitError

__all__ = [
    "TAG",
    "TAG_ID",
    "Resource",
    "arn_of",
    "described",
    "id_of",
    "is_busy",
    "is_denied",
    "is_missing",
    "is_ragkits",
    "tags_of",
]

TAG = "ragkit"
"""The key of the tag on all that ragkit makes; its value is "llm", "embedder" or "training"."""
TAG_ID = "ragkit:deployment"
"""The key of the tag that tells one deployment from another of the same name."""

_SPELT = {
    "endpoint": ("endpoint", "Endpoint"),
    "endpoint configuration": ("endpoint_config", "EndpointConfig"),
    "model": ("model", "Model"),
    "training job": ("training_job", "TrainingJob"),
    "transform job": ("transform_job", "TransformJob"),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One part, by kind ("autoscaling", "endpoint", …) and name.

    Attributes:
        kind: What it is.
        name: Its name, which may be given to another one later.
        deployment_id: The tag `TAG_ID` that it has, by which it is known; "" where that is not
            known, or ragkit did not make it.
    """

    kind: str
    name: str
    deployment_id: str = field(default="", compare=False)

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


def id_of(clients: Clients, resource: Resource) -> str | None:
    """The tag `TAG_ID` of what has that name now, "" without one; None if nothing has."""
    found = described(clients, resource)
    if found is None:
        return None
    return tags_of(clients, arn_of(resource, found)).get(TAG_ID, "")


def is_ragkits(tags: Mapping[str, str]) -> bool:
    """Whether a deployment of ragkit's made what has these tags; others use the word, too."""
    return TAG_ID in tags and tags.get(TAG) in ("llm", "embedder")


def is_busy(error: RagkitError) -> bool:
    """Whether a service refused because an endpoint is just being created or changed."""
    return isinstance(error, EndpointError) and "busy" in error.marks


def is_missing(error: RagkitError) -> bool:
    """Whether a service refused because there is no such thing."""
    return isinstance(error, EndpointError) and "missing" in error.marks


def is_denied(error: RagkitError) -> bool:
    """Whether a service refused because the credentials may not do that."""
    return isinstance(error, EndpointError) and "denied" in error.marks
