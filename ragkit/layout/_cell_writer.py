"""What stands in a place of a table."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Literal

from ragkit.layout._affixes import Affixes
from ragkit.layout._contents import PlacedLines, contents_of_cell
from ragkit.layout._form_writer import FieldWriter
from ragkit.layout._grid import GridRow, begins, extent
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.cells import Cell
from ragkit.layout.drawn_tables import MARKDOWN_FORMATS
from ragkit.layout.tables import markdown_cell
from ragkit.layout.words import Line

__all__ = ["CellWriter", "TableForm"]

TableForm = Literal["plaintext", "markdown", "html", "drawn"]
"""What a table becomes; "drawn" is Markdown by a format's name."""


class CellWriter:
    """Writes the cells of tables.

    Args:
        options: How.
        form: Of the tables.
        affixes: What stands around them.
        fields: Writes fields of forms.
    """

    def __init__(
        self,
        options: LinearizationOptions,
        form: TableForm,
        affixes: Affixes,
        fields: FieldWriter,
    ) -> None:
        self._options = options
        self._form = form
        self._affixes = affixes
        self._fields = fields
        self._escapes_bars = form == "markdown" or (
            form == "drawn" and options.table_tabulate_format in MARKDOWN_FORMATS
        )

    def write(self, rows: Sequence[GridRow], at: int, column: int, out: TextWriter) -> None:
        """A place with what stands before and after it."""
        cell = rows[at].places[column]
        name, tag = self._kind(cell)
        spans = ""
        if self._form == "html":
            down, across = extent(rows, at, column)
            spans = f' rowspan="{down}"' if down > 1 else ""
            spans += f' colspan="{across}"' if across > 1 else ""
        self._affixes.open(name[0], out, tag, attributes=spans)
        self._content(rows, at, column, out)
        self._affixes.close(name[1], out, tag)

    def _kind(self, cell: Cell | None) -> tuple[tuple[str, str], str]:
        """The options for what stands before and after a cell, and its tag."""
        if cell is None or not cell.is_header:
            return ("table_cell", "table_cell"), "td"
        options = self._options
        before = "table_cell_header" if options.table_cell_header_prefix else "table_cell"
        is_tag = self._affixes.is_html and options.table_cell_header_prefix.startswith("<")
        own_end = options.table_cell_header_suffix or is_tag
        after = "table_cell_header" if own_end else "table_cell"
        return (before, after), "th"

    def _content(self, rows: Sequence[GridRow], at: int, column: int, out: TextWriter) -> None:
        """The cell's text where it begins, or in all its places; else what stands for it."""
        options, row = self._options, rows[at]
        start = len(out)
        if options.table_duplicate_text_in_merged_cells or begins(rows, at, column):
            self.write_cell(row.places[column], row.page, out)
        else:
            out.add(self._merged(rows, at, column))
        if len(out) == start and not row.is_made_up:
            out.add(options.table_cell_empty_cell_placeholder)

    def _merged(self, rows: Sequence[GridRow], at: int, column: int) -> str:
        cell = rows[at].places[column]
        above = rows[at - 1].places if at else []
        return self._options.merged_token(
            left=column > 0 and rows[at].places[column - 1] is cell,
            above=column < len(above) and above[column] is cell,
        )

    def write_cell(self, cell: Cell | None, page: int | None, out: TextWriter) -> None:
        """A cell's lines joined by blanks, without mending: numbers stay as they are."""
        for number, content in enumerate(contents_of_cell(cell) if cell else ()):
            out.add(" " if number else "")
            if isinstance(content, Line):
                self._line(content, page, out)
            else:
                self._fields.write_inline(
                    content, -1 if page is None else page, out, self.write_lines
                )

    def write_lines(self, lines: PlacedLines, out: TextWriter) -> None:
        """Lines joined by blanks; of page -1 without their places."""
        for number, (page, line) in enumerate(lines):
            out.add(" " if number else "")
            self._line(line, None if page < 0 else page, out)

    def _line(self, line: Line, page: int | None, out: TextWriter) -> None:
        if line.raw is not None:
            out.add(self._escaped(" ".join(line.text.split())))
            return
        texts = [self._options.written(word) for word in line.words]
        if page is None:
            out.add(self._escaped(" ".join(text for text in texts if text)))
            for word in line.words:
                out.note_word(word)
        else:
            out.add_words(line.words, [self._escaped(text) for text in texts], page)

    def _escaped(self, text: str) -> str:
        if self._form == "html":
            return html.escape(text, quote=False)
        if self._form == "plaintext" and self._options.format == "html":
            return html.escape(text, quote=False)
        if self._escapes_bars:
            return markdown_cell(text)
        return " ".join(text.split()) if self._form == "drawn" else text
