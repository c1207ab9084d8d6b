"""Tables as amazon-textract-textractor 1.10 writes them: plain text, Markdown or HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.layout._drawn_writer import write_drawn
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import Cell, Table, Word
from ragkit.layout.textractor import presets
from ragkit.layout.textractor.flow import Flow, items_of_cell

__all__ = ["TableText", "is_flat", "is_html"]


@dataclass(slots=True)
class _Place:
    """A place of the grid.

    Attributes:
        cell: What covers it; None where there is none.
        is_first: Whether the cell begins here.
        token: What stands there in place of a text.
    """

    cell: Cell | None
    is_first: bool = True
    token: str = ""

    @property
    def is_header(self) -> bool:
        """Whether it belongs to a header."""
        return self.cell is not None and self.cell.is_header


_Rows = list[list[_Place]]


def is_flat(table: Table, options: LinearizationOptions) -> bool:
    """Whether a table is written as text, without its structure."""
    loose = options.table_flatten_semi_structured_as_plaintext and table.kind == "semi-structured"
    return loose or _is_small(table, options)


def is_html(table: Table, options: LinearizationOptions) -> bool:
    """Whether a table is written with HTML's tags."""
    return options.table_form == "html" and not is_flat(table, options)


def _is_small(table: Table, options: LinearizationOptions) -> bool:
    least = options.table_min_table_words
    return least > 0 and _n_words(table) < least


def _n_words(table: Table) -> int:
    return sum(len(line.words) for cell in table.cells for line in cell.lines)


class TableText:
    """Writes tables.

    Args:
        options: How.
        flow: Writes what a cell holds.
    """

    def __init__(self, options: LinearizationOptions, flow: Flow) -> None:
        self._options = options
        self._flow = flow

    def write(
        self, table: Table, page: int, out: TextWriter, opening: str, caption: TextWriter
    ) -> None:
        """Writes a table.

        Args:
            table: The table.
            page: Its page's number.
            out: Where to.
            opening: Before it.
            caption: Its title, if it is to stand in it; only HTML has captions.
        """
        options = self._options
        if _is_small(table, options):
            self._as_text(table, page, out)
        elif is_flat(table, options):
            self._as_rows_of_text(table, page, out)
        elif options.table_form == "markdown":
            if _n_words(table) or not options.table_remove_column_headers:
                self._markdown(table, page, out, opening)
        else:
            self._tagged(table, page, out, opening, caption)

    def _as_text(self, table: Table, page: int, out: TextWriter) -> None:
        """The table as if it were none."""
        items = [item for cell in table.cells for item in items_of_cell(cell)]
        self._flow.write(items, page, out)

    def _as_rows_of_text(self, table: Table, page: int, out: TextWriter) -> None:
        """A line for each row, the cells' texts after each other."""
        is_html = self._options.format == "html"
        out.add("<p>" if is_html else "")
        for number, row in enumerate(self._rows(table)):
            out.add("\n" if number else "")
            texts = [self._text(place, page) for place in row]
            for column, text in enumerate(text for text in texts if len(text)):
                out.add(" " if column else "")
                out.extend(text)
        out.add("</p>" if is_html else "")

    def _rows(self, table: Table) -> _Rows:
        """The grid, with tokens in the places that a merged cell covers besides its first."""
        grid = table.grid(fill_merged=True)
        return [
            [self._place(cell, row, column) for column, cell in enumerate(cells)]
            for row, cells in enumerate(grid)
        ]

    def _place(self, cell: Cell | None, row: int, column: int) -> _Place:
        if cell is None or (cell.row, cell.column) == (row, column):
            return _Place(cell)
        left, above = cell.column != column, cell.row != row
        return _Place(cell, False, self._options.merged_token(left=left, above=above))

    def _text(self, place: _Place, page: int, *, everywhere: bool = False) -> TextWriter:
        """What stands in a place: the cell's text, a token, or what stands for nothing."""
        out = TextWriter(keep_words=True)
        repeated = everywhere or self._options.table_duplicate_text_in_merged_cells
        if place.cell is not None and (place.is_first or repeated):
            self._flow.write(items_of_cell(place.cell), page, out, one_line=True, in_order=True)
        else:
            out.add(place.token)
        if not len(out):
            out.add(self._options.table_cell_empty_cell_placeholder)
        return out

    def _tagged(
        self, table: Table, page: int, out: TextWriter, opening: str, caption: TextWriter
    ) -> None:
        """Plain text or HTML: something before and after each row and each cell."""
        tags = _Tags(self._options)
        rows = self._rows(table)
        self._add(tags.table(opening), out)
        if len(caption):
            out.add("<caption>")
            out.extend(caption)
            out.add("</caption>")
        n_head = _n_header_rows(rows) if self._options.table_flatten_headers else 0
        if n_head:
            flat = [_Place(Cell(0, n, is_header=True)) for n in range(len(rows[0]))]
            self._tagged_row(flat, self._flat_header(rows[:n_head], page), tags, out)
        for row in rows[n_head:]:
            shown = [p for p in row if p.is_first] if tags.is_html else row
            self._tagged_row(shown, [self._text(place, page) for place in shown], tags, out)
        self._add(tags.closing, out)

    def _tagged_row(
        self, row: Sequence[_Place], texts: Sequence[TextWriter], tags: _Tags, out: TextWriter
    ) -> None:
        options = self._options
        self._add(tags.row, out)
        for column, (place, text) in enumerate(zip(row, texts, strict=True)):
            out.add(options.table_column_separator if column else "")
            before, after = tags.cell(place)
            self._add(before, out)
            out.extend(text)
            self._add(after, out)
        self._add(tags.row_end, out)
        out.add(options.table_row_separator)

    def _add(self, affix: str, out: TextWriter) -> None:
        if affix and self._options.add_prefixes_and_suffixes_as_words:
            out.note_word(Word(affix))
        is_tag = self._options.table_form == "html"  # without its tags it would be none
        out.add(affix if is_tag or self._options.add_prefixes_and_suffixes_in_text else "")

    def _flat_header(self, rows: _Rows, page: int) -> list[TextWriter]:
        """One text a column: those of all header rows, one after the other."""
        found = []
        for column in zip(*rows, strict=True):
            out = TextWriter(keep_words=True)
            for number, place in enumerate(column):
                begins = number == 0 or column[number - 1].cell is not place.cell
                text = self._text(place, page, everywhere=True) if begins else TextWriter()
                out.add(" " if len(out) and len(text) else "")
                out.extend(text)
            found.append(out)
        return found

    def _markdown(self, table: Table, page: int, out: TextWriter, opening: str) -> None:
        options = self._options
        header, rows = self._head_and_body(self._rows(table), page)
        self._add(opening, out)
        for name in header:
            name.add(" " if name.words else "")  # Textractor's end so, which widens their columns
        form = options.table_tabulate_format or "github"
        short = options.table_tabulate_remove_extra_hyphens
        write_drawn(header, rows, out, form, short_rules=short)
        self._add(options.table_suffix, out)

    def _head_and_body(
        self, rows: _Rows, page: int
    ) -> tuple[list[TextWriter], list[list[TextWriter]]]:
        """Header and rows; without a header, one that is empty, or the columns' numbers."""
        options = self._options
        n_head = _n_header_rows(rows)
        flat = options.table_flatten_headers
        body = [[self._text(p, page) for p in row] for row in rows[n_head if flat else 0 :]]
        if n_head and flat:
            body.insert(0, self._flat_header(rows[:n_head], page))
        width = len(rows[0]) if rows else 0
        count = self._n_header_cells(rows[:n_head])
        threshold = options.table_column_header_threshold or 0.0
        if n_head and count / width >= threshold:
            return body[0], body[1:]
        names = [TextWriter() for _ in range(width)]
        if not options.table_remove_column_headers:
            for number, name in enumerate(names):
                name.add(str(number))
        return names, body

    def _n_header_cells(self, rows: _Rows) -> int:
        options = self._options
        repeated = options.table_flatten_headers or options.table_duplicate_text_in_merged_cells
        return sum(
            place.cell.row_span * place.cell.column_span
            for number, row in enumerate(rows)
            for place in row
            if place.cell is not None
            and place.is_header
            and (place.is_first or (repeated and place.cell.row == number))
        )


class _Tags:
    """What stands around tables, rows and cells; in HTML where no other is given, its tags."""

    def __init__(self, options: LinearizationOptions) -> None:
        self._options = options
        self.is_html = options.table_form == "html"
        default = _HTML if self.is_html else {}
        self._of = {
            name: getattr(options, f"table_{name}") or default.get(name, "") for name in _AFFIXES
        }
        self.row, self.row_end = self._of["row_prefix"], self._of["row_suffix"]
        self.closing = self._of["suffix"]

    def table(self, opening: str) -> str:
        """Before a table."""
        return opening or self._of["prefix"]

    def cell(self, place: _Place) -> tuple[str, str]:
        """Before and after a cell."""
        before = self._of["cell_header_prefix"] if place.is_header else ""
        after = self._of["cell_header_suffix"] if place.is_header else ""
        before, after = before or self._of["cell_prefix"], after or self._of["cell_suffix"]
        if self.is_html and place.cell is not None and before.endswith(">"):
            columns, rows = place.cell.column_span, place.cell.row_span
            spans = f' colspan="{columns}" ' if columns > 1 else ""
            spans += f' rowspan="{rows}"' if rows > 1 else ""
            before = f"{before[:-1]}{spans}>"
        return before, after


_AFFIXES = (
    "prefix", "suffix", "row_prefix", "row_suffix", "cell_prefix", "cell_suffix",
    "cell_header_prefix", "cell_header_suffix",
)  # fmt: skip
_HTML = {name: str(presets.HTML[f"table_{name}"]) for name in _AFFIXES}


def _n_header_rows(rows: _Rows) -> int:
    """Number of rows at the top that have some cell of a header."""
    for number, row in enumerate(rows):
        if not any(place.is_header for place in row):
            return number
    return len(rows)
