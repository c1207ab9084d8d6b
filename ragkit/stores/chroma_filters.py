"""Conditions as Chroma's ``where``, as far as Chroma can express them.

Chroma keeps strings, numbers and booleans; `flat_copies` are what it can filter by. A condition
that `chroma_where` can't translate has to be checked against the whole metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ragkit.stores.filters import AllOf, AnyOf, Condition, Not, OneOf, Ordered, Scalar
from ragkit.types import PROVENANCE_KEY

__all__ = ["METADATA_KEY", "chroma_where", "flat_copies"]

METADATA_KEY = "_ragkit_metadata"
"""Where the whole metadata is kept, as JSON."""

_OPPOSITE = {"$and": "$or", "$or": "$and", "$in": "$nin"}


def flat_copies(metadata: Mapping[str, Any]) -> dict[str, str | int | float | bool]:
    """The values that Chroma can hold, by the keys that it allows."""
    return {
        key: value
        for key, value in metadata.items()
        if _is_allowed(key) and isinstance(value, str | int | float)
    }


def _is_allowed(key: str) -> bool:
    reserved = (PROVENANCE_KEY, METADATA_KEY, "chroma:document")
    return bool(key) and key not in reserved and key[0] not in "#$"


def chroma_where(condition: Condition, *, negated: bool = False) -> dict[str, Any] | None:
    """Chroma's form of the condition (or of its opposite); None if there is none."""
    match condition:
        case Not(part):
            return chroma_where(part, negated=not negated)
        case AllOf(parts):
            return _joined("$and", parts, negated=negated)
        case AnyOf(parts):
            return _joined("$or", parts, negated=negated)
        case OneOf(key, values):
            return _equality(key, values, negated=negated)
        case Ordered(key, name, value) if _is_number(value) and not negated and _is_allowed(key):
            return {key: {name: value}}
    # Chroma orders numbers only, its opposite of an order leaves out absent keys, and it
    # can't ask for keys.
    return None


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float)


def _joined(operator: str, parts: tuple[Condition, ...], *, negated: bool) -> dict[str, Any] | None:
    translated = [chroma_where(part, negated=negated) for part in parts]
    known = [part for part in translated if part is not None]
    if len(known) < len(translated):
        return None
    return _pair(_OPPOSITE[operator] if negated else operator, known)


def _equality(key: str, values: tuple[Scalar, ...], *, negated: bool) -> dict[str, Any] | None:
    """One list for each type, since Chroma takes no mixed ones."""
    if not values or None in values or not _is_allowed(key):
        return None
    by_type: dict[type, list[Scalar]] = {}
    for value in values:
        by_type.setdefault(_plain_type(value), []).append(value)
    name = _OPPOSITE["$in"] if negated else "$in"
    return _pair("$and" if negated else "$or", [{key: {name: same}} for same in by_type.values()])


def _plain_type(value: Scalar) -> type:
    return next(kind for kind in (bool, int, float, str) if isinstance(value, kind))


def _pair(operator: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return parts[0] if len(parts) == 1 else {operator: parts}
