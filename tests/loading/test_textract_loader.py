"""Responses of Amazon Textract: every word once, tables and fields in place, strange forms."""

from __future__ import annotations

import gc
import gzip
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter

import pytest

import ragkit.textract
from ragkit.errors import (
    CorruptFileError,
    InvalidInputError,
    LimitExceededError,
    LoadError,
    MissingFileError,
    UnknownOptionError,
)
from ragkit.layout import ElementKind, LayoutLinearizer
from ragkit.loading import TextractLoader


@pytest.fixture(scope="module")
def textract(ragkit_data):
    return ragkit_data / "textract"


def parts_of(path):
    found = json.loads(gzip.decompress(path.read_bytes()))
    return found if isinstance(found, list) else [found]


def words_of(parts):
    blocks = [block for part in parts for block in part["Blocks"]]
    texts = [block["Text"] for block in blocks if block["BlockType"] == "WORD"]
    return Counter(word for text in texts for word in text.split())


def printed(text):
    """The words of a text, signs for boxes to tick and signatures aside."""
    return Counter(re.sub(r"\[(?:[X ]|SIGNATURE)\]", " ", text).split())


def test_every_word_of_every_response_is_there_once(textract):
    paths = [*textract.glob("responses/*.json.gz"), *textract.glob("derived/*.json.gz")]
    assert len(paths) > 60
    for path in sorted(paths):
        text = ragkit.textract.get_text(path)
        assert printed(text) == words_of(parts_of(path)), path.name


def test_parts_may_come_in_any_order(textract):
    path = textract / "derived" / "derived_multipage_6p.chunks.json.gz"
    whole = ragkit.textract.get_text(textract / "derived" / "derived_multipage_6p.json.gz")
    parts = parts_of(path)
    assert len(parts) > 2
    random.Random(3).shuffle(parts)
    assert ragkit.textract.get_text(parts) == whole


def test_a_folder_has_the_parts_of_one_document(textract, tmp_path):
    for number, part in enumerate(
        parts_of(textract / "derived/derived_multipage_6p.chunks.json.gz")
    ):
        (tmp_path / f"{9 - number}.json").write_text(json.dumps(part), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a part", encoding="utf-8")
    (layout,) = TextractLoader(tmp_path).load()
    assert len(layout.pages) == layout.metadata["total_pages"] == 6
    assert layout.source == str(tmp_path)


def test_what_is_known_of_words_tables_and_fields(textract):
    layout = ragkit.textract.load(textract / "responses" / "tx_layout.json.gz")
    table = layout.select("TABLE")[0].table
    assert table.to_rows()[0] == ["CO.", "FILE", "DEPT.", "CLOCK", "NUMBER"]
    assert table.n_header_rows == 1
    (word,) = table.cells[0].lines[0].words
    assert 0.8 < word.confidence < 1
    assert word.box.x0 == pytest.approx(0.165, abs=0.001)
    assert any(cell.column_span > 1 for e in layout.select("TABLE") for cell in e.table.cells)
    pairs = [pair for e in layout.select("KEY_VALUE") for pair in e.key_values]
    fields = [(p.key[0].text, p.value[0].text) for p in pairs if p.value]
    assert ("Taxable Marital Status:", "Married") in fields
    assert {e.kind for e in layout.select()} >= {ElementKind.SECTION_HEADER, ElementKind.TEXT}
    assert all(0 < e.confidence <= 1 for e in layout.select())


def test_boxes_to_tick_are_written_and_known(textract):
    layout = ragkit.textract.load(textract / "responses" / "trp_patient_intake_form_sample.json.gz")
    words = [w for p in layout.pages for line in p.iter_lines() for w in line.words]
    ticked = [w.selected for w in words if w.selected is not None]
    assert len(ticked) == 12
    assert 0 < sum(ticked) < 12
    assert {w.text for w in words if w.selected} == {"[X]"}


def test_numbers_stay_as_they_are_in_markdown(textract):
    text = ragkit.textract.to_markdown(textract / "responses" / "tx_layout.json.gz")
    assert "| Group Term Life | 0.51 | 27.00 |" in re.sub(" +", " ", text)


def test_ragkit_s_own_defaults_hide_what_runs(textract):
    path = textract / "responses" / "tx_run1_sample-invoice.json.gz"
    layout = ragkit.textract.load(path)
    hidden = [e for e in layout.select("HEADER", "FOOTER", "PAGE_NUMBER") if e.text]
    assert hidden
    own = LayoutLinearizer().to_text(layout)
    assert all(e.text in ragkit.textract.get_text(path) for e in hidden if "\n" not in e.text)
    assert len(own.split()) < len(ragkit.textract.get_text(path).split())


def test_places_point_at_the_words(textract):
    path = textract / "responses" / "tx_run1_sample-invoice.json.gz"
    (document,) = TextractLoader(path).load_documents()
    start = document.page_content.index("$93.50")
    (region,) = document.regions_of(start, start + 6)
    blocks = parts_of(path)[0]["Blocks"]
    boxes = [b["Geometry"]["BoundingBox"] for b in blocks if b.get("Text") == "$93.50"]
    assert any(region.box.x0 == pytest.approx(box["Left"], abs=1e-3) for box in boxes)


def test_the_same_bytes_whatever_the_hash_seed(textract):
    code = (
        "import sys, ragkit.textract as t\n"
        "sys.stdout.buffer.write(t.get_text(sys.argv[1]).encode())"
    )
    path = textract / "derived" / "derived_multipage_6p.json.gz"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def block(kind, one, children=(), **more):
    relations = [{"Type": "CHILD", "Ids": list(children)}] if children else None
    return {"BlockType": kind, "Id": one, "Relationships": relations, **more}


def test_old_and_incomplete_responses():
    blocks = [
        block("PAGE", "p", ["l", "gone", "k"]),
        block("LINE", "l", ["w1", "lost", "w2"]),
        block("WORD", "w1", Text="Name"),
        block("WORD", "w2", Text="there"),
        {**block("KEY", "k", ["w1"]), "EntityTypes": None},
        block("WORD", "w3", Text="Ada"),
        block("VALUE", "v", ["w3"]),
    ]
    blocks[4]["Relationships"] = [
        {"Type": "CHILD", "Ids": ["w1"]},
        {"Type": "VALUE", "Ids": ["v"]},
    ]
    text = ragkit.textract.get_text({"Blocks": blocks})
    assert sorted(text.split()) == ["Ada", "Name", "there"]
    assert "Name Ada" in text
    assert ragkit.textract.get_text({"Blocks": [block("PAGE", "p")]}) == ""


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ({"Blocks": []}, CorruptFileError, "no PAGE block"),
        ({"blocks": []}, CorruptFileError, "no list of Blocks"),
        ([], CorruptFileError, "no response"),
        ({"Blocks": [3]}, CorruptFileError, "a block that is none: '3'"),
        (3, InvalidInputError, "source is a int"),
        ("nothing.json", MissingFileError, "nothing.json"),
    ],
)
def test_what_is_no_response(source, error, message):
    with pytest.raises(error, match=message):
        TextractLoader(source).load()


@pytest.mark.parametrize("half", ["\\ud800", "\\udc00"])
def test_half_a_character_in_json_is_read_as_in_a_dictionary(half):
    line = {"BlockType": "LINE", "Id": "l", "Relationships": [{"Type": "CHILD", "Ids": ["w"]}]}
    word = {"BlockType": "WORD", "Id": "w", "Text": "one"}
    page = {"BlockType": "PAGE", "Id": "p", "Relationships": [{"Type": "CHILD", "Ids": ["l"]}]}
    packed = json.dumps({"Blocks": [page, line, word]}).replace("one", f"one{half}").encode()
    (layout,) = TextractLoader(packed).load()
    assert layout.text == TextractLoader(json.loads(packed)).load()[0].text
    assert layout.text.startswith("one")
    with pytest.raises(CorruptFileError, match=r"no JSON.*fetch it again"):
        TextractLoader(packed[:-5]).load()


def test_damaged_and_large_files(tmp_path, textract):
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    with pytest.raises(CorruptFileError, match="no JSON"):
        TextractLoader(bad).load()
    packed = (textract / "responses" / "tx_sample.json.gz").read_bytes()
    (tmp_path / "cut.json.gz").write_bytes(packed[:-20])
    with pytest.raises(CorruptFileError, match=r"can't be unpacked.*fetch it again"):
        TextractLoader(tmp_path / "cut.json.gz").load()
    (tmp_path / "bomb.json.gz").write_bytes(gzip.compress(b" " * 5_000_000))
    with pytest.raises(LimitExceededError, match="unpacks to more than max_bytes=100,000"):
        TextractLoader(tmp_path / "bomb.json.gz", max_bytes=100_000).load()
    with pytest.raises(UnknownOptionError, match="max_bytes"):
        TextractLoader(bad, max_byte=3)
    (tmp_path / "none").mkdir()
    with pytest.raises(CorruptFileError, match="without JSON files"):
        TextractLoader(tmp_path / "none").load()


def test_pages_are_drawn_on_the_document_that_was_analysed(tmp_path):
    import PIL.Image

    scan = PIL.Image.new("RGB", (400, 300), "lightgreen")
    scan.save(tmp_path / "scan.png")
    place = {"BoundingBox": {"Left": 0.25, "Top": 0.5, "Width": 0.5, "Height": 0.25}}
    blocks = [
        block("PAGE", "p", ["t", "l"]),
        block("LAYOUT_TITLE", "t", ["l"], Geometry=place),
        block("LINE", "l", ["w"], Geometry=place),
        block("WORD", "w", Text="Hello", Geometry=place),
    ]
    (layout,) = TextractLoader({"Blocks": blocks}, document=tmp_path / "scan.png").load()
    (page,) = layout.pages
    wide, high = page.image().size
    assert wide / high == pytest.approx(400 / 300, rel=0.01)
    assert page.image().getpixel((10, 10)) == scan.getpixel((10, 10))
    drawn = page.visualize("TITLE", labels=False)
    inside = drawn.getpixel((wide // 2, high * 5 // 8))
    assert inside != scan.getpixel((0, 0)) == drawn.getpixel((wide // 8, high // 8))
    (tmp_path / "scan.png").write_bytes(b"no picture")
    with pytest.raises(LoadError, match=r"scan\.png.* can't be drawn"):
        page.image()
    with pytest.raises(InvalidInputError, match="document is 3"):
        TextractLoader({"Blocks": blocks}, document=3)


def test_polygons_queries_and_signatures_are_known(textract):
    layout = ragkit.textract.load(textract / "responses" / "trp_form1005-response.json.gz")
    (page,) = layout.pages
    assert len(page.signatures) == 3
    assert all(0 < one.box.width < 1 and one.confidence > 0.1 for one in page.signatures)
    assert len(page.queries) == 5
    answered = [query for query in page.queries if query.answers]
    assert answered[0].text
    assert answered[0].answers[0].text
    words = [word for line in page.iter_lines() for word in line.words if word.selected is None]
    assert all(len(word.polygon) == 4 for word in words)
    assert words[0].polygon[0].x == pytest.approx(words[0].box.x0, abs=0.01)
    text = ragkit.textract.get_text(
        textract / "responses" / "trp_form1005-response.json.gz", signature_token="<sig>"
    )
    assert text.count("<sig>") == 3


def test_the_collector_goes_on_as_it_was():
    """It pauses while a document is made, and what was set before holds afterwards."""
    blocks = [block("PAGE", "p", ["l"]), block("LINE", "l", ["w"]), block("WORD", "w", Text="Hi")]
    for was_on in (True, False):
        (gc.enable if was_on else gc.disable)()
        try:
            assert ragkit.textract.get_text({"Blocks": blocks}) == "Hi"
            with pytest.raises(CorruptFileError):
                TextractLoader({"Blocks": [3]}).load()
            assert gc.isenabled() is was_on
        finally:
            gc.enable()
