"""The clients that a deployment needs, made from one set of arguments."""

from __future__ import annotations

from collections.abc import Mapping
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
    """boto3's clients of SageMaker and of what belongs to it."""

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        session: Any = None,
        client: Any = None,
        endpoint_url: str | Mapping[str, str] | None = None,
    ) -> None:
        self._urls = _urls(endpoint_url)
        self._secrets: set[str] = set()
        self._services = {
            "sagemaker": AWSService(
                "sagemaker",
                region=region,
                profile=profile,
                session=session,
                client=client,
                endpoint_url=self._urls.get("sagemaker"),
            )
        }

    @property
    def region(self) -> str:
        """Where the requests go."""
        return self._services["sagemaker"].region

    def make(self, call: Call) -> dict[str, Any]:
        """The reply; errors are ragkit's own, without the call's secrets."""
        service = self.service(call.service)
        self.conceal(*call.secrets)
        return service.ask(call.make)

    def pages(self, operation: str, key: str) -> list[dict[str, Any]]:
        """What a listing operation of SageMaker's gives, all of its pages."""

        def listed(client: Any) -> list[dict[str, Any]]:
            found = client.get_paginator(operation).paginate()
            return [item for page in found for item in page.get(key, ())]

        return self._services["sagemaker"].ask(listed)

    def conceal(self, *secrets: str) -> None:
        """From now on errors leave these texts out."""
        self._secrets.update(secrets)
        for service in self._services.values():
            service.conceal(*self._secrets)

    def hide(self, text: str) -> str:
        """`text` without what is secret."""
        return self._services["sagemaker"].hide(text)

    @property
    def can_scale(self) -> bool:
        """Whether there is a session to make other clients from, as for autoscaling."""
        return self._services["sagemaker"].session is not None

    def runtime(self) -> dict[str, Any]:
        """The arguments of a client that asks the endpoint."""
        first = self._services["sagemaker"]
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
            if not self.can_scale:
                raise InvalidInputError(
                    f"client= is of SageMaker alone, and {name} needs a client of its own: pass "
                    f"session= instead."
                )
            self._services[name] = AWSService(
                name,
                session=self._services["sagemaker"].session,
                region=self.region,
                endpoint_url=self._urls.get(name),
            )
            self._services[name].conceal(*self._secrets)
        return self._services[name]


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


def _urls(given: str | Mapping[str, str] | None) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, str | Mapping):
        raise InvalidInputError(
            f"endpoint_url is {given!r:.80}; it has to be an address, or one for each service."
        )
    if isinstance(given, str):
        return dict.fromkeys(_SERVICES, given)
    reject_unknown("endpoint_url", given, _SERVICES)
    return dict(given)
