"""PDFs become layout documents with words, boxes, metadata; bad ones clear errors."""

from __future__ import annotations

import io
import itertools
import re
import threading

import pypdf
import pypdf.generic
import pytest

from ragkit.errors import (
    CorruptFileError,
    EncryptedFileError,
    InvalidInputError,
    LimitExceededError,
    LoadError,
    MissingFileError,
    NoTextError,
    UnsupportedFileError,
)
from ragkit.loading import PDFLoader

HELLO = [[(50, 60, "Hello upright world")]]


def words(layout, page=0):
    return [w for line in layout.pages[page].iter_lines() for w in line.words]


def test_words_have_boxes_sizes_and_weights(make_pdf):
    path = make_pdf("a.pdf", [[(50, 60, "plain"), (50, 90, "heavy", "Helvetica-Bold", 20)]])
    plain, heavy = words(PDFLoader(path).load()[0])
    assert (plain.text, plain.bold, plain.italic) == ("plain", False, False)
    assert plain.size == pytest.approx(12, abs=0.1)
    assert (heavy.text, heavy.bold) == ("heavy", True)
    assert heavy.size == pytest.approx(20, abs=0.1)
    # The baseline is 60 points below the top of a page of 400 x 500.
    assert plain.box.x0 == pytest.approx(50 / 400, abs=0.01)
    assert plain.box.y0 < 60 / 500 < plain.box.y1 < 66 / 500


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_rotated_pages_are_read_upright(make_pdf, angle):
    def turn(page):
        # The text is written so that it stands upright once the page is turned.
        page.rotate(angle)
        turned = pypdf.Transformation().rotate(angle)
        width, height = 400, 500
        moved = {
            90: turned.translate(width, 0),
            180: turned.translate(width, height),
            270: turned.translate(0, height),
        }
        page.add_transformation(moved[angle])

    path = make_pdf.changed("r.pdf", HELLO, turn)
    layout = PDFLoader(path).load()[0]
    page = layout.pages[0]
    assert page.rotation == angle
    assert (page.width, page.height) == ((500, 400) if angle % 180 else (400, 500))
    assert [w.text for w in words(layout)] == ["Hello", "upright", "world"]
    boxes = [w.box for w in words(layout)]
    assert boxes[0].x1 < boxes[1].x0 < boxes[1].x1 < boxes[2].x0
    assert boxes[0].width * page.width > boxes[0].height * page.height
    assert layout.pages[0].text == "Hello upright world"


def test_boxes_count_from_the_visible_part_of_the_page(make_pdf):
    def crop(page):
        page.cropbox = pypdf.generic.RectangleObject((40, 240, 240, 490))

    path = make_pdf.changed("c.pdf", HELLO, crop)
    page = PDFLoader(path).load()[0].pages[0]
    assert (page.width, page.height) == (200, 250)
    first = page.elements[0].lines[0].words[0]
    assert first.box.x0 == pytest.approx(10 / 200, abs=0.01)
    assert first.box.y0 < 50 / 250 < first.box.y1


def test_metadata_and_page_labels(make_pdf):
    data = make_pdf.data([[(50, 60, f"page {i}")] for i in range(3)])
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.set_page_label(0, 1, style="/r")
    writer.set_page_label(2, 2, style="/D", start=12)
    writer.add_metadata(
        {
            "/Title": "The  Title",
            "/Author": "A. Author",
            "/CreationDate": "D:20231019142900+02'00'",
            "/ModDate": "D:2023",
        }
    )
    path = make_pdf.folder / "labels.pdf"
    with path.open("wb") as out:
        writer.write(out)
    for engine in ("pdfium", "pypdf"):
        layout = PDFLoader(path, engine=engine).load()[0]
        assert layout.metadata["source"] == layout.source == str(path)
        assert layout.metadata["title"] == "The Title"
        assert layout.metadata["author"] == "A. Author"
        assert layout.metadata["creation_date"] == "2023-10-19T14:29:00+02:00"
        assert layout.metadata["mod_date"] == "2023-01-01T00:00:00"
        assert layout.metadata["total_pages"] == 3
        assert [p.label for p in layout.pages] == ["i", "ii", "12"]
        assert [p.number for p in layout.pages] == [0, 1, 2]


def test_load_documents_gives_one_for_each_page_with_text(make_pdf):
    path = make_pdf("p.pdf", [[(50, 60, "first")], [], [(50, 60, "third")]], title="T")
    documents = PDFLoader(path).load_documents()
    assert [d.page_content for d in documents] == ["first", "third"]
    assert [d.metadata["page"] for d in documents] == [0, 2]
    assert [d.metadata["page_label"] for d in documents] == ["1", "3"]
    assert documents[0].metadata["title"] == "T"
    assert documents[0].regions[0].page == 0
    assert documents[1].regions[0].page == 2


def test_pypdf_gives_plain_text_without_boxes(make_pdf):
    path = make_pdf("p.pdf", [[(50, 60, "Only text")], []])
    layout = PDFLoader(path, engine="pypdf").load()[0]
    assert layout.text.strip() == "Only text"
    assert layout.pages[0].elements[0].box is None
    document = PDFLoader(path, engine="pypdf").load_documents()[0]
    assert document.page_content == "Only text"
    assert document.regions == ()
    assert document.metadata["page"] == 0


def test_several_files_are_read_when_they_are_asked_for(make_pdf, tmp_path):
    path = make_pdf("a.pdf", HELLO)
    layouts = PDFLoader([path, str(tmp_path / "gone.pdf")]).lazy_load()
    assert next(layouts).source == str(path)
    with pytest.raises(MissingFileError, match="gone"):
        next(layouts)


def test_hyphens_ligatures_and_soft_hyphens_become_plain_text(ragkit_data):
    layout = PDFLoader(ragkit_data / "pdf" / "robust" / "ligatures_01.pdf").load()[0]
    text = "".join(
        w.text for page in layout.pages for line in page.iter_lines() for w in line.words
    )
    assert not {"\ufb01", "\ufb02", "\x02", "\ufffe", "\x00"} & set(text)
    assert all(w.text == w.text.strip() and w.text.split() == [w.text] for w in words(layout))


def test_characters_beyond_the_basic_plane_keep_boxes_in_step(ragkit_data):
    # Mathematical letters take two units of UTF-16; words after them still get their own box.
    layout = PDFLoader(ragkit_data / "pdf" / "jose" / "jose.00302.pdf").load()[0]
    page = layout.pages[1]
    assert "𝐵𝑛" in page.text.replace(" ", "")
    for line in page.iter_lines():
        boxes = [w.box for w in line.words]
        assert all(a.x0 <= b.x0 for a, b in itertools.pairwise(boxes))


@pytest.mark.parametrize("engine", ["pdfium", "pypdf"])
class TestBadInput:
    def test_missing(self, engine, tmp_path):
        with pytest.raises(MissingFileError, match="no file"):
            PDFLoader(tmp_path / "no.pdf", engine=engine).load()

    def test_folder(self, engine, tmp_path):
        with pytest.raises(UnsupportedFileError, match="DirectoryLoader"):
            PDFLoader(tmp_path, engine=engine).load()

    def test_zero_bytes(self, engine, tmp_path):
        path = tmp_path / "z.pdf"
        path.touch()
        with pytest.raises(CorruptFileError, match="empty"):
            PDFLoader(path, engine=engine).load()

    def test_garbage(self, engine, tmp_path):
        path = tmp_path / "g.pdf"
        path.write_bytes(bytes(range(256)) * 20)
        with pytest.raises(CorruptFileError, match="not a readable PDF"):
            PDFLoader(path, engine=engine).load()

    def test_truncated(self, engine, make_pdf):
        data = make_pdf.data(HELLO)
        path = make_pdf.folder / "t.pdf"
        path.write_bytes(data[: len(data) // 4])
        with pytest.raises(CorruptFileError):
            PDFLoader(path, engine=engine).load()

    def test_encrypted_without_password(self, engine, make_pdf):
        path = make_pdf("e.pdf", HELLO, password="open sesame")
        with pytest.raises(EncryptedFileError, match="password="):
            PDFLoader(path, engine=engine).load()

    def test_encrypted_with_wrong_password(self, engine, make_pdf):
        path = make_pdf("e.pdf", HELLO, password="open sesame")
        with pytest.raises(EncryptedFileError, match="another password"):
            PDFLoader(path, engine=engine, password="shut").load()

    def test_encrypted_with_password(self, engine, make_pdf):
        path = make_pdf("e.pdf", HELLO, password="open sesame")
        layout = PDFLoader(path, engine=engine, password="open sesame").load()[0]
        assert layout.text.strip() == "Hello upright world"

    def test_without_text(self, engine, make_pdf):
        path = make_pdf("scan.pdf", [[], []])
        with pytest.raises(NoTextError, match="OCR"):
            PDFLoader(path, engine=engine).load()

    def test_too_many_pages(self, engine, make_pdf):
        path = make_pdf("long.pdf", HELLO * 3)
        with pytest.raises(LimitExceededError, match="max_pages=2"):
            PDFLoader(path, engine=engine, max_pages=2).load()
        assert len(PDFLoader(path, engine=engine, max_pages=None).load()[0].pages) == 3

    def test_too_many_bytes(self, engine, make_pdf):
        path = make_pdf("big.pdf", HELLO)
        with pytest.raises(LimitExceededError, match="max_bytes=100"):
            PDFLoader(path, engine=engine, max_bytes=100).load()


def test_aes_encryption(ragkit_data):
    path = ragkit_data / "pdf" / "robust" / "crazyones-encrypted-256.pdf"
    with pytest.raises(EncryptedFileError):
        PDFLoader(path).load()
    assert "crazy" in PDFLoader(path, password="password").load()[0].text
    assert "crazy" in PDFLoader(path, engine="pypdf", password="password").load()[0].text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "poppler"}, "engine is 'poppler'"),
        ({"max_pages": 0}, "max_pages is 0"),
        ({"max_bytes": -1}, "max_bytes is -1"),
        ({"password": 7}, "password"),
    ],
)
def test_options_that_cannot_work(options, message):
    with pytest.raises(InvalidInputError, match=message):
        PDFLoader("a.pdf", **options)


@pytest.mark.parametrize("path", [[], "", [7]])
def test_paths_that_cannot_work(path):
    with pytest.raises(InvalidInputError, match="path"):
        PDFLoader(path)


def test_a_name_with_a_null_character_is_a_load_error():
    with pytest.raises(LoadError):
        PDFLoader("a\0b.pdf").load()


@pytest.fixture
def without_pages(make_pdf):
    """Three pages, those given pointing at nothing."""

    def write(*lost):
        data = make_pdf.data([[(50, 60, text)] for text in ("one", "two", "three")])
        kids = re.search(rb"/Kids \[.*?\]", data)[0]
        refs = re.findall(rb"\d+ 0 R", kids)
        broken = kids
        for number in lost:
            broken = broken.replace(refs[number], b"99 0 R")
        path = make_pdf.folder / "broken.pdf"
        path.write_bytes(data.replace(kids, broken))
        return path

    return write


def test_a_damaged_page_costs_only_itself(without_pages):
    layout = PDFLoader(without_pages(0)).load()[0]
    assert [page.text for page in layout.pages] == ["", "two", "three"]
    assert "page 1 can't be read" in layout.pages[0].error
    assert layout.pages[1].error is None
    assert [d.metadata["page"] for d in PDFLoader(without_pages(0)).load_documents()] == [1, 2]


def test_a_file_whose_pages_are_all_damaged(without_pages):
    with pytest.raises(CorruptFileError, match="None of the 3"):
        PDFLoader(without_pages(0, 1, 2)).load()


def test_a_page_with_too_many_characters(make_pdf, monkeypatch):
    monkeypatch.setattr("ragkit.loading._pdfium_words.MAX_CHARACTERS", 5)
    path = make_pdf("long.pdf", [[(50, 60, "many characters")], [(50, 60, "few")]])
    layout = PDFLoader(path).load()[0]
    assert "more than 5" in layout.pages[0].error
    assert layout.pages[1].text == "few"


def test_text_apart_that_the_file_writes_as_one_word(make_pdf):
    import reportlab.pdfgen.canvas

    path = make_pdf.folder / "torn.pdf"
    canvas = reportlab.pdfgen.canvas.Canvas(str(path), pagesize=(400, 500))
    text = canvas.beginText(50, 400)
    text.setFont("Helvetica", 12)
    text.setCharSpace(40)
    text.textOut("ABC")
    canvas.drawText(text)
    canvas.save()
    found = words(PDFLoader(path).load()[0])
    assert "".join(w.text for w in found) == "ABC"
    assert all(w.box.width * 400 < 60 for w in found)


def test_damaged_metadata_is_left_out(make_pdf):
    data = make_pdf.data(HELLO)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.add_metadata({"/CreationDate": "yesterday", "/ModDate": "D:20231399"})
    path = make_pdf.folder / "dates.pdf"
    with path.open("wb") as out:
        writer.write(out)
    for engine in ("pdfium", "pypdf"):
        metadata = PDFLoader(path, engine=engine).load()[0].metadata
        assert not {"creation_date", "mod_date"} & set(metadata)


def test_a_file_that_is_no_file():
    with pytest.raises(UnsupportedFileError, match="not a regular file"):
        PDFLoader("/dev/null").load()


def test_threads_may_read_at_the_same_time(sample_data):
    paths = sorted(sample_data.glob("*.pdf")) * 4
    alone = {str(p): PDFLoader(p).load()[0].text for p in paths}
    together: dict[int, tuple[str, str]] = {}

    def read(number, path):
        together[number] = (str(path), PDFLoader(path).load()[0].text)

    threads = [threading.Thread(target=read, args=item) for item in enumerate(paths)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(together) == len(paths)
    assert all(alone[path] == text for path, text in together.values())


def test_every_strange_file_is_read_or_refused_clearly(ragkit_data):
    for path in sorted((ragkit_data / "pdf" / "robust").glob("*.pdf")):
        if "10K" in path.name:  # 98 pages; benchmarks read it
            continue
        try:
            layout = PDFLoader(path).load()[0]
        except EncryptedFileError:
            continue
        assert layout.text.strip(), path.name
        assert not any(page.error for page in layout.pages), path.name
