"""An endpoint from its creation to its end: real boto3 against a control plane on this machine."""

import pytest

from ragkit.aws import Autoscaling, SageMakerEndpoint, attach, deploy_embedder, deploy_llm
from ragkit.errors import (
    DeploymentError,
    EndpointError,
    InvalidInputError,
    UnknownOptionError,
)

pytest.importorskip("boto3", reason="the extra aws is not installed")

ALL = {("Model", "llama-2-7b"), ("EndpointConfig", "llama-2-7b"), ("Endpoint", "llama-2-7b")}
SCALING = ("scaling", "endpoint/llama-2-7b/variant/AllTraffic")
NO = ("AccessDeniedException", "not authorized")


def test_it_is_made_in_order_and_waited_for(server, deploy):
    server.statuses = ["Creating", "Creating", "InService"]
    seen = []

    endpoint = deploy(progress=lambda status, seconds: seen.append((status, seconds)))

    assert isinstance(endpoint, SageMakerEndpoint)
    assert server.operations[:3] == ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"]
    assert set(server.kept) == ALL
    assert [status for status, _ in seen] == ["Creating", "Creating"]
    assert 0 <= seen[0][1] < seen[1][1]
    assert endpoint.status() == "InService"
    assert repr(endpoint) == "SageMakerEndpoint('llama-2-7b', region='eu-central-1')"


def test_the_token_reaches_the_container(server, deploy):
    deploy(token="hf_sesame", env={"A": "1"})

    environment = server.kept["Model", "llama-2-7b"]["PrimaryContainer"]["Environment"]
    assert environment["HF_TOKEN"] == "hf_sesame"
    assert environment["A"] == "1"


def test_it_answers_and_is_deleted(server, deploy):
    with deploy() as endpoint:
        llm = endpoint.llm()
        answer = llm.generate([{"role": "user", "content": "When?"}])
        llm.close()

    assert answer.text == server.text
    path, body = server.asked[0]
    assert path == "/endpoints/llama-2-7b/invocations"
    assert body["messages"] == [{"role": "user", "content": "When?"}]
    assert not server.kept
    assert endpoint.status() == "Deleted"


def test_the_llm_takes_the_options_of_its_class(deploy):
    endpoint = deploy()
    llm = endpoint.llm(body="lmi", region="us-east-1")
    assert repr(llm) == "SageMakerLLM('llama-2-7b', body='lmi', region='us-east-1')"
    llm.close()
    with pytest.raises(UnknownOptionError, match="'timeout'"):
        endpoint.llm(timeot=5)


def test_a_failure_gives_the_reason_and_leaves_nothing(server, deploy):
    server.statuses = ["Creating", "Failed"]
    server.reason = "CannotStartContainerError for hf_sesame."

    with pytest.raises(DeploymentError, match="is Failed: CannotStartContainerError") as caught:
        deploy(token="hf_sesame")

    assert not server.kept
    assert caught.value.reason == "CannotStartContainerError for ***."
    assert "hf_sesame" not in str(caught.value)
    (note,) = caught.value.__notes__
    assert note == (
        "Deleted again: model 'llama-2-7b', endpoint configuration 'llama-2-7b', "
        "endpoint 'llama-2-7b'."
    )


def test_a_failed_endpoint_may_be_kept(server, deploy):
    server.statuses = ["Failed"]

    with pytest.raises(DeploymentError) as caught:
        deploy(keep_failed=True)

    assert set(server.kept) == ALL
    assert "Kept, with its costs: model" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("refused", "made"),
    [("CreateModel", 0), ("CreateEndpointConfig", 1), ("CreateEndpoint", 2)],
)
def test_a_refusal_undoes_what_came_before(server, deploy, refused, made):
    server.refusals = {refused: [("ResourceLimitExceeded", "quota of ml.g5.2xlarge is 0")]}

    with pytest.raises(EndpointError, match=r"ResourceLimitExceeded: quota of ml.g5") as caught:
        deploy()

    assert not server.kept
    note = caught.value.__notes__[0]
    assert note.count("llama-2-7b") == made
    assert ("Nothing was made." in note) == (made == 0)


def test_a_refusal_does_not_show_the_token(server, deploy):
    message = "Value '{HF_TOKEN=hf_sesame}' at 'primaryContainer.environment' is wrong"
    server.refusals = {"CreateModel": [("ValidationException", message)]}

    with pytest.raises(EndpointError, match=r"HF_TOKEN=\*\*\*") as caught:
        deploy(token="hf_sesame")
    assert "hf_sesame" not in str(caught.value) + caught.value.body


def test_another_ones_model_of_that_name_is_left_alone(server, deploy):
    server.kept["Model", "llama-2-7b"] = other = {
        "ModelName": "llama-2-7b",
        "ModelArn": "arn:aws:sagemaker:eu-central-1:123456789012:model/llama-2-7b",
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/Another",
        "CreationTime": 0,
        "Tags": [{"Key": "ragkit", "Value": "llm"}],
    }

    with pytest.raises(EndpointError, match="already existing model"):
        deploy()
    assert server.kept == {("Model", "llama-2-7b"): other}


@pytest.mark.parametrize("lost", ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"])
def test_a_lost_reply_is_no_failure(server, deploy, lost):
    """boto3 asks again, and is told that the name is taken: by the first try."""
    server.lost = [lost]
    deploy()
    assert server.operations.count(lost) == 2
    assert set(server.kept) == ALL


def test_short_losses_of_the_connection_don_t_end_a_wait(server, deploy):
    server.statuses = ["Creating", "Creating", "InService"]
    # boto3 itself tries three times.
    server.lost = ["DescribeEndpoint"] * 7
    deploy()
    assert set(server.kept) == ALL


def test_a_policy_that_is_refused_undoes_it_all(server, deploy):
    server.refusals = {"PutScalingPolicy": [("ValidationException", "no such metric")]}
    with pytest.raises(EndpointError, match="no such metric"):
        deploy(autoscaling=Autoscaling(max_instances=4, target=100))
    assert not server.kept


def test_without_waiting_it_comes_back_at_once(server, deploy, quick):
    server.statuses = ["Creating", "Creating", "InService"]
    endpoint = deploy(wait=False)
    assert endpoint.status() == "Creating"
    endpoint.wait(**quick)
    endpoint.autoscale(Autoscaling(max_instances=2, target=10))
    assert SCALING in server.kept
    endpoint.delete()
    assert not server.kept


def test_an_endpoint_that_someone_deleted_is_not_waited_for(server, deploy, quick):
    endpoint = deploy(wait=False)
    server.kept.clear()
    with pytest.raises(DeploymentError, match="is Deleted"):
        endpoint.wait(**quick)


def test_progress_is_a_line_on_stderr(server, deploy, capsys):
    server.statuses = ["Creating", "InService"]
    deploy(progress=True)
    captured = capsys.readouterr()
    assert "endpoint 'llama-2-7b': Creating [00:0" in captured.err
    assert captured.out == ""


def test_an_embedder_is_no_llm(server, what, where, quick):
    arguments = {**what, "model": "BAAI/bge-small-en-v1.5"}
    with deploy_embedder(**arguments, **where, **quick) as endpoint:
        assert endpoint.serves == "embedder"
        with pytest.raises(InvalidInputError, match="serves an embedder"):
            endpoint.llm()
    assert not server.kept


def test_attaching_leaves_it_there(server, deploy, where):
    deploy()
    with attach("llama-2-7b", **where) as endpoint:
        assert endpoint.serves == "llm"
        llm = endpoint.llm()
        assert llm.generate("Hello").text == server.text
        llm.close()
    assert set(server.kept) == ALL


def test_attaching_to_nothing_says_so(server, where):
    with pytest.raises(InvalidInputError, match=r"no endpoint 'nothing' in eu-central-1"):
        attach("nothing", **where)
    with pytest.raises(UnknownOptionError, match="Did you mean 'region'"):
        attach("nothing", regio="eu-central-1")


def test_a_ready_client_will_do(server, what, quick, aws_session):
    client = aws_session.client("sagemaker", endpoint_url=server.url)
    with deploy_llm(**what, **quick, client=client) as endpoint:
        assert endpoint.region == "eu-central-1"
        llm = endpoint.llm(session=aws_session, endpoint_url=server.url)
        assert llm.generate("Hello").text == server.text
        llm.close()
    assert not server.kept

    scaling = Autoscaling(max_instances=2, target=10)
    with pytest.raises(InvalidInputError, match="in place of client="):
        deploy_llm(**what, **quick, client=client, autoscaling=scaling)
    assert not server.kept
    client.close()


def test_each_service_may_have_its_own_address(server, what, quick, aws_session):
    where = {"session": aws_session, "endpoint_url": {"sagemaker": server.url}}
    with deploy_llm(**what, **quick, **where) as endpoint:
        llm = endpoint.llm()
        host = llm._service.client.meta.endpoint_url
        assert host == "https://runtime.sagemaker.eu-central-1.amazonaws.com"
        llm.close()
    with pytest.raises(UnknownOptionError, match="endpoint_url"):
        deploy_llm(**what, **quick, session=aws_session, endpoint_url={"s4": server.url})
