"""Tables as Markdown, HTML, CSV, data frames and workbooks; tables over several pages."""

from __future__ import annotations

import csv
import io

import pytest
from made_pages import column, lattice, page, put, read

from ragkit.errors import InvalidInputError
from ragkit.layout import LayoutLinearizer
from ragkit.layout.analysis import analyze_pages
from ragkit.layout.model import Cell, LayoutDocument, Line, Table, Word


def cell(row, column, text, **options):
    return Cell(row, column, [Line([Word(w) for w in text.split()])], **options)


TABLE = Table(
    [
        cell(0, 0, "Name", is_header=True),
        cell(0, 1, "Both", column_span=2, is_header=True),
        cell(1, 0, "a|b <i>", row_span=2),
        cell(1, 1, "007"),
        cell(1, 2, "27.00"),
        cell(2, 1, '=1+1,"x"'),
    ]
)


def test_markdown_keeps_numbers_and_escapes():
    assert TABLE.to_markdown() == (
        '| Name | Both |  |\n| --- | --- | --- |\n| a\\|b \\<i> | 007 | 27.00 |\n|  | =1+1,"x" |  |'
    )
    filled = TABLE.to_markdown(fill_merged=True)
    assert "| Name | Both | Both |" in filled
    assert '| a\\|b \\<i> | =1+1,"x" |  |' in filled
    assert Table().to_markdown() == ""


def test_html_has_spans_and_escapes():
    assert TABLE.to_html() == (
        '<table>\n<tr><th>Name</th><th colspan="2">Both</th></tr>\n'
        '<tr><td rowspan="2">a|b &lt;i&gt;</td><td>007</td><td>27.00</td></tr>\n'
        '<tr><td>=1+1,"x"</td><td></td></tr>\n</table>'
    )
    assert TABLE._repr_html_() == TABLE.to_html()


def test_csv_is_read_back(tmp_path):
    text = TABLE.to_csv(tmp_path / "a.csv", guard_formulas=False)
    assert list(csv.reader(io.StringIO(text))) == TABLE.to_rows()
    assert (tmp_path / "a.csv").read_bytes().decode() == text


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+SUM(A1)", "-cmd|' /C calc'!A0", "＝1"])
def test_csv_has_no_formulas(text):
    assert next(csv.reader([Table([cell(0, 0, text)]).to_csv()])) == [f"'{text}"]


@pytest.mark.parametrize("text", ["-3.5", "+49 30 1234", "-", "+1 (555) 0100", "- net", "a=b"])
def test_csv_keeps_what_is_no_formula(text):
    assert next(csv.reader([Table([cell(0, 0, text)]).to_csv()])) == [text]
    with pytest.raises(InvalidInputError, match="guard_formulas is 'no'"):
        TABLE.to_csv(guard_formulas="no")


def test_data_frames():
    pytest.importorskip("pandas", reason="the extra tables is not installed")
    frame = TABLE.to_pandas()
    assert list(frame.columns) == ["Name", "Both", "Both"]
    assert frame.iloc[0].tolist() == ["a|b <i>", "007", "27.00"]
    two = Table([cell(r, c, f"{r}{c}", is_header=r < 2) for r in range(3) for c in range(2)])
    assert two.to_pandas().columns.tolist() == [("00", "10"), ("01", "11")]
    assert Table([cell(0, 0, "x"), cell(0, 1, "y")]).to_pandas().shape == (1, 2)


def test_workbooks_have_texts_and_no_formulas(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="the extra tables is not installed")
    TABLE.to_excel(tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet["B2"].value == "007"
    assert (sheet["B3"].value, sheet["B3"].data_type) == ('=1+1,"x"', "s")
    assert sheet["A1"].font.bold
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {"B1:C1", "A2:A3"}


def test_what_a_workbook_can_t_hold(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="the extra tables is not installed")
    Table([cell(0, 0, "a\x07b")]).to_excel(tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["A1"].value == "a\ufffdb"
    with pytest.raises(InvalidInputError, match=r"40,000 characters; Excel takes 32,767"):
        Table([cell(0, 0, "x" * 40_000)]).to_excel(tmp_path / "b.xlsx")
    assert not (tmp_path / "b.xlsx").exists()


def two_pages(second):
    rules = lattice([50, 200, 300], [600, 620, 640, 660])
    first = [column(50, 100, "body", 30)]
    for n, (name, count) in enumerate([("City", "Visits"), ("Oslo", "88"), ("Bodø", "7")]):
        first += [put(name, 54, 604 + 20 * n), put(count, 204, 604 + 20 * n)]
    words = []
    for n, (name, count) in enumerate(second):
        words += [put(name, 54, 64 + 20 * n), put(count, 204, 64 + 20 * n)]
    ys = [60 + 20 * n for n in range(len(second) + 1)]
    after = page(*words, column(50, 400, "rest"), rules=lattice([50, 200, 300], ys), number=1)
    return page(*first, rules=rules), after


@pytest.mark.parametrize("repeated", [True, False])
def test_a_table_goes_on_on_the_next_page(repeated):
    second = [("Moss", "5"), ("Hamar", "6")]
    pages = two_pages([("City", "Visits"), *second] if repeated else second)
    joined = (
        "| City | Visits |\n| --- | --- |\n| Oslo | 88 |\n| Bodø | 7 |\n| Moss | 5 |\n| Hamar | 6 |"
    )
    assert joined in read(*pages, format="markdown")
    layout = LayoutDocument("a.pdf", analyze_pages(pages))
    by_page = LayoutLinearizer(format="markdown").transform(layout)
    assert by_page[1].page_content.startswith(
        "| City | Visits |\n| --- | --- |\n| Moss | 5 |\n| Hamar | 6 |\n\nrest line 0"
    )


def test_tables_of_other_columns_stay_two():
    first, second = two_pages([("Moss", "5"), ("Hamar", "6")])
    for word in second.words:
        word.box = word.box.__class__(
            word.box.x0 + 0.1, word.box.y0, word.box.x1 + 0.1, word.box.y1
        )
    second.drawn.rules = lattice([110, 260, 360], [60, 80, 100])
    assert "| Moss | 5 |\n| --- | --- |" in read(first, second, format="markdown")


def test_the_form_of_tables_is_an_option_of_its_own():
    rules = lattice([50, 200, 300], [600, 620, 640])
    words = [put("a<b", 54, 604), put("c", 204, 604), put("d", 54, 624), put("e", 204, 624)]
    made = page(*words, rules=rules)
    html = read(made, format="markdown", table_linearization_format="html")
    assert html == (
        "<table>\n<tr><th>a&lt;b</th><th>c</th></tr>\n<tr><td>d</td><td>e</td></tr>\n</table>"
    )
    assert read(made, table_linearization_format="markdown").startswith("| a\\<b | c |")
    assert read(made, format="markdown", table_linearization_format="plaintext") == "a<b\tc\nd\te"


def test_merged_cells_may_be_filled():
    layout = LayoutDocument("a.pdf", analyze_pages([]))
    from ragkit.layout.model import Element, ElementKind, Page

    layout.pages = [Page(0, elements=[Element(ElementKind.TABLE, table=TABLE)])]
    options = {"format": "markdown", "table_duplicate_text_in_merged_cells": True}
    assert LayoutLinearizer(**options).to_text(layout) == TABLE.to_markdown(fill_merged=True)
    assert LayoutLinearizer(format="markdown").to_text(layout) == TABLE.to_markdown()
