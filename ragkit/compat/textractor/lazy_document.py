"""A document that a job of Textract analyses, and that is waited for when it is needed."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ragkit.aws.textract_jobs import FIRST_LOOK, TIMEOUT, TextractJob
from ragkit.compat.textractor.document import Document
from ragkit.compat.textractor.outputs import Output, result_of
from ragkit.compat.textractor.responses import merged
from ragkit.errors import EndpointError, PartialResultWarning

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["LazyDocument"]


class LazyDocument:
    """Has all attributes of a `Document`; the first that is asked for waits for the job.

    What the document was uploaded as is deleted when the job has ended.

    Args:
        job: That analyses it.
        images: What gives the picture of a page by its place, from 0; None where none was kept.
        output: Where the result goes; None for the service's own store.
        timeout: Seconds to wait for the job.
        interval: Seconds between the first two looks at it.

    Attributes:
        job_id: The service's name for the job.
        document: The result; None until it was waited for.
        timeout: Seconds to wait for the job.
        textract_polling_interval: Seconds between the first two looks at it; it grows.
    """

    def __init__(
        self,
        job: TextractJob,
        images: Callable[[int], Image] | None = None,
        *,
        output: Output | None = None,
        timeout: float = TIMEOUT,
        interval: float = FIRST_LOOK,
    ) -> None:
        self.job_id = job.id
        self.document: Document | None = None
        self.timeout, self.textract_polling_interval = timeout, interval
        self._job, self._images, self._output = job, images, output
        self._lock = threading.Lock()

    def wait(self) -> Document:
        """The result.

        Raises:
            DeploymentError: If the job failed; ``reason`` is the service's.
            EndpointTimeoutError: If it takes longer than `timeout`; the job goes on.
            EndpointError: If the service refuses, or can't be reached.
        """
        with self._lock:
            if self.document is None:
                self.document = self._fetched()
            return self.document

    def _fetched(self) -> Document:
        job = self._job
        try:
            waiting = {"timeout": self.timeout, "interval": self.textract_polling_interval}
            response = merged(result_of(job, self._output, **waiting))
        finally:
            if job.ended:
                _delete_upload(job)
        job.close()
        return Document(response, self._images)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"'LazyDocument' has no {name!r}.")
        return getattr(self.wait(), name)

    def __repr__(self) -> str:
        return f"LazyDocument({self.job_id!r})"


def _delete_upload(job: TextractJob) -> None:
    """Deletes the upload; that it can't be is no reason to lose the result."""
    try:
        job.delete_upload()
    except EndpointError as failed:
        left = f"{job.upload} could not be deleted, and goes on costing money: {failed}"
        warnings.warn(PartialResultWarning(left, code="UPLOAD_LEFT"), stacklevel=2)
