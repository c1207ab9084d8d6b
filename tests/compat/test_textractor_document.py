"""What Textractor's names give of a response."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest

from ragkit import compat
from ragkit.compat import Document, SelectionStatus, SimilarityMetric, TextTypes
from ragkit.errors import CorruptFileError, InvalidInputError, MissingFileError


@pytest.fixture
def paper(form):
    return Document.open(form)


@pytest.fixture
def document(report):
    return Document.open(report)


def test_a_response_is_opened_from_wherever_it_is(report, tmp_path, document):
    data = json.dumps(report).encode()
    (tmp_path / "a.json").write_bytes(data)
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(data))
    files = [tmp_path / "a.json", str(tmp_path / "a.json.gz"), io.BytesIO(data),
             io.StringIO(data.decode())]  # fmt: skip
    for file in files:
        assert Document.open(file).get_text() == document.get_text()
    assert document.response is report


def test_what_can_t_be_opened(tmp_path):
    with pytest.raises(MissingFileError, match="nothing"):
        Document.open(tmp_path / "nothing.json")
    (tmp_path / "cut.json").write_text('{"Blocks": [', encoding="utf-8")
    with pytest.raises(CorruptFileError, match=r"cut\.json' is no JSON"):
        Document.open(tmp_path / "cut.json")
    with pytest.raises(InvalidInputError, match="fp is a int"):
        Document.open(3)
    with pytest.raises(CorruptFileError, match="Blocks"):
        Document.open({"ExpenseDocuments": []})


def test_the_elements_of_a_page_by_their_kinds(document):
    first, second = (page.page_layout for page in document.pages)
    counts = [
        len(getattr(first, kind))
        for kind in ("titles", "headers", "footers", "section_headers", "page_numbers", "lists",
                     "figures", "tables", "key_values", "texts")
    ]  # fmt: skip
    assert counts == [1, 1, 0, 6, 1, 0, 1, 2, 0, 8]
    items = [item.text.split()[1] for item in second.lists[0].children]
    assert items == ["replace", "fit", "build", "open"]
    title = first.titles[0]
    assert (title.layout_type, title.reading_order, title.text) == (
        "LAYOUT_TITLE", 2, "Annual report 2023",
    )  # fmt: skip
    assert [word.text for word in title.words] == ["Annual", "report", "2023"]
    assert title.id.startswith("layout-title-")


def test_words_and_lines_are_the_service_s(paper):
    assert [line.text for line in paper.lines] == ["Request form", "Full name:", "Ada Lovelace",
                                                   "Paid"]  # fmt: skip
    line = paper.pages[0].lines[0]
    assert (line.id, line.confidence, line.page, line.page_id) == ("title", 0.99, 1, "page")
    assert (line.bbox.x, line.bbox.y) == (0.1, 0.02)
    assert line.bbox.width == pytest.approx(0.5)
    assert [word.text for word in paper.words][:3] == ["Request", "form", "Full"]
    assert [w.text for w in paper.get_words_by_type(TextTypes.HANDWRITING)] == ["Ada", "Lovelace"]


def test_fields_and_boxes_to_tick(paper):
    (name,), (paid,) = paper.key_values, paper.checkboxes
    assert (repr(name), repr(paid)) == ("Full name: : Ada Lovelace", "[X] Paid")
    assert [word.text for word in name.key] == ["Full", "name:"]
    assert (name.value.text, name.text) == ("Ada Lovelace", "Full name: Ada Lovelace")
    assert (name.confidence, name.is_selected(), name.selection_status) == (0.9, False, None)
    assert (paid.is_selected(), paid.selection_status) == (True, SelectionStatus.SELECTED)
    assert paid.value.children[0].status is SelectionStatus.SELECTED
    assert paper.keys() == ["Full name:", "Paid"]
    assert paper.keys(include_checkboxes=False) == ["Full name:"]
    assert len(paper.filter_checkboxes(not_selected=False)) == 1
    assert len(paper.filter_checkboxes(selected=False)) == 0


def test_answers_and_signatures(paper):
    (query,), (signature,) = paper.queries, paper.signatures
    assert (query.query, query.alias, query.has_result) == ("Who asks?", "WHO", True)
    assert (query.result.answer, query.result.confidence) == ("Ada Lovelace", 0.8)
    assert query.text == "Who asks? Ada Lovelace"
    assert (signature.confidence, signature.text) == (0.7, "[SIGNATURE]")


def test_search_finds_what_is_most_alike(document, paper):
    assert [w.text for w in document.search_words("Harow", top_k=2)] == ["Harrow", "Harrow"]
    assert document.search_words("xyzzy") == []
    (line,) = document.search_lines("water by distrikt")
    assert line.text == "2 Water by district"
    assert paper.get("full nam")[0].value.text == "Ada Lovelace"
    assert paper.get("birthday") == []
    assert paper.pages[0].get("paid")[0].is_selected()
    with pytest.raises(InvalidInputError, match="LEVENSHTEIN"):
        document.search_words("a", similarity_metric=SimilarityMetric.COSINE)
    with pytest.raises(InvalidInputError, match="cutoff is 2"):
        document.search_lines("a", similarity_threshold=2)


def test_fields_become_files(paper, tmp_path):
    paper.export_kv_to_csv(filepath=tmp_path / "a.csv")
    rows = list(csv.reader((tmp_path / "a.csv").read_text("utf-8").splitlines(), delimiter=";"))
    assert rows == [["Key", "Value"], ["Full name:", "Ada Lovelace"], ["Paid", "SELECTED"]]
    paper.pages[0].export_kv_to_csv(filepath=tmp_path / "b.csv", include_kv=False)
    assert (tmp_path / "b.csv").read_bytes() == b"Key,Value\r\nPaid,SELECTED\r\n"
    paper.export_kv_to_txt(filepath=tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").splitlines() == [
        "1. Full name: : Ada Lovelace", "2. Paid : SELECTED",
    ]  # fmt: skip
    with pytest.raises(InvalidInputError, match="sep is '::'"):
        paper.export_kv_to_csv(filepath=tmp_path / "c.csv", sep="::")


def test_fields_become_a_data_frame(paper):
    pytest.importorskip("pandas", reason="the extra tables is not installed")
    assert paper.export_kv_to_pandas().to_dict("list") == {
        "Key": ["Full name"], "Value": ["Ada Lovelace"],
    }  # fmt: skip
    assert list(paper.export_kv_to_pandas(drop_confidence=False)["Confidence"]) == [0.9]
    assert len(paper.export_kv_to_pandas(confidence_threshold=0.95)) == 0


def test_tables(document, tmp_path):
    first = document.tables[0]
    assert (first.row_count, first.column_count, first.page) == (6, 5, 1)
    assert first.to_list()[1][:2] == ["Old Town", "1,204"]
    assert first.to_csv().startswith("District,Households")
    cell = first.table_cells[0]
    assert (cell.row_index, cell.col_index, cell.is_column_header) == (1, 1, True)
    assert cell.text == "District"
    assert first.to_markdown().startswith("| District")
    assert "<th>" in first.to_html()


def test_tables_become_data_frames_and_a_workbook(document, tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="the extra tables is not installed")
    pytest.importorskip("pandas", reason="the extra tables is not installed")
    assert document.tables[0].to_pandas().iloc[0, 0] == "District"
    assert document.tables[0].to_pandas(use_columns=True).columns[0] == "District"
    document.export_tables_to_excel(tmp_path / "a.xlsx")
    assert len(openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames) == 2
    document.tables[0].to_excel(tmp_path / "b.xlsx")
    assert openpyxl.load_workbook(tmp_path / "b.xlsx").active["A1"].value == "District"


def test_text_words_and_markup(document):
    config = compat.TextLinearizationConfig(
        hide_figure_layout=True, title_prefix="# ", section_header_prefix="## "
    )
    text = document.get_text(config=config)
    assert "# Annual report 2023\n\n## Harrow Valley" in text
    same, words = document.get_text_and_words(config)
    assert same == text
    assert [word.text for word in words][:3] == ["Annual", "report", "2023"]
    assert {word.page for word in words} == {1, 2}
    assert document.pages[1].get_text(config) in text
    assert document.to_markdown().count("## ") == 7
    html = document.to_html()
    assert html.startswith("<html><body><div>")
    assert html.count("<div><table>") == 2
    assert document.pages[0].page_layout.titles.to_html() == "<h1>Annual report 2023 </h1>"
    assert document.pages[0].page_layout.section_headers.get_text(config).startswith("## Harrow")
    assert document.page(1) is document.pages[1]
    with pytest.raises(InvalidInputError, match="config is a dict"):
        document.get_text(config={})


@pytest.mark.parametrize("kind", ["titles", "headers", "footers", "section_headers",
    "page_numbers", "lists", "figures", "tables", "key_values", "texts"])  # fmt: skip
def test_every_kind_can_be_drawn(document, kind):
    from ragkit.layout.visualizing import COLORS

    found = getattr(document.pages[0].page_layout, kind)
    picture = found.visualize(with_words=False)
    if not found:
        assert picture == []
        return
    colors = {color for _, color in picture.getcolors(100_000)}
    assert COLORS[found[0].layout_type.removeprefix("LAYOUT_")] in colors


def test_pages_and_documents_are_drawn(document, paper):
    assert len(document.visualize()) == 2
    assert paper.visualize().size == paper.pages[0].visualize(with_words=False).size
    plain = paper.pages[0].page_layout.titles.visualize(with_text=False)
    assert plain.tobytes() != paper.pages[0].page_layout.titles[0].visualize().tobytes()
    sure = paper.lines.visualize(with_confidence=True)
    assert sure.tobytes() != paper.lines.visualize().tobytes()
    assert document.pages[0].image is None
    empty = Document.open({"Blocks": [{"BlockType": "PAGE", "Id": "p"}]})
    assert empty.visualize().getcolors() == [(850 * 1100, (255, 255, 255))]
    with pytest.raises(InvalidInputError, match="font_size_ratio is 0"):
        paper.lines.visualize(font_size_ratio=0)


@pytest.mark.parametrize(
    ("name", "advice"),
    [("to_trp2", "document.response"), ("identity_documents", "analyze_id"),
     ("expense_documents", "analyze_expense"), ("directional_finder", "layout.search"),
     ("return_duplicates", "each word once"), ("independent_words", "texts")],
)  # fmt: skip
def test_names_that_are_not_there_say_what_to_use(document, name, advice):
    for thing in (document, document.pages[0]):
        with pytest.raises(AttributeError, match=f"no '{name}' in ragkit.compat: .*{advice}"):
            getattr(thing, name)
    with pytest.raises(AttributeError, match=r"has no 'wrds'\."):
        _ = document.wrds
    with pytest.raises(AttributeError, match="get_lines_string"):
        document.words.pretty_print()
