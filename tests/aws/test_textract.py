"""Documents analysed by Textract: real boto3 against a service on this machine."""

import asyncio
import base64
import gzip
import io
import json
import re
from collections import Counter

import pytest

import ragkit.textract
from ragkit.aws import (
    TextractQuery,
    aanalyze_document,
    analyze_document,
    resume_analysis,
    start_analysis,
)
from ragkit.errors import (
    CorruptFileError,
    DeploymentError,
    EncryptedFileError,
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    InvalidInputError,
    LimitExceededError,
    MissingFileError,
    PartialResultWarning,
    UnknownOptionError,
    UnsupportedFileError,
)
from ragkit.loading import TextractLoader

pytest.importorskip("boto3", reason="the extra aws is not installed")

SECRET = "secret-key-8"


@pytest.fixture(scope="module")
def textract(ragkit_data):
    return ragkit_data / "textract"


@pytest.fixture(scope="module")
def one_page(textract):
    return response(textract / "responses" / "tx_run1_matrix.json.gz")


@pytest.fixture(scope="module")
def six_pages(textract):
    return response(textract / "derived" / "derived_multipage_6p.json.gz")


@pytest.fixture
def service(six_pages):
    from textract_service import textract_service

    with textract_service(six_pages["Blocks"], 6) as instance:
        yield instance


@pytest.fixture
def where(service, aws_session, monkeypatch):
    """The arguments that say where, and that nothing need take long."""
    from ragkit import _retrying

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    quick = {"interval": 0.01, "timeout": 10, "progress": False}
    return {"session": aws_session, "endpoint_url": service.url, **quick}


@pytest.fixture
def pdf(textract):
    return textract / "documents" / "textractor-multipage-doc.pdf"


@pytest.fixture
def image(textract):
    return textract / "documents" / "matrix.png"


@pytest.fixture
def one(service, one_page):
    """The service gives the answer for one page."""
    service.blocks, service.pages = one_page["Blocks"], 1
    return one_page


def response(path):
    return json.loads(gzip.decompress(path.read_bytes()))


def words_of(blocks):
    return Counter(word for b in blocks if b["BlockType"] == "WORD" for word in b["Text"].split())


def operations(service):
    return [operation for operation, _ in service.asked]


def same_words(layout, blocks):
    """Whether each word is in the layout as often as in the response; boxes to tick aside."""
    return Counter(re.sub(r"\[[X ]\]", "", layout.text).split()) == words_of(blocks)


# One page, at once.


def test_an_image_is_sent_with_the_request(service, where, image, one):
    layout = ragkit.textract.load(image, features=["LAYOUT", "TABLES", "FORMS"], **where)
    ((operation, body),) = service.asked
    assert operation == "AnalyzeDocument"
    assert body["FeatureTypes"] == ["LAYOUT", "TABLES", "FORMS"]
    assert base64.b64decode(body["Document"]["Bytes"]) == image.read_bytes()
    assert layout.source == str(image)
    assert same_words(layout, one["Blocks"])


def test_a_document_is_known_by_its_content(service, where, image, textract, tmp_path, one):
    odd = tmp_path / "scan.json"
    odd.write_bytes(image.read_bytes())
    TextractLoader(odd, **where).load()
    TextractLoader(image.read_bytes(), **where).load()
    TextractLoader(textract / "documents" / "sample-invoice.pdf", **where).load()
    assert operations(service) == ["AnalyzeDocument"] * 3
    assert service.asked[0][1]["FeatureTypes"] == ["LAYOUT"]


@pytest.mark.parametrize("features", [None, (), []])
def test_without_features_text_is_detected(service, where, image, one, features):
    TextractLoader(image, features=features, **where).load()
    ((operation, body),) = service.asked
    assert operation == "DetectDocumentText"
    assert set(body) == {"Document"}


def test_questions_bring_their_feature(service, where, image, one):
    queries = [
        "Who signed?",
        TextractQuery("What is the total?", alias="TOTAL", pages=["1"]),
        {"Text": "When?", "Pages": ["1-*"]},
    ]
    TextractLoader(image, features=["layout"], queries=queries, **where).load()
    ((_, body),) = service.asked
    assert body["FeatureTypes"] == ["LAYOUT", "QUERIES"]
    assert body["QueriesConfig"]["Queries"] == [
        {"Text": "Who signed?"},
        {"Text": "What is the total?", "Alias": "TOTAL", "Pages": ["1"]},
        {"Text": "When?", "Pages": ["1-*"]},
    ]


def test_an_image_in_s3_is_named_and_not_fetched(service, where, image, one):
    service.objects["/bucket/in/scan.png"] = image.read_bytes()
    (layout,) = TextractLoader("s3://bucket/in/scan.png", **where).load()
    ((operation, body),) = service.asked
    assert operation == "AnalyzeDocument"
    assert body["Document"] == {"S3Object": {"Bucket": "bucket", "Name": "in/scan.png"}}
    assert layout.source == "s3://bucket/in/scan.png"
    assert "/bucket/in/scan.png" in service.objects


def test_an_object_without_a_suffix_is_looked_at(service, where, image, one):
    service.objects["/bucket/scan"] = image.read_bytes()
    service.objects["/bucket/answer"] = json.dumps(one).encode()
    TextractLoader("s3://bucket/scan", mode="sync", **where).load()
    assert operations(service) == ["AnalyzeDocument"]
    assert TextractLoader("s3://bucket/answer", **where).load()[0].pages
    assert operations(service) == ["AnalyzeDocument"]


# More pages, as a job.


def test_a_pdf_of_several_pages_is_a_job(service, where, pdf, six_pages):
    service.statuses = ["IN_PROGRESS"] * 3 + ["SUCCEEDED"]
    (layout,) = TextractLoader(pdf, upload_to="s3://bucket/tmp", **where).load()
    assert operations(service) == ["StartDocumentAnalysis"] + ["GetDocumentAnalysis"] * 7
    assert [body.get("NextToken") for _, body in service.asked[4:]] == [
        None, "token-1000", "token-2000", "token-3000",
    ]  # fmt: skip
    assert len(layout.pages) == 6
    assert same_words(layout, six_pages["Blocks"])
    (job,) = service.jobs.values()
    assert job["content"] == pdf.read_bytes()
    place = job["body"]["DocumentLocation"]["S3Object"]
    assert re.fullmatch(r"tmp/[0-9a-f]{32}/textractor-multipage-doc\.pdf", place["Name"])
    assert service.objects == {}  # deleted, since nobody else needs it


def test_the_upload_stays_where_that_is_asked_for(service, where, pdf):
    TextractLoader(pdf, upload_to="s3://bucket", keep_upload=True, **where).load()
    (key,) = service.objects
    assert key.endswith("/textractor-multipage-doc.pdf")


def test_what_was_in_s3_stays_there(service, where, pdf):
    service.objects["/bucket/report.pdf"] = pdf.read_bytes()
    (layout,) = TextractLoader("s3://bucket/report.pdf", **where).load()
    assert operations(service)[0] == "StartDocumentAnalysis"
    assert len(layout.pages) == 6
    assert set(service.objects) == {"/bucket/report.pdf"}


def test_an_image_as_a_job(service, where, image, one):
    layout = ragkit.textract.load(image, mode="async", upload_to="s3://bucket", **where)
    assert operations(service) == ["StartDocumentAnalysis", "GetDocumentAnalysis"]
    assert same_words(layout, one["Blocks"])


def test_names_that_s3_or_textract_would_not_take(service, where, pdf):
    options = {**where, "upload_to": "s3://bucket", "keep_upload": True}
    TextractLoader(pdf.read_bytes(), name="Übersicht #3 (neu).pdf", **options).load()
    (key,) = service.objects
    assert key.endswith("/-bersicht-3-neu-.pdf")


def test_text_alone_of_several_pages(service, where):
    service.objects["/bucket/report.pdf"] = b"%PDF-"
    TextractLoader("s3://bucket/report.pdf", features=None, **where).load()
    assert operations(service)[:2] == ["StartDocumentTextDetection", "GetDocumentTextDetection"]


def test_a_repeated_start_makes_no_second_job(service, where):
    service.objects["/bucket/report.pdf"] = b"%PDF-"
    service.lost = ["StartDocumentAnalysis"]
    TextractLoader("s3://bucket/report.pdf", **where).load()
    assert operations(service).count("StartDocumentAnalysis") == 2
    assert len(service.jobs) == 1


def test_two_documents_are_two_jobs(service, where):
    service.objects |= {"/bucket/a.pdf": b"%PDF-a", "/bucket/b.pdf": b"%PDF-b"}
    for name in ("a", "a", "b"):
        TextractLoader(f"s3://bucket/{name}.pdf", **where).load()
    assert len(service.jobs) == 3


def test_throttling_is_waited_out_everywhere(service, where, pdf):
    slow = ("ProvisionedThroughputExceededException", "Provisioned rate exceeded")
    later = ("ThrottlingException", "Rate exceeded")
    full = ("LimitExceededException", "Open jobs exceed maximum concurrent job limit")
    service.refusals = {
        "StartDocumentAnalysis": [full, slow, later],
        "GetDocumentAnalysis": [slow, later, ("InternalServerError", "oh", 500), slow],
    }
    (layout,) = TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert len(layout.pages) == 6
    assert len(service.jobs) == 1


def test_throttled_out(service, where, image):
    service.refusals = {"AnalyzeDocument": [("ThrottlingException", "Rate exceeded")] * 3}
    with pytest.raises(EndpointError, match=r"ThrottlingException: .* raise retries=") as caught:
        TextractLoader(image, retries=2, **where).load()
    assert caught.value.temporary
    assert len(service.asked) == 3


def test_several_documents_are_analysed_together(service, where, aws_session):
    service.objects |= {f"/bucket/{n}.pdf": f"%PDF-{n}".encode() for n in range(5)}
    service.statuses = ["IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"]
    names = [f"s3://bucket/{n}.pdf" for n in range(5)]
    layouts = TextractLoader(names, concurrency=3, **{**where, "interval": 0.2}).load()
    assert [layout.source for layout in layouts] == names
    looks = [place for place, (_, body) in enumerate(service.asked) if "JobId" in body]
    first = [place for place in looks if service.asked[place][1] == service.asked[looks[0]][1]]
    begun = operations(service)[: first[-1]].count("StartDocumentAnalysis")
    assert begun == 3  # none waits for another's end


def test_those_before_a_failure_are_given(service, where):
    service.objects["/bucket/good.pdf"] = b"%PDF-"
    found = TextractLoader(["s3://bucket/good.pdf", "s3://bucket/none.pdf"], **where).lazy_load()
    assert len(next(found).pages) == 6
    with pytest.raises(EndpointError, match=r"InvalidS3Object.*s3:GetObject"):
        next(found)


def test_the_answer_can_be_kept_and_read_again(service, where, pdf, tmp_path, six_pages):
    parts = analyze_document(pdf, upload_to="s3://bucket/x/", **where)
    assert [len(part["Blocks"]) for part in parts] == [1000, 1000, 1000, 224]
    kept = tmp_path / "answer.json"
    kept.write_text(json.dumps(parts), encoding="utf-8")
    assert same_words(ragkit.textract.load(kept), six_pages["Blocks"])


def test_a_job_is_started_here_and_fetched_there(service, where, pdf):
    connection = {key: where[key] for key in ("session", "endpoint_url")}
    service.statuses = ["IN_PROGRESS", "IN_PROGRESS", "SUCCEEDED"]
    job = start_analysis(pdf, upload_to="s3://bucket", **where)
    assert job.upload in {f"s3:/{key}" for key in service.objects}
    assert job.status() == "IN_PROGRESS"
    with pytest.raises(EndpointError, match="has not ended"):
        job.parts()
    other = resume_analysis(job.id, **connection)
    assert len(other.wait(interval=0.01, timeout=5, progress=False).parts()) == 4
    assert len(TextractLoader(other.parts()).load()[0].pages) == 6
    job.delete_upload()
    assert service.objects == {}
    job.close()
    other.close()


async def test_in_an_event_loop(service, where, pdf):
    loader = TextractLoader(pdf, upload_to="s3://bucket", **where)
    service.statuses = ["IN_PROGRESS"] * 5 + ["SUCCEEDED"]
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.005)

    counting = asyncio.create_task(count())
    (layout,) = await loader.aload()
    assert turns > 5  # others had their turn meanwhile
    counting.cancel()
    assert len(layout.pages) == 6
    assert [len(found.pages) async for found in loader.alazy_load()] == [6]
    assert len(await loader.aload_documents()) == 6
    parts = await aanalyze_document(pdf, upload_to="s3://bucket", **where)
    assert len(parts) == 4


# What goes wrong with a job.


def test_a_failed_job_says_why_and_leaves_nothing(service, where, pdf):
    service.statuses, service.reason = ["IN_PROGRESS", "FAILED"], "INVALID_PDF"
    with pytest.raises(DeploymentError, match=r"Textract job '\w+' FAILED: INVALID_PDF") as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert caught.value.reason == "INVALID_PDF"
    assert service.objects == {}


def test_a_partial_success_is_kept_with_a_warning(service, where, pdf):
    service.blocks = [block for block in service.blocks if block["Page"] not in (2, 5)]
    service.statuses, service.warned = ["PARTIAL_SUCCESS"], [("PAGE_SIZE_EXCEEDED", [2, 5])]
    with pytest.warns(PartialResultWarning, match=r"PAGE_SIZE_EXCEEDED, on pages 2 and 5") as seen:
        (layout,) = TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert len(layout.pages) == 4
    (warning,) = [one.message for one in seen]
    assert (warning.code, warning.pages) == ("PAGE_SIZE_EXCEEDED", (2, 5))
    assert layout.metadata["warnings"] == [warning.to_dict()]
    json.dumps(layout.metadata)  # stores keep it so


def test_a_job_that_takes_too_long_can_be_fetched_later(service, where, pdf):
    service.statuses = ["IN_PROGRESS"]
    with pytest.raises(EndpointTimeoutError, match="still IN_PROGRESS") as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **{**where, "timeout": 0.05}).load()
    (job,) = service.jobs
    (key,) = service.objects  # the job may still read it
    notes = " ".join(caught.value.__notes__)
    assert f"resume_analysis('{job}') fetches" in notes
    assert f"s3:/{key}" in notes


def test_how_a_job_without_features_is_fetched_later(service, where):
    service.objects["/bucket/report.pdf"] = b"%PDF-"
    service.statuses = ["IN_PROGRESS"]
    late = {**where, "timeout": 0.05, "features": None}
    with pytest.raises(EndpointTimeoutError) as caught:
        TextractLoader("s3://bucket/report.pdf", **late).load()
    assert ", text_only=True)" in " ".join(caught.value.__notes__)
    (job,) = service.jobs
    service.jobs[job]["statuses"] = ["SUCCEEDED"]
    connection = {key: where[key] for key in ("session", "endpoint_url")}
    again = resume_analysis(job, text_only=True, **connection)
    assert len(again.wait(progress=False).parts()) == 4
    again.close()


def test_looks_become_rarer(service, where, monkeypatch):
    slept = []
    monkeypatch.setattr("ragkit.aws.waiting.time.sleep", slept.append)
    service.objects["/bucket/report.pdf"] = b"%PDF-"
    service.statuses = ["IN_PROGRESS"] * 12 + ["SUCCEEDED"]
    options = {**where, "interval": 1.0, "timeout": 1000}
    TextractLoader("s3://bucket/report.pdf", **options).load()
    assert slept[:3] == [1.0, 1.5, 2.25]
    assert slept[-1] == 15.0
    assert len(slept) == 12


def test_a_job_that_expired(service, where):
    connection = {key: where[key] for key in ("session", "endpoint_url")}
    job = resume_analysis("f" * 64, **connection)
    with pytest.raises(EndpointError, match=r"InvalidJobId.*kept for seven days"):
        job.wait(progress=False)
    job.close()


def test_a_refused_start_leaves_nothing(service, where, pdf):
    service.refusals["StartDocumentAnalysis"] = [("AccessDeniedException", "not authorized")]
    with pytest.raises(EndpointError, match=r"AccessDeniedException.*policy") as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert not caught.value.temporary
    assert service.objects == {}


def test_an_upload_whose_reply_is_lost_is_not_left(service, where, pdf):
    service.lost = ["PutObject"] * 3
    with pytest.raises(EndpointConnectionError, match="s3 can't be reached"):
        TextractLoader(pdf, upload_to="s3://bucket", retries=2, **where).load()
    assert service.lost == []
    assert service.objects == {}


def test_an_interrupt_says_what_goes_on(service, where, pdf):
    def interrupt(status, seconds):
        raise KeyboardInterrupt

    service.statuses = ["IN_PROGRESS"]
    options = {**where, "progress": interrupt}
    with pytest.raises(KeyboardInterrupt) as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **options).load()
    assert "resume_analysis" in " ".join(caught.value.__notes__)
    assert len(service.objects) == 1


def test_a_bucket_that_may_not_be_written(service, where, pdf):
    service.refusals["PutObject"] = [("AccessDenied", 403)]
    with pytest.raises(EndpointError, match="s3 refused with AccessDenied"):
        TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert service.asked == []


def test_an_upload_that_can_not_be_deleted_costs_no_result(service, where, pdf):
    service.refusals["DeleteObject"] = [("AccessDenied", 403)]
    with pytest.warns(PartialResultWarning, match=r"s3://bucket/.* could not be deleted") as seen:
        (layout,) = TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert len(layout.pages) == 6
    assert seen[0].message.code == "UPLOAD_LEFT"


def test_what_could_not_be_deleted_is_on_the_error(service, where, pdf):
    service.statuses = ["FAILED"]
    service.refusals["DeleteObject"] = [("AccessDenied", 403)]
    with pytest.raises(DeploymentError) as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    (key,) = service.objects
    assert f"s3:/{key} could not be deleted" in " ".join(caught.value.__notes__)


def test_a_result_that_never_ends_is_given_up(service, where):
    service.objects["/bucket/report.pdf"] = b"%PDF-"
    service.most = 0  # each part names itself as the next
    with pytest.raises(EndpointReplyError, match="same NextToken again"):
        TextractLoader("s3://bucket/report.pdf", **where).load()


def test_credentials_that_are_not_known(service, where, image, one):
    service.refusals["AnalyzeDocument"] = [("UnrecognizedClientException", "invalid token")]
    with pytest.raises(EndpointError, match=r"Check the credentials \(profile="):
        TextractLoader(image, **where).load()


def test_a_service_that_is_not_there(aws_session, image, monkeypatch):
    from ragkit import _retrying

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    options = {"session": aws_session, "endpoint_url": "http://127.0.0.1:9", "retries": 1}
    with pytest.raises(EndpointConnectionError, match="textract can't be reached"):
        TextractLoader(image, **options).load()


def test_secrets_are_not_shown(service, where, image):
    said = f"signed with {SECRET} by AKIAABCDEFGHIJKLMNOP"
    service.refusals["AnalyzeDocument"] = [("AccessDeniedException", said)]
    with pytest.raises(EndpointError) as caught:
        TextractLoader(image, **where).load()
    assert SECRET not in str(caught.value)
    assert "AKIA" not in str(caught.value)
    service.objects["/bucket/a.pdf"] = b"%PDF-"
    service.statuses, service.reason = ["FAILED"], said
    with pytest.raises(DeploymentError) as failed:
        TextractLoader("s3://bucket/a.pdf", **where).load()
    assert SECRET not in str(failed.value) + failed.value.reason


# Clients.


def test_a_client_of_one_s_own(service, where, aws_session, image, pdf, one):
    client = aws_session.client("textract", endpoint_url=service.url)
    TextractLoader(image, client=client).load()
    assert operations(service) == ["AnalyzeDocument"]
    with pytest.raises(InvalidInputError, match="client= is of textract alone, and s3 needs"):
        TextractLoader(pdf, client=client, upload_to="s3://bucket").load()
    s3 = aws_session.client("s3", endpoint_url=service.url)
    both = {"textract": client, "s3": s3}
    service.pages = 1
    TextractLoader(pdf, client=both, upload_to="s3://bucket", progress=False).load()
    assert operations(service)[1:] == ["StartDocumentAnalysis", "GetDocumentAnalysis"]
    client.close()
    s3.close()


def test_an_address_for_each_service(service, where, aws_session, image, one):
    urls = {"textract": service.url, "s3": "http://127.0.0.1:9"}
    TextractLoader(image, **{**where, "endpoint_url": urls}).load()
    assert operations(service) == ["AnalyzeDocument"]


# Documents that Textract does not read, seen before anything is sent.


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


# Responses in S3.


@pytest.fixture
def chunks(textract):
    return response(textract / "derived" / "derived_multipage_6p.chunks.json.gz")


def test_a_folder_in_s3_as_textract_writes_it(service, where, chunks, six_pages):
    service.objects["/bucket/out/job/.s3_access_check"] = b""
    for number, chunk in enumerate(chunks, 1):
        service.objects[f"/bucket/out/job/{number}"] = json.dumps(chunk).encode()
    (layout,) = TextractLoader("s3://bucket/out/job/", **where).load()
    assert layout.source == "s3://bucket/out/job/"
    assert same_words(layout, six_pages["Blocks"])
    assert service.asked == []


def test_objects_in_s3_that_are_gzipped(service, where, chunks, six_pages):
    service.objects["/bucket/all.json.gz"] = gzip.compress(json.dumps(six_pages).encode())
    layout = ragkit.textract.load("s3://bucket/all.json.gz", **where)
    assert same_words(layout, six_pages["Blocks"])
    for number, chunk in enumerate(chunks):
        packed = gzip.compress(json.dumps(chunk).encode())
        service.objects[f"/bucket/{number}.json.gz"] = packed
    del service.objects["/bucket/all.json.gz"]
    assert same_words(ragkit.textract.load("s3://bucket", **where), six_pages["Blocks"])


def test_what_is_not_in_s3(service, where, chunks):
    service.objects["/bucket/out/job/1"] = json.dumps(chunks[0]).encode()
    with pytest.raises(MissingFileError, match=r"no 's3://bucket/out'.*folder ends in '/'"):
        TextractLoader("s3://bucket/out", **where).load()
    with pytest.raises(CorruptFileError, match=r"without JSON files\. It has 'out/job/'; name one"):
        TextractLoader("s3://bucket/out/", **where).load()
    with pytest.raises(CorruptFileError, match="without JSON files"):
        TextractLoader("s3://bucket/none/", **where).load()
    with pytest.raises(CorruptFileError, match="NextToken, so that the last is missing"):
        TextractLoader("s3://bucket/out/job/", **where).load()
    with pytest.raises(LimitExceededError, match="max_bytes=10"):
        TextractLoader("s3://bucket/out/job/1", max_bytes=10, **where).load()
    service.refusals["ListObjects"] = [("AccessDenied", 403)]
    with pytest.raises(EndpointError, match="s3 refused with AccessDenied"):
        TextractLoader("s3://bucket/out/", **where).load()
    with pytest.raises(InvalidInputError, match="s3://bucket/key"):
        TextractLoader("s3://", **where).load()
