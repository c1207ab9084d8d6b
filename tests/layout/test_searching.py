"""Words and lines found by a text that may have slips."""

from __future__ import annotations

import pytest

from ragkit import Box
from ragkit.errors import InvalidInputError
from ragkit.layout.model import Element, ElementKind, LayoutDocument, Line, Page, Word

TEXTS = ["Opening hours", "The OPENING hours, and other hours.", "Hour by hour", "Closed"]


def layout(*texts):
    pages = []
    for number, text in enumerate(texts):
        words = [Word(w, Box(n, 0, n + 1, 1)) for n, w in enumerate(text.split())]
        pages.append(Page(number, elements=[Element(ElementKind.TEXT, [Line(words)])]))
    return LayoutDocument("a.pdf", pages)


def found(texts, *args, **options):
    return [(match.text, match.page) for match in layout(*texts).search(*args, **options)]


def test_every_place_is_found_best_first():
    wanted = [("hours", 0), ("hours,", 1), ("hours.", 1), ("Hour", 2), ("hour", 2)]
    assert found(TEXTS, "Hours") == wanted
    assert found(TEXTS, "hours", cutoff=1) == wanted[:3]
    assert found(TEXTS, "hours", limit=2) == wanted[:2]


def test_lines_are_found_once_each():
    assert found(TEXTS, "hours", in_="lines") == [("hours", 0), ("hours,", 1), ("Hour", 2)]
    match = layout(*TEXTS).search("hours", in_="lines")[1]
    assert match.line.text == TEXTS[1]
    assert (match.box, match.score) == (Box(2, 0, 3, 1), 1)


def test_several_words_are_found_where_they_follow_each_other():
    assert found(TEXTS, "openning hours") == [("Opening hours", 0), ("OPENING hours,", 1)]
    assert found(TEXTS, "closed hours") == []
    assert found(["a b a b a b"], "a b a") == [("a b a", 0)]  # places share no word


def test_text_without_geometry_is_found():
    page = Page(0, elements=[Element(ElementKind.TEXT, [Line(raw="One\ntwo three")])])
    (match,) = LayoutDocument("a.txt", [page]).search("two")
    assert (match.text, match.box) == ("two", None)


def test_signs_alone_are_found_as_they_stand():
    assert found(["5 % of 3"], "%") == [("%", 0)]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"text": ""}, "text is ''"), ({"text": "a", "in_": "pages"}, "in_ is 'pages'"),
     ({"text": "a", "cutoff": 2}, "cutoff is 2"), ({"text": "a", "limit": 0}, "limit is 0")],
)  # fmt: skip
def test_what_can_t_be_searched_for(options, message):
    with pytest.raises(InvalidInputError, match=message):
        layout("a").search(**options)
