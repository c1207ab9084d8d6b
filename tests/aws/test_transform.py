"""Batch transform jobs from their creation to their rows: real boto3 against a control plane."""

import json

import pytest

from ragkit.aws import batch_transform, read_transform_output
from ragkit.errors import (
    EndpointError,
    EndpointTimeoutError,
    InvalidInputError,
    JobError,
    MissingFileError,
    UnknownOptionError,
)

pytest.importorskip("boto3", reason="the extra aws is not installed")

JOB = ("TransformJob", "bge-job")


@pytest.fixture
def what():
    return {
        "model_name": "bge-small",
        "src": "s3://bucket/in/texts.jsonl",
        "dst": "s3://bucket/out",
        "instance_type": "ml.g5.xlarge",
        "name": "bge-job",
    }


@pytest.fixture
def transform(server, what, where, quick, monkeypatch):
    """Runs a job on `server`, which has the model."""
    from ragkit import _retrying

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    server.kept["Model", "bge-small"] = {"ModelName": "bge-small", "ModelArn": "arn:model"}
    server.statuses = ["InProgress", "Completed"]

    def run(**options):
        return batch_transform(**{**what, **where, **quick, **options})

    return run


def test_the_job_is_created_as_asked_and_waited_for(server, transform):
    seen = []
    job = transform(
        instances=2, max_payload=1, strategy="SingleRecord", accept="text/csv", max_concurrent=4,
        tags={"team": "search"}, progress=lambda status, seconds: seen.append(status),
    )  # fmt: skip
    made = server.kept[JOB]
    assert (made["ModelName"], made["MaxPayloadInMB"]) == ("bge-small", 1)
    assert (made["BatchStrategy"], made["MaxConcurrentTransforms"]) == ("SingleRecord", 4)
    assert made["TransformInput"] == {
        "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/texts.jsonl"}
        },
        "ContentType": "application/jsonlines",
        "SplitType": "Line",
    }
    assert made["TransformOutput"] == {
        "S3OutputPath": "s3://bucket/out/",
        "AssembleWith": "Line",
        "Accept": "text/csv",
    }
    assert made["TransformResources"] == {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2}
    assert {"Key": "team", "Value": "search"} in made["Tags"]
    assert seen == ["InProgress"]
    assert "stopped" not in made
    assert job.output_file == "s3://bucket/out/texts.jsonl.out"
    assert job.status() == "Completed"
    job.close()


def test_a_dry_run_asks_nobody(what, tmp_path):
    (tmp_path / "in.jsonl").touch()
    plan = batch_transform(**{**what, "src": tmp_path / "in.jsonl"}, dry_run=True)
    assert [f"{call.service}.{call.operation}" for call in plan] == [
        "sagemaker.describe_model",
        "s3.put_object",
        "sagemaker.create_transform_job",
        "sagemaker.describe_transform_job",
    ]
    source = plan[2].arguments["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    assert source == "s3://bucket/out/input/in.jsonl"
    assert len(batch_transform(**what, wait=False, dry_run=True)) == 2


def test_a_model_that_is_not_there(server, transform):
    del server.kept["Model", "bge-small"]
    with pytest.raises(InvalidInputError, match="no model 'bge-small' in eu-central-1"):
        transform()
    assert server.operations == ["DescribeModel"]


def test_a_failed_job_gives_the_reason(server, transform):
    server.statuses, server.reason = ["InProgress", "Failed"], "ClientError: too large"
    with pytest.raises(JobError, match="'bge-job' is Failed: ClientError: too large"):
        transform()


def test_a_job_that_takes_too_long_is_stopped(server, transform):
    server.statuses = ["InProgress"]
    with pytest.raises(EndpointTimeoutError, match="is still InProgress"):
        transform(timeout=0.05)
    assert server.kept[JOB]["stopped"]


def test_an_interrupt_stops_the_job(server, transform):
    server.statuses = ["InProgress"]

    def interrupt(status, seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transform(progress=interrupt)
    assert server.kept[JOB]["stopped"]


def test_a_job_that_can_t_be_stopped_is_named(server, transform):
    server.statuses = ["InProgress"]
    server.refusals = {"StopTransformJob": [("AccessDeniedException", "not authorized")]}
    with pytest.raises(EndpointTimeoutError) as caught:
        transform(timeout=0.05)
    (note,) = caught.value.__notes__
    assert note.startswith("The transform job 'bge-job' may be running still, and cost money")


def test_a_lost_reply_to_creating_is_no_failure(server, transform):
    server.lost = ["CreateTransformJob"]
    transform().close()
    assert server.operations.count("CreateTransformJob") == 2
    assert "stopped" not in server.kept[JOB]


def test_another_s_job_of_the_same_name_is_left_alone(server, transform):
    server.statuses = ["InProgress"]
    server.kept[JOB] = {"TransformJobArn": "arn:other", "Tags": [{"Key": "a", "Value": "b"}]}
    with pytest.raises(EndpointError, match="already existing transform job"):
        transform()
    assert "stopped" not in server.kept[JOB]


def test_without_waiting_the_job_runs_on(server, transform):
    server.statuses = ["InProgress"]
    job = transform(wait=False)
    assert job.status() == "InProgress"
    job.stop()
    assert server.kept[JOB]["stopped"]
    job.close()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"dst": "bucket/out"}, InvalidInputError, "dst is 'bucket/out/'"),
        ({"src": "none.jsonl"}, MissingFileError, "'none.jsonl' is no file"),
        ({"instance_type": "g5"}, InvalidInputError, "instance_type is 'g5'"),
        ({"split_type": "line"}, InvalidInputError, "split_type is 'line'"),
        ({"strategy": "Multi"}, InvalidInputError, "strategy is 'Multi'"),
        ({"max_payload": 0}, InvalidInputError, "max_payload is 0"),
        ({"tags": {"ragkit": "x"}}, InvalidInputError, "reserved"),
        ({"max_payloads": 1}, UnknownOptionError, "Did you mean 'max_payload'"),
    ],
)
def test_bad_arguments(what, options, error, message):
    with pytest.raises(error, match=message):
        batch_transform(**{**what, **options}, dry_run=True)


OUTPUTS = {
    "objects": '{"id": "a", "embedding": [1, 2]}\n{"id": "b", "embedding": [3, 4]}\n',
    "seed's": '{"embedding": [1, 2]}\n{"embedding": [3, 4]}\n',
    "outputs": '{"outputs": [1, 2]}\n{"outputs": [3, 4]}\n',
    "lists": "[1, 2]\n[3, 4]\n",
    "nested": "[[1, 2]]\n[[3, 4]]\n",
    "batched": "[[1, 2], [3, 4]]\n",
}


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_rows_get_the_ids_of_the_input(tmp_path, output):
    (tmp_path / "in").write_text('{"id": "a", "text_inputs": "x"}\n\n{"id": "b"}\n')
    (tmp_path / "out").write_text(output)
    rows = list(read_transform_output(tmp_path / "in", tmp_path / "out"))
    assert [(row.line, row.id, row.embedding) for row in rows] == [
        (1, "a", [1.0, 2.0]),
        (3, "b", [3.0, 4.0]),
    ]


def test_failed_lines_are_rows_with_the_reason(tmp_path):
    (tmp_path / "in").write_text("".join(f'{{"id": {n}}}\n' for n in range(4)))
    errors = ['{"error": "too long"}', "out of memory", "null"]
    (tmp_path / "out").write_text("\n".join([json.dumps([1.5]), *errors]))
    first, *failed = read_transform_output(tmp_path / "in", tmp_path / "out")
    assert (first.embedding, first.error) == ([1.5], "")
    assert [row.embedding for row in failed] == [None] * 3
    for row, error in zip(failed, errors, strict=True):
        assert row.error == f"no vector but {error}"


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("[1]\n", "input of the transform job has more rows than its output, which ends after 1"),
        ("[1]\n[2]\n[3]\n", "output of the transform job has more rows"),
        ('{"id": 2, "embedding": [1]}\n[2]\n', "has the id 1, and its output 2"),
    ],
)
def test_output_that_does_not_fit_is_no_guess(tmp_path, output, message):
    (tmp_path / "in").write_text('{"id": 1}\n{"id": 2}\n')
    (tmp_path / "out").write_text(output)
    with pytest.raises(JobError, match=message):
        list(read_transform_output(tmp_path / "in", tmp_path / "out"))


def test_a_dry_run_is_one_or_not(what, server):
    with pytest.raises(InvalidInputError, match="dry_run is None; it has to be True or False"):
        batch_transform(**what, dry_run=None)
    assert not server.operations
