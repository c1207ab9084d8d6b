"""The map from characters to pages and boxes, and what survives slicing and JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit import Box, Document
from ragkit.provenance import Provenance, Run, SourceMap

WORD_BOXES = [Box(0.1, 0.1, 0.2, 0.12), Box(0.21, 0.1, 0.3, 0.12), Box(0.31, 0.1, 0.35, 0.12)]
TEXT = "# one two three\n\nfour"


def mapped() -> Document:
    runs = [
        Run.of_words(2, 15, 0, WORD_BOXES),
        Run.of_words(17, 21, 1, [Box(0.5, 0.5, 0.6, 0.52)]),
    ]
    return Document.with_map(TEXT, {"source": "a.pdf"}, SourceMap(runs))


def test_regions_cover_one_line_each_and_name_their_characters():
    first, second = mapped().regions
    assert (first.page, TEXT[first.start : first.end]) == (0, "one two three")
    assert first.box == Box(0.1, 0.1, 0.35, 0.12)
    assert (second.page, TEXT[second.start : second.end]) == (1, "four")


def test_regions_of_a_part_of_a_line_hold_only_its_words():
    (region,) = mapped().regions_of(6, 9)
    assert region.box == Box(0.21, 0.1, 0.3, 0.12)


def test_a_cut_word_keeps_its_whole_box():
    part = mapped().slice(7, 12)
    assert part.page_content == "wo th"
    assert part.regions[0].box == Box(0.21, 0.1, 0.35, 0.12)


def test_marks_between_the_runs_have_no_place():
    assert mapped().regions_of(0, 2) == ()
    assert mapped().regions_of(15, 17) == ()


def test_a_slice_of_a_slice_points_at_the_original():
    part = mapped().slice(2, 21).slice(4, 13)
    assert TEXT[part.start : part.end] == part.page_content == "two three"
    assert part.source == "a.pdf"


@given(st.data())
def test_slices_keep_their_text_and_the_boxes_of_their_words(data):
    document = mapped()
    start = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(start, len(TEXT)))
    part = document.slice(start, end)
    assert TEXT[part.start : part.end] == part.page_content
    expected = {(r.page, r.box) for r in document.regions_of(start, end)}
    assert {(r.page, r.box) for r in part.regions} == expected
    for region in part.regions:
        assert part.page_content[region.start : region.end].strip()


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
        min_size=1,
        max_size=5,
    )
)
def test_boxes_are_rounded_outwards(corners):
    boxes = [Box(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    run = Run.of_words(0, 2 * len(boxes), 0, boxes)
    for n, box in enumerate(boxes):
        assert run.box(n, n + 1).contains(box, slack=1e-9)


def test_the_map_survives_json():
    document = mapped()
    assert isinstance(document.metadata["_ragkit"], str)
    again = Provenance.from_json(document.metadata["_ragkit"], len(TEXT))
    assert again == document.provenance
    assert hash(again.source_map) == hash(document.provenance.source_map)
    assert repr(again.source_map) == "SourceMap(2 runs)"
    assert len(again.source_map) == 2


@pytest.mark.parametrize(
    "damaged",
    [None, 7, "", "no json", "[]", '{"start":1}', '{"start":"x","end":2}',
     '{"v":1,"start":0,"end":4,"map":[[1]]}', '{"start":1e999,"end":1}', "[" * 100_000,
     '{"start":0,"end":4,"labels":3}', '{"start":0,"end":4,"map":[[1e400]]}',
     '{"v":1,"start":0,"end":4,"map":[[0,1,0,0,0,5]]}'],
)  # fmt: skip
def test_damaged_provenance_costs_the_boxes_and_never_the_text(damaged):
    document = Document("some text", {"_ragkit": damaged})
    assert document.regions == ()
    assert (document.start, document.end) == (0, 9)


def test_a_text_changed_by_others_falls_back_to_the_whole_line():
    document = mapped()
    document.page_content = "# onetwothree no"
    assert document.regions_of(2, 5)[0].box == Box(0.1, 0.1, 0.35, 0.12)


def test_a_shifted_map_is_that_of_text_further_on():
    document = mapped()
    moved = document.provenance.source_map.shifted(3)
    assert moved.regions("___" + TEXT)[0].start == 5


def test_page_labels_follow_the_slices():
    document = Document.with_map(TEXT, {}, mapped().provenance.source_map, {0: "iv", 1: "1a"})
    assert document.slice(17, 21).page_label(1) == "1a"
    assert document.slice(17, 21).provenance.labels == {1: "1a"}
    assert document.page_label(7) == "8"
    assert document.page_label() is None
    assert Document("x", {"page": 3, "page_label": "C"}).page_label() == "C"


def test_boxes_measure_and_compare():
    box = Box(0.0, 0.0, 0.5, 0.5)
    assert box.area == 0.25
    assert box.overlap(Box(0.25, 0.25, 1.0, 1.0)) == 0.0625
    assert box.overlap(Box(0.6, 0.6, 1.0, 1.0)) == 0.0
    assert box.union(Box(0.4, 0.4, 1.0, 0.6)) == Box(0.0, 0.0, 1.0, 0.6)
    assert not box.contains(Box(0.4, 0.4, 0.6, 0.5))


def test_a_whole_document_has_no_offset_of_its_own():
    document = Document("plain")
    assert (document.start, document.end, document.source) == (0, 5, None)


def test_provenance_is_compact():
    assert len(json.dumps(mapped().metadata["_ragkit"])) < 120
