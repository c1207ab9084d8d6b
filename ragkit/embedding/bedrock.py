"""Embeddings from models of Amazon Bedrock."""

from __future__ import annotations

from typing import Any

from ragkit._checks import check_choice
from ragkit._options import names_options
from ragkit.aws import AWSService
from ragkit.embedding._remote import (
    AWSEmbedder,
    Purpose,
    check_model,
    decoded,
    encoded,
    entry,
    read_whole,
)
from ragkit.embedding._requests import Limits
from ragkit.embedding.cohere import COHERE_TEXTS, INPUT_TYPES
from ragkit.errors import InvalidInputError

__all__ = ["BedrockEmbedder"]

_FAMILIES = {"titan": Limits(1), "cohere": Limits(COHERE_TEXTS)}


@names_options
class BedrockEmbedder(AWSEmbedder):
    """Vectors from Titan's and Cohere's models on Amazon Bedrock.

    Titan takes one text a request, Cohere up to 96, as documents or as queries. boto3 has no
    async: the async methods ask in worker threads.

    Args:
        model_id: The model's id, or the ARN of an inference profile.
        family: "titan" or "cohere", where the id does not tell.
        dimensions: Length of the vectors to ask for, where the model has several.
        concurrency: Requests under way together.
        region: Such as "eu-central-1"; by default the session's.
        profile: Of the credentials file.
        session: A boto3 session.
        client: A "bedrock-runtime" client, complete.
        endpoint_url: Another address than the region's.
        timeout: Seconds for one reply.
        retries: How often a request is repeated (a `client` of yours sees to that itself).
        normalize: Whether vectors get length 1.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work, or there is no region.

    Example:
        >>> BedrockEmbedder("amazon.titan-embed-text-v2:0", region="us-east-1")
        BedrockEmbedder('amazon.titan-embed-text-v2:0', region='us-east-1')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some account needs
        self,
        model_id: str,
        *,
        family: str | None = None,
        dimensions: int | None = None,
        concurrency: int = 8,
        region: str | None = None,
        profile: str | None = None,
        session: Any = None,
        client: Any = None,
        endpoint_url: str | None = None,
        timeout: float = 60.0,
        retries: int = 2,
        normalize: bool = True,
    ) -> None:
        name = check_model(model_id, "model_id")
        self._family = check_choice(family or _family_of(name), "family", _FAMILIES)
        self._asked = dimensions
        super().__init__(
            name,
            _FAMILIES[self._family],
            concurrency=concurrency,
            normalize=normalize,
            dimension=dimensions,
        )
        self._service = AWSService(
            "bedrock-runtime",
            client=client,
            session=session,
            region=region,
            profile=profile,
            endpoint_url=endpoint_url,
            timeout=timeout,
            retries=retries,
        )

    def _ask(self, texts: list[str], purpose: Purpose) -> object:
        arguments = {
            "modelId": self._name,
            "body": encoded(self._body(texts, purpose)),
            "contentType": "application/json",
            "accept": "application/json",
        }
        data = self._service.ask(
            lambda client: read_whole(client.invoke_model(**arguments)["body"])
        )
        reply = decoded(data, self._sender)
        if self._family == "titan":
            return [entry(reply, "embedding", self._sender)]
        vectors = entry(reply, "embeddings", self._sender)
        return vectors["float"] if isinstance(vectors, dict) and "float" in vectors else vectors

    def _body(self, texts: list[str], purpose: Purpose) -> dict[str, Any]:
        if self._family == "titan":
            asked = {} if self._asked is None else {"dimensions": self._asked}
            return {"inputText": texts[0], **asked}
        asked = {} if self._asked is None else {"output_dimension": self._asked}
        body = {"texts": texts, "input_type": INPUT_TYPES[purpose], "truncate": "NONE"}
        return {**body, "embedding_types": ["float"], **asked}


def _family_of(model_id: str) -> str:
    found = [
        name for name in _FAMILIES if f"{name}-embed" in model_id or f"{name}.embed" in model_id
    ]
    if not found:
        raise InvalidInputError(
            f"model_id is {model_id!r}, which does not tell whose embedding model it is; pass "
            f"family='titan' or family='cohere'."
        )
    return found[0]
