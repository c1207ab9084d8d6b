"""Fields of forms: label, value, boxes to tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ragkit.compat.textractor.configs import TextLinearizationConfig
from ragkit.compat.textractor.constants import SelectionStatus
from ragkit.compat.textractor.entities import Entity, Word
from ragkit.compat.textractor.entity_list import EntityList, plain_words
from ragkit.compat.textractor.linearizing import linearized
from ragkit.layout import Element, ElementKind, Line
from ragkit.layout import KeyValue as Field
from ragkit.layout import Page as ModelPage
from ragkit.provenance import Box

if TYPE_CHECKING:
    from ragkit.compat.textractor.page import Page

__all__ = ["KeyValue", "SelectionElement", "Value"]

_AROUND = ("key_value_layout_prefix", "key_value_layout_suffix", "hide_key_value_layout")
_BESIDE = ("key_value_prefix", "key_value_suffix", "key_prefix", "key_suffix")


class SelectionElement(Word):
    """A box to tick."""

    @property
    def status(self) -> SelectionStatus:
        """Whether it is ticked."""
        return SelectionStatus.SELECTED if self.is_selected() else SelectionStatus.NOT_SELECTED

    def is_selected(self) -> bool:
        """Whether it is ticked."""
        return bool(self._word.selected)


class _Part(Entity):
    """A field, or its value."""

    def __init__(self, pair: Field, page: Page, box: Box | None, plain: tuple[str, ...]) -> None:
        super().__init__(page, box, pair.confidence, pair.id)
        self._pair, self._plain = pair, plain

    @property
    def contains_checkbox(self) -> bool:
        """Whether its value is a box to tick."""
        return self._pair.selected is not None

    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """The text, and its words."""
        element = Element(ElementKind.KEY_VALUE, key_values=[self._pair])
        page = ModelPage(self.page - 1, elements=[element])
        text, words = linearized([page], config, plain=self._plain)
        return text, plain_words(words, self.page_object)


class Value(_Part):
    """What is written in a field."""

    def __init__(self, pair: Field, page: Page) -> None:
        value = Field(value=pair.value, confidence=pair.confidence)
        super().__init__(value, page, _box(pair.value), (*_AROUND, *_BESIDE))

    @property
    def children(self) -> EntityList[Word]:
        """Its words, or boxes to tick."""
        words = [word for line in self._pair.value for word in line.words]
        made = [Word if word.selected is None else SelectionElement for word in words]
        return EntityList([cls(w, self.page_object) for cls, w in zip(made, words, strict=True)])

    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """The text, and its words."""
        text, words = super().get_text_and_words(config)
        return text.lstrip(), words


class KeyValue(_Part):
    """A field of a form."""

    color = (0, 128, 128)

    def __init__(self, pair: Field, page: Page) -> None:
        super().__init__(pair, page, pair.box, _AROUND)

    @property
    def key(self) -> EntityList[Word]:
        """The label's words."""
        return EntityList(
            [Word(word, self.page_object) for line in self._pair.key for word in line.words]
        )

    @property
    def value(self) -> Value:
        """What is written there."""
        return Value(self._pair, self.page_object)

    @property
    def selection_status(self) -> SelectionStatus | None:
        """Of a box to tick, whether it is; None where the value is text."""
        if self._pair.selected is None:
            return None
        return SelectionStatus.SELECTED if self._pair.selected else SelectionStatus.NOT_SELECTED

    def is_selected(self) -> bool:
        """Whether its box is ticked; False where it has none."""
        return bool(self._pair.selected)

    @property
    def name(self) -> str:
        """The label's text."""
        return self._pair.name

    def __repr__(self) -> str:
        if self.contains_checkbox:
            return f"{self._pair.text} {self.name}"
        return f"{self.name} : {self._pair.text}"


def _box(lines: list[Line]) -> Box | None:
    return Box.around_any(line.box for line in lines)
