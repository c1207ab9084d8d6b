"""Objects in S3: read in parts, written whole."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import IO, Any, cast

from ragkit.aws.service import AWSService
from ragkit.errors import EndpointError, InvalidInputError, MissingFileError

__all__ = ["S3Object", "objects_in", "split_address", "split_object"]

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.*)", re.DOTALL)
_PART = 8 * 1024 * 1024
"""Bytes of one request; each is repeated by itself where the connection breaks."""


def split_address(address: str, name: str = "address") -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``.

    Raises:
        InvalidInputError: If it is no such address.
    """
    match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if match is None:
        raise InvalidInputError(f"{name} is {address!r:.200}; it has to be 's3://bucket/key'.")
    return match[1], match[2]


def split_object(address: str) -> tuple[str, str]:
    """Bucket and key of an object's address.

    Raises:
        InvalidInputError: If it names no object.
    """
    bucket, key = split_address(address)
    if not key or key.endswith("/"):
        raise InvalidInputError(f"{address!r} names no object; it has to be 's3://bucket/key'.")
    return bucket, key


class S3Object:
    """One object of a bucket, which need not exist yet.

    Args:
        service: Of S3.
        bucket: Its name.
        key: Of the object.
    """

    def __init__(self, service: AWSService, bucket: str, key: str) -> None:
        self._service, self._bucket, self._key = service, bucket, key
        self.name = f"s3://{bucket}/{key}"

    def __repr__(self) -> str:
        return f"S3Object({self.name!r})"

    @classmethod
    def at(
        cls,
        address: str,
        *,
        client: Any = None,
        session: Any = None,
        profile: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
    ) -> S3Object:
        """The object at ``s3://bucket/key``; the rest is as for `AWSService`.

        Raises:
            InvalidInputError: If the address names no object.
            MissingExtraError: If boto3 is not installed.
        """
        service = AWSService(
            "s3",
            client=client,
            session=session,
            profile=profile,
            region=region,
            endpoint_url=endpoint_url,
            retries=4,
        )
        return cls(service, *split_object(address))

    def size(self) -> int:
        """Bytes.

        Raises:
            MissingFileError: If there is no such object.
        """
        return int(self._head()["ContentLength"])

    def open(self) -> IO[bytes]:
        """A stream that holds one part of it at a time.

        Raises:
            EndpointError: While it is read: if it can't be, or has changed since.
        """
        head = self._head()
        return cast("IO[bytes]", io.BufferedReader(_Parts(self, head), _PART))

    def start(self, size: int) -> bytes:
        """Its first bytes, fewer where it has no more.

        Raises:
            MissingFileError: If there is no such object.
            EndpointError: If it can't be read.
        """
        return _Parts(self, self._head()).read(size) or b""

    def publish(self, source: Path | bytes) -> None:
        """Uploads a local file, in parts where it is large; S3 shows it only when it is whole."""

        def upload(client: Any) -> None:
            with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
                client.upload_fileobj(file, self._bucket, self._key)

        self._service.ask(upload)

    def delete(self) -> None:
        """Deletes it, if it is there."""
        self._service.ask(lambda s3: s3.delete_object(Bucket=self._bucket, Key=self._key))

    def beside(self, suffix: str) -> S3Object:
        """The object with a suffix to its key."""
        return S3Object(self._service, self._bucket, self._key + suffix)

    def part(self, start: int, size: int, etag: str) -> bytes:
        """Bytes of it from `start`, if it is still the one with that tag."""

        def get(client: Any) -> bytes:
            span = f"bytes={start}-{start + size - 1}"
            found = client.get_object(Bucket=self._bucket, Key=self._key, Range=span, IfMatch=etag)
            data: bytes = found["Body"].read()
            return data

        return self._service.ask(get)

    def close(self) -> None:
        """Closes the connections."""
        self._service.close()

    def _head(self) -> dict[str, Any]:
        try:
            head: dict[str, Any] = self._service.ask(
                lambda s3: s3.head_object(Bucket=self._bucket, Key=self._key)
            )
        except EndpointError as error:
            if error.status == 404:
                raise MissingFileError(
                    f"There is no {self.name!r}; check bucket, key and region."
                ) from None
            raise
        return head


def objects_in(service: AWSService, address: str) -> tuple[list[tuple[S3Object, int]], list[str]]:
    """What is in a folder of a bucket: objects with their bytes, and names of further folders.

    Args:
        service: Of S3.
        address: ``s3://bucket/folder/``, or ``s3://bucket``.

    Raises:
        InvalidInputError: If it is no such address.
        MissingFileError: If there is no such bucket.
        EndpointError: If it can't be listed.
    """
    bucket, folder = split_address(address if "/" in address[5:] else f"{address}/")
    prefix = folder if not folder or folder.endswith("/") else f"{folder}/"

    def listed(client: Any) -> list[dict[str, Any]]:
        pages = client.get_paginator("list_objects_v2")
        return list(pages.paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"))

    try:
        found = service.ask(listed)
    except EndpointError as error:
        if error.status == 404:
            raise MissingFileError(f"There is no bucket {bucket!r}; check its name.") from None
        raise
    objects = [
        (S3Object(service, bucket, item["Key"]), int(item["Size"]))
        for page in found
        for item in page.get("Contents", ())
    ]
    return objects, [one["Prefix"] for page in found for one in page.get("CommonPrefixes", ())]


class _Parts(io.RawIOBase):
    """An object's bytes, asked for part by part."""

    def __init__(self, whole: S3Object, head: dict[str, Any]) -> None:
        self._object, self._etag = whole, str(head["ETag"])
        self._at, self._size = 0, int(head["ContentLength"])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), _PART, self._size - self._at)
        if size <= 0:
            return 0
        data = self._object.part(self._at, size, self._etag)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
