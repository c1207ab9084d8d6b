"""Tables and fields of forms: lines in cells, labels and values."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Literal

from ragkit._checks import check_flag
from ragkit.errors import InvalidInputError
from ragkit.layout import tables
from ragkit.layout._grid import covered_rows, starting_rows
from ragkit.layout.words import Line
from ragkit.provenance import Box, Point

__all__ = ["Cell", "CellKind", "KeyValue", "Table", "TableKind"]

CellKind = Literal["section", "summary", "title", "footer"]
TableKind = Literal["structured", "semi-structured"]


@dataclass(slots=True)
class Cell:
    """One cell of a table; `row` and `column` are 0-based.

    Attributes:
        lines: All that is written in it.
        kind: What a service says that it is besides a cell.
        key_values: Fields of a form in it, whose lines are among `lines`.
        polygon: Its outline as a service gives it.
    """

    row: int
    column: int
    lines: list[Line] = field(default_factory=list)
    row_span: int = 1
    column_span: int = 1
    is_header: bool = False
    box: Box | None = None
    kind: CellKind | None = None
    confidence: float = 1.0
    key_values: list[KeyValue] = field(default_factory=list)
    polygon: tuple[Point, ...] | None = field(default=None, repr=False)

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
        title: Words above it that are its title, as a service says; they stand in the page's
            elements or in a cell, too.
        footers: The same of what stands below it.
        kind: Whether a service says that all rows are alike, or not.
        id: A service's own; else empty.
    """

    cells: list[Cell] = field(default_factory=list)
    continues: Table | None = field(default=None, repr=False)
    title: list[Line] = field(default_factory=list)
    footers: list[Line] = field(default_factory=list)
    kind: TableKind | None = None
    id: str = field(default="", compare=False)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return max((c.row + c.row_span for c in self.cells), default=0)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return max((c.column + c.column_span for c in self.cells), default=0)

    def grid(self, *, fill_merged: bool = False) -> list[list[Cell | None]]:
        """Rows of cells.

        Args:
            fill_merged: Whether a cell stands in every place that it spans; else the places but
                its first hold None.

        Raises:
            InvalidInputError: If `fill_merged` is not True or False, a cell's place or span can't
                be, or the grid is out of all proportion to its cells.
        """
        check_flag(fill_merged, "fill_merged")
        return covered_rows(self.cells) if fill_merged else starting_rows(self.cells)

    @property
    def n_header_rows(self) -> int:
        """Number of rows at the top that are all header."""
        heads: dict[int, bool] = {}
        for cell in self.cells:
            heads[cell.row] = heads.get(cell.row, True) and cell.is_header
        count = 0
        while heads.get(count, False):
            count += 1
        return count

    @property
    def origin(self) -> Table:
        """The table that it goes on with, over all pages; itself where it goes on with none.

        Raises:
            InvalidInputError: If tables go on with each other in a ring.
        """
        table, seen = self, {id(self)}
        while table.continues is not None:
            table = table.continues
            if id(table) in seen:
                raise InvalidInputError("A table's `continues` leads back to the table itself.")
            seen.add(id(table))
        return table

    def to_rows(self, *, fill_merged: bool = False) -> list[list[str]]:
        """Rows of text.

        Args:
            fill_merged: Whether a cell's text stands in every place that it spans, and not only
                in the first.
        """
        rows = self.grid(fill_merged=fill_merged)
        return [[cell.text if cell else "" for cell in row] for row in rows]

    def to_markdown(self, *, fill_merged: bool = False) -> str:
        r"""As a table of GitHub's Markdown: texts verbatim, ``|`` written as ``\|``.

        Markdown knows no spans: see `to_rows` for `fill_merged`.
        """
        return tables.table_markdown(self, fill_merged=fill_merged)

    def to_html(self) -> str:
        """As HTML, with spans; texts are escaped."""
        return tables.table_html(self)

    def to_csv(
        self, path: str | os.PathLike[str] | None = None, *, guard_formulas: bool = True
    ) -> str:
        """As CSV (RFC 4180), also written to `path` in UTF-8 if that is given.

        Args:
            path: Of the file.
            guard_formulas: Whether an apostrophe is put before a text that a spreadsheet would
                run as a formula (``=…``, ``@…``, ``+…(…)``); numbers such as -3.5 stay. False
                gives every text as it stands, for programs.

        Raises:
            InvalidInputError: If `guard_formulas` is not True or False.
            OSError: If the file can't be written.
        """
        return tables.table_csv(self, path, guard_formulas=guard_formulas)

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
    """A field of a form: its label and what is written there.

    Attributes:
        key: Lines of the label.
        value: Lines of what is written; boxes to tick are words of them.
        box: Around both; None without geometry.
        confidence: 0 to 1.
        id: A service's own; else empty.
    """

    key: list[Line] = field(default_factory=list)
    value: list[Line] = field(default_factory=list)
    box: Box | None = None
    confidence: float = 1.0
    id: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The label's text, its lines joined by blanks."""
        return " ".join(line.text for line in self.key)

    @property
    def text(self) -> str:
        """The value's text, its lines joined by blanks; of a box to tick, as ``[X]``."""
        return " ".join(line.text for line in self.value)

    @property
    def selected(self) -> bool | None:
        """Of a box to tick, whether it is; None where the value is text."""
        words = (word for line in self.value for word in line.words)
        return next((w.selected for w in words if w.selected is not None), None)
