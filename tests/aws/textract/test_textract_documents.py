"""Documents analysed by Textract: real boto3 against a service on this machine."""

import asyncio
import base64
import json
import re

import pytest
from textract_answers import operations, same_words

import ragkit.textract
from ragkit.aws import (
    TextractQuery,
    aanalyze_document,
    analyze_document,
    resume_analysis,
    start_analysis,
)
from ragkit.errors import (
    EndpointError,
    InvalidInputError,
)
from ragkit.loading import TextractLoader

pytest.importorskip("boto3", reason="the extra aws is not installed")


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
