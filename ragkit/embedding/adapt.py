"""Whatever can embed, as an embedder."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast

from ragkit.errors import InvalidInputError

if TYPE_CHECKING:
    from ragkit.protocols import Embedder

__all__ = ["as_embedder"]

_OURS = ("embed", "embed_query", "embed_documents", "dimension", "fingerprint")


def as_embedder(embedder: Any) -> Embedder:
    """An embedder: `embedder` itself, or adapted.

    Args:
        embedder: An embedder of ragkit's kind (returned as it is), a backend string such as
            ``"minilm"`` (see `load_embedder`), an object with LangChain's ``embed_documents``
            and ``embed_query``, or a function ``str -> list of numbers``.

    Raises:
        InvalidInputError: If it is none of these.

    Example:
        >>> as_embedder(lambda text: [float(len(text)), 1.0]).dimension
        2
    """
    if isinstance(embedder, str):
        from ragkit.backends import load_embedder

        return load_embedder(embedder)
    if isinstance(embedder, type):
        raise InvalidInputError(
            f"An embedder is needed, but {embedder.__name__} is a class; write "
            f"{embedder.__name__}(…) to make one."
        )
    if _has(embedder, *_OURS):
        return cast("Embedder", embedder)
    if callable(getattr(embedder, "embed_documents", None)):
        return _from_langchain(embedder)
    if callable(embedder):
        from ragkit.embedding.function import FunctionEmbedder

        return FunctionEmbedder(embedder)
    raise InvalidInputError(
        f"{type(embedder).__name__} {embedder!r:.80} can't embed. Give a string such as 'minilm', "
        f"an embedder, LangChain embeddings, or a function from a text to a list of numbers."
    )


def _has(value: object, *names: str) -> bool:
    """Whether `value` has all of these, without running properties, which may cost a request."""
    missing = object()
    return all(inspect.getattr_static(value, name, missing) is not missing for name in names)


def _from_langchain(embeddings: Any) -> Embedder:
    """Adapted; one that came from `as_langchain` gives back what it was made of."""
    inner = getattr(embeddings, "embedder", None)
    if inner is not None and _has(inner, *_OURS):
        return cast("Embedder", inner)
    from ragkit.embedding.langchain import LangChainEmbedder

    return LangChainEmbedder(embeddings)
