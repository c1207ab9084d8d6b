"""Pages made to be slow: their analysis ends soon, and no word is lost."""

from __future__ import annotations

import time

import pytest

from ragkit.layout import LayoutLinearizer
from ragkit.layout.analysis import PageContent, analyze_pages
from ragkit.layout.model import LayoutDocument, Word
from ragkit.provenance import Box


def soon(words, **options):
    """The pages' elements, found in time."""
    began = time.process_time()
    (page,) = analyze_pages([PageContent(0, "1", 400, 500, words=words, **options)])
    assert time.process_time() - began < 20
    found = [word for line in page.iter_lines() for word in line.words]
    assert sorted(map(id, found)) == sorted(map(id, words))
    return page


@pytest.mark.parametrize("text", [".", "1", "i", "-", "…1", "#"])
def test_long_words_in_the_margin(text):
    long = text * (200_000 // len(text)) + "x"
    soon([Word(long, Box(0.1, y, 0.5, y + 0.02), 10) for y in (0.01, 0.4, 0.97)])


def words_at(places, text="ab", width=0.02, height=0.02):
    return [Word(text, Box(x, y, x + width, y + height), 10) for x, y in places]


def test_words_on_one_spot_stay_in_the_order_of_the_file():
    words = words_at([(0.1, 0.1)] * 8_000)
    page = soon(words)
    assert "page 1 was not analysed" in page.error
    assert [w for line in page.iter_lines() for w in line.words] == words
    (element,) = page.elements
    assert element.kind == "TEXT"
    assert element.box is not None


def test_a_crowded_page_leaves_the_others_as_they_are():
    crowded = PageContent(0, "1", 400, 500, words=words_at([(0.1, 0.1)] * 3_000))
    other = PageContent(1, "2", 400, 500, words=words_at([(0.1, 0.1), (0.14, 0.1)]))
    first, second = analyze_pages([crowded, other])
    assert first.error
    assert second.error is None
    assert second.text == "ab ab"


def test_more_words_than_any_page_has():
    page = soon(words_at([(0.1, i / 120_000) for i in range(110_000)], height=0))
    assert "110,000 words, more than 100,000" in page.error


@pytest.mark.parametrize(
    "places",
    [
        [(0.1, i / 20_000) for i in range(20_000)],
        [(0.1 + i % 3 * 0.2, i // 3 / 6_000) for i in range(18_000)],
    ],
)
def test_many_short_lines(places):
    soon(words_at(places, height=1 / 25_000))


def test_one_line_of_many_wide_spaces():
    width = 40 * 20_000
    words = words_at([(i * 1.2 / 24_000 * (1 + i % 3 / 90_000), 0.5) for i in range(20_000)])
    for i, word in enumerate(words):
        word.box = Box((i * 40 + i % 7) / width, 0.5, (i * 40 + 29) / width, 0.52)
    began = time.process_time()
    analyze_pages([PageContent(0, "1", width, 500, words=words)])
    assert time.process_time() - began < 20


def test_a_large_table_is_still_analysed():
    words = words_at([(c / 40, r / 150) for r in range(150) for c in range(40)], "7", 0.008, 0.004)
    for word in words:
        word.size = 2
    page = soon(words)
    assert page.error is None
    assert any(element.table for element in page.elements)


def test_a_table_of_very_many_rows_is_written_soon():
    words = words_at([(0.1 + i % 3 * 0.2, i // 3 / 6_000) for i in range(18_000)], height=1 / 8_000)
    layout = LayoutDocument("a.pdf", [soon(words)])
    began = time.process_time()
    LayoutLinearizer(format="markdown").transform(layout)
    assert time.process_time() - began < 20
