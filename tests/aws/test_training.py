"""A corpus embedded as a training job: real boto3 against a control plane on this machine."""

import pytest

from ragkit.aws import TrainingJob, deploy_embedder, train_neighbors
from ragkit.errors import (
    DeploymentError,
    EndpointError,
    EndpointTimeoutError,
    InvalidInputError,
    UnknownOptionError,
)

pytest.importorskip("boto3", reason="the extra aws is not installed")

JOB = ("TrainingJob", "faq-1")
NO = ("AccessDeniedException", "not authorized")
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/training:1"


@pytest.fixture
def job(what):
    """The arguments that say what to embed."""
    return {
        "corpus": "s3://bucket/faq.csv",
        "output": "s3://bucket/out/",
        "name": "faq-1",
        "image": IMAGE,
        "role": what["role"],
        "instance_type": "ml.g5.2xlarge",
    }


@pytest.fixture
def train(job, where, quick, monkeypatch):
    from ragkit import _retrying

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    made = []

    def one(**options):
        made.append(train_neighbors(**{**job, **where, **quick, **options}))
        return made[-1]

    yield one
    for training in made:
        training.close()


def test_the_artefact_is_what_deploy_embedder_takes(server, train, what):
    server.job_statuses = ["InProgress", "InProgress", "Completed"]
    seen = []

    done = train(progress=lambda status, seconds: seen.append(status))

    assert isinstance(done, TrainingJob)
    assert done.artefact == "s3://bucket/out/faq-1/output/model.tar.gz"
    assert seen == ["Training", "Training"]
    assert "StopTrainingJob" not in server.operations
    plan = deploy_embedder(**{**what, "model": done.artefact, "image": IMAGE}, dry_run=True)
    source = plan[0].arguments["PrimaryContainer"]["ModelDataSource"]["S3DataSource"]
    assert source["S3Uri"] == done.artefact


def test_what_the_job_is_given(server, train):
    train(
        model="s3://bucket/model.tar.gz",
        script="s3://bucket/code/sourcedir.tar.gz",
        batch_size=64,
        max_seq_length=256,
        store_text_with_embedding=True,
        hyperparameters={"extra": "1"},
        tags={"team": "search"},
        vpc={"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    )
    made = server.kept[JOB]
    assert made["HyperParameters"] == {
        "batch_size": "64",
        "max_seq_length": "256",
        "store_text_with_embedding": "True",
        "sagemaker_program": "transfer_learning.py",
        "sagemaker_submit_directory": "/opt/ml/input/data/code/sourcedir.tar.gz",
        "extra": "1",
    }
    channels = {
        one["ChannelName"]: one["DataSource"]["S3DataSource"]["S3Uri"]
        for one in made["InputDataConfig"]
    }
    assert channels == {
        "training": "s3://bucket/faq.csv",
        "model": "s3://bucket/model.tar.gz",
        "code": "s3://bucket/code/sourcedir.tar.gz",
    }
    tags = {tag["Key"]: tag["Value"] for tag in made["Tags"]}
    assert (tags["ragkit"], tags["team"]) == ("training", "search")
    assert made["EnableNetworkIsolation"] is True


def test_the_dry_run_makes_no_request(server, job, where):
    plan = train_neighbors(**job, **where, dry_run=True)
    assert [call.operation for call in plan] == ["create_training_job", "describe_training_job"]
    assert not server.operations


def test_a_failure_gives_the_reason(server, train):
    server.job_statuses = ["InProgress", "Failed"]
    server.reason = "AlgorithmError: no rows"
    with pytest.raises(DeploymentError, match="is Failed: AlgorithmError: no rows") as caught:
        train()
    assert caught.value.reason == "AlgorithmError: no rows"
    assert caught.value.left == ()
    assert "StopTrainingJob" not in server.operations


def interrupt(status, seconds):
    raise KeyboardInterrupt


def test_an_interrupt_stops_the_job(server, train):
    server.job_statuses = ["InProgress"]
    with pytest.raises(KeyboardInterrupt) as caught:
        train(progress=interrupt)
    assert server.job_statuses[0] in ("Stopping", "Stopped")
    assert caught.value.__notes__ == ["Stopped: training job 'faq-1'."]


def test_a_time_out_stops_the_job(server, train):
    server.job_statuses = ["InProgress"]
    with pytest.raises(EndpointTimeoutError, match="still Training"):
        train(timeout=0.05)
    assert "StopTrainingJob" in server.operations


def test_what_can_not_be_stopped_is_named(server, train):
    server.job_statuses = ["InProgress"]
    server.refusals = {"StopTrainingJob": [NO]}
    with pytest.raises(DeploymentError, match="still Training") as caught:
        train(timeout=0.05)
    assert caught.value.left == ("training job 'faq-1'",)
    assert "goes on costing money" in caught.value.__notes__[0]


def test_a_lost_reply_is_no_failure(server, train):
    server.lost = ["CreateTrainingJob"]
    assert train().status() == "Completed"


def test_another_one_s_job_of_that_name_is_left_alone(server, train):
    train()
    server.job_statuses = ["InProgress"]
    with pytest.raises(EndpointError, match="already existing") as caught:
        train()
    assert caught.value.__notes__ == ["Nothing was started."]
    assert "StopTrainingJob" not in server.operations


def test_a_refusal_starts_nothing(server, train):
    server.refusals = {"CreateTrainingJob": [("ResourceLimitExceeded", "quota is 0")]}
    with pytest.raises(EndpointError, match="quota is 0"):
        train()
    assert JOB not in server.kept


def test_without_waiting_it_is_looked_at_and_stopped_later(server, train):
    server.job_statuses = ["InProgress"]
    running = train(wait=False)
    assert running.status() == "InProgress"
    with pytest.raises(InvalidInputError, match="is InProgress; there is an artefact when"):
        _ = running.artefact
    running.stop()
    running.stop()
    with pytest.raises(DeploymentError, match="is Stopped"):
        running.wait(interval=0.01, progress=False)
    assert server.operations.count("StopTrainingJob") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"corpus": "faq.csv"}, "corpus is 'faq.csv'"),
        ({"output": None}, "output is None"),
        ({"name": "no_name"}, "name is 'no_name'"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"store_text_with_embedding": "yes"}, "store_text_with_embedding is 'yes'"),
        ({"hyperparameters": {"batch_size": "1"}}, "'batch_size', which has an argument"),
        ({"hyperparameters": {"a": 1}}, "name and value have to be str"),
        ({"max_runtime": 10**8}, "max_runtime is 100000000"),
        ({"vpc": {"Subnet": []}}, "no such create_training_job"),
        ({"image": ""}, "image is ''"),
        ({"timeout": 0}, "timeout is 0"),
    ],
)
def test_bad_arguments_are_named_before_anything_is_made(server, job, where, options, message):
    with pytest.raises(InvalidInputError, match=message):
        train_neighbors(**{**job, **where, **options}, dry_run=True)
    assert not server.operations


def test_unknown_options_are_errors(job, where):
    with pytest.raises(UnknownOptionError, match="Did you mean 'batch_size'"):
        train_neighbors(**job, **where, batchsize=3)


def test_a_dry_run_is_one_or_not(server, train):
    with pytest.raises(InvalidInputError, match="dry_run is 'no'; it has to be True or False"):
        train(dry_run="no")
    assert not server.operations
