"""Tables and their cells."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ragkit._checks import check_flag
from ragkit._extras import require
from ragkit.compat.textractor.configs import TextLinearizationConfig
from ragkit.compat.textractor.entities import Entity, Printed, Word
from ragkit.compat.textractor.entity_list import EntityList, plain_words
from ragkit.compat.textractor.linearizing import linearized
from ragkit.layout import Cell, Element, ElementKind, Line
from ragkit.layout import Page as ModelPage
from ragkit.layout import Table as Grid
from ragkit.provenance import Box

if TYPE_CHECKING:
    from ragkit.compat.textractor.page import Page

__all__ = ["Table", "TableCell"]

_AROUND = ("table_layout_prefix", "table_layout_suffix", "hide_table_layout")


class TableCell(Printed):
    """A cell of a table; rows and columns count from 1.

    Attributes:
        row_index: Of its first row.
        col_index: Of its first column.
        row_span: Number of rows.
        col_span: Number of columns.
        is_column_header: Whether it is one.
    """

    color = (118, 42, 131)

    def __init__(self, cell: Cell, page: Page) -> None:
        super().__init__(page, cell.box, cell.confidence)
        self._cell = cell
        self.row_index, self.col_index = cell.row + 1, cell.column + 1
        self.row_span, self.col_span = cell.row_span, cell.column_span
        self.is_column_header = cell.is_header
        self.is_title, self.is_footer = cell.kind == "title", cell.kind == "footer"
        self.is_section_title, self.is_summary = cell.kind == "section", cell.kind == "summary"

    def _printed(self) -> tuple[str, list[Any]]:
        words = [word for line in self._cell.lines for word in line.words]
        return self._cell.text, plain_words(words, self.page_object)


class Table(Entity):
    """A table."""

    color = (118, 42, 131)

    def __init__(self, table: Grid, page: Page) -> None:
        super().__init__(page, Box.around_any(cell.box for cell in table.cells), 1.0, table.id)
        self._table = table

    @property
    def label(self) -> str:
        """What it is."""
        return "TABLE"

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return self._table.n_rows

    @property
    def column_count(self) -> int:
        """Number of columns."""
        return self._table.n_columns

    @property
    def table_cells(self) -> EntityList[TableCell]:
        """Its cells, a merged one once."""
        return EntityList([TableCell(cell, self.page_object) for cell in self._table.cells])

    @property
    def title(self) -> Entity | None:
        """The title's words; None without a title."""
        lines = self._table.title
        return _Floating(lines, self.page_object) if lines else None

    @property
    def footers(self) -> EntityList[Entity]:
        """The words of each footer."""
        return EntityList([_Floating([line], self.page_object) for line in self._table.footers])

    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """The text, and its words."""
        element = Element(ElementKind.TABLE, table=self._table)
        page = ModelPage(self.page - 1, elements=[element])
        text, words = linearized([page], config, plain=_AROUND)
        return text, plain_words(words, self.page_object)

    def to_list(self) -> list[list[str]]:
        """Rows of texts; a merged cell's is in its first place."""
        return self._table.to_rows()

    def to_pandas(self, use_columns: bool = False) -> Any:  # noqa: FBT001, FBT002 – Textractor's
        """As a ``pandas.DataFrame`` of texts.

        Args:
            use_columns: Whether header rows become its columns, and not rows of it.

        Raises:
            MissingExtraError: If pandas is not installed (``ragkit[tables]``).
        """
        if check_flag(use_columns, "use_columns"):
            return self._table.to_pandas()
        pandas = require("pandas", extra="tables", feature="Table.to_pandas()")
        return pandas.DataFrame(self.to_list())

    def to_csv(self) -> str:
        """As CSV (RFC 4180) without numbers of rows and columns; see `ragkit.Table.to_csv`."""
        return self._table.to_csv()

    def to_excel(self, filepath: str | os.PathLike[str]) -> None:
        """As an Excel workbook of one sheet.

        Raises:
            MissingExtraError: If openpyxl is not installed (``ragkit[tables]``).
            OSError: If the file can't be written.
        """
        self._table.to_excel(filepath)


class _Floating(Printed):
    """A title or footer of a table."""

    def __init__(self, lines: Sequence[Line], page: Page) -> None:
        self._words = [word for line in lines for word in line.words]
        super().__init__(page, Box.around_any(word.box for word in self._words), 1.0)

    def _printed(self) -> tuple[str, list[Any]]:
        words = [Word(word, self.page_object) for word in self._words]
        return " ".join(word.text for word in words), words
