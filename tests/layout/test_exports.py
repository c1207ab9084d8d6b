"""Tables and fields of a whole document: as sequences, as files, and found by name."""

from __future__ import annotations

import csv
import json

import pytest

from ragkit import PDFLoader
from ragkit.errors import InvalidInputError, UnknownOptionError
from ragkit.layout.model import (
    Cell,
    Element,
    ElementKind,
    KeyValue,
    LayoutDocument,
    Line,
    Page,
    Query,
    Signature,
    Table,
    Word,
)


def line(text):
    return Line([Word(word) for word in text.split()])


def field(key, value, **options):
    return KeyValue([line(key)], [line(value)], **options)


def table(text):
    return Table([Cell(0, 0, [line(text)], is_header=True), Cell(1, 0, [line("=1+1")])])


NAME, FIRST, PAID, DATE = (
    field("Name:", "Ada"),
    field("First name", "=A1", confidence=0.5),
    KeyValue([line("Paid")], [Line([Word("[X]", selected=True)])]),
    field("Date of birth", "1815"),
)


@pytest.fixture
def layout():
    """Two pages; tables and fields also in containers, and in cells."""
    celled = table("B")
    celled.cells[0].key_values = [PAID]
    inner = Element(ElementKind.TEXT, children=[Element(ElementKind.TABLE, table=celled)])
    first = [
        Element(ElementKind.TITLE, [line("Form & rules")], level=1),
        Element(ElementKind.TABLE, table=table("A")),
        Element(ElementKind.FIGURE, children=[inner]),
        Element(ElementKind.KEY_VALUE, key_values=[NAME, FIRST]),
    ]
    second = [
        Element(ElementKind.TEXT, [line("Rules")]),
        Element(ElementKind.TABLE, table=table("C")),
        Element(ElementKind.TEXT, children=[Element(ElementKind.KEY_VALUE, key_values=[DATE])]),
        Element(ElementKind.FOOTER, [line("Foot")]),
    ]
    return LayoutDocument("a.pdf", [Page(0, "i", elements=first), Page(1, "1", elements=second)])


def test_tables_are_found_wherever_they_are(layout):
    tables = layout.tables
    assert [one.cells[0].text for one in tables] == ["A", "B", "C"]
    assert repr(tables) == "Tables(2 × 1, 2 × 1, 2 × 1)"
    assert [one.cells[0].text for one in tables[1:]] == ["B", "C"]
    assert [one.cells[0].text for one in tables.on(layout.pages[1])] == ["C"]
    assert layout.pages[1].tables[0] is tables[2]
    assert [one.table for one in layout.select("TABLE")] == list(tables)
    assert tables._repr_html_().count("<table>") == 3


def test_each_table_is_a_csv_file(layout, tmp_path):
    files = layout.tables.to_csv(tmp_path / "new" / "folder")
    names = ["table-001-page-1.csv", "table-002-page-1.csv", "table-003-page-2.csv"]
    assert [file.name for file in files] == names
    assert files[2].read_bytes() == b"C\r\n'=1+1\r\n"
    assert layout.tables.to_csv(tmp_path, guard_formulas=False)[0].read_bytes() == b"A\r\n=1+1\r\n"
    with pytest.raises(InvalidInputError, match=r"table-001-page-1\.csv' is a file; .* a folder"):
        layout.tables.to_csv(tmp_path / names[0])
    assert LayoutDocument("x").tables.to_csv(tmp_path / "none") == []


def test_each_table_is_a_sheet(layout, tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="the extra tables is not installed")
    layout.tables.to_excel(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["Table 1, page 1", "Table 2, page 1", "Table 3, page 2"]
    assert [sheet["A1"].value for sheet in book] == ["A", "B", "C"]
    assert book.worksheets[0]["A2"].data_type == "s"
    LayoutDocument("x").tables.to_excel(tmp_path / "empty.xlsx")
    assert openpyxl.load_workbook(tmp_path / "empty.xlsx").active.max_row == 1


def test_each_table_is_a_data_frame(layout):
    pytest.importorskip("pandas", reason="the extra tables is not installed")
    assert [list(frame.columns) for frame in layout.tables.to_pandas()] == [["A"], ["B"], ["C"]]


def test_fields_are_found_wherever_they_are(layout):
    fields = layout.key_values
    assert list(fields) == [PAID, NAME, FIRST, DATE]
    assert [pair.name for pair in fields[1:]] == ["Name:", "First name", "Date of birth"]
    assert repr(fields.on(layout.pages[1])) == "KeyValues('Date of birth')"
    assert list(layout.pages[1].key_values) == [DATE]
    assert (NAME.name, NAME.text) == ("Name:", "Ada")


def test_what_a_service_found_goes_before_what_elements_hold(layout):
    layout.pages[0].fields = [NAME]
    assert list(layout.key_values) == [NAME, DATE]


def test_fields_as_csv_and_json(layout, tmp_path):
    text = layout.key_values.to_csv(tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_bytes().decode() == text
    assert list(csv.reader(text.splitlines())) == [
        ["key", "value", "selected", "confidence", "page", "page_label"],
        ["Paid", "[X]", "True", "1.0", "0", "i"],
        ["Name:", "Ada", "", "1.0", "0", "i"],
        ["First name", "'=A1", "", "0.5", "0", "i"],
        ["Date of birth", "1815", "", "1.0", "1", "1"],
    ]
    text = layout.key_values.to_json(tmp_path / "f.json")
    assert json.loads((tmp_path / "f.json").read_bytes()) == json.loads(text)
    assert json.loads(text)[:2] == [
        {"key": "Paid", "value": "[X]", "selected": True, "confidence": 1.0, "page": 0,
         "page_label": "i"},
        {"key": "Name:", "value": "Ada", "selected": None, "confidence": 1.0, "page": 0,
         "page_label": "i"},
    ]  # fmt: skip
    assert ",=A1," in layout.key_values.to_csv(guard_formulas=False)


def test_fields_as_a_data_frame(layout):
    pytest.importorskip("pandas", reason="the extra tables is not installed")
    frame = layout.key_values.to_pandas()
    assert frame["value"].tolist() == ["[X]", "Ada", "=A1", "1815"]
    assert list(LayoutDocument("x").key_values.to_pandas().columns) == list(frame.columns)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [("name", NAME), ("NAME", NAME), ("frist name", FIRST), ("birth date", DATE), ("date", DATE),
     ("paid?", PAID), ("update", None), ("account number", None), ("of the", None)],
)  # fmt: skip
def test_a_field_by_its_name(layout, asked, wanted):
    assert layout.key_values.get(asked) is wanted


def test_the_best_names_come_first(layout):
    found = layout.key_values.find("name")
    assert [(match.field, match.page) for match in found] == [(NAME, 0), (FIRST, 0)]
    assert found[0].score == 1 > found[1].score > 0.8
    assert layout.key_values.find("name", limit=1) == found[:1]
    assert layout.key_values.find("name", cutoff=1) == found[:1]


def test_names_and_cutoffs_that_can_t_work(layout):
    with pytest.raises(InvalidInputError, match="name is ' '"):
        layout.key_values.get(" ")
    with pytest.raises(InvalidInputError, match=r"cutoff is 75; .* from 0 to 1"):
        layout.key_values.get("name", cutoff=75)
    with pytest.raises(InvalidInputError, match="limit is 0"):
        layout.key_values.find("name", limit=0)
    assert layout.key_values.get("%") is None
    assert field("%", "3").name == "%"


def test_what_a_service_was_asked_and_signatures(layout):
    query, signature = Query("Who?"), Signature()
    layout.pages[1].queries, layout.pages[0].signatures = [query], [signature]
    assert (layout.queries, layout.signatures) == ([query], [signature])


def test_words_and_lines_in_reading_order(layout):
    assert [one.text for one in layout.lines][:3] == ["Form & rules", "A", "=1+1"]
    assert [one.text for one in layout.pages[1].words][-2:] == ["1815", "Foot"]
    raw = LayoutDocument(
        "a.txt", [Page(0, elements=[Element(ElementKind.TEXT, [Line(raw="a b")])])]
    )
    assert [one.text for one in raw.words] == ["a", "b"]


def test_the_whole_document_as_text(layout):
    assert layout.to_text().startswith("Form & rules\n\nA\n=1+1")
    assert layout.to_markdown().startswith("# Form & rules\n\n| A |")
    assert "Foot" not in layout.to_text()
    assert "Foot" in layout.to_text(hide_footer_layout=False)
    assert "<td>=1+1</td>" in layout.to_html()
    with pytest.raises(UnknownOptionError, match="hide_footer"):
        layout.to_text(hide_footer=False)
    with pytest.raises(InvalidInputError, match=r"format is 'text'.*'markdown' is asked for"):
        layout.to_markdown(format="text")


def test_a_pdf_has_all_of_it(sample_data, tmp_path):
    (form,) = PDFLoader(sample_data / "form.pdf").load()
    assert len(form.key_values) > 1
    first = form.key_values[0]
    assert form.key_values.get(first.name) is first
    (report,) = PDFLoader(sample_data / "report.pdf").load()
    assert report.tables.to_csv(tmp_path)[0].read_text(encoding="utf-8")
    assert report.to_markdown().startswith("# ")
