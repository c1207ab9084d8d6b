"""HTML of ragkit's own: well formed, escaped, each tag where it may be."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_layouts import SHOWN, layouts

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

TEXTS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption"}
WITHIN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"div"},
    "table": {"caption", "thead", "tbody", "tr", "tfoot"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "tr": {"th", "td"},
    **{tag: {"br"} for tag in TEXTS},
}


def line(text):
    return Line([Word(word, Box(0.1, 0.1, 0.2, 0.2)) for word in text.split()])


def html_of(*elements, **options):
    layout = LayoutDocument("a.pdf", [Page(0, "1", elements=list(elements))])
    return LayoutLinearizer(format="html", **options).to_text(layout)


def check(text):
    """Whether it is well formed, and holds only what it may."""
    for node in ElementTree.fromstring(f"<body>{text.replace('<br>', '<br/>')}</body>").iter():
        if node.tag in WITHIN:
            assert {child.tag for child in node} <= WITHIN[node.tag]
        if node.tag in {"ul", "ol", "dl", "table", "tr"}:
            assert not (node.text or "").strip()
            assert not any((child.tail or "").strip() for child in node)


@settings(max_examples=80, deadline=None)
@given(layouts(), st.booleans(), st.booleans())
def test_html_is_well_formed(made, captions, flat):
    layout, _ = made
    options = {"table_add_title_as_caption": captions, "table_add_footer_as_paragraph": captions}
    options |= {"table_flatten_headers": flat, "heuristic_line_break_threshold": 0.1}
    check(LayoutLinearizer(format="html", **SHOWN, **options).to_text(layout))


def test_headings_by_level():
    levels = [Element(ElementKind.SECTION_HEADER, [line(f"at {n}")], level=n) for n in (2, 3, 9)]
    title = Element(ElementKind.TITLE, [line("R&D <b>")], level=1)
    assert html_of(title, *levels) == (
        "<h1>R&amp;D &lt;b&gt;</h1>\n\n<h2>at 2</h2>\n\n<h3>at 3</h3>\n\n<h6>at 9</h6>"
    )


def item(text, level=1, marker=None):
    return Element(ElementKind.TEXT, [line(text)], level=level, marker=marker)


def test_lists_are_nested():
    items = [
        item("• one", marker="•"),
        item("3. three", 2, "3."),
        item("4. four", 2, "4."),
        item("• two", marker="•"),
        item("a) half", 2, "a)"),
    ]
    made = Element(ElementKind.LIST, [line("intro")], children=items)
    text = html_of(made)
    check(text)
    assert text == (
        "<p>intro</p>\n<ul>\n<li>one\n<ol>\n"
        '<li value="3">three</li>\n<li>four</li>\n</ol>\n</li>\n'
        "<li>two\n<ul>\n<li>a) half</li>\n</ul>\n</li>\n</ul>"
    )


def test_tables_have_a_head_where_no_cell_reaches_out_of_it():
    head = [Cell(0, 0, [line("A")], is_header=True), Cell(0, 1, [line("B")], is_header=True)]
    cells = [*head, Cell(1, 0, [line("<")]), Cell(1, 1, [])]
    made = Element(ElementKind.TABLE, table=Table(cells))
    assert html_of(made) == (
        "<table>\n<thead>\n<tr><th>A</th><th>B</th></tr>\n</thead>\n"
        "<tbody>\n<tr><td>&lt;</td><td></td></tr>\n</tbody>\n</table>"
    )
    head[0].row_span = 2
    del cells[2]
    assert html_of(made) == (
        '<table>\n<tr><th rowspan="2">A</th><th>B</th></tr>\n<tr><td></td></tr>\n</table>'
    )


def test_fields_figures_and_running_parts():
    form = Element(
        ElementKind.KEY_VALUE,
        key_values=[KeyValue([line("Name:")], [line("A & B")]), KeyValue([line("Age")], [])],
    )
    figure = Element(ElementKind.FIGURE, children=[Element(ElementKind.TEXT, [line("x axis")])])
    header = Element(ElementKind.HEADER, [line("running")])
    text = html_of(header, form, figure, hide_header_layout=False)
    check(text)
    assert text == (
        "<header>running</header>\n\n"
        "<dl><div><dt>Name:</dt><dd>A &amp; B</dd></div>\n<div><dt>Age</dt><dd></dd></div></dl>"
        "\n\n<figure>x axis</figure>"
    )


def test_what_is_no_layout_is_preformatted(tmp_path):
    from ragkit.loading import TextLoader

    (tmp_path / "a.txt").write_text("a < b\n\n  c\n", encoding="utf-8")
    (layout,) = TextLoader(tmp_path / "a.txt").load()
    assert LayoutLinearizer(format="html").to_text(layout) == "<pre>a &lt; b\n\n  c\n</pre>"


def test_pages_are_put_together():
    texts = [Element(ElementKind.TEXT, [line(f"p{n}")]) for n in range(2)]
    pages = [Page(n, str(n + 1), elements=[text]) for n, text in enumerate(texts)]
    layout = LayoutDocument("a.pdf", pages)
    made = LayoutLinearizer(format="html", page_separator="\n<hr>\n")
    assert made.to_text(layout) == "<p>p0</p>\n<hr>\n<p>p1</p>"


@pytest.mark.parametrize("by", ["page", "document"])
def test_words_have_their_places(by):
    words = [Word("a<b", Box(0.1, 0.1, 0.2, 0.12)), Word("c&d", Box(0.3, 0.1, 0.4, 0.12))]
    text = Element(ElementKind.TEXT, [Line(words)])
    layout = LayoutDocument("a.pdf", [Page(0, "1", elements=[text])])
    (made,) = LayoutLinearizer(format="html").transform(layout, by=by)
    assert made.page_content == "<p>a&lt;b c&amp;d</p>"
    at = made.page_content.index("c&amp;d")
    (region,) = made.regions_of(at, at + 7)
    assert region.box == pytest.approx(words[1].box, abs=1e-3)
