"""A document analysed by Amazon Textract: at once where it is one page, else as a job."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any, Literal, NamedTuple, TypedDict, Unpack

from ragkit._checks import check_choice, check_flag, reject_unknown
from ragkit._threads import to_thread
from ragkit._warning import warn
from ragkit.aws.clients import Clients
from ragkit.aws.storage import S3Object, split_address
from ragkit.aws.textract_document import Source, TextractDocument, open_document
from ragkit.aws.textract_jobs import FIRST_LOOK, TIMEOUT, TextractJob, start_job
from ragkit.aws.textract_request import Query, Wanted
from ragkit.aws.waiting import Progress, Wait
from ragkit.errors import DeploymentError, InvalidInputError, PartialResultWarning

__all__ = [
    "Analysis",
    "AnalysisConnection",
    "AnalysisOptions",
    "Answer",
    "aanalyze_document",
    "analyze_document",
    "clients_of",
    "resume_analysis",
    "start_analysis",
]

SERVICES = ("textract", "s3")
_RETRIES = 6
"""Some 30 seconds: the rates that accounts have at first are low."""
_NAME_CHARS = re.compile(r"[^A-Za-z0-9._-]+")


class AnalysisConnection(TypedDict, total=False):
    """How Textract, and S3 where it is needed, are reached.

    Attributes:
        client: boto3's client of Textract that is there already, or a dictionary of it and of
            one of S3: ``{"textract": …, "s3": …}``. It keeps its own retries and timeouts.
        session: A boto3 session; by default a new one, which finds credentials as boto3 does.
        profile: Of the credentials file; not with `session`.
        region: Such as "eu-central-1"; by default the session's.
        endpoint_url: Another address than the region's: one for both services, or one for each
            of "textract" and "s3" that has another.
        retries: How often a request is repeated that is throttled or breaks off; 6 by default.
    """

    client: Any
    session: Any
    profile: str | None
    region: str | None
    endpoint_url: str | Mapping[str, str] | None
    retries: int


class AnalysisOptions(AnalysisConnection, total=False):
    """How a document is analysed.

    Attributes:
        features: Of "LAYOUT", "TABLES", "FORMS", "SIGNATURES" and "QUERIES"; LAYOUT by default.
            Each has its own price a page. None, or an empty list, detects lines and words alone.
        queries: Questions: texts, or `TextractQuery`; they bring the feature QUERIES.
        mode: "sync" sends the document with the request, or names it in S3, and takes one page;
            "async" starts a job; "auto", the default, takes the first for one page, and for a
            JPEG or PNG in S3, else the second.
        upload_to: Where a local document goes for a job: ``"s3://bucket/prefix"``.
        keep_upload: Whether it stays there; by default it is deleted once the job has ended.
            What was in S3 before is never deleted.
        timeout: Seconds to wait for a job; 3600 by default.
        interval: Seconds between the first two looks at it; 1 by default, growing to 15.
        progress: True or False; a function of (status, seconds waited); by default the status
            of a job is shown when a person is looking.
    """

    features: Iterable[str] | None
    queries: Iterable[Query] | None
    mode: Literal["auto", "sync", "async"]
    upload_to: str | None
    keep_upload: bool
    timeout: float
    interval: float
    progress: Progress


class Answer(NamedTuple):
    """What Textract answered about a document.

    Attributes:
        parts: One response, or those of a job.
        kept: Where a job's result still is, for errors in reading it; empty if nowhere.
    """

    parts: list[dict[str, Any]]
    kept: str = ""


class Analysis:
    """What is to be done with documents, checked; the same clients for all of them.

    Args:
        options: See `AnalysisOptions`.

    Raises:
        InvalidInputError: If an option can't work.
    """

    def __init__(self, options: AnalysisOptions) -> None:
        self.wanted = Wanted.of(options.get("features", ("LAYOUT",)), options.get("queries"))
        modes = ("auto", "sync", "async")
        self._mode = check_choice(options.get("mode", "auto"), "mode", modes)
        self._keep = check_flag(options.get("keep_upload", False), "keep_upload")
        target = options.get("upload_to")
        self._target = None if target is None else _target(target)
        self._waiting: dict[str, Any] = {
            "timeout": options.get("timeout", TIMEOUT),
            "interval": options.get("interval", FIRST_LOOK),
            "progress": options.get("progress"),
        }
        Wait("job", **self._waiting)
        known = AnalysisConnection.__annotations__
        self._connection: dict[str, Any] = {k: v for k, v in options.items() if k in known}
        self._clients: Clients | None = None
        self._lock = threading.Lock()

    @property
    def clients(self) -> Clients:
        """Of Textract, made when they are first needed."""
        with self._lock:  # sessions can't be asked for clients by two threads at once
            if self._clients is None:
                self._clients = clients_of("textract", self._connection)
                if self._target is not None:
                    self._clients.service("s3")
            return self._clients

    def answer(self, document: TextractDocument) -> Answer:
        """The service's answer; raises as `analyze_document`."""
        if document.mode(self._mode) == "async":
            return self._by_job(document)
        arguments = {"Document": document.argument(), **self.wanted.arguments("sync")}
        operation = "analyze_document" if self.wanted.features else "detect_document_text"
        service = self.clients.service("textract")
        return Answer([service.ask(lambda client: getattr(client, operation)(**arguments))])

    def start(self, document: TextractDocument) -> TextractJob:
        """A job that analyses the document, which is uploaded first where it is local."""
        self.wanted.arguments("async")
        document.mode("async")
        if document.place is not None:
            return start_job(self.clients, document.place, self.wanted)
        assert document.content is not None
        upload, place = self._place_for(document)
        try:
            upload.publish(document.content)
            return start_job(self.clients, place, self.wanted, upload)
        except BaseException as error:
            self._discard(upload, error)  # also where the reply to the upload was lost
            raise

    def close(self) -> None:
        """Closes the connections, if there are any."""
        if self._clients is not None:
            self._clients.close()

    def _by_job(self, document: TextractDocument) -> Answer:
        job = self.start(document)
        try:
            job.wait(**self._waiting)
            parts = job.parts()
        except BaseException as error:
            self._after(job, error)
            raise
        if job.upload is not None and not self._keep:
            self._delete(job)
        return Answer(parts, job.kept)

    def _after(self, job: TextractJob, error: BaseException) -> None:
        """Deletes the upload of a job that has ended; of another, says what goes on."""
        if not job.ended:
            error.add_note(
                f"The {job} can't be stopped. {job.resumed_by} fetches its result for seven days."
            )
            if job.upload is not None:
                error.add_note(f"It reads {job.upload}, which is left there.")
            return
        if not isinstance(error, DeploymentError):  # a job that failed has no result
            error.add_note(job.kept)
        if job._upload is not None:
            self._discard(job._upload, error)

    def _discard(self, upload: S3Object, error: BaseException) -> None:
        if self._keep:
            return
        try:
            upload.delete()
        except Exception as failed:  # of whatever renews the credentials, too
            error.add_note(f"{upload.name} could not be deleted: {failed}")

    def _delete(self, job: TextractJob) -> None:
        """Deletes the upload; that it can't be is no reason to lose the result."""
        try:
            job.delete_upload()
        except Exception as failed:  # of whatever renews the credentials, too
            left = f"{job.upload} could not be deleted, and goes on costing money: {failed}"
            warning = PartialResultWarning(left, code="UPLOAD_LEFT")
            warning.add_note(job.kept)  # it is raised where warnings are errors
            warn(warning)

    def _place_for(self, document: TextractDocument) -> tuple[S3Object, tuple[str, str]]:
        """Where the document is to be uploaded."""
        if self._target is None:
            raise InvalidInputError(
                f"{document.name!r} needs a job, which reads from S3: pass "
                "upload_to='s3://bucket/prefix', or its address there."
            )
        bucket, prefix = self._target
        # A name of its own, so that nothing of anyone's is overwritten, and then deleted.
        name = _NAME_CHARS.sub("-", PurePath(document.name).name)[-100:]
        place = bucket, f"{prefix}{uuid.uuid4().hex}/{name}"
        return S3Object(self.clients.service("s3"), *place), place


def analyze_document(
    source: Source, *, name: str | None = None, **options: Unpack[AnalysisOptions]
) -> list[dict[str, Any]]:
    """What Textract answers about a document, as it answers it: to be kept, and read again.

    `TextractLoader` reads it, and takes the document itself too.

    Args:
        source: A JPEG, PNG, TIFF or PDF: its path, ``s3://bucket/key``, or its bytes.
        name: For errors; by default the path.
        options: See `AnalysisOptions`.

    Returns:
        The response, or the parts of it that a job gave, in their order.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work, or a job has no `upload_to`.
        LoadError: If a file can't be read, or Textract reads no such file.
        DeploymentError: If the job failed; ``reason`` is the service's.
        EndpointTimeoutError: If the job takes longer than `timeout`.
        EndpointError: If the service refuses, or can't be reached.

    Example:
        >>> parts = analyze_document("scan.png", features=["LAYOUT"])  # doctest: +SKIP
        >>> Path("scan.json").write_text(json.dumps(parts))  # doctest: +SKIP
    """
    reject_unknown("analyze_document()", options, AnalysisOptions.__annotations__)
    analysis = Analysis(options)
    try:
        return analysis.answer(open_document(source, name)).parts
    finally:
        analysis.close()


async def aanalyze_document(
    source: Source, *, name: str | None = None, **options: Unpack[AnalysisOptions]
) -> list[dict[str, Any]]:
    """`analyze_document` in a thread, without blocking the event loop."""
    return await to_thread(analyze_document, source, name=name, **options)


def start_analysis(
    source: Source, *, name: str | None = None, **options: Unpack[AnalysisOptions]
) -> TextractJob:
    """A job that analyses the document, started and not waited for.

    Args:
        source: As for `analyze_document`.
        name: For errors; by default the path.
        options: See `AnalysisOptions`; a local document needs `upload_to`, and stays there until
            `TextractJob.delete_upload`.

    Raises:
        InvalidInputError: If an argument can't work.
        LoadError: If a file can't be read, or Textract reads no such file.
        EndpointError: If the service refuses, or can't be reached.

    Example:
        >>> job = start_analysis("s3://bucket/report.pdf")  # doctest: +SKIP
        >>> parts = job.wait().parts()  # doctest: +SKIP
    """
    reject_unknown("start_analysis()", options, AnalysisOptions.__annotations__)
    return Analysis(options).start(open_document(source, name))


def resume_analysis(
    job_id: str, *, text_only: bool = False, **connection: Unpack[AnalysisConnection]
) -> TextractJob:
    """A job that was started before, here or elsewhere, within the last seven days.

    Args:
        job_id: The service's name for it.
        text_only: Whether it detects lines and words alone, without features.
        connection: See `AnalysisConnection`.

    Raises:
        InvalidInputError: If an argument can't work.
    """
    reject_unknown("resume_analysis()", connection, AnalysisConnection.__annotations__)
    if not isinstance(job_id, str) or not job_id:
        raise InvalidInputError(f"job_id is {job_id!r:.80}; it has to be a text.")
    check_flag(text_only, "text_only")
    return TextractJob(job_id, clients_of("textract", dict(connection)), text_only=text_only)


def clients_of(main: str, connection: Mapping[str, Any]) -> Clients:
    """The clients, those of `main` first.

    Args:
        main: "textract" or "s3".
        connection: See `AnalysisConnection`.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If it can't work.
    """
    given = {"retries": _RETRIES, **connection}
    client = given.pop("client", None)
    if client is not None and not isinstance(client, Mapping):
        client = {"textract": client}
    return Clients(client=client, main=main, services=SERVICES, **given)


def _target(upload_to: str) -> tuple[str, str]:
    """Bucket and prefix, which ends in a slash where there is one."""
    if isinstance(upload_to, str) and re.fullmatch(r"s3://[^/]+", upload_to):
        upload_to += "/"
    bucket, prefix = split_address(upload_to, "upload_to")
    return bucket, prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
