"""Conditions on metadata: one language for every store, checked once.

What a condition means:

- A key is taken as it stands, dots included; it is one of the metadata's own keys, never a path
  into nested values.
- Numbers are equal by value (1 and 1.0), strings by their characters; True, False and None are
  equal only to themselves, so that ``{"n": 1}`` does not match True. Lists and mappings are equal
  to nothing.
- ``$gt $gte $lt $lte`` compare numbers with numbers and strings with strings (by code points);
  a value of another type does not match.
- A key that is absent equals nothing, not even None: it matches ``$ne``, ``$nin`` and
  ``{"$exists": False}`` and nothing else. None is a value, so that it exists.
- ``$ne``, ``$nin`` and ``$not`` are exactly the chunks that the positive form leaves out.
- Several conditions side by side must all hold.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ragkit.errors import InvalidInputError
from ragkit.types import PROVENANCE_KEY

__all__ = [
    "AllOf",
    "AnyOf",
    "Condition",
    "Exists",
    "Not",
    "OneOf",
    "Ordered",
    "Scalar",
    "kind_of",
    "matches",
    "parse_filter",
]

Scalar: TypeAlias = str | int | float | bool | None

_ORDER = ("$gt", "$gte", "$lt", "$lte")
_FIELD = ("$eq", "$ne", *_ORDER, "$in", "$nin", "$exists", "$not")
_LOGIC = ("$and", "$or", "$not")
_MOST_VALUES = 10_000
_MOST_PARTS = 200
_DEEPEST = 8
"""SQLite's parser has a stack of 100 entries, of which a level takes up to ten."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The key's value equals one of these."""

    key: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """The key's value stands in this order to `value`, and is of its kind."""

    key: str
    operator: Literal["$gt", "$gte", "$lt", "$lte"]
    value: str | int | float


@dataclass(frozen=True, slots=True)
class Exists:
    """The key is there."""

    key: str


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = OneOf | Ordered | Exists | Not | AllOf | AnyOf


def parse_filter(filter: Mapping[str, Any] | None) -> Condition | None:
    """The filter as a tree of conditions; None where it asks for nothing.

    Raises:
        InvalidInputError: If an operator is unknown (the message lists those there are), or a
            value has a type that its operator can't compare.

    Example:
        >>> parse_filter({"year": {"$gte": 2020}})
        Ordered(key='year', operator='$gte', value=2020)
    """
    if filter is None:
        return None
    if not isinstance(filter, Mapping):
        raise InvalidInputError(
            f"filter is {filter!r}; it has to be a mapping such as {{'page': 3}}."
        )
    return _conditions(filter, 0) if filter else None


def _conditions(filter: Any, depth: int) -> Condition:
    if not isinstance(filter, Mapping) or not filter:
        raise InvalidInputError(
            f"A condition is {filter!r}; it has to be a mapping that is not empty, such as "
            f"{{'page': 3}}."
        )
    if depth > _DEEPEST:
        raise InvalidInputError(f"The filter is nested more than {_DEEPEST} levels deep.")
    return _all([_condition(key, value, depth + 1) for key, value in filter.items()])


def _condition(key: Any, value: Any, depth: int) -> Condition:
    if not isinstance(key, str):
        raise InvalidInputError(f"A filter's key is {key!r}; it has to be a string.")
    if key.startswith("$"):
        return _logical(key, value, depth)
    if key == PROVENANCE_KEY:
        raise InvalidInputError(f"The key {PROVENANCE_KEY!r} is reserved; no filter can use it.")
    _check_text(key)
    if not isinstance(value, Mapping):
        return OneOf(key, (_scalar(key, "$eq", value),))
    if not value:
        raise InvalidInputError(f"The condition on {key!r} is empty; give it an operator.")
    return _all([_operation(key, name, operand, depth) for name, operand in value.items()])


def _logical(name: str, value: Any, depth: int) -> Condition:
    if name == "$not":
        return Not(_conditions(value, depth))
    if name not in _LOGIC:
        raise InvalidInputError(
            f"{name!r} is no operator between conditions; there are: {', '.join(_LOGIC)}."
        )
    parts = tuple(_conditions(part, depth) for part in _listed(None, name, value))
    if not parts:
        raise InvalidInputError(f"{name} has no conditions; give it at least one.")
    return _joined(name, parts)


def _joined(name: str, parts: tuple[Condition, ...]) -> Condition:
    """All or any of them; ``$or`` of equal values of one key is one list."""
    same = [part for part in parts if isinstance(part, OneOf) and part.key == _key_of(parts[0])]
    if name == "$or" and len(same) == len(parts):
        return _one_of_checked(same)
    if len(parts) > _MOST_PARTS:
        raise InvalidInputError(
            f"{name} has {len(parts)} conditions; at most {_MOST_PARTS} can be given. For many "
            f"values of one key use $in."
        )
    return AllOf(parts) if name == "$and" else AnyOf(parts)


def _key_of(condition: Condition) -> str | None:
    return condition.key if isinstance(condition, OneOf) else None


def _one_of_checked(parts: list[OneOf]) -> OneOf:
    values = tuple(value for part in parts for value in part.values)
    if len(values) > _MOST_VALUES:
        raise InvalidInputError(
            f"$or on {parts[0].key!r} has {len(values)} values; {_MOST_VALUES} at most."
        )
    return OneOf(parts[0].key, values)


def _operation(key: str, name: Any, operand: Any, depth: int) -> Condition:
    simple = _OPERATIONS.get(name) if isinstance(name, str) else None
    if simple is not None:
        return simple(key, operand)
    if name in _ORDER:
        return Ordered(key, name, _comparable(key, name, operand))
    if name == "$not":
        return Not(_field_not(key, operand, depth))
    raise InvalidInputError(
        f"The condition on {key!r} has the unknown operator {name!r}; there are: "
        f"{', '.join(_FIELD)}."
    )


def _field_not(key: str, operand: Any, depth: int) -> Condition:
    if not isinstance(operand, Mapping) or depth > _DEEPEST:
        raise InvalidInputError(
            f"$not on {key!r} has {operand!r:.80}; it takes a mapping of operators such as "
            f"{{'$gt': 3}}, nested at most {_DEEPEST} levels deep."
        )
    return _condition(key, operand, depth + 1)


def _exists(key: str, operand: Any) -> Condition:
    if not isinstance(operand, bool):
        raise InvalidInputError(f"$exists on {key!r} has {operand!r}; it takes True or False.")
    return Exists(key) if operand else Not(Exists(key))


def _one_of(key: str, operand: Any) -> OneOf:
    values = _listed(key, "$in", operand)
    if len(values) > _MOST_VALUES:
        raise InvalidInputError(
            f"The list for {key!r} has {len(values)} values; at most {_MOST_VALUES} can be given."
        )
    return OneOf(key, tuple(_scalar(key, "$in", value) for value in values))


_OPERATIONS: dict[str, Callable[[str, Any], Condition]] = {
    "$eq": lambda key, value: OneOf(key, (_scalar(key, "$eq", value),)),
    "$ne": lambda key, value: Not(OneOf(key, (_scalar(key, "$ne", value),))),
    "$in": _one_of,
    "$nin": lambda key, values: Not(_one_of(key, values)),
    "$exists": _exists,
}


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _listed(key: str | None, name: str, value: Any) -> Sequence[Any]:
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    on = "" if key is None else f" on {key!r}"
    raise InvalidInputError(f"{name}{on} has {value!r}; it takes a list.")


def _scalar(key: str, name: str, value: Any) -> Scalar:
    if kind_of(value) is None:
        raise InvalidInputError(
            f"{name} on {key!r} has {value!r:.80} of type {type(value).__name__}; it compares "
            f"with strings, numbers, True, False and None."
        )
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise InvalidInputError(f"{name} on {key!r} has {value!r}; numbers have to be finite.")
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise InvalidInputError(f"{name} on {key!r} has {value!r}; whole numbers have 64 bits.")
    return value  # type: ignore[no-any-return]


def _comparable(key: str, name: str, value: Any) -> str | int | float:
    scalar = _scalar(key, name, value)
    if scalar is None or isinstance(scalar, bool):
        raise InvalidInputError(
            f"{name} on {key!r} has {value!r}; it compares numbers, or strings, by their order."
        )
    return scalar


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            f"The filter has {text!r:.80}, which is no valid text (a lone surrogate)."
        ) from error


def kind_of(value: object) -> str | None:
    """What a value can be compared with: "bool", "number", "text" or "null"; None: nothing."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "null" if value is None else None


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def matches(condition: Condition | None, metadata: Mapping[str, Any]) -> bool:
    """Whether these metadata fulfil the condition; None is fulfilled by all."""
    match condition:
        case None:
            return True
        case Not(part):
            return not matches(part, metadata)
        case AllOf(parts):
            return all(matches(part, metadata) for part in parts)
        case AnyOf(parts):
            return any(matches(part, metadata) for part in parts)
    return condition.key in metadata and _holds(condition, metadata[condition.key])


def _holds(condition: OneOf | Ordered | Exists, found: Any) -> bool:
    """Whether a value that is there fulfils a condition on its key."""
    match condition:
        case OneOf(_, values):
            return any(_equal(found, value) for value in values)
        case Ordered(_, name, value):
            return kind_of(found) == kind_of(value) and bool(_COMPARE[name](found, value))
    return True


def _equal(found: object, value: Scalar) -> bool:
    kind = kind_of(found)
    return kind is not None and kind == kind_of(value) and found == value
