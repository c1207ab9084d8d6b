"""A document as pages, elements, lines and words: the one form that every loader gives.

Boxes are fractions of the page, origin at the top left (`ragkit.types.Box`). A source without
geometry (plain text, Markdown) leaves boxes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Unpack

from ragkit.layout.cells import Cell, KeyValue, Table
from ragkit.layout.findings import Query, QueryAnswer, Signature
from ragkit.layout.selection import Elements, Pictures, select
from ragkit.layout.words import Line, Word
from ragkit.provenance import Box, Point

if TYPE_CHECKING:
    from PIL.Image import Image

    from ragkit.layout.visualizing import DrawingOptions

__all__ = [
    "Cell",
    "Element",
    "ElementKind",
    "KeyValue",
    "LayoutDocument",
    "Line",
    "Page",
    "Query",
    "QueryAnswer",
    "Signature",
    "Table",
    "Word",
]


class ElementKind(StrEnum):
    """The ten kinds of Amazon Textract's layout analysis."""

    TITLE = "TITLE"
    HEADER = "HEADER"
    FOOTER = "FOOTER"
    SECTION_HEADER = "SECTION_HEADER"
    PAGE_NUMBER = "PAGE_NUMBER"
    LIST = "LIST"
    FIGURE = "FIGURE"
    TABLE = "TABLE"
    KEY_VALUE = "KEY_VALUE"
    TEXT = "TEXT"


@dataclass(slots=True)
class Element:
    """A block of a page: a paragraph, a heading, a table …

    Attributes:
        kind: One of the ten.
        lines: In reading order. A LIST has its items in `children`.
        box: Around it.
        level: Of a heading: 1 is the title's level. Of a list item: nesting, from 1.
        table: For TABLE.
        key_values: For KEY_VALUE.
        children: Items of a LIST; of any other, its parts where it has more than lines, such as
            a field of a form among the lines of a TEXT.
        marker: Of a list item, as printed ("•", "3.").
        confidence: 0 to 1: a service's own; of a PDF's analysis, how much speaks for the kind
            (a table ruled on all sides has 0.95, one by alignment alone 0.7).
        continued: Whether its last sentence goes on in the next element that is no footnote, at
            the top of the next column or page.
        caption: Of a FIGURE or TABLE: the TEXT that is its caption, which stands in the page's
            elements too.
        role: Of a TEXT: ``"caption"`` or ``"footnote"``; ``"entity"`` for a line that a service
            gave no kind; None for running text.
        id: A service's own, for looking it up in its response; else empty.
        polygon: Its outline as a service gives it.
    """

    kind: ElementKind
    lines: list[Line] = field(default_factory=list)
    box: Box | None = None
    level: int | None = None
    table: Table | None = None
    key_values: list[KeyValue] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)
    marker: str | None = None
    confidence: float = 1.0
    continued: bool = False
    caption: Element | None = field(default=None, repr=False)
    role: Literal["caption", "footnote", "entity"] | None = None
    id: str = field(default="", compare=False)
    polygon: tuple[Point, ...] | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """All text in it, one line of the source a line."""
        return "\n".join(line.text for line in self.iter_lines())

    def iter_lines(self) -> Iterator[Line]:
        """Every line, those of cells, fields and children too, in reading order."""
        yield from self.lines
        for cell in self.table.cells if self.table else ():
            yield from cell.lines
        for pair in self.key_values:
            yield from pair.key
            yield from pair.value
        for child in self.children:
            yield from child.iter_lines()


@dataclass(slots=True)
class Page:
    """One page, or one part of a source that has no pages.

    Attributes:
        number: 0-based.
        label: What is printed on it ("iv", "12"); the number counted from 1 where unknown.
        width: Points.
        height: Points.
        elements: In reading order.
        rotation: Degrees clockwise that the page is turned for reading; boxes are already in
            the upright page.
        error: Why the page could not be read in full; None if it could.
        verbatim: Whether the elements' raw lines, put together, are the source's text as it
            stands, so that nothing is put between them.
        source: Path or URL of its file, as given to the loader; empty where there is none.
        fields: All fields of forms that a service found, also those whose words stand in tables
            and texts; empty where the fields in the elements are all.
        queries: What a service was asked about it.
        signatures: Where a service found some.
    """

    number: int
    label: str = ""
    width: float = 0.0
    height: float = 0.0
    elements: list[Element] = field(default_factory=list)
    rotation: int = 0
    error: str | None = None
    verbatim: bool = False
    source: str = field(default="", compare=False)
    fields: list[KeyValue] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)

    def iter_lines(self) -> Iterator[Line]:
        """Every line, in reading order."""
        for element in self.elements:
            yield from element.iter_lines()

    @property
    def text(self) -> str:
        """All text on it, running headers included, one line of the page a line."""
        return ("" if self.verbatim else "\n").join(line.text for line in self.iter_lines())

    def select(self, *kinds: ElementKind | str) -> Elements:
        """Its elements of those kinds, such as ``"TABLE"``; all where none is named.

        Raises:
            InvalidInputError: If there is no such kind.
        """
        return select([self], kinds)

    def image(self, dpi: int = 100, *, password: str | None = None) -> Image:
        """The page as its file shows it, upright; a white one where that is no PDF or picture.

        Args:
            dpi: Dots per inch; a picture keeps its own.
            password: Of an encrypted PDF.

        Raises:
            InvalidInputError: If `dpi` can't work.
            LoadError: If the file can't be opened any more.
        """
        from ragkit.layout.visualizing import page_picture

        return page_picture(self, dpi, password)

    def visualize(self, *kinds: ElementKind | str, **options: Unpack[DrawingOptions]) -> Image:
        """The page with a box around each element of those kinds, all where none is named.

        Args:
            kinds: Such as ``"TABLE"``.
            options: See `Elements.visualize`.

        Raises:
            UnknownOptionError: If there is no such option.
            InvalidInputError: If there is no such kind, or an option can't work.
            LoadError: If the file can't be opened any more.
        """
        from ragkit.layout.visualizing import check_drawing, picture_of

        check_drawing(options)
        return picture_of(self, self.select(*kinds), **options)


@dataclass(slots=True)
class LayoutDocument:
    """What a loader gives: the pages of one source, and what is known about it.

    Attributes:
        source: Path or URL, as given to the loader.
        pages: In order.
        metadata: ``title``, ``author``, ``creation_date`` … where the source says so, and
            ``source`` and ``total_pages``.
    """

    source: str
    pages: list[Page] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All text, running headers included, a blank line between pages."""
        return "\n\n".join(page.text for page in self.pages)

    def select(self, *kinds: ElementKind | str) -> Elements:
        """The elements of those kinds on all pages, such as ``"TABLE"``; all where none is named.

        Raises:
            InvalidInputError: If there is no such kind.
        """
        return select(self.pages, kinds)

    def visualize(self, *kinds: ElementKind | str, **options: Unpack[DrawingOptions]) -> Pictures:
        """A picture of each page, with a box around each element of those kinds.

        Args:
            kinds: Such as ``"TABLE"``; all where none is named.
            options: See `Elements.visualize`.

        Raises:
            UnknownOptionError: If there is no such option.
            InvalidInputError: If there is no such kind, or an option can't work.
            LoadError: If the file can't be opened any more.
        """
        from ragkit.layout.visualizing import check_drawing

        check_drawing(options)
        return Pictures(page.visualize(*kinds, **options) for page in self.pages)
