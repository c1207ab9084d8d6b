"""One filter language: what conditions mean, and that every store agrees."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ragkit.errors import InvalidInputError
from ragkit.stores import ChromaStore, LocalStore, matches, parse_filter
from ragkit.stores.conformance import HashingEmbedder
from ragkit.types import Document

KEYS = ["a", "b.c", 'x"y', "z\\'; DROP TABLE chunks; --", "$n", "é\u0000", ""]
NUMBERS = [0, 1, -1, 2.5, 1.0, -0.0, 0.1, 0.1 + 1e-17, 0.30000000000000004, 2**53 + 1, 2.0**53]
NUMBERS += [2**63 - 1, -(2**63), 5e-324, 1.7976931348623157e308]
STRINGS = ["", "a", "A", "b", "\u0000", "a\u0000b", "é", "e\u0301", "🙂", "\uffff", "1", "' OR 1"]
SCALARS = [*NUMBERS, *STRINGS, True, False, None]

scalars = (
    st.sampled_from(SCALARS)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=3)
)
values = scalars | st.sampled_from([[], ["a"], {}, {"a": 1}])
metadata = st.dictionaries(st.sampled_from(KEYS), values, max_size=4)
field_keys = st.sampled_from([key for key in KEYS if not key.startswith("$")])
orders = st.sampled_from(["$gt", "$gte", "$lt", "$lte"])
operations = (
    st.tuples(st.sampled_from(["$eq", "$ne"]), scalars)
    | st.tuples(orders, st.sampled_from(NUMBERS + STRINGS))
    | st.tuples(st.sampled_from(["$in", "$nin"]), st.lists(scalars, max_size=4))
    | st.tuples(st.just("$exists"), st.booleans())
)
operator_maps = st.lists(operations, min_size=1, max_size=2).map(dict)
simple = st.dictionaries(
    field_keys,
    scalars | operator_maps | operator_maps.map(lambda m: {"$not": m}),
    min_size=1,
    max_size=2,
)
filters = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"$and": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"$or": parts}),
        inner.map(lambda part: {"$not": part}),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def local():
    with LocalStore(":memory:", embedder=HashingEmbedder(4)) as store:
        yield store


@pytest.fixture(scope="module")
def chroma():
    pytest.importorskip("chromadb")
    with ChromaStore(":memory:", embedder=HashingEmbedder(4)) as store:
        yield store


def agrees(store, rows, condition):
    store.delete_collection()
    store.add_documents(
        [Document("t", row, str(i)) for i, row in enumerate(rows)], [[1, 2, 3, 4]] * len(rows)
    )
    parsed = parse_filter(condition)
    expected = {str(i) for i, row in enumerate(rows) if matches(parsed, row)}
    found = store.search([1, 2, 3, 4], len(rows), filter=condition)
    assert {hit.document.id for hit in found} == expected
    assert store.count(condition) == len(expected)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(metadata, min_size=1, max_size=6), filters)
def test_sql_selects_what_python_selects(local, rows, condition):
    agrees(local, rows, condition)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(metadata, min_size=1, max_size=6), filters)
def test_chroma_selects_what_python_selects(chroma, rows, condition):
    agrees(chroma, rows, condition)


def check(condition, row):
    return matches(parse_filter(condition), row)


def test_types_are_kept_apart():
    assert check({"n": 1}, {"n": 1.0})
    assert not check({"n": 1}, {"n": True})
    assert not check({"n": True}, {"n": 1})
    assert not check({"n": "1"}, {"n": 1})
    assert not check({"n": None}, {})
    assert check({"n": None}, {"n": None})
    assert not check({"n": {"$lt": 5}}, {"n": None})
    assert not check({"n": {"$lt": 5}}, {"n": False})
    assert not check({"n": {"$lt": "5"}}, {"n": 4})


def test_absent_keys_match_negations_only():
    assert check({"n": {"$ne": 1}}, {})
    assert check({"n": {"$nin": [1, None]}}, {})
    assert check({"n": {"$not": {"$gt": 1}}}, {})
    assert check({"n": {"$exists": False}}, {})
    assert not check({"n": {"$in": [1, None]}}, {})


def test_no_filter_matches_all():
    assert parse_filter(None) is None
    assert parse_filter({}) is None
    assert matches(None, {})


def test_filters_that_look_alike_are_not_confused(local):
    local.delete_collection()
    local.add_documents([Document("t", {"a": 1}, "one"), Document("t", {"a": True}, "true")])
    for value, name in ((1, "one"), (True, "true"), (1.0, "one")):
        assert [hit.document.id for hit in local.search("t", filter={"a": value})] == [name]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"a": {"$gte": True}}, "compares numbers, or strings"),
        ({"a": {"$between": [1, 2]}}, r"\$eq, \$ne, \$gt, \$gte, \$lt, \$lte, \$in, \$nin"),
        ({"$xor": []}, r"\$and, \$or, \$not"),
        ({"a": {"$exists": 1}}, "True or False"),
        ({"a": {"$not": 3}}, "mapping of operators"),
        ({"$or": {"a": 1}}, "takes a list"),
        ({"$or": [{}]}, "not empty"),
        ({"a": {"$in": list(range(10_001))}}, "at most 10000"),
        ({"a": 2**63}, "64 bits"),
        ({"a": float("inf")}, "finite"),
        ({"a": "\ud800"}, "surrogate"),
        ({"\ud800": 1}, "surrogate"),
        ({"a": object()}, "of type object"),
        ({3: 1}, "has to be a string"),
        ([], "has to be a mapping"),
    ],
)
def test_errors_say_what_is_wrong(condition, message):
    with pytest.raises(InvalidInputError, match=message):
        parse_filter(condition)


def test_deep_nesting_is_refused():
    condition = {"a": 1}
    for _ in range(60):
        condition = {"$not": condition}
    with pytest.raises(InvalidInputError, match="levels deep"):
        parse_filter(condition)
    operators = {"$gt": 1}
    for _ in range(60):
        operators = {"$not": operators}
    with pytest.raises(InvalidInputError, match="levels deep"):
        parse_filter({"a": operators})


def test_many_values_reach_sqlite(local):
    local.delete_collection()
    local.add_documents([Document("t", {"a": i}, str(i)) for i in range(30)])
    assert local.count({"a": {"$in": list(range(10, 10_010))}}) == 20


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda inner: {"$not": {"$not": inner}},
        lambda inner: {"b": {"$exists": False}, "$or": [{"a": -1}, inner]},
        lambda inner: {"$or": [{"a": -1, "b": -1}, {"b": {"$ne": 1}, "$not": {"$not": inner}}]},
        lambda inner: {"b": {"$ne": 1}, "$or": [{"a": -1}, {"b": {"$ne": 2}, "$and": [inner]}]},
    ],
)
def test_the_deepest_filters_reach_sqlite(local, wrapped):
    local.delete_collection()
    local.add_documents([Document("t", {"a": i}, str(i)) for i in range(30)])
    condition, depth = {"a": {"$lt": 5}}, 0
    with pytest.raises(InvalidInputError, match="levels deep"):  # noqa: PT012
        while True:
            assert local.count(condition) == 5
            condition, depth = wrapped(condition), depth + 1
    assert depth > 1
