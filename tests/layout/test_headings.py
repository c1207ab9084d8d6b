"""What is a heading, and what is as large or as bold and is none."""

from __future__ import annotations

import pytest
from made_pages import column, page, put

from ragkit.layout import ElementKind
from ragkit.layout.analysis import analyze_pages

HEADINGS = (ElementKind.TITLE, ElementKind.SECTION_HEADER)


def headings(*made):
    return [e.text for p in analyze_pages(made) for e in p.elements if e.kind in HEADINGS]


@pytest.mark.parametrize("sign", ["•", "–", "-", "➢"])
def test_large_items_of_a_list_are_no_headings(sign):
    items = [
        w
        for i, name in enumerate(("Bridges", "Harbours", "Roads"))
        for w in put(f"{sign} {name} and what they cost", 50, 200 + 40 * i, size=14)
    ]
    made = page(put("What we build", 50, 100, size=24), items, column(50, 400, "body"))
    assert headings(made) == ["What we build"]
    assert [e.kind for e in analyze_pages([made])[0].elements][1] is ElementKind.LIST


def test_numbered_headings_stay_headings():
    heads = [
        w
        for i, name in enumerate(("Bridges", "Harbours"))
        for w in put(f"{i + 1}) {name} of the town", 50, 100 + 200 * i, size=14, bold=True)
    ]
    made = page(heads, column(50, 130, "body"), column(50, 330, "body"))
    assert headings(made) == ["1) Bridges of the town", "2) Harbours of the town"]
