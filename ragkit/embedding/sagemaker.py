"""Embeddings from Amazon SageMaker endpoints, and neighbours that they find themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from ragkit._checks import check_choice, check_count
from ragkit._options import names_options
from ragkit.aws import AWSService
from ragkit.embedding._base import check_texts
from ragkit.embedding._remote import AWSEmbedder, Purpose, check_model, encoded, read_whole
from ragkit.embedding._requests import Limits
from ragkit.embedding.sagemaker_bodies import BODIES, Body, own_body, read_neighbours

__all__ = ["SageMakerEmbedder"]

_PAYLOAD = 5_000_000
"""Bytes of a request that JumpStart's containers take."""


@names_options
class SageMakerEmbedder(AWSEmbedder):
    """Vectors from a SageMaker endpoint.

    What the container behind the endpoint takes is named by `body`:

    - ``"jumpstart"``: a JSON list of texts as ``application/x-text``, and ``{"embedding"}`` back.
    - ``"text_inputs"``: ``{"text_inputs": […]}``, and ``{"embedding"}`` back (JumpStart, too).
    - ``"inputs"``: ``{"inputs": […]}``, and a list of vectors back (TEI, DJL-LMI).
    - ``"text"``: ``{"text": "…"}``, and ``{"outputs"}`` back; one text a request.
    - ``"openai"``: ``{"input": […]}``, and ``{"data": [{"embedding"}]}`` back.

    Other containers: `keys` names the keys of request and reply, `request` and `response` are
    functions. boto3 has no async: the async methods ask in worker threads.

    Args:
        endpoint_name: Of the endpoint.
        body: The form of request and reply.
        keys: Two keys of your own, such as ``("sentences", "vectors")``, in place of a form.
        request: Gives the body (bytes, or what becomes JSON) from a list of texts.
        response: Gives the vectors from the reply's bytes.
        model: The model's name for the fingerprint; by default the endpoint's. Give it, so that an
            index outlives the endpoint.
        inference_component: The model's, where the endpoint has several.
        batch_size: The most texts of one request.
        concurrency: Requests under way together.
        region: Such as "eu-central-1"; by default the session's.
        profile: Of the credentials file.
        session: A boto3 session.
        client: A "sagemaker-runtime" client, complete.
        endpoint_url: Another address than the region's.
        timeout: Seconds for one reply.
        retries: How often a request is repeated (a `client` of yours sees to that itself).
        normalize: Whether vectors get length 1.
        query_prefix: Put before each query.
        document_prefix: Put before each document.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work, or there is no region.

    Example:
        >>> SageMakerEmbedder("bge-small", body="inputs", region="us-east-1")
        SageMakerEmbedder('bge-small', body='inputs', region='us-east-1')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some endpoint needs
        self,
        endpoint_name: str,
        *,
        body: Literal["jumpstart", "text_inputs", "inputs", "text", "openai"] = "jumpstart",
        keys: tuple[str, str] | None = None,
        request: Callable[[list[str]], Any] | None = None,
        response: Callable[[bytes], Any] | None = None,
        model: str | None = None,
        inference_component: str | None = None,
        batch_size: int = 32,
        concurrency: int = 8,
        region: str | None = None,
        profile: str | None = None,
        session: Any = None,
        client: Any = None,
        endpoint_url: str | None = None,
        timeout: float = 60.0,
        retries: int = 2,
        normalize: bool = True,
        query_prefix: str = "",
        document_prefix: str = "",
    ) -> None:
        self.endpoint_name = check_model(endpoint_name, "endpoint_name")
        self._form = check_choice(body, "body", BODIES)
        self._body: Body = own_body(BODIES[self._form], keys, request, response)
        self._more: dict[str, Any] = {}
        if inference_component is not None:
            name = check_model(inference_component, "inference_component")
            self._more["InferenceComponentName"] = name
        most = check_count(batch_size, "batch_size") if self._body.many else 1
        super().__init__(
            self.endpoint_name if model is None else check_model(model),
            Limits(most, _PAYLOAD),
            concurrency=concurrency,
            normalize=normalize,
            query_prefix=query_prefix,
            document_prefix=document_prefix,
        )
        self._service = AWSService(
            "sagemaker-runtime",
            client=client,
            session=session,
            region=region,
            profile=profile,
            endpoint_url=endpoint_url,
            timeout=timeout,
            retries=retries,
        )

    def nearest(
        self, queries: Sequence[str], corpus: Sequence[str], top_k: int = 3
    ) -> list[list[dict[str, Any]]]:
        """For each query the most similar texts of `corpus`, found by the endpoint itself.

        JumpStart's embedding containers do this in one request (mode "nn_corpus"); elsewhere, and
        for more than about 5 MB, use `ragkit.similarity.nearest`.

        Returns:
            A list for each query of ``{"corpus_id", "score"}``, best first.

        Raises:
            InvalidInputError: If an argument can't work.
            EndpointError: If the endpoint refuses, or can't be asked.
            EndpointReplyError: If its reply is not that.
        """
        asked = {"corpus": check_texts(corpus, "nearest()"), "mode": "nn_corpus"}
        return self._neighbours(queries, top_k, asked, "corpus_id")

    def nearest_trained(self, queries: Sequence[str], top_k: int = 1) -> list[list[dict[str, Any]]]:
        """For each query the most similar texts of the corpus that was packed with the model.

        That is JumpStart's mode "nn_train_data".

        Returns:
            A list for each query of ``{"id", "score"}``, best first.

        Raises:
            InvalidInputError: If an argument can't work.
            EndpointError: If the endpoint refuses, or can't be asked.
            EndpointReplyError: If its reply is not that.
        """
        return self._neighbours(queries, top_k, {"mode": "nn_train_data"}, "id")

    def _neighbours(
        self, queries: Sequence[str], top_k: int, asked: dict[str, Any], key: str
    ) -> list[list[dict[str, Any]]]:
        texts = [self.query_prefix + text for text in check_texts(queries, "nearest()")]
        body = {"queries": texts, "top_k": check_count(top_k, "top_k"), **asked}
        data = self._invoke(encoded(body), "application/json")
        return read_neighbours(data, len(texts), key, self._sender)

    def _ask(self, texts: list[str], purpose: Purpose) -> object:  # noqa: ARG002
        data = self._invoke(self._body.request(texts), self._body.content_type)
        return self._body.read(data, self._sender)

    def _invoke(self, body: bytes, content_type: str) -> bytes:
        arguments = {
            "EndpointName": self.endpoint_name,
            "Body": body,
            "ContentType": content_type,
            "Accept": "application/json",
            **self._more,
        }
        return self._service.ask(
            lambda client: read_whole(client.invoke_endpoint(**arguments)["Body"])
        )

    def __repr__(self) -> str:
        return (
            f"SageMakerEmbedder({self.endpoint_name!r}, body={self._form!r}, "
            f"region={self._service.region!r})"
        )
