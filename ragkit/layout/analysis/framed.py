"""Tables that have level rules only: over their head, under it, and at their end.

Rules of one length, one below the other, cut a page into parts; those whose words stand in
columns make up a table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ragkit.layout.analysis.authors import are_authors
from ragkit.layout.analysis.drawn import Area, Rule
from ragkit.layout.analysis.grids import Grid, GridCell, without_empty_columns
from ragkit.layout.analysis.gutters import Gutter, find_gutters, find_walls, part_row
from ragkit.layout.analysis.rows import group_levels
from ragkit.layout.analysis.strip import Strip, is_marker
from ragkit.layout.analysis.tables import append_row, row_gap

__all__ = ["HEADER_ROOM", "Framed", "find_framed", "frames_of"]

HEADER_ROOM = 40.0
"""Points above a table's first rule that its header may stand in."""

_SHORTEST = 60.0
"""Points: shorter rules stand over footnotes, or under a column's head."""
_MOST_RULES = 1_000
"""A page with more of them has a drawing on it."""
_ALIKE = 6.0
"""Points that the ends of a table's rules may differ by."""
_PROSE_WORDS = 5
"""Words of a line of running text in a narrow column, at least."""
_FULL_WORDS = 3
"""Words of a full line in a column as narrow as a newspaper's, at least."""
_RAGGED = 0.25
"""White at a full line's end, at most, as a part of its length."""
_BOXES = "☐☑☒□"
"""Marks of what is to be ticked, which tables have more often than lists in columns."""
_MOSTLY = 0.6
_NUMBERED = re.compile(r"^[^\W\d]++\.?\s*+[A-Z]?[-.]?\d[\d.-]*+:?$")
"""How a caption begins, as "Table 2-1"; the title may stand in a column of its own."""
_LINES = 3
"""Of a row that stands between two rules, at most."""


@dataclass(slots=True)
class _Part:
    """What stands between two rules."""

    y0: float
    y1: float
    rows: list[list[Strip]] = field(default_factory=list)

    @property
    def is_columned(self) -> bool:
        return bool(find_gutters(self.rows))


@dataclass(slots=True)
class Framed:
    """A table, and the words in it."""

    area: Area
    grid: Grid
    words: list[Strip]


def frames_of(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Level rules of one length that stand over each other, in groups of two at least."""
    long = [rule for rule in rules if rule.level and rule.end - rule.start >= _SHORTEST]
    if len(long) > _MOST_RULES:
        return []
    return [group for group in _alike(long) if len(group) > 1]


def find_framed(
    frames: Sequence[Sequence[Rule]],
    rules: Sequence[Rule],
    fills: Sequence[Area],
    words: Sequence[Strip],
) -> list[Framed]:
    """The tables of a page, none in another.

    Args:
        frames: What `frames_of` gives for the rules.
        rules: All of the page.
        fills: Shaded rectangles: where several meet, they part columns.
        words: One strip for each.
    """
    found: list[Framed] = []
    for group in frames:
        for run in _runs(_parts(group, words)):
            table = _table(run, _above(run, group, words), group, rules, fills)
            if table is not None and not any(_overlap(table.area, f.area) for f in found):
                found.append(table)
    return found


def _overlap(a: Area, b: Area) -> bool:
    return min(a.x1, b.x1) > max(a.x0, b.x0) and min(a.y1, b.y1) > max(a.y0, b.y0)


def _alike(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Rules in groups that begin and end at the same places, from top to bottom."""
    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda r: r.at):
        for group in groups:
            first = group[0]
            if abs(first.start - rule.start) < _ALIKE and abs(first.end - rule.end) < _ALIKE:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return groups


def _parts(rules: Sequence[Rule], words: Sequence[Strip]) -> list[_Part]:
    inside = _inside(rules, words)
    parts = []
    for above, below in pairwise(rules):
        found = [w for w in inside if above.at <= w.middle < below.at]
        parts.append(_Part(above.at, below.at, group_levels(found)))
    return parts


def _inside(rules: Sequence[Rule], words: Sequence[Strip]) -> list[Strip]:
    """The words that stand above, below or between rules of one length."""
    x0, x1 = rules[0].start - _ALIKE, rules[0].end + _ALIKE
    return [w for w in words if x0 <= (w.x0 + w.x1) / 2 <= x1 and not w.vertical]


def _above(run: Sequence[_Part], rules: Sequence[Rule], words: Sequence[Strip]) -> list[Strip]:
    """The header of a table that has no rule over it: the line right above its first rule.

    Its words stand in the columns of those below; nothing where there is no such line.
    """
    y0 = run[0].y0
    near = [w for w in _inside(rules, words) if y0 - HEADER_ROOM < w.middle < y0]
    levels = group_levels(near)
    header = levels[-1] if levels else []
    if not header or y0 - max(w.y1 for w in header) > header[0].size:
        return []
    rows = [row for part in run for row in part.rows]
    gutters = find_gutters([header, *rows])
    if not gutters or len(gutters) != len(find_gutters(rows)):
        return []
    cells = part_row(header, gutters)
    is_wide = len(cells) > 1 and 2 * len(cells) > len(gutters) + 1
    if not is_wide or any(cell.span > 1 for cell in cells) or _is_caption(cells):
        return []
    return header


def _is_caption(cells: Sequence[GridCell]) -> bool:
    """Whether they are a caption's number, "Table 1", and its title far from it."""
    numbered = [
        bool(_NUMBERED.match(" ".join(strip.text for strip in cell.strips))) for cell in cells
    ]
    return numbered == [True, False]


def _runs(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Parts that follow each other and stand in columns; a single line may part them."""
    runs: list[list[_Part]] = [[]]
    for part in parts:
        if part.is_columned or (runs[-1] and _is_between(part)):
            runs[-1].append(part)
        elif runs[-1]:
            runs.append([])
    for run in runs:
        while run and not run[-1].is_columned:
            run.pop()
    return [run for run in runs if run]


def _is_between(part: _Part) -> bool:
    """Whether it is nothing, or one short line, such as a heading inside of a table."""
    return len(part.rows) < 2 and sum(map(len, part.rows)) <= 10


def _table(
    run: Sequence[_Part],
    header: list[Strip],
    group: Sequence[Rule],
    rules: Sequence[Rule],
    fills: Sequence[Area],
) -> Framed | None:
    rows = [header] if header else []
    rows += [row for part in run for row in part.rows]
    inside = [f for f in fills if run[0].y0 - 1 <= f.y0 and f.y1 <= run[-1].y1 + 1]
    walls = find_walls(inside, len(rows))
    free = [g for g in find_gutters(rows) if not any(g.x0 <= w.x0 <= g.x1 for w in walls)]
    gutters = sorted([*walls, *free], key=lambda g: g.x0)
    if len(rows) < 2 or not gutters or _is_prose(rows, gutters, is_parted=len(run) > 1):
        return None
    words = [word for row in rows for word in row]
    top = min([run[0].y0, *(word.y0 for word in header)])
    area = Area(group[0].start, top, group[0].end, run[-1].y1)
    partial = [r for r in rules if r.level and r.end - r.start < area.width - 2 * _ALIKE]
    is_header = not header and 1 < len(run[0].rows) <= _LINES < len(rows)
    grid = Grid([part_row(header, gutters)] if header else [], len(gutters) + 1)
    for part in run:
        parted = _rows(part, gutters, by_rules=_by_rules(run))
        grid.rows += parted if part is run[0] and is_header else _merge_wrapped(parted)
    _span(grid, gutters, partial)
    if is_header:
        grid.n_header = len(run[0].rows)
    return Framed(area, without_empty_columns(grid), words)


def _is_prose(
    rows: Sequence[Sequence[Strip]], gutters: Sequence[Gutter], *, is_parted: bool
) -> bool:
    """Whether it is running text in columns between rules, such as a page's, or are authors.

    Args:
        rows: Its lines, as words.
        gutters: Between its columns.
        is_parted: Whether a rule runs between them, such as below a table's header.
    """
    parted = [part_row(row, gutters) for row in rows]
    if are_authors([[" ".join(s.text for s in cell.strips) for cell in row] for row in parted]):
        return True
    cells = [cell for row in parted for cell in row]
    long = sum(len(strip.words) >= _PROSE_WORDS for cell in cells for strip in cell.strips)
    if len(rows) > 8 and long > _MOSTLY * len(cells):
        return True
    return not is_parted and len(rows) > _LINES and _are_lines(cells)


def _are_lines(cells: Sequence[GridCell]) -> bool:
    """Whether most are lines of a paragraph, as long as their column is wide, or of a list."""
    ends: dict[int, float] = defaultdict(float)
    for cell in cells:
        ends[cell.column] = max(ends[cell.column], *(s.x1 for s in cell.strips))
    lines = sum(_is_full(cell, ends[cell.column]) or _is_item(cell) for cell in cells)
    return lines > _MOSTLY * len(cells)


def _is_full(cell: GridCell, end: float) -> bool:
    x0, x1 = cell.strips[0].x0, cell.strips[-1].x1
    words = sum(len(s.words) for s in cell.strips)
    return words >= _FULL_WORDS and end - x1 < _RAGGED * (x1 - x0)


def _is_item(cell: GridCell) -> bool:
    words = [word.text for strip in cell.strips for word in strip.words]
    return len(words) > 1 and is_marker(words[0]) and words[0] not in _BOXES


def _by_rules(run: Sequence[_Part]) -> bool:
    """Whether every row has a rule under it."""
    small = sum(len(part.rows) <= _LINES for part in run)
    return len(run) >= 4 and small >= 0.8 * len(run)


def _rows(part: _Part, gutters: Sequence[Gutter], *, by_rules: bool) -> list[list[GridCell]]:
    cells = [part_row(row, gutters) for row in part.rows]
    if not by_rules or len(cells) < 2 or len(cells) > _LINES:
        return cells
    whole: dict[int, GridCell] = {}
    for row in cells:
        for cell in row:
            known = whole.get(cell.column)
            if known is None:
                whole[cell.column] = cell
            else:
                known.strips += cell.strips
                known.span = max(known.span, cell.span)
    return [_apart([whole[column] for column in sorted(whole)])]


def _merge_wrapped(rows: Sequence[list[GridCell]]) -> list[list[GridCell]]:
    """Second lines of cells put to the first: see `_goes_on`."""
    merged: list[list[GridCell]] = []
    white = _usual_white(rows)
    above: list[GridCell] = []
    for row in rows:
        if merged and _goes_on(merged[-1], row) and row_gap(*map(_strips, (above, row))) <= white:
            append_row(merged[-1], row)
        else:
            merged.append(row)
        above = row
    return merged


def _usual_white(rows: Sequence[list[GridCell]]) -> float:
    lines = [_strips(row) for row in rows]
    # The boxes of words differ a little in height.
    return median(row_gap(a, b) for a, b in pairwise(lines)) + 1 if len(lines) > 1 else 0.0


def _strips(row: Sequence[GridCell]) -> list[Strip]:
    return [strip for cell in row for strip in cell.strips]


def _goes_on(above: Sequence[GridCell], row: Sequence[GridCell]) -> bool:
    """Whether a row is the second line of the cells above: all in their columns, the first empty.

    A row of its own may lack the first cell too, where that stands for several rows; so the
    text has to go on, in small letters.
    """
    if row[0].column == 0 or above[0].column > 0 or len(row) >= len(above):
        return False
    places = {(cell.column, cell.span) for cell in above}
    return all(
        (cell.column, cell.span) in places and cell.strips[0].words[0].text[0].islower()
        for cell in row
    )


def _apart(row: list[GridCell]) -> list[GridCell]:
    """Cells that overlap, since a line of one is longer, kept to their own columns."""
    for number, cell in enumerate(row[:-1]):
        cell.span = min(cell.span, row[number + 1].column - cell.column)
    return row


def _span(grid: Grid, gutters: Sequence[Gutter], partial: Sequence[Rule]) -> None:
    """Gives cells the columns that a rule of their own runs under."""
    for row in grid.rows[:4]:
        for cell in row:
            bottom = max(s.y1 for s in cell.strips)
            x = min(s.x0 for s in cell.strips), max(s.x1 for s in cell.strips)
            for rule in partial:
                under = (
                    -2 < rule.at - bottom < 8 and rule.start - 3 <= x[0] and x[1] <= rule.end + 3
                )
                if not under:
                    continue
                first = sum(g.middle <= rule.start for g in gutters)
                last = sum(g.middle < rule.end for g in gutters)
                others = [
                    c
                    for c in row
                    if c is not cell and c.column <= last and c.column + c.span > first
                ]
                if last > first and not others:
                    cell.column, cell.span = first, last + 1 - first
        row.sort(key=lambda c: c.column)
