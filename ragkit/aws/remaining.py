"""What ragkit made on SageMaker and is still there, so that nothing costs money unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack

from ragkit._checks import reject_unknown
from ragkit.aws.autoscaling import resource_id
from ragkit.aws.clients import Clients, Connection
from ragkit.aws.deleting import delete_all
from ragkit.aws.resources import TAG, TAG_ID, Resource, described, is_ragkits, tags_of
from ragkit.aws.waiting import Progress, Wait
from ragkit.errors import EndpointError, InvalidInputError

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
    """What `leftovers` found; printing it shows a line for each.

    Attributes:
        unknown: What SageMaker would not let be looked at, such as ``"model 'llama'"``; whether
            ragkit made it is not known.
    """

    _clients: Clients | None = None
    unknown: tuple[str, ...] = ()

    def delete(
        self,
        *names: str,
        timeout: float = 3600.0,
        interval: float = 15.0,
        progress: Progress = None,
    ) -> None:
        """Deletes all of it, or only what has one of the names.

        What another deployment has made under one of the names since is passed over. A
        configuration that an endpoint which stays uses stays too, with its models.

        Args:
            names: Of what to delete; none for all.
            timeout: Seconds to wait for an endpoint that is still being created.
            interval: Seconds between two looks.
            progress: As with `SageMakerEndpoint.wait`.

        Raises:
            InvalidInputError: If nothing has one of the names.
            DeploymentError: If anything could not be deleted; ``left`` lists it.
        """
        clients = self._clients
        if clients is None:
            raise InvalidInputError("Only what leftovers() gave can be deleted, not a copy of it.")
        known = [one.name for one in self]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise InvalidInputError(f"Nothing here is named {unknown[0]!r}.")
        wait = Wait("", timeout, interval, progress)
        groups: dict[str, list[Resource]] = {}
        for one in self:
            if not names or one.name in names:
                groups.setdefault(one.name, []).extend(_parts(one, clients))
        going = {
            part.name for parts in groups.values() for part in parts if part.kind == "endpoint"
        }
        delete_all(clients, groups.values(), wait, used=_configurations_in_use(clients, going))

    def __str__(self) -> str:
        unknown = [f"{name}: its tags can't be read" for name in self.unknown]
        return "\n".join([*map(str, self), *unknown]) or "Nothing is left."

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
    if older_than is not None and not (
        isinstance(older_than, timedelta) and older_than >= timedelta(0)
    ):
        raise InvalidInputError(f"older_than is {older_than!r}; it has to be a timedelta, from 0.")
    clients = Clients(**connection)
    before = datetime.now(UTC) - (older_than or timedelta(0))
    found, unknown = [], []
    for kind, operation, key, spelt in _LISTS:
        for item in clients.pages(operation, key):
            if older_than is not None and item["CreationTime"] > before:
                continue
            try:
                tags = tags_of(clients, item[f"{spelt}Arn"])
            except EndpointError:  # the others are the more worth listing
                unknown.append(f"{kind} {item[f'{spelt}Name']!r}")
                continue
            if is_ragkits(tags):
                found.append(_leftover(kind, spelt, item, tags))
    result = Leftovers(found)
    result._clients, result.unknown = clients, tuple(unknown)
    return result


def _parts(one: Leftover, clients: Clients) -> list[Resource]:
    parts = [Resource(one.kind, one.name, one.deployment_id)]
    if one.kind == "endpoint" and clients.can_scale:
        parts.append(Resource("autoscaling", resource_id(one.name), one.deployment_id))
    return parts


def _configurations_in_use(clients: Clients, going: set[str]) -> dict[str, str]:
    """The endpoint that uses it, by each configuration of endpoints that are not `going`."""
    found = {}
    for item in clients.pages("list_endpoints", "Endpoints"):
        name = item["EndpointName"]
        if name not in going:
            description = described(clients, Resource("endpoint", name)) or {}
            found[str(description.get("EndpointConfigName"))] = name
    return found


def _leftover(kind: str, spelt: str, item: dict[str, Any], tags: dict[str, str]) -> Leftover:
    return Leftover(
        kind,
        item[f"{spelt}Name"],
        item.get("EndpointStatus", ""),
        item["CreationTime"],
        tags[TAG],
        tags.get(TAG_ID, ""),
    )
