"""Where tables, fields and signatures stand among the regions of a page.

What lies in a region goes into it; what only touches some takes its place in the reading order from
them. The rules, and their order, are Textractor's, whose texts people know and compare with.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from ragkit.layout.grouping import compare_places
from ragkit.layout.model import ElementKind
from ragkit.loading._textract_fields import Field
from ragkit.loading._textract_regions import (
    NOWHERE,
    ByHeight,
    Part,
    Region,
    ids_of,
    is_within,
    left_top,
    touches,
)
from ragkit.loading._textract_splitting import Splits, beside

__all__ = ["place_fields", "place_signatures", "place_tables"]

_FIELD_STEP = 0.1
"""How far a field comes after the region that it touches; regions are 1 apart."""


def place_tables(regions: list[Region], tables: Sequence[Part]) -> list[Region]:
    """The regions, with each table in one, or as one of its own."""
    placed = _put_into_tables(regions, tables)
    loose = [Region(ElementKind.TABLE, t.box, parts=[t]) for t in tables if t not in placed]
    loose.sort(key=functools.cmp_to_key(compare_places))
    touched = _touched(regions, loose)
    around: dict[Region, list[float]] = {}
    for region, inner in touched.items():
        for table in inner:
            around.setdefault(table, []).append(region.order)
    splits = Splits()
    words = {table: ids_of(table.words) for table in around}
    for region, inner in touched.items():
        _let_in(region, {table: words[table] for table in inner}, around, splits)
    gone = splits.replaced | {region for region in touched if region.is_empty}
    kept = [region for region in regions if region not in gone]
    return kept + loose + [region for region in splits.made if region not in gone]


def _put_into_tables(regions: list[Region], tables: Sequence[Part]) -> set[Part]:
    """Gives tables to the TABLE regions that they lie in."""
    placed: set[Part] = set()
    index = ByHeight(sorted(tables, key=left_top))
    for region in sorted(regions, key=left_top):
        if region.kind is not ElementKind.TABLE:
            continue
        for table in index.near(region.box):
            if table not in placed and is_within(table.box, region.box):
                region.remove(ids_of(table.words))
                region.parts.append(table)
                region.fit()
                placed.add(table)
    return placed


def _touched(regions: Sequence[Region], others: Sequence[Region]) -> dict[Region, list[Region]]:
    """Regions that share some area with others, or words where these have no box; with these."""
    index = ByHeight(others)
    found = {r: [one for one in index.near(r.box) if _meet(one, r)] for r in regions}
    return {region: inner for region, inner in found.items() if inner}


def _meet(one: Region, region: Region) -> bool:
    if one.box is not None:
        return touches(one.box, region.box)
    return not ids_of(one.words).isdisjoint(ids_of(region.words))


def _let_in(
    region: Region,
    tables: Mapping[Region, set[int]],
    around: dict[Region, list[float]],
    splits: Splits,
) -> None:
    """Takes the tables' words from a region, and gives the tables their places beside it.

    Args:
        region: One that the tables touch.
        tables: From top to bottom, each with the ids of its words.
        around: Places in the reading order of all regions that each table touches.
        splits: Of regions that tables part.
    """
    overlapped = False
    for number, (table, words) in enumerate(tables.items()):
        region.remove(words)
        is_inside = region.parts and is_within(table.box, region.box)
        if region.kind is ElementKind.FIGURE or not is_inside:
            table.order = sum(around[table]) / len(around[table])
        elif overlapped or any(beside(part.box, table.box) for part in region.parts):
            overlapped = True
            _come_after(table, region, (number + 1) * 0.01)
        else:
            splits.split(region, table, number)
    if region.kind is not ElementKind.FIGURE and region.parts:
        region.fit()


def _come_after(one: Region, region: Region, step: float) -> None:
    place = region.order + step
    one.order = place if one.order == NOWHERE else min(one.order, place)


def place_fields(
    regions: list[Region], fields: Sequence[Field], done: Collection[Field], celled: set[int]
) -> list[Region]:
    """The regions, with each field in one, or as one of its own.

    Args:
        regions: Of the page, tables among them.
        fields: Of the page.
        done: Those that tables have.
        celled: Ids of the words that are in tables.
    """
    left = [one for one in fields if one not in done]
    left = _put_into_regions(regions, left, celled)
    regions = [region for region in regions if not region.is_empty]
    loose = {Region(ElementKind.KEY_VALUE, one.part.box, parts=[one.part]): one for one in left}
    touched = _touched(regions, list(loose))
    times = Counter(one for inner in touched.values() for one in inner)
    for region, inner in touched.items():
        taken: set[int] = set()
        for number, one in enumerate(sorted(inner, key=left_top)):
            if times[one] == 1:
                _come_after(one, region, (number + 1) * _FIELD_STEP)
                taken |= ids_of(loose[one].printed)
        region.remove(taken)
    # A field over several regions says nothing of its place: its words stay where they are.
    kept = [region for region in regions if region not in touched or not region.is_empty]
    return kept + [one for one in loose if times[one] < 2]


def _put_into_regions(
    regions: Sequence[Region], fields: list[Field], celled: set[int]
) -> list[Field]:
    """Gives fields to the regions that they lie in; the others are left."""
    left = {one.part: one for one in sorted(fields, key=lambda one: left_top(one.part)[0])}
    index = ByHeight(left)
    for region in sorted(regions, key=lambda region: left_top(region)[0]):
        if region.kind is None:
            continue
        near = (left[part] for part in index.near(region.box) if part in left)
        for one in [one for one in near if _lies_in(one, region)]:
            del left[one.part]
            in_cells = any(id(word) in celled for word in one.printed)
            if not in_cells and region.kind is not ElementKind.LIST:
                region.remove(ids_of(one.printed))
                region.parts.append(one.part)
    return [one for one in fields if one.part in left]


def _lies_in(one: Field, region: Region) -> bool:
    """Whether a field is in a region; where the response has no boxes, by its words."""
    if one.part.box is not None:
        return is_within(one.part.box, region.box)
    return bool(one.printed) and id(one.printed[0]) in ids_of(region.words)


def place_signatures(regions: list[Region], signatures: Sequence[Part]) -> list[Region]:
    """The regions, with each signature in one, or as one of its own."""
    index = ByHeight(sorted(signatures, key=left_top))
    left = set(signatures)
    for region in sorted(regions, key=left_top):
        if region.kind is None:
            continue
        near = (one for one in index.near(region.box) if one in left)
        inside = [one for one in near if is_within(one.box, region.box)]
        region.parts += inside
        left.difference_update(inside)
    loose = [Region(None, one.box, parts=[one]) for one in signatures if one in left]
    for region, inner in _touched(regions, loose).items():
        for number, one in enumerate(sorted(inner, key=left_top)):
            _come_after(one, region, (number + 1) * _FIELD_STEP)
    return regions + loose
