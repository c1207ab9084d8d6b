"""Lattices: tables whose cells are parted by rules.

Rules that cross or touch each other belong to one lattice. Its level and upright rules make a
grid of small cells; two that have no rule between them are one cell. The idea is that of Camelot
and Tabula, with the rules taken from the file and not from a picture of the page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ragkit.layout.analysis.drawn import Area, Rule

__all__ = ["MAX_RULES", "Lattice", "LatticeCell", "find_lattices", "join_rules"]

MAX_RULES = 4_000
"""A page with more of them has a drawing on it, and is not looked through for tables."""

_TOUCH = 3.0
"""Points between two rules that meet."""
_COVERED = 0.6
"""Part of a small cell's side that a rule must run along."""


@dataclass(frozen=True, slots=True)
class LatticeCell:
    """A cell: its place in the grid, and its edges in points."""

    row: int
    column: int
    row_span: int
    column_span: int
    area: Area


@dataclass(slots=True)
class Lattice:
    """A grid drawn by rules.

    Attributes:
        xs: Where its columns part, from the left edge to the right one.
        ys: Where its rows part, from the top to the bottom.
        cells: By rows.
    """

    xs: list[float]
    ys: list[float]
    cells: list[LatticeCell]

    @property
    def area(self) -> Area:
        """All of it."""
        return Area(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])


def find_lattices(rules: Sequence[Rule]) -> list[Lattice]:
    """The lattices that a page's rules make, none in another; those of one cell too.

    Args:
        rules: What `join_rules` gives.
    """
    found = [_lattice(group) for group in _connected(rules)]
    lattices = [one for one in found if one is not None]
    lattices.sort(key=lambda one: -one.area.size)
    outer: list[Lattice] = []
    for one in lattices:
        if not any(other.area.holds(one.area.middle) for other in outer):
            outer.append(one)
    return outer


def join_rules(rules: Sequence[Rule]) -> list[Rule]:
    """The rules, those on one line that touch put together."""
    return [*_joined(r for r in rules if r.level), *_joined(r for r in rules if not r.level)]


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """`join_rules` of one direction."""
    joined: list[Rule] = []
    for at_once in _levelled(sorted(rules, key=lambda r: r.at)):
        at = sum(r.at for r in at_once) / len(at_once)
        start = end = None
        for rule in sorted(at_once, key=lambda r: r.start):
            if start is not None and end is not None and rule.start <= end + _TOUCH:
                end = max(end, rule.end)
                continue
            if start is not None and end is not None:
                joined.append(Rule(rule.level, at, start, end))
            start, end = rule.start, rule.end
        if start is not None and end is not None:
            joined.append(Rule(at_once[0].level, at, start, end))
    return joined


def _levelled(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Rules in groups that stand at one place, within two points."""
    group: list[Rule] = []
    for rule in rules:
        if group and rule.at - group[0].at > 2:
            yield group
            group = []
        group.append(rule)
    if group:
        yield group


class _Sets:
    """Numbers in sets that are joined one by one (union-find)."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def of(self, n: int) -> int:
        """A number that stands for the set that `n` is in."""
        parent = self._parent
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    def join(self, a: int, b: int) -> None:
        """Puts the set of `a` to that of `b`."""
        self._parent[self.of(a)] = self.of(b)


def _connected(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules in groups that cross or touch, those with both directions in them."""
    sets = _Sets(len(rules))
    uprights = sorted((r.at, n) for n, r in enumerate(rules) if not r.level)
    for n, level in enumerate(rules):
        if not level.level:
            continue
        for at, m in uprights:
            if at > level.end + _TOUCH:
                break
            upright = rules[m]
            meets = upright.start - _TOUCH <= level.at <= upright.end + _TOUCH
            if at >= level.start - _TOUCH and meets:
                sets.join(n, m)
    groups: dict[int, list[Rule]] = defaultdict(list)
    for n, rule in enumerate(rules):
        groups[sets.of(n)].append(rule)
    return [g for g in groups.values() if len(g) > 2 and len({r.level for r in g}) == 2]


def _lattice(rules: Sequence[Rule]) -> Lattice | None:
    levels, uprights = [r for r in rules if r.level], [r for r in rules if not r.level]
    xs, ys = _places(uprights, levels), _places(levels, uprights)
    if len(xs) < 2 or len(ys) < 2:
        return None
    if (len(ys) - 1) * (len(xs) - 1) > MAX_RULES:
        return None
    return Lattice(xs, ys, _cells(_regions(xs, ys, levels, uprights), xs, ys))


def _places(rules: Sequence[Rule], across: Sequence[Rule]) -> list[float]:
    """Where the rules stand, and where the others end beyond them: a table may have open sides."""
    places: list[float] = []
    for at in sorted(r.at for r in rules):
        if not places or at - places[-1] > _TOUCH:
            places.append(at)
    start, end = min(r.start for r in across), max(r.end for r in across)
    if places and start < places[0] - 2 * _TOUCH:
        places.insert(0, start)
    if places and end > places[-1] + 2 * _TOUCH:
        places.append(end)
    return places


def _regions(
    xs: Sequence[float], ys: Sequence[float], levels: Sequence[Rule], uprights: Sequence[Rule]
) -> list[list[int]]:
    """For each small cell the number of the cell that it is part of."""
    rows, columns = len(ys) - 1, len(xs) - 1
    sets = _Sets(rows * columns)
    right = [_near(uprights, x) for x in xs[1:]]  # of each column
    below = [_near(levels, y) for y in ys[1:]]  # of each row
    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            if column + 1 < columns and not _runs(right[column], ys[row], ys[row + 1]):
                sets.join(here + 1, here)
            if row + 1 < rows and not _runs(below[row], xs[column], xs[column + 1]):
                sets.join(here + columns, here)
    return [[sets.of(row * columns + column) for column in range(columns)] for row in range(rows)]


def _near(rules: Sequence[Rule], at: float) -> list[tuple[float, float]]:
    """Where the rules begin and end that stand at a place."""
    return [(r.start, r.end) for r in rules if abs(r.at - at) <= _TOUCH]


def _runs(spans: Iterable[tuple[float, float]], start: float, end: float) -> bool:
    """Whether rules run along a side from `start` to `end`."""
    covered = sum(max(0.0, min(b, end) - max(a, start)) for a, b in spans)
    return covered >= _COVERED * (end - start)


def _cells(
    regions: Sequence[Sequence[int]], xs: Sequence[float], ys: Sequence[float]
) -> list[LatticeCell]:
    """The cells; a region that is no rectangle stays in its small cells."""
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row, numbers in enumerate(regions):
        for column, number in enumerate(numbers):
            places[number].append((row, column))
    cells = []
    for found in places.values():
        rows, columns = [row for row, _ in found], [column for _, column in found]
        r0, r1, c0, c1 = min(rows), max(rows) + 1, min(columns), max(columns) + 1
        if len(found) == (r1 - r0) * (c1 - c0):
            cells.append((r0, c0, r1, c1))
        else:
            cells += [(row, column, row + 1, column + 1) for row, column in found]
    return [
        LatticeCell(r0, c0, r1 - r0, c1 - c0, Area(xs[c0], ys[r0], xs[c1], ys[r1]))
        for r0, c0, r1, c1 in sorted(cells)
    ]
