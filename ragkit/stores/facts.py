"""Metadata as rows that SQLite can search: one fact for each key of a chunk.

Values keep their own type, so that comparing them is exact (JSON in SQLite rounds numbers and
ends strings at NUL), and an index finds them. Keys and values are always bound, never part of
the SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ragkit.stores.filters import (
    AllOf,
    AnyOf,
    Condition,
    Exists,
    Not,
    OneOf,
    Ordered,
    Scalar,
    kind_of,
)
from ragkit.types import PROVENANCE_KEY

__all__ = ["FACTS_TABLE", "facts_of", "rows_sql"]

FACTS_TABLE = """
CREATE TABLE facts (
    collection INTEGER NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,      -- bool, number, text, null; other: exists, equals nothing
    value NOT NULL,          -- no type: each value keeps its own
    chunk INTEGER NOT NULL,
    PRIMARY KEY (collection, key, kind, value, chunk)
) WITHOUT ROWID;
CREATE INDEX facts_of_chunk ON facts (chunk);
"""

_SYMBOLS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}


def facts_of(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str, Scalar]]:
    """Key, kind and value of each entry but the reserved one."""
    for key, value in metadata.items():
        if key != PROVENANCE_KEY:
            kind = kind_of(value)
            yield key, kind or "other", value if kind not in (None, "null") else 0


def rows_sql(condition: Condition | None, collection: int) -> tuple[str, list[Any]]:
    """The query for the rows of a collection that fulfil a condition, in any order."""
    if isinstance(condition, OneOf | Ordered | Exists):
        return _key_sql(condition, collection)
    sql = "SELECT row FROM chunks WHERE collection = ?"
    if condition is None:
        return sql, [collection]
    where, bound = _condition_sql(condition, collection)
    return f"{sql} AND ({where})", [collection, *bound]


def _condition_sql(condition: Condition, collection: int) -> tuple[str, list[Any]]:
    """The condition on the column ``chunks.row``, and the values to bind, in order."""
    match condition:
        case Not(part):
            sql, bound = _condition_sql(part, collection)
            return f"NOT ({sql})", bound
        case AllOf(parts):
            return _joined(" AND ", parts, collection)
        case AnyOf(parts):
            return _joined(" OR ", parts, collection)
    sql, bound = _key_sql(condition, collection)
    return f"row IN ({sql})", bound


def _joined(operator: str, parts: tuple[Condition, ...], collection: int) -> tuple[str, list[Any]]:
    compiled = [_condition_sql(part, collection) for part in parts]
    sql = operator.join(f"({sql})" for sql, _ in compiled)
    return sql, [value for _, bound in compiled for value in bound]


def _key_sql(condition: OneOf | Ordered | Exists, collection: int) -> tuple[str, list[Any]]:
    """The query for the chunks whose value of one key fulfils the condition."""
    sql = "SELECT chunk FROM facts WHERE collection = ? AND key = ?"
    bound: list[Any] = [collection, condition.key]
    if isinstance(condition, Ordered):
        sql += f" AND kind = ? AND value {_SYMBOLS[condition.operator]} ?"
        bound += [kind_of(condition.value), condition.value]
    elif isinstance(condition, OneOf):
        where, values = _equality(condition.values)
        sql, bound = f"{sql} AND ({where})", [*bound, *values]
    return sql, bound


def _equality(values: tuple[Scalar, ...]) -> tuple[str, list[Any]]:
    """One list for each kind among the values; without values, nothing matches."""
    by_kind: dict[str, list[Scalar]] = {}
    for value in values:
        by_kind.setdefault(str(kind_of(value)), []).append(0 if value is None else value)
    clauses = [f"kind = ? AND value IN ({', '.join('?' * len(v))})" for v in by_kind.values()]
    bound = [item for kind, same in by_kind.items() for item in (kind, *same)]
    return " OR ".join(clauses) or "0", bound
