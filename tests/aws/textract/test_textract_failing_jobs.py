"""What goes wrong while Textract works: real boto3 against a service on this machine."""

import json

import pytest
from textract_service import TextractService

from ragkit.aws import resume_analysis
from ragkit.errors import (
    CorruptFileError,
    DeploymentError,
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    PartialResultWarning,
)
from ragkit.loading import TextractLoader

pytest.importorskip("boto3", reason="the extra aws is not installed")

SECRET = "secret-key-8"


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


def kept(error, service):
    """Whether the error says how the result of each job is fetched again."""
    notes = "\n".join(getattr(error, "__notes__", ()))
    return [f"resume_analysis({job!r}).parts()" in notes for job in service.jobs]


def test_a_result_whose_later_parts_are_refused_is_not_lost(service, where, pdf, monkeypatch):
    whole = TextractService.part

    def part(self, body):
        if "NextToken" in body:
            raise LookupError("AccessDeniedException", "no")
        return whole(self, body)

    with monkeypatch.context() as patch:
        patch.setattr(TextractService, "part", part)
        with pytest.raises(EndpointError, match="AccessDenied") as caught:
            TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert kept(caught.value, service) == [True]
    assert service.objects == {}
    (job,) = service.jobs
    connection = {key: where[key] for key in ("session", "endpoint_url")}
    again = resume_analysis(job, **connection)
    assert len(TextractLoader(again.parts()).load()[0].pages) == 6
    again.close()


def test_a_result_that_is_not_whole_is_not_lost(service, where, pdf):
    service.blocks = [block for block in service.blocks if block["Page"] != 3]
    with pytest.raises(CorruptFileError, match="page 3 of 6") as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert kept(caught.value, service) == [True]


def test_a_result_with_a_block_that_is_none_is_not_lost(service, where, pdf):
    service.blocks = [*service.blocks, {"BlockType": "LINE"}]
    with pytest.raises(CorruptFileError, match="a block that is none") as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert kept(caught.value, service) == [True]


def test_a_result_is_not_lost_where_warnings_are_errors(service, where, pdf):
    service.refusals["DeleteObject"] = [("AccessDenied", 403)]
    with pytest.raises(PartialResultWarning, match="could not be deleted") as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert kept(caught.value, service) == [True]


def test_results_after_one_that_fails_are_not_lost(service, where, pdf, tmp_path):
    (broken := tmp_path / "a.json").write_text("{")
    with pytest.raises(CorruptFileError, match="no JSON") as caught:
        TextractLoader([broken, pdf, pdf], upload_to="s3://bucket", **where).load()
    assert kept(caught.value, service) == [True, True]


def test_a_job_that_failed_has_no_result_to_fetch(service, where, pdf):
    service.statuses = ["FAILED"]
    with pytest.raises(DeploymentError) as caught:
        TextractLoader(pdf, upload_to="s3://bucket", **where).load()
    assert kept(caught.value, service) == [False]


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
