"""Chunks measured in the embedder's own tokens, cut between sentences where it can be."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ragkit._options import names_options
from ragkit._spans import Span, trimmed
from ragkit.errors import InvalidInputError
from ragkit.splitting.atoms import Atoms
from ragkit.splitting.base import SpanSplitter, check_sizes
from ragkit.splitting.counting import TokenCounter
from ragkit.splitting.describing import describe_function

__all__ = ["TokenSplitter"]

_LEAST_FILL = 0.5
"""A chunk is filled at least so far before it ends early for a paragraph's or sentence's sake."""
_SMALL_REST = 0.25
"""A rest smaller than this share of a chunk is not left alone: the last two share evenly."""


@names_options
class TokenSplitter(SpanSplitter):
    """Chunks of at most so many of the embedder's own tokens, so that it never cuts one.

    A chunk ends with a paragraph if it can, else with a sentence or line, else with a word; a
    word is cut only if it alone is too long. Two neighbours share whole sentences of at most
    `chunk_overlap` tokens; where a sentence had to be cut, words of it.

    Tokens are counted as the embedder counts them, without the special ones around each text.
    For an embedder that can't count (a function, an endpoint) they are estimated, rather too
    high than too low: one for every three letters, every digit, mark, and byte outside ASCII.

    Args:
        embedder: Whose tokens; a string for `load_embedder`, an embedder, or a function. By
            default ``minilm``.
        count_tokens: Tokens of a text, instead of an embedder.
        chunk_size: Most tokens of a chunk. The default leaves room for a header in the 256 that
            MiniLM reads.
        chunk_overlap: Most tokens that two neighbours share.

    Raises:
        InvalidInputError: If an argument has a value that can't work, or the embedder reads
            fewer tokens than `chunk_size`.

    Example:
        >>> splitter = TokenSplitter(chunk_size=12, chunk_overlap=0)
        >>> splitter.split_text("The library opens at nine. Dogs may come in, cats may not.")
        ['The library opens at nine.', 'Dogs may come in, cats may not.']
    """

    def __init__(
        self,
        *,
        embedder: Any = None,
        count_tokens: Callable[[str], int] | None = None,
        chunk_size: int = 220,
        chunk_overlap: int = 20,
    ) -> None:
        self.chunk_size, self.chunk_overlap = check_sizes(chunk_size, chunk_overlap)
        if count_tokens is not None and embedder is not None:
            raise InvalidInputError("Give TokenSplitter an embedder or count_tokens, not both.")
        if count_tokens is not None and not callable(count_tokens):
            raise InvalidInputError(
                f"count_tokens is {count_tokens!r}; it has to be a function of a text."
            )
        if count_tokens is not None:
            self._counter = TokenCounter(count_tokens)
            self._counted_by = describe_function(count_tokens)
            return
        from ragkit.embedding.adapt import as_embedder

        adapted = as_embedder("minilm" if embedder is None else embedder)
        self._counter = TokenCounter.of_embedder(adapted)
        self._counted_by = _name(adapted)
        self._check_room(getattr(adapted, "max_tokens", None))

    def _check_room(self, most: object) -> None:
        room = most - self._counter.special if isinstance(most, int) else None
        if room is not None and self.chunk_size > room:
            raise InvalidInputError(
                f"chunk_size is {self.chunk_size}, but {self._counted_by} reads {room} tokens of a "
                f"text; use at most that."
            )

    @property
    def config(self) -> dict[str, Any]:
        """What decides where it cuts, as JSON-like values, for an index's manifest."""
        return {
            "splitter": "TokenSplitter",
            "tokens_of": self._counted_by,
            "chunk_size": self.chunk_size,
            "chunk_overlap": self.chunk_overlap,
        }

    def count_tokens(self, text: str) -> int:
        """Tokens of a text as this splitter counts them, without special ones."""
        return self._counter.of_texts([text])[0]

    def split_spans(self, text: str) -> list[Span]:
        """Where the chunks of `text` stand, in order: ``text[start:end]`` is the chunk.

        Raises:
            InvalidInputError: If `chunk_size` is less than the tokens of a single character.
        """
        atoms = Atoms.of(text, self._counter, self.chunk_size)
        chunks = self._pack(atoms)
        spans = [(atoms.spans[a][0], atoms.spans[b - 1][1]) for a, b in chunks]
        return list(_advancing(self._verified(text, spans)))

    def _pack(self, atoms: Atoms) -> list[Span]:
        """Chunks as ranges of atoms."""
        chunks: list[Span] = []
        first, count = 0, len(atoms.spans)
        while first < count:
            end = self._end(atoms, first)
            chunks.append((first, end))
            if end == count:
                break
            first = max(self._next(atoms, end), first + 1)
        return chunks

    def _end(self, atoms: Atoms, first: int) -> int:
        """The atom before which a chunk that begins with `first` ends."""
        sums, count = atoms.sums, len(atoms.spans)
        rest = sums[count] - sums[first]
        if rest <= self.chunk_size:
            return count
        room = self.chunk_size
        if rest < self.chunk_size * (1 + _SMALL_REST):
            room = min(room, round(rest * 0.6))
        latest = bisect.bisect_right(sums, sums[first] + room) - 1
        earliest = bisect.bisect_left(sums, sums[first] + round(room * _LEAST_FILL))
        for ends in (atoms.paragraphs, atoms.sentences, atoms.words):
            found = bisect.bisect_right(ends, latest) - 1
            if found >= 0 and ends[found] >= max(earliest, first + 1):
                return ends[found]
        return max(latest, first + 1)

    def _next(self, atoms: Atoms, end: int) -> int:
        """The atom that the next chunk begins with: `end`, or one before it that is shared."""
        earliest = bisect.bisect_left(atoms.sums, atoms.sums[end] - self.chunk_overlap)
        whole = _is_in(atoms.sentences, end)
        starts = atoms.sentences if whole else atoms.words
        found = bisect.bisect_left(starts, earliest)
        return min(end, starts[found]) if found < len(starts) else end

    def _verified(self, text: str, spans: list[Span]) -> list[Span]:
        """The spans; one whose tokens are more than its words' is cut again.

        Tokens add up for tokenizers that part words at white space, but not for all.
        """
        done: list[Span] = []
        counts = self._counter.of_texts([text[a:b] for a, b in spans])
        for (start, end), count in zip(spans, counts, strict=True):
            if count <= self.chunk_size:
                done.append((start, end))
            elif end - start == 1:
                raise InvalidInputError(
                    f"chunk_size is {self.chunk_size}, but the character {text[start:end]!r} alone "
                    f"has {count} tokens."
                )
            else:
                done += self._verified(text, _in_two(text, start, end))
        return done


def _advancing(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans but those that lie within the ones before: overlap that was cut off again."""
    at = -1
    for start, end in spans:
        if end > at:
            yield start, end
            at = end


def _in_two(text: str, start: int, end: int) -> list[Span]:
    """The span cut at the white space nearest to its middle, or in the middle."""
    middle = (start + end) // 2
    before = max(text.rfind(mark, start, middle) for mark in " \n\t")
    cut = before if before > start else middle
    halves = (trimmed(text, start, cut), trimmed(text, cut, end))
    return [(a, b) for a, b in halves if a < b]


def _is_in(numbers: list[int], number: int) -> bool:
    at = bisect.bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number


def _name(embedder: Any) -> str:
    """The embedder's name, or its class's if the name would cost a request."""
    if getattr(embedder, "count_tokens", None) is None:
        return f"estimate for {type(embedder).__name__}"
    return str(embedder.fingerprint.name)
