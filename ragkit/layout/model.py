"""A document as pages, elements, lines and words: the one form that every loader gives.

Boxes are fractions of the page, origin at the top left (`ragkit.types.Box`). A source without
geometry (plain text, Markdown) leaves boxes out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ragkit.layout import tables
from ragkit.provenance import Box

__all__ = [
    "Cell",
    "Element",
    "ElementKind",
    "KeyValue",
    "LayoutDocument",
    "Line",
    "Page",
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
    """

    text: str
    box: Box | None = None
    size: float = 0.0
    bold: bool = False
    italic: bool = False
    confidence: float = 1.0
    turned: int = 0


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
        return " ".join(w.text for w in self.words) if self.raw is None else self.raw

    @property
    def box(self) -> Box | None:
        """Around all words that have a box."""
        boxes = [w.box for w in self.words if w.box is not None]
        return Box.around(boxes) if boxes else None


@dataclass(slots=True)
class Cell:
    """One cell of a table; `row` and `column` are 0-based."""

    row: int
    column: int
    lines: list[Line] = field(default_factory=list)
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False
    box: Box | None = None

    @property
    def text(self) -> str:
        """The lines joined by blanks."""
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True)
class Table:
    """Cells in rows and columns.

    Attributes:
        cells: By rows; places without text have none.
        continues: The table of an earlier page that this one goes on with, if any.
    """

    cells: list[Cell] = field(default_factory=list)
    continues: Table | None = field(default=None, repr=False)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return max((c.row + c.row_span for c in self.cells), default=0)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return max((c.column + c.column_span for c in self.cells), default=0)

    def grid(self) -> list[list[Cell | None]]:
        """Rows of cells; a spanned position holds None but for the cell's first."""
        width = self.n_columns  # once: it goes over all cells
        rows: list[list[Cell | None]] = [[None] * width for _ in range(self.n_rows)]
        for cell in self.cells:
            rows[cell.row][cell.column] = cell
        return rows

    @property
    def n_header_rows(self) -> int:
        """Number of rows at the top that are all header."""
        heads = 0
        for row in self.grid():
            if not any(row) or not all(cell.is_header for cell in row if cell):
                break
            heads += 1
        return heads

    def to_rows(self, *, fill_merged: bool = False) -> list[list[str]]:
        """Rows of text.

        Args:
            fill_merged: Whether a cell's text stands in every place that it spans, and not only
                in the first.
        """
        rows = [[cell.text if cell else "" for cell in row] for row in self.grid()]
        for cell in self.cells if fill_merged else ():
            for row in rows[cell.row : cell.row + cell.row_span]:
                end = cell.column + cell.column_span
                row[cell.column : end] = [cell.text] * (end - cell.column)
        return rows

    def to_markdown(self, *, fill_merged: bool = False) -> str:
        r"""As a table of GitHub's Markdown: texts verbatim, ``|`` written as ``\|``.

        Markdown knows no spans: see `to_rows` for `fill_merged`.
        """
        return tables.table_markdown(self, fill_merged=fill_merged)

    def to_html(self) -> str:
        """As HTML, with spans; texts are escaped."""
        return tables.table_html(self)

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """As CSV (RFC 4180), also written to `path` in UTF-8 if that is given.

        Raises:
            OSError: If the file can't be written.
        """
        return tables.table_csv(self, path)

    def to_pandas(self) -> Any:
        """As a ``pandas.DataFrame`` of texts, header rows as its columns.

        Raises:
            MissingExtraError: If pandas is not installed (``ragkit[tables]``).
        """
        return tables.table_pandas(self)

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """As an Excel workbook of texts; none of them becomes a formula.

        Raises:
            MissingExtraError: If openpyxl is not installed (``ragkit[tables]``).
            OSError: If the file can't be written.
        """
        tables.table_excel(self, path)

    def _repr_html_(self) -> str:
        """In a notebook."""
        return self.to_html()


@dataclass(slots=True)
class KeyValue:
    """A field of a form: its label and what is written there."""

    key: list[Line] = field(default_factory=list)
    value: list[Line] = field(default_factory=list)


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
        children: Items of a LIST, parts of a FIGURE.
        marker: Of a list item, as printed ("•", "3.").
        confidence: 0 to 1.
        continued: Whether its last sentence goes on in the next element, at the top of the
            next column or page.
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
    """

    number: int
    label: str = ""
    width: float = 0.0
    height: float = 0.0
    elements: list[Element] = field(default_factory=list)
    rotation: int = 0
    error: str | None = None
    verbatim: bool = False

    def iter_lines(self) -> Iterator[Line]:
        """Every line, in reading order."""
        for element in self.elements:
            yield from element.iter_lines()

    @property
    def text(self) -> str:
        """All text on it, running headers included, one line of the page a line."""
        return ("" if self.verbatim else "\n").join(line.text for line in self.iter_lines())


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
