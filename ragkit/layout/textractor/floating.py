"""Titles and footers of tables that stand outside of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ragkit.layout._notes import free_lines, mark_ends, words_in_cells
from ragkit.layout._options import LinearizationOptions
from ragkit.layout.model import Element, Table, Word
from ragkit.layout.textractor.tables import is_html

__all__ = ["FloatingTexts"]


@dataclass(frozen=True, slots=True)
class _Floating:
    words: list[Word]
    is_title: bool


class FloatingTexts:
    """Of one page: what stands around words, and which words stand with their table instead.

    Args:
        elements: Those that are written.
        options: How.
    """

    def __init__(self, elements: Iterable[Element], options: LinearizationOptions) -> None:
        self._options = options
        self._of: dict[int, list[_Floating]] = {}
        self._moved: set[int] = set()
        self._marks: dict[int, tuple[str, str]] = {}
        taken: set[int] = set()
        parts = (part for element in elements for part in element.iter_elements())
        for table in (part.table for part in parts if part.table is not None):
            for one in _around(table, taken):
                self._add(table, one)

    def _add(self, table: Table, one: _Floating) -> None:
        options = self._options
        titles, footers = options.table_add_title_as_caption, options.table_add_footer_as_paragraph
        if (titles if one.is_title else footers) and is_html(table, options):
            self._of.setdefault(id(table), []).append(one)
            self._moved.update(id(word) for word in one.words)
        name = "table_title" if one.is_title else "table_footers"
        prefix, suffix = getattr(options, f"{name}_prefix"), getattr(options, f"{name}_suffix")
        mark_ends(one.words, prefix, suffix, self._marks)

    def marks(self, key: int) -> tuple[str, str]:
        """What stands before and after a word, by the object's id."""
        return self._marks.get(key, ("", ""))

    def left(self, words: Iterable[Word]) -> list[Word]:
        """Of words, those that stay where they are."""
        return [word for word in words if id(word) not in self._moved]

    def has_all(self, element: Element) -> bool:
        """Whether nothing is left of an element."""
        words = [id(word) for line in element.iter_lines() for word in line.words]
        return bool(words) and self._moved.issuperset(words)

    def title_of(self, table: Table) -> list[Word]:
        """Words that stand in a table as its caption."""
        found = self._of.get(id(table), ())
        return [word for one in found if one.is_title for word in one.words]

    def footers_of(self, table: Table) -> list[list[Word]]:
        """Words of each paragraph that stands below a table."""
        return [one.words for one in self._of.get(id(table), ()) if not one.is_title]


def _around(table: Table, taken: set[int]) -> Iterator[_Floating]:
    """The title and the footers that stand outside, without what other tables have."""
    if not (table.title or table.footers):
        return
    inside = words_in_cells(table) | taken
    for lines, is_title in ((table.title, True), (table.footers, False)):
        for line in lines:
            words = [word for free in free_lines([line], inside) for word in free.words]
            if words:
                keys = {id(word) for word in words}
                inside |= keys
                taken |= keys
                yield _Floating(words, is_title)
