"""Documents as a store takes them: checked, with an id, before anything is written."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ragkit._documents import as_document
from ragkit.errors import InvalidInputError
from ragkit.types import PROVENANCE_KEY, Document

__all__ = [
    "VOLATILE_KEYS",
    "checked_ids",
    "document_id",
    "last_places",
    "metadata_json",
    "prepared",
]

VOLATILE_KEYS = frozenset(
    {
        PROVENANCE_KEY,
        "creation_date",
        "mod_date",
        "total_pages",
    }
)
"""Metadata of ragkit's loaders that do not make a chunk another one when they change."""


def prepared(documents: Iterable[Any], scope: str = "") -> list[Document]:
    """Checked copies of the documents, each with an id.

    Args:
        documents: ragkit's or LangChain's. Those without an id are given `document_id`.
        scope: Goes into the ids made, so that equal texts of two sources stay two.

    Raises:
        InvalidInputError: If something is no document, or can't be stored as it is; the message
            names the key.
    """
    if isinstance(documents, str | bytes | Mapping) or not isinstance(documents, Iterable):
        raise InvalidInputError(
            f"documents is {type(documents).__name__} {documents!r:.80}; it has to be a list of "
            f"documents."
        )
    return [_checked(item, place, scope) for place, item in enumerate(documents)]


def last_places(documents: Sequence[Document]) -> list[int]:
    """Places of the documents that count: of several with the same id, the last."""
    return sorted({document.id: place for place, document in enumerate(documents)}.values())


def document_id(document: Document, scope: str = "") -> str:
    """A name that depends on source, place, text and metadata only: 32 hexadecimal digits."""
    place = document.provenance
    lasting = {k: v for k, v in document.metadata.items() if k not in VOLATILE_KEYS}
    parts = [scope, place.start, place.end, document.page_content, lasting]
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def metadata_json(metadata: Mapping[str, Any]) -> str:
    """The metadata as JSON text.

    Raises:
        InvalidInputError: If a value has no exact form in JSON; the message names the key.
    """
    for key, value in metadata.items():
        if not isinstance(key, str):
            raise InvalidInputError(f"The metadata key {key!r} is no string.")
        _check_text(key, f"The metadata key {key!r}")
        _check_json(value, f"metadata[{key!r}]", 0)
    return plain_json(metadata)


def plain_json(value: object) -> str:
    """A checked value as compact JSON text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def checked_ids(ids: Iterable[str]) -> list[str]:
    """The ids as a list.

    Raises:
        InvalidInputError: If it is one string, or holds something else than strings.
    """
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise InvalidInputError(f"ids is {ids!r}; it has to be a list of strings.")
    listed = list(ids)
    for name in listed:
        _checked_id(name)
    return listed


def _checked(item: Any, place: int, scope: str) -> Document:
    given = as_document(item, f"documents[{place}]")
    _check_text(given.page_content, f"page_content of documents[{place}]")
    # Through JSON and back: what is kept is what will be read again.
    metadata = json.loads(metadata_json(given.metadata))
    document = Document(given.page_content, metadata, given.id)
    if document.id is None:
        document.id = document_id(document, scope)
    _checked_id(document.id)
    return document


def _checked_id(name: object) -> None:
    if not isinstance(name, str) or not name:
        raise InvalidInputError(f"An id is {name!r}; it has to be a string that is not empty.")
    _check_text(name, f"The id {name!r:.80}")


def _check_text(text: str, what: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            f"{what} is no valid text (a lone surrogate at {error.start}); clean it with "
            f"text.encode('utf-8', 'replace').decode()."
        ) from error


def _check_json(value: object, where: str, depth: int) -> None:
    """Nothing, if JSON gives the value back as it is (tuples come back as lists)."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, int | float):
        _check_number(value, where)
    elif depth > 50:
        raise InvalidInputError(f"{where} is nested more than 50 levels deep.")
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            _check_json(item, f"{where}[{place}]", depth + 1)
    elif isinstance(value, dict):
        _check_mapping(value, where, depth)
    else:
        raise InvalidInputError(
            f"{where} is {value!r:.80} of type {type(value).__name__}, which JSON can't hold; "
            f"store a string or a number instead."
        )


def _check_mapping(value: dict[Any, Any], where: str, depth: int) -> None:
    for key, item in value.items():
        if not isinstance(key, str):
            raise InvalidInputError(f"{where} has the key {key!r}, which is no string.")
        _check_text(key, f"The key {key!r} in {where}")
        _check_json(item, f"{where}[{key!r}]", depth + 1)


def _check_number(value: float, where: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInputError(f"{where} is {value!r}; numbers have to be finite.")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise InvalidInputError(
            f"{where} is {value!r:.80}; whole numbers have 64 bits. Store it as a string."
        )
