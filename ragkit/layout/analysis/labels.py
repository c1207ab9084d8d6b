"""Labels of a form's fields: short text on the left of a field, or right above it.

Every field, the empty ones too, names the text that could be its label; the nearest pairs are
made first, so that no text is the label of two fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ragkit.layout.analysis.drawn import Area
from ragkit.layout.analysis.levels import Levels
from ragkit.layout.analysis.strip import Strip

__all__ = ["find_labels"]

_WORDS = 12
"""A label has so many words at most; what is longer is running text."""
_NEAR = 150.0
"""Points between a label and its field, at most."""
_FAR_WORDS = 6
_FAR = 0.5
"""Words of a label that is further away; its distance, as a part of the page's width."""
_HIGHEST = 40.0
"""Points of a line above a field, at most."""
_TOUCH = 2.0
"""Points that a label may reach into its field."""
_ABOVE = 30.0
"""So many points nearer counts what stands beside a field than what stands above it."""
_ALIGNED = 6.0
"""Points that a label above a field begins further left or right than it, at most."""
_BY_BOX = 30.0
"""Points between a box to tick and its text, at most."""
_HINT = 1_000.0
"""So many points nearer counts what is not in brackets, as hints such as "(in full)" are."""

_Choice = tuple[float, Strip]


def find_labels(
    strips: Sequence[Strip], fields: Sequence[Area], marks: Sequence[bool], width: float
) -> dict[int, Strip]:
    """The label of each field that has one, by the field's number.

    Args:
        strips: What could be labels.
        fields: Where the fields are.
        marks: Whether each is a box to tick; such have no labels.
        width: Of the page, in points.

    Raises:
        CrowdedPageError: If there are too many strips at the height of too many fields.
    """
    search = _Search(strips, fields, marks, width)
    choices = [
        (cost, number, strip)
        for number, (field, is_mark) in enumerate(zip(fields, marks, strict=True))
        if not is_mark
        for cost, strip in search.choices(field)
    ]
    labels: dict[int, Strip] = {}
    taken: set[int] = set()
    for _, number, strip in sorted(choices, key=lambda choice: choice[:2]):
        if number not in labels and id(strip) not in taken:
            labels[number] = strip
            taken.add(id(strip))
    return labels


class _Search:
    """Looks around fields for what could be their labels."""

    def __init__(
        self, strips: Sequence[Strip], fields: Sequence[Area], marks: Sequence[bool], width: float
    ) -> None:
        lines = [s for s in strips if s.is_line and not s.vertical]
        self._width = width
        self._by_middle = Levels(lines, [s.middle for s in lines])
        boxes = [field for field, is_mark in zip(fields, marks, strict=True) if is_mark]
        of_boxes = {id(strip) for box in boxes for strip in self._texts_of(box)}
        low = [s for s in lines if s.height <= _HIGHEST and id(s) not in of_boxes]
        self._by_bottom = Levels(low, [s.y1 for s in low])
        self._fields = Levels(fields, [field.middle[1] for field in fields])

    def choices(self, field: Area) -> Iterator[_Choice]:
        """The best label beside the field, and the best above it, with their costs in points."""
        for found in (self._beside(field), self._above(field)):
            best = min(found, key=lambda choice: choice[0], default=None)
            if best is not None and len(best[1].words) <= _WORDS:
                yield best

    def _texts_of(self, box: Area) -> Iterator[Strip]:
        """The texts beside a box to tick: they say what is ticked, and not what stands below."""
        for strip in self._by_middle.between(box.y0 - _TOUCH, box.y1 + _TOUCH):
            if max(strip.x0 - box.x1, box.x0 - strip.x1) <= _BY_BOX:
                yield strip

    def _beside(self, field: Area) -> Iterator[_Choice]:
        edge = self._left_edge(field)
        for strip in self._by_middle.between(field.y0 - _TOUCH, field.y1 + _TOUCH):
            gap = field.x0 - strip.x1
            most = _NEAR
            if len(strip.words) <= _FAR_WORDS:
                most = max(_NEAR, _FAR * self._width)
            if -_TOUCH <= gap <= most and strip.x1 > edge:
                is_sure = strip.text.endswith(":")
                yield (min(gap, _ABOVE) if is_sure else gap) + _penalty(strip), strip

    def _left_edge(self, field: Area) -> float:
        """Where the next field on the left begins: a label beyond it is that one's."""
        beside = self._fields.between(field.y0 - _TOUCH, field.y1 + _TOUCH)
        return max((f.x0 for f in beside if f.x1 <= field.x0 + _TOUCH), default=0.0)

    def _above(self, field: Area) -> Iterator[_Choice]:
        top = field.y0 - 1.2 * _HIGHEST
        for strip in self._by_bottom.between(top, field.y0 + _TOUCH):
            rise, aside = field.y0 - strip.y1, abs(strip.x0 - field.x0)
            if rise <= 1.2 * strip.height and aside < 4 * strip.size:
                askew = _NEAR if aside > _ALIGNED else 0.0
                yield _ABOVE + max(rise, 0.0) + aside + askew + _penalty(strip), strip


def _penalty(strip: Strip) -> float:
    return _HINT if strip.text.startswith("(") and strip.text.endswith(")") else 0.0
