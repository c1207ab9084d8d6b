"""LayoutSplitter: headings with their text, whole rows and items, sections, exact places."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ragkit import Document, LayoutLinearizer, LayoutSplitter, PDFLoader
from ragkit.errors import InvalidInputError, UnknownOptionError
from ragkit.layout.model import Cell, Element, ElementKind, LayoutDocument, Line, Page, Table, Word
from ragkit.provenance import Box


def line(text, y=0.1):
    words = text.split()
    return Line(
        [Word(w, Box(0.1 + 0.02 * n, y, 0.12 + 0.02 * n, y + 0.01)) for n, w in enumerate(words)]
    )


def heading(text, level=2):
    kind = ElementKind.TITLE if level == 1 else ElementKind.SECTION_HEADER
    return Element(kind, [line(text)], level=level)


def paragraph(text):
    return Element(ElementKind.TEXT, [line(text)])


def table(rows):
    cells = [
        Cell(r, c, [line(text)], is_header=r == 0)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    return Element(ElementKind.TABLE, table=Table(cells))


def items(*texts):
    children = [Element(ElementKind.TEXT, [line(f"• {t}")], marker="•", level=1) for t in texts]
    return Element(ElementKind.LIST, children=children)


def document(*elements):
    return LayoutDocument("a.pdf", [Page(0, "i", elements=list(elements))])


SENTENCE = "The ferry to the island leaves at nine. "


def test_a_heading_begins_a_chunk_and_stays_with_its_text():
    layout = document(
        heading("Report", 1),
        paragraph(SENTENCE * 3),
        heading("1 Times"),
        paragraph(SENTENCE * 3),
        heading("1.1 Winter", 3),
        paragraph(SENTENCE * 3),
        heading("2 Prices"),
        paragraph(SENTENCE * 3),
    )
    chunks = LayoutSplitter(chunk_size=200).split_documents([layout])
    assert [chunk.page_content.splitlines()[0] for chunk in chunks] == [
        "# Report",
        "## 1 Times",
        "### 1.1 Winter",
        "## 2 Prices",
    ]
    assert [chunk.metadata["section"] for chunk in chunks] == [
        "Report",
        "Report > 1 Times",
        "Report > 1 Times > 1.1 Winter",
        "Report > 2 Prices",
    ]


def test_small_sections_share_a_chunk_and_headings_in_a_row_stay_together():
    layout = document(heading("A"), paragraph("One."), heading("B"), paragraph("Two."))
    (chunk,) = LayoutSplitter(chunk_size=400).split_documents([layout])
    assert chunk.page_content == "## A\n\nOne.\n\n## B\n\nTwo."
    assert chunk.metadata["section"] == "A"
    layout = document(
        paragraph(SENTENCE * 2), heading("A"), heading("A.1", 3), paragraph(SENTENCE * 2)
    )
    first, second = LayoutSplitter(chunk_size=100).split_documents([layout])
    assert "section" not in first.metadata
    assert second.page_content.startswith("## A\n\n### A.1\n\nThe ferry")
    assert second.metadata["section"] == "A > A.1"


def test_a_long_table_goes_on_with_its_header_and_no_row_is_cut():
    rows = [["port", "ferries"], *([f"port number {n}", str(n)] for n in range(30))]
    layout = document(heading("Ports"), table(rows), paragraph("The end."))
    chunks = LayoutSplitter(chunk_size=200).split_documents([layout])
    assert len(chunks) > 3
    with_rows = [c.page_content for c in chunks if "| port number" in c.page_content]
    for text in with_rows:
        assert "| port | ferries |\n| --- | --- |\n| port number" in text
        assert text.count("| port | ferries |") == 1
    body = [r for text in with_rows for r in text.splitlines() if r.startswith("| port number")]
    assert body == [f"| port number {n} | {n} |" for n in range(30)]
    assert all(c.metadata["section"] == "Ports" for c in chunks)


def test_items_are_not_cut():
    texts = [SENTENCE * 2 + f"Number {n}." for n in range(8)]
    chunks = LayoutSplitter(chunk_size=200).split_documents([document(items(*texts))])
    found = [row for chunk in chunks for row in chunk.page_content.splitlines()]
    assert found == [f"- {text}" for text in texts]


def test_a_long_paragraph_is_cut_and_its_heading_stays_with_the_first_piece():
    layout = document(heading("Times"), paragraph(SENTENCE * 20))
    chunks = LayoutSplitter(chunk_size=200).split_documents([layout])
    assert chunks[0].page_content.startswith("## Times\n\nThe ferry")
    assert max(len(chunk.page_content) for chunk in chunks) <= 200
    joined = " ".join(chunk.page_content for chunk in chunks).removeprefix("## Times\n\n")
    assert joined == (SENTENCE * 20).strip()


def test_chunks_are_slices_with_places(ragkit_data):
    path = sorted((ragkit_data / "pdf" / "jose").glob("*.pdf"))[0]
    (layout,) = PDFLoader(path).load()
    splitter = LayoutSplitter(chunk_size=700)
    whole, _ = LayoutLinearizer(format="markdown").transform_with_parts(layout, 700)
    chunks = splitter.split_documents([layout])
    for chunk in chunks:
        assert whole.page_content[chunk.start : chunk.end] == chunk.page_content
        assert chunk.regions
        assert chunk.metadata["page"] == chunk.regions[0].page
        assert chunk.metadata["page_label"]
    assert all(a.end <= b.start for a, b in pairwise(chunks))
    kept = "".join("".join(chunk.page_content.split()) for chunk in chunks)
    assert kept == "".join(whole.page_content.split())


def test_tokens_may_measure():
    layout = document(paragraph(SENTENCE * 20))
    splitter = LayoutSplitter(chunk_size=20, length_function=lambda text: len(text.split()))
    chunks = splitter.split_documents([layout])
    assert max(len(chunk.page_content.split()) for chunk in chunks) <= 20
    assert len(chunks) > 5


def test_documents_without_layout_are_cut_all_the_same():
    splitter = LayoutSplitter(chunk_size=50)
    chunks = splitter.split_documents([Document(SENTENCE * 5, {"source": "a.txt"})])
    assert max(len(chunk.page_content) for chunk in chunks) <= 50
    assert splitter.split_documents([document()]) == []


@pytest.mark.parametrize(
    "options",
    [{"chunk_size": 0}, {"length_function": 3}, {"linearizer": "x"}, {"section_separator": 1}],
)
def test_bad_options(options):
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        LayoutSplitter(**options)


def test_unknown_options_and_inputs():
    with pytest.raises(UnknownOptionError, match="chunk_size"):
        LayoutSplitter(chunksize=3)
    with pytest.raises(InvalidInputError, match="str"):
        LayoutSplitter().split_documents(["text"])
    assert "linearizer" in repr(LayoutSplitter())
