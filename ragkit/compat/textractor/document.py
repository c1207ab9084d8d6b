"""A document that Textract has analysed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import ragkit.textract
from ragkit.compat.textractor.configs import HTMLLinearizationConfig, TextLinearizationConfig
from ragkit.compat.textractor.contents import INSTEAD, Contents
from ragkit.compat.textractor.entities import Line, Word, refuse
from ragkit.compat.textractor.entity_list import EntityList
from ragkit.compat.textractor.linearizing import linearized
from ragkit.compat.textractor.page import Page
from ragkit.compat.textractor.responses import Stored, read_response
from ragkit.compat.textractor.service_lines import lines_of
from ragkit.layout import LayoutDocument
from ragkit.layout.selection import Pictures
from ragkit.layout.table_list import Tables
from ragkit.textract._blocks import PageBlocks, ResponseBlocks

if TYPE_CHECKING:
    from PIL.Image import Image

    from ragkit.compat.textractor.findings import Query, Signature
    from ragkit.compat.textractor.forms import KeyValue
    from ragkit.compat.textractor.layouts import Layout
    from ragkit.compat.textractor.tables import Table

__all__ = ["Document"]


class Document(Contents):
    """What Textract answered about a document, as Textractor's names give it.

    Args:
        response: The service's, or its parts.
        images: What gives the picture of a page by its place, from 0; None where none was kept.

    Raises:
        LoadError: If it is no response.

    Attributes:
        response: The service's.
        layout: The same as a `ragkit.LayoutDocument`.
    """

    def __init__(self, response: Any, images: Callable[[int], Image] | None = None) -> None:
        self.response = response
        self.layout: LayoutDocument = ragkit.textract.load(response)
        self.pages = [
            Page(page, self, None if images is None else functools.partial(images, place))
            for place, page in enumerate(self.layout.pages)
        ]

    @classmethod
    def open(cls, fp: Stored) -> Document:
        """A response that was kept.

        Args:
            fp: The response, or its parts; a file with its JSON, also gzipped: its path,
                ``s3://bucket/key``, or the open file.

        Raises:
            LoadError: If it can't be read, or is no response.
            InvalidInputError: If it is something else.

        Example:
            >>> page = {"BlockType": "PAGE", "Id": "p", "Relationships": [
            ...     {"Type": "CHILD", "Ids": ["l"]}]}
            >>> line = {"BlockType": "LINE", "Id": "l", "Relationships": [
            ...     {"Type": "CHILD", "Ids": ["w"]}]}
            >>> word = {"BlockType": "WORD", "Id": "w", "Text": "Hello"}
            >>> Document.open({"Blocks": [page, line, word]}).get_text()
            'Hello'
        """
        return cls(read_response(fp))

    @functools.cached_property
    def _blocks(self) -> ResponseBlocks:
        return ResponseBlocks(self.response)

    def blocks_on(self, page: Page) -> PageBlocks:
        """The response's blocks on a page."""
        return next(
            (found for found in self._blocks.pages if found.number == page.page_num),
            PageBlocks(page.page_num),
        )

    def lines_on(self, page: Page) -> Iterator[Line]:
        """The lines of a page, as the service gives them."""
        return lines_of(self._blocks, self.blocks_on(page), page)

    def page(self, page_no: int | list[int] = 0) -> Any:
        """A page by its place, from 0, or those of a list of places."""
        if isinstance(page_no, list):
            return [self.pages[one] for one in page_no]
        return self.pages[page_no]

    @property
    def images(self) -> list[Image | None]:
        """The pictures of the pages that ``save_image=True`` kept; None where it did not."""
        return [page.image for page in self.pages]

    @property
    def words(self) -> EntityList[Word]:
        """Words, line by line as the service gives them."""
        return EntityList([word for page in self.pages for word in page.words])

    @property
    def lines(self) -> EntityList[Line]:
        """Lines as the service gives them."""
        return EntityList([line for page in self.pages for line in page.lines])

    @property
    def layouts(self) -> EntityList[Layout]:
        """Elements in reading order."""
        return EntityList([one for page in self.pages for one in page.layouts])

    @property
    def tables(self) -> EntityList[Table]:
        """Tables."""
        return EntityList([one for page in self.pages for one in page.tables])

    @property
    def key_values(self) -> EntityList[KeyValue]:
        """Fields of forms whose values are text."""
        return EntityList([one for page in self.pages for one in page.key_values])

    @property
    def checkboxes(self) -> EntityList[KeyValue]:
        """Fields of forms whose values are boxes to tick."""
        return EntityList([one for page in self.pages for one in page.checkboxes])

    @property
    def queries(self) -> EntityList[Query]:
        """What the service was asked."""
        return EntityList([one for page in self.pages for one in page.queries])

    @property
    def signatures(self) -> EntityList[Signature]:
        """Places of signatures."""
        return EntityList([one for page in self.pages for one in page.signatures])

    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """The text, and its words in the order in which they are written.

        Args:
            config: How; None for Textractor's defaults.
        """
        done = [page.get_text_and_words(config) for page in self.pages]
        text = linearized(self.layout.pages, config)[0]
        return text, [word for _, words in done for word in words]

    def get_text(self, config: TextLinearizationConfig | None = None) -> str:
        """The text.

        Args:
            config: How; None for Textractor's defaults.
        """
        return linearized(self.layout.pages, config)[0]

    def to_html(self, config: TextLinearizationConfig | None = None) -> str:
        """A page of HTML.

        Args:
            config: How; None for Textractor's defaults.
        """
        config = HTMLLinearizationConfig() if config is None else config
        return linearized(self.layout.pages, config, whole=True)[0]

    def visualize(self, **options: Any) -> Any:
        """Each page as a picture, with boxes around all that is on it.

        Args:
            options: See `EntityList.visualize`.

        Returns:
            One picture where there is one page; else a list.
        """
        pictures = Pictures(page.visualize(**options) for page in self.pages)
        return pictures[0] if len(pictures) == 1 else pictures

    def _grids(self) -> Tables:
        return self.layout.tables

    def __getattr__(self, name: str) -> Any:
        refuse(self, name, INSTEAD)

    def __repr__(self) -> str:
        return f"Document({len(self.pages)} page(s))"
