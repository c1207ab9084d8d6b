"""Text and its map, written together."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.layout.model import ElementKind, Word
from ragkit.layout.parts import TextPart
from ragkit.provenance import Box, Run, SourceMap

__all__ = ["TextWriter"]


class TextWriter:
    """Collects a text piece by piece, and where each word of it came from.

    Attributes:
        parts: What was marked, in order.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._runs: list[Run] = []
        self.parts: list[TextPart] = []

    def __len__(self) -> int:
        return self._length

    def add(self, text: str) -> None:
        """Text without a place: separators, marks that were added, raw text."""
        if text:
            self._parts.append(text)
            self._length += len(text)

    def since(self, start: int) -> str:
        """The text from `start` on."""
        found: list[str] = []
        at = self._length
        for part in reversed(self._parts):
            if at <= start:
                break
            at -= len(part)
            found.append(part)
        return "".join(reversed(found))[max(0, start - at) :]

    def mark(self, kind: ElementKind, start: int, level: int | None = None) -> None:
        """Notes what was written from `start` on as one part; nothing where that is empty."""
        if self._length > start:
            self.parts.append(TextPart(kind, start, self._length, level))

    def add_words(self, words: Sequence[Word], texts: Sequence[str], page: int) -> None:
        """Words of one line, a blank between them, written as `texts`.

        Args:
            words: Where they stand.
            texts: What is written for each; it holds no white space. An empty one leaves the
                word out.
            page: 0-based.
        """
        start: int | None = None
        boxes: list[Box] = []
        blank = ""
        for word, text in zip(words, texts, strict=True):
            if not text:
                continue
            if start is not None and word.box is None:
                self._close(start, boxes, page)
                start, boxes = None, []
            self.add(blank)
            if word.box is not None:
                start = self._length if start is None else start
                boxes.append(word.box)
            self.add(text)
            blank = " "
        if start is not None:
            self._close(start, boxes, page)

    def _close(self, start: int, boxes: Sequence[Box], page: int) -> None:
        self._runs.append(Run.of_words(start, self._length, page, boxes))

    def finish(self) -> tuple[str, SourceMap]:
        """The text and its map."""
        return "".join(self._parts), SourceMap(self._runs)
