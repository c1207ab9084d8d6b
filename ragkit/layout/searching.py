"""Words and lines of a document that are like a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ragkit._checks import check_choice, check_count
from ragkit.layout._similar import check_cutoff, check_name, plain, text_score
from ragkit.layout.words import Line, Word
from ragkit.provenance import Box

if TYPE_CHECKING:
    from ragkit.layout.model import Page

__all__ = ["TextMatch", "search"]


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A place that is like a text.

    Attributes:
        words: Those that are: one for each of the text's.
        line: That they are in.
        page: 0-based.
        score: 0 to 1; 1 is the same but for case and punctuation.
    """

    words: tuple[Word, ...]
    line: Line
    page: int
    score: float

    @property
    def text(self) -> str:
        """The words joined by blanks."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box | None:
        """Around the words; None without geometry."""
        return Box.around_any(word.box for word in self.words)


def search(
    pages: Iterable[Page],
    text: str,
    *,
    in_: Literal["words", "lines"],
    cutoff: float,
    limit: int | None,
) -> list[TextMatch]:
    """The places on the pages that are like a text; see `LayoutDocument.search`.

    Raises:
        InvalidInputError: If an argument can't work.
    """
    wanted, least = check_name(text, "text"), check_cutoff(cutoff)
    check_choice(in_, "in_", ("words", "lines"))
    if limit is not None:
        check_count(limit, "limit")
    found = []
    for page in pages:
        for line in page.iter_lines():
            runs = list(_runs(line, page.number, wanted, least))
            found += _best(runs)[: 1 if in_ == "lines" else None]
    return sorted(found, key=lambda match: -match.score)[:limit]


def _runs(line: Line, page: int, wanted: str, cutoff: float) -> Iterator[TextMatch]:
    """Every run of as many words as are wanted that is like them."""
    words = [(word, plain(word.text)) for word in line.pieces]
    size = len(wanted.split())
    for start in range(len(words) - size + 1):
        run = words[start : start + size]
        score = text_score(wanted, " ".join(text for _, text in run), cutoff)
        if score and score >= cutoff:
            yield TextMatch(tuple(word for word, _ in run), line, page, score)


def _best(runs: Sequence[TextMatch]) -> list[TextMatch]:
    """Those that share no word with a better one."""
    if len(runs) < 2:
        return list(runs)
    taken: set[int] = set()
    kept = []
    for match in sorted(runs, key=lambda match: -match.score):
        ids = {id(word) for word in match.words}
        if taken.isdisjoint(ids):
            taken |= ids
            kept.append(match)
    return kept
