"""Language models and embedders on SageMaker endpoints: deployed, or only planned."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, Literal, Unpack, overload

from ragkit._checks import check_flag, reject_unknown
from ragkit.aws.autoscaling import Autoscaling
from ragkit.aws.calls import Call, Plan
from ragkit.aws.checks import check_instance_type
from ragkit.aws.clients import Clients, Connection, region_of
from ragkit.aws.containers import lmi_image, processor_of, tei_image
from ragkit.aws.deleting import delete_all, with_left
from ragkit.aws.endpoint import SageMakerEndpoint
from ragkit.aws.planning import Deployment
from ragkit.aws.resources import Resource, id_of
from ragkit.aws.settings import LMISettings, Settings, TEISettings
from ragkit.aws.shapes import check_shapes
from ragkit.aws.waiting import Progress, Wait
from ragkit.errors import DeploymentError, EndpointError, InvalidInputError, RagkitError

__all__ = ["DeployOptions", "deploy_embedder", "deploy_llm"]

_CONNECTION = tuple(Connection.__annotations__)
_WAITING = ("timeout", "interval", "progress")
_Serves = Literal["llm", "embedder"]
_SETTLING = 10.0
"""Seconds in which a request that was cut off is carried out, if it is."""


class DeployOptions(Connection, total=False):
    """What `deploy_llm` and `deploy_embedder` take beside their own arguments.

    Attributes:
        image: The container's address in place of the default for the region.
        instances: How many to begin with; 1 by default.
        env: Further variables of the container. Values of those with names such as HF_TOKEN are
            not shown.
        token: For gated models on the hub. It goes into the container's environment, where who
            may describe the model in SageMaker can read it; ragkit shows it nowhere.
        accept_eula: Whether you accept the licence of a JumpStart model's artefact.
        autoscaling: How the number of instances follows the requests.
        tags: Further tags of all that is made.
        variant: Further fields of the production variant, by SageMaker's names, such as
            ``{"InferenceAmiVersion": "al2-ami-sagemaker-inference-gpu-3-1"}``.
        vpc: Subnets and security groups, as SageMaker's VpcConfig.
        startup_timeout: Seconds in which the container has to load the model; 1800 by default.
        wait: Whether to return only when the endpoint is in service; True by default.
        timeout: Seconds to wait for that; 3600 by default. A look that is under way then, with
            its own time-outs and retries, is not cut off.
        interval: Seconds between two looks; 15 by default.
        progress: True or False; a function of (status, seconds waited); by default the status
            is shown when a person is looking.
        keep_failed: Whether an endpoint that SageMaker says has failed stays, for a look at it,
            with its costs.
    """

    image: str | None
    instances: int
    env: Mapping[str, str]
    token: str | None
    accept_eula: bool
    autoscaling: Autoscaling | None
    tags: Mapping[str, str]
    variant: Mapping[str, Any]
    vpc: Mapping[str, Any] | None
    startup_timeout: int
    wait: bool
    timeout: float
    interval: float
    progress: Progress
    keep_failed: bool


@overload
def deploy_llm(
    model: str,
    name: str,
    *,
    role: str,
    instance_type: str,
    settings: LMISettings | None = None,
    dry_run: Literal[False] = False,
    **options: Unpack[DeployOptions],
) -> SageMakerEndpoint: ...
@overload
def deploy_llm(
    model: str,
    name: str,
    *,
    role: str,
    instance_type: str,
    settings: LMISettings | None = None,
    dry_run: Literal[True],
    **options: Unpack[DeployOptions],
) -> Plan: ...
def deploy_llm(
    model: str,
    name: str,
    *,
    role: str,
    instance_type: str,
    settings: LMISettings | None = None,
    dry_run: bool = False,
    **options: Unpack[DeployOptions],
) -> SageMakerEndpoint | Plan:
    """An endpoint of your own that serves a language model from a DJL-LMI container.

    It costs money until you delete it: use it in a ``with`` block, or call its `delete`. If it
    does not come up, what was made is deleted again.

    Args:
        model: An id on the hub, or an artefact: "s3://bucket/folder/", "s3://bucket/model.tar.gz".
        name: Of the endpoint, its configuration and its model: up to 63 letters, digits, hyphens.
        role: The ARN of the role that the endpoint runs as.
        instance_type: Such as "ml.g5.2xlarge".
        settings: Of the container.
        dry_run: Whether to give the calls instead of making them; that needs no credentials.
        options: See `DeployOptions`.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work; then nothing was made.
        DeploymentError: If the endpoint did not come up; ``reason`` is SageMaker's.
        EndpointError: If SageMaker refuses, or can't be reached.

    Example:
        >>> plan = deploy_llm(
        ...     "meta-llama/Llama-2-7b-chat-hf",
        ...     "llama-2-7b",
        ...     role="arn:aws:iam::123456789012:role/SageMakerExecution",
        ...     instance_type="ml.g5.2xlarge",
        ...     settings=LMISettings(dtype="fp16"),
        ...     token="hf_…",
        ...     region="eu-central-1",
        ...     dry_run=True,
        ... )
        >>> plan[0].arguments["PrimaryContainer"]["Environment"]["HF_TOKEN"]
        '***'
    """
    _check_kind(settings, LMISettings)
    wanted = _wanted("deploy_llm()", options, settings)
    wanted |= {"model": model, "name": name, "role": role, "instance_type": instance_type}
    if wanted.get("image") is None:
        wanted["image"] = lmi_image(region_of(options))
    return _deployed("llm", wanted, options, dry_run=dry_run)


@overload
def deploy_embedder(
    model: str,
    name: str,
    *,
    role: str,
    instance_type: str,
    settings: TEISettings | None = None,
    dry_run: Literal[False] = False,
    **options: Unpack[DeployOptions],
) -> SageMakerEndpoint: ...
@overload
def deploy_embedder(
    model: str,
    name: str,
    *,
    role: str,
    instance_type: str,
    settings: TEISettings | None = None,
    dry_run: Literal[True],
    **options: Unpack[DeployOptions],
) -> Plan: ...
def deploy_embedder(
    model: str,
    name: str,
    *,
    role: str,
    instance_type: str,
    settings: TEISettings | None = None,
    dry_run: bool = False,
    **options: Unpack[DeployOptions],
) -> SageMakerEndpoint | Plan:
    """An endpoint of your own that serves an embedding model from a TEI container.

    `image=` may name another container that reads HF_MODEL_ID and HF_TASK, as Hugging Face's
    inference containers do. It costs money until you delete it, as with `deploy_llm`.

    Args:
        model: An id on the hub, or an artefact: "s3://bucket/folder/", "s3://bucket/model.tar.gz".
        name: Of the endpoint, its configuration and its model: up to 63 letters, digits, hyphens.
        role: The ARN of the role that the endpoint runs as.
        instance_type: Such as "ml.g5.xlarge" or "ml.c6i.xlarge"; the image fits GPU or CPU.
        settings: Of the container.
        dry_run: Whether to give the calls instead of making them; that needs no credentials.
        options: See `DeployOptions`.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work; then nothing was made.
        DeploymentError: If the endpoint did not come up; ``reason`` is SageMaker's.
        EndpointError: If SageMaker refuses, or can't be reached.

    Example:
        >>> plan = deploy_embedder(
        ...     "BAAI/bge-small-en-v1.5",
        ...     "bge-small",
        ...     role="arn:aws:iam::123456789012:role/SageMakerExecution",
        ...     instance_type="ml.c6i.xlarge",
        ...     region="eu-central-1",
        ...     dry_run=True,
        ... )
        >>> [call.operation for call in plan][:3]
        ['create_model', 'create_endpoint_config', 'create_endpoint']
    """
    _check_kind(settings, TEISettings)
    wanted = _wanted("deploy_embedder()", options, settings)
    wanted |= {"model": model, "name": name, "role": role, "instance_type": instance_type}
    if wanted.get("image") is None:
        processor = processor_of(check_instance_type(instance_type))
        wanted["image"] = tei_image(region_of(options), processor)
    return _deployed("embedder", wanted, options, dry_run=dry_run)


def _check_kind(settings: object, kind: type[Settings]) -> None:
    if settings is not None and not isinstance(settings, kind):
        raise InvalidInputError(
            f"settings is a {type(settings).__name__}; it has to be {kind.__name__}."
        )


def _wanted(where: str, options: DeployOptions, settings: Settings | None) -> dict[str, Any]:
    """The options that describe what is made."""
    valid = {*DeployOptions.__annotations__, *_CONNECTION}
    own = {"role", "instance_type", "settings", "dry_run"}
    reject_unknown(where, options, {*valid, *own})
    about_making = valid - {*_CONNECTION, *_WAITING, "keep_failed"}
    wanted = {key: value for key, value in options.items() if key in about_making}
    return {**wanted, "settings": settings.environment() if settings is not None else {}}


def _deployed(
    serves: _Serves, wanted: dict[str, Any], options: DeployOptions, *, dry_run: bool
) -> SageMakerEndpoint | Plan:
    check_flag(dry_run, "dry_run")
    number = "made-when-deployed" if dry_run else uuid.uuid4().hex
    deployment = Deployment(serves=serves, deployment_id=number, **wanted)
    plan = deployment.plan()
    check_shapes(plan)
    keep_failed = check_flag(options.get("keep_failed", False), "keep_failed")
    wait = Wait(
        f"endpoint {deployment.name!r}",
        options.get("timeout", 3600.0),
        options.get("interval", 15.0),
        options.get("progress"),
    )
    if dry_run:
        return plan
    connection: Any = {key: value for key, value in options.items() if key in _CONNECTION}
    clients = Clients(**connection)
    if deployment.autoscaling is not None and not clients.can_scale:
        raise InvalidInputError("autoscaling= needs session= or region= in place of client=.")
    return _Making(deployment, clients, wait).done(plan, keep_failed=keep_failed)


class _Making:
    """A deployment under way, which knows what it has made."""

    def __init__(self, deployment: Deployment, clients: Clients, wait: Wait) -> None:
        self._deployment, self._clients, self._wait = deployment, clients, wait
        self._made: list[Resource] = []
        self._pending: Resource | None = None
        # What is still being created can only be waited for, however short the user's timeout.
        self._deletion = wait.changed(wait.what, max(wait.timeout, deployment.longest_creation))
        self._endpoint = SageMakerEndpoint(
            deployment.name,
            clients,
            resources=self._made,
            serves=deployment.serves,
            deployment_id=deployment.deployment_id,
            deletion=self._deletion,
        )

    def done(self, plan: Plan, *, keep_failed: bool) -> SageMakerEndpoint:
        """The endpoint; whatever stops the way there, an interrupt too, undoes it."""
        try:
            for resource, call in zip(self._deployment.resources, plan, strict=False):
                self._make(resource, call)
            if self._deployment.wait:
                wait = self._wait
                self._endpoint.wait(
                    timeout=wait.timeout, interval=wait.interval, progress=wait.progress
                )
            if self._deployment.autoscaling is not None:
                self._endpoint.autoscale(self._deployment.autoscaling)
        except BaseException as error:
            left = self._undo(error, keep_failed=keep_failed)
            if left and isinstance(error, RagkitError):
                raise with_left(error, left) from error
            raise
        return self._endpoint

    def _make(self, resource: Resource, call: Call) -> None:
        self._pending = resource
        try:
            self._clients.make(call)
        except EndpointError as error:
            # The reply may be lost, and a repeated request is told that the name is taken.
            try:
                there = self._is_there(resource)
            except Exception:  # credentials may be renewed in any way, and fail in any
                raise error from None
            if not there:
                raise
        self._made.append(resource)
        self._pending = None

    def _is_there(self, resource: Resource) -> bool:
        """Whether it exists and this deployment made it, which its tag tells."""
        return id_of(self._clients, resource) == self._deployment.deployment_id

    def _undo(self, error: BaseException, *, keep_failed: bool) -> tuple[str, ...]:
        """Deletes what was made, says on the error what became of it, and gives what is left."""
        left = self._settle_pending(error)
        made = ", ".join(map(str, self._made))
        if not made:
            error.add_note("Nothing was made." if not left else "Nothing else was made.")
        elif keep_failed and isinstance(error, DeploymentError):
            error.add_note(f"Kept, with its costs: {made}. Delete it when you have seen it.")
            left += tuple(map(str, self._made))
        elif left and self._pending is not None and self._pending.kind == "endpoint":
            error.add_note(f"Kept, since the endpoint would hang without: {made}.")
            left += tuple(map(str, self._made))
        else:
            left += self._delete(error, made)
        self._clients.close()
        return left

    def _settle_pending(self, error: BaseException) -> tuple[str, ...]:
        """What may have been made without a reply, if that can't be found out."""
        if self._pending is None:
            return ()
        # A request without a reply may be carried out yet; one that was refused won't be.
        said_no = isinstance(error, EndpointError) and error.status is not None
        refused = said_no and not getattr(error, "temporary", False)
        until = time.monotonic() + (0.0 if refused else _SETTLING)
        while True:
            try:
                there = self._is_there(self._pending)
            except Exception:  # credentials may be renewed in any way, and fail in any
                there = None
            if there or time.monotonic() >= until:
                break
            time.sleep(min(self._wait.interval, 1.0))
        if there:
            self._made.append(self._pending)
        elif there is None or not refused:
            error.add_note(f"The {self._pending} may have been made; see ragkit.aws.leftovers().")
            return (str(self._pending),)
        return ()

    def _delete(self, error: BaseException, made: str) -> tuple[str, ...]:
        try:
            delete_all(self._clients, [self._made], self._deletion)
        except DeploymentError as unfinished:
            error.add_note(str(unfinished))
            return unfinished.left
        except Exception as own:  # of a progress function, after all was deleted
            error.add_note(f"progress= raised {type(own).__name__}: {own}")
        except BaseException:
            error.add_note(f"Deleting was stopped; what may be left: {made}.")
            raise
        error.add_note(f"Deleted again: {made}.")
        return ()
