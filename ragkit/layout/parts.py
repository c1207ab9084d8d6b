"""Parts of a linearized text, for those who cut it."""

from __future__ import annotations

from dataclasses import dataclass

from ragkit.layout.model import ElementKind

__all__ = ["TextPart"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch of a text that belongs together: a heading, a paragraph, an item, a table.

    Attributes:
        kind: Of its element; items of a list and fields of a form are parts of their own.
        start: First character.
        end: One past the last.
        level: Of a heading; 1 is the title's.
        title: Of a heading: its words, without the marks of Markdown or of an option.
        page: Of a table: where its first row stands that is no repeated header; 0-based.
    """

    kind: ElementKind
    start: int
    end: int
    level: int | None = None
    title: str = ""
    page: int | None = None

    @property
    def is_heading(self) -> bool:
        """Whether it is a title or a heading."""
        return self.kind in (ElementKind.TITLE, ElementKind.SECTION_HEADER)
