"""Pages made by hand: what cannot be is a clear error, and large spans cost little."""

from __future__ import annotations

import time

import pytest

from ragkit.errors import InvalidInputError
from ragkit.layout import LayoutLinearizer
from ragkit.layout.drawing import draw_regions
from ragkit.layout.model import Cell, Element, ElementKind, LayoutDocument, Line, Page, Table, Word
from ragkit.provenance import Box

NAN, INFINITE = float("nan"), float("inf")


def cell(row, column, text="x", *spans, **options):
    return Cell(row, column, [Line([Word(w) for w in text.split()])], *spans, **options)


def document(*elements):
    text = Element(ElementKind.TEXT, [Line([Word("before")])])
    return LayoutDocument("a.txt", [Page(4, elements=[text, *elements])])


@pytest.mark.parametrize(
    ("bad", "value"),
    [
        (cell(-1, 0), "row=-1"),
        (cell(0, -2), "column=-2"),
        (cell(0, 0, "x", 0), "row_span=0"),
        (cell(0, 0, "x", 1, -3), "column_span=-3"),
        (cell("1", 0), "row='1'"),
        (cell(0, 1.5), "column=1.5"),
    ],
)
def test_cells_that_cannot_be(bad, value):
    table = Table([cell(0, 0), bad])
    for export in (table.to_rows, table.to_markdown, table.to_html, table.to_csv):
        with pytest.raises(InvalidInputError, match=rf"cells\[1\] has .*{value}"):
            export()
    layout = document(Element(ElementKind.TABLE, table=table))
    where = rf"Page 4, elements\[1\] \(TABLE\): cells\[1\] has .*{value}"
    with pytest.raises(InvalidInputError, match=where):
        LayoutLinearizer().to_text(layout)
    with pytest.raises(InvalidInputError, match=where):
        LayoutLinearizer().transform(layout)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("value", [NAN, INFINITE, -INFINITE, "0.1", None])
def test_boxes_that_are_none(number, value):
    edges = [0.1, 0.1, 0.2, 0.2]
    edges[number] = value
    good, bad = Word("good", Box(0, 0, 0.1, 0.1)), Word("bad", Box(*edges))
    layout = document(Element(ElementKind.TEXT, [Line([good, bad])]))
    for reading_order in ("layout", "raster"):
        with pytest.raises(InvalidInputError, match=r"Page 4, elements\[1\] .* 'bad' is Box\("):
            LayoutLinearizer(reading_order=reading_order).to_text(layout)
    layout = document(Element(ElementKind.FIGURE, box=Box(*edges)))
    with pytest.raises(InvalidInputError, match=r"Page 4, elements\[1\] \(FIGURE\): the box is"):
        LayoutLinearizer().transform(layout, by="document")
    pytest.importorskip("PIL", reason="pictures need Pillow")
    with pytest.raises(InvalidInputError, match=r"Page 4, FIGURE: the box is Box\("):
        layout.visualize()


def test_a_box_to_draw_on_a_file(sample_data):
    pytest.importorskip("PIL", reason="pictures need Pillow")
    path = sorted(sample_data.glob("*.pdf"))[0]
    with pytest.raises(InvalidInputError, match="Page 0: a box to mark is"):
        draw_regions(path, 0, [Box(0, 0, NAN, 1)])


def test_a_tuple_is_no_box():
    layout = document(Element(ElementKind.TEXT, [Line([Word("bad", (0, 0, 1, 1))])]))
    with pytest.raises(InvalidInputError, match="has to be a Box"):
        LayoutLinearizer().to_text(layout)


@pytest.mark.parametrize("spans", [(3000, 3000), (10**9, 1), (1, 10**9), (10**9, 10**9)])
def test_a_grid_out_of_all_proportion_is_an_error_at_once(spans):
    table = Table([cell(0, 0, "x", *spans), cell(1, 1)])
    start = time.process_time()
    for export in (table.to_rows, table.to_html, table.to_csv):
        with pytest.raises(InvalidInputError, match=f"2 cells span .*{max(spans):,}"):
            export()
    with pytest.raises(InvalidInputError, match=r"Page 4, elements\[1\] \(TABLE\): the table's"):
        LayoutLinearizer().to_text(document(Element(ElementKind.TABLE, table=table)))
    assert time.process_time() - start < 1


def test_large_tables_are_no_error():
    wide = Table([cell(0, 0, "wide", 1, 5000), cell(1, 4999)])
    assert wide.to_html().startswith('<table>\n<tr><td colspan="5000">wide</td></tr>')
    many = Table([cell(row, column) for row in range(700) for column in range(60)])
    assert len(many.to_rows()) == 700


def test_two_cells_in_one_place_lose_no_text():
    table = Table([cell(0, 0, "one"), cell(0, 0, "two"), cell(0, 1, "three")])
    assert table.to_rows() == [["one two", "three"]]
    layout = document(Element(ElementKind.TABLE, table=table))
    assert LayoutLinearizer().to_text(layout) == "before\n\none two\tthree"


def test_a_span_ends_where_another_cell_stands():
    cells = [cell(0, 0, "wide", 2, 3), cell(0, 2, "own"), cell(1, 1, "under")]
    table = Table(cells)
    assert table.to_rows(fill_merged=True) == [["wide", "wide", "own"], ["", "under", ""]]
    assert table.to_html() == (
        '<table>\n<tr><td colspan="2">wide</td><td>own</td></tr>\n'
        "<tr><td></td><td>under</td><td></td></tr>\n</table>"
    )


def test_tables_that_go_on_in_a_ring_are_an_error():
    first, second = Table([cell(0, 0)]), Table([cell(0, 0)])
    first.continues, second.continues = second, first
    with pytest.raises(InvalidInputError, match="continues"):
        LayoutLinearizer().to_text(document(Element(ElementKind.TABLE, table=first)))


@pytest.mark.parametrize(("mark", "written"), [("☑", "- [x] tea"), ("☐", "- [ ] tea")])
def test_a_box_to_tick_keeps_the_places_of_the_words_after_it(mark, written):
    box, after = Box(0.1, 0.1, 0.12, 0.12), Box(0.2, 0.1, 0.3, 0.12)
    item = Element(ElementKind.TEXT, [Line([Word(mark, box), Word("tea", after)])], marker=mark)
    layout = document(Element(ElementKind.LIST, children=[item]))
    (made,) = LayoutLinearizer(format="markdown").transform(layout)
    text = made.page_content
    assert text == f"before\n\n{written}"
    at = text.index("tea")
    (region,) = made.regions_of(at, at + 3)
    assert region.box == pytest.approx(after, abs=2e-4)
    (region,) = made.regions_of(at - 4, at - 1)
    assert region.box == pytest.approx(box, abs=2e-4)
