"""Responses that are damaged, old or made by hand: each word once, and no raw error."""

from __future__ import annotations

from collections import Counter

import pytest
from made_responses import block, box, line, page, table

import ragkit.textract
from ragkit.errors import CorruptFileError
from ragkit.layout import LayoutLinearizer
from ragkit.loading import TextractLoader
from ragkit.splitting import LayoutSplitter

LINE = line("l", "one two", **box(0.1, 0.1, 0.5, 0.05))
OTHER = line("m", "three four", **box(0.1, 0.2, 0.5, 0.05))


def text_of(*blocks):
    return ragkit.textract.get_text({"Blocks": [*blocks]})


def related(kind, key, relations, **fields):
    made = [{"Type": name, "Ids": ids} for name, ids in relations]
    return {"BlockType": kind, "Id": key, "Relationships": made, **fields}


@pytest.mark.parametrize(
    "whole",
    [
        block("PAGE", "p") | {"Relationships": None},
        block("PAGE", "p", "l"),
        block("PAGE", "p", "l", "l", "m"),
    ],
)
def test_lines_that_no_page_names_are_read_too(whole):
    assert text_of(whole, *LINE, *OTHER).split() == ["one", "two", "three", "four"]


def test_lines_go_to_the_page_whose_number_they_have():
    second = [{**one, "Page": 2} for one in OTHER]
    pages = [block("PAGE", "p"), block("PAGE", "q") | {"Page": 2}]
    layout = ragkit.textract.load({"Blocks": [*pages, *second, *LINE]})
    assert [found.text for found in layout.pages] == ["one two", "three four"]


def test_a_line_may_have_a_text_and_no_words():
    assert text_of(block("PAGE", "p", "l"), block("LINE", "l", Text="just text")) == "just text"


def test_words_in_no_line_are_read_too():
    assert text_of(block("PAGE", "p", "w"), block("WORD", "w", Text="lone")) == "lone"


@pytest.mark.parametrize(
    "blocks",
    [
        [block("PAGE", "p", "l"), block("LINE", "l", "a", "b", "a")],
        [block("PAGE", "p", "l"), block("PAGE", "q", "l"), block("LINE", "l", "a", "b")],
        [block("PAGE", "p", "l", "f", "f"), block("LINE", "l", "a", "b"),
         block("LAYOUT_TEXT", "f", "l")],
        [block("PAGE", "p", "t", "t"),
         block("TABLE", "t", "c", "c"),
         block("CELL", "c", "a", "b", "a", RowIndex=1, ColumnIndex=1)],
        [block("PAGE", "p", "k"),
         related("KEY_VALUE_SET", "k", [("CHILD", ["a"]), ("VALUE", ["v", "v"])],
                 EntityTypes=["KEY"]),
         block("KEY_VALUE_SET", "v", "b", "b")],
    ],
)  # fmt: skip
def test_what_is_named_twice_is_written_once(blocks):
    words = [block("WORD", "a", Text="one"), block("WORD", "b", Text="two")]
    assert Counter(text_of(*blocks, *words).split()) == {"one": 1, "two": 1}


def test_lists_in_each_other():
    nested = [block("LAYOUT_LIST", f"x{n}", f"x{n + 1}") for n in range(600)]
    outer = block("PAGE", "p", "l", *(one["Id"] for one in nested))
    assert text_of(outer, *LINE, *nested, block("LAYOUT_LIST", "x600", "l")) == "one two"
    ring = [block("LAYOUT_LIST", "a", "b"), block("LAYOUT_LIST", "b", "a", "l")]
    assert text_of(block("PAGE", "p", "l", "a", "b"), *ring, *LINE).strip() == "one two"


@pytest.mark.parametrize(
    "place",
    [
        {"Geometry": None},
        {"Geometry": {}},
        {"Geometry": {"Polygon": [{"X": 0.1, "Y": 0.1}]}},
        box(float("nan"), 0.1, 0.5, 0.05),
        box(0.1, float("inf"), 0.5, 0.05),
        box(0.1, 0.1, -0.5, 0.05),
        box(1e300, 0.1, 0.5, 0.05),
    ],
)
def test_a_place_that_cannot_be_is_none(place):
    layout = ragkit.textract.load({"Blocks": [block("PAGE", "p", "l", "m"),
                                              {**LINE[0], **place}, {**LINE[1], **place},
                                              *LINE[2:], *OTHER]})  # fmt: skip
    assert sorted(layout.text.split()) == ["four", "one", "three", "two"]
    first = next(w for found in layout.pages for row in found.iter_lines() for w in row.words
                 if w.text == "one")  # fmt: skip
    assert first.box is None
    assert sorted(LayoutLinearizer().to_text(layout).split()) == ["four", "one", "three", "two"]


@pytest.mark.parametrize(
    "place",
    [
        {"RowIndex": 10**9},
        {"ColumnIndex": 0},
        {"RowIndex": -4},
        {"RowSpan": 10**6},
        {"ColumnSpan": 0},
    ],
)
def test_rows_and_columns_that_cannot_be(place):
    found = page(table([["Item", "Cost"], ["Tea", "27.00"]]))
    blocks = [{**one, **place} if one["Id"] == "cell2.2" else one for one in found["Blocks"]]
    text = ragkit.textract.get_text({"Blocks": blocks})
    assert sorted(text.split()) == ["27.00", "Cost", "Item", "Tea"]
    assert "27.00" in ragkit.textract.to_markdown({"Blocks": blocks})


def test_answers_to_single_requests_are_pages_in_their_order():
    first = {"Blocks": [block("PAGE", "p", "l"), *LINE]}
    second = {"Blocks": [block("PAGE", "q", "m"), *OTHER]}
    (layout,) = TextractLoader([first, second]).load()
    assert [(found.number, found.label, found.text) for found in layout.pages] == [
        (0, "1", "one two"), (1, "2", "three four"),
    ]  # fmt: skip


def test_an_id_with_two_meanings_is_an_error():
    blocks = [block("PAGE", "p", "l"), *LINE, *line("l", "other")]
    with pytest.raises(CorruptFileError, match="two blocks with the id 'l'"):
        text_of(*blocks)


def test_what_stands_in_a_table_can_not_end_it():
    found = page(table([["Item", "Cost"], ["a|b\\|", "<script>"]], heads={1}))
    markdown = ragkit.textract.to_markdown(found)
    row = next(one for one in markdown.splitlines() if "script" in one)
    assert r"a\|b" in row
    assert len(row.replace(r"\|", "").split("|")) == 4
    for form in (
        ragkit.textract.to_html(found),
        ragkit.textract.get_text(found, table_linearization_format="html"),
        ragkit.textract.to_markdown(found, table_linearization_format="html"),
    ):
        assert "&lt;script&gt;" in form
        assert "<script>" not in form


def test_all_fields_are_known_also_those_in_cells(answers):
    (response,) = (r for name, r, _ in answers if name == "trp_paystub_with_signature")
    layout = ragkit.textract.load(response)
    keys = [b for b in response["Blocks"] if "KEY" in (b.get("EntityTypes") or ())]
    assert len(layout.pages[0].fields) == len(keys) == 28
    in_elements = [pair for e in layout.select("KEY_VALUE") for pair in e.key_values]
    assert len(in_elements) < 28
    assert len(layout.key_values) == 28


def test_chunks_of_textractor_s_text_are_no_longer_than_asked(answers):
    (response,) = (r for name, r, _ in answers if name == "derived_multipage_6p")
    layout = ragkit.textract.load(response)
    linearizer = LayoutLinearizer.textractor_markdown()
    splitter = LayoutSplitter(chunk_size=400, linearizer=linearizer)
    chunks = splitter.split_documents([layout])
    assert max(len(chunk.page_content) for chunk in chunks) <= 400
    text = linearizer.to_text(layout)
    have = Counter(" ".join(chunk.page_content for chunk in chunks).split())
    assert not Counter(w for w in text.split() if w.isalpha()) - have
