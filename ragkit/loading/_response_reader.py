"""Responses of Amazon Textract, from wherever they are: in memory, stored, or still to be asked."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit._checks import reject_unknown
from ragkit.errors import MissingFileError, UnsupportedFileError
from ragkit.loading._files import check_file, load_errors
from ragkit.loading._response_json import read_json
from ragkit.loading._response_source import StoredResponses
from ragkit.loading._responses import Part, keeping, parts_of

if TYPE_CHECKING:
    from ragkit.aws.service import AWSService
    from ragkit.aws.textract_analysis import Analysis

__all__ = ["Reader"]


class Reader:
    """Reads responses, and has documents analysed.

    Args:
        options: See `ragkit.aws.AnalysisOptions`.
        max_bytes: Of a response, packed and unpacked; None for no limit.
        own: Names of the options that whoever makes this takes beside these.
        decode: Reads the JSON of a response.
        analyses: Whether documents are analysed; otherwise they are an error.

    Raises:
        InvalidInputError: If an option can't work.
        UnknownOptionError: If there is no such option.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        max_bytes: int | None,
        own: tuple[str, ...] = (),
        *,
        decode: Callable[[bytes | bytearray], Any] = read_json,
        analyses: bool = True,
    ) -> None:
        self._options, self._analyses = dict(options), analyses
        self._stored = StoredResponses(max_bytes, decode)
        self._analysis: Analysis | None = None
        self._s3: AWSService | None = None
        self._lock = threading.Lock()
        if options:  # what can't work is said at once
            from ragkit.aws.textract_analysis import AnalysisOptions

            reject_unknown("TextractLoader()", options, {*AnalysisOptions.__annotations__, *own})
            self._analyser()

    def parts(self, source: Any, name: str) -> list[Part]:
        """All parts of what is known about one document.

        Args:
            source: A response, parts, a path, an address or bytes.
            name: Of the document, where it has no path.

        Raises:
            InvalidInputError: If it is a text that is no path and no address.
            LoadError: If it can't be read, or is no response and no document.
            EndpointError: If a service refuses, or can't be reached.
        """
        if isinstance(source, bytes):
            return self._from_bytes(source, name)
        if not isinstance(source, str | os.PathLike):
            return parts_of(source, name)
        from ragkit.aws.textract_document import path_of

        path = path_of(source)
        if path.startswith("s3://"):
            return self._from_s3(path)
        if Path(path).is_dir():
            return self._stored.in_folder(Path(path))
        return self._from_file(path)

    def close(self) -> None:
        """Closes the connections, if there are any."""
        if self._analysis is not None:
            self._analysis.close()
        if self._s3 is not None:
            self._s3.close()

    def _from_file(self, path: str) -> list[Part]:
        from ragkit.aws.textract_document import HEAD, kind_of

        check_file(path, max_bytes=None)
        with load_errors(path), Path(path).open("rb") as file:
            head = file.read(HEAD)
        if kind_of(head) is None:
            return self._stored.in_file(Path(path))
        return self._analysed(path, path)

    def _from_bytes(self, data: bytes, name: str) -> list[Part]:
        from ragkit.aws.textract_document import HEAD, kind_of

        if kind_of(data[:HEAD]) is None:
            return self._stored.in_bytes(data, name)
        return self._analysed(data, name)

    def _from_s3(self, address: str) -> list[Part]:
        from ragkit.aws.storage import S3Object, objects_in, split_address
        from ragkit.aws.textract_document import HEAD, kind_of, kind_of_name

        key = split_address(address if "/" in address[5:] else f"{address}/")[1]
        if not key or key.endswith("/"):
            found, folders = objects_in(self._bucket_service(), address)
            return self._stored.in_objects(found, folders, address)
        if kind_of_name(key) is not None:  # Textract reads it; whoever asks need not
            return self._analysed(address, address)
        stored = S3Object(self._bucket_service(), *split_address(address))
        try:
            head = stored.start(HEAD)
        except MissingFileError as error:
            raise MissingFileError(f"{error} The address of a folder ends in '/'.") from None
        if kind_of(head) is not None:
            return self._analysed(address, address)
        return self._stored.in_object(stored)

    def _analysed(self, source: str | bytes, name: str) -> list[Part]:
        from ragkit.aws.textract_document import open_document

        if not self._analyses:
            raise UnsupportedFileError(
                f"{name!r} is a document, and no response: give what "
                "ragkit.aws.analyze_document() answers about it."
            )
        answer = self._analyser().answer(open_document(source, name))
        with keeping(answer.kept):
            return parts_of(answer.parts, name, answer.kept)

    def _analyser(self) -> Analysis:
        from ragkit.aws.textract_analysis import Analysis

        with self._lock:
            if self._analysis is None:
                self._analysis = Analysis(self._options)  # type: ignore[arg-type]  # checked above
            return self._analysis

    def _bucket_service(self) -> AWSService:
        """S3, for responses that are there."""
        from ragkit.aws.textract_analysis import AnalysisConnection, clients_of

        known = AnalysisConnection.__annotations__
        with self._lock:
            if self._s3 is None:
                connection = {key: self._options[key] for key in known if key in self._options}
                self._s3 = clients_of("s3", connection).service("s3")
            return self._s3
