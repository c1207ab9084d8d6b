"""Textractor's configurations: how a document becomes text, Markdown or HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ragkit._checks import reject_unknown
from ragkit.layout import LayoutLinearizer
from ragkit.layout._options import LinearizationOptions
from ragkit.layout.textractor import presets

__all__ = [
    "HTMLLinearizationConfig",
    "MarkdownLinearizationConfig",
    "TextLinearizationConfig",
]

_IDS = ("add_ids_to_html_tags", "add_short_ids_to_html_tags")
_OWN = ("dialect", "format", "reading_order", "page_separator", "mend_broken_words", *_IDS)
"""Options of ragkit's that Textractor's configurations do not have."""


class TextLinearizationConfig:
    """How a document becomes text; all of Textractor's options, with its names and defaults.

    They are attributes, too, and can be set. `ragkit.LayoutLinearizer` says what each does.

    Args:
        options: By their names.

    Raises:
        UnknownOptionError: If there is no such option.
        InvalidInputError: If an option's value can't work.

    Example:
        >>> config = TextLinearizationConfig(title_prefix="# ")
        >>> config.hide_figure_layout = True
        >>> config
        TextLinearizationConfig(hide_figure_layout=True, title_prefix='# ')
    """

    _preset: ClassVar[Mapping[str, Any]] = presets.TEXT
    _maker: ClassVar[str] = "textractor"
    _more: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **options: Any) -> None:
        reject_unknown(f"{type(self).__name__}()", options, self._names())
        self._options = options
        self.linearizer()

    def linearizer(self, **others: Any) -> LayoutLinearizer:
        """One that writes so.

        Args:
            others: Options in place of these.
        """
        made: LayoutLinearizer = getattr(LayoutLinearizer, self._maker)(
            **{**self._options, **others}
        )
        return made

    @classmethod
    def _names(cls) -> list[str]:
        known = LinearizationOptions.__slots__
        return [name for name in known if name not in _OWN or name in cls._more]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._names():
            raise AttributeError(f"{type(self).__name__!r} has no option {name!r}.")
        return getattr(LinearizationOptions(**{**self._preset, **self._options}), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_options":
            super().__setattr__(name, value)
        else:
            self._options = type(self)(**{**self._options, name: value})._options

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]  # options can be set

    def __repr__(self) -> str:
        given = [f"{n}={self._options[n]!r}" for n in self._names() if n in self._options]
        return f"{type(self).__name__}({', '.join(given)})"


class MarkdownLinearizationConfig(TextLinearizationConfig):
    """The same for Markdown: headings have ``#`` and ``##``, tables are Markdown's."""

    _preset = presets.MARKDOWN
    _maker = "textractor_markdown"


class HTMLLinearizationConfig(TextLinearizationConfig):
    """The same for HTML: elements stand in tags, which may have the elements' ids."""

    _preset = presets.HTML
    _maker = "textractor_html"
    _more = _IDS
