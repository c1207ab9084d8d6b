"""A large corpus embedded by a training job on SageMaker, and packed with the model."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Literal, Self, Unpack, overload

from ragkit._checks import check_flag, reject_unknown
from ragkit.aws.calls import Call, Plan
from ragkit.aws.clients import Clients, Connection
from ragkit.aws.deleting import with_left
from ragkit.aws.resources import Resource, described, id_of
from ragkit.aws.shapes import check_shapes
from ragkit.aws.training_plan import Training
from ragkit.aws.waiting import Progress, Wait
from ragkit.errors import DeploymentError, EndpointError, InvalidInputError, RagkitError

__all__ = ["TrainOptions", "TrainingJob", "train_neighbors"]

_ENDED = ("Completed", "Failed", "Stopped", "Deleted")
_WAITING = ("timeout", "interval", "progress")


class TrainOptions(Connection, total=False):
    """What `train_neighbors` takes beside its own arguments.

    Attributes:
        model: The artefact of the model on S3, as JumpStart has it: the channel "model".
        script: The archive of the training script on S3, where the image has none.
        batch_size: Texts that run through the model together; by default the script's.
        max_seq_length: The most tokens of a text that are read; by default the script's.
        store_text_with_embedding: Whether texts are packed with the vectors, and returned by
            queries; False by default.
        hyperparameters: Further ones, by the script's names.
        instances: How many; 1 by default.
        volume_gb: Disk of each, for corpus and vectors; 30 by default.
        max_runtime: Seconds after which SageMaker stops the job; 86400 by default.
        network_isolation: Whether the container has no network; True by default, as JumpStart.
        tags: Further tags of the job.
        vpc: Subnets and security groups, as SageMaker's VpcConfig.
        wait: Whether to return only when the job has completed; True by default.
        timeout: Seconds to wait for that; 86400 by default. Then the job is stopped.
        interval: Seconds between two looks; 15 by default.
        progress: True or False; a function of (status, seconds waited); by default the status
            is shown when a person is looking.
    """

    model: str | None
    script: str | None
    batch_size: int | None
    max_seq_length: int | None
    store_text_with_embedding: bool
    hyperparameters: Mapping[str, str]
    instances: int
    volume_gb: int
    max_runtime: int
    network_isolation: bool
    tags: Mapping[str, str]
    vpc: Mapping[str, Any] | None
    wait: bool
    timeout: float
    interval: float
    progress: Progress


class TrainingJob:
    """A job, as `train_neighbors` gives it. It costs money until it has ended.

    Attributes:
        name: Of the job.
    """

    def __init__(self, name: str, clients: Clients) -> None:
        self.name = name
        self._clients = clients
        self._resource = Resource("training job", name)

    @property
    def artefact(self) -> str:
        """The archive of model and vectors on S3, which `deploy_embedder` takes as its model.

        Raises:
            InvalidInputError: If the job has not completed.
        """
        found = described(self._clients, self._resource) or {}
        if found.get("TrainingJobStatus") != "Completed":
            raise InvalidInputError(
                f"The {self._resource} is {found.get('TrainingJobStatus', 'Deleted')}; there is "
                f"an artefact when it is Completed."
            )
        return str(found["ModelArtifacts"]["S3ModelArtifacts"])

    def status(self) -> str:
        """SageMaker's word for how it is: "InProgress", "Completed", "Failed", "Stopped", …"""
        return self._look()[0]

    def wait(
        self, *, timeout: float = 86400.0, interval: float = 15.0, progress: Progress = None
    ) -> Self:
        """Returns the job itself when it has completed; does not stop it.

        Args:
            timeout: Seconds to wait at most.
            interval: Seconds between two looks.
            progress: True or False; a function of (status, seconds); by default it is shown
                when a person is looking.

        Raises:
            DeploymentError: If it failed or was stopped; ``reason`` is SageMaker's.
            EndpointTimeoutError: If it takes longer.
        """

        def look() -> str | None:
            status, shown, reason = self._look()
            if status in _ENDED and status != "Completed":
                why = reason or "SageMaker gives no reason; see the job's logs in CloudWatch"
                raise DeploymentError(f"The {self._resource} is {status}: {why}", reason=reason)
            return None if status == "Completed" else shown

        Wait(str(self._resource), timeout, interval, progress).until(look)
        return self

    def stop(self) -> None:
        """Stops the job, unless it has ended; SageMaker takes up to two minutes to do it.

        Raises:
            DeploymentError: If it can't be stopped; ``left`` has it.
        """
        call = Call("sagemaker", "stop_training_job", {"TrainingJobName": self.name})
        try:
            if self.status() not in (*_ENDED, "Stopping"):
                self._clients.make(call)
        except EndpointError as error:
            try:
                if self.status() in (*_ENDED, "Stopping"):  # it ended meanwhile
                    return
            except RagkitError:
                pass
            raise DeploymentError(
                f"The {self._resource} could not be stopped, and goes on costing money: {error}",
                left=(str(self._resource),),
            ) from error

    def close(self) -> None:
        """Closes the connections, and leaves the job as it is."""
        self._clients.close()

    def __repr__(self) -> str:
        return f"TrainingJob({self.name!r}, region={self._clients.region!r})"

    def _look(self) -> tuple[str, str, str]:
        """The status, the one to show, and the reason of a failure."""
        found = described(self._clients, self._resource)
        if found is None:
            return "Deleted", "Deleted", ""
        status = str(found["TrainingJobStatus"])
        reason = self._clients.hide(found.get("FailureReason", ""))
        return status, str(found.get("SecondaryStatus") or status), reason


@overload
def train_neighbors(
    corpus: str,
    output: str,
    name: str,
    *,
    image: str,
    role: str,
    instance_type: str,
    dry_run: Literal[False] = False,
    **options: Unpack[TrainOptions],
) -> TrainingJob: ...
@overload
def train_neighbors(
    corpus: str,
    output: str,
    name: str,
    *,
    image: str,
    role: str,
    instance_type: str,
    dry_run: Literal[True],
    **options: Unpack[TrainOptions],
) -> Plan: ...
def train_neighbors(
    corpus: str,
    output: str,
    name: str,
    *,
    image: str,
    role: str,
    instance_type: str,
    dry_run: bool = False,
    **options: Unpack[TrainOptions],
) -> TrainingJob | Plan:
    """Embeds a corpus on SageMaker, as JumpStart's sentence-similarity models do by "training".

    The job packs the vectors with the model. What that gives, `TrainingJob.artefact`, is deployed
    with `deploy_embedder`, and finds neighbours with ``{"queries": […], "top_k": 1, "mode":
    "nn_train_data"}``. `ragkit.similarity.NearestNeighbors` does the same on this machine.

    Whatever stops the waiting – a failure, the time-out, an interrupt – stops the job too.

    Args:
        corpus: A CSV file of id and text, without a header, or the folder that has it: on S3.
        output: The folder on S3 for the result.
        name: Of the job: up to 63 letters, digits, hyphens. SageMaker takes each name only once.
        image: Address of the training container.
        role: The ARN of the role that the job runs as.
        instance_type: Such as "ml.g5.2xlarge".
        dry_run: Whether to give the calls instead of making them; that needs no credentials.
        options: See `TrainOptions`.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work; then nothing was started.
        DeploymentError: If the job failed, or could not be stopped; ``reason`` is SageMaker's.
        EndpointError: If SageMaker refuses, or can't be reached.

    Example:
        >>> plan = train_neighbors(
        ...     "s3://bucket/corpus.csv",
        ...     "s3://bucket/out/",
        ...     "faq-1",
        ...     image="123456789012.dkr.ecr.eu-central-1.amazonaws.com/training:1",
        ...     role="arn:aws:iam::123456789012:role/SageMakerExecution",
        ...     instance_type="ml.g5.2xlarge",
        ...     batch_size=64,
        ...     dry_run=True,
        ... )
        >>> plan[0].arguments["HyperParameters"]["batch_size"]
        '64'
    """
    about = {"corpus": corpus, "output": output, "name": name, "image": image}
    about |= {"role": role, "instance_type": instance_type}
    about["job_id"] = "made-when-started" if check_flag(dry_run, "dry_run") else uuid.uuid4().hex
    training = Training(**{**_about_job(options), **about})
    plan = training.plan()
    check_shapes(plan)
    wait = Wait(
        f"training job {name!r}",
        options.get("timeout", 86400.0),
        options.get("interval", 15.0),
        options.get("progress"),
    )
    if dry_run:
        return plan
    connection: Any = {k: v for k, v in options.items() if k in Connection.__annotations__}
    return _started(training, plan[0], Clients(**connection), wait)


def _about_job(options: TrainOptions) -> dict[str, Any]:
    """The options that describe the job."""
    valid = {*TrainOptions.__annotations__, *Connection.__annotations__}
    own = {"image", "role", "instance_type", "dry_run"}
    reject_unknown("train_neighbors()", options, {*valid, *own})
    about_job = valid - {*Connection.__annotations__, *_WAITING}
    return {key: value for key, value in options.items() if key in about_job}


def _started(training: Training, call: Call, clients: Clients, wait: Wait) -> TrainingJob:
    """The job, completed if that is waited for; whatever stops the way there stops it."""
    job = TrainingJob(training.name, clients)
    try:
        _make(training, call, clients)
        if training.wait:
            job.wait(timeout=wait.timeout, interval=wait.interval, progress=wait.progress)
    except BaseException as error:
        left = _stop_again(training, job, error)
        clients.close()
        if left is not None and isinstance(error, RagkitError):
            raise with_left(error, left.left) from error
        raise
    return job


def _make(training: Training, call: Call, clients: Clients) -> None:
    try:
        clients.make(call)
    except EndpointError as error:
        # The reply may be lost, and a repeated request is told that the name is taken.
        try:
            mine = id_of(clients, training.resource) == training.job_id
        except Exception:  # credentials may be renewed in any way, and fail in any
            raise error from None
        if not mine:
            raise


def _stop_again(
    training: Training, job: TrainingJob, error: BaseException
) -> DeploymentError | None:
    """Stops what was started, says so on the error, and gives the error if that fails."""
    try:
        if id_of(job._clients, training.resource) != training.job_id:
            refused = isinstance(error, EndpointError) and error.status is not None
            cut_off = "" if refused else " If its request was cut off, look for it once more."
            error.add_note(f"Nothing was started.{cut_off}")
            return None
        ended = job.status() in _ENDED
        job.stop()
    except DeploymentError as unstopped:
        error.add_note(str(unstopped))
        return unstopped
    except Exception:  # of whatever renews the credentials, too
        note = f"The {training.resource} may be running; stop it, since it costs money."
        error.add_note(note)
        return DeploymentError(note, left=(str(training.resource),))
    if not ended:
        error.add_note(f"Stopped: {training.resource}.")
    return None
