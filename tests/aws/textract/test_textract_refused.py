"""Documents and options that can't work, seen before anything is sent."""

import io

import pytest
from textract_answers import operations

from ragkit.aws import (
    TextractQuery,
    analyze_document,
)
from ragkit.errors import (
    CorruptFileError,
    EncryptedFileError,
    InvalidInputError,
    LimitExceededError,
    UnknownOptionError,
    UnsupportedFileError,
)
from ragkit.loading import TextractLoader

pytest.importorskip("boto3", reason="the extra aws is not installed")


def tiff(frames):
    import PIL.Image

    first, *others = [PIL.Image.new("L", (20, 20), shade) for shade in range(frames)]
    stream = io.BytesIO()
    first.save(stream, "TIFF", save_all=True, append_images=others)
    return stream.getvalue()


def test_pages_of_a_tiff_are_counted(service, where, one, tmp_path):
    TextractLoader(tiff(1), **where).load()
    assert operations(service) == ["AnalyzeDocument"]
    with pytest.raises(InvalidInputError, match=r"'textract' needs a job.*upload_to="):
        TextractLoader(tiff(2), **where).load()
    (tmp_path / "two.tif").write_bytes(tiff(2))
    with pytest.raises(LimitExceededError, match=r"2 pages; Textract takes 1 with mode='sync'"):
        TextractLoader(tmp_path / "two.tif", mode="sync", **where).load()
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", CorruptFileError, "0 bytes"),
        (b"GIF89a" + b"\0" * 50, UnsupportedFileError, "none of JPEG, PNG, TIFF and PDF"),
        (b"%PDF-1.7 and no more", CorruptFileError, "damaged"),
        (b"II*\0" + b"\0" * 50, CorruptFileError, "damaged TIFF"),
        (
            b"\x89PNG\r\n\x1a\n" + b"\0" * 11_000_000,
            LimitExceededError,
            "takes 10,485,760 of a PNG",
        ),
    ],
)
def test_files_that_can_not_be_analysed(service, where, tmp_path, content, error, message):
    path = tmp_path / "scan.png"
    path.write_bytes(content)
    with pytest.raises(error, match=message):
        analyze_document(path, **where)
    assert service.asked == []


def test_an_encrypted_pdf(service, where, pdf, tmp_path):
    pypdf = pytest.importorskip("pypdf", reason="writes the encrypted PDF")
    writer = pypdf.PdfWriter(clone_from=pdf)
    writer.encrypt("sesame", algorithm="RC4-128")
    writer.write(tmp_path / "secret.pdf")
    with pytest.raises(EncryptedFileError, match="Textract reads no encrypted PDF"):
        TextractLoader(tmp_path / "secret.pdf", upload_to="s3://bucket", **where).load()
    assert service.objects == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": ["LAYOUTS"]}, "'LAYOUTS'; there are LAYOUT, TABLES"),
        ({"features": "LAYOUT"}, "list of names"),
        ({"features": ["QUERIES"]}, "needs queries="),
        ({"queries": [""]}, "text of up to 200"),
        ({"queries": ["x" * 201]}, "text of up to 200"),
        ({"queries": [TextractQuery]}, "has to be a text"),
        ({"queries": "Who?"}, "list of questions"),
        ({"queries": [{"Text": "x", "Page": ["1"]}]}, "unknown option 'Page'"),
        ({"queries": [{"Text": "x", "Pages": ["one"]}]}, "'one'; it has to be"),
        ({"mode": "both"}, "mode is 'both'"),
        ({"upload_to": "bucket/prefix"}, "upload_to is 'bucket/prefix'"),
        ({"timeout": 0}, "timeout is 0"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"progress": "yes"}, "progress is 'yes'"),
    ],
)
def test_options_that_can_not_work_are_said_at_once(options, message):
    with pytest.raises(InvalidInputError, match=message):
        TextractLoader("scan.png", **options)


def test_options_that_there_are_not():
    with pytest.raises(UnknownOptionError, match=r"'feature'.*Did you mean 'features'"):
        TextractLoader("scan.png", feature=["LAYOUT"])
    with pytest.raises(UnknownOptionError, match="'upload'"):
        analyze_document("scan.png", upload="s3://bucket")


def test_too_many_questions(service, where, image):
    queries = [f"What is number {n}?" for n in range(16)]
    with pytest.raises(InvalidInputError, match=r"16 queries; .* 15 .*30 with mode='async'"):
        TextractLoader(image, queries=queries, **where).load()
