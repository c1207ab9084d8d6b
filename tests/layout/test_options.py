"""Each option of the linearizer does what its name says, in ragkit's way and in Textractor's."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from pathlib import Path

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
from ragkit.layout._options import LinearizationOptions
from ragkit.layout.options import OPTION_NAMES, LinearizerOptions
from ragkit.layout.textractor import presets
from ragkit.splitting import LayoutSplitter
from ragkit.types import Box

ROOT = Path(__file__).resolve().parents[2]


def line(text, y=0.1, x=0.1):
    """Words side by side, each 0.05 wide and 0.02 high."""
    words = [
        Word(w, Box(x + 0.06 * i, y, x + 0.06 * i + 0.05, y + 0.02))
        for i, w in enumerate(text.split())
    ]
    return Line(words)


def element(kind, *texts, **options):
    lines = [line(text, 0.1 + 0.03 * number) for number, text in enumerate(texts)]
    return Element(ElementKind[kind], lines, **options)


def tick(selected, x=0.1, y=0.1):
    box = Box(x, y, x + 0.05, y + 0.02)
    return Word("[X]" if selected else "[ ]", box, selected=selected)


def cell(row, column, text, *spans, **options):
    lines = [line(text, 0.1 + 0.05 * row, 0.1 + 0.3 * column)] if text else []
    return Cell(row, column, lines, *spans, **options)


def in_table(*cells, **options):
    return Element(ElementKind.TABLE, table=Table(list(cells), **options))


HEAD = {"is_header": True}
PLAIN = [cell(0, 0, "a"), cell(0, 1, "b"), cell(1, 0, "c"), cell(1, 1, "")]
HEADED = [cell(0, 0, "A", **HEAD), cell(0, 1, "B", **HEAD), cell(1, 0, "c"), cell(1, 1, "d")]
LARGE = [cell(0, 0, "wide", 2, 2), cell(0, 2, "x"), cell(1, 2, "y")]
FORM = [
    KeyValue([line("Name:")], [line("Ann", x=0.4)], id="pair-number-1"),
    KeyValue([line("Age", 0.2)], [line("4", 0.2, 0.4)]),
]
FLOW = [
    element("TITLE", "Title", level=1),
    element("HEADER", "header"),
    element("SECTION_HEADER", "Section", level=2),
    element("TEXT", "one", "two"),
    Element(ElementKind.LIST, children=[element("TEXT", "x"), element("TEXT", "y")]),
    element("FIGURE", "axis"),
    element("FOOTER", "footer"),
    element("PAGE_NUMBER", "7"),
    element("TEXT", "loose", role="entity"),
    Element(ElementKind.KEY_VALUE, key_values=FORM),
    in_table(*PLAIN),
]


def titled():
    title, footer = element("TEXT", "Sums of 2023"), element("TEXT", "in euros")
    table = in_table(*PLAIN)
    table.table.title, table.table.footers = title.lines, footer.lines
    return [title, table, footer]


def document(*elements):
    return LayoutDocument("a.pdf", [Page(0, "1", 100, 100, list(elements))])


SHOWN = {f"hide_{name}_layout": False for name in ("header", "footer", "page_num")}


def own(*elements, **options):
    return LayoutLinearizer(**options).to_text(document(*elements))


def dialect(*elements, **options):
    return LayoutLinearizer.textractor(**options).to_text(document(*elements))


AFFIXES = {
    "title": "Title",
    "header": "header",
    "section_header": "Section",
    "text": "one two",
    "list_layout": "x\ny",
    "list_element": "x",
    "figure_layout": "axis",
    "footer_layout": "footer",
    "page_num": "7",
    "entity_layout": "loose",
    "key_value_layout": "Name: Ann\nAge: 4",
    "key_value": "Name: Ann",
    "key": "Name:",
    "value": "Ann",
    "table_layout": "a\tb\nc\t",
    "table": "a\tb\nc\t",
    "table_row": "a\tb",
    "table_cell": "a",
}
WITHIN = {"table_cell_header": HEADED, "table_title": None, "table_footers": None}


def elements_for(name):
    if name == "table_cell_header":
        return [in_table(*HEADED)], "A"
    if name in WITHIN:
        return titled(), "Sums of 2023" if name == "table_title" else "in euros"
    return FLOW, AFFIXES[name]


@pytest.mark.parametrize("name", [*AFFIXES, *WITHIN])
def test_prefixes_and_suffixes(name):
    elements, text = elements_for(name)
    options = {f"{name}_prefix": "«", f"{name}_suffix": "»"} | SHOWN
    around = f"«{text}»"
    if name == "key":  # its suffix is all that stands between it and its value
        around = "«Name:»Ann"
    written = own(*elements, **options)
    assert around in written
    ends = 2 * ["list_element", "key_value", "key", "value", "table_row", "table_cell"].count(name)
    if not ends and name != "table_cell_header":
        assert written.count("«") == written.count("»") == 1
    unmarked = written.replace("«", "").replace("»", "")
    assert unmarked.split() == own(*elements, **SHOWN, **_key(name)).split()
    in_dialect = dialect(*elements, **options)
    assert re.search(rf"«\s*{re.escape(text.split()[0])}[^«]*»", in_dialect)
    assert "«" not in own(*elements, add_prefixes_and_suffixes_in_text=False, **options)


def _key(name):
    return {"key_suffix": ""} if name == "key" else {}


@pytest.mark.parametrize("name", [*AFFIXES, *WITHIN])
def test_prefixes_and_suffixes_in_html(name):
    elements, text = elements_for(name)
    tags = {f"{name}_prefix": '<i class="q">', "format": "html"} | SHOWN
    written = own(*elements, **tags)
    if name in ("table_title", "table_footers"):
        assert f'<i class="q">{text}' in written
        tags["table_add_title_as_caption"] = tags["table_add_footer_as_paragraph"] = True
        assert f'<i class="q">{text}</i>' in own(*elements, **tags)
        return
    inner = re.search(r'<i class="q">(.*?)</i>', written, re.DOTALL)[1]
    assert re.sub(r"<[^>]*>|\s|:", "", inner) == re.sub(r"\s|:", "", text)
    marks = {f"{name}_prefix": "Q ", f"{name}_suffix": " q"}
    marked = own(*elements, **marks, **SHOWN, **HTML)
    assert re.search(rf"(\n|>|^)Q (<[^<]*>\s*)*{text.split()[0]}", marked)


PAGES = [Page(n, str(n + 1), elements=[element("TEXT", f"p{n}")]) for n in range(2)]
BESIDE = Element(ElementKind.TEXT, [line("left"), line("right", x=0.6), line("left", y=0.2)])
FAR_LINES = [line("a"), line("b", y=0.13), line("c", y=0.3), line("d", 0.33, 0.4)]
FAR = Element(ElementKind.TEXT, FAR_LINES)
HEAD_OF_TWO = [
    cell(0, 0, "City", 2, **HEAD),
    cell(0, 1, "Sum", 1, 2, **HEAD),
    cell(1, 1, "2022", **HEAD),
    cell(1, 2, "2023", **HEAD),
    cell(2, 0, "Oslo"),
    cell(2, 1, "5"),
    cell(2, 2, "7"),
]
MIXED = Element(
    ElementKind.TEXT,
    children=[
        element("TEXT", "before", "it"),
        Element(ElementKind.KEY_VALUE, key_values=FORM),
        element("TEXT", "after"),
    ],
)
ITEM = Element(ElementKind.LIST, children=[element("TEXT", "x", "y")])
YES = Line([tick(True), *line("yes", x=0.2).words, tick(False, 0.3)])
TICKED = Element(ElementKind.TEXT, [YES])
SIGNED = Element(ElementKind.TEXT, [Line([Word("[SIGNATURE]", signature=True)])])
MD, HTML = {"format": "markdown"}, {"format": "html"}
RULE = "| --- | --- |"
ROWS = "<tr><td>a</td><td>b</td></tr>\n<tr><td>c</td><td></td></tr>"
FOOT = '<tfoot>\n<tr><td colspan="2"><p>in euros</p></td></tr>\n</tfoot>'

CASES = {
    # option: (what is written, options, text), and so on
    "format": [
        ([FLOW[0]], {}, "Title"),
        ([FLOW[0]], MD, "# Title"),
        ([FLOW[0]], HTML, "<h1>Title</h1>"),
    ],
    "reading_order": [([BESIDE], {"reading_order": "raster"}, "left right\nleft")],
    "hide_header_layout": [([FLOW[1]], {}, ""), ([FLOW[1]], SHOWN, "header")],
    "hide_footer_layout": [([FLOW[6]], {}, ""), ([FLOW[6]], SHOWN, "footer")],
    "hide_page_num_layout": [([FLOW[7]], {}, ""), ([FLOW[7]], SHOWN, "7")],
    "hide_figure_layout": [(FLOW[4:6], {"hide_figure_layout": True}, "x\ny")],
    "hide_table_layout": [([*FLOW[-1:], FLOW[2]], {"hide_table_layout": True}, "Section")],
    "hide_key_value_layout": [
        ([FLOW[9], FLOW[2]], {"hide_key_value_layout": True}, "Section"),
        ([MIXED], {"hide_key_value_layout": True}, "before it after"),
        (
            [FLOW[2], Element(ElementKind.TEXT, children=[FLOW[9]]), FLOW[4]],
            {"hide_key_value_layout": True},
            "Section\n\nx\ny",
        ),
        (
            [Element(ElementKind.LIST, children=[MIXED, FLOW[9]])],
            {"hide_key_value_layout": True} | MD,
            "- before it after",
        ),
    ],
    "list_element_separator": [([FLOW[4]], {"list_element_separator": "; "}, "x; y")],
    "key_suffix": [
        ([FLOW[9]], {"key_suffix": " = "}, "Name: = Ann\nAge = 4"),
        ([FLOW[9]], {"key_suffix": " = "} | MD, "Name: = Ann  \nAge = 4"),
    ],
    "table_linearization_format": [
        ([FLOW[-1]], {"table_linearization_format": "markdown"}, f"| a | b |\n{RULE}\n| c |  |"),
        (
            [FLOW[-1]],
            {"table_linearization_format": "html"},
            "<table>\n<tr><td>a</td><td>b</td></tr>\n<tr><td>c</td><td></td></tr>\n</table>",
        ),
        ([FLOW[-1]], {"table_linearization_format": "plaintext"} | MD, "a\tb\nc\t"),
    ],
    "table_tabulate_format": [
        (
            [in_table(*HEADED)],
            {"table_tabulate_format": "grid"},
            "+-----+-----+\n| A   | B   |\n+=====+=====+\n| c   | d   |\n+-----+-----+",
        ),
        (
            [in_table(*PLAIN)],
            {"table_tabulate_format": "orgtbl"},
            "| a | b |\n| c |   |",
        ),
        (
            [in_table(*PLAIN)],
            {"table_tabulate_format": "github"} | MD,
            "| a   | b   |\n|-----|-----|\n| c   |     |",
        ),
        ([in_table(*PLAIN)], {"table_tabulate_format": "grid"} | HTML, own(FLOW[-1], **HTML)),
    ],
    "table_tabulate_remove_extra_hyphens": [
        (
            [in_table(*PLAIN)],
            {"table_tabulate_remove_extra_hyphens": True} | MD,
            "| a | b |\n| - | - |\n| c |  |",
        ),
        (
            [in_table(*PLAIN)],
            {"table_tabulate_remove_extra_hyphens": True, "table_tabulate_format": "github"},
            "| a   | b   |\n|-|-|\n| c   |     |",
        ),
    ],
    "table_remove_column_headers": [
        (
            [in_table(*PLAIN)],
            {"table_remove_column_headers": True} | MD,
            f"|  |  |\n{RULE}\n| a | b |\n| c |  |",
        ),
        (
            [in_table(*HEADED)],
            {"table_remove_column_headers": True} | MD,
            f"| A | B |\n{RULE}\n| c | d |",
        ),
    ],
    "table_column_header_threshold": [
        (
            [in_table(*PLAIN)],
            {"table_column_header_threshold": 0.9} | MD,
            f"| 0 | 1 |\n{RULE}\n| a | b |\n| c |  |",
        ),
        (
            [in_table(cell(0, 0, "A", **HEAD), cell(0, 1, "B"), cell(1, 0, "c"))],
            {"table_column_header_threshold": 0.5} | MD,
            f"| A | B |\n{RULE}\n| c |  |",
        ),
        (
            [in_table(*HEADED)],
            {"table_column_header_threshold": 0.9} | MD,
            f"| A | B |\n{RULE}\n| c | d |",
        ),
    ],
    "table_flatten_headers": [
        (
            [in_table(*HEAD_OF_TWO)],
            {"table_flatten_headers": True},
            "City\tSum 2022\tSum 2023\nOslo\t5\t7",
        ),
        (
            [in_table(*HEAD_OF_TWO)],
            {"table_flatten_headers": True} | MD,
            "| City | Sum 2022 | Sum 2023 |\n| --- | --- | --- |\n| Oslo | 5 | 7 |",
        ),
    ],
    "table_flatten_semi_structured_as_plaintext": [
        (
            [in_table(*PLAIN, kind="semi-structured")],
            {"table_flatten_semi_structured_as_plaintext": True} | MD,
            "a b  \nc",
        ),
        (
            [in_table(*PLAIN, kind="structured")],
            {"table_flatten_semi_structured_as_plaintext": True},
            "a\tb\nc\t",
        ),
    ],
    "table_duplicate_text_in_merged_cells": [
        (
            [in_table(*LARGE)],
            {"table_duplicate_text_in_merged_cells": True},
            "wide\twide\tx\nwide\twide\ty",
        )
    ],
    "table_min_table_words": [
        ([in_table(*PLAIN)], {"table_min_table_words": 4}, "a b\nc"),
        ([in_table(*PLAIN)], {"table_min_table_words": 3}, "a\tb\nc\t"),
        ([in_table(*PLAIN)], {"table_min_table_words": 4} | HTML, "<p>a b<br>\nc</p>"),
    ],
    "table_row_separator": [([FLOW[-1]], {"table_row_separator": " / "}, "a\tb / c\t")],
    "table_column_separator": [([FLOW[-1]], {"table_column_separator": "; "}, "a; b\nc; ")],
    "table_cell_empty_cell_placeholder": [
        ([FLOW[-1]], {"table_cell_empty_cell_placeholder": "-"}, "a\tb\nc\t-"),
        (
            [FLOW[-1]],
            {"table_cell_empty_cell_placeholder": "-"} | MD,
            f"| a | b |\n{RULE}\n| c | - |",
        ),
    ],
    "table_cell_merge_cell_placeholder": [
        ([in_table(*LARGE)], {"table_cell_merge_cell_placeholder": "^"}, "wide\t^\tx\n^\t^\ty")
    ],
    "table_cell_left_merge_cell_placeholder": [
        ([in_table(*LARGE)], {"table_cell_left_merge_cell_placeholder": "<"}, "wide\t<\tx\n\t\ty")
    ],
    "table_cell_top_merge_cell_placeholder": [
        ([in_table(*LARGE)], {"table_cell_top_merge_cell_placeholder": "^"}, "wide\t\tx\n^\t\ty")
    ],
    "table_cell_cross_merge_cell_placeholder": [
        ([in_table(*LARGE)], {"table_cell_cross_merge_cell_placeholder": "+"}, "wide\t\tx\n\t+\ty")
    ],
    "table_add_title_as_caption": [
        (
            titled(),
            {"table_add_title_as_caption": True} | HTML,
            f"<table>\n<caption>Sums of 2023</caption>\n{ROWS}\n</table>\n\n<p>in euros</p>",
        ),
        (titled(), {"table_add_title_as_caption": True}, "Sums of 2023\n\na\tb\nc\t\n\nin euros"),
        (
            titled(),
            {"table_add_title_as_caption": True, "hide_table_layout": True} | HTML,
            "<p>Sums of 2023</p>\n\n<p>in euros</p>",
        ),
    ],
    "table_add_footer_as_paragraph": [
        (
            titled(),
            {"table_add_footer_as_paragraph": True} | HTML,
            f"<p>Sums of 2023</p>\n\n<table>\n{ROWS}\n{FOOT}\n</table>",
        )
    ],
    "selection_element_selected": [([TICKED], {"selection_element_selected": "☑"}, "☑ yes [ ]")],
    "selection_element_not_selected": [
        ([TICKED], {"selection_element_not_selected": ""}, "[X] yes")
    ],
    "signature_token": [([SIGNED], {"signature_token": "(signed)"}, "(signed)")],
    "same_paragraph_separator": [([FLOW[3]], {"same_paragraph_separator": "\n"}, "one\ntwo")],
    "same_layout_element_separator": [
        ([FLOW[9]], {"same_layout_element_separator": "; "}, "Name: Ann; Age: 4"),
        ([MIXED], {}, "before it\nName: Ann\nAge: 4\nafter"),
        ([MIXED], MD, "before it  \nName: Ann  \nAge: 4  \nafter"),
        (
            [MIXED],
            {"same_layout_element_separator": " - "},
            "before it - Name: Ann - Age: 4 - after",
        ),
    ],
    "layout_element_separator": [
        (FLOW[2:5], {"layout_element_separator": ""}, "Sectionone twox\ny"),
        (FLOW[2:5], {"layout_element_separator": "\n--\n"}, "Section\n--\none two\n--\nx\ny"),
    ],
    "mend_broken_words": [
        ([element("TEXT", "exam-", "ple")], {}, "example"),
        ([element("TEXT", "exam-", "ple")], {"mend_broken_words": False}, "exam- ple"),
    ],
    "remove_new_lines_in_leaf_elements": [
        ([ITEM, element("TITLE", "a", "b")], {"same_paragraph_separator": "\n"}, "x y\n\na b"),
        (
            [ITEM, element("TITLE", "a", "b")],
            {"same_paragraph_separator": "\n", "remove_new_lines_in_leaf_elements": False},
            "x\ny\n\na\nb",
        ),
    ],
    "max_number_of_consecutive_new_lines": [
        (FLOW[2:5], {"max_number_of_consecutive_new_lines": 1}, "Section\none two\nx\ny"),
        (FLOW[2:5], {"max_number_of_consecutive_new_lines": 0}, "Section one two x y"),
    ],
    "max_number_of_consecutive_spaces": [
        (
            [FLOW[3]],
            {"same_paragraph_separator": 5 * " ", "max_number_of_consecutive_spaces": 2},
            "one  two",
        ),
        (
            [Element(ElementKind.LIST, children=[element("TEXT", "deep", level=3)])],
            {"max_number_of_consecutive_spaces": 1} | MD,
            "    - deep",
        ),
    ],
    "heuristic_h_tolerance": [([FAR], {"heuristic_h_tolerance": 0.3}, "a b c\nd")],
    "heuristic_line_break_threshold": [
        ([FAR], {"heuristic_line_break_threshold": 0.9}, "a b\nc d"),
        ([FAR], {"heuristic_line_break_threshold": 0.9} | HTML, "<p>a b<br>\nc d</p>"),
    ],
    "heuristic_overlap_ratio": [
        ([Element(ElementKind.TEXT, [line("low", y=0.2), line("high")])], {}, "low high"),
        (
            [Element(ElementKind.TEXT, [line("low", y=0.2), line("high")])],
            {"heuristic_overlap_ratio": 0.5},
            "high low",
        ),
    ],
}
ELSEWHERE = {
    "page_separator": "test_page_separator",
    "add_prefixes_and_suffixes_in_text": "test_prefixes_and_suffixes",
    "add_prefixes_and_suffixes_as_words": "test_prefixes_and_suffixes_as_words",
    "add_ids_to_html_tags": "test_ids",
    "add_short_ids_to_html_tags": "test_ids",
}
FOR_AFFIXES = {f"{name}_{end}" for name in [*AFFIXES, *WITHIN] for end in ("prefix", "suffix")}


@pytest.mark.parametrize(
    ("elements", "options", "text"),
    [case for cases in CASES.values() for case in cases],
    ids=[f"{name}-{number}" for name, cases in CASES.items() for number in range(len(cases))],
)
def test_options(elements, options, text):
    assert own(*elements, **options) == text


IN_DIALECT = {
    "hide_key_value_layout": ([FLOW[9], FLOW[2]], "Section"),
    "table_flatten_headers": ([in_table(*HEAD_OF_TWO)], "City\tSum 2022\tSum 2023\nOslo\t5\t7"),
    "table_min_table_words": ([in_table(*PLAIN)], "a\nb\nc"),
    "table_cell_merge_cell_placeholder": ([in_table(*LARGE)], "wide\t^\tx\n^\t^\ty"),
    "table_cell_cross_merge_cell_placeholder": ([in_table(*LARGE)], "wide\t\tx\n\t+\ty"),
    "selection_element_selected": ([TICKED], "☑ yes [ ]"),
    "signature_token": ([SIGNED], "(signed)"),
    "max_number_of_consecutive_new_lines": (FLOW[2:5], "Section\none two\nx\ny"),
    "list_element_separator": ([FLOW[4]], "x; y"),
    "key_suffix": ([FLOW[9]], "Name: = Ann\nAge = 4"),
}


@pytest.mark.parametrize("name", IN_DIALECT)
def test_options_of_the_textractor_presets(name):
    elements, text = IN_DIALECT[name]
    value = CASES[name][0][1][name]
    assert dialect(*elements, **{name: value}).strip() == text


def test_page_separator():
    layout = LayoutDocument("a.pdf", PAGES)
    assert LayoutLinearizer().to_text(layout) == "p0\n\np1"
    assert LayoutLinearizer(page_separator="\n---\n").to_text(layout) == "p0\n---\np1"
    assert LayoutLinearizer.textractor(page_separator="\f").to_text(layout) == "p0\fp1"


@pytest.mark.parametrize("make", [LayoutLinearizer, LayoutLinearizer.textractor])
def test_prefixes_and_suffixes_as_words(make):
    options = {"title_prefix": "[T", "title_suffix": "]"}
    layout = document(FLOW[0], FLOW[3])
    text, words = make(**options).to_text_and_words(layout)
    assert text.split()[0].startswith("[TTitle")
    assert [w.text for w in words] == ["Title", "one", "two"]
    options["add_prefixes_and_suffixes_as_words"] = True
    _, words = make(**options).to_text_and_words(layout)
    assert [w.text for w in words] == ["[T", "Title", "]", "one", "two"]
    options["add_prefixes_and_suffixes_in_text"] = False
    text, words = make(**options).to_text_and_words(layout)
    assert text.split() == ["Title", "one", "two"]
    assert [w.text for w in words] == ["[T", "Title", "]", "one", "two"]


def test_ids():
    key = "0123456789-abcdef"
    elements = [
        element("TITLE", "Title", id=key),
        element("TEXT", "text", id='"<'),
        Element(ElementKind.KEY_VALUE, key_values=FORM[:1]),
        in_table(*PLAIN, id=key),
    ]
    html = own(*elements, **HTML, add_ids_to_html_tags=True)
    assert html.startswith(f'<h1 id="{key}">Title</h1>\n\n<p id="&quot;&lt;">text</p>')
    assert '<div id="pair-number-1"><dt>' in html
    assert f'<table id="{key}">' in html
    short = own(*elements, **HTML, add_short_ids_to_html_tags=True)
    assert short.startswith('<h1 id="01234567">Title</h1>')
    assert "id=" not in own(*elements, **HTML)
    assert own(*elements, add_ids_to_html_tags=True) == own(*elements)
    preset = LayoutLinearizer.textractor_html(add_ids_to_html_tags=True)
    assert f'<h1 id="{key}">' in preset.to_text(document(*elements))
    with pytest.raises(InvalidInputError, match="give one"):
        LayoutLinearizer(add_ids_to_html_tags=True, add_short_ids_to_html_tags=True)


def test_every_option_is_tested():
    assert set(OPTION_NAMES) == {*CASES, *ELSEWHERE, *FOR_AFFIXES}
    assert all(name in globals() for name in ELSEWHERE.values())


def test_every_option_is_documented_once():
    wanted = {field.name: str(field.type) for field in fields(LinearizationOptions)}
    del wanted["dialect"]
    hints = {
        n: getattr(h, "__forward_arg__", h) for n, h in LinearizerOptions.__annotations__.items()
    }
    assert hints == wanted
    attributes = inspect.getdoc(LinearizerOptions).partition("Attributes:")[2]
    entries = dict(
        re.findall(r"^    (\w+): ((?:.+\n?(?:        .*\n?)*))", attributes, re.MULTILINE)
    )
    assert list(entries) == list(OPTION_NAMES)
    plain = LinearizationOptions()
    for name, text in entries.items():
        said = re.search(r"Default (.+?)(?:[.:](?:\s|$))", " ".join(text.split()) + " ")
        value = said[1].strip("`")
        default = getattr(plain, name)
        shown = f'"{default}"'.replace("\n", "\\n").replace("\t", "\\t")
        assert value == (shown if isinstance(default, str) else str(default)), name


def test_the_docs_list_every_option_with_its_defaults():
    text = (ROOT / "docs/how-to/linearize.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `(\w+)` \| (.*?) \| (.*?)\s?\| (.*?)\s?\| (.*?)\s?\|$", text, re.MULTILINE
    )
    assert [row[0] for row in rows] == list(OPTION_NAMES)
    made = [{}, presets.TEXT, presets.MARKDOWN, presets.HTML]
    wanted = [LinearizationOptions(**options) for options in made]
    for name, own, *others in rows:
        dialect = others[0] or own
        said = [own, dialect, *(other or dialect for other in others[1:])]
        values = [ast.literal_eval(one.strip("`")) for one in said]
        assert values == [getattr(one, name) for one in wanted], name


def test_the_dialect_is_no_option():
    with pytest.raises(UnknownOptionError, match="dialect"):
        LayoutLinearizer(dialect="textractor")
    for name in ("textractor", "textractor_markdown", "textractor_html"):
        with pytest.raises(
            UnknownOptionError, match=rf"LayoutLinearizer\.{name}\(\).*title_prefix"
        ):
            getattr(LayoutLinearizer, name)(title_prefx="# ")
        with pytest.raises(UnknownOptionError, match="dialect"):
            getattr(LayoutLinearizer, name)(dialect="ragkit")
    assert set(presets.HTML) - {"dialect"} <= set(OPTION_NAMES)


def test_repr_of_presets():
    made = LayoutLinearizer.textractor_html(title_prefix="# ", text_prefix="<p>")
    assert repr(made) == "LayoutLinearizer.textractor_html(title_prefix='# ')"
    assert repr(LayoutLinearizer.textractor()) == "LayoutLinearizer.textractor()"
    again = eval(repr(made))  # as it is written in an index's manifest
    assert again.to_text(document(*FLOW)) == made.to_text(document(*FLOW))


def test_a_splitter_takes_textractors_text():
    rows = [cell(row, column, f"r{row}c{column}") for row in range(40) for column in range(3)]
    layout = document(*FLOW, in_table(*rows))
    for make in (LayoutLinearizer.textractor_markdown, LayoutLinearizer.textractor_html):
        chunks = LayoutSplitter(chunk_size=200, linearizer=make()).split_documents([layout])
        assert all(len(chunk.page_content) <= 200 for chunk in chunks)
        joined = " ".join(chunk.page_content for chunk in chunks)
        assert sorted(re.findall(r"r\d+c\d", joined)) == sorted(one.text for one in rows)
        assert chunks[-1].metadata["section"] == "Title > Section"


def test_task_boxes_at_the_head_of_items_in_markdown():
    item = Element(ElementKind.TEXT, [Line([tick(True), *line("tea", x=0.2).words])])
    other = Element(ElementKind.TEXT, [Line([tick(False), *line("milk", x=0.2).words])])
    boxes = Element(ElementKind.LIST, children=[item, other])
    assert own(boxes, **MD) == "- [x] tea\n- [ ] milk"
    assert own(boxes, **MD, selection_element_selected="☑") == "- [x] tea\n- [ ] milk"
    assert own(boxes, selection_element_selected="☑") == "☑ tea\n[ ] milk"


def test_markers_that_a_loader_does_not_name():
    items = Element(
        ElementKind.LIST, children=[element("TEXT", "• one"), element("TEXT", "2. two")]
    )
    assert own(items) == "• one\n2. two"
    assert own(items, **MD) == "- one\n2. two"


def test_fields_in_cells():
    pair = KeyValue([line("Sex:")], [Line([tick(True, 0.2)])])
    table = in_table(Cell(0, 0, [*pair.key, *pair.value], key_values=[pair]), cell(0, 1, "b"))
    assert own(table) == "Sex: [X]\tb"
    assert own(table, key_prefix="<", value_suffix=">", key_suffix="=") == "<Sex:=[X]>\tb"


def test_limits_leave_no_empty_part():
    empty = in_table(cell(0, 0, ""))
    layout = document(FLOW[3], empty, FLOW[2])
    _, parts = LayoutLinearizer.textractor().transform_with_parts(layout, 100)
    assert [part.kind for part in parts] == [ElementKind.TEXT, ElementKind.SECTION_HEADER]
    assert all(part.start < part.end for part in parts)
