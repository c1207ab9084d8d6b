"""A reply with embeddings in OpenAI's format."""

from __future__ import annotations

import base64
import binascii

import numpy as np

from ragkit.embedding._remote import Sender
from ragkit.errors import EmbeddingError, EndpointReplyError

__all__ = ["vectors_of"]


def vectors_of(reply: object, count: int | None, sender: Sender) -> list[object]:
    """The reply's vectors in the order of the texts; each a list, or decoded from base64.

    Args:
        reply: What came.
        count: How many there have to be; None takes as many as came.
        sender: Where it came from, for the message.

    Raises:
        EndpointReplyError: If the reply has not the format of an embeddings reply.
        EmbeddingError: If vectors are missing or too many, or one is damaged.
    """
    data = reply.get("data") if isinstance(reply, dict) else None
    if not isinstance(data, list) or not all(
        isinstance(item, dict) and "embedding" in item for item in data
    ):
        raise EndpointReplyError(
            f"{sender} sent a reply that has not the form {{'data': [{{'embedding': […]}}, …]}}: "
            f"{sender.shown(reply)}",
            status=200,
        )
    count = len(data) if count is None else count
    if len(data) != count:
        raise EmbeddingError(f"{sender} gave {len(data)} vectors for {count} texts.")
    places = [item.get("index", position) for position, item in enumerate(data)]
    if not all(type(place) is int for place in places) or sorted(places) != list(range(count)):
        raise EndpointReplyError(
            f"{sender} numbered its {count} vectors {sender.shown(places)}; each number from 0 to "
            f"{count - 1} has to occur once.",
            status=200,
        )
    by_place = dict(zip(places, data, strict=True))
    return [_vector(by_place[place]["embedding"], sender) for place in range(count)]


def _vector(value: object, sender: Sender) -> object:
    """`value`, or what it holds if it is base64 of 32-bit floats, the little end first."""
    if not isinstance(value, str):
        return value
    try:
        return np.frombuffer(base64.b64decode(value, validate=True), "<f4")
    except (binascii.Error, ValueError):
        raise EmbeddingError(
            f"{sender} gave vectors as texts that are no base64 of 32-bit floats: "
            f"{sender.shown(value)!r}."
        ) from None
