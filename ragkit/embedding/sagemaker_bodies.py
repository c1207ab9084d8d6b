"""What the embedding containers behind SageMaker endpoints take and give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ragkit.embedding._remote import Sender, decoded, encoded, entry
from ragkit.embedding.openai_format import vectors_of
from ragkit.errors import EmbeddingError, EndpointReplyError, InvalidInputError

__all__ = ["BODIES", "Body", "own_body", "read_neighbours"]

_HINT = " Does body= name what the endpoint's container speaks?"


@dataclass(frozen=True, slots=True)
class Body:
    """One form.

    Attributes:
        request: The body for some texts.
        read: The vectors in a reply (bytes, who sent it).
        many: Whether a request may have several texts.
        content_type: Of the request.
    """

    request: Callable[[list[str]], bytes]
    read: Callable[[bytes, Sender], object]
    many: bool = True
    content_type: str = "application/json"


def _under(key: str, *, nested: bool = False) -> Callable[[bytes, Sender], object]:
    def read(data: bytes, sender: Sender) -> object:
        found = entry(_decoded(data, sender), key, sender)
        # For one text some containers give its vector, others a list of one.
        single = nested and isinstance(found, list) and found and not isinstance(found[0], list)
        return [found] if single else found

    return read


def _bare(data: bytes, sender: Sender) -> object:
    return _decoded(data, sender)


def _openai(data: bytes, sender: Sender) -> object:
    return vectors_of(_decoded(data, sender), None, sender)


BODIES = {
    "jumpstart": Body(encoded, _under("embedding"), True, "application/x-text"),
    "text_inputs": Body(lambda texts: encoded({"text_inputs": texts}), _under("embedding")),
    "inputs": Body(lambda texts: encoded({"inputs": texts}), _bare),
    "text": Body(lambda texts: encoded({"text": texts[0]}), _under("outputs", nested=True), False),
    "openai": Body(lambda texts: encoded({"input": texts}), _openai),
}


def own_body(
    body: Body,
    keys: tuple[str, str] | None,
    request: Callable[[list[str]], Any] | None,
    response: Callable[[bytes], Any] | None,
) -> Body:
    """`body` with the user's keys or functions in place of its own.

    Raises:
        InvalidInputError: If they are none, or contradict each other.
    """
    if keys is not None and (request is not None or response is not None):
        raise InvalidInputError("keys= and request= or response= can't be given together.")
    if keys is not None:
        pair = isinstance(keys, (tuple, list)) and len(keys) == 2
        if not pair or not all(isinstance(key, str) and key for key in keys):
            raise InvalidInputError(
                f"keys is {keys!r:.100}; it has to be two names, such as ('sentences', 'vectors')."
            )
        given, back = keys
        return Body(lambda texts: encoded({given: texts}), _under(back))
    for name, function in (("request", request), ("response", response)):
        if function is not None and not callable(function):
            raise InvalidInputError(f"{name} is {function!r:.80}; it has to be a function.")
    if request is not None:
        body = Body(lambda texts: _own_request(request, texts), body.read)
    if response is not None:
        body = replace(body, read=lambda data, sender: _own_response(response, data))  # noqa: ARG005
    return body


def read_neighbours(
    data: bytes, count: int, key: str, sender: Sender
) -> list[list[dict[str, Any]]]:
    """The neighbours of `count` queries, each with `key` and "score", best first.

    Raises:
        EndpointReplyError: If the reply is anything else.
    """
    reply = _decoded(data, sender)
    fits = isinstance(reply, list) and len(reply) == count
    if not fits or not all(isinstance(row, list) for row in reply):
        raise EndpointReplyError(
            f"{sender} sent no list of neighbours for each of {count} queries: "
            f"{sender.shown(reply)}",
            status=200,
        )
    return [sorted((_hit(hit, key, sender) for hit in row), key=_by_score) for row in reply]


def _by_score(hit: dict[str, Any]) -> float:
    return -float(hit["score"])


def _hit(hit: object, key: str, sender: Sender) -> dict[str, Any]:
    score = entry(hit, "score", sender)
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise EndpointReplyError(
            f"{sender} sent the score {sender.shown(score)}, no number.", status=200
        )
    found: dict[str, Any] = {key: entry(hit, key, sender), "score": float(score)}
    return found


def _own_request(function: Callable[[list[str]], Any], texts: list[str]) -> bytes:
    try:
        made = function(texts)
    except Exception as error:
        raise EmbeddingError(
            f"The function given as request= raised {type(error).__name__}: {error}"
        ) from error
    if isinstance(made, bytes):
        return made
    try:
        return encoded(made)
    except (TypeError, ValueError) as error:
        raise EmbeddingError(
            f"The function given as request= gave {made!r:.80}, which is no JSON: {error}."
        ) from None


def _own_response(function: Callable[[bytes], Any], data: bytes) -> object:
    try:
        return function(data)
    except Exception as error:
        raise EmbeddingError(
            f"The function given as response= raised {type(error).__name__}: {error}"
        ) from error


def _decoded(data: bytes, sender: Sender) -> Any:
    return decoded(data, sender, _HINT)
