"""Answers as people read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ragkit import Answer, Citation, Document, Hit
from ragkit.errors import InvalidInputError


def citation(quote: str, number: int = 1, label: str | None = "12") -> Citation:
    hit = Hit(Document(quote), 1.0)
    return Citation(number, "docs/a <b>.pdf", 11, label, 0, len(quote), quote, (), hit)


def answer(**changes) -> Answer:
    values = {
        "question": "When?",
        "text": "Doors open at nine. [1]",
        "citations": [citation("Doors open\nat nine.")],
    }
    return Answer(**(values | changes))


def test_printing_shows_text_file_page_and_quote():
    assert str(answer()).splitlines() == [
        "Doors open at nine. [1]",
        "",
        "Sources",
        "[1] a <b>.pdf, page 12",
        "    “Doors open at nine.”",
    ]


def test_long_text_is_wrapped_at_100_columns_and_long_quotes_are_cut_visibly():
    lines = str(answer(text="word " * 60, citations=[citation("quote " * 200)])).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[-1].endswith("…”")
    assert sum(line.startswith("    ") for line in lines) == 4


def test_two_quotes_of_one_source_share_its_line():
    text = str(answer(citations=[citation("One."), citation("Two.")]))
    assert text.count("[1] a <b>.pdf") == 1
    assert "“One.”" in text
    assert "“Two.”" in text


def test_a_source_without_a_page_is_named_alone():
    assert "[1] a <b>.pdf\n" in str(answer(citations=[citation("One.", label=None)]))


def test_what_went_wrong_is_said():
    text = str(
        answer(dropped=[Hit(Document("x"), 0.1)], invalid_citations=[7], finish_reason="length")
    )
    assert "1 retrieved passages did not fit" in text
    assert "removed: 7" in text
    assert "cut at max_tokens" in text


def test_html_is_escaped():
    html = answer(text="<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "a &lt;b&gt;.pdf, page 12" in html
    assert "Doors open\nat nine." in html


def test_a_claim_that_no_passage_supports_is_marked():
    text = str(answer(citations=[replace(citation(""), match="none")]))
    assert "(nothing in this passage says so)" in text
    assert "Note: not everything that is marked with 1 stands in that source." in text


def test_control_characters_do_not_reach_the_terminal():
    hostile = "Doors \x1b[2J\x1b]0;pwned\x07 open\u202e at\r nine"
    shown = answer(text=hostile, citations=[replace(citation(hostile), source=f"{hostile}.pdf")])
    for text in (str(shown), shown._repr_html_()):
        assert not set("\x1b\x07\u202e\r") & set(text)
        assert "nine" in text


def test_showing_a_citation_that_is_not_there_is_an_error():
    with pytest.raises(InvalidInputError, match="no citation 3; this answer has: 1"):
        answer().show(3)
    with pytest.raises(InvalidInputError, match="no citation; this answer has: none"):
        answer(citations=[]).show()
