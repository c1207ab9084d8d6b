"""Figures, captions, footnotes, indices, and what is picked and drawn from a layout."""

from __future__ import annotations

import pytest
from made_pages import column, page, put, read
from PIL import ImageChops

from ragkit import PDFLoader
from ragkit.errors import InvalidInputError, UnknownOptionError
from ragkit.layout import ElementKind
from ragkit.layout.analysis import analyze_pages
from ragkit.layout.analysis.drawn import Area
from ragkit.layout.model import LayoutDocument
from ragkit.provenance import Box


def drawing(x0, y0, x1, y1, step=20):
    """Many small curves, as of a diagram."""
    return [
        Area(x, y, x + step, y + step) for x in range(x0, x1, step) for y in range(y0, y1, step)
    ]


def with_pictures(*groups, pictures):
    made = page(*groups)
    made.drawn.pictures = list(pictures)
    return made


def kinds(made):
    return [e.kind.value for e in analyze_pages([made])[0].elements]


def test_labels_of_a_diagram_are_part_of_it():
    labels = put("High", 110, 320, size=14, bold=True) + put("• low", 110, 420)
    made = with_pictures(
        column(50, 100, "above"),
        labels,
        column(50, 600, "below"),
        pictures=drawing(100, 300, 300, 460),
    )
    assert kinds(made) == ["TEXT", "FIGURE", "TEXT"]
    text = read(made, format="markdown")
    assert "#" not in text
    assert text.index("above line 5") < text.index("High") < text.index("below line 0")
    assert "High" not in read(made, hide_figure_layout=True)


def test_text_on_a_background_stays_text():
    made = with_pictures(column(50, 100, "boxed"), pictures=[Area(40, 90, 400, 200)])
    assert kinds(made) == ["TEXT"]
    made = with_pictures(column(50, 100, "page"), pictures=[Area(0, 0, 600, 800)])
    assert kinds(made) == ["TEXT"]
    icon = with_pictures(column(50, 100, "body"), pictures=[Area(20, 100, 40, 120)])
    assert kinds(icon) == ["TEXT"]


def test_the_cells_of_a_shaded_table_stay_in_it_beside_a_drawing():
    rows = [["Code", "Place", "Count"], ["B1", "A-12", "450"], ["B2", "B-07", "289"]]
    words = [
        put(text, 60 + 120 * n, 104 + 30 * m)
        for m, row in enumerate(rows)
        for n, text in enumerate(row)
    ]
    made = with_pictures(*words, column(50, 400, "below"), pictures=drawing(100, 600, 300, 700))
    made.drawn.fills = [Area(50, 130, 420, 170)]
    (table,) = [e.table for e in analyze_pages([made])[0].elements if e.table]
    assert table.to_rows() == rows


def test_captions_are_tied_to_the_nearest_figure():
    made = with_pictures(
        put("Figure 1: The upper one", 100, 250),
        put("Figure 2. The lower one", 100, 560),
        column(50, 650, "body"),
        pictures=[*drawing(100, 60, 300, 240), *drawing(100, 370, 300, 550)],
    )
    (found,) = analyze_pages([made])
    upper, lower = found.select("FIGURE")
    assert upper.caption.text == "Figure 1: The upper one"
    assert lower.caption.text == "Figure 2. The lower one"
    roles = [e.role for e in found.elements if e.kind is ElementKind.TEXT]
    assert roles == ["caption", "caption", None]


def test_footnotes_are_known_by_their_mark_size_and_place():
    mark = put("1", 50, 700, size=5) + put("A note at the foot of the page.", 54, 701, size=7)
    (found,) = analyze_pages([page(column(50, 100, "body", 20), mark)])
    assert [e.role for e in found.elements] == [None, "footnote"]


def test_indices_stay_with_their_line():
    line = put("the value of a", 50, 100)
    index = put("max", 122, 107, size=5)
    rest = put("is large enough here", 142, 100)
    text = read(page([*line, *index, *rest], put("and the next line follows", 50, 114)))
    assert text == "the value of a max is large enough here and the next line follows"


def test_an_initial_is_part_of_its_word():
    letter = put("O", 50, 98, size=30)
    beside = put("nce upon a time there was a", 68, 100) + put(
        "letter over two lines of it", 68, 114
    )
    text = read(page(letter, beside, put("and then the text went on below", 50, 132)))
    assert text.startswith("Once upon a time there was a letter over two lines of it and then")
    alone = put("A", 50, 98, size=30)
    beside = put("dog that stood on the beach", 76, 100) + put(
        "and barked at ships that pass", 76, 114
    )
    assert read(page(alone, beside)).startswith("A dog that stood on the beach")


def test_elements_are_picked_by_kind(sample_data):
    (layout,) = PDFLoader(sample_data / "report.pdf").load()
    headings = layout.select("TITLE", ElementKind.SECTION_HEADER)
    assert {e.kind.value for e in headings} == {"TITLE", "SECTION_HEADER"}
    assert headings[0].kind is ElementKind.TITLE
    assert headings.text.startswith(headings[0].text)
    assert len(headings[:2]) == 2
    assert headings.pages == layout.pages[: len(headings.pages)]
    assert len(headings + layout.select("TABLE")) == len(headings) + len(layout.select("TABLE"))
    assert "1 TITLE" in repr(headings)
    assert len(layout.select()) == sum(len(p.elements) for p in layout.pages)
    with pytest.raises(InvalidInputError, match="kind is 'TABLES'"):
        layout.select("TABLES")


def test_boxes_are_drawn_where_the_elements_stand(sample_data):
    (layout,) = PDFLoader(sample_data / "report.pdf").load()
    first = layout.pages[0]
    plain = first.image(dpi=72)
    tables = first.visualize("TABLE", dpi=72, labels=False, order=False)
    changed = ImageChops.difference(plain, tables).getbbox()
    box = Box.around(element.box for element in first.select("TABLE"))
    width, height = plain.size
    wanted = (box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)
    assert changed == pytest.approx(wanted, abs=3)
    more = first.visualize(dpi=72)
    assert ImageChops.difference(tables, more).getbbox() is not None
    pictures = layout.visualize(dpi=36)
    assert len(pictures) == len(layout.pages)
    assert pictures._repr_html_().count("<img src=") == len(pictures)
    assert len(layout.select("TABLE").visualize(dpi=36)) == len(layout.select("TABLE").pages)


def test_what_can_not_be_drawn():
    layout = LayoutDocument("a.txt", analyze_pages([page(column(50, 100, "body"))]))
    picture = layout.pages[0].visualize(dpi=72)
    assert picture.size == (600, 800)
    assert layout.pages[0].image(dpi=36).size == (300, 400)
    with pytest.raises(UnknownOptionError, match="dpi"):
        layout.pages[0].visualize(dpis=3)
    with pytest.raises(InvalidInputError, match="dpi"):
        layout.visualize(dpi=0)
    for drawn in (layout.pages[0], layout, layout.select(), layout.select("TABLE")):
        with pytest.raises(UnknownOptionError, match="Did you mean 'labels'"):
            drawn.visualize(label=False)
        for name in ("labels", "order"):
            with pytest.raises(InvalidInputError, match=f"{name} is 'no'; it has to be True or F"):
                drawn.visualize(**{name: "no"})
