"""Elements picked from a layout, with the pages they stand on."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Unpack

from ragkit._checks import check_choice
from ragkit.layout.placed import OnPages

if TYPE_CHECKING:
    from PIL.Image import Image

    from ragkit.layout.model import Element, Page
    from ragkit.layout.visualizing import DrawingOptions

__all__ = ["Elements", "Pictures", "select"]


class Pictures(list["Image"]):
    """Pictures of pages, which a notebook shows one below the other."""

    def _repr_html_(self) -> str:
        tags = []
        for picture in self:
            data = io.BytesIO()
            picture.save(data, "PNG")
            coded = base64.b64encode(data.getvalue()).decode()
            tags.append(f'<img src="data:image/png;base64,{coded}" style="max-width:100%">')
        return "<br>".join(tags)


class Elements(OnPages["Element"]):
    """Elements in reading order, and where they stand; as `Page.select` gives them.

    Args:
        places: Each element with its page.
    """

    def __add__(self, other: Elements) -> Elements:
        """Both, one after the other."""
        return Elements([*self._places, *other._places])

    def __repr__(self) -> str:
        kinds = [element.kind.value for element in self]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        return f"Elements({counts})"

    @property
    def text(self) -> str:
        """All text, a blank line between elements."""
        return "\n\n".join(element.text for element in self)

    @property
    def pages(self) -> list[Page]:
        """The pages they stand on, in their order."""
        found = {id(page): page for page, _ in self._places}
        return list(found.values())

    def visualize(self, **options: Unpack[DrawingOptions]) -> Pictures:
        """Their pages as pictures, with a box around each.

        Args:
            options: ``dpi``, dots per inch (100); ``labels``, whether the kind and the place in
                the reading order are written to each box (True); ``order``, whether arrows lead
                from each to the next (True); ``password`` of an encrypted PDF.

        Raises:
            UnknownOptionError: If there is no such option.
            InvalidInputError: If an option can't work.
            LoadError: If the file of a page can't be opened any more.
        """
        from ragkit.layout.visualizing import check_drawing, picture_of

        check_drawing(options)
        return Pictures(picture_of(page, self.on(page), **options) for page in self.pages)


def select(pages: Iterable[Page], kinds: Iterable[str]) -> Elements:
    """The elements of those kinds, all where none is named.

    Tables and fields of forms are found in other elements, too.

    Raises:
        InvalidInputError: If there is no such kind.
    """
    from ragkit.layout.model import ElementKind

    valid = tuple(kind.value for kind in ElementKind)
    wanted = {check_choice(str(kind), "kind", valid) for kind in kinds}
    if not wanted:
        return Elements((page, element) for page in pages for element in page.elements)
    return Elements(
        (page, found)
        for page in pages
        for element in page.elements
        for found in _matching(element, wanted)
    )


def _matching(element: Element, kinds: set[str], *, inner: bool = False) -> Iterator[Element]:
    """An element of those kinds, or the tables and fields in it that are.

    Args:
        element: Of a page, or in one.
        kinds: That are wanted.
        inner: Whether it is in another, so that only tables and fields count.
    """
    found = [one for child in element.children for one in _matching(child, kinds, inner=True)]
    counts = not inner or element.table is not None or bool(element.key_values)
    if counts and element.kind.value in kinds and not any(o.kind is element.kind for o in found):
        yield element
    yield from found
