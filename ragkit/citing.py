"""From an answer's text to checked citations: numbers that exist, quotes that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ragkit.sentences import split_sentences
from ragkit.types import Citation, Hit, QuoteMatch

__all__ = ["CitedText", "cite", "without_marks"]

# [1], [1, 2], [1-3], 【1】, with blanks inside; the blank before goes with a mark that is removed.
_MARK = re.compile(r"[ \t]?[\[【][ \t]*(\d+(?:[ \t]*[,;–-][ \t]*\d+)*)[ \t]*[\]】]")
_RANGE = re.compile(r"(\d+)(?:[ \t]*[–-][ \t]*(\d+))?")
_CLOSING = re.compile(r"[.!?…]?[)\]\"'”’»]?")
_LONGEST_RANGE = 50
_SHORT = 4
"""Words; a shorter claim ("five") says too little to be a quote: its sentence is quoted."""
_NEAR = 80
"""Least similarity (0–100, rapidfuzz's partial ratio) at which a claim counts as quoted."""
_UNMARKED_NEAR = 90
"""The same for sentences without a mark, where nothing but the likeness speaks for a source."""
_SIMILAR = 0.3
"""Least share of a claim's longer words that a sentence has, to be shown for it."""
_CONTEXT = 24
"""Characters before a mark that have to stand in the source for the mark to be the source's."""


@dataclass(frozen=True, slots=True)
class CitedText:
    """An answer's text without invalid marks, its citations, and the numbers removed."""

    text: str
    citations: list[Citation]
    invalid: list[int]


@dataclass(frozen=True, slots=True)
class _Claim:
    """What an answer says right before a citation mark."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Quote:
    """Characters of a passage, and how well they say what was claimed."""

    start: int
    end: int
    match: QuoteMatch


def cite(text: str, hits: Sequence[Hit]) -> CitedText:
    """Citations of an answer that marks its sources as ``[1]``, counted from 1 in rank order.

    They come in the order of the text. A number that no hit has is removed from the text and
    reported. Brackets that are part of a quoted passage are left alone. An answer without marks
    is matched sentence by sentence.
    """
    clean, claims, invalid = _read_marks(text, hits)
    citations = [_citation(n, claim.text, hits[n - 1]) for claim in claims for n in claim.numbers]
    if not claims:
        citations = list(_unmarked(clean, hits))
    unique = {(c.number, c.start, c.end): c for c in reversed(citations)}
    return CitedText(clean, [*reversed(unique.values())], invalid)


def without_marks(text: str) -> str:
    """The text without anything that looks like a citation mark."""
    return _MARK.sub("", text)


def _read_marks(text: str, hits: Sequence[Hit]) -> tuple[str, list[_Claim], list[int]]:
    """The text without invalid marks, what is claimed before each mark, the invalid numbers."""
    kept: list[str] = []
    claims: list[_Claim] = []
    invalid: list[int] = []
    at = since = 0
    for mark in _MARK.finditer(text):
        if _is_quoted(text, mark, hits):
            continue
        numbers = _numbers(mark[1])
        good = tuple(n for n in numbers if 1 <= n <= len(hits))
        invalid += [n for n in numbers if n not in good]
        kept.append(text[at : mark.start()])
        if good:
            blank = mark[0][: len(mark[0]) - len(mark[0].lstrip())]
            kept.append(f"{blank}[{', '.join(map(str, good))}]")
            claim = text[since : mark.start()].strip(" \t\n.,;:") or (
                claims[-1].text if claims else ""
            )
            claims.append(_Claim(claim, good))
            since = mark.end()
        at = mark.end()
    kept.append(text[at:])
    return "".join(kept), claims, sorted(set(invalid))


def _numbers(inside: str) -> list[int]:
    """The numbers between the brackets, ranges written out."""
    numbers: list[int] = []
    for match in _RANGE.finditer(inside):
        first, last = (int(part[:9]) for part in (match[1], match[2] or match[1]))
        inner = range(first, last + 1) if last - first <= _LONGEST_RANGE else (first, last)
        numbers += inner or (first, last)
    return numbers


def _is_quoted(text: str, mark: re.Match[str], hits: Sequence[Hit]) -> bool:
    """Whether the brackets belong to a passage of a source, such as a paper's own references."""
    before = " ".join(text[max(0, mark.start() - _CONTEXT) : mark.end()].split())
    if len(before) <= len(mark[0]):
        return False
    return any(before in " ".join(hit.document.page_content.split()) for hit in hits)


def _unmarked(text: str, hits: Sequence[Hit]) -> Iterator[Citation]:
    """Citations of the sentences that stand, nearly verbatim, in one of the hits."""
    for start, end in split_sentences(text):
        for number, hit in enumerate(hits, 1):
            quote = _find_quote(text[start:end], hit.document.page_content, _UNMARKED_NEAR)
            if quote is not None:
                yield _at(number, hit, quote)
                break


def _citation(number: int, claim: str, hit: Hit) -> Citation:
    """The passage of `hit` that `claim` quotes, or else the sentence most like it."""
    content = hit.document.page_content
    return _at(number, hit, _find_quote(claim, content, _NEAR) or _similar(claim, content))


def _at(number: int, hit: Hit, quote: _Quote) -> Citation:
    """The citation of those characters of the hit's text."""
    document = hit.document
    place = document.provenance
    regions = document.regions_of(quote.start, quote.end)
    page = regions[0].page if regions else document.metadata.get("page")
    page = page if isinstance(page, int) else None
    return Citation(
        number=number,
        source=document.source,
        page=page,
        page_label=document.page_label(page),
        start=place.start + quote.start,
        end=place.start + quote.end,
        quote=document.page_content[quote.start : quote.end],
        regions=regions,
        hit=hit,
        match=quote.match,
    )


def _find_quote(claim: str, content: str, near: int) -> _Quote | None:
    """Where `claim` stands in `content`: verbatim, but for white space, or nearly so."""
    words = claim.split()
    if not words:
        return None
    pattern = r"\s+".join(map(re.escape, words))
    exact = re.search(rf"(?<!\w){pattern}(?!\w)", content)
    if exact:
        start, end = exact.span()
        if len(words) < _SHORT:
            start, end = _sentence_around(content, start, end)
        # With the punctuation that was taken off the claim, so that the quote is the sentence.
        closing = _CLOSING.match(content, end)
        return _Quote(start, closing.end() if closing else end, "verbatim")
    # Shorter content would be looked for in the claim; letters that change length in lower case
    # would shift the place that is found.
    if len(words) < _SHORT or len(content) < len(claim) or len(content.lower()) != len(content):
        return None
    from rapidfuzz import fuzz

    best = fuzz.partial_ratio_alignment(claim.lower(), content.lower(), score_cutoff=near)
    if best is None:
        return None
    return _shared_words(claim, content, best.dest_start, best.dest_end)


def _sentence_around(content: str, start: int, end: int) -> tuple[int, int]:
    """The sentence that holds the span; the span itself where none does."""
    for first, last in split_sentences(content):
        if first <= start and end <= last:
            return first, last
    return start, end


def _shared_words(claim: str, content: str, start: int, end: int) -> _Quote | None:
    """The span widened to whole words, from the first to the last that `claim` has too."""
    said = {_bare(word) for word in claim.split()}
    spans = [
        match.span()
        for match in re.finditer(r"\S+", content)
        if match.start() < end and match.end() > start
    ]
    shared = [span for span in spans if _bare(content[slice(*span)]) in said]
    return _Quote(shared[0][0], shared[-1][1], "near") if shared else None


def _bare(word: str) -> str:
    """A word as it is compared: small letters and digits only."""
    return "".join(c for c in word.lower() if c.isalnum())


def _similar(claim: str, content: str) -> _Quote:
    """The sentence that has most of the claim's words; no characters where none has enough."""
    wanted = _long_words(claim)

    def shared(span: tuple[int, int]) -> float:
        return len(_long_words(content[slice(*span)]) & wanted) / (len(wanted) or 1)

    spans = list(split_sentences(content))
    best = max(spans, key=shared, default=(0, 0))
    return _Quote(*best, "similar") if shared(best) >= _SIMILAR else _Quote(0, 0, "none")


def _long_words(text: str) -> set[str]:
    """Stand-ins for the words that carry meaning: their first five letters, and all numbers."""
    words = re.findall(r"\w+", text.lower())
    return {word[:5] for word in words if len(word) > 3 or word[0].isdigit()}
