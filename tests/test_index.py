"""A folder kept ready to be asked: what sync does, and what the answers point at."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ragkit import Index, RecursiveSplitter, load_embedder
from ragkit.errors import (
    EmbeddingError,
    EncryptedFileError,
    IndexMismatchError,
    InvalidInputError,
    LoadError,
    MissingFileError,
    StoreError,
    UnknownOptionError,
    UnsupportedFileError,
)


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "hours.txt").write_text("The library opens at nine on weekdays.")
    (folder / "sub" / "cafe.md").write_text("# Cafe\n\nThe cafe sells tea for two pounds.\n")
    return folder


@pytest.fixture
def index(tmp_path):
    with Index(tmp_path / "index") as index:
        yield index


def texts(index: Index) -> set[str]:
    return {document.page_content for document in index.store.get_by_ids(index.store.ids())}


def test_the_first_sync_adds_and_the_second_leaves_alone(index, folder):
    first = index.sync(folder)
    assert first.added == ["hours.txt", "sub/cafe.md"]
    before = index.store.ids()
    second = index.sync(folder)
    assert second.unchanged == ["hours.txt", "sub/cafe.md"]
    assert second.added == second.updated == second.deleted == []
    assert index.store.ids() == before
    assert str(second).startswith("0 added, 0 updated, 0 deleted, 2 unchanged")


def test_changes_replace_only_their_own_file(index, folder):
    index.sync(folder)
    (folder / "hours.txt").write_text("The library opens at eleven on weekdays.")
    report = index.sync(folder)
    assert (report.updated, report.unchanged) == (["hours.txt"], ["sub/cafe.md"])
    assert texts(index) == {
        "The library opens at eleven on weekdays.",
        "# Cafe\n\nThe cafe sells tea for two pounds.",
    }


def test_deleted_files_are_forgotten_also_the_last_one(index, folder):
    index.sync(folder)
    (folder / "hours.txt").unlink()
    assert index.sync(folder).deleted == ["hours.txt"]
    (folder / "sub" / "cafe.md").unlink()
    # The folder may only be there without its disk.
    with pytest.raises(UnsupportedFileError, match="allow_empty=True"):
        index.sync(folder)
    assert len(index.store) == 1
    assert index.sync(folder, allow_empty=True).deleted == ["sub/cafe.md"]
    assert len(index.store) == 0


def test_files_that_are_only_not_looked_at_stay(index, folder):
    index.sync(folder)
    report = index.sync(folder, glob="*.md")
    assert (report.deleted, report.unchanged) == ([], ["sub/cafe.md"])
    with pytest.raises(UnsupportedFileError, match="allow_empty"):
        index.sync(folder, glob="*.PDFF")
    assert index.sync(folder, glob="*.PDFF", allow_empty=True).deleted == []
    assert len(index.store) == 2


def test_a_folder_that_can_not_be_looked_into_keeps_its_texts(index, folder, monkeypatch):
    index.sync(folder)
    lstat = Path.lstat

    def refused(self):
        if self.name == "cafe.md":
            raise PermissionError(13, "Permission denied")
        return lstat(self)

    (folder / "sub" / "cafe.md").rename(folder / "elsewhere")
    monkeypatch.setattr(Path, "lstat", refused)
    assert index.sync(folder).deleted == []


@pytest.mark.parametrize("spelling", ["../docs/./", "../link", "../docs/sub/.."])
def test_another_spelling_is_the_same_folder(index, folder, spelling):
    (folder.parent / "link").symlink_to(folder)
    index.sync(folder)
    assert index.sync(folder / spelling).unchanged == ["hours.txt", "sub/cafe.md"]


def test_folders_in_each_other_are_refused(index, folder):
    index.sync(folder)
    with pytest.raises(InvalidInputError, match="overlaps"):
        index.sync(folder / "sub")
    with pytest.raises(InvalidInputError, match="overlaps"):
        index.sync(folder.parent)


def test_a_name_that_is_no_utf8_does_not_stop_the_run(index, folder):
    Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.txt")).write_text("text")
    report = index.sync(folder)
    assert len(report.added) == 2
    assert [name.encode() for name in report.failed] == [rb"bad\xff.txt"]
    str(report).encode()


def test_pages_that_can_not_be_read_are_reported(index, folder, sample_data):
    import pypdf

    writer = pypdf.PdfWriter(clone_from=sample_data / "newsletter.pdf")
    number = writer.pages[1].indirect_reference.idnum
    writer._objects[number - 1] = pypdf.generic.NullObject()
    writer.write(folder / "broken.pdf")
    for _ in range(2):  # also when it is left alone
        report = index.sync(folder)
        assert list(report.partial) == ["broken.pdf"]
        assert "page 2" in str(report)
    assert index.info().unreadable_pages == 1


def test_what_one_file_does_to_the_embedder_is_that_files_failure(tmp_path, folder):
    def picky(text: str) -> list[float]:
        return [float("nan")] if "tea" in text else [1.0]

    with Index(tmp_path / "picky", embedder=picky) as index:
        report = index.sync(folder)
        assert (report.added, list(report.failed)) == (["hours.txt"], ["sub/cafe.md"])
        with pytest.raises(EmbeddingError):
            index.sync(folder, on_error="raise")


def test_options_of_the_loader_are_options_of_sync(index, folder):
    (folder / "latin.txt").write_bytes("Für 5 €".encode("cp1252"))
    assert "latin.txt" in index.sync(folder).failed
    assert "latin.txt" in index.sync(folder, encoding="cp1252").added
    with pytest.raises(UnknownOptionError, match="Did you mean 'exclude'"):
        index.sync(folder, excludes="*.md")


def test_the_answerer_has_the_indexs_embedder_and_language(tmp_path, folder):
    (folder / "de.txt").write_text("Die Bibliothek öffnet um neun Uhr. Hunde dürfen hinein.")
    with Index(tmp_path / "de", embedder=letters, language="german") as index:
        index.sync(folder)
        assert "neun Uhr" in index.ask("Wann öffnet die Bibliothek?").text


def test_two_files_with_the_same_text_stay_two(index, folder):
    shutil.copy(folder / "hours.txt", folder / "copy.txt")
    index.sync(folder)
    assert index.info().sources == 3
    assert len(index.search("library hours", k=10)) == 3
    (folder / "copy.txt").unlink()
    index.sync(folder)
    assert len(index.search("library hours", k=10)) == 2


def test_folders_do_not_disturb_each_other(index, folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "hours.txt").write_text("The museum opens at noon.")
    index.sync(folder)
    report = index.sync(other)
    assert report.added == [(other / "hours.txt").as_posix()]
    assert report.deleted == []
    assert index.sync(folder).unchanged == ["hours.txt", "sub/cafe.md"]
    assert index.sync(other).unchanged == report.added


def test_a_folder_that_was_moved_is_the_same_folder(index, folder, tmp_path):
    index.sync(folder)
    moved = tmp_path / "moved"
    folder.rename(moved)
    index.sync(moved)
    assert index.info().sources == 2
    (hit,) = index.search("library", k=1)
    assert Path(hit.document.source).is_file()


def test_a_file_that_breaks_is_reported_and_its_old_text_stays(index, folder):
    index.sync(folder)
    (folder / "hours.txt").write_bytes(b"\x00\x01binary")
    report = index.sync(folder)
    assert "hours.txt" in report.failed
    assert "hours.txt" in str(report)
    assert "The library opens at nine on weekdays." in texts(index)
    with pytest.raises(LoadError, match=r"hours\.txt"):
        index.sync(folder, on_error="raise")


def test_files_without_a_loader_are_listed(index, folder):
    (folder / "image.xyz").write_bytes(b"?")
    assert ".pdf" in index.sync(folder).skipped["image.xyz"]


def test_another_splitter_brings_every_file_up_to_date(index, folder, tmp_path):
    index.sync(folder)
    splitter = RecursiveSplitter(chunk_size=20, chunk_overlap=0)
    with Index(tmp_path / "index", splitter=splitter) as again:
        assert again.sync(folder).updated == ["hours.txt", "sub/cafe.md"]
        assert max(map(len, texts(again))) <= 20
        assert again.sync(folder).unchanged == ["hours.txt", "sub/cafe.md"]


def test_a_splitter_without_a_description_is_told_by_its_class(tmp_path, folder):
    class Whole:
        def split_documents(self, documents):
            from ragkit import LayoutLinearizer

            return LayoutLinearizer().transform(documents)

    for expected in ("added", "unchanged"):
        with Index(tmp_path / "whole", splitter=Whole()) as index:
            assert len(getattr(index.sync(folder), expected)) == 2


def test_the_index_is_still_there_after_closing(index, folder, tmp_path):
    index.sync(folder)
    index.close()
    with Index(tmp_path / "index") as again:
        assert "two pounds" in again.ask("What does the tea cost?").text
        assert again.info().chunks == 2
        assert "minilm" in repr(again).lower()


def test_info_counts_and_no_chunk_is_truncated_by_default(index, folder):
    (folder / "numbers.txt").write_text("\n".join(f"{n}.{n % 97}|{n * 7919}" for n in range(700)))
    (folder / "word.txt").write_text("x7Q" * 5000)
    (folder / "cjk.txt").write_text("図書館は九時に開きます。" * 100)
    index.sync(folder)
    info = index.info()
    assert info.truncated == 0
    assert info.dimension == 384
    assert info.sources == 5
    assert info.chunks == len(index.store) > 30


def test_truncated_chunks_are_counted(tmp_path, folder):
    (folder / "long.txt").write_text("many words " * 2000)
    splitter = RecursiveSplitter(chunk_size=10_000, chunk_overlap=0)
    with Index(tmp_path / "long", splitter=splitter) as index:
        index.sync(folder)
        assert index.info().truncated >= 2


def test_the_answer_points_at_file_page_box_and_characters(index, ragkit_data):
    pypdfium2 = pytest.importorskip("pypdfium2")
    index.sync(ragkit_data / "qa" / "me_blog")
    answer = index.ask("When can I visit the AWS M&E Customer Experience Center in New York City?")
    assert "November 13th" in answer.text
    citation = next(c for c in answer.citations if "November 13th" in c.quote)
    assert Path(citation.source).name.startswith("AWS announces new M&E Customer Experience")
    assert (citation.page, citation.page_label) == (2, "3")
    assert "page 3" in str(answer)

    pdf = pypdfium2.PdfDocument(citation.source)
    page = pdf[2]
    width, height = page.get_size()
    under = []
    for region in citation.regions:
        box = region.box
        text = page.get_textpage().get_text_bounded(
            box.x0 * width, (1 - box.y1) * height, box.x1 * width, (1 - box.y0) * height
        )
        under.append(text)
    pdf.close()
    assert "".join(" ".join(under).split()) == "".join(citation.quote.split())

    image = answer.show(citation.number, dpi=72)
    box = citation.regions[0].box
    middle = (
        int((box.x0 + box.x1) / 2 * image.width),
        int(box.y0 * image.height) + 1,
    )
    red, green, blue = image.convert("RGB").getpixel(middle)[:3]
    assert min(red, green) > blue + 40  # yellow


async def test_asking_without_blocking(index, folder):
    index.sync(folder)
    assert "nine" in (await index.aask("When does the library open?")).text


def test_progress_is_called(index, folder):
    seen = []
    index.sync(folder, progress=lambda done, total, path: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_encrypted_and_broken_pdfs(index, ragkit_data, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "zero.pdf").write_bytes(b"")
    (tmp_path / "in" / "cut.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    (tmp_path / "in" / "good.txt").write_text("Good.")
    report = index.sync(tmp_path / "in")
    assert set(report.failed) == {"zero.pdf", "cut.pdf"}
    assert report.added == ["good.txt"]
    assert issubclass(EncryptedFileError, LoadError)


def test_another_embedder_is_refused_and_both_are_named(index, folder, tmp_path):
    index.sync(folder)
    index.close()
    with pytest.raises(IndexMismatchError, match=r"(?s)MiniLM.*letters|letters.*MiniLM"):
        Index(tmp_path / "index", embedder=letters)


def letters(text: str) -> list[float]:
    """A plain function as an embedder: how often each of four letters occurs."""
    return [float(text.count(c)) + 0.01 for c in "etao"]


def test_a_plain_function_is_an_embedder(tmp_path, folder):
    with Index(tmp_path / "letters", embedder=letters) as index:
        index.sync(folder)
        assert index.info().dimension == 4
        assert len(index.search("tea", k=2)) == 2


def test_an_embedder_can_be_shared(tmp_path, folder):
    embedder = load_embedder("minilm")
    with Index(tmp_path / "a", embedder=embedder) as a, Index(tmp_path / "b", embedder=embedder):
        a.sync(folder)
        assert a.embedder is embedder


def test_bad_input_is_a_clear_error(index, tmp_path, folder):
    with pytest.raises(MissingFileError, match="nothing"):
        index.sync(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnsupportedFileError, match=r"\.pdf"):
        index.sync(tmp_path / "empty")
    with pytest.raises(InvalidInputError, match="on_error"):
        index.sync(folder, on_error="ignore")
    with pytest.raises(InvalidInputError, match="k is 0"):
        index.ask("When?", k=0)
    with pytest.raises(InvalidInputError, match="question"):
        index.ask("")
    with pytest.raises(InvalidInputError, match="is a file"):
        Index(folder / "hours.txt")
    for path in (None, 3, b"x", "", "a\0b"):
        with pytest.raises(InvalidInputError, match="path of a folder"):
            Index(path)
        with pytest.raises(InvalidInputError, match="path of a folder"):
            index.sync(path)
    with pytest.raises(StoreError, match="can't be made"):
        Index("/dev/null/x")
    with pytest.raises(InvalidInputError, match="splitter is 3"):
        Index(tmp_path / "x", splitter=3)
    with pytest.raises(InvalidInputError, match="'nope'"):
        Index(tmp_path / "x", llm="nope")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "index.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError):
        Index(tmp_path / "damaged")
