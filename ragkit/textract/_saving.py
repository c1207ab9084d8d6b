"""Texts of pages as files: in a folder, or below a prefix in S3."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ragkit.errors import InvalidInputError

__all__ = ["check_target", "save_pages"]


def check_target(path: str | os.PathLike[str] | None) -> str | None:
    """The target as a text; None where nothing is to be saved.

    Raises:
        InvalidInputError: If it is neither a folder's path nor ``s3://bucket/prefix``.
    """
    if path is None:
        return None
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise InvalidInputError(
            f"save_txt_path is {path!r:.80}; it has to be a folder's path or 's3://bucket/prefix'."
        )
    target = os.fspath(path)
    if not target.startswith("s3://"):
        if Path(target).exists() and not Path(target).is_dir():
            raise InvalidInputError(f"save_txt_path is {target!r}, which is a file, not a folder.")
        return target
    from ragkit.aws.storage import split_address

    split_address(_with_slash(target), "save_txt_path")
    return target


def save_pages(
    texts: Mapping[int, str], target: str, *, session: Any = None, endpoint_url: str | None = None
) -> None:
    """Writes ``1.txt``, ``2.txt`` …, each in UTF-8; a local folder is made where it is not there.

    Args:
        texts: By the numbers of pages.
        target: As `check_target` gives it.
        session: Of boto3, for S3.
        endpoint_url: Of S3, where it is not the region's.

    Raises:
        EndpointError: If S3 does not take them.
        MissingExtraError: If they go to S3 and boto3 is not installed.
    """
    if target.startswith("s3://"):
        _save_in_s3(texts, target, session, endpoint_url)
        return
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in texts.items():
        (folder / f"{number}.txt").write_text(text, encoding="utf-8", newline="\n")


def _save_in_s3(
    texts: Mapping[int, str], target: str, session: Any, endpoint_url: str | None
) -> None:
    from ragkit.aws.service import AWSService
    from ragkit.aws.storage import S3Object, split_address

    bucket, prefix = split_address(_with_slash(target), "save_txt_path")
    service = AWSService("s3", session=session, endpoint_url=endpoint_url, retries=4)
    with closing(service), tempfile.TemporaryDirectory() as folder:
        for number, text in texts.items():
            file = Path(folder) / f"{number}.txt"
            file.write_text(text, encoding="utf-8", newline="\n")
            S3Object(service, bucket, prefix + file.name).publish(file)


def _with_slash(address: str) -> str:
    """The prefix as a folder: ``s3://bucket`` and ``s3://bucket/a/`` are both meant so."""
    return address if address.endswith("/") else f"{address}/"
