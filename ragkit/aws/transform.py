"""Batch transform: a model of SageMaker's run over a file in S3, and its output read."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Literal, Unpack, overload

from ragkit._checks import check_flag, reject_unknown
from ragkit.aws.calls import Call, Plan
from ragkit.aws.clients import Clients, Connection
from ragkit.aws.resources import TAG_ID, Resource, arn_of, described, is_missing, tags_of
from ragkit.aws.shapes import check_shapes
from ragkit.aws.storage import S3Object, split_address
from ragkit.aws.transform_planning import ABOUT, Transform
from ragkit.aws.waiting import Progress, Wait
from ragkit.errors import EndpointError, InvalidInputError, JobError

__all__ = ["TransformJob", "TransformOptions", "batch_transform"]

_ENDED = ("Completed", "Failed", "Stopped")


class TransformOptions(Connection, total=False):
    """What `batch_transform` takes beside its own arguments.

    Attributes:
        name: Of the job; by default the model's with the time.
        instances: How many; 1 by default. SageMaker gives each whole objects, so that more than
            one pay where `src` is a prefix of many.
        max_payload: Megabytes of a request at most; 6 by default.
        strategy: "MultiRecord" puts as many lines into a request as fit, "SingleRecord" one. By
            default SageMaker's, which is "MultiRecord".
        split_type: "Line" by default: each line of the input is a record. Or "None".
        assemble_with: "Line" by default: outputs come on a line each. Or "None".
        content_type: Of a request; "application/jsonlines" by default.
        accept: Of a reply, as the container knows it; by default it is left to the container.
        max_concurrent: Requests to one instance at a time; by default SageMaker's.
        tags: Further tags of the job.
        wait: Whether to return only when it is done; True by default.
        timeout: Seconds to wait for that; a day by default.
        interval: Seconds between two looks; 30 by default.
        progress: True or False; a function of (status, seconds waited); by default the status is
            shown when a person is looking.
    """

    name: str
    instances: int
    max_payload: int
    strategy: Literal["MultiRecord", "SingleRecord"] | None
    split_type: Literal["Line", "None"]
    assemble_with: Literal["Line", "None"]
    content_type: str
    accept: str | None
    max_concurrent: int | None
    tags: Mapping[str, str]
    wait: bool
    timeout: float
    interval: float
    progress: Progress


class TransformJob:
    """A batch transform job, as `batch_transform` gives it.

    Attributes:
        name: Of the job.
        source: What it reads, ``s3://…``.
        output: The folder that it writes, ``s3://…/``: ``<name of the input>.out`` for each input.
    """

    def __init__(self, wanted: Transform, clients: Clients) -> None:
        self.name, self.source, self.output = wanted.name, wanted.source, wanted.output
        self._clients, self._id = clients, wanted.job_id
        self._resource = wanted.resource

    @property
    def output_file(self) -> str:
        """The output of the one object that `source` names."""
        return f"{self.output}{PurePosixPath(self.source).name}.out"

    def status(self) -> str:
        """SageMaker's word: "InProgress", "Completed", "Failed", "Stopping" or "Stopped"."""
        return self._look()[0]

    def wait(
        self, *, timeout: float = 86_400.0, interval: float = 30.0, progress: Progress = None
    ) -> None:
        """Returns when it is done, and leaves it running where waiting fails.

        Args:
            timeout: Seconds to wait at most.
            interval: Seconds between two looks.
            progress: True or False; a function of (status, seconds); by default it is shown when
                a person is looking.

        Raises:
            JobError: If it failed or was stopped; the message has SageMaker's reason.
            EndpointTimeoutError: If it takes longer.
        """

        def look() -> str | None:
            status, reason = self._look()
            if status in ("Failed", "Stopped"):
                why = reason or "SageMaker gives no reason; see the job's logs in CloudWatch"
                raise JobError(f"The {self._resource} is {status}: {why}")
            return None if status == "Completed" else status

        Wait(str(self._resource), timeout, interval, progress).until(look)

    def stop(self) -> None:
        """Stops it; one that has ended or was never made is passed over.

        Raises:
            EndpointError: If SageMaker can't be asked.
        """
        found = described(self._clients, self._resource)
        if found is None or found.get("TransformJobStatus") in _ENDED:
            return
        if (
            self._id
            and tags_of(self._clients, arn_of(self._resource, found)).get(TAG_ID) != self._id
        ):
            return  # another's, of the same name
        try:
            self._clients.make(
                Call("sagemaker", "stop_transform_job", {"TransformJobName": self.name})
            )
        except EndpointError as error:
            if not is_missing(error) and self.status() not in _ENDED:
                raise

    def close(self) -> None:
        """Closes the connections, and leaves the job as it is."""
        self._clients.close()

    def __repr__(self) -> str:
        return f"TransformJob({self.name!r}, region={self._clients.region!r})"

    def _look(self) -> tuple[str, str]:
        found = described(self._clients, self._resource)
        if found is None:
            raise JobError(f"There is no {self._resource}.")
        reason = self._clients.hide(str(found.get("FailureReason", "")))
        return str(found["TransformJobStatus"]), reason

    def _begin(self, creating: Call, waiting: Wait | None) -> None:
        """Creates the job and waits for it; whatever stops the way there, stops the job too."""
        try:
            self._create(creating)
            if waiting is not None:
                self.wait(
                    timeout=waiting.timeout, interval=waiting.interval, progress=waiting.progress
                )
        except BaseException as error:
            try:
                self.stop()
            except Exception as own:  # of whatever renews the credentials, too
                error.add_note(
                    f"The {self._resource} may be running still, and cost money; stop it in "
                    f"SageMaker's console: {own}"
                )
            raise

    def _create(self, creating: Call) -> None:
        try:
            self._clients.make(creating)
        except EndpointError as error:
            # The reply may be lost, and a repeated request is told that the name is taken.
            try:
                found = described(self._clients, self._resource)
                there = found is not None and self._is_mine(found)
            except Exception:  # credentials may be renewed in any way, and fail in any
                raise error from None
            if not there:
                raise

    def _is_mine(self, found: dict[str, Any]) -> bool:
        """Whether a job of this name is this one, which its tag tells."""
        return tags_of(self._clients, arn_of(self._resource, found)).get(TAG_ID) == self._id


@overload
def batch_transform(
    model_name: str,
    src: str | os.PathLike[str],
    dst: str,
    *,
    instance_type: str,
    dry_run: Literal[False] = False,
    **options: Unpack[TransformOptions],
) -> TransformJob: ...
@overload
def batch_transform(
    model_name: str,
    src: str | os.PathLike[str],
    dst: str,
    *,
    instance_type: str,
    dry_run: Literal[True],
    **options: Unpack[TransformOptions],
) -> Plan: ...
def batch_transform(
    model_name: str,
    src: str | os.PathLike[str],
    dst: str,
    *,
    instance_type: str,
    dry_run: bool = False,
    **options: Unpack[TransformOptions],
) -> TransformJob | Plan:
    """A batch transform job of SageMaker's, done unless ``wait=False``.

    Its instances cost money while it runs, and end with it. Where waiting fails or is
    interrupted, the job is stopped. `read_transform_output` reads what it wrote.

    Args:
        model_name: Of a model in SageMaker, such as a deployment has made.
        src: ``s3://bucket/key`` or a prefix of many objects, or a local file, which is uploaded
            to the folder ``input`` in `dst`.
        dst: A folder in S3, ``s3://bucket/folder/``.
        instance_type: Such as "ml.g5.xlarge".
        dry_run: Whether to give the calls instead of making them; that needs no credentials.
        options: See `TransformOptions`.

    Raises:
        MissingExtraError: If boto3 is not installed.
        MissingFileError: If a local `src` is not there.
        InvalidInputError: If an argument can't work, or there is no such model.
        JobError: If the job failed.
        EndpointError: If SageMaker or S3 refuses, or can't be reached.

    Example:
        >>> plan = batch_transform(
        ...     "bge-small",
        ...     "s3://bucket/in.jsonl",
        ...     "s3://bucket/out/",
        ...     instance_type="ml.g5.xlarge",
        ...     dry_run=True,
        ... )
        >>> [call.operation for call in plan]
        ['describe_model', 'create_transform_job', 'describe_transform_job']
    """
    known = {*TransformOptions.__annotations__, *Connection.__annotations__}
    reject_unknown("batch_transform()", options, {*known, "instance_type", "dry_run"})
    job_id = "made-when-run" if check_flag(dry_run, "dry_run") else uuid.uuid4().hex
    about: Any = {name: value for name, value in options.items() if name in ABOUT}
    wanted = Transform(model_name, src, dst, instance_type, job_id=job_id, **about)
    wait = check_flag(options.get("wait", True), "wait")
    waiting = Wait(
        str(wanted.resource),
        options.get("timeout", 86_400.0),
        options.get("interval", 30.0),
        options.get("progress"),
    )
    plan = wanted.plan(wait=wait)
    check_shapes(plan)
    if dry_run:
        return plan
    connection: Any = {k: v for k, v in options.items() if k in Connection.__annotations__}
    return _made(wanted, Clients(**connection), waiting if wait else None)


def _made(wanted: Transform, clients: Clients, waiting: Wait | None) -> TransformJob:
    job = TransformJob(wanted, clients)
    try:
        _check_model(clients, wanted.model)
        if wanted.upload is not None:
            S3Object(clients.service("s3"), *split_address(wanted.source)).publish(wanted.upload)
        job._begin(wanted.creating(), waiting)
    except BaseException:
        clients.close()
        raise
    return job


def _check_model(clients: Clients, name: str) -> None:
    if described(clients, Resource("model", name)) is None:
        raise InvalidInputError(
            f"There is no model {name!r} in {clients.region}; check the name and region=, or "
            f"create it first."
        )
