"""Deleting what an endpoint of SageMaker's is made of, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from ragkit.aws.autoscaling import endpoint_of
from ragkit.aws.clients import Clients
from ragkit.aws.resources import Resource, described, id_of, is_busy, is_denied, is_missing
from ragkit.aws.waiting import Wait
from ragkit.errors import DeploymentError, EndpointError, RagkitError

__all__ = ["delete_all", "is_gone", "with_left"]

_ORDER = ("autoscaling", "endpoint", "endpoint configuration", "model")
_SCALING_PATIENCE = 60.0
"""Seconds for taking an endpoint out of autoscaling."""
_Failed = list[tuple[Resource, str]]


def delete_all(
    clients: Clients,
    groups: Iterable[Iterable[Resource]],
    wait: Wait,
    *,
    used: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Deletes what is there; whatever fails, the rest is deleted.

    What has one of the names, but was made by another deployment, is passed over. An endpoint that
    is still being created is waited for, since SageMaker refuses to delete it. A progress function
    that raises is not called again, and its error comes at the end.

    Args:
        clients: Of SageMaker and autoscaling.
        groups: Each holds what one endpoint is made of.
        wait: How long to wait for each.
        used: Endpoints that stay, by their configurations, which therefore stay too.

    Raises:
        DeploymentError: If anything could not be deleted; ``left`` lists it.
        KeyboardInterrupt: When all else is done; a second one ends the deletion.
        Exception: What a progress function raised, when all else is done.
    """
    wait, every = wait.unbroken(), [list(group) for group in groups]

    def attempt() -> _Failed:
        return [one for group in every for one in _delete_group(clients, group, wait, used)]

    interrupt: KeyboardInterrupt | None = None
    try:
        try:
            failed = attempt()
        except KeyboardInterrupt as error:  # what is left costs money, so only a second one ends it
            interrupt, failed = error, attempt()
    except BaseException as error:
        listed = ", ".join(str(resource) for group in every for resource in group)
        error.add_note(f"Deleting was stopped; what may be left: {listed}.")
        raise
    unfinished = _unfinished(failed)
    if interrupt is not None:
        interrupt.add_note(str(unfinished or "All was deleted first."))
        raise interrupt
    if unfinished is not None:
        raise unfinished
    wait.raise_progress_error()


def with_left(error: RagkitError, left: tuple[str, ...]) -> DeploymentError:
    """The error that lists what is left, with all that `error` says."""
    reason = error.reason if isinstance(error, DeploymentError) else ""
    told = DeploymentError(str(error), reason=reason, left=left)
    for note in getattr(error, "__notes__", ()):
        told.add_note(note)
    return told


def _unfinished(failed: _Failed) -> DeploymentError | None:
    if not failed:
        return None
    causes = "\n".join(f"- {resource}: {cause}" for resource, cause in failed)
    return DeploymentError(
        f"Not all could be deleted; an endpoint that is left costs money. Call delete() again, "
        f"or delete it in SageMaker's console.\n{causes}",
        reason=failed[0][1],
        left=[str(resource) for resource, _ in failed],
    )


def is_gone(clients: Clients, resource: Resource) -> bool:
    """Whether it is there no more; what another deployment made under its name is not it.

    Raises:
        EndpointError: If SageMaker can't be asked. Without the right to look, it may be there.
    """
    try:
        if resource.kind == "autoscaling":
            # It is gone if its endpoint was replaced; without an endpoint it may still be there.
            now = id_of(clients, Resource("endpoint", endpoint_of(resource.name)))
            return now is not None and now != resource.deployment_id
        return id_of(clients, resource) != resource.deployment_id
    except EndpointError as error:
        if is_denied(error):
            return False
        raise


def _delete_group(
    clients: Clients, group: Sequence[Resource], wait: Wait, used: Mapping[str, str]
) -> _Failed:
    """What could not be deleted of one endpoint: autoscaling goes first, the model last.

    If the endpoint stays, what it needs stays too, because it would hang for an hour without. If
    it goes, nothing is left of its autoscaling: SageMaker refuses to delete one that scales.
    """
    failed: _Failed = []
    configs = [one.name for one in group if one.kind == "endpoint configuration"]
    users = [used[name] for name in configs if name in used]
    keep = f"kept, since endpoint {users[0]!r} uses it" if users else ""
    for resource in sorted(group, key=lambda one: _ORDER.index(one.kind)):
        try:
            if keep and resource.kind in ("endpoint configuration", "model"):
                if not is_gone(clients, resource):
                    failed.append((resource, keep))
                continue
            _delete(clients, resource, wait)
        except Exception as error:  # what is left costs money, whatever went wrong
            failed.append((resource, str(error)))
            if resource.kind == "endpoint":
                keep = "kept, since the endpoint still needs it"
        else:
            if resource.kind == "endpoint":
                failed.clear()
                keep = keep or _another_needs(clients, resource, configs)
    return failed


def _another_needs(clients: Clients, endpoint: Resource, configs: Sequence[str]) -> str:
    """Why the rest stays where someone made the endpoint again, with this configuration."""
    try:
        now = described(clients, endpoint)
        others = now is not None and is_gone(clients, endpoint)
    except RagkitError:  # who can't look knows of no other
        return ""
    uses = others and now is not None and now["EndpointConfigName"] in configs
    return "kept, since another's endpoint of that name uses it" if uses else ""


def _delete(clients: Clients, resource: Resource, wait: Wait) -> None:
    def attempt() -> str | None:
        if is_gone(clients, resource):
            return None
        try:
            clients.make(resource.deleting())
        except EndpointError as error:
            if is_missing(error):
                return None
            if resource.kind != "endpoint" or not is_busy(error):
                raise
            return f"{_status(clients, resource)}, can't be deleted yet"
        return None

    # Autoscaling need not be reachable, and the endpoint costs money meanwhile.
    most = _SCALING_PATIENCE if resource.kind == "autoscaling" else wait.timeout
    wait.changed(str(resource), min(most, wait.timeout)).until(attempt)


def _status(clients: Clients, endpoint: Resource) -> str:
    try:
        return str((described(clients, endpoint) or {}).get("EndpointStatus", "Deleted"))
    except RagkitError as error:
        if is_denied(error):
            return "in progress"
        raise
