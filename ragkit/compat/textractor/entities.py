"""Words and lines of a page, and what all things on it have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from ragkit.compat.textractor.configs import TextLinearizationConfig
from ragkit.compat.textractor.constants import TextTypes
from ragkit.compat.textractor.linearizing import Linearizable
from ragkit.layout import words as model
from ragkit.layout.marking import Color
from ragkit.provenance import Box

if TYPE_CHECKING:
    from ragkit.compat.textractor.entity_list import EntityList
    from ragkit.compat.textractor.page import Page

__all__ = ["BoundingBox", "Entity", "Line", "Printed", "Word", "bounded", "refuse"]


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """A place on a page, in fractions of it.

    Attributes:
        x: Left edge.
        y: Top edge.
        width: Of it.
        height: Of it.
    """

    x: float
    y: float
    width: float
    height: float


def bounded(box: Box | None) -> BoundingBox | None:
    """The same box in Textractor's form."""
    return None if box is None else BoundingBox(box.x0, box.y0, box.width, box.height)


def refuse(thing: object, name: str, instead: Mapping[str, str]) -> NoReturn:
    """Raises the error for a name that is not there.

    Args:
        thing: That was asked for it.
        name: Of the attribute.
        instead: What to use, for names that Textractor has.

    Raises:
        AttributeError: Always.
    """
    advice = f" in ragkit.compat: {instead[name]}" if name in instead else "."
    raise AttributeError(f"{type(thing).__name__!r} has no {name!r}{advice}")


class Entity(Linearizable):
    """Something on a page.

    Attributes:
        id: The service's; empty where it is not known.
        page: Its number, from 1.
        page_object: The page.
        confidence: 0 to 1.
        bbox: Where; None without geometry.
    """

    color: Color = (33, 102, 172)
    """In pictures."""

    def __init__(self, page: Page, box: Box | None, confidence: float, key: str = "") -> None:
        self.page_object, self.box = page, box
        self.id, self.confidence = key, confidence
        self.page = page.page_num
        self.bbox = bounded(box)

    @property
    def page_id(self) -> str:
        """The service's id of the page."""
        return self.page_object.id

    @property
    def words(self) -> EntityList[Word]:
        """Its words."""
        from ragkit.compat.textractor.entity_list import EntityList

        words = [one for one in self.get_text_and_words()[1] if isinstance(one, Word)]
        return EntityList(words)

    @property
    def label(self) -> str:
        """What is written to it in pictures."""
        return ""

    def visualize(self, **options: Any) -> Any:
        """Its page as a picture, with a box around it; see `EntityList.visualize`."""
        from ragkit.compat.textractor.entity_list import EntityList

        return EntityList([self]).visualize(**options)

    def __repr__(self) -> str:
        return self.text


class Printed(Entity):
    """Something whose text is the same, whatever a configuration says."""

    def get_text_and_words(
        self,
        config: TextLinearizationConfig | None = None,  # noqa: ARG002
    ) -> tuple[str, list[Any]]:
        """The text, and its words."""
        return self._printed()

    @abstractmethod
    def _printed(self) -> tuple[str, list[Any]]:
        """The text, and its words."""


class Word(Printed):
    """A word, or a box to tick.

    Attributes:
        text_type: Printed, or written by hand.
    """

    color = (110, 110, 110)

    def __init__(self, word: model.Word, page: Page, key: str = "") -> None:
        super().__init__(page, word.box, word.confidence, key)
        self._word = word
        self.text_type = TextTypes.HANDWRITING if word.handwritten else TextTypes.PRINTED

    @property
    def text(self) -> str:
        """Its characters."""
        return self._word.text

    @property
    def words(self) -> EntityList[Word]:
        """Itself."""
        from ragkit.compat.textractor.entity_list import EntityList

        return EntityList([self])

    @property
    def label(self) -> str:
        """Its characters."""
        return self._word.text

    def _printed(self) -> tuple[str, list[Any]]:
        return self._word.text, [self]


class Line(Printed):
    """A line as the service gives it."""

    def __init__(
        self, words: Iterable[Word], page: Page, box: Box | None, confidence: float, key: str
    ) -> None:
        super().__init__(page, box, confidence, key)
        self._words = list(words)

    @property
    def words(self) -> EntityList[Word]:
        """Its words."""
        from ragkit.compat.textractor.entity_list import EntityList

        return EntityList(self._words)

    def _printed(self) -> tuple[str, list[Any]]:
        return " ".join(word.text for word in self._words), list(self._words)
