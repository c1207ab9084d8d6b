"""Pages made to be slow: their analysis ends soon, and no word is lost."""

from __future__ import annotations

import time

import pytest

from ragkit.layout.analysis import PageWords, analyze_pages
from ragkit.layout.model import Word
from ragkit.provenance import Box


def soon(words, **options):
    """The pages' elements, found in time."""
    began = time.perf_counter()
    (page,) = analyze_pages([PageWords(0, "1", 400, 500, words=words, **options)])
    assert time.perf_counter() - began < 2
    found = [word for line in page.iter_lines() for word in line.words]
    assert sorted(map(id, found)) == sorted(map(id, words))
    return page


@pytest.mark.parametrize("text", [".", "1", "i", "-", "…1", "#"])
def test_long_words_in_the_margin(text):
    long = text * (200_000 // len(text)) + "x"
    soon([Word(long, Box(0.1, y, 0.5, y + 0.02), 10) for y in (0.01, 0.4, 0.97)])
