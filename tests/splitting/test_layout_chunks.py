"""LayoutSplitter on any pages: every word is in a chunk, and no chunk is too long."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit import LayoutLinearizer, LayoutSplitter
from ragkit.layout.model import (
    Cell,
    Element,
    ElementKind,
    KeyValue,
    LayoutDocument,
    Line,
    Page,
    Table,
    Word,
)
from ragkit.provenance import Box

FORMS = ("plaintext", "markdown", "html")
HEADINGS = (ElementKind.TITLE, ElementKind.SECTION_HEADER)


def line(text, y=0.1):
    return Line([Word(w, Box(0.1, y, 0.2, y + 0.01)) for w in text.split()])


def cell(row, column, text, *spans, **options):
    return Cell(row, column, [line(text)] if text else [], *spans, **options)


def chunks_of(*elements, form="markdown", **options):
    linearizer = LayoutLinearizer(format="markdown", table_linearization_format=form)
    layout = LayoutDocument("a.pdf", [Page(0, "1", elements=list(elements))])
    return LayoutSplitter(linearizer=linearizer, **options).split_documents([layout])


def heading(text, level=2):
    return Element(ElementKind.SECTION_HEADER, [line(text)], level=level)


def long_table(n, name="row", **options):
    cells = [cell(0, 0, "head", is_header=True), cell(0, 1, "count", is_header=True)]
    for row in range(1, n):
        cells += [cell(row, 0, f"{name}{row}"), cell(row, 1, str(row))]
    return Element(ElementKind.TABLE, table=Table(cells), **options)


class _Made:
    """Elements with words of their own: w0, w1 …"""

    def __init__(self, draw):
        self.draw = draw
        self.count = 0

    def line(self, most=12):
        words = []
        for _ in range(self.draw(st.integers(1, most))):
            words.append(f"w{self.count}")
            self.count += 1
        return line(" ".join(words))

    def lines(self, least=1):
        return [self.line() for _ in range(self.draw(st.integers(least, 3)))]

    def table(self):
        width = self.draw(st.integers(1, 3))
        cells = []
        for row in range(self.draw(st.integers(1, 8))):
            for column in range(width):
                if self.draw(st.integers(0, 5)):
                    spans = self.draw(st.integers(1, 3)), self.draw(st.integers(1, 2))
                    head = row == 0 and bool(self.draw(st.integers(0, 3)))
                    cells.append(Cell(row, column, [self.line(3)], *spans, is_header=head))
        return Table(cells)

    def element(self):
        kind = self.draw(
            st.sampled_from(
                [k for k in ElementKind if not k.value.startswith(("HEA", "FOO", "PAG"))]
            )
        )
        element = Element(kind)
        least = 0 if kind not in (*HEADINGS, ElementKind.TEXT) else 1
        if not least or self.draw(st.booleans()):
            element.lines = self.lines(least)
        if kind is ElementKind.TABLE:
            element.table = self.table()
        if kind is ElementKind.KEY_VALUE:
            element.key_values = [KeyValue(self.lines(), self.lines(0)) for _ in range(3)]
        if kind in (ElementKind.LIST, ElementKind.FIGURE):
            items = range(self.draw(st.integers(0, 4)))
            element.children = [Element(ElementKind.TEXT, self.lines(), level=1) for _ in items]
        if kind in HEADINGS:
            element.level = 1 if kind is ElementKind.TITLE else self.draw(st.integers(2, 4))
        return element


@st.composite
def layouts(draw):
    made = _Made(draw)
    pages = [
        Page(n, str(n + 1), elements=[made.element() for _ in range(draw(st.integers(0, 5)))])
        for n in range(draw(st.integers(1, 3)))
    ]
    return LayoutDocument("a.pdf", pages), made.count


def tokens(text):
    """Not additive, as tokenizers are: special tokens, and words in pieces of four."""
    return 2 + sum(-(-len(word) // 4) for word in text.split())


def plain_words(text):
    return re.findall(r"\bw\d+", text)


def test_a_table_that_begins_with_empty_rows_is_no_longer_for_them():
    words = Line([Word(text) for text in ("w9", "w10", "w11")])
    table = Table([Cell(0, 0), Cell(1, 0, [words], row_span=2)])
    page = Page(0, "1", elements=[Element(ElementKind.TABLE, table=table)])
    linearizer = LayoutLinearizer(table_linearization_format="plaintext")
    splitter = LayoutSplitter(chunk_size=10, linearizer=linearizer)
    chunks = splitter.split_documents([LayoutDocument("a.pdf", [page])])
    assert {chunk.page_content for chunk in chunks} == {"w9 w10 w11"}


@settings(max_examples=150)
@given(layouts(), st.integers(10, 400), st.sampled_from(FORMS), st.sampled_from([len, tokens]))
def test_every_word_is_in_a_chunk_of_the_greatest_length(made, size, form, length):
    layout, count = made
    linearizer = LayoutLinearizer(format="markdown", table_linearization_format=form)
    splitter = LayoutSplitter(chunk_size=size, length_function=length, linearizer=linearizer)
    chunks = splitter.split_documents([layout])
    joined = "".join("".join(chunk.page_content.split()) for chunk in chunks)
    whole, _ = linearizer.transform_with_parts(layout, size, length) or (None, [])
    assert joined == "".join(whole.page_content.split() if whole else ())
    text = whole.page_content if whole else ""
    assert set(plain_words(text)) == {f"w{n}" for n in range(count)}
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.page_content
        if length(chunk.page_content) > size:
            assert _is_one_row(chunk.page_content, form) or length("x") > size


def _is_one_row(text, form):
    """Whether a table's chunk can't be cut: one row, below a header of at most one row."""
    if form == "html":
        return text.count("<tr>") <= 2
    return len(text.splitlines()) - ("| ---" in text) <= 2


@settings(max_examples=60)
@given(layouts(), st.sampled_from(FORMS))
def test_each_word_stands_once_where_nothing_is_cut(made, form):
    layout, count = made
    linearizer = LayoutLinearizer(format="markdown", table_linearization_format=form)
    counts = Counter(plain_words(linearizer.to_text(layout)))
    assert counts == {f"w{n}": 1 for n in range(count)}


def test_lines_beside_items_cells_and_fields_are_kept():
    item = Element(ElementKind.TEXT, [line("item")], level=1)
    mixed = [
        Element(ElementKind.LIST, [line("alone")]),
        Element(ElementKind.LIST, [line("intro")], children=[item]),
        Element(ElementKind.TABLE, [line("title")], table=Table([cell(0, 0, "inside")])),
        Element(ElementKind.KEY_VALUE, [line("form")], key_values=[KeyValue([line("key")])]),
        Element(ElementKind.TEXT, [line("text")], children=[item]),
    ]
    text = "\n\n".join(chunk.page_content for chunk in chunks_of(*mixed, chunk_size=20))
    assert text == "\n\n".join(
        ["alone\n\nintro\n- item", "title", "| inside |\n| --- |", "form\n\nkey", "text item"]
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("length", [len, tokens])
def test_a_heading_and_the_table_below_it_fit_in_a_chunk_together(form, length):
    chunks = chunks_of(
        heading("Ports of the island"),
        long_table(60),
        form=form,
        chunk_size=150,
        length_function=length,
    )
    assert chunks[0].page_content.startswith("## Ports of the island\n\n")
    assert "row1" in chunks[0].page_content
    assert all(length(chunk.page_content) <= 150 for chunk in chunks)
    assert all("head" in chunk.page_content for chunk in chunks)


def test_many_headings_in_a_row_are_parted():
    chunks = chunks_of(*(heading(f"Heading number {n}") for n in range(40)), chunk_size=200)
    assert len(chunks) > 3
    assert all(len(chunk.page_content) <= 200 for chunk in chunks)


def test_a_heading_a_word_and_an_item_longer_than_a_chunk_are_cut():
    item = Element(ElementKind.TEXT, [line("word " * 60)], level=1)
    parts = [heading("head " * 60), Element(ElementKind.TEXT, [line("x" * 300)])]
    parts += [Element(ElementKind.LIST, children=[item])]
    chunks = chunks_of(*parts, chunk_size=100)
    assert all(len(chunk.page_content) <= 100 for chunk in chunks)
    text = "".join("".join(chunk.page_content.split()) for chunk in chunks)
    assert text == "##" + "head" * 60 + "x" * 300 + "-" + "word" * 60


def spanning(n=12):
    """A table whose first column is one cell beside rows 1 to n - 1."""
    cells = [cell(0, 0, "Group", is_header=True), cell(0, 1, "Name", is_header=True)]
    cells += [cell(1, 0, "Birds", row_span=n - 1)]
    cells += [cell(row, 1, f"kind{row}") for row in range(1, n)]
    return Element(ElementKind.TABLE, table=Table(cells))


def test_a_spanning_cell_is_repeated_after_a_cut():
    first, *others = chunks_of(spanning(), chunk_size=110)
    assert first.page_content.startswith(
        "| Group | Name |\n| --- | --- |\n| Birds | kind1 |\n|  | kind2 |"
    )
    assert others
    for chunk in others:
        rows = chunk.page_content.splitlines()
        assert rows[2].startswith("| Birds | kind")
        assert all(row.startswith("|  | kind") for row in rows[3:])
        at = chunk.page_content.index("Birds")
        (region,) = chunk.regions_of(at, at + 5)
        assert (region.start, region.end) == (at, at + 5)


def test_the_spans_of_a_piece_are_those_of_its_rows():
    chunks = chunks_of(spanning(), form="html", chunk_size=180)
    assert len(chunks) > 2
    total = 0
    for chunk in chunks:
        n_rows = chunk.page_content.count("<tr>") - 1
        total += n_rows
        spans = f' rowspan="{n_rows}"' if n_rows > 1 else ""
        assert f"<td{spans}>Birds</td>" in chunk.page_content
        assert len(chunk.page_content) <= 180
    assert total == 11


def test_a_row_that_fits_only_without_the_header_stands_without_it():
    cells = [cell(0, 0, "head " * 10, is_header=True)]
    cells += [cell(row, 0, "word " * 8) for row in range(1, 4)]
    chunks = chunks_of(Element(ElementKind.TABLE, table=Table(cells)), chunk_size=80)
    assert all(len(chunk.page_content) <= 80 for chunk in chunks)
    assert ["head" in chunk.page_content for chunk in chunks] == [True, False, False, False]


def test_a_chunk_of_a_table_names_the_page_of_its_first_row():
    first, second = long_table(8), long_table(8, "next")
    second.table.continues = first.table
    pages = [Page(0, "i", elements=[first]), Page(1, "ii", elements=[second])]
    chunks = LayoutSplitter(chunk_size=80).split_documents([LayoutDocument("a.pdf", pages)])
    last = chunks[-1]
    assert "| head | count |" in last.page_content
    assert (last.metadata["page"], last.metadata["page_label"]) == (1, "ii")
    assert (chunks[0].metadata["page"], chunks[0].metadata["page_label"]) == (0, "i")


def test_the_section_has_the_words_of_the_headings():
    linearizer = LayoutLinearizer(
        format="markdown", section_header_prefix="## **", section_header_suffix="**"
    )
    title = Element(ElementKind.TITLE, [line("The <b> of exam-"), line("ples")], level=1)
    parts = [title, heading("# 2"), Element(ElementKind.TEXT, [line("Text.")])]
    layout = LayoutDocument("a.pdf", [Page(0, elements=parts)])
    (chunk,) = LayoutSplitter(linearizer=linearizer).split_documents([layout])
    assert chunk.page_content == "# The \\<b> of examples\n\n## **# 2**\n\nText."
    assert chunk.metadata["section"] == "The <b> of examples > # 2"


def test_marks_around_a_list_are_in_its_chunks():
    linearizer = LayoutLinearizer(list_layout_prefix="<ul>", list_layout_suffix="</ul>")
    items = [Element(ElementKind.TEXT, [line(f"item{n}")], level=1) for n in range(3)]
    layout = LayoutDocument(
        "a.pdf", [Page(0, elements=[Element(ElementKind.LIST, children=items)])]
    )
    (chunk,) = LayoutSplitter(linearizer=linearizer).split_documents([layout])
    assert chunk.page_content == "<ul>item0\nitem1\nitem2</ul>"


def _seconds(n_rows):
    texts = [Element(ElementKind.TEXT, [line(f"word{n}")]) for n in range(n_rows)]
    start = time.process_time()
    # The length is no len(): that one needs no text at all.
    chunks_of(long_table(n_rows), *texts, chunk_size=10**9, length_function=lambda t: len(t))
    return time.process_time() - start


@pytest.mark.slow
def test_time_grows_with_the_rows_and_not_with_their_square():
    _seconds(500)
    assert _seconds(16_000) < 40 * max(_seconds(2_000), 0.02)
