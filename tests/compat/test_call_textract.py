"""call_textract of the caller: real boto3 against a service on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ragkit.textract
from ragkit.aws import resume_analysis
from ragkit.compat import (
    Adapter,
    AdaptersConfig,
    NotificationChannel,
    OutputConfig,
    QueriesConfig,
    Query,
    Textract_Call_Mode,
    Textract_Features,
    call_textract,
)
from ragkit.errors import InvalidInputError, LimitExceededError

REPORT = Path(__file__).parents[2] / "examples" / "data" / "report.pdf"
STORED = "s3://bucket/report.pdf"
ROLE, TOPIC = "arn:aws:iam::1:role/textract", "arn:aws:sns:eu-central-1:1:done"
FEATURES = [Textract_Features.LAYOUT, Textract_Features.TABLES]


@pytest.fixture
def stored(service):
    service.objects["/bucket/report.pdf"] = REPORT.read_bytes()
    return service


def test_the_answer_is_the_service_s_and_becomes_text(service, scan):
    answer = call_textract(input_document=str(scan), features=FEATURES)
    assert answer["Blocks"] == service.blocks
    assert service.asked[0][1]["FeatureTypes"] == ["LAYOUT", "TABLES"]
    texts = ragkit.textract.get_text_from_layout_json(textract_json=answer)
    assert "Annual report 2023" in texts[1]


def test_without_features_lines_and_words_are_detected(service, scan):
    for document in (scan.read_bytes(), bytearray(scan.read_bytes())):
        call_textract(document)
    assert [name for name, _ in service.asked] == ["DetectDocumentText"] * 2


def test_a_pdf_in_s3_is_a_job_whose_parts_are_one_answer(stored):
    stored.most = 300
    stored.statuses, stored.warned = ["PARTIAL_SUCCESS"], [("PAGE_SIZE_EXCEEDED", [2])]
    answer = call_textract(STORED, FEATURES, job_done_polling_interval=0.01)
    assert answer["Blocks"] == stored.blocks
    assert "NextToken" not in answer
    assert answer["Warnings"] == [{"ErrorCode": "PAGE_SIZE_EXCEEDED", "Pages": [2]}]


def test_a_job_need_not_be_waited_for(stored):
    channel = NotificationChannel(role_arn=ROLE, sns_topic_arn=TOPIC)
    answer = call_textract(
        STORED, FEATURES, notification_channel=channel, job_tag="tag", return_job_id=True
    )
    (name, body), *rest = stored.asked
    assert (name, rest) == ("StartDocumentAnalysis", [])
    assert body["NotificationChannel"] == {"SNSTopicArn": TOPIC, "RoleArn": ROLE}
    assert body["JobTag"] == "tag"
    parts = resume_analysis(answer["JobId"]).wait(progress=False).parts()
    assert parts[0]["Blocks"] == stored.blocks


def test_results_that_go_into_s3(stored):
    """The service says whether they can be asked of itself, too; if not, they are read there."""
    output = OutputConfig(s3_bucket="results", s3_prefix="out")
    started = call_textract(
        STORED, FEATURES, output_config=output, kms_key_id="key", client_request_token="one",
        return_job_id=True,
    )  # fmt: skip
    body = stored.asked[0][1]
    assert body["OutputConfig"] == {"S3Bucket": "results", "S3Prefix": "out"}
    assert body["KMSKeyId"] == "key"
    blocks, stored.blocks = stored.blocks, []
    folder = f"/results/out/{started['JobId']}"
    for number, part in ((10, blocks[600:]), (9, blocks[:600])):
        content = {"JobStatus": "SUCCEEDED", "Blocks": part, "NextToken": "t"}
        stored.objects[f"{folder}/{number}"] = json.dumps(content).encode()
    stored.objects[f"{folder}/.s3_access_check"] = b""
    answer = call_textract(
        STORED, FEATURES, output_config=output, kms_key_id="key", client_request_token="one"
    )
    assert answer["Blocks"] == blocks
    assert "NextToken" not in answer


def test_queries_and_adapters(service, scan):
    adapters = AdaptersConfig([Adapter("adapter-one-1", "2", ["1"]), Adapter("adapter-two-2", "1")])
    call_textract(
        str(scan),
        [Textract_Features.QUERIES],
        queries_config=QueriesConfig([Query("Who?")]),
        adapters_config=adapters,
    )
    body = service.asked[0][1]
    assert body["QueriesConfig"] == {"Queries": [{"Text": "Who?"}]}
    assert body["AdaptersConfig"] == {"Adapters": [
        {"AdapterId": "adapter-one-1", "Version": "2", "Pages": ["1"]},
        {"AdapterId": "adapter-two-2", "Version": "1"},
    ]}  # fmt: skip


def test_a_client_of_boto3_s_is_used(service, scan, monkeypatch):
    import boto3

    client = boto3.client("textract", region_name="eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    call_textract(str(scan), FEATURES, boto3_textract_client=client)
    assert len(service.asked) == 1


def test_modes(stored):
    call_textract(STORED, FEATURES, call_mode=Textract_Call_Mode.FORCE_SYNC)
    call_textract("s3://bucket/report.pdf", FEATURES, force_async_api=True)
    stored.objects["/bucket/file"] = REPORT.read_bytes()
    call_textract("s3://bucket/file", FEATURES)
    call_textract("s3://bucket/file", FEATURES, mime_type="application/pdf", return_job_id=True)
    names = [name for name, _ in stored.asked if not name.startswith("Get")]
    assert names == ["AnalyzeDocument", "StartDocumentAnalysis"] * 2


def test_arguments_that_can_t_work(service, scan):
    with pytest.raises(InvalidInputError, match="input_document is local"):
        call_textract(str(REPORT), FEATURES, force_async_api=True)
    with pytest.raises(InvalidInputError, match="exclude each other"):
        call_textract(STORED, force_async_api=True, call_mode=Textract_Call_Mode.FORCE_SYNC)
    with pytest.raises(InvalidInputError, match="call_mode is 'sync'"):
        call_textract(STORED, call_mode="sync")
    with pytest.raises(InvalidInputError, match=r"OutputConfig can't be given.*force_async_api"):
        call_textract(str(scan), output_config=OutputConfig("b", "p"))
    with pytest.raises(InvalidInputError, match=r"JobTag can't be given.*force_async_api"):
        call_textract(str(scan), job_tag="t")
    with pytest.raises(LimitExceededError, match="2 pages") as caught:
        call_textract(str(REPORT), FEATURES)
    assert "upload_to=" in caught.value.__notes__[0]
    assert service.asked == []
