"""An endpoint on SageMaker, from its creation to its end."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from ragkit._checks import check_flag, reject_unknown
from ragkit.aws.autoscaling import VARIANT, Autoscaling, resource_id
from ragkit.aws.checks import check_name
from ragkit.aws.clients import Clients, Connection
from ragkit.aws.deleting import delete_all, is_gone
from ragkit.aws.resources import TAG, TAG_ID, Resource, arn_of, described, is_ragkits, tags_of
from ragkit.aws.waiting import Progress, Wait
from ragkit.errors import DeploymentError, InvalidInputError

if TYPE_CHECKING:
    from ragkit.embedding import SageMakerEmbedder
    from ragkit.llms import SageMakerLLM

__all__ = ["SageMakerEndpoint", "attach"]

_ENDED = ("Failed", "OutOfService", "UpdateRollbackFailed")


class SageMakerEndpoint:
    """An endpoint, as `deploy_llm`, `deploy_embedder` and `attach` give it.

    It costs money from its creation until it is deleted, asked or not. A ``with`` block deletes
    what was deployed at its end, whatever happens in it; one that was attached to stays.

    Attributes:
        endpoint_name: Its name.
        serves: "llm" or "embedder", as ragkit deployed it; None if ragkit did not make it.
    """

    def __init__(
        self,
        endpoint_name: str,
        clients: Clients,
        *,
        resources: list[Resource],
        foreign: tuple[Resource, ...] = (),
        serves: str | None = None,
        deployment_id: str = "",
        variants: tuple[str, ...] = (VARIANT,),
        deletion: Wait | None = None,
    ) -> None:
        self.endpoint_name = endpoint_name
        self.serves = serves
        self._resource = Resource("endpoint", endpoint_name, deployment_id)
        self._attached = deletion is None
        self._clients = clients
        self._resources, self._foreign = resources, foreign
        self._variants = variants
        self._deletion = deletion or Wait(self._named, 3600.0, 15.0, None)

    @property
    def region(self) -> str:
        """Where it runs."""
        return self._clients.region

    def status(self) -> str:
        """SageMaker's word for how it is: "Creating", "InService", "Failed", …; or "Deleted"."""
        return self._look()[0]

    def wait(
        self, *, timeout: float = 3600.0, interval: float = 15.0, progress: Progress = None
    ) -> None:
        """Returns when it is in service.

        Args:
            timeout: Seconds to wait at most.
            interval: Seconds between two looks.
            progress: True or False; a function of (status, seconds); by default it is shown
                when a person is looking.

        Raises:
            DeploymentError: If it failed; ``reason`` is SageMaker's.
            EndpointTimeoutError: If it takes longer.
        """

        def look() -> str | None:
            status, reason = self._look()
            if status in (*_ENDED, "Deleted", "Deleting"):
                why = reason or "SageMaker gives no reason; see the endpoint's logs in CloudWatch"
                raise DeploymentError(f"The {self._named} is {status}: {why}", reason=reason)
            return None if status == "InService" else status

        Wait(self._named, timeout, interval, progress).until(look)

    def autoscale(self, autoscaling: Autoscaling) -> None:
        """Lets the number of instances follow the requests; the endpoint has to be in service.

        Raises:
            InvalidInputError: If `autoscaling` is none.
            EndpointError: If the service refuses, or can't be asked.
        """
        if not isinstance(autoscaling, Autoscaling):
            raise InvalidInputError(
                f"autoscaling is {autoscaling!r:.100}; it has to be Autoscaling."
            )
        for variant in self._variants:
            resource = _scaling(self._resource, variant)
            if resource not in self._resources:  # before the call, which may succeed in half
                self._resources.append(resource)
            for call in autoscaling.calls(self.endpoint_name, variant):
                self._clients.make(call)

    def llm(self, **options: Any) -> SageMakerLLM:
        """A `SageMakerLLM` that asks it.

        Args:
            options: Those of `SageMakerLLM`; `body` is "openai" unless given: DJL-LMI's containers
                take that since 2024, and write messages as the model's own template has them.

        Raises:
            InvalidInputError: If it was deployed as an embedder.
        """
        from ragkit.llms import SageMakerLLM

        if self.serves == "embedder":
            raise InvalidInputError(f"The {self._named} serves an embedder, not a language model.")
        return SageMakerLLM(self.endpoint_name, **{"body": "openai", **self._asking(options)})

    def embedder(self, **options: Any) -> SageMakerEmbedder:
        """A `SageMakerEmbedder` that asks it.

        Args:
            options: Those of `SageMakerEmbedder`; `body` is "inputs" unless given, which TEI's
                containers take.

        Raises:
            InvalidInputError: If it was deployed as a language model.
        """
        from ragkit.embedding import SageMakerEmbedder

        if self.serves == "llm":
            raise InvalidInputError(f"The {self._named} serves a language model, not an embedder.")
        return SageMakerEmbedder(self.endpoint_name, **{"body": "inputs", **self._asking(options)})

    def _asking(self, options: dict[str, Any]) -> dict[str, Any]:
        """The user's options, over what reaches the same region in the same way."""
        if "client" in options:
            return options
        runtime = self._clients.runtime()
        if {"session", "profile"} & options.keys():
            del runtime["session"]
        return {**runtime, **options}

    def delete(
        self,
        *,
        foreign: bool = False,
        wait: bool = False,
        timeout: float | None = None,
        interval: float | None = None,
        progress: Progress = None,
    ) -> None:
        """Deletes it with its autoscaling, configuration and model; what has gone is passed over.

        So is what another deployment has made under one of the names since. An endpoint that is
        still being created can't be deleted; that is waited for.

        Args:
            foreign: Whether what was not made with it is deleted too: its configuration and its
                models, and the endpoint itself if ragkit did not make it. Others may use them.
            wait: Whether to return only when it has gone and its name is free.
            timeout: Seconds to wait at most. By default the longest that SageMaker may need to
                create what was deployed, and what it was deployed with at least; otherwise 3600.
            interval: Seconds between two looks; by default as it was deployed with, or 15.
            progress: As with `wait`; by default as it was deployed with.

        Raises:
            InvalidInputError: If it is foreign, and may not be deleted.
            DeploymentError: If anything could not be deleted; ``left`` lists it.
            EndpointTimeoutError: If it is being deleted, but has not gone in time (``wait=True``).
            Exception: Whatever a progress function raised; all has been deleted then.
        """
        check_flag(foreign, "foreign")
        check_flag(wait, "wait")
        if self.serves is None and not foreign:
            raise InvalidInputError(
                f"The {self._named} was not made by ragkit: it has no tag {TAG!r}. Pass "
                f"foreign=True to delete it with its configuration and model all the same."
            )
        waiting = Wait(
            self._named,
            self._deletion.timeout if timeout is None else timeout,
            self._deletion.interval if interval is None else interval,
            self._deletion.progress if progress is None else progress,
        )
        mine = [*self._resources, *(self._foreign if foreign else ())]
        delete_all(self._clients, [mine], waiting)
        if wait:
            waiting.until(self._not_gone)

    def close(self) -> None:
        """Closes the connections, and leaves the endpoint as it is."""
        self._clients.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if not self._attached:
                self.delete()
        except Exception as left:
            if error is None:
                raise
            error.add_note(f"{type(left).__name__}: {left}")
        finally:
            self.close()

    def __repr__(self) -> str:
        return f"SageMakerEndpoint({self.endpoint_name!r}, region={self.region!r})"

    @property
    def _named(self) -> str:
        return f"endpoint {self.endpoint_name!r}"

    def _not_gone(self) -> str | None:
        """The status while it is there."""
        if is_gone(self._clients, self._resource):
            return None
        return status if (status := self.status()) != "Deleted" else None

    def _look(self) -> tuple[str, str]:
        """Status and reason of a failure."""
        found = described(self._clients, self._resource)
        if found is None:
            return "Deleted", ""
        return str(found["EndpointStatus"]), self._clients.hide(found.get("FailureReason", ""))


def attach(name: str, **connection: Unpack[Connection]) -> SageMakerEndpoint:
    """The endpoint of that name, which is there already.

    A ``with`` block does not delete it; `SageMakerEndpoint.delete` does.

    Args:
        name: Of the endpoint.
        connection: How SageMaker is reached: see `Connection`.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If there is no such endpoint, or an argument can't work.
        EndpointError: If SageMaker can't be asked, or does not let its tags be read.
    """
    reject_unknown("attach()", connection, Connection.__annotations__)
    check_name(name)
    clients = Clients(**connection)
    endpoint = Resource("endpoint", name)
    found = described(clients, endpoint)
    if found is None:
        raise InvalidInputError(
            f"There is no endpoint {name!r} in {clients.region}; check the name and region=."
        )
    tags = tags_of(clients, arn_of(endpoint, found))
    endpoint = Resource("endpoint", name, tags.get(TAG_ID, ""))
    config = Resource("endpoint configuration", str(found["EndpointConfigName"]))
    variants = (described(clients, config) or {}).get("ProductionVariants", [])
    names = tuple(str(variant["VariantName"]) for variant in variants) or (VARIANT,)
    models = {str(variant["ModelName"]) for variant in variants if "ModelName" in variant}
    parts = [config, *(Resource("model", model) for model in sorted(models))]
    made, foreign = _sorted_out(clients, parts, endpoint.deployment_id)
    scaled = [_scaling(endpoint, variant) for variant in names] if clients.can_scale else []
    return SageMakerEndpoint(
        name,
        clients,
        resources=[*scaled, endpoint, *made],
        foreign=tuple(foreign),
        serves=tags[TAG] if is_ragkits(tags) else None,
        deployment_id=endpoint.deployment_id,
        variants=names,
    )


def _sorted_out(
    clients: Clients, resources: list[Resource], deployment_id: str
) -> tuple[list[Resource], list[Resource]]:
    """Those that were made with the endpoint, which their tags tell, and the others."""
    made: list[Resource] = []
    foreign: list[Resource] = []
    for resource in resources:
        found = described(clients, resource)
        tags = tags_of(clients, arn_of(resource, found)) if found is not None else {}
        known = Resource(resource.kind, resource.name, tags.get(TAG_ID, ""))
        own = is_ragkits(tags) and known.deployment_id == deployment_id
        (made if own else foreign).append(known)
    return made, foreign


def _scaling(endpoint: Resource, variant: str) -> Resource:
    """What lets a variant of `endpoint` scale."""
    return Resource("autoscaling", resource_id(endpoint.name, variant), endpoint.deployment_id)
