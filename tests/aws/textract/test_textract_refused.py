"""Documents and options that can't work, seen before anything is sent."""

import gzip
import io
import json
import struct
from pathlib import Path

import pytest
from textract_answers import operations

from ragkit.aws import (
    TextractQuery,
    analyze_document,
)
from ragkit.errors import (
    CorruptFileError,
    EncryptedFileError,
    EndpointError,
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


def huge_tiff(width, height, following=0):
    """A picture that would need gigabytes, in some bytes."""
    entries = [
        (256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, 1), (262, 3, 1), (273, 4, 8),
        (277, 3, 1), (278, 4, height), (279, 4, 1),
    ]  # fmt: skip
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + packed + struct.pack("<I", following)


def test_a_huge_picture_is_not_opened(service, where, one, tmp_path):
    (tmp_path / "huge.tif").write_bytes(huge_tiff(60_000, 40_000))
    TextractLoader(tmp_path / "huge.tif", **where).load()
    assert operations(service) == ["AnalyzeDocument"]
    with pytest.raises(CorruptFileError, match="damaged TIFF"):
        TextractLoader(huge_tiff(1, 1, following=8), **where).load()


def test_json_with_a_pdf_s_mark_is_no_pdf(service, where, tmp_path):
    line = {"BlockType": "LINE", "Id": "l", "Relationships": [{"Type": "CHILD", "Ids": ["w"]}]}
    word = {"BlockType": "WORD", "Id": "w", "Text": "x"}
    page = {"BlockType": "PAGE", "Id": "p", "Relationships": [{"Type": "CHILD", "Ids": ["l"]}]}
    content = json.dumps({"Comment": "%PDF-1.7, scanned", "Blocks": [page, line, word]}).encode()
    for data in (content, b"\xef\xbb\xbf\n" + content, gzip.compress(content, 0)):
        (tmp_path / "answer.json").write_bytes(data)
        for source in (data, tmp_path / "answer.json"):
            assert TextractLoader(source, **where).load()[0].text == "x"
    assert service.asked == []


@pytest.mark.parametrize("option", ["foo//user:hunter2@x y", "user:hunter2@x y"])
def test_an_address_that_is_none_is_shown_without_its_password(aws_session, option):
    with pytest.raises(InvalidInputError, match="endpoint_url=") as caught:
        TextractLoader("s3://bucket/a.pdf", session=aws_session, endpoint_url=option).load()
    assert "hunter2" not in str(caught.value)


def test_what_may_not_be_done_is_no_matter_of_a_model(service, where, image):
    service.refusals["AnalyzeDocument"] = [("AccessDeniedException", "not authorized")]
    with pytest.raises(EndpointError, match="policy") as caught:
        TextractLoader(image, **where).load()
    assert "model" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "empty text"),
        ('{"Blocks": []}', "a str is a path: give"),
        ("x" * 5000, "5,000 characters"),
        (Path("s3://bucket/key"), r"'s3:/bucket/key'; an address .* has to be a str"),
    ],
)
def test_texts_that_are_no_path(source, message):
    with pytest.raises(InvalidInputError, match=message):
        TextractLoader(source).load()
    with pytest.raises(InvalidInputError, match=message):
        analyze_document(source, region="eu-central-1")


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_buffers_are_bytes(service, where, image, one, kind):
    data = kind(image.read_bytes())
    assert len(TextractLoader([data], **where).load()) == 1
    assert len(TextractLoader(data, **where).load()) == 1
    assert len(analyze_document(data, **where)) == 1


def test_pages_can_not_be_drawn_on_what_is_in_s3():
    with pytest.raises(InvalidInputError, match="local file"):
        TextractLoader({"Blocks": []}, document="s3://bucket/scan.pdf")


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
