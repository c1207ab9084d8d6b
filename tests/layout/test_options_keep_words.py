"""Whatever the options: each word is written once, with its place, and is in a part."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

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
from ragkit.splitting import LayoutSplitter
from ragkit.types import Box

KINDS = [kind for kind in ElementKind if kind is not ElementKind.LIST]
AFFIXES = st.sampled_from(["", "{", "<b>", " * ", "\n\n\n"])
SEPARATORS = st.sampled_from([" ", "\n", "\n\n", " | ", "\n\n\n\n"])
TOKENS = st.sampled_from(["", "-", "^"])
NUMBERS = st.sampled_from([None, 0, 0.2, 0.9])
OTHERS = {
    "format": st.sampled_from(["text", "markdown", "html"]),
    "table_linearization_format": st.sampled_from([None, "plaintext", "markdown", "html"]),
    "table_tabulate_format": st.sampled_from([None, "github", "grid", "plain", "pipe"]),
    "table_column_header_threshold": NUMBERS,
    "heuristic_h_tolerance": NUMBERS,
    "heuristic_line_break_threshold": NUMBERS,
    "heuristic_overlap_ratio": NUMBERS,
    "table_min_table_words": st.sampled_from([0, 2, 5]),
    "max_number_of_consecutive_new_lines": st.sampled_from([None, 0, 1, 2]),
    "max_number_of_consecutive_spaces": st.sampled_from([None, 0, 1, 2]),
}
FLAGS = [
    "table_tabulate_remove_extra_hyphens",
    "table_remove_column_headers",
    "table_flatten_semi_structured_as_plaintext",
    "table_add_title_as_caption",
    "table_add_footer_as_paragraph",
    "mend_broken_words",
    "remove_new_lines_in_leaf_elements",
    "add_prefixes_and_suffixes_in_text",
    "add_prefixes_and_suffixes_as_words",
]
SHOWN = {f"hide_{name}_layout": False for name in ("header", "footer", "page_num")}
KEEPING_ALL = st.fixed_dictionaries(
    {},
    optional={
        **OTHERS,
        **dict.fromkeys(FLAGS, st.booleans()),
        **{
            f"{name}_{end}": AFFIXES
            for name in [
                "title", "header", "section_header", "text", "list_layout", "list_element",
                "figure_layout", "footer_layout", "page_num", "entity_layout",
                "key_value_layout", "key_value", "key", "value", "table_layout", "table",
                "table_row", "table_cell", "table_cell_header", "table_title", "table_footers",
            ]
            for end in ("prefix", "suffix")
        },
        **dict.fromkeys(
            [
                "list_element_separator", "table_row_separator", "table_column_separator",
                "same_paragraph_separator", "same_layout_element_separator",
                "layout_element_separator", "page_separator",
            ],
            SEPARATORS,
        ),
        **{
            f"table_cell_{name}_cell_placeholder": TOKENS
            for name in ("empty", "merge", "left_merge", "top_merge", "cross_merge")
        },
    },
)  # fmt: skip


class Made:
    """Pages with everything in them, each word another."""

    def __init__(self, draw):
        self.draw, self.boxes = draw, {}

    def word(self):
        number = len(self.boxes)
        box = Box(
            number % 10 / 10, number // 10 / 60, number % 10 / 10 + 0.05, number // 10 / 60 + 0.01
        )
        self.boxes[f"w{number}w"] = box
        return Word(f"w{number}w", box)

    def line(self):
        return Line([self.word() for _ in range(self.draw(st.integers(1, 3)))])

    def lines(self, least=1):
        return [self.line() for _ in range(self.draw(st.integers(least, 3)))]

    def fields(self):
        pairs = []
        for _ in range(self.draw(st.integers(1, 3))):
            pair = KeyValue(self.lines(0), self.lines(0))
            pair.key = pair.key or ([] if pair.value else [self.line()])
            pairs.append(pair)
        return pairs

    def table(self):
        n_columns, cells = self.draw(st.integers(1, 3)), []
        for row in range(self.draw(st.integers(1, 3))):
            for column in range(n_columns):
                cell = Cell(row, column, self.lines(0), is_header=self.draw(st.booleans()))
                if self.draw(st.integers(0, 4)) == 0:
                    cell.key_values = [KeyValue([self.line()], [self.line()])]
                    cell.lines += [*cell.key_values[0].key, *cell.key_values[0].value]
                cells.append(cell)
        if n_columns > 1 and self.draw(st.booleans()):
            cells[0].column_span = 2
            cells[0].lines += cells[1].lines
            cells[0].key_values += cells[1].key_values
            del cells[1]
        kind = self.draw(st.sampled_from(["structured", "semi-structured"]))
        return Table(cells, kind=kind, id="t")

    def element(self):
        kind = self.draw(st.sampled_from([*KINDS, ElementKind.LIST, ElementKind.TABLE]))
        element = Element(kind, level=self.draw(st.integers(1, 3)), id="e")
        if kind is ElementKind.LIST:
            element.lines = self.lines(0)
            for _ in range(self.draw(st.integers(1, 4))):
                item = Element(ElementKind.TEXT, level=self.draw(st.integers(1, 3)))
                self.fill(item)
                element.children.append(item)
        else:
            if kind is ElementKind.TEXT and self.draw(st.booleans()):
                element.role = "entity"
            self.fill(element)
        return element

    def fill(self, element):
        what = self.draw(st.sampled_from(["lines", "fields", "table", "parts"]))
        if what == "lines":
            element.lines = self.lines()
        elif what == "fields":
            element.key_values = self.fields()
        elif what == "table" and element.kind is ElementKind.TABLE:
            element.table = self.table()
        else:
            element.children = [
                Element(ElementKind.TEXT, self.lines()),
                Element(ElementKind.KEY_VALUE, key_values=self.fields()),
                Element(ElementKind.TABLE, table=self.table()),
                Element(ElementKind.TEXT, self.lines()),
            ]

    def page(self, number):
        page = Page(number, str(number + 1), elements=[])
        for _ in range(self.draw(st.integers(0, 4))):
            page.elements.append(self.element())
        tables = [e.table for e in page.elements if e.table is not None]
        loose = [e for e in page.elements if e.lines]
        for table in tables[:1]:
            if loose:
                table.title = [Line(loose[0].lines[0].words[:2])]
                table.footers = [Line(loose[-1].lines[-1].words[-1:])]
        return page


@st.composite
def layouts(draw):
    made = Made(draw)
    return LayoutDocument(
        "a.pdf", [made.page(n) for n in range(draw(st.integers(1, 2)))]
    ), made.boxes


MAKERS = st.sampled_from(
    [
        LayoutLinearizer,
        LayoutLinearizer.textractor,
        LayoutLinearizer.textractor_markdown,
        LayoutLinearizer.textractor_html,
    ]
)


def words_of(text):
    return re.findall(r"w\d+w", text)


@settings(max_examples=30000)
@given(layouts(), MAKERS, KEEPING_ALL)
def test_each_word_is_written_once_with_its_place(made, maker, options):
    layout, boxes = made
    linearizer = maker(**SHOWN, **options)
    documents = linearizer.transform(layout, by="document")
    text = "".join(document.page_content for document in documents)
    assert Counter(words_of(text)) == dict.fromkeys(boxes, 1)
    assert text == linearizer.to_text(layout) or not boxes
    for document in documents:
        for match in re.finditer(r"w\d+w", text):
            (region,) = document.regions_of(*match.span())
            box = boxes[match[0]]
            assert region.box.contains(box, slack=1e-3)
            assert abs(region.box.width - box.width) < 1e-3
    written, words = linearizer.to_text_and_words(layout)
    assert written == text or not boxes
    listed = [word.text for word in words if word.text in boxes]
    assert listed == words_of(text)


@settings(max_examples=3000)
@given(layouts(), MAKERS, KEEPING_ALL, st.integers(20, 200))
def test_each_word_is_in_a_part_of_those_who_cut(made, maker, options, size):
    layout, boxes = made
    linearizer = maker(**SHOWN, **options)
    found = linearizer.transform_with_parts(layout, size)
    if not boxes:
        return
    document, parts = found
    text = document.page_content
    at = 0
    for part in parts:
        assert at <= part.start < part.end <= len(text)
        assert not words_of(text[at : part.start])
        at = part.end
    assert not words_of(text[at:])
    chunks = LayoutSplitter(chunk_size=size, linearizer=linearizer).split_documents([layout])
    joined = "".join(words_of("".join(chunk.page_content for chunk in chunks)))
    assert joined == "".join(words_of(text))
    assert set(words_of(text)) == set(boxes)
