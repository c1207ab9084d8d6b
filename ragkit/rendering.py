"""An answer for people to read: in a terminal, and in a notebook."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator

from ragkit.types import Answer, Citation, source_name

__all__ = ["answer_html", "answer_text"]

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WIDTH = 100
_QUOTE_LINES = 4


def answer_text(answer: Answer) -> str:
    """The answer wrapped at 100 columns, then its sources: file, page label and quote.

    A quote longer than four lines is cut with an ellipsis; `Citation.quote` has all of it.
    """
    lines = [_wrapped(paragraph) for paragraph in answer.text.splitlines()]
    if answer.citations:
        lines += ["", "Sources"]
    last = None
    for citation in answer.citations:
        place = _place(citation)
        if (citation.number, place) != last:
            lines.append(f"[{citation.number}] {place}")
        last = (citation.number, place)
        lines.append(_quote(citation))
    lines += [f"Note: {note}" for note in _notes(answer)]
    return "\n".join(lines)


def _wrapped(text: str) -> str:
    return textwrap.fill(_visible(text), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _quote(citation: Citation) -> str:
    if citation.match == "none":
        return "    (nothing in this passage says so)"
    quote = _visible(" ".join(citation.quote.split()))
    return textwrap.fill(
        f"“{quote}”",
        _WIDTH,
        initial_indent="    ",
        subsequent_indent="    ",
        max_lines=_QUOTE_LINES,
        placeholder=" …”",
    )


def _place(citation: Citation) -> str:
    """File and page as people name them."""
    name = _visible(source_name(citation.source))
    label = citation.page_label
    return name if label is None else f"{name}, page {_visible(label)}"


def _visible(text: str) -> str:
    """The text without control characters, which would act on the terminal or turn the line.

    Line breaks and tabs stay; every other control, and the marks that change the direction of
    writing, become a replacement character.
    """
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def _notes(answer: Answer) -> Iterator[str]:
    """What a reader has to know about how the answer came about."""
    if answer.dropped:
        yield f"{len(answer.dropped)} retrieved passages did not fit the model's window."
    if answer.trimmed:
        yield "the last of the passages that were read lost its end to fit the model's window."
    unsupported = sorted({c.number for c in answer.citations if c.match == "none"})
    if unsupported:
        numbers = ", ".join(map(str, unsupported))
        yield f"not everything that is marked with {numbers} stands in that source."
    if answer.invalid_citations:
        numbers = ", ".join(map(str, answer.invalid_citations))
        yield f"citations of sources that don't exist were removed: {numbers}."
    if answer.finish_reason == "length":
        yield "the answer was cut at max_tokens."


def answer_html(answer: Answer) -> str:
    """The answer as HTML for a notebook; everything that came from outside is escaped."""
    lines = _visible(answer.text).splitlines()
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line.strip())
    items = "".join(
        f"<li value='{c.number}'><b>{html.escape(_place(c))}</b>"
        f"<blockquote>{html.escape(_visible(c.quote))}</blockquote></li>"
        for c in answer.citations
    )
    sources = f"<ol>{items}</ol>" if items else ""
    notes = "".join(f"<p><i>{html.escape(note)}</i></p>" for note in _notes(answer))
    return f"<div class='ragkit-answer'>{paragraphs}{sources}{notes}</div>"
