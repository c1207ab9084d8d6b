"""Chunks as Chroma keeps them, and what it gives back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ragkit.errors import CorruptStoreError
from ragkit.stores.chroma_filters import METADATA_KEY, chroma_where, flat_copies
from ragkit.stores.documents import plain_json
from ragkit.stores.filters import Condition, matches
from ragkit.types import Document, Hit

__all__ = ["batches", "document_of", "hits", "kept", "limits", "matching", "stored_keys"]


def stored_keys(collection: Any, ids: list[str]) -> dict[str, set[str]]:
    """The keys that chunks have in Chroma now."""
    got = collection.get(ids=ids, include=["metadatas"])
    return {
        name: set(metadata or ())
        for name, metadata in zip(got["ids"], got["metadatas"], strict=True)
    }


def kept(documents: list[Document], stored: dict[str, set[str]]) -> list[dict[str, Any]]:
    """Metadata as Chroma takes them; None removes a key, since Chroma else keeps old ones."""
    kept = []
    for document in documents:
        flat = flat_copies(document.metadata)
        old = dict.fromkeys(stored.get(str(document.id), ()))
        kept.append({**old, **flat, METADATA_KEY: plain_json(document.metadata)})
    return kept


def batches(client: Any, values: list[str]) -> Iterator[list[str]]:
    """The values in lists no longer than Chroma takes."""
    size = client.get_max_batch_size()
    for start in range(0, len(values), size):
        yield values[start : start + size]


def limits(collection: Any, condition: Condition | None) -> dict[str, Any] | None:
    """What the search is limited to; None if nothing fulfils the condition."""
    if condition is None:
        return {} if collection.count() else None
    where = chroma_where(condition)
    if where is not None:
        return {"where": where}
    ids = matching(collection, condition)
    return {"ids": ids} if ids else None


def matching(collection: Any, condition: Condition) -> list[str]:
    """Ids of the chunks that fulfil the condition."""
    where = chroma_where(condition)
    if where is not None:
        return list(collection.get(where=where, include=[])["ids"])
    got = collection.get(include=["metadatas"])
    return [
        name
        for name, metadata in zip(got["ids"], got["metadatas"], strict=True)
        if matches(condition, _metadata(name, metadata))
    ]


def hits(found: Any) -> list[Hit]:
    """The answer to one query, distances turned into cosine similarities."""
    rows: Sequence[tuple[Any, ...]] = list(
        zip(
            found["ids"][0],
            found["documents"][0],
            found["metadatas"][0],
            found["distances"][0],
            strict=True,
        )
    )
    converted = []
    for place, (name, text, metadata, distance) in enumerate(rows):
        score = max(-1.0, min(1.0, 1.0 - float(distance)))
        converted.append(Hit(document_of(name, text, metadata), score, place, {"dense": score}))
    return converted


def document_of(name: str, text: str | None, metadata: Any) -> Document:
    """The document as it was added.

    Raises:
        CorruptStoreError: If ragkit's record of its metadata is not there.
    """
    return Document(text or "", _metadata(name, metadata), name)


def _metadata(name: str, stored: Any) -> dict[str, Any]:
    try:
        value = json.loads(stored[METADATA_KEY])
    except (TypeError, KeyError, ValueError) as error:
        raise CorruptStoreError(
            f"Chunk {name!r} has no readable record of its metadata; it was not written by ragkit."
        ) from error
    return value  # type: ignore[no-any-return]
