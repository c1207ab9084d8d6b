"""A page that the analysis fails on: its words and all other pages are there."""

from __future__ import annotations

import logging
import math

import pytest
from made_pages import column, page, put

from ragkit.layout import ElementKind
from ragkit.layout.analysis import analyze_pages
from ragkit.layout.analysis.fields import FormField
from ragkit.layout.model import Word
from ragkit.provenance import Box

NAN = math.nan


def three_pages(odd):
    """Pages with a running header; the second has an odd word too."""
    made = [
        page(put("Journal of Examples", 50, 30, size=8), column(50, 100, f"page{n}"), number=n)
        for n in range(3)
    ]
    made[1].words.insert(0, odd)
    return made


@pytest.mark.parametrize(
    "odd",
    [
        Word("odd", Box(NAN, NAN, NAN, NAN), 10.0),
        Word("odd", Box(0.1, 0.1, 0.2, 0.12), NAN),
        Word(None, Box(0.1, 0.1, 0.2, 0.12), 10.0),
        Word("odd", Box(0.1, 0.1, 0.2, 0.12), "10"),
    ],
)
def test_a_fault_costs_the_layout_of_its_page_alone(odd, caplog):
    made = three_pages(odd)
    first, second, third = analyze_pages(made)
    assert "layout of page 2 was not analysed" in second.error
    assert [e.kind for e in second.elements] == [ElementKind.TEXT]
    assert [w for line in second.iter_lines() for w in line.words] == made[1].words
    for other in (first, third):
        assert other.error is None
        assert [e.kind for e in other.elements] == [ElementKind.HEADER, ElementKind.TEXT]
    assert caplog.record_tuples[0][:2] == ("ragkit.layout", logging.WARNING)


def test_an_empty_word_is_no_fault():
    made = three_pages(Word("", Box(0.1, 0.1, 0.2, 0.12), 10.0))
    assert [page.error for page in analyze_pages(made)] == [None, None, None]


def test_what_was_filled_in_is_kept_too():
    made = three_pages(Word("odd", Box(0.1, 0.1, 0.2, 0.12), NAN))
    words = tuple(put("Jane", 300, 400))
    made[1].fields.append(FormField(words, "name", is_mark=False, box=words[0].box))
    assert "Jane" in analyze_pages(made)[1].text


def test_the_error_of_the_loader_is_kept():
    made = three_pages(Word("odd", Box(0.1, 0.1, 0.2, 0.12), NAN))
    made[1].error = "its drawings can't be read"
    error = analyze_pages(made)[1].error
    assert error.startswith("its drawings can't be read; the layout of page 2")


def test_a_lack_of_memory_is_no_fault_of_a_page():
    class Greedy(float):
        def __mul__(self, other):
            raise MemoryError

    with pytest.raises(MemoryError):
        analyze_pages(three_pages(Word("odd", Box(0.1, 0.1, 0.2, 0.12), Greedy(10))))
