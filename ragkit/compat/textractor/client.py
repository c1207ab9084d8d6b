"""``Textractor``: documents analysed by Amazon Textract, with the names of that library."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ragkit._checks import check_flag, reject_unknown
from ragkit._extras import require
from ragkit.compat.textractor.entities import refuse
from ragkit.errors import InvalidInputError

if TYPE_CHECKING:
    from PIL.Image import Image

    from ragkit.compat.textractor.document import Document
    from ragkit.compat.textractor.lazy_document import LazyDocument

__all__ = ["Textractor"]

_LONGER = (
    "It was sent with the request, which takes one page. Use start_document_analysis() or "
    "start_document_text_detection() with s3_upload_path='s3://bucket/prefix'."
)
_INSTEAD = {
    name: f"ask boto3 for {call}; ragkit reads the answers of AnalyzeDocument and "
    "DetectDocumentText."
    for name, call in {
        "analyze_expense": "analyze_expense",
        "analyze_id": "analyze_id",
        "start_expense_analysis": "start_expense_analysis",
    }.items()
}


class Textractor:
    """Has documents analysed; nothing is asked of Amazon before the first call.

    Args:
        profile_name: Of the credentials file.
        region_name: Such as "eu-central-1"; by default the profile's, or the environment's.
        kms_key_id: Of the key for results that go into S3 (`s3_output_path`).
        config: botocore's, for clients with retries and timeouts of their own.
        connection: Of `ragkit.aws.AnalysisConnection`: `session`, `endpoint_url`, `client`,
            `retries`.

    Raises:
        InvalidInputError: If an argument can't work.
        UnknownOptionError: If there is no such argument.

    Example:
        >>> extractor = Textractor(profile_name="default")  # doctest: +SKIP
        >>> document = extractor.analyze_document("scan.png", "LAYOUT")  # doctest: +SKIP
        >>> document.pages[0].page_layout.titles.visualize()  # doctest: +SKIP
    """

    def __init__(
        self,
        profile_name: str | None = None,
        region_name: str | None = None,
        kms_key_id: str = "",
        config: Any = None,
        **connection: Any,
    ) -> None:
        known = ("client", "session", "endpoint_url", "retries")
        reject_unknown("Textractor()", connection, ("profile_name", "region_name", *known))
        self.profile_name, self.region_name = profile_name, region_name
        self.kms_key_id = kms_key_id
        if not profile_name and not region_name:
            region_name = os.environ.get("AWS_REGION")  # boto3 does not look there
        named = {"profile": profile_name, "region": region_name}
        self._connection = {
            name: value for name, value in {**named, **connection}.items() if value is not None
        }
        if config is not None:
            self._connection = _configured(self._connection, config)

    def analyze_document(
        self,
        file_source: Any,
        features: Any,
        queries: Any = None,
        save_image: bool = True,  # noqa: FBT001, FBT002 – Textractor's order
    ) -> Document:
        """One page, analysed with the request.

        Args:
            file_source: A path, ``s3://bucket/key``, the bytes of a file, or one of Pillow's
                pictures, also in a list.
            features: Of `TextractFeatures`; one, or a list.
            queries: Questions, for the feature QUERIES: a list of texts or of `Query`, or a
                `QueriesConfig`.
            save_image: Whether the page can be shown, and is ``document.pages[0].image``.

        Raises:
            MissingExtraError: If boto3 is not installed.
            InvalidInputError: If an argument can't work.
            LoadError: If a file can't be read, has more pages, or Textract reads no such file.
            EndpointError: If the service refuses, or can't be reached.
        """
        return self._analysed(file_source, features, queries, save_image=save_image)

    def detect_document_text(
        self,
        file_source: Any,
        save_image: bool = True,  # noqa: FBT001, FBT002 – Textractor's order
    ) -> Document:
        """Lines and words of one page; see `analyze_document`."""
        return self._analysed(file_source, None, None, save_image=save_image)

    def start_document_analysis(  # noqa: PLR0917  # Textractor's arguments
        self,
        file_source: Any,
        features: Any,
        s3_output_path: str = "",
        s3_upload_path: str = "",
        queries: Any = None,
        client_request_token: str = "",
        job_tag: str = "",
        save_image: bool = True,  # noqa: FBT001, FBT002 – Textractor's order
    ) -> LazyDocument:
        """Pages that a job analyses; what is asked of the result first waits for it.

        Args:
            file_source: A path, ``s3://bucket/key``, the bytes of a file, or one of Pillow's
                pictures.
            features: Of `TextractFeatures`; one, or a list.
            s3_output_path: Where the service puts the result, ``s3://bucket/prefix``; by default
                into a store of its own.
            s3_upload_path: Where a document goes that is not in S3: ``s3://bucket/prefix``. It is
                deleted when the job has ended.
            queries: As of `analyze_document`.
            client_request_token: The same token starts no second job.
            job_tag: For the notification of a job.
            save_image: Whether pages can be shown; they are drawn when they are looked at.

        Raises:
            MissingExtraError: If boto3 is not installed.
            InvalidInputError: If an argument can't work.
            LoadError: If a file can't be read, or Textract reads no such file.
            EndpointError: If the service refuses, or can't be reached.
        """
        from ragkit.compat.textractor.requests import feature_names, question_list

        asked = {"features": feature_names(features), "queries": question_list(queries)}
        fields = {"ClientRequestToken": client_request_token, "JobTag": job_tag}
        return self._started(
            file_source, asked, s3_output_path, s3_upload_path, fields, save_image=save_image
        )

    def start_document_text_detection(
        self,
        file_source: Any,
        s3_output_path: str = "",
        s3_upload_path: str = "",
        client_request_token: str = "",
        job_tag: str = "",
        save_image: bool = True,  # noqa: FBT001, FBT002 – Textractor's order
    ) -> LazyDocument:
        """Lines and words of pages, by a job; see `start_document_analysis`."""
        fields = {"ClientRequestToken": client_request_token, "JobTag": job_tag}
        return self._started(
            file_source,
            {"features": None},
            s3_output_path,
            s3_upload_path,
            fields,
            save_image=save_image,
        )

    def get_result(self, job_id: str, api: Any) -> Document:
        """The result of a job that was started within the last seven days.

        Args:
            job_id: The service's name for it.
            api: `TextractAPI.ANALYZE` or ``DETECT_TEXT``.

        Raises:
            InvalidInputError: If an argument can't work.
            DeploymentError: If the job failed.
            EndpointError: If the service refuses, or can't be reached.
        """
        from ragkit.aws.textract_analysis import resume_analysis
        from ragkit.compat.textractor.lazy_document import LazyDocument

        kinds = {"ANALYZE": False, "DETECT_TEXT": True, "DETECT": True}
        name = str(getattr(api, "name", api))
        if name not in kinds:
            raise InvalidInputError(
                f"api is {api!r:.80}; it has to be TextractAPI.ANALYZE or TextractAPI.DETECT_TEXT."
            )
        job = resume_analysis(job_id, text_only=kinds[name], **self._connection)
        return LazyDocument(job).wait()

    def _analysed(
        self, file_source: Any, features: Any, queries: Any, *, save_image: bool
    ) -> Document:
        from ragkit.compat.textractor.document import Document
        from ragkit.compat.textractor.requests import answered, feature_names, question_list
        from ragkit.compat.textractor.responses import merged

        source, images = self._source(file_source, save_image=save_image)
        asked = {"features": feature_names(features), "queries": question_list(queries)}
        options = {**asked, "mode": "sync", **self._connection}
        return Document(merged(answered(source, options, {}, _LONGER)), images)

    def _started(
        self,
        file_source: Any,
        asked: dict[str, Any],
        output: str,
        upload: str,
        fields: dict[str, Any],
        *,
        save_image: bool,
    ) -> LazyDocument:
        from ragkit.compat.textractor.lazy_document import LazyDocument
        from ragkit.compat.textractor.outputs import Output
        from ragkit.compat.textractor.requests import started

        target = Output.at(output, self._connection) if output else None
        fields |= {} if target is None else target.fields(self.kms_key_id)
        source, images = self._source(file_source, save_image=save_image)
        if not upload and not _in_s3(source):
            raise InvalidInputError(
                "A job reads its document from S3; give s3_upload_path='s3://bucket/prefix' for "
                "one that is not there."
            )
        options = {**asked, **self._connection, "upload_to": upload or None, "mode": "async"}
        return LazyDocument(started(source, options, fields), images, output=target)

    def _source(
        self, file_source: Any, *, save_image: bool
    ) -> tuple[str | bytes, Callable[[int], Image] | None]:
        """What is sent, and what gives the pictures of its pages.

        Raises:
            InvalidInputError: If it is nothing that can be sent.
        """
        from ragkit.compat.textractor.images import Pages
        from ragkit.compat.textractor.sources import as_source

        check_flag(save_image, "save_image")
        source, shown = as_source(file_source)
        return source, Pages(shown, self._fetch) if save_image else None

    def _fetch(self, address: str) -> bytes:
        """An object of S3, for its picture."""
        from ragkit.aws.storage import S3Object, split_object
        from ragkit.aws.textract_analysis import clients_of

        clients = clients_of("s3", self._connection)
        try:
            with S3Object(clients.service("s3"), *split_object(address)).open() as file:
                return file.read()
        finally:
            clients.close()

    def __getattr__(self, name: str) -> Any:
        refuse(self, name, _INSTEAD)

    def __repr__(self) -> str:
        return f"Textractor(profile_name={self.profile_name!r}, region_name={self.region_name!r})"


def _in_s3(source: object) -> bool:
    return isinstance(source, str) and source.startswith("s3://")


def _configured(connection: dict[str, Any], config: Any) -> dict[str, Any]:
    """The connection with clients that have botocore's `config`."""
    boto3 = require("boto3", extra="aws", feature="Textractor()")
    given = dict(connection)
    if "client" in given:
        raise InvalidInputError("config can't be given with client; make the client with it.")
    session = given.pop("session", None) or boto3.session.Session(
        profile_name=given.pop("profile", None), region_name=given.get("region")
    )
    urls = given.pop("endpoint_url", None)
    region = given.pop("region", None)
    clients = {
        name: session.client(
            name,
            region_name=region,
            config=config,
            endpoint_url=urls.get(name) if isinstance(urls, dict) else urls,
        )
        for name in ("textract", "s3")
    }
    return {"client": clients}
