"""The clients that a deployment needs, made from one set of arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from ragkit._checks import reject_unknown
from ragkit.aws.autoscaling import SERVICE
from ragkit.aws.calls import Call
from ragkit.aws.service import AWSService, new_session
from ragkit.errors import InvalidInputError

__all__ = ["Clients", "Connection", "region_of"]

_SERVICES = ("sagemaker", "sagemaker-runtime", SERVICE, "s3")


class Connection(TypedDict, total=False):
    """How Amazon's services are reached.

    Attributes:
        region: Such as "eu-central-1"; by default the session's.
        profile: Of the credentials file; not with `session`.
        session: A boto3 session; by default a new one, which finds credentials as boto3 does.
        client: A "sagemaker" client that is there already; then no autoscaling, and no S3.
        endpoint_url: Another address than the region's: one for all, or one for each of
            "sagemaker", "sagemaker-runtime", "application-autoscaling" and "s3" that has another.
    """

    region: str | None
    profile: str | None
    session: Any
    client: Any
    endpoint_url: str | Mapping[str, str] | None


class Clients:
    """boto3's clients of a service and of what belongs to it.

    Args:
        region: As in `Connection`.
        profile: As in `Connection`.
        session: As in `Connection`.
        client: Of `main`, or one for each service that has its own.
        endpoint_url: One address for all, or one for each service that has its own.
        main: The service that is asked first; the clients of others are made when needed.
        services: All of them.
        retries: How often a request is repeated.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        session: Any = None,
        client: Any = None,
        endpoint_url: str | Mapping[str, str] | None = None,
        main: str = "sagemaker",
        services: Sequence[str] = _SERVICES,
        retries: int = 2,
    ) -> None:
        self._main, self._retries = main, retries
        self._urls = _urls(endpoint_url, services)
        self._given = _given(client, main, services)
        self._secrets: set[str] = set()
        first = self._given.get(main)
        if self._given and first is None and session is None and profile is None:
            raise _no_client(main, self._given)
        self._services = {
            main: AWSService(
                main,
                region=region,
                profile=profile,
                session=session,
                client=first,
                endpoint_url=self._urls.get(main),
                retries=retries,
            )
        }

    @property
    def region(self) -> str:
        """Where the requests go."""
        return self._services[self._main].region

    def make(self, call: Call) -> dict[str, Any]:
        """The reply; errors are ragkit's own, without the call's secrets."""
        service = self.service(call.service)
        self.conceal(*call.secrets)
        return service.ask(call.make)

    def pages(self, operation: str, key: str) -> list[dict[str, Any]]:
        """What a listing operation gives, all of its pages."""

        def listed(client: Any) -> list[dict[str, Any]]:
            found = client.get_paginator(operation).paginate()
            return [item for page in found for item in page.get(key, ())]

        return self._services[self._main].ask(listed)

    def conceal(self, *secrets: str) -> None:
        """From now on errors leave these texts out."""
        self._secrets.update(secrets)
        for service in self._services.values():
            service.conceal(*self._secrets)

    def hide(self, text: str) -> str:
        """`text` without what is secret."""
        return self._services[self._main].hide(text)

    @property
    def can_scale(self) -> bool:
        """Whether there is a session to make other clients from, as for autoscaling."""
        return self._services[self._main].session is not None

    def runtime(self) -> dict[str, Any]:
        """The arguments of a client that asks the endpoint."""
        first = self._services[self._main]
        url = self._urls.get("sagemaker-runtime")
        return {"region": first.region, "session": first.session, "endpoint_url": url}

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        for service in self._services.values():
            service.close()

    def service(self, name: str) -> AWSService:
        """The client of a service, made when it is first needed.

        Raises:
            InvalidInputError: If there is no session to make it from.
        """
        if name not in self._services:
            self._services[name] = self._made(name)
            self._services[name].conceal(*self._secrets)
        return self._services[name]

    def _made(self, name: str) -> AWSService:
        if name in self._given:
            return AWSService(name, client=self._given[name])
        if not self.can_scale:
            raise _no_client(name, self._given)
        return AWSService(
            name,
            session=self._services[self._main].session,
            region=self.region,
            endpoint_url=self._urls.get(name),
            retries=self._retries,
        )


def region_of(connection: Connection) -> str:
    """The region, found without a request and without credentials.

    Raises:
        InvalidInputError: If there is none.
    """
    region, session = connection.get("region"), connection.get("session")
    if region is None and connection.get("client") is not None:
        return str(connection["client"].meta.region_name)
    if region is None:
        region = (session or new_session(connection.get("profile"))).region_name
    if not isinstance(region, str) or not region:
        raise InvalidInputError(
            f"region is {region!r}; pass region=, such as 'eu-central-1', or image=."
        )
    return region


def _urls(given: str | Mapping[str, str] | None, services: Sequence[str]) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, str | Mapping):
        raise InvalidInputError(
            f"endpoint_url is {given!r:.80}; it has to be an address, or one for each service."
        )
    if isinstance(given, str):
        return dict.fromkeys(services, given)
    reject_unknown("endpoint_url", given, services)
    return dict(given)


def _no_client(name: str, given: Iterable[str]) -> InvalidInputError:
    return InvalidInputError(
        f"client= is of {' and '.join(given)} alone, and {name} needs a client of its own: pass "
        f"session= instead."
    )


def _given(client: Any, main: str, services: Sequence[str]) -> dict[str, Any]:
    if client is None:
        return {}
    if not isinstance(client, Mapping):
        return {main: client}
    reject_unknown("client", client, services)
    return dict(client)
