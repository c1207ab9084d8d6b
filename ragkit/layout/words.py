"""Words and lines of a page."""

from __future__ import annotations

from dataclasses import dataclass, field

from ragkit.provenance import Box, Point

__all__ = ["Line", "Word"]


@dataclass(slots=True)
class Word:
    """Characters without white space in between, and where they stand.

    Attributes:
        text: The characters.
        box: In fractions of the page; None without geometry.
        size: Font size in points; 0 where unknown.
        bold: Whether the font is.
        italic: Whether the font is.
        confidence: 0 to 1; 1 for born-digital text.
        turned: Degrees clockwise that it is turned on the upright page.
        color: ``"#rrggbb"``; empty where unknown.
        link: Where it leads: an address, or ``"#page=3"`` in the same file (counted from 1). It
            comes from the file as it is: check it before you follow it.
        handwritten: Whether a service says that it is written by hand.
        selected: Of a box to tick, whether it is; None for text.
        polygon: Its outline as a service gives it, also where the page is askew; else None.
        signature: Whether it is no text, but the place of a signature.
    """

    text: str
    box: Box | None = None
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    confidence: float = 1.0
    turned: int = 0
    color: str = ""
    link: str | None = None
    handwritten: bool = False
    selected: bool | None = None
    polygon: tuple[Point, ...] | None = field(default=None, repr=False)
    signature: bool = False


@dataclass(slots=True)
class Line:
    """Words on one baseline; or, without geometry, `raw` text as it stands.

    Attributes:
        words: From left to right.
        raw: Text of a source without geometry, kept verbatim (may hold line breaks).
    """

    words: list[Word] = field(default_factory=list)
    raw: str | None = None

    @property
    def text(self) -> str:
        """The words joined by blanks, or the raw text."""
        return " ".join([w.text for w in self.words]) if self.raw is None else self.raw

    @property
    def pieces(self) -> list[Word]:
        """The words; of raw text, what stands between its blanks."""
        return self.words if self.raw is None else [Word(text) for text in self.raw.split()]

    @property
    def box(self) -> Box | None:
        """Around all words that have a box."""
        return Box.around_any([word.box for word in self.words])
