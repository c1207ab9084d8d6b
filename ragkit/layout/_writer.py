"""Text and its map, written together."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ragkit.layout.model import ElementKind, Word
from ragkit.layout.parts import TextPart
from ragkit.provenance import Box, Run, SourceMap

__all__ = ["TextWriter"]


class TextWriter:
    """Collects a text piece by piece, and where each word of it came from.

    Attributes:
        parts: What was marked, in order.
        words: All words as they were written, and noted marks; None where nobody asked for them.

    Args:
        keep_words: Whether words are kept.
        mapped: Whether the map is wanted; without it, it is empty.
    """

    def __init__(self, *, keep_words: bool = False, mapped: bool = True) -> None:
        self._mapped = mapped
        self.words: list[Word] | None = [] if keep_words else None
        self._pieces: list[str] = []
        self._length = 0
        self._runs: list[Run] = []
        self.parts: list[TextPart] = []

    def __len__(self) -> int:
        return self._length

    def add(self, text: str) -> None:
        """Text without a place: separators, marks that were added, raw text."""
        if text:
            self._pieces.append(text)
            self._length += len(text)

    def note_word(self, word: Word) -> None:
        """Keeps a mark among the words, where these are kept."""
        if self.words is not None:
            self.words.append(word)

    @property
    def n_pieces(self) -> int:
        """How often something has been written."""
        return len(self._pieces)

    def on_one_line(self, first: int = 0) -> None:
        """Makes blanks of the line breaks in all pieces from number `first` on."""
        self._pieces[first:] = [piece.replace("\n", " ") for piece in self._pieces[first:]]

    def sibling(self) -> TextWriter:
        """An empty one that keeps words, and a map, if this does."""
        return TextWriter(keep_words=self.words is not None, mapped=self._mapped)

    @property
    def text(self) -> str:
        """What is written so far."""
        return "".join(self._pieces)

    def mark(
        self,
        kind: ElementKind,
        start: int,
        level: int | None = None,
        *,
        title: str = "",
        page: int | None = None,
    ) -> None:
        """Notes what was written from `start` on as one part; nothing where that is empty."""
        if self._length > start:
            self.parts.append(TextPart(kind, start, self._length, level, title, page))

    def widen(self, n_parts: int, start: int) -> None:
        """Lets the parts marked after the first `n_parts` reach from `start` to the end.

        What stands before the first of them and after the last belongs to them, then.
        """
        if len(self.parts) > n_parts:
            self.parts[n_parts] = replace(self.parts[n_parts], start=start)
            self.parts[-1] = replace(self.parts[-1], end=self._length)

    def part_lines(self, kind: ElementKind, is_long: Callable[[str], bool]) -> None:
        """Makes parts of their lines of those of a kind that are too long.

        Args:
            kind: Which.
            is_long: Whether a text is.
        """
        text, parts = self.text, self.parts
        self.parts = []
        for part in parts:
            within = text[part.start : part.end]
            if part.kind is not kind or not is_long(within):
                self.parts.append(part)
                continue
            at = part.start
            for line in within.splitlines(keepends=True):
                if line.strip():
                    self.parts.append(replace(part, start=at, end=at + len(line.rstrip("\r\n"))))
                at += len(line)

    def last_headings(self) -> str:
        """The headings that end the text, and what follows them; empty where it ends otherwise."""
        start = self._length
        for part in reversed(self.parts):
            if not part.is_heading:
                break
            start = part.start
        return self._since(start)

    def _since(self, start: int) -> str:
        found: list[str] = []
        at = self._length
        for piece in reversed(self._pieces):
            if at <= start:
                break
            at -= len(piece)
            found.append(piece)
        return "".join(reversed(found))[max(0, start - at) :]

    def extend(self, other: TextWriter) -> None:
        """Goes on with all that another has written, places and parts included."""
        by = self._length
        self._pieces += other._pieces
        self._length += other._length
        if self.words is not None:
            self.words += other.words or ()
        self._runs += SourceMap(other._runs).shifted(by).runs
        self.parts += [replace(p, start=p.start + by, end=p.end + by) for p in other.parts]

    def add_words(self, words: Sequence[Word], texts: Sequence[str], page: int) -> None:
        """Words of one line, a blank between them, written as `texts`.

        Args:
            words: Where they stand.
            texts: What is written for each. An empty one leaves the word out; of one with blanks
                in it ("- [x]" for a ticked box), each part has the word's place.
            page: 0-based.
        """
        if self.words is not None:
            self.words += words
        line = " ".join(texts)
        boxes = [word.box for word in words if word.box is not None]
        if line.split() == texts and len(boxes) == len(words):  # as nearly always
            start = self._length
            self.add(line)
            self._close(start, boxes, page)
        else:
            self._add_parts(words, texts, page)

    def _add_parts(self, words: Sequence[Word], texts: Sequence[str], page: int) -> None:
        """Words of a line, some of which are left out, are several parts or have no place."""
        start: int | None = None
        boxes: list[Box] = []
        blank = ""
        for word, text in zip(words, texts, strict=True):
            n_parts = len(text.split())
            if not n_parts:
                continue
            if start is not None and word.box is None:
                self._close(start, boxes, page)
                start, boxes = None, []
            self.add(blank)
            if word.box is not None:
                start = self._length if start is None else start
                boxes += [word.box] * n_parts
            self.add(text)
            blank = " "
        if start is not None:
            self._close(start, boxes, page)

    def _close(self, start: int, boxes: Sequence[Box], page: int) -> None:
        if boxes and self._mapped:
            self._runs.append(Run.of_words(start, self._length, page, boxes))

    def limit_blanks(
        self, new_lines: int | None, spaces: int | None, *, keeps_margins: bool
    ) -> None:
        """Takes out what is too much of line breaks, or of spaces, that follow each other.

        Words stay apart: one blank is left where a limit is 0.

        Args:
            new_lines: The most that may follow each other; None for any.
            spaces: The same for spaces.
            keeps_margins: Whether spaces at the beginning and the end of a line stay.
        """
        text = self.text
        excess = _Excess(text)
        if new_lines is not None:
            excess.find(re.compile(rf"\n{{{new_lines + 1},}}"), new_lines)
        if spaces is not None:
            ends = ("(?<=[^ \n])", "(?=[^ \n])") if keeps_margins else ("", "")
            excess.find(re.compile(f"{ends[0]} {{{spaces + 1},}}{ends[1]}"), spaces)
        if not excess:
            return
        text, place = excess.taken_out()
        self._pieces, self._length = [text], len(text)
        self._runs = [
            replace(run, start=place(run.start), end=place(run.end)) for run in self._runs
        ]
        parts = [replace(p, start=place(p.start), end=place(p.end)) for p in self.parts]
        self.parts = [part for part in parts if part.start < part.end]

    def finish(self) -> tuple[str, SourceMap]:
        """The text and its map."""
        return "".join(self._pieces), SourceMap(self._runs)


class _Excess:
    """Stretches of a text that are too long."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[tuple[int, int, str]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def find(self, pattern: re.Pattern[str], most: int) -> None:
        """Notes what is more than `most` characters of each match."""
        for match in pattern.finditer(self._text):
            start, end = match.start() + most, match.end()
            parts = most or not (match.start() > 0 and end < len(self._text))
            self._found.append((start, end, "" if parts else " "))

    def taken_out(self) -> tuple[str, Callable[[int], int]]:
        """The text without it, and where each of its characters stands now."""
        ends, shifts, pieces = [0], [0], []
        at = shift = 0
        ordered = sorted(self._found)
        for start, end, instead in ordered:
            pieces += [self._text[at:start], instead]
            shift += end - start - len(instead)
            at = end
            ends.append(end)
            shifts.append(shift)
        pieces.append(self._text[at:])

        def place(offset: int) -> int:
            number = bisect.bisect_right(ends, offset) - 1
            if number + 1 < len(ends):
                start, _, instead = ordered[number]
                offset = min(offset, start + len(instead))
            return offset - shifts[number]

        return "".join(pieces), place
