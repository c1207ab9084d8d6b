"""Lists of things on pages, which become text and pictures as a whole."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from ragkit._checks import check_flag
from ragkit.compat.textractor.configs import TextLinearizationConfig
from ragkit.compat.textractor.entities import Entity, Word, refuse
from ragkit.compat.textractor.linearizing import Linearizable
from ragkit.errors import InvalidInputError
from ragkit.layout import Word as ModelWord
from ragkit.layout.marking import Mark, draw_marks
from ragkit.layout.selection import Pictures

__all__ = ["EntityList"]

T = TypeVar("T")

_WIDTH = 8.5
"""Inches across a page, by which letters and lines in pictures are measured."""
_INSTEAD = {
    "pretty_print": "use get_lines_string, get_forms_string and get_tables_string of "
    "ragkit.textract, or get_text()."
}


class EntityList(list[T], Linearizable, Generic[T]):
    """Things on pages, in order."""

    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """The text of all, and its words; words are joined by blanks, others as elements are."""
        config = TextLinearizationConfig() if config is None else config
        done = [one.get_text_and_words(config) for one in self if isinstance(one, Linearizable)]
        of_words = all(isinstance(one, Word) for one in self)
        between = config.same_paragraph_separator if of_words else config.layout_element_separator
        return str(between).join(text for text, _ in done), [w for _, words in done for w in words]

    def visualize(
        self,
        with_text: bool = True,  # noqa: FBT001, FBT002 – Textractor's order
        with_words: bool = True,  # noqa: FBT001, FBT002
        with_confidence: bool = False,  # noqa: FBT001, FBT002
        font_size_ratio: float = 0.5,
    ) -> Any:
        """The pages as pictures, with a box around each thing.

        The pages are those of ``save_image=True``, or else white.

        Args:
            with_text: Whether each box has a label: the kind of a layout element, and the text
                of a word.
            with_words: Whether the words in them have boxes, too.
            with_confidence: Whether the service's confidence is written to each.
            font_size_ratio: How large labels are; 0.5 is usual.

        Returns:
            One picture where all stand on one page; else a list.

        Raises:
            InvalidInputError: If an argument can't work.
            LoadError: If the file of a page can't be opened any more.
        """
        for name, flag in (("text", with_text), ("words", with_words)):
            check_flag(flag, f"with_{name}")
        check_flag(with_confidence, "with_confidence")
        if isinstance(font_size_ratio, bool) or not 0 < font_size_ratio <= 10:
            raise InvalidInputError(
                f"font_size_ratio is {font_size_ratio!r}; it has to be above 0, and 10 at most."
            )
        shown: list[Entity] = [one for one in self if isinstance(one, Entity)]
        pictures = []
        for page in {id(one.page_object): one.page_object for one in shown}.values():
            here: list[Entity] = [one for one in shown if one.page_object is page]
            if with_words:
                here += [word for one in here if not isinstance(one, Word) for word in one.words]
            marks = _marks(here, text=with_text, confidence=with_confidence)
            picture = page.picture()
            dpi = max(1, round(picture.width / _WIDTH * 2 * font_size_ratio))
            pictures.append(draw_marks(picture, marks, dpi=dpi, arrows=False))
        return pictures[0] if len(pictures) == 1 else Pictures(pictures)

    @property
    def words(self) -> EntityList[Word]:
        """The words of all."""
        return EntityList([word for word in self.get_text_and_words()[1] if isinstance(word, Word)])

    def __getattr__(self, name: str) -> Any:
        refuse(self, name, _INSTEAD)


def _marks(things: list[Entity], *, text: bool, confidence: bool) -> list[Mark]:
    marks = []
    for one in things:
        if one.box is not None:
            parts = [one.label if text else "", f"{one.confidence:.2f}" if confidence else ""]
            marks.append(Mark(one.box, one.color, " ".join(filter(None, parts))))
    return marks


def plain_words(words: list[ModelWord], page: Any) -> list[Word]:
    """Words of the model as things on a page."""
    return [Word(word, page) for word in words]
