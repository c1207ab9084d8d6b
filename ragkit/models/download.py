"""One file of a hub's model, downloaded into a folder: resumed, bounded, verified.

The hub's own client throws away what it has of a file when a download fails, and has no bound;
so its client says where a file is, and the bytes are read here.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import httpx

from ragkit._http_values import retry_after
from ragkit._hub import ATTEMPTS, Hub, HubFile, HubModel, refusal
from ragkit._retrying import Retries
from ragkit.errors import TEMPORARY_STATUSES, EndpointError, ModelError
from ragkit.models.record import RecordedFile, file_sha256

__all__ = ["Downloader", "matches", "missing_bytes"]

_PIECE = 2**20
_RETRIES = Retries(ATTEMPTS - 1)
_SHA256, _SHA1 = re.compile(r"[0-9a-f]{64}\Z"), re.compile(r"[0-9a-f]{40}\Z")
_POINTER = b"version https://git-lfs.github.com/spec/"


class Downloader:
    """Downloads a model's files, over one connection where the hub keeps it open.

    Args:
        hub: Where it is.
        model: Which one.
        folder: Where it goes.
        max_bytes: The most that the files may have together.
        advance: Called with a file's name and how many more bytes of it are there.
    """

    def __init__(
        self,
        hub: Hub,
        model: HubModel,
        folder: Path,
        *,
        max_bytes: int,
        advance: Callable[[str, int], None],
    ) -> None:
        self._hub, self._model, self._folder = hub, model, folder
        self._left, self._advance = max_bytes, advance
        # To another host, such as that of a redirect, httpx does not send the token.
        self._client = httpx.Client(
            headers={**hub.headers(), "Accept-Encoding": "identity"},
            timeout=hub.timeout,
            follow_redirects=True,
            max_redirects=5,
        )

    def __enter__(self) -> Downloader:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def download(self, file: HubFile) -> RecordedFile:
        """Brings the file into the folder; what an earlier attempt has left of it is used.

        Raises:
            ModelError: If the hub does not give it, or what it gives is not what it lists.
        """
        target, part = self._folder / file.name, _part(self._folder, file)
        target.parent.mkdir(exist_ok=True)
        self._advance(file.name, _size(part))
        try:
            known = self._repeated(file, part)
        except EndpointError as error:
            raise ModelError(
                f"{self._named(file)} could not be downloaded in {ATTEMPTS} attempts ({error}). "
                f"What has come is kept: fetch again to go on."
            ) from None
        self._left -= _size(part)
        part.replace(target)
        return RecordedFile.of(self._folder, file.name, known.sha256)

    def _repeated(self, file: HubFile, part: Path) -> HubFile:
        """`_attempt`, repeated; where one has brought much, the attempts are counted anew.

        Not so once what had come turned out to be damaged: that could go on for ever.
        """
        attempt, damaged = 0, False
        while True:
            before = _size(part)
            try:
                return self._attempt(file, part)
            except EndpointError as error:
                damaged = damaged or _size(part) < before
                if not damaged and _size(part) >= before + _PIECE:
                    attempt = 0
                time.sleep(_RETRIES.pause(error, attempt))
                attempt += 1

    def _attempt(self, file: HubFile, part: Path) -> HubFile:
        """Downloads what is missing, and verifies the whole; the file as it is known then."""
        have = _size(part)
        if file.size is not None and have > file.size:
            have = self._drop(file, part)
        whole = have == file.size and part.exists()  # an empty file is not there by itself
        known = file if whole else self._request(file, part, have)
        if matches(part, known):
            self._check_pointer(file, part)
            return known
        size = _size(part)
        self._drop(file, part)
        if have:
            raise _passing("what was there already did not fit")
        raise ModelError(
            f"{self._named(file)} came damaged: its {size:,} bytes do not have the hash that the "
            f"hub lists ({known.sha256 or known.git_id}). It was removed; fetch again."
        )

    def _request(self, file: HubFile, part: Path, have: int) -> HubFile:
        """Appends to the part; the file with what the reply's head adds to the listing."""
        headers = {"Range": f"bytes={have}-"} if have else {}
        try:
            with self._client.stream(
                "GET", self._hub.url(self._model, file.name), headers=headers
            ) as reply:
                if reply.status_code in (200, 416):  # the whole, or no such range
                    self._drop(file, part)
                self._check_status(file, reply)
                known = completed(file, reply)
                with part.open("ab") as out:
                    self._copy(known, reply, out)
        except httpx.TransportError as error:
            raise _passing(type(error).__name__) from None
        except httpx.HTTPError as error:
            raise ModelError(
                f"{self._named(file)} can't be downloaded ({type(error).__name__})."
            ) from None
        if known.size is not None and _size(part) < known.size:
            self._check_pointer(file, part)
            raise _passing(f"only {_size(part):,} of {known.size:,} bytes came")
        return known

    def _check_status(self, file: HubFile, reply: httpx.Response) -> None:
        status = reply.status_code
        if status in (200, 206):
            return
        if status in TEMPORARY_STATUSES or status == 416:
            raise _passing(f"status {status}", retry_after(reply.headers.get("retry-after")))
        gated = reply.headers.get("x-error-code") == "GatedRepo"
        raise ModelError(
            f"{self._named(file)} can't be downloaded. "
            f"{refusal(status, self._model.id, gated=gated)}"
        )

    def _copy(self, file: HubFile, reply: httpx.Response, out: BinaryIO) -> None:
        most = self._left if file.size is None else min(file.size, self._left)
        for piece in reply.iter_bytes():  # as they come: a larger piece would be lost at a cut
            if out.tell() + len(piece) > most:
                raise ModelError(
                    f"The hub sends more of {self._named(file)} than the {most:,} bytes that were "
                    f"announced, or allowed by max_bytes=."
                )
            out.write(piece)
            self._advance(file.name, len(piece))
        out.flush()
        os.fsync(out.fileno())

    def _check_pointer(self, file: HubFile, part: Path) -> None:
        with part.open("rb") as content:
            if content.read(len(_POINTER)) != _POINTER:
                return
        self._drop(file, part)
        raise ModelError(
            f"The hub has a Git LFS pointer in place of {self._named(file)}: the content was "
            f"never uploaded, or endpoint= is a mirror without it."
        )

    def _drop(self, file: HubFile, part: Path) -> int:
        """Throws away what there is of a file; the 0 bytes that are left."""
        self._advance(file.name, -_size(part))
        part.unlink(missing_ok=True)
        return 0

    def _named(self, file: HubFile) -> str:
        return f"{file.name!r} of {self._model.id!r}"


def _passing(why: str, pause: float | None = None) -> EndpointError:
    """A failure that may pass; `pause` is how long the hub asks to wait, if it does."""
    return EndpointError(why, retry_after=pause, temporary=True)


def matches(path: Path, file: HubFile) -> bool:
    """Whether a file on disk is what the hub lists, as far as it says."""
    if file.size is not None and path.stat().st_size != file.size:
        return False
    if file.sha256 is not None:
        return file_sha256(path) == file.sha256
    return file.git_id is None or _git_id(path) == file.git_id


def completed(file: HubFile, reply: httpx.Response) -> HubFile:
    """A file with size and hash as the reply's head has them, where the listing has none.

    Mirrors may leave them out of the listing. A hub's redirect tells of what it leads to.
    """
    linked = {k: v for hop in reply.history for k, v in hop.headers.items() if "linked" in k}
    tag = linked.get("x-linked-etag") or reply.headers.get("etag", "")
    tag = tag.removeprefix("W/").strip('"').lower()
    length = linked.get("x-linked-size") or reply.headers.get("content-length", "")
    if reply.status_code == 206:
        length = reply.headers.get("content-range", "").rpartition("/")[2]
    unknown = file.sha256 is None and file.git_id is None
    return replace(
        file,
        size=int(length) if file.size is None and length.isdecimal() else file.size,
        sha256=tag if unknown and _SHA256.match(tag) else file.sha256,
        git_id=tag if unknown and _SHA1.match(tag) else file.git_id,
    )


def missing_bytes(folder: Path, file: HubFile) -> int:
    """What is to be downloaded of a file, less what an earlier attempt has left of it.

    0 where the hub does not say how long the file is.
    """
    return max(0, (file.size or 0) - _size(_part(folder, file)))


def _part(folder: Path, file: HubFile) -> Path:
    """Where a file lies until it is whole."""
    return folder / f"{file.name}.part"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _git_id(path: Path) -> str:
    """What git calls a file of this content."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
