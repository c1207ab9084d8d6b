"""A strip: words that stand side by side on one line, or a whole table or figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ragkit.layout.analysis.drawn import Area
from ragkit.layout.analysis.grids import Grid
from ragkit.layout.analysis.turning import quarter_of
from ragkit.layout.model import Line, Word
from ragkit.provenance import Box

__all__ = ["Strip", "is_marker"]

_MARKER = re.compile(
    r"^(?:[•◦▪▫■□●○‣⁃∙·–—*➢✓✔❖☐☑☒⊠⊡⬜◻▢→⇒➔\uf0a7\uf0b7\uf0d8\uf076-]"
    r"|[(\[]?(?:\d{1,3}|[a-z]|[ivx]{2,4})[.)\]]|\(?[A-Z]\)|\[[xX]\])$"
)
_EMPTY_BOXES = ("[ ]", "[]", "( )", "()")


@dataclass(slots=True, eq=False)
class Strip:
    """Words side by side, in points from the page's top left corner; or a whole ruled table.

    Attributes:
        words: From left to right.
        x0: Left edge.
        y0: Top.
        x1: Right edge.
        y1: Bottom.
        size: Of most of its letters.
        vertical: Whether the text is turned, sideways or upside-down.
        grid: Of a table that was found by its rules; its words are those of all cells.
        figure: Of a figure, the strips in it; there may be none.
        place: Of its first word in the order of the file.
    """

    words: list[Word] = field(default_factory=list)
    x0: float = 0.0
    y0: float = 0.0
    x1: float = 0.0
    y1: float = 0.0
    size: float = 0.0
    vertical: bool = False
    grid: Grid | None = None
    figure: list[Strip] | None = None
    place: int = 0

    @property
    def is_line(self) -> bool:
        """Whether it is text on a line, and no table or figure."""
        return self.grid is None and self.figure is None

    @property
    def text(self) -> str:
        """The words joined by blanks."""
        return " ".join([w.text for w in self.words])

    @property
    def length(self) -> int:
        """Number of characters, without blanks."""
        return sum([len(w.text) for w in self.words])

    @property
    def middle(self) -> float:
        """Vertical middle."""
        return (self.y0 + self.y1) / 2

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle, across and down."""
        return (self.x0 + self.x1) / 2, self.middle

    @property
    def height(self) -> float:
        """Of the highest word."""
        return self.y1 - self.y0

    @property
    def bold(self) -> bool:
        """Whether all words are; signs such as bullets count only where nothing else stands."""
        bold = [w.bold for w in self.words]
        if all(bold) or not any(bold):  # as nearly always
            return all(bold)
        return all(w.bold for w in self._weighing or self.words)

    @property
    def is_sign(self) -> bool:
        """Whether it is but a sign or two, such as "—" or "☒", whose weight says little."""
        return not self._weighing

    @property
    def _weighing(self) -> list[Word]:
        return [w for w in self.words if w.text[0].isalnum() or len(w.text) > 1]

    @property
    def is_marker(self) -> bool:
        """Whether it is nothing but the mark of a list item."""
        if len(self.words) == 1:
            return is_marker(self.words[0].text)
        return len(self.words) == 2 and self.text in _EMPTY_BOXES

    def line(self) -> Line:
        """As a line of the layout model."""
        return Line(self.words)

    def gaps(self) -> list[float]:
        """White space between its words, in fractions of the page's width."""
        boxes = [w.box for w in self.words if w.box is not None]
        return [b.x0 - a.x1 for a, b in pairwise(boxes)]

    def cut(self, x0: float, x1: float) -> list[Strip]:
        """Two strips, if there is nothing but a wide space from about `x0` to `x1`; or itself."""
        scale = self._scale() if len(self.words) > 1 and self.is_line else None
        if scale is None:
            return [self]
        for number, (a, b) in enumerate(pairwise(self.words), 1):
            if a.box is None or b.box is None:
                continue
            left, right = a.box.x1 * scale, b.box.x0 * scale
            is_wide = right - left > 0.8 * (x1 - x0 - 2) and right - left > 0.5 * self.size
            if is_wide and left < (x0 + x1) / 2 < right:
                return [
                    self._part(self.words[:number], scale),
                    self._part(self.words[number:], scale),
                ]
        return [self]

    def _scale(self) -> float | None:
        """Width of the page in points, found from the strip's own edges."""
        right = max([w.box.x1 for w in self.words if w.box is not None], default=0.0)
        return self.x1 / right if right > 0 else None

    def _part(self, words: list[Word], scale: float) -> Strip:
        boxes = [w.box for w in words if w.box is not None]
        x0, x1 = min(b.x0 for b in boxes) * scale, max(b.x1 for b in boxes) * scale
        return Strip(words, x0, self.y0, x1, self.y1, self.size, place=self.place)

    @classmethod
    def of_word(cls, word: Word, width: float, height: float) -> Strip:
        """A strip of one word, on a page of that size in points."""
        box = word.box or Box(0.0, 0.0, 0.0, 0.0)
        x0, y0, x1, y1 = box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height
        em = word.size or (y1 - y0) * 0.85 or 1.0
        tall = len(word.text) > 1 and y1 - y0 > 2.2 * (x1 - x0) and y1 - y0 > 1.8 * em
        vertical = tall or bool(word.turned and quarter_of(word))
        return cls([word], x0, y0, x1, y1, em, vertical)

    @classmethod
    def over(
        cls,
        area: Area,
        words: list[Word],
        size: float,
        *,
        grid: Grid | None = None,
        figure: list[Strip] | None = None,
    ) -> Strip:
        """A table or a figure that covers an area."""
        return cls(words, area.x0, area.y0, area.x1, area.y1, size, grid=grid, figure=figure)

    @classmethod
    def around(cls, strips: Sequence[Strip]) -> Strip:
        """One strip of all words, from left to right."""
        if len(strips) == 1:
            return strips[0]
        ordered = sorted(strips, key=lambda s: s.x0)
        return cls(
            [w for s in ordered for w in s.words],
            ordered[0].x0,
            min(s.y0 for s in ordered),
            max(s.x1 for s in ordered),
            max(s.y1 for s in ordered),
            max(ordered, key=lambda s: s.length).size,
            ordered[0].vertical,
            place=min(s.place for s in ordered),
        )


def is_marker(text: str) -> bool:
    """Whether the word can be the mark of a list item: "•", "3.", "(a)"."""
    return bool(_MARKER.match(text))
