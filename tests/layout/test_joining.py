"""What goes on in the next column or on the next page, and what does not."""

from __future__ import annotations

import pytest
from made_pages import column, lattice, page, put
from reportlab.pdfgen.canvas import Canvas

from ragkit import LayoutLinearizer, PDFLoader
from ragkit.layout import ElementKind
from ragkit.layout.analysis import analyze_pages
from ragkit.layout.model import Element, LayoutDocument, Line, Page, Word

LINE = "the quick brown fox jumps over the lazy dog"


def lines(canvas, x, y, texts, size=10):
    canvas.setFont("Helvetica", size)
    for n, text in enumerate(texts):
        canvas.drawString(x, 792 - y - 13 * n, text)


def footnote(canvas, x, y, text):
    canvas.setFont("Helvetica", 5)
    canvas.drawString(x, 792 - y + 3, "1")
    canvas.setFont("Helvetica", 7.5)
    canvas.drawString(x + 4, 792 - y, text)


def text_of(path, **options):
    layout = PDFLoader(path).load()[0]
    return LayoutLinearizer(**options).to_text(layout)


def test_a_sentence_goes_on_past_the_footnote_of_its_column(tmp_path):
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792))
    lines(canvas, 50, 90, [*[LINE] * 40, "and the committee met in the ear-"])
    footnote(canvas, 50, 690, "See the report by Smith")
    lines(canvas, 320, 90, ["ly spring and decided on the plan.", *[LINE] * 40])
    canvas.save()
    text = text_of(path)
    assert "the committee met in the early spring and decided" in text
    assert text.index("See the report") > text.index("early spring")
    (note,) = [e for e in PDFLoader(path).load()[0].pages[0].elements if e.role == "footnote"]
    assert not note.continued


def test_a_sentence_goes_on_past_the_footnote_of_its_page(tmp_path):
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792))
    lines(canvas, 72, 90, [*[LINE] * 40, "and the committee met in"])
    footnote(canvas, 72, 700, "See the report by Smith")
    canvas.showPage()
    lines(canvas, 72, 90, ["early spring and decided on the plan.", *[LINE] * 30])
    canvas.save()
    text = text_of(path, page_separator="\n\f\n")
    assert "the committee met in early spring and decided" in text
    assert "\n\n1See the report by Smith" in text
    assert text.count("\f") == 0  # the page turns within the sentence


def test_notes_of_a_paragraph_that_ends_stay_where_they_are():
    def text(words, **options):
        return Element(ElementKind.TEXT, [Line([Word(word) for word in words.split()])], **options)

    pages = [
        Page(0, "1", elements=[text("it ends.", continued=False), text("1 note", role="footnote")]),
        Page(1, "2", elements=[text("Another one.")]),
    ]
    linearizer = LayoutLinearizer(page_separator="|", layout_element_separator="/")
    assert linearizer.to_text(LayoutDocument("a.pdf", pages)) == "it ends./1 note|Another one."


ROWS = [["Bolt", "3", "1.20"], ["Nut", "5", "0.80"], ["Pin", "8", "0.10"]]


def table(y, head, rows=ROWS, bold=(0,)):
    every = [head, *rows] if head else rows
    xs, ys = [50, 200, 350, 500], [y + 20 * n for n in range(len(every) + 1)]
    words = [
        word
        for n, row in enumerate(every)
        for x, cell in zip(xs, row, strict=False)
        for word in put(cell, x + 5, ys[n] + 4, bold=n in bold)
    ]
    return words, lattice(xs, ys)


def joined(first, second, caption=None):
    """Whether the table of the second page goes on with that of the first."""
    (words, rules), (more, others) = first, second
    above = put(caption, 50, 76) if caption else []
    pages = [
        page(column(50, 60, "some"), words, rules=rules),
        page(above, more, column(50, 400, "last"), number=1, rules=others),
    ]
    tables = [e.table for p in analyze_pages(pages) for e in p.elements if e.table is not None]
    assert len(tables) == 2
    return tables[1].continues is tables[0]


HEAD = ["Name", "Quantity", "Price"]
OTHER = ["Country", "Capital", "Area"]


@pytest.mark.parametrize(
    ("head", "bold", "caption", "goes_on"),
    [
        (HEAD, (0,), None, True),
        (None, (), None, True),
        (OTHER, (0,), None, False),
        (HEAD, (0,), "Table 2. Prices (continued)", True),
        (OTHER, (), "Table 2. The world", False),
        (None, (0, 2), None, True),  # groups or sums
    ],
)
def test_a_table_goes_on_unless_it_has_a_header_or_caption_of_its_own(head, bold, caption, goes_on):
    first = table(600, HEAD)
    assert joined(first, table(100, head, bold=bold), caption) is goes_on


def test_bold_sums_are_no_header():
    first = table(600, HEAD, [*ROWS, ["All", "16", "2.10"]], bold=(0, 4))
    assert joined(first, table(100, ["All", "2", "0.30"]))
