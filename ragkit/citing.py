"""From an answer's text to checked citations: numbers that exist, quotes that are there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.sentences import split_sentences
from ragkit.types import Citation, Hit

__all__ = ["CitedText", "cite"]

_MARK = re.compile(r"[ \t]?\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")
_CLOSING = re.compile(r"[.!?…]?[)\]\"'”’»]?")
_NEAR = 80
"""Least similarity (0–100, rapidfuzz's partial ratio) at which a claim counts as quoted."""
_UNMARKED_NEAR = 90
"""The same for sentences without a mark, where nothing but the likeness speaks for a source."""
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


def cite(text: str, hits: Sequence[Hit]) -> CitedText:
    """Citations of an answer that marks its sources as ``[1]``, counted from 1 in rank order.

    A number that no hit has is removed from the text and reported. Brackets that are part of a
    quoted passage are left alone. An answer without marks is matched sentence by sentence.
    """
    clean, claims, invalid = _read_marks(text, hits)
    citations = [_citation(n, claim.text, hits[n - 1]) for claim in claims for n in claim.numbers]
    if not claims:
        citations = _unmarked(clean, hits)
    return CitedText(clean, _sorted_unique(citations), invalid)


def _read_marks(text: str, hits: Sequence[Hit]) -> tuple[str, list[_Claim], list[int]]:
    """The text without invalid marks, what is claimed before each mark, the invalid numbers."""
    kept: list[str] = []
    claims: list[_Claim] = []
    invalid: list[int] = []
    at = since = 0
    for mark in _MARK.finditer(text):
        if _is_quoted(text, mark, hits):
            continue
        numbers = [int(n) for n in re.findall(r"\d+", mark[1])]
        good = tuple(n for n in numbers if 1 <= n <= len(hits))
        invalid += [n for n in numbers if n not in good]
        kept.append(text[at : mark.start()])
        if good:
            blank = mark[0][: mark[0].index("[")]
            kept.append(f"{blank}[{', '.join(map(str, good))}]")
            claim = text[since : mark.start()].strip(" \t\n.,;:") or (
                claims[-1].text if claims else ""
            )
            claims.append(_Claim(claim, good))
            since = mark.end()
        at = mark.end()
    kept.append(text[at:])
    return "".join(kept), claims, sorted(set(invalid))


def _is_quoted(text: str, mark: re.Match[str], hits: Sequence[Hit]) -> bool:
    """Whether the brackets belong to a passage of a source, such as a paper's own references."""
    before = " ".join(text[max(0, mark.start() - _CONTEXT) : mark.end()].split())
    if len(before) <= len(mark[0]):
        return False
    return any(before in " ".join(hit.document.page_content.split()) for hit in hits)


def _unmarked(text: str, hits: Sequence[Hit]) -> list[Citation]:
    """Citations of the sentences that stand, nearly verbatim, in one of the hits."""
    found = []
    for start, end in split_sentences(text):
        for number, hit in enumerate(hits, 1):
            span = _find_quote(text[start:end], hit.document.page_content, _UNMARKED_NEAR)
            if span is not None:
                found.append(_at(number, hit, *span))
                break
    return found


def _sorted_unique(citations: list[Citation]) -> list[Citation]:
    unique = {(c.number, c.start, c.end): c for c in citations}
    return sorted(unique.values(), key=lambda c: c.number)


def _citation(number: int, claim: str, hit: Hit) -> Citation:
    """The passage of `hit` that `claim` quotes, or else the sentence most like it."""
    content = hit.document.page_content
    span = _find_quote(claim, content, _NEAR) or _nearest_sentence(claim, content)
    return _at(number, hit, *span)


def _at(number: int, hit: Hit, start: int, end: int) -> Citation:
    """The citation of characters ``[start, end)`` of the hit's text."""
    document = hit.document
    regions = document.regions_of(start, end)
    page = regions[0].page if regions else document.metadata.get("page")
    label = document.metadata.get("page_label")
    if label is None and isinstance(page, int):
        label = str(page + 1)
    return Citation(
        number=number,
        source=document.source,
        page=page if isinstance(page, int) else None,
        page_label=None if label is None else str(label),
        start=document.start + start,
        end=document.start + end,
        quote=document.page_content[start:end],
        regions=regions,
        hit=hit,
    )


def _find_quote(claim: str, content: str, near: int) -> tuple[int, int] | None:
    """Where `claim` stands in `content`: verbatim, but for white space, or nearly so."""
    words = claim.split()
    if not words:
        return None
    exact = re.search(r"\s+".join(map(re.escape, words)), content)
    if exact:
        # With the punctuation that was taken off the claim, so that the quote is the sentence.
        return exact.start(), _CLOSING.match(content, exact.end()).end()  # type: ignore[union-attr]
    if len(content) < len(claim):  # rapidfuzz would look for the content in the claim
        return None
    from rapidfuzz import fuzz

    best = fuzz.partial_ratio_alignment(claim.lower(), content.lower(), score_cutoff=near)
    if best is None or len(content.lower()) != len(content):
        return None
    return _to_shared_words(claim, content, best.dest_start, best.dest_end)


def _to_shared_words(claim: str, content: str, start: int, end: int) -> tuple[int, int] | None:
    """The span widened to whole words, from the first to the last that `claim` has too."""
    said = {_bare(word) for word in claim.split()}
    spans = [
        match.span()
        for match in re.finditer(r"\S+", content)
        if match.start() < end and match.end() > start
    ]
    shared = [span for span in spans if _bare(content[slice(*span)]) in said]
    return (shared[0][0], shared[-1][1]) if shared else None


def _bare(word: str) -> str:
    """A word as it is compared: small letters and digits only."""
    return "".join(c for c in word.lower() if c.isalnum())


def _nearest_sentence(claim: str, content: str) -> tuple[int, int]:
    """The sentence of `content` that shares most words with `claim`, the first of equals."""
    wanted = set(re.findall(r"\w+", claim.lower()))
    spans = list(split_sentences(content)) or [(0, len(content))]

    def shared(span: tuple[int, int]) -> float:
        words = set(re.findall(r"\w+", content[slice(*span)].lower()))
        return len(words & wanted) / (len(words | wanted) or 1)

    return max(spans, key=shared)
