"""Where a long table goes on in another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ragkit._fitting import last_fitting
from ragkit.layout._grid import GridRow
from ragkit.layout._writer import TextWriter

__all__ = ["TableCutter", "TableLimit"]

RowsWriter = Callable[[Sequence[GridRow], int], TextWriter]


@dataclass(frozen=True, slots=True)
class TableLimit:
    """How long a table may get before it goes on in another with the same header.

    Attributes:
        size: At most; a single row may be longer.
        length: Of a text.
    """

    size: int
    length: Callable[[str], int]


class TableCutter:
    """Cuts a table between its rows.

    Each piece begins with the table's header, but where a row that fits alone does not fit
    with it.

    Args:
        limit: Of a piece's length.
        rows: Of the whole table.
        n_head: How many of them are its header.
        write_piece: Rows as a table of their own; takes how many of them are a repeated header.
        write_row: One of the rows, by its number, with what parts it from the row before.
        around: What stands before and after the table.
    """

    def __init__(
        self,
        limit: TableLimit,
        rows: Sequence[GridRow],
        n_head: int,
        write_piece: RowsWriter,
        write_row: RowsWriter,
        around: tuple[str, str] = ("", ""),
    ) -> None:
        self._limit = limit
        self._rows = rows
        self._n_head = n_head
        self._write_piece = write_piece
        self._write_row = write_row
        self._around = around
        self._texts: list[str] = []

    def pieces(self, before: str) -> Iterator[TextWriter]:
        """The pieces, in order.

        Args:
            before: The headings above the table, which its first piece leaves room for.
        """
        if self._limit.length(before) * 2 > self._limit.size:
            before = ""
        at = 0
        while at < len(self._rows):
            piece, at = self._next(at, before)
            before = ""
            yield piece

    def _next(self, at: int, before: str) -> tuple[TextWriter, int]:
        """The piece that begins with row `at`, and the number of the row after it."""
        head = self._head(at)
        one_row = self._piece(head, at, at + 1).text
        if not self._fits(before + one_row):
            before = ""
        stop = last_fitting(
            lambda stop: self._fits(before + one_row + self._text(at + 1, stop)),
            at + 1,
            len(self._rows),
        )
        piece = self._piece(head, at, stop)
        while stop > at + 1 and not self._fits(before + piece.text):  # spans have got longer
            stop -= 1
            piece = self._piece(head, at, stop)
        return piece, stop

    def _head(self, at: int) -> Sequence[GridRow]:
        """The header rows to repeat above row `at`."""
        if at < self._n_head:
            return ()
        head = self._rows[: self._n_head]
        if self._fits(self._piece(head, at, at + 1).text):
            return head
        return () if self._fits(self._piece((), at, at + 1).text) else head

    def _piece(self, head: Sequence[GridRow], at: int, stop: int) -> TextWriter:
        return self._write_piece([*head, *self._rows[at:stop]], len(head))

    def _text(self, at: int, stop: int) -> str:
        while len(self._texts) < stop:
            self._texts.append(self._write_row(self._rows, len(self._texts)).text)
        return "".join(self._texts[at:stop])

    def _fits(self, text: str) -> bool:
        before, after = self._around
        return self._limit.length(before + text + after) <= self._limit.size
