"""Cuts at the coarsest separator that is fine enough: paragraphs, lines, words, characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from ragkit._checks import check_choice, check_flag
from ragkit._options import names_options
from ragkit._spans import Span, trimmed
from ragkit.errors import InvalidInputError
from ragkit.splitting.base import SpanSplitter, check_sizes
from ragkit.splitting.describing import describe_function
from ragkit.splitting.lengths import SpanLengths
from ragkit.splitting.merging import merge

__all__ = ["RecursiveSplitter"]


@names_options
class RecursiveSplitter(SpanSplitter):
    r"""Cuts at the first separator that a text has, and what is still too long at the next.

    The chunks are those of LangChain's RecursiveCharacterTextSplitter, with exact places: a
    chunk is always a slice of its text. With ``keep_separator=False`` LangChain leaves out
    empty pieces and puts back one separator between the others; the chunk here is the slice
    from its first piece to its last, so that it may be longer than `chunk_size` where
    separators are repeated.

    A chunk is longer than `chunk_size` only where no separator cuts it; with ``""`` last, the
    default, that is a single character.

    Args:
        chunk_size: Greatest length of a chunk.
        chunk_overlap: Greatest length that two neighbours share; smaller than `chunk_size`.
        separators: From the coarsest to the finest. ``""`` cuts between any two characters.
        length_function: Of a text; characters by default. An embedder's ``count_tokens`` is
            asked in batches.
        keep_separator: Where a separator belongs: True or "start" to the piece after it, "end"
            to the one before it, False to neither.
        is_separator_regex: Whether the separators are regular expressions.
        strip_whitespace: Whether chunks lose white space at their ends.

    Raises:
        InvalidInputError: If an argument has a value that can't work.

    Example:
        >>> splitter = RecursiveSplitter(chunk_size=12, chunk_overlap=0)
        >>> splitter.split_text("One two three.\n\nFour.")
        ['One two', 'three.', 'Four.']
        >>> splitter.split_spans("One two three.\n\nFour.")
        [(0, 7), (8, 14), (16, 21)]
    """

    def __init__(
        self,
        *,
        chunk_size: int = 1000,
        chunk_overlap: int = 100,
        separators: Sequence[str] = ("\n\n", "\n", " ", ""),
        length_function: Callable[[str], int] = len,
        keep_separator: bool | Literal["start", "end"] = True,
        is_separator_regex: bool = False,
        strip_whitespace: bool = True,
    ) -> None:
        self.chunk_size, self.chunk_overlap = check_sizes(chunk_size, chunk_overlap)
        self.separators = _checked_separators(separators)
        self.is_separator_regex = check_flag(is_separator_regex, "is_separator_regex")
        self.strip_whitespace = check_flag(strip_whitespace, "strip_whitespace")
        if not callable(length_function):
            raise InvalidInputError(
                f"length_function is {length_function!r}; it has to be a function of a text, "
                f"such as len."
            )
        self.length_function = length_function
        self.keep_separator = _checked_keep(keep_separator)
        self._patterns = [self._compiled(separator) for separator in self.separators]

    @property
    def config(self) -> dict[str, Any]:
        """What decides where it cuts, as JSON-like values, for an index's manifest."""
        return {
            "splitter": "RecursiveSplitter",
            "chunk_size": self.chunk_size,
            "chunk_overlap": self.chunk_overlap,
            "separators": list(self.separators),
            "length_function": describe_function(self.length_function),
            "keep_separator": self.keep_separator,
            "is_separator_regex": self.is_separator_regex,
            "strip_whitespace": self.strip_whitespace,
        }

    def split_spans(self, text: str) -> list[Span]:
        """Where the chunks of `text` stand, in order: ``text[start:end]`` is the chunk."""
        lengths = SpanLengths(text, self.length_function)
        return self._split(text, (0, len(text)), 0, lengths)

    def _split(self, text: str, span: Span, first: int, lengths: SpanLengths) -> list[Span]:
        """Chunks of ``text[start:end]``, cut at the separators from number `first` on."""
        number = self._coarsest(text[slice(*span)], first)
        joint = "" if self.keep_separator else self.separators[number]
        pieces = self._pieces(text, span, number)
        measured = lengths.of(pieces)
        joint_length = lengths.of_text(joint)
        chunks: list[Span] = []
        done = 0
        for at in [i for i, length in enumerate(measured) if length >= self.chunk_size]:
            chunks += self._merged(text, pieces[done:at], measured[done:at], joint_length)
            done = at + 1
            if self._is_last(number):
                chunks.append(pieces[at])
            else:
                chunks += self._split(text, pieces[at], number + 1, lengths)
        return chunks + self._merged(text, pieces[done:], measured[done:], joint_length)

    def _coarsest(self, part: str, first: int) -> int:
        """Number of the first separator that `part` has; the last one if it has none."""
        for number in range(first, len(self.separators)):
            if not self.separators[number] or self._patterns[number].search(part):
                return number
        return len(self.separators) - 1

    def _is_last(self, number: int) -> bool:
        return not self.separators[number] or number + 1 == len(self.separators)

    def _pieces(self, text: str, span: Span, number: int) -> list[Span]:
        """The span cut at one separator; empty pieces are left out."""
        start, end = span
        if not self.separators[number]:
            return [(at, at + 1) for at in range(start, end)]
        # The part is searched alone: what stands around it must not be seen by a pattern.
        part = text[start:end]
        found = self._patterns[number].finditer(part)
        begins, ends = [0], []
        if self.keep_separator == "end":
            ends = [match.end() for match in found]
            begins += ends
        elif self.keep_separator:
            ends = [match.start() for match in found]
            begins += ends
        else:
            spans = [match.span() for match in found]
            ends = [a for a, _ in spans]
            begins += [b for _, b in spans]
        ends.append(len(part))
        pieces = zip(begins, ends, strict=True)
        return [(start + a, start + b) for a, b in pieces if a < b]

    def _merged(self, text: str, pieces: list[Span], lengths: list[int], joint: int) -> list[Span]:
        spans = merge(pieces, lengths, joint, self.chunk_size, self.chunk_overlap)
        if self.strip_whitespace:
            spans = [trimmed(text, start, end) for start, end in spans]
        return [(start, end) for start, end in spans if start < end]

    def _compiled(self, separator: str) -> re.Pattern[str]:
        source = separator if self.is_separator_regex else re.escape(separator)
        try:
            return re.compile(source)
        except re.error as error:
            raise InvalidInputError(
                f"The separator {separator!r} is no regular expression ({error}); mend it, or "
                f"set is_separator_regex=False."
            ) from error


def _checked_separators(separators: Sequence[str]) -> tuple[str, ...]:
    listed = isinstance(separators, Sequence) and not isinstance(separators, str)
    every = tuple(separators) if listed else ()
    if not every or not all(isinstance(separator, str) for separator in every):
        raise InvalidInputError(
            f"separators is {separators!r}; it has to be a list of at least one str, such as "
            f'["\\n\\n", "\\n", " ", ""].'
        )
    return every


def _checked_keep(value: object) -> bool | str:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise InvalidInputError(
            f"keep_separator is {value!r}; it has to be True, False, 'start' or 'end'."
        )
    return check_choice(value, "keep_separator", ["start", "end"])
