"""``call_textract`` of amazon-textract-caller: the service's answer as a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

from ragkit.errors import InvalidInputError

__all__ = [
    "Adapter",
    "AdaptersConfig",
    "NotificationChannel",
    "OutputConfig",
    "QueriesConfig",
    "Query",
    "Textract_API",
    "Textract_Call_Mode",
    "Textract_Features",
    "call_textract",
]

_SPLIT = (
    "call_textract() sends a local document with the request, and the service takes one page so. "
    "Put it in S3, or use ragkit.aws.analyze_document(source, upload_to='s3://bucket/prefix')."
)


class Textract_Features(Enum):  # noqa: N801  # the caller's name
    """What a document is analysed for."""

    FORMS = 1
    TABLES = 2
    QUERIES = 3
    SIGNATURES = 4
    LAYOUT = 5


class Textract_API(Enum):  # noqa: N801  # the caller's name
    """What a job does."""

    ANALYZE = 1
    DETECT = 2
    EXPENSE = 3
    LENDING = 4


class Textract_Call_Mode(Enum):  # noqa: N801  # the caller's name
    """With the request, as a job, or as the document needs it."""

    FORCE_SYNC = 1
    FORCE_ASYNC = 2
    DEFAULT = 3


@dataclass
class Query:
    """A question; see `ragkit.aws.TextractQuery`."""

    text: str
    alias: str = ""
    pages: list[str] = field(default_factory=list)


@dataclass
class QueriesConfig:
    """Questions."""

    queries: list[Query]


@dataclass
class Adapter:
    """An adapter that was trained for queries."""

    adapter_id: str
    version: str
    pages: list[str] = field(default_factory=list)


@dataclass
class AdaptersConfig:
    """Adapters."""

    adapters: list[Adapter]


@dataclass
class NotificationChannel:
    """Where the service says that a job has ended."""

    role_arn: str
    sns_topic_arn: str


@dataclass
class OutputConfig:
    """Where the service puts a job's result."""

    s3_bucket: str
    s3_prefix: str


def call_textract(  # noqa: PLR0913, PLR0917  # the caller's arguments
    input_document: str | bytes | bytearray,
    features: Sequence[Textract_Features] | None = None,
    queries_config: QueriesConfig | None = None,
    output_config: OutputConfig | None = None,
    adapters_config: AdaptersConfig | None = None,
    kms_key_id: str = "",
    job_tag: str = "",
    notification_channel: NotificationChannel | None = None,
    client_request_token: str = "",
    return_job_id: bool = False,  # noqa: FBT001, FBT002 – the caller's order
    force_async_api: bool = False,  # noqa: FBT001, FBT002
    call_mode: Textract_Call_Mode = Textract_Call_Mode.DEFAULT,
    boto3_textract_client: Any = None,
    job_done_polling_interval: float = 1,
    mime_type: str | None = None,
    **connection: Any,
) -> dict[str, Any]:
    """What Textract answers about a document; a job's parts as one response.

    Args:
        input_document: A path, ``s3://bucket/key``, or bytes. A PDF in S3 is analysed as a job;
            everything else with the request, which takes one page.
        features: What for; without any, lines and words are detected.
        queries_config: Questions, for the feature QUERIES.
        output_config: Where the service puts a job's result; by default into a store of its own.
        adapters_config: Adapters, for the feature QUERIES.
        kms_key_id: Of the key for results in `output_config`.
        job_tag: For the notification of a job.
        notification_channel: Where the service says that a job has ended; with `return_job_id`.
        client_request_token: The same token starts no second job.
        return_job_id: Whether a job is not waited for: then the result has its ``"JobId"``, for
            `ragkit.aws.resume_analysis`.
        force_async_api: As a job; the document has to be in S3.
        call_mode: The same, or with the request.
        boto3_textract_client: boto3's client; by default one of the environment's.
        job_done_polling_interval: Seconds between the first two looks at a job; it grows to 15.
        mime_type: Of a document in S3 whose name does not say it.
        connection: Of `ragkit.aws.AnalysisConnection`: `region`, `profile`, `endpoint_url` …

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work.
        LoadError: If a file can't be read, or Textract reads no such file.
        DeploymentError: If the job failed; ``reason`` is the service's.
        EndpointTimeoutError: If the job takes longer than an hour.
        EndpointError: If the service refuses, or can't be reached.
    """
    from ragkit.compat.textractor.outputs import Output, result_of
    from ragkit.compat.textractor.requests import (
        answered,
        feature_names,
        question_list,
        refuse_given,
        started,
    )
    from ragkit.compat.textractor.responses import merged

    mode = _mode(input_document, call_mode, force_async=force_async_api, mime_type=mime_type)
    reached = {**connection}
    if boto3_textract_client is not None:
        reached["client"] = boto3_textract_client
    output = None
    if output_config is not None:
        output = Output(output_config.s3_bucket, output_config.s3_prefix, connection)
    of_jobs = _job_fields(job_tag, notification_channel, client_request_token)
    of_jobs |= output.fields(kms_key_id) if output else {"KMSKeyId": kms_key_id}
    if mode == "sync":
        refuse_given("It belongs to jobs; give force_async_api=True.", **of_jobs)
    source = bytes(input_document) if isinstance(input_document, bytearray) else input_document
    options = {
        "features": feature_names(features),
        "queries": question_list(queries_config),
        "mode": mode,
        "interval": job_done_polling_interval,
        **reached,
    }
    more = {**of_jobs, "AdaptersConfig": _adapters(adapters_config)}
    if mode == "sync":
        return merged(answered(source, options, more, _SPLIT))
    job = started(source, options, more)
    try:
        if return_job_id:
            return {"JobId": job.id}
        return merged(result_of(job, output, interval=job_done_polling_interval))
    finally:
        job.close()


def _mode(
    document: object, call_mode: Textract_Call_Mode, *, force_async: bool, mime_type: str | None
) -> str:
    """``"sync"`` or ``"async"``, as the caller chooses it.

    Raises:
        InvalidInputError: If both are asked for, or a job for a document that is not in S3.
    """
    if not isinstance(call_mode, Textract_Call_Mode):
        raise InvalidInputError(f"call_mode is {call_mode!r:.80}; it is a Textract_Call_Mode.")
    forced = force_async or call_mode is Textract_Call_Mode.FORCE_ASYNC
    if forced and call_mode is Textract_Call_Mode.FORCE_SYNC:
        raise InvalidInputError("force_async_api=True and call_mode=FORCE_SYNC exclude each other.")
    in_s3 = isinstance(document, str) and document.lower().startswith("s3://")
    if forced and not in_s3:
        raise InvalidInputError(
            "A job reads its document from S3, and input_document is local. Put it there, or use "
            "ragkit.aws.analyze_document(source, upload_to='s3://bucket/prefix', mode='async')."
        )
    is_pdf = mime_type == "application/pdf" or (
        isinstance(document, str) and PurePosixPath(document).suffix.lower() == ".pdf"
    )
    by_itself = in_s3 and is_pdf and call_mode is not Textract_Call_Mode.FORCE_SYNC
    return "async" if forced or by_itself else "sync"


def _job_fields(tag: str, channel: NotificationChannel | None, token: str) -> dict[str, Any]:
    """Fields of a request that starts a job, as the service names them."""
    made: dict[str, Any] = {"JobTag": tag, "ClientRequestToken": token}
    if channel is not None:
        made["NotificationChannel"] = {
            "SNSTopicArn": channel.sns_topic_arn,
            "RoleArn": channel.role_arn,
        }
    return made


def _adapters(config: AdaptersConfig | None) -> dict[str, Any] | None:
    if config is None:
        return None
    made: list[dict[str, Any]] = []
    for one in config.adapters:
        made.append({"AdapterId": one.adapter_id, "Version": one.version})
        if one.pages:
            made[-1]["Pages"] = list(one.pages)
    return {"Adapters": made}
