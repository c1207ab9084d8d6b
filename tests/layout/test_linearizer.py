"""Elements become text and Markdown; options do what they say."""

from __future__ import annotations

import re

import pytest

from ragkit.errors import InvalidInputError, UnknownOptionError
from ragkit.layout import (
    Cell,
    Element,
    ElementKind,
    KeyValue,
    LayoutDocument,
    LayoutLinearizer,
    Line,
    Page,
    Table,
    Word,
)
from ragkit.types import Box


def line(text, y=0.1, x=0.1):
    """Words side by side, each 0.05 wide."""
    words = [
        Word(w, Box(x + 0.06 * i, y, x + 0.06 * i + 0.05, y + 0.02))
        for i, w in enumerate(text.split())
    ]
    return Line(words)


def element(kind, *texts, y=0.1, **options):
    lines = [line(text, y + 0.03 * i) for i, text in enumerate(texts)]
    return Element(kind, lines, **options)


def document(*elements, **options):
    return LayoutDocument("a.pdf", [Page(0, "1", 100, 100, list(elements))], options)


TEXT, TITLE, HEADING = ElementKind.TEXT, ElementKind.TITLE, ElementKind.SECTION_HEADER


def text_of(*elements, **options):
    return LayoutLinearizer(**options).to_text(document(*elements))


def test_lines_of_a_paragraph_become_one():
    assert text_of(element(TEXT, "one two", "three")) == "one two three"
    joined = text_of(element(TEXT, "one two", "three"), same_paragraph_separator="\n")
    assert joined == "one two\nthree"


def test_elements_are_parted_by_the_separator():
    parts = [element(TITLE, "T", level=1), element(TEXT, "a"), element(TEXT, "b")]
    assert text_of(*parts) == "T\n\na\n\nb"
    assert text_of(*parts, layout_element_separator="\n") == "T\na\nb"
    assert text_of(*parts, text_prefix="<p>", text_suffix="</p>") == "T\n\n<p>a</p>\n\n<p>b</p>"


def test_headings():
    parts = [
        element(TITLE, "T", level=1),
        element(HEADING, "S", level=2),
        element(HEADING, "Sub", level=3),
        element(HEADING, "none"),
    ]
    assert text_of(*parts) == "T\n\nS\n\nSub\n\nnone"
    assert text_of(*parts, format="markdown") == "# T\n\n## S\n\n### Sub\n\n## none"
    options = {"title_prefix": "<h1>", "title_suffix": "</h1>"}
    options |= {"section_header_prefix": "§ ", "section_header_suffix": "."}
    assert text_of(*parts, **options) == "<h1>T</h1>\n\n§ S.\n\n§ Sub.\n\n§ none."


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        (ElementKind.HEADER, "hide_header_layout"),
        (ElementKind.FOOTER, "hide_footer_layout"),
        (ElementKind.PAGE_NUMBER, "hide_page_num_layout"),
    ],
)
def test_running_parts_are_hidden_by_default(kind, option):
    parts = [element(kind, "running"), element(TEXT, "body")]
    assert text_of(*parts) == "body"
    assert text_of(*parts, **{option: False}) == "running\n\nbody"


def test_figures_can_be_hidden():
    figure = Element(ElementKind.FIGURE, [], children=[element(TEXT, "axis")])
    assert text_of(figure, element(TEXT, "body")) == "axis\n\nbody"
    assert text_of(figure, element(TEXT, "body"), hide_figure_layout=True) == "body"


def test_lists():
    items = [
        element(TEXT, "• one", "more", marker="•", level=1),
        element(TEXT, "a) deep", marker="a)", level=2),
        element(TEXT, "plain", level=1),
        Element(TEXT, [line("apart")], marker="2.", level=1),
    ]
    parts = Element(ElementKind.LIST, [line("intro")], children=items)
    assert text_of(parts) == "intro\n• one more\n  a) deep\nplain\n2. apart"
    markdown = "intro\n- one more\n  a) deep\n- plain\n2. apart"
    assert text_of(parts, format="markdown") == markdown
    options = {"list_layout_prefix": "<ul>", "list_layout_suffix": "</ul>"}
    options |= {"list_element_prefix": "<li>", "list_element_suffix": "</li>"}
    one = Element(ElementKind.LIST, children=[element(TEXT, "x"), element(TEXT, "y")])
    text = text_of(one, list_element_separator="", **options)
    assert text == "<ul><li>x</li><li>y</li></ul>"


def test_check_boxes_in_markdown():
    items = [
        element(TEXT, "[x] done", marker="[x]", level=1),
        element(TEXT, "[ ] open", marker="[", level=1),
    ]
    parts = Element(ElementKind.LIST, children=items)
    assert text_of(parts, format="markdown") == "- [x] done\n- [ ] open"
    assert text_of(parts) == "[x] done\n[ ] open"


def table(*rows):
    cells = [
        Cell(r, c, [line(text, 0.1 + 0.05 * r, 0.1 + 0.3 * c)] if text else [])
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    return Element(ElementKind.TABLE, table=Table(cells))


def test_tables():
    part = table(["Item", "2023 sum"], ["a|b", "-1,068.9"], ["", "5"])
    assert text_of(part) == "Item\t2023 sum\na|b\t-1,068.9\n\t5"
    expected = "| Item | 2023 sum |\n| --- | --- |\n| a\\|b | -1,068.9 |\n|  | 5 |"
    assert text_of(part, format="markdown") == expected
    options = {"table_column_separator": "; ", "table_row_separator": " / "}
    options |= {"table_prefix": "<t>", "table_suffix": "</t>"}
    assert text_of(part, **options) == "<t>Item; 2023 sum / a|b; -1,068.9 / ; 5</t>"


def test_spanning_cells_and_cells_of_several_lines():
    cells = [
        Cell(0, 0, [line("wide")], column_span=2),
        Cell(1, 0, [line("one"), line("two-"), line("three")]),
        Cell(1, 1, [Line(raw="raw\ntext")]),
    ]
    part = Element(ElementKind.TABLE, table=Table(cells))
    assert text_of(part) == "wide\t\none two- three\traw text"


def test_key_values():
    pairs = [
        KeyValue([line("Name:")], [line("T. Lindqvist")]),
        KeyValue([line("Age")], [line("4")]),
        KeyValue([line("Signature")], []),
    ]
    part = Element(ElementKind.KEY_VALUE, key_values=pairs)
    assert text_of(part) == "Name: T. Lindqvist\nAge: 4\nSignature"
    assert text_of(part, key_suffix="=").startswith("Name:=T.")
    assert text_of(part, format="markdown") == "Name: T. Lindqvist  \nAge: 4  \nSignature"


def test_markdown_escapes_what_would_be_a_block():
    assert text_of(element(TEXT, "# 3 is a number"), format="markdown") == "\\# 3 is a number"
    assert text_of(element(TEXT, "- dash"), format="markdown") == "\\- dash"
    assert text_of(element(TEXT, "# 3")) == "# 3"


def test_raster_reads_across_columns():
    left = element(TEXT, "left one", "left two")
    right = Element(TEXT, [line("right one", 0.1, 0.6), line("right two", 0.13, 0.6)])
    assert text_of(left, right) == "left one left two\n\nright one right two"
    assert text_of(left, right, reading_order="raster") == "left one right one\nleft two right two"
    raw = Element(TEXT, [Line(raw="no geometry")])
    assert text_of(left, raw, reading_order="raster") == "no geometry\nleft one\nleft two"


def test_paragraphs_that_go_on_are_joined_across_pages():
    first = element(TEXT, "it breaks", "off and exam-", continued=True)
    pages = [
        Page(0, "1", elements=[first, element(ElementKind.FOOTER, "foot")]),
        Page(1, "2", elements=[element(TEXT, "ple goes on."), element(TEXT, "new")]),
    ]
    layout = LayoutDocument("a.pdf", pages)
    (whole,) = LayoutLinearizer().transform(layout, by="document")
    assert whole.page_content == "it breaks off and example goes on.\n\nnew"
    assert [r.page for r in whole.regions] == [0, 0, 1, 1]
    single = [d.page_content for d in LayoutLinearizer().transform(layout)]
    assert single == ["it breaks off and exam-", "ple goes on.\n\nnew"]


def test_page_separator():
    pages = [Page(n, str(n), elements=[element(TEXT, f"p{n}")]) for n in range(2)]
    layout = LayoutDocument("a.pdf", pages)
    assert LayoutLinearizer(page_separator="\n---\n").to_text(layout) == "p0\n---\np1"


def test_metadata_of_pages_and_documents():
    pages = [Page(0, "i", elements=[element(TEXT, "a")]), Page(1, "ii"), Page(2, "1")]
    pages[2].elements = [element(TEXT, "c")]
    layout = LayoutDocument("x.pdf", pages, {"title": "T", "total_pages": 3})
    by_page = LayoutLinearizer().transform([layout])
    known = [{k: v for k, v in d.metadata.items() if k != "_ragkit"} for d in by_page]
    base = {"source": "x.pdf", "title": "T", "total_pages": 3}
    assert known == [base | {"page": 0, "page_label": "i"}, base | {"page": 2, "page_label": "1"}]
    (whole,) = LayoutLinearizer().transform(layout, "document")
    assert {k: v for k, v in whole.metadata.items() if k != "_ragkit"} == base
    assert LayoutLinearizer().transform(LayoutDocument("x.pdf", [Page(0, "1")])) == []


def test_each_word_has_its_box():
    layout = document(element(TEXT, "an exam-", "ple of"), table(["a|b c", "d"]))
    boxes = {w.text: w.box for item in layout.pages[0].iter_lines() for w in item.words}
    for form in ("text", "markdown"):
        (doc,) = LayoutLinearizer(format=form).transform(layout)
        text = doc.page_content
        for word in ("an", "of", "c", "d"):
            found = re.search(rf"(?<!\S){word}(?!\S)", text)
            (region,) = doc.regions_of(*found.span())
            assert region.box.contains(boxes[word], slack=1e-3)
            assert region.box.width == pytest.approx(0.05, abs=1e-3)
        mended = text.index("example")
        first, second = doc.regions_of(mended, mended + 7)
        assert first.box.contains(boxes["exam-"], slack=1e-3)
        assert second.box.contains(boxes["ple"], slack=1e-3)
        assert (first.start, first.end) == (mended, mended + 4)


def test_words_without_a_box_leave_the_others_theirs():
    words = [Word("a", Box(0, 0, 0.1, 0.1)), Word("b"), Word("c", Box(0.2, 0, 0.3, 0.1))]
    (doc,) = LayoutLinearizer().transform(document(Element(TEXT, [Line(words)])))
    assert doc.page_content == "a b c"
    assert [(r.start, r.end) for r in doc.regions] == [(0, 1), (4, 5)]


def test_raw_lines_are_kept():
    part = Element(TEXT, [Line(raw="a  b\n"), Line(raw="c")])
    assert text_of(part) == "a  b\n\nc"


@pytest.mark.parametrize(
    "options",
    [
        {"format": "pdf"},
        {"reading_order": "random"},
        {"hide_header_layout": "yes"},
        {"title_prefix": 3},
        {"page_separator": 3},
        {"text_suffix": b"</p>"},
        {"table_min_table_words": -1},
        {"heuristic_overlap_ratio": "0.5"},
        {"table_tabulate_format": "fancy"},
    ],
)
def test_values_that_cannot_work(options):
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        LayoutLinearizer(**options)


def test_unknown_options_are_errors():
    with pytest.raises(UnknownOptionError, match="Did you mean 'title_prefix'"):
        LayoutLinearizer(title_prefx="# ")


def test_what_can_be_transformed():
    with pytest.raises(InvalidInputError, match="by is 'line'"):
        LayoutLinearizer().transform([], by="line")
    with pytest.raises(InvalidInputError, match="'str'"):
        LayoutLinearizer().transform(["a.pdf"])


def test_repr_shows_what_differs():
    assert repr(LayoutLinearizer(format="markdown")) == "LayoutLinearizer(format='markdown')"
