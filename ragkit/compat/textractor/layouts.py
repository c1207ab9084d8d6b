"""Elements of a page's layout, by their kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ragkit.compat.textractor.configs import TextLinearizationConfig
from ragkit.compat.textractor.entities import Entity
from ragkit.compat.textractor.entity_list import EntityList, plain_words
from ragkit.compat.textractor.linearizing import linearized
from ragkit.layout import Element, ElementKind
from ragkit.layout import Page as ModelPage
from ragkit.layout.visualizing import COLORS

if TYPE_CHECKING:
    from ragkit.compat.textractor.page import Page

__all__ = ["Layout", "PageLayout"]


class Layout(Entity):
    """An element.

    Attributes:
        layout_type: Such as ``"LAYOUT_TITLE"``.
        reading_order: Its place on the page, from 0.
    """

    def __init__(self, element: Element, page: Page, order: int) -> None:
        super().__init__(page, element.box, element.confidence, element.id)
        self._element, self.reading_order = element, order
        self.layout_type = f"LAYOUT_{element.kind.value}"
        self.color = COLORS[element.kind]

    @property
    def label(self) -> str:
        """Its kind."""
        return self._element.kind.value

    @property
    def children(self) -> EntityList[Layout]:
        """The items of a list."""
        items = enumerate(self._element.children)
        return EntityList([Layout(item, self.page_object, n) for n, item in items])

    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """The text, and its words."""
        page = ModelPage(self.page - 1, elements=[self._element])
        text, words = linearized([page], config)
        return text, plain_words(words, self.page_object)


class PageLayout:
    """The elements of a page by their kinds.

    Args:
        page: Whose elements they are.
    """

    def __init__(self, page: Page) -> None:
        self._layouts = page.layouts

    def _of(self, kind: ElementKind) -> EntityList[Layout]:
        name = f"LAYOUT_{kind.value}"
        return EntityList([one for one in self._layouts if one.layout_type == name])

    @property
    def titles(self) -> EntityList[Layout]:
        """Titles."""
        return self._of(ElementKind.TITLE)

    @property
    def headers(self) -> EntityList[Layout]:
        """Running headers."""
        return self._of(ElementKind.HEADER)

    @property
    def footers(self) -> EntityList[Layout]:
        """Running footers."""
        return self._of(ElementKind.FOOTER)

    @property
    def section_headers(self) -> EntityList[Layout]:
        """Headings."""
        return self._of(ElementKind.SECTION_HEADER)

    @property
    def page_numbers(self) -> EntityList[Layout]:
        """Page numbers."""
        return self._of(ElementKind.PAGE_NUMBER)

    @property
    def lists(self) -> EntityList[Layout]:
        """Lists."""
        return self._of(ElementKind.LIST)

    @property
    def figures(self) -> EntityList[Layout]:
        """Figures."""
        return self._of(ElementKind.FIGURE)

    @property
    def tables(self) -> EntityList[Layout]:
        """Tables."""
        return self._of(ElementKind.TABLE)

    @property
    def key_values(self) -> EntityList[Layout]:
        """Groups of fields."""
        return self._of(ElementKind.KEY_VALUE)

    @property
    def texts(self) -> EntityList[Layout]:
        """Paragraphs."""
        return self._of(ElementKind.TEXT)
