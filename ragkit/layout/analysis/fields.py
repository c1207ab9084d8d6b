"""Fields of forms: what is filled in, put beside its label."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.layout.analysis.blanks import Filled, cut_blanks
from ragkit.layout.analysis.drawn import Area
from ragkit.layout.analysis.grids import Grid, GridCell
from ragkit.layout.analysis.labels import find_labels
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import Word
from ragkit.provenance import Box

__all__ = ["FormField", "pair_fields"]


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form.

    Attributes:
        words: What stands in it, with boxes; none where it is empty.
        name: What its author calls it, for where no label is printed.
        is_mark: Whether it is a box to tick, whose text follows it.
        box: Where it is.
    """

    words: tuple[Word, ...]
    name: str
    is_mark: bool
    box: Box


def pair_fields(
    strips: Sequence[Strip], fields: Sequence[FormField], width: float, height: float
) -> list[Strip]:
    """The strips, those that are labels of a field put together with what is written in it.

    A field without a label has its author's name for it, or stands for itself. The label of an
    empty field stays text, and is no other field's. Underscores below a value are left out: they
    are a line to write upon. In a sentence they are where the value stands.

    Raises:
        CrowdedPageError: If there are too many strips at the height of too many fields.
    """
    if not fields:
        return list(strips)
    areas = [_area(field.box, width, height) for field in fields]
    both = list(zip(areas, fields, strict=True))
    filled = [Filled(area, one.words) for area, one in both if one.words and not one.is_mark]
    lines = cut_blanks(strips, filled, width, height)
    written = {id(one.area) for one in lines.written}
    left = [(area, one) for area, one in both if id(area) not in written]
    marks = [one.is_mark for _, one in left]
    labels = find_labels(lines.strips, [area for area, _ in left], marks, width)
    used: set[int] = set()
    found = lines.sentences
    for number, (_, field) in enumerate(left):
        if not field.words:
            continue
        own = _lines_of(field, width, height)
        label = labels.get(number)
        if label is not None:
            used.add(id(label))
        elif field.name and not field.is_mark:
            label = _named(field.name, own[0])
        found += own if label is None else [_pair(label, own)]
    return [*(strip for strip in lines.strips if id(strip) not in used), *found]


def _area(box: Box, width: float, height: float) -> Area:
    return Area(box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)


def _lines_of(field: FormField, width: float, height: float) -> list[Strip]:
    """A strip for each line of what stands in a field, in the order in which it was written."""
    words = [Strip.of_word(word, width, height) for word in field.words]
    by_line = itertools.groupby(words, lambda word: (word.y0, word.y1))
    return [Strip.around(list(line)) for _, line in by_line]


def _named(name: str, own: Strip) -> Strip:
    """The name as a strip that stands nowhere."""
    words = [Word(part, None, own.size) for part in name.split()]
    return Strip(words, own.x0, own.y0, own.x0, own.y1, own.size)


def _pair(label: Strip, own: Sequence[Strip]) -> Strip:
    grid = Grid([[GridCell([label], 0), GridCell([*own], 1)]], 2, n_header=0, is_form=True)
    both = [label, *own]
    x0, y0 = min(s.x0 for s in both), min(s.y0 for s in both)
    x1, y1 = max(s.x1 for s in both), max(s.y1 for s in both)
    words = [word for strip in both for word in strip.words]
    return Strip(words, x0, y0, x1, y1, label.size, grid=grid)
