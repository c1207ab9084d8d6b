"""What an element holds – lines, fields, tables – as rows of text, as Textractor writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ragkit.layout._contents import contents_of_cell
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.grouping import are_one_paragraph, rows_of
from ragkit.layout.model import Cell, Element, KeyValue, Line, Table, Word
from ragkit.provenance import Box

__all__ = ["Flow", "Item", "items_of", "items_of_cell", "items_of_value"]


@dataclass(slots=True, eq=False)
class Item:
    """A line, a field or a table, with its place.

    Attributes:
        content: What it is.
        box: Around it.
    """

    content: Line | KeyValue | Table
    box: Box | None

    @property
    def is_line(self) -> bool:
        """Whether it can be in one paragraph with another: a line of words."""
        return isinstance(self.content, Line) and not any(w.signature for w in self.content.words)


def items_of(element: Element) -> list[Item]:
    """What an element holds, its parts' included."""
    items = [Item(line, line.box) for line in element.lines]
    if element.table is not None:
        items.append(Item(element.table, element.box))
    items += [_field(pair) for pair in element.key_values]
    return items + [item for child in element.children for item in items_of(child)]


def items_of_cell(cell: Cell) -> list[Item]:
    """What a cell holds: its fields, and the lines that are in none."""
    return [
        _field(one) if isinstance(one, KeyValue) else Item(one, one.words[-1].box)
        for one in contents_of_cell(cell)
    ]


def items_of_value(pair: KeyValue) -> list[Item]:
    """The lines of a field's value.

    Where Textractor has taken all words of a line for a field, the line is as large as the last.
    """
    return [Item(line, max(line.words, key=_distance).box) for line in pair.value if line.words]


def _distance(word: Word) -> float:
    """How far from the page's corner."""
    return word.box.x0 + word.box.y0 if word.box is not None else 0.0


def _field(pair: KeyValue) -> Item:
    lines = [*pair.key, *pair.value]
    return Item(pair, pair.box or Box.around_any(line.box for line in lines))


class Flow:
    """Writes items row by row.

    A separator of blanks is written only between texts; one that can be read also where
    Textractor has one: after each row and before each field.

    Args:
        options: How.
        write: Writes one item's content; gives the blank after it, if there is one.
    """

    def __init__(
        self,
        options: LinearizationOptions,
        write: Callable[[Line | KeyValue | Table, int, TextWriter], str],
    ) -> None:
        self._options = options
        self._write = write

    def write(
        self,
        items: Sequence[Item],
        page: int,
        out: TextWriter,
        *,
        one_line: bool = False,
        in_columns: bool = False,
        follows: bool = False,
        in_order: bool = False,
    ) -> str:
        """Writes items.

        Returns:
            What stands after the last row, if it is blank: it is written only before a suffix.

        Args:
            items: In any order.
            page: Their page's number.
            out: Where to.
            one_line: Whether line breaks between them become blanks.
            in_columns: Whether they are a table of which only lines are known.
            follows: Whether something stands before the first.
            in_order: Whether they stay in the order in which they come, as in cells: on a page
                that lies on its head, Textractor turns them around.
        """
        options = self._options
        tables = [item for item in items if isinstance(item.content, Table)]
        overlap = options.heuristic_overlap_ratio
        rows = [[item] for item in items]
        if overlap is not None and len(items) > 1:
            rows = rows_of(items, overlap, tables, in_order=in_order)
        end = options.table_row_separator if in_columns else options.same_layout_element_separator
        run = _Separated(out, one_line=one_line, follows=follows)
        before: Item | None = None
        for row in rows:
            for column, item in enumerate(row):
                run.separate(self._separator(before, item, column, in_columns=in_columns))
                run.flush()
                run.blank = self._write(item.content, page, out)
                before = item
            run.separate(end)
            before = Item(Line(), Box.around_any(item.box for item in row))
        return run.blank

    def _separator(self, before: Item | None, item: Item, column: int, *, in_columns: bool) -> str:
        options = self._options
        if isinstance(item.content, KeyValue):
            return options.same_layout_element_separator
        if before is None or isinstance(item.content, Table):
            return ""
        if in_columns:
            return (options.table_column_separator or " ") if column else ""
        if self._is_one_paragraph(before, item):
            return options.same_paragraph_separator
        return options.same_layout_element_separator

    def _is_one_paragraph(self, before: Item, item: Item) -> bool:
        if not (before.is_line and item.is_line) or before.box is None or item.box is None:
            return before.is_line and item.is_line
        indent = self._options.heuristic_h_tolerance
        gap = self._options.heuristic_line_break_threshold
        if indent is None or gap is None:
            return True
        return are_one_paragraph(before.box, item.box, indent, gap)


class _Separated:
    """Keeps back separators of blanks until something follows them.

    Attributes:
        blank: What is kept.
    """

    def __init__(self, out: TextWriter, *, one_line: bool, follows: bool) -> None:
        self._out = out
        self._one_line = one_line
        self._start = -1 if follows else len(out)
        self.blank = ""

    def separate(self, separator: str) -> None:
        """A separator; of several that are blanks one is kept, a line break if there is one."""
        text = separator.replace("\n", " ") if self._one_line else separator
        if text.strip():
            self.flush()
            self._out.add(text)
        else:
            self.blank = text if not self.blank or "\n" in text else self.blank

    def flush(self) -> None:
        """Writes the blanks that were kept, for a text follows."""
        if len(self._out) > self._start:
            self._out.add(self.blank)
        self.blank = ""
