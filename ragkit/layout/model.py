"""A document as pages, elements, lines and words: the one form that every loader gives.

Boxes are fractions of the page, origin at the top left (`ragkit.types.Box`). A source without
geometry (plain text, Markdown) leaves boxes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Unpack

from ragkit.errors import InvalidInputError
from ragkit.layout.cells import Cell, KeyValue, Table
from ragkit.layout.field_list import KeyValues, fields_of
from ragkit.layout.findings import Query, QueryAnswer, Signature
from ragkit.layout.searching import TextMatch, search
from ragkit.layout.selection import Elements, Pictures, select
from ragkit.layout.table_list import Tables, tables_of
from ragkit.layout.words import Line, Word
from ragkit.provenance import Box, Point

if TYPE_CHECKING:
    from PIL.Image import Image

    from ragkit.layout.linearizer import LinearizerOptions
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

    def iter_elements(self) -> Iterator[Element]:
        """Itself, and every element in it, in reading order."""
        yield self
        for child in self.children:
            yield from child.iter_elements()

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
        queries: What a service was asked about it.
        signatures: Where a service found some.
        fields: All fields of forms that a service found, also those whose words the elements
            have elsewhere, such as in cells; empty where the elements hold every field.
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
    queries: list[Query] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    fields: list[KeyValue] = field(default_factory=list, repr=False)

    def iter_lines(self) -> Iterator[Line]:
        """Every line, in reading order."""
        for element in self.elements:
            yield from element.iter_lines()

    @property
    def text(self) -> str:
        """All text on it, running headers included, one line of the page a line."""
        return ("" if self.verbatim else "\n").join(line.text for line in self.iter_lines())

    @property
    def lines(self) -> list[Line]:
        """Every line, in reading order; cells and fields of forms have lines of their own."""
        return list(self.iter_lines())

    @property
    def words(self) -> list[Word]:
        """Every word, in reading order."""
        return [word for line in self.iter_lines() for word in line.pieces]

    @property
    def tables(self) -> Tables:
        """Its tables, those inside of other elements too."""
        return tables_of([self])

    @property
    def key_values(self) -> KeyValues:
        """Its fields of forms, those inside of tables and other elements too."""
        return fields_of([self])

    def select(self, *kinds: ElementKind | str) -> Elements:
        """Its elements of those kinds, such as ``"TABLE"``; all where none is named.

        Raises:
            InvalidInputError: If there is no such kind.
        """
        return select([self], kinds)

    def image(self, dpi: int = 100, *, password: str | None = None) -> Image:
        """The page as its file shows it, upright; a white one where that is no PDF or picture.

        A page that is a picture (PNG, JPEG, TIFF) is shown as it is.

        Args:
            dpi: Dots per inch; a picture is shown as if it were 8.5 inches wide.
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

    @property
    def lines(self) -> list[Line]:
        """Every line, in reading order; cells and fields of forms have lines of their own."""
        return [line for page in self.pages for line in page.iter_lines()]

    @property
    def words(self) -> list[Word]:
        """Every word, in reading order."""
        return [word for page in self.pages for word in page.words]

    @property
    def tables(self) -> Tables:
        """All tables, those inside of other elements too; a part on each page is one."""
        return tables_of(self.pages)

    @property
    def key_values(self) -> KeyValues:
        """All fields of forms, those inside of tables and other elements too."""
        return fields_of(self.pages)

    @property
    def queries(self) -> list[Query]:
        """What a service was asked about the pages, with its answers."""
        return [query for page in self.pages for query in page.queries]

    @property
    def signatures(self) -> list[Signature]:
        """Where a service found signatures."""
        return [signature for page in self.pages for signature in page.signatures]

    def search(
        self,
        text: str,
        *,
        in_: Literal["words", "lines"] = "words",
        cutoff: float = 0.8,
        limit: int | None = None,
    ) -> list[TextMatch]:
        """Places that are like a text, best first, and of equal ones in reading order.

        Case and punctuation do not matter. The score of a place is the share of characters that
        it and the text have in common, in order. What goes on in the next line is not found.

        Args:
            text: A word, or several that follow each other.
            in_: ``"words"`` gives every place, ``"lines"`` the best of each line.
            cutoff: Least score, 0 to 1; at 0.8, one letter of five may be another.
            limit: Most that are given; None for all.

        Raises:
            InvalidInputError: If an argument can't work.
        """
        return search(self.pages, text, in_=in_, cutoff=cutoff, limit=limit)

    def to_text(self, **options: Unpack[LinearizerOptions]) -> str:
        """The whole document as text, without page headers, footers and page numbers.

        Args:
            options: See `LayoutLinearizer`.

        Raises:
            UnknownOptionError: If there is no such option.
            InvalidInputError: If an option's value can't work.
        """
        return self._linearized("text", options)

    def to_markdown(self, **options: Unpack[LinearizerOptions]) -> str:
        """The same as Markdown."""
        return self._linearized("markdown", options)

    def to_html(self, **options: Unpack[LinearizerOptions]) -> str:
        """The same as a page of HTML."""
        return self._linearized("html", options)

    def _linearized(
        self, form: Literal["text", "markdown", "html"], options: LinearizerOptions
    ) -> str:
        from ragkit.layout.linearizer import LayoutLinearizer

        made: dict[str, Any] = {**options}
        if made.setdefault("format", form) != form:
            raise InvalidInputError(
                f"format is {made['format']!r}, where {form!r} is asked for; use to_text(), "
                "to_markdown() or to_html()."
            )
        return LayoutLinearizer(**made).to_text(self)

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
