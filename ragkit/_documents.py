"""Anybody's documents as ragkit's, by their attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ragkit.errors import InvalidInputError
from ragkit.types import Document

__all__ = ["as_document"]


def as_document(item: Any, what: str = "A document") -> Document:
    """`item` itself if it is ragkit's; else a document with its text, metadata and id.

    Args:
        item: ragkit's, LangChain's, or of any class with ``page_content`` and ``metadata``.
        what: Begins the message of the error, such as ``documents[3]``.

    Raises:
        InvalidInputError: If it has no text, or its metadata are no mapping.

    Example:
        >>> as_document(Document("Cats purr.", id="c1")).id
        'c1'
    """
    text, metadata = getattr(item, "page_content", None), getattr(item, "metadata", None)
    if not isinstance(text, str) or not isinstance(metadata, Mapping | None):
        raise InvalidInputError(
            f"{what} is {type(item).__name__} {item!r:.80}; a document has a page_content (a "
            f"string) and metadata (a mapping)."
        )
    if isinstance(item, Document) and metadata is not None:
        return item
    name = getattr(item, "id", None)
    return Document(text, dict(metadata or {}), None if name is None else str(name))
