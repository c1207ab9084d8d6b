"""Citations: numbers that exist, quotes that stand in the source, boxes on the quote."""

from __future__ import annotations

import pytest

from ragkit import Box, Document, Hit
from ragkit.citing import cite
from ragkit.provenance import Run, SourceMap

DOORS = "The library was built in 1904. Doors open at nine\non weekdays. Dogs may come in."
TREES = "Oaks live for centuries [3]. Birches rarely reach eighty years."


def hits(*texts: str) -> list[Hit]:
    return [
        Hit(Document(text, {"source": f"{n}.pdf", "page": n, "page_label": f"p{n}"}), 1.0, n)
        for n, text in enumerate(texts)
    ]


def test_a_quote_is_found_across_line_breaks():
    cited = cite("Doors open at nine on weekdays. [1]", hits(DOORS))
    (citation,) = cited.citations
    assert citation.quote == "Doors open at nine\non weekdays."
    assert DOORS[citation.start : citation.end] == citation.quote
    assert (citation.number, citation.source, citation.page_label) == (1, "0.pdf", "p0")


def test_a_quote_with_small_changes_is_found_and_given_as_the_source_has_it():
    cited = cite("The doors open at nine on week-days [1].", hits(DOORS))
    assert cited.citations[0].quote.startswith("Doors open at nine")


def test_a_claim_in_other_words_cites_the_sentence_most_like_it():
    cited = cite("You can bring dogs in, they may come [1].", hits(DOORS))
    assert cited.citations[0].quote.strip() == "Dogs may come in."


def test_numbers_without_a_source_are_removed_and_reported():
    cited = cite("Doors open at nine [1, 7]. It is old [0]. Yes [9].", hits(DOORS))
    assert cited.text == "Doors open at nine [1]. It is old. Yes."
    assert cited.invalid == [0, 7, 9]
    assert [c.number for c in cited.citations] == [1]


def test_brackets_that_belong_to_the_quoted_text_are_no_citation():
    cited = cite("Oaks live for centuries [3]. [2]", hits(DOORS, TREES))
    assert cited.text == "Oaks live for centuries [3]. [2]"
    assert cited.invalid == []
    assert [c.number for c in cited.citations] == [2]
    assert cited.citations[0].quote.startswith("Oaks live for centuries")


def test_several_marks_share_one_claim():
    cited = cite("Birches rarely reach eighty years [2][1].", hits(TREES, TREES))
    assert [c.number for c in cited.citations] == [2, 1]
    assert {c.quote for c in cited.citations} == {"Birches rarely reach eighty years."}


def test_citations_come_in_the_order_of_the_text():
    text = "Birches rarely reach eighty years [2]. Dogs may come in [1]. Once more: dogs [2]."
    cited = cite(text, hits(DOORS, TREES))
    assert [c.number for c in cited.citations] == [2, 1, 2]


def test_an_unsupported_claim_gets_no_quote():
    (citation,) = cite("The moon is made of green cheese [1].", hits(DOORS)).citations
    assert (citation.quote, citation.match, citation.regions) == ("", "none", ())
    assert (citation.source, citation.page_label) == ("0.pdf", "p0")


@pytest.mark.parametrize(
    ("claim", "match"),
    [("Doors open at nine on weekdays", "verbatim"), ("The doors opens at nine on weekday", "near"),
     ("You can bring dogs in, they may come", "similar")],
)  # fmt: skip
def test_how_well_a_quote_fits_is_said(claim, match):
    assert cite(f"{claim} [1].", hits(DOORS)).citations[0].match == match


def test_short_claims_are_found_as_words_and_quoted_with_their_sentence():
    text = "In 1990 the factory was built. After the accident 9 people were hurt."
    (citation,) = cite("9 [1]", hits(text)).citations
    assert citation.quote == "After the accident 9 people were hurt."


@pytest.mark.parametrize("mark", ["[ 1 ]", "【1】", "[01]", "[1-1]"])
def test_other_forms_of_marks_are_read(mark):
    cited = cite(f"Dogs may come in {mark}.", hits(DOORS))
    assert cited.text == "Dogs may come in [1]."
    assert [c.number for c in cited.citations] == [1]


def test_ranges_are_written_out_and_odd_numbers_reported():
    cited = cite("Dogs may come in [1-3]. Yes [12345][9-5].", hits(DOORS, TREES))
    assert cited.text == "Dogs may come in [1, 2]. Yes."
    assert cited.invalid == [3, 5, 9, 12345]
    assert cite("x [999999999999999999999-9999999999999]", hits(DOORS)).citations == []


def test_an_answer_without_marks_is_matched_sentence_by_sentence():
    cited = cite("Birches rarely reach eighty years. Nobody knows why.", hits(DOORS, TREES))
    assert [(c.number, c.source) for c in cited.citations] == [(2, "1.pdf")]


def test_an_answer_that_quotes_nothing_has_no_citations():
    assert cite("It depends.", hits(DOORS)).citations == []


def test_the_quote_carries_its_own_boxes():
    words = "Doors open at nine."
    boxes = [Box(0.1 * n, 0.2, 0.1 * n + 0.05, 0.22) for n in range(4)]
    text = "# Hours\n\n" + words
    document = Document.with_map(
        text, {"source": "a.pdf", "page": 4}, SourceMap([Run.of_words(9, len(text), 4, boxes)])
    )
    cited = cite("open at nine [1]", [Hit(document, 1.0)])
    (citation,) = cited.citations
    assert citation.quote == words
    assert citation.page == 4
    assert citation.page_label == "5"
    assert citation.regions[0].box == Box(0.0, 0.2, 0.35, 0.22)


def test_a_source_without_pages_has_none():
    (citation,) = cite("Dogs may come in [1].", [Hit(Document(DOORS), 1.0)]).citations
    assert (citation.page, citation.page_label, citation.source, citation.regions) == (
        None, None, None, (),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "[1]", "[1] [2]", "[[1]]", "[99999999]", "]["])
def test_odd_answers_do_no_harm(text):
    cited = cite(text, hits(DOORS))
    assert all(c.quote in DOORS for c in cited.citations)


def test_letters_that_change_length_in_lower_case_do_no_harm():
    turkish = "İstanbul is large. " + "İ" * 30
    for citation in cite("istanbul iss large [1]", hits(turkish)).citations:
        assert turkish[citation.start : citation.end] == citation.quote
