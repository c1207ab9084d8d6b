"""One page of a document."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ragkit.compat.textractor.configs import TextLinearizationConfig
from ragkit.compat.textractor.contents import INSTEAD, Contents
from ragkit.compat.textractor.entities import Line, Word, refuse
from ragkit.compat.textractor.entity_list import EntityList, plain_words
from ragkit.compat.textractor.findings import Query, Signature
from ragkit.compat.textractor.forms import KeyValue
from ragkit.compat.textractor.layouts import Layout, PageLayout
from ragkit.compat.textractor.linearizing import linearized
from ragkit.compat.textractor.tables import Table
from ragkit.layout import Page as ModelPage
from ragkit.layout.table_list import Tables

if TYPE_CHECKING:
    from PIL.Image import Image

    from ragkit.compat.textractor.document import Document

__all__ = ["Page"]


class Page(Contents):
    """A page.

    Args:
        page: As ragkit has it.
        document: That it is of.
        image: What gives the picture that was kept; None where none was.

    Attributes:
        page_num: From 1.
    """

    _separator = ","

    def __init__(
        self, page: ModelPage, document: Document, image: Callable[[], Image] | None
    ) -> None:
        self._page, self._document, self._image = page, document, image
        self.page_num = page.number + 1

    @cached_property
    def id(self) -> str:
        """The service's id of it; empty where there is none."""
        return self._document.blocks_on(self).id

    @cached_property
    def image(self) -> Image | None:
        """The picture that ``save_image=True`` kept; else None.

        Raises:
            LoadError: If the document can't be opened any more.
        """
        return None if self._image is None else self._image()

    def picture(self) -> Image:
        """The picture that was kept, or else what `ragkit.Page.image` gives."""
        return self.image or self._page.image()

    @cached_property
    def lines(self) -> EntityList[Line]:
        """Lines as the service gives them."""
        return EntityList(self._document.lines_on(self))

    @property
    def words(self) -> EntityList[Word]:
        """Words, line by line as the service gives them."""
        return EntityList([word for line in self.lines for word in line.words])

    @cached_property
    def layouts(self) -> EntityList[Layout]:
        """Elements in reading order."""
        elements = enumerate(self._page.elements)
        return EntityList([Layout(element, self, order) for order, element in elements])

    @property
    def page_layout(self) -> PageLayout:
        """Elements by their kinds: ``titles``, ``headers`` …"""
        return PageLayout(self)

    @cached_property
    def tables(self) -> EntityList[Table]:
        """Tables."""
        return EntityList([Table(table, self) for table in self._page.tables])

    @cached_property
    def _pairs(self) -> list[KeyValue]:
        return [KeyValue(pair, self) for pair in self._page.key_values]

    @property
    def key_values(self) -> EntityList[KeyValue]:
        """Fields of forms whose values are text."""
        return EntityList([pair for pair in self._pairs if not pair.contains_checkbox])

    @property
    def checkboxes(self) -> EntityList[KeyValue]:
        """Fields of forms whose values are boxes to tick."""
        return EntityList([pair for pair in self._pairs if pair.contains_checkbox])

    @property
    def queries(self) -> EntityList[Query]:
        """What the service was asked."""
        return EntityList([Query(query, self) for query in self._page.queries])

    @property
    def signatures(self) -> EntityList[Signature]:
        """Places of signatures."""
        return EntityList([Signature(one, self) for one in self._page.signatures])

    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """The text, and its words in the order in which they are written.

        Args:
            config: How; None for Textractor's defaults.
        """
        text, words = linearized([self._page], config)
        return text, plain_words(words, self)

    def visualize(self, **options: Any) -> Any:
        """The page as a picture, with boxes around all that is on it.

        Args:
            options: See `EntityList.visualize`.
        """
        things: list[Any] = [*self.tables, *self._pairs, *self.signatures, *self.layouts]
        if options.get("with_words", True):
            things = [*self.lines, *things]
        return EntityList(things).visualize(**options) if things else self.picture()

    def _grids(self) -> Tables:
        return self._page.tables

    def __getattr__(self, name: str) -> Any:
        refuse(self, name, INSTEAD)

    def __repr__(self) -> str:
        return f"Page({self.page_num})"
