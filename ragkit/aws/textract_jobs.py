"""Jobs of Amazon Textract: started once, waited for, and their results fetched."""

from __future__ import annotations

import uuid
from typing import Any, Self

from ragkit.aws.clients import Clients
from ragkit.aws.storage import S3Object
from ragkit.aws.textract_document import located
from ragkit.aws.textract_request import Wanted
from ragkit.aws.waiting import Progress, Wait
from ragkit.errors import DeploymentError, EndpointError, EndpointReplyError

__all__ = ["FIRST_LOOK", "LONGEST_LOOK", "TIMEOUT", "TextractJob", "start_job"]

TIMEOUT = 3600.0
"""Seconds that are waited for a job."""
FIRST_LOOK = 1.0
"""Seconds between the first two looks; from then on it grows."""
LONGEST_LOOK = 15.0
"""Seconds between two looks at most: the service limits their rate."""

_MOST_BLOCKS = 1000
"""Of a part of a result; the service gives no more."""
_ENDED = ("SUCCEEDED", "PARTIAL_SUCCESS", "FAILED")


class TextractJob:
    """A job of Textract, which nothing can stop; its results are kept for seven days.

    Attributes:
        id: The service's name for it.
        upload: Where the document was uploaded for it; None if it was in S3 already.
    """

    def __init__(
        self, job_id: str, clients: Clients, *, text_only: bool, upload: S3Object | None = None
    ) -> None:
        self.id = job_id
        self.upload = None if upload is None else upload.name
        self._clients, self._upload, self._text_only = clients, upload, text_only
        self._operation = "get_document_text_detection" if text_only else "get_document_analysis"
        self._first: dict[str, Any] | None = None

    def status(self) -> str:
        """``"IN_PROGRESS"``, ``"SUCCEEDED"``, ``"PARTIAL_SUCCESS"`` or ``"FAILED"``.

        Raises:
            EndpointError: If the service refuses, or can't be reached.
        """
        return str(self._look().get("JobStatus"))

    @property
    def ended(self) -> bool:
        """Whether it was seen to have ended; asks nobody."""
        return self._first is not None

    @property
    def resumed_by(self) -> str:
        """The call that gives this job again, for messages."""
        kind = ", text_only=True" if self._text_only else ""
        return f"ragkit.aws.resume_analysis({self.id!r}{kind})"

    @property
    def kept(self) -> str:
        """Where its result still is, for errors: it was paid for."""
        return (
            f"The {self} has ended; {self.resumed_by}.parts() fetches its result for seven days, "
            "without a new analysis."
        )

    def wait(
        self,
        *,
        timeout: float = TIMEOUT,
        interval: float = FIRST_LOOK,
        progress: Progress = None,
    ) -> Self:
        """Returns the job itself when it has succeeded, in part at least.

        Args:
            timeout: Seconds to wait at most.
            interval: Seconds between the first two looks; it grows to 15.
            progress: True or False; a function of (status, seconds); by default it is shown
                when a person is looking.

        Raises:
            DeploymentError: If it failed; ``reason`` is the service's.
            EndpointTimeoutError: If it takes longer; the job goes on.
            EndpointError: If the service refuses, or can't be reached for long.
        """
        wait = Wait(str(self), timeout, interval, progress, longest=LONGEST_LOOK)
        wait.until(self._unfinished)
        return self

    def parts(self) -> list[dict[str, Any]]:
        """The result as the service gives it: parts of up to 1,000 blocks, in their order.

        One after the other, since each part names the next.

        Raises:
            DeploymentError: If the job failed.
            EndpointError: If the service refuses, can't be reached, or the job has not ended.
        """
        if self._unfinished() is not None:
            raise EndpointError(f"The {self} has not ended; call wait() first.")
        assert self._first is not None
        parts, seen = [self._first], set[str]()
        while token := parts[-1].get("NextToken"):
            if token in seen:
                raise EndpointReplyError(f"The {self} gives the same NextToken again and again.")
            seen.add(token)
            parts.append(self._part(token))
        return parts

    def delete_upload(self) -> None:
        """Deletes what was uploaded for the job, if something was; not before it has ended.

        Raises:
            EndpointError: If it can't be deleted.
        """
        if self._upload is not None:
            self._upload.delete()

    def close(self) -> None:
        """Closes the connections, and leaves the job as it is."""
        self._clients.close()

    def __str__(self) -> str:
        return f"Textract job {self.id!r}"

    def __repr__(self) -> str:
        return f"TextractJob({self.id!r}, region={self._clients.region!r})"

    def _unfinished(self) -> str | None:
        """None when there is a result; else the status.

        Raises:
            DeploymentError: If it failed.
        """
        found = self._look()
        status = str(found.get("JobStatus"))
        if status not in _ENDED:
            return status
        if status == "FAILED":
            said = self._clients.hide(str(found.get("StatusMessage") or "no reason is given"))
            raise DeploymentError(f"The {self} FAILED: {said}", reason=said)
        return None

    def _look(self) -> dict[str, Any]:
        """The first part, which says how the job is; it stays when the job has ended."""
        if self._first is not None:
            return self._first
        found = self._part(None)
        if found.get("JobStatus") in _ENDED:
            self._first = found
        return found

    def _part(self, token: str | None) -> dict[str, Any]:
        arguments: dict[str, Any] = {"JobId": self.id, "MaxResults": _MOST_BLOCKS}
        if token is not None:
            arguments["NextToken"] = token
        return _ask(self._clients, self._operation, arguments)


def start_job(
    clients: Clients, place: tuple[str, str], wanted: Wanted, upload: S3Object | None = None
) -> TextractJob:
    """A job that analyses an object in S3; a repeated request starts no second one.

    Args:
        clients: Of Textract.
        place: Bucket and key.
        wanted: What is asked for.
        upload: The object, where it is there for the job alone.

    Raises:
        EndpointError: If the service refuses, or can't be reached.
    """
    arguments = {
        "DocumentLocation": located(*place),
        "ClientRequestToken": uuid.uuid4().hex,
        **wanted.arguments("async"),
    }
    text_only = not wanted.features
    operation = "start_document_text_detection" if text_only else "start_document_analysis"
    job_id = _ask(clients, operation, arguments).get("JobId")
    if not job_id:
        raise EndpointReplyError("Textract started a job without a name. Is endpoint_url= right?")
    return TextractJob(str(job_id), clients, text_only=text_only, upload=upload)


def _ask(clients: Clients, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    def call(client: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(client, operation)(**arguments)
        return answer

    return clients.service("textract").ask(call)
