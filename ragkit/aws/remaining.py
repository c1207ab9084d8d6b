"""What ragkit made on SageMaker and is still there, so that nothing costs money unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack

from ragkit._checks import reject_unknown
from ragkit.aws.autoscaling import resource_id
from ragkit.aws.clients import Clients, Connection
from ragkit.aws.deleting import delete_all
from ragkit.aws.resources import TAG, TAG_ID, Resource, tags_of
from ragkit.aws.waiting import Progress, Wait
from ragkit.errors import InvalidInputError

__all__ = ["Leftover", "Leftovers", "leftovers"]

_LISTS = (
    ("endpoint", "list_endpoints", "Endpoints", "Endpoint"),
    ("endpoint configuration", "list_endpoint_configs", "EndpointConfigs", "EndpointConfig"),
    ("model", "list_models", "Models", "Model"),
)


@dataclass(frozen=True, slots=True)
class Leftover:
    """One thing that is still there.

    Attributes:
        kind: "endpoint", which costs money; "endpoint configuration" or "model", which don't.
        name: Its name.
        status: An endpoint's: "InService", "Failed", …; empty for the others.
        created: When it was made.
        serves: "llm" or "embedder".
        deployment_id: What tells it from another of the same name.
    """

    kind: str
    name: str
    status: str
    created: datetime
    serves: str
    deployment_id: str = ""

    @property
    def age(self) -> timedelta:
        """The time since it was made."""
        return datetime.now(UTC) - self.created

    def __str__(self) -> str:
        hours = self.age.total_seconds() / 3600
        return f"{self.kind} {self.name!r} ({self.serves}), {hours:,.1f} hours old {self.status}"


class Leftovers(tuple[Leftover, ...]):
    """What `leftovers` found; printing it shows a line for each."""

    _clients: Clients

    def delete(
        self,
        *names: str,
        timeout: float = 3600.0,
        interval: float = 15.0,
        progress: Progress = None,
    ) -> None:
        """Deletes all of it, or only what has one of the names.

        What another deployment has made under one of the names since is passed over.

        Args:
            names: Of what to delete; none for all.
            timeout: Seconds to wait for an endpoint that is still being created.
            interval: Seconds between two looks.
            progress: As with `SageMakerEndpoint.wait`.

        Raises:
            InvalidInputError: If nothing has one of the names.
            DeploymentError: If anything could not be deleted; ``left`` lists it.
        """
        unknown = set(names) - {one.name for one in self}
        if unknown:
            raise InvalidInputError(f"Nothing here is named {min(unknown)!r}.")
        groups: dict[str, list[Resource]] = {}
        for one in self:
            if not names or one.name in names:
                groups.setdefault(one.name, []).extend(self._parts(one))
        delete_all(self._clients, groups.values(), Wait("", timeout, interval, progress))

    def _parts(self, one: Leftover) -> list[Resource]:
        parts = [Resource(one.kind, one.name, one.deployment_id)]
        if one.kind == "endpoint" and self._clients.can_scale:
            parts.append(Resource("autoscaling", resource_id(one.name), one.deployment_id))
        return parts

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "Nothing is left."

    def __repr__(self) -> str:
        return f"<Leftovers: {len(self)}>"

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Copied and pickled as a plain tuple, since clients can't be."""
        return tuple, (list(self),)


def leftovers(
    *,
    older_than: timedelta | None = None,
    **connection: Unpack[Connection],
) -> Leftovers:
    """The endpoints, endpoint configurations and models in a region that have ragkit's tag.

    Those in use are among them, and a colleague's: look before you delete. SageMaker is asked
    for the tags of each thing by itself, one request for each in the account.

    Args:
        older_than: Leaves out what is younger.
        connection: How SageMaker is reached: see `Connection`.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work.
    """
    reject_unknown("leftovers()", connection, {*Connection.__annotations__, "older_than"})
    if older_than is not None and not isinstance(older_than, timedelta):
        raise InvalidInputError(f"older_than is {older_than!r}; it has to be a timedelta.")
    clients = Clients(**connection)
    before = datetime.now(UTC) - (older_than or timedelta(0))
    found = []
    for kind, operation, key, spelt in _LISTS:
        for item in clients.pages(operation, key):
            if older_than is not None and item["CreationTime"] > before:
                continue
            tags = tags_of(clients, item[f"{spelt}Arn"])
            if TAG in tags:
                found.append(_leftover(kind, spelt, item, tags))
    result = Leftovers(found)
    result._clients = clients
    return result


def _leftover(kind: str, spelt: str, item: dict[str, Any], tags: dict[str, str]) -> Leftover:
    return Leftover(
        kind,
        item[f"{spelt}Name"],
        item.get("EndpointStatus", ""),
        item["CreationTime"],
        tags[TAG],
        tags.get(TAG_ID, ""),
    )
