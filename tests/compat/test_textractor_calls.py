"""Textractor's calls: real boto3 against a service on this machine."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest

from ragkit.compat import (
    QueriesConfig,
    Query,
    TextLinearizationConfig,
    TextractAPI,
    TextractFeatures,
    Textractor,
)
from ragkit.errors import (
    DeploymentError,
    EndpointError,
    EndpointTimeoutError,
    InvalidInputError,
    LimitExceededError,
    MissingFileError,
    PartialResultWarning,
    UnknownOptionError,
)

LAYOUT = [TextractFeatures.LAYOUT]
REPORT = Path(__file__).parents[2] / "examples" / "data" / "report.pdf"
YELLOW = (255, 255, 0)


def test_a_page_is_analysed(service, scan):
    document = Textractor(region_name="eu-central-1").analyze_document(
        file_source=str(scan), features=LAYOUT, save_image=True
    )
    ((operation, body),) = service.asked
    assert (operation, body["FeatureTypes"]) == ("AnalyzeDocument", ["LAYOUT"])
    assert base64.b64decode(body["Document"]["Bytes"]) == scan.read_bytes()
    assert document.response["Blocks"] == service.blocks
    assert document.pages[0].page_layout.titles[0].text == "Annual report 2023"
    assert document.pages[0].image.size == (85, 110)
    picture = document.pages[0].page_layout.titles.visualize()
    assert picture.getpixel((2, 100)) == YELLOW
    config = TextLinearizationConfig(hide_figure_layout=True, title_prefix="# ")
    assert "# Annual report 2023" in document.get_text(config=config)


def test_a_picture_is_kept_only_when_it_is_asked_for(service, scan):
    document = Textractor().analyze_document(str(scan), LAYOUT, save_image=False)
    assert document.images == [None, None]
    assert document.pages[0].page_layout.titles.visualize().getpixel((2, 100)) == (255, 255, 255)


@pytest.mark.parametrize("many", [False, True])
def test_pillow_s_pictures_and_bytes_are_sent(service, scan, many):
    picture = PIL.Image.new("CMYK", (20, 30))
    document = Textractor().analyze_document([picture] if many else picture, LAYOUT)
    assert document.pages[0].image is picture
    sent = base64.b64decode(service.asked[0][1]["Document"]["Bytes"])
    assert sent.startswith(b"\x89PNG")
    assert Textractor().detect_document_text(scan.read_bytes()).pages[0].image.size == (85, 110)
    assert service.asked[-1][0] == "DetectDocumentText"


def test_queries_are_texts_or_queries(service, scan):
    asked = [
        ["Who?"], QueriesConfig([Query("Who?", alias="WHO", pages=["1"])]), [Query("Who?")],
    ]  # fmt: skip
    for queries in asked:
        features = [TextractFeatures.QUERIES, TextractFeatures.LAYOUT]
        Textractor().analyze_document(str(scan), features, queries=queries)
    sent = [body["QueriesConfig"]["Queries"][0] for _, body in service.asked]
    assert sent == [{"Text": "Who?"}, {"Text": "Who?", "Alias": "WHO", "Pages": ["1"]},
                    {"Text": "Who?"}]  # fmt: skip
    with pytest.raises(InvalidInputError, match="queries is 'Who"):
        Textractor().analyze_document(str(scan), features, queries="Who?")


def test_the_region_may_be_the_environment_s(service, scan, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    assert len(Textractor().analyze_document(str(scan), LAYOUT).pages) == 2


def test_one_feature_need_be_no_list(service, scan):
    Textractor().analyze_document(str(scan), TextractFeatures.TABLES)
    assert service.asked[0][1]["FeatureTypes"] == ["TABLES"]


def test_several_pages_are_no_job_of_analyze_document(service):
    with pytest.raises(LimitExceededError, match="2 pages") as caught:
        Textractor().analyze_document(str(REPORT), LAYOUT)
    assert "start_document_analysis()" in caught.value.__notes__[0]
    with pytest.raises(InvalidInputError, match="has 2 pictures"):
        Textractor().analyze_document([PIL.Image.new("L", (9, 9))] * 2, LAYOUT)
    with pytest.raises(InvalidInputError, match="file_source is a int"):
        Textractor().analyze_document(3, LAYOUT)
    with pytest.raises(MissingFileError):
        Textractor().analyze_document("nothing.png", LAYOUT)
    assert service.asked == []


def test_a_job_is_waited_for_when_its_result_is_needed(service):
    service.statuses, service.most = ["IN_PROGRESS", "SUCCEEDED"], 300
    lazy = Textractor().start_document_analysis(
        file_source=str(REPORT), features=LAYOUT, s3_upload_path="s3://bucket/in", job_tag="t"
    )
    lazy.textract_polling_interval = 0.01
    (job,) = service.jobs.values()
    assert (lazy.job_id, job["body"]["JobTag"]) == (next(iter(service.jobs)), "t")
    assert (len(service.objects), lazy.document) == (1, None)
    assert repr(lazy) == f"LazyDocument({lazy.job_id!r})"
    assert [name for name, _ in service.asked] == ["StartDocumentAnalysis"]

    assert len(lazy.pages) == 2
    assert lazy.document.response["Blocks"] == service.blocks
    assert "NextToken" not in lazy.response
    assert service.objects == {}
    page = lazy.pages[1]
    assert page.image.getbbox() is not None
    assert page.page_layout.lists.visualize().size == page.image.size
    asked = len(service.asked)
    assert lazy.get_text().startswith("Harrow Valley")
    assert len(service.asked) == asked


def test_asking_for_private_names_waits_for_nothing(service):
    lazy = Textractor().start_document_text_detection(str(REPORT), s3_upload_path="s3://bucket/in")
    with pytest.raises(AttributeError, match="_repr_html_"):
        _ = lazy._repr_html_
    assert [name for name, _ in service.asked] == ["StartDocumentTextDetection"]


def test_a_document_in_s3_is_drawn_when_it_is_looked_at(service):
    service.objects["/bucket/report.pdf"] = REPORT.read_bytes()
    lazy = Textractor().start_document_analysis("s3://bucket/report.pdf", LAYOUT)
    assert lazy.pages[0].image.width > 1000
    assert list(service.objects) == ["/bucket/report.pdf"]


def test_a_job_that_failed(service):
    service.statuses = ["FAILED"]
    lazy = Textractor().start_document_analysis(str(REPORT), LAYOUT, s3_upload_path="s3://bucket/")
    with pytest.raises(DeploymentError, match="BAD_DOCUMENT"):
        _ = lazy.pages
    assert service.objects == {}


def test_a_job_that_takes_too_long_can_be_come_back_to(service):
    service.statuses = ["IN_PROGRESS"]
    lazy = Textractor().start_document_analysis(str(REPORT), LAYOUT, s3_upload_path="s3://bucket/")
    lazy.timeout, lazy.textract_polling_interval = 0.05, 0.01
    with pytest.raises(EndpointTimeoutError) as caught:
        _ = lazy.pages
    assert f"resume_analysis({lazy.job_id!r})" in caught.value.__notes__[0]
    assert len(service.objects) == 1  # the job reads it
    service.jobs[lazy.job_id]["statuses"] = ["SUCCEEDED"]
    assert len(lazy.pages) == 2
    assert service.objects == {}


def test_an_upload_that_can_t_be_deleted_costs_no_result(service):
    lazy = Textractor().start_document_analysis(str(REPORT), LAYOUT, s3_upload_path="s3://bucket/")
    service.refusals["DeleteObject"] = [("AccessDenied",)] * 9
    with pytest.warns(PartialResultWarning, match="could not be deleted") as caught:
        assert len(lazy.pages) == 2
    assert caught[0].message.code == "UPLOAD_LEFT"


def test_a_result_is_fetched_by_its_job_s_name(service):
    service.objects["/bucket/report.pdf"] = REPORT.read_bytes()
    extractor = Textractor()
    job = extractor.start_document_analysis("s3://bucket/report.pdf", LAYOUT, save_image=False)
    assert len(extractor.get_result(job.job_id, TextractAPI.ANALYZE).pages) == 2
    with pytest.raises(InvalidInputError, match="api is "):
        extractor.get_result(job.job_id, TextractAPI.EXPENSE)


def test_a_result_that_goes_into_s3(service):
    service.objects["/bucket/report.pdf"] = REPORT.read_bytes()
    blocks, service.blocks = service.blocks, []
    lazy = Textractor(kms_key_id="key").start_document_analysis(
        "s3://bucket/report.pdf", LAYOUT, s3_output_path="s3://results", save_image=False
    )
    body = service.asked[0][1]
    assert (body["OutputConfig"], body["KMSKeyId"]) == ({"S3Bucket": "results"}, "key")
    place = f"/results/textract_output/{lazy.job_id}/1"
    service.objects[place] = json.dumps({"JobStatus": "SUCCEEDED", "Blocks": blocks}).encode()
    assert len(lazy.pages) == 2
    assert place in service.objects


def test_the_same_token_starts_no_second_job(service):
    service.objects["/bucket/report.pdf"] = REPORT.read_bytes()
    for _ in range(2):
        Textractor().start_document_analysis(
            "s3://bucket/report.pdf", LAYOUT, client_request_token="once", save_image=False
        )
    assert len(service.jobs) == 1


def test_refusals_are_errors_of_ragkit(service, scan):
    service.refusals["AnalyzeDocument"] = [("AccessDeniedException", "not allowed")]
    with pytest.raises(EndpointError, match="not allowed"):
        Textractor().analyze_document(str(scan), LAYOUT)


def test_arguments_that_can_t_work(service, scan):
    with pytest.raises(UnknownOptionError, match="region_name"):
        Textractor(region="eu-central-1")
    with pytest.raises(InvalidInputError, match="give s3_upload_path="):
        Textractor().start_document_analysis(str(REPORT), LAYOUT)
    with pytest.raises(InvalidInputError, match="s3_output_path is 'bucket/out'"):
        Textractor().start_document_analysis(
            str(REPORT), LAYOUT, s3_output_path="bucket/out", s3_upload_path="s3://b/i"
        )
    with pytest.raises(AttributeError, match=r"no 'analyze_id' in ragkit.compat: ask boto3"):
        Textractor().analyze_id("a.png")
    with pytest.raises(InvalidInputError, match="'BARCODES'"):
        Textractor().analyze_document(str(scan), ["BARCODES"])
    assert service.asked == []


def test_botocore_s_config_is_used(service, scan):
    from botocore.config import Config

    config = Config(user_agent_extra="mine", retries={"total_max_attempts": 1})
    document = Textractor(region_name="eu-west-1", config=config).analyze_document(
        str(scan), LAYOUT
    )
    assert len(document.pages) == 2
    assert repr(Textractor("p", "r")) == "Textractor(profile_name='p', region_name='r')"


def test_importing_loads_neither_boto3_nor_pillow():
    code = (
        "import sys; from ragkit.compat import *; Textractor(region_name='a'); "
        "print(*[n for n in ('boto3', 'PIL', 'pypdfium2') if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
