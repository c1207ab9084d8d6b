"""Results of jobs that the service puts into a bucket of one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ragkit.aws.storage import objects_in
from ragkit.aws.textract_analysis import clients_of
from ragkit.aws.textract_jobs import TextractJob
from ragkit.errors import CorruptFileError, InvalidInputError

__all__ = ["Output", "result_of"]

_PREFIX = "textract_output"
"""Where the service puts results, if it is told a bucket alone."""


class Output:
    """Where results go.

    Args:
        bucket: Its name.
        prefix: In it; the service has one of its own if it is empty.
        connection: See `ragkit.aws.AnalysisConnection`.
    """

    def __init__(self, bucket: str, prefix: str, connection: Mapping[str, Any]) -> None:
        self._bucket, self._prefix = bucket, prefix.strip("/")
        self._connection = connection

    @classmethod
    def at(cls, address: str, connection: Mapping[str, Any]) -> Output:
        """The one at ``s3://bucket/prefix``.

        Raises:
            InvalidInputError: If the address can't be.
        """
        found = re.fullmatch(r"s3://([^/]+)/?(.*)", address) if isinstance(address, str) else None
        if found is None:
            raise InvalidInputError(
                f"s3_output_path is {address!r:.200}; it has to be 's3://bucket/prefix'."
            )
        return cls(found[1], found[2], connection)

    def fields(self, kms_key_id: str) -> dict[str, Any]:
        """Fields of a request that say so, as the service names them."""
        place = {"S3Bucket": self._bucket, "S3Prefix": self._prefix}
        made = {name: value for name, value in place.items() if value}
        return {"OutputConfig": made, "KMSKeyId": kms_key_id}

    def parts(self, job: TextractJob) -> list[dict[str, Any]]:
        """The result of a job that has ended: as the service gives it, or else from the bucket.

        Raises:
            CorruptFileError: If the bucket has none.
            EndpointError: If it can't be read.
        """
        parts = job.parts()
        if any(part.get("Blocks") for part in parts):
            return parts
        return self._stored(job.id) or parts

    def _stored(self, job_id: str) -> list[dict[str, Any]]:
        address = f"s3://{self._bucket}/{self._prefix or _PREFIX}/{job_id}/"
        clients = clients_of("s3", self._connection)
        try:
            objects, _ = objects_in(clients.service("s3"), address)
            files = [one for one, _ in objects if one.name.rpartition("/")[2].isdecimal()]
            files.sort(key=lambda one: int(one.name.rpartition("/")[2]))
            found = []
            for file in files:
                with file.open() as stream:
                    found.append(json.load(stream))
        except ValueError as error:
            raise CorruptFileError(f"The result in {address!r} is no JSON: {error}.") from error
        finally:
            clients.close()
        if not found:
            raise CorruptFileError(f"There is no result in {address!r}.")
        return found


def result_of(job: TextractJob, output: Output | None, **waiting: Any) -> list[dict[str, Any]]:
    """The parts of a job's result, which is waited for; an error says how to come back to it.

    Args:
        job: That was started.
        output: Where its result goes; None for the service's own store.
        waiting: See `TextractJob.wait`.
    """
    try:
        job.wait(**waiting)
        return job.parts() if output is None else output.parts(job)
    except BaseException as error:
        if not job.ended:
            error.add_note(
                f"The {job} can't be stopped. ragkit.aws.resume_analysis({job.id!r}) fetches its "
                "result for seven days."
            )
        raise
