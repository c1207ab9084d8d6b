"""Parts of a document as text, by one of Textractor's configurations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from ragkit.compat.textractor.configs import (
    HTMLLinearizationConfig,
    MarkdownLinearizationConfig,
    TextLinearizationConfig,
)
from ragkit.errors import InvalidInputError
from ragkit.layout import LayoutDocument, Page, Word

__all__ = ["Linearizable", "linearized"]

_OPEN, _CLOSE = "<html><body>", "</body></html>"
_PAGE_OPEN, _PAGE_CLOSE = f"{_OPEN}<div>", f"</div>{_CLOSE}"


class Linearizable(ABC):
    """Something that becomes text."""

    @abstractmethod
    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """The text, and its words in the order in which they are written.

        Args:
            config: How; None for Textractor's defaults.
        """

    def get_text(self, config: TextLinearizationConfig | None = None) -> str:
        """The text.

        Args:
            config: How; None for Textractor's defaults.
        """
        return self.get_text_and_words(config)[0]

    def to_markdown(self, config: TextLinearizationConfig | None = None) -> str:
        """The same as Markdown."""
        return self.get_text(MarkdownLinearizationConfig() if config is None else config)

    def to_html(self, config: TextLinearizationConfig | None = None) -> str:
        """The same as HTML."""
        return self.get_text(HTMLLinearizationConfig() if config is None else config)

    @property
    def text(self) -> str:
        """The text by Textractor's defaults."""
        return self.get_text()


def linearized(
    pages: Sequence[Page],
    config: TextLinearizationConfig | None,
    *,
    whole: bool = False,
    plain: Sequence[str] = (),
) -> tuple[str, list[Word]]:
    """The text of pages, and its words.

    Args:
        pages: With the elements that are wanted.
        config: How.
        whole: Whether HTML is a page of its own, and not a part of one.
        plain: Options that are empty, whatever `config` says.

    Raises:
        InvalidInputError: If `config` is no configuration.
    """
    config = TextLinearizationConfig() if config is None else config
    if not isinstance(config, TextLinearizationConfig):
        raise InvalidInputError(
            f"config is a {type(config).__name__}; it has to be a TextLinearizationConfig of "
            "ragkit.compat."
        )
    linearizer = config.linearizer(**{n: False if n.startswith("hide") else "" for n in plain})
    text, words = linearizer.to_text_and_words(LayoutDocument("", list(pages)))
    if not whole and len(pages) == 1:
        text = text.removeprefix(_PAGE_OPEN).removesuffix(_PAGE_CLOSE)
    return text, words
