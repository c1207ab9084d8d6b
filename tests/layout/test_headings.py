"""What is a heading, and what is as large or as bold and is none."""

from __future__ import annotations

import pytest
from made_pages import column, page, put, read, tables

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


def paper(*authors):
    return page(
        put("A Study of Examples", 150, 50, size=20, bold=True),
        *authors,
        put("Abstract", 50, 250, size=14, bold=True),
        column(50, 280, "abstract", lines=12),
    )


def author(name, x, y, *lines, mail=None):
    words = put(name, x, y, size=12, bold=True)
    for number, line in enumerate(lines, 1):
        words += put(line, x, y + 14 * number)
    return words + (put(mail, x, y + 14 * (len(lines) + 1), size=8) if mail else [])


NAMES = ("Ada Byron", "Max Miller", "Ann Lee", "Joe Blogs", "Eve Adams", "Kim Smith")


def grid(*names, mail="", per_row=3):
    place = ["University of Oslo", "College of York", "Institute of Art"]
    return [
        author(
            name,
            50 + 190 * (i % per_row),
            100 + 62 * (i // per_row),
            place[i % 3],
            mail=name[:3].lower() + mail if mail else None,
        )
        for i, name in enumerate(names)
    ]


@pytest.mark.parametrize(
    "authors",
    [
        [put("Ada Byron1,2 Max Miller2∗", 150, 100, size=12), put("1 Some Place", 150, 120)],
        [put("Ada Byron1", 150, 100, size=12), put("1 Some Place", 150, 120)],
        grid(*NAMES[:2], mail="@x.org"),
        grid(*NAMES, mail="@x.org"),
        grid(*NAMES[:3]),
    ],
    ids=["marks", "mark", "mail", "rows", "institutions"],
)
def test_authors_are_neither_headings_nor_a_table(authors):
    made = paper(*authors)
    assert headings(made) == ["A Study of Examples", "Abstract"]
    assert not [e for e in analyze_pages([made])[0].elements if e.kind is ElementKind.TABLE]


def test_authors_in_rows_are_read_one_after_the_other():
    text = read(paper(*grid(*NAMES, mail="@x.org")))
    places = [text.index(name) for name in NAMES] + [text.index("Abstract")]
    assert places == sorted(places)
    assert text.index("ada@x.org") < text.index("Max Miller")


def test_headings_with_a_number_at_the_end_stay():
    heads = (
        put("Python3", 50, 90, size=14, bold=True),
        put("Windows10", 50, 400, size=14, bold=True),
    )
    made = page(put("A Guide", 50, 50, size=20), *heads, column(50, 110, "a"), column(50, 420, "b"))
    assert headings(made) == ["A Guide", "Python3", "Windows10"]


def test_a_table_of_people_stays_a_table():
    rows = [("Name", "Place", "Mail"), ("Ada Byron", "University of Oslo", "ada@x.org")]
    rows += [("Max Miller", "College of York", "max@x.org"), ("Ann Lee", "Academy", "ann@x.org")]
    words = [
        put(text, 50 + 180 * x, 100 + 16 * y)
        for y, row in enumerate(rows)
        for x, text in enumerate(row)
    ]
    (table,) = tables(page(*words, column(50, 300, "body")))
    assert len(table) == 4


@pytest.mark.parametrize("labels", [("Q0", "Q1", "Q2", "Q3"), ("JAN", "FEB", "MAR", "APR")])
def test_labels_of_an_axis_are_no_heading(labels):
    axis = [put(text, 100 + 60 * i, 300, size=8) for i, text in enumerate(labels)]
    made = page(column(50, 100, "a", lines=9), *axis, column(50, 340, "b", lines=9))
    assert headings(made) == []


def test_a_heading_in_small_capitals_stays():
    head = put("IV.", 100, 300, size=10) + put("RELATED WORK", 130, 301, size=8)
    made = page(column(50, 100, "a", lines=9), head, column(50, 340, "b", lines=9))
    assert headings(made) == ["IV. RELATED WORK"]


LONG = "2.1 How the environment of the town shaped its bridges and its harbours"


@pytest.mark.parametrize("indent", [20, 50])
def test_the_indented_second_line_of_a_heading_is_part_of_it(indent):
    second = put("and its roads", 50 + indent, 314, size=12, bold=True)
    made = page(
        column(50, 100, "a", lines=9),
        put(LONG, 50, 300, size=12, bold=True),
        second,
        column(50, 340, "b", lines=9),
    )
    assert headings(made) == [f"{LONG}\nand its roads"]


def test_a_heading_below_a_short_one_is_its_own():
    heads = put("2 Bridges", 50, 300, size=12, bold=True)
    heads += put("Of the north", 70, 314, size=12, bold=True)
    made = page(column(50, 100, "a", lines=9), heads, column(50, 340, "b", lines=9))
    assert headings(made) == ["2 Bridges", "Of the north"]
