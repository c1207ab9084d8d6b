"""Cleaning up: what ragkit made on SageMaker goes, whatever fails on the way."""

from datetime import UTC, datetime, timedelta

import pytest

from ragkit.aws import Autoscaling, attach, deploy_llm
from ragkit.errors import DeploymentError, EndpointTimeoutError, InvalidInputError

pytest.importorskip("boto3", reason="the extra aws is not installed")

ALL = {("Model", "llama-2-7b"), ("EndpointConfig", "llama-2-7b"), ("Endpoint", "llama-2-7b")}
SCALING = ("scaling", "endpoint/llama-2-7b/variant/AllTraffic")
NO = ("AccessDeniedException", "not authorized")
SLOWER = ("ThrottlingException", "Rate exceeded")
BROKEN = ("InternalFailure", "try again", 500)


def test_deleting_twice_is_no_error(server, deploy):
    endpoint = deploy()
    endpoint.delete()
    endpoint.delete(wait=True)
    assert not server.kept


@pytest.mark.parametrize("gone", ["Model", "EndpointConfig", "Endpoint"])
def test_what_has_gone_is_passed_over(server, deploy, gone):
    endpoint = deploy()
    del server.kept[gone, "llama-2-7b"]
    endpoint.delete()
    assert not server.kept


def test_an_exception_in_the_block_deletes_too(server, deploy):
    with pytest.raises(KeyboardInterrupt), deploy():
        raise KeyboardInterrupt
    assert not server.kept


def test_an_interrupt_while_waiting_leaves_nothing(server, deploy):
    server.statuses = ["Creating"]
    server.busy = 2  # SageMaker does not delete what it is creating

    def interrupt(status, seconds):
        if status == "Creating":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        deploy(progress=interrupt)

    assert not server.kept
    assert server.operations.count("DeleteEndpoint") == 3
    assert "Deleted again" in caught.value.__notes__[0]


def test_a_second_interrupt_says_what_may_be_left(server, deploy):
    server.statuses, server.busy = ["Creating"], 99

    def interrupt(status, seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        deploy(progress=interrupt)
    assert "Deleting was stopped; what may be left: model" in caught.value.__notes__[0]


def test_what_can_t_be_deleted_is_listed_and_the_rest_goes(server, deploy):
    endpoint = deploy()
    server.refusals = {"DeleteEndpointConfig": [NO]}

    with pytest.raises(DeploymentError, match="Not all could be deleted") as caught:
        endpoint.delete()

    assert caught.value.left == ("endpoint configuration 'llama-2-7b'",)
    assert "AccessDeniedException: not authorized" in str(caught.value)
    assert set(server.kept) == {("EndpointConfig", "llama-2-7b")}
    endpoint.delete()
    assert not server.kept


def test_what_is_left_does_not_hide_the_error_of_the_block(server, deploy):
    endpoint = deploy()
    server.refusals = {"DeleteEndpoint": [NO]}
    with pytest.raises(ZeroDivisionError) as caught, endpoint:
        _ = 1 / 0
    assert "endpoint 'llama-2-7b': sagemaker refused" in caught.value.__notes__[0]

    server.refusals = {"DeleteEndpoint": [NO]}
    with pytest.raises(DeploymentError, match="endpoint 'llama-2-7b'"), endpoint:
        pass


def test_it_scales_and_stops_scaling_first(server, deploy):
    with deploy(autoscaling=Autoscaling(max_instances=4, target=100)):
        calls = server.kept[SCALING]
        assert calls["RegisterScalableTarget"]["MaxCapacity"] == 4
        policy = calls["PutScalingPolicy"]["TargetTrackingScalingPolicyConfiguration"]
        assert policy["TargetValue"] == 100.0
        assert server.operations.index("CreateEndpoint") < server.operations.index(
            "RegisterScalableTarget"
        )

    assert not server.kept
    deleting = [name for name in server.operations if name.startswith(("Delete", "Dereg"))]
    assert deleting == [
        "DeregisterScalableTarget",
        "DeleteEndpoint",
        "DeleteEndpointConfig",
        "DeleteModel",
    ]


def test_who_may_not_ask_for_autoscaling_can_delete(server, deploy, where):
    deploy()
    endpoint = attach("llama-2-7b", **where)
    server.refusals = {"DeregisterScalableTarget": [NO, NO], "DeleteEndpoint": [NO]}
    with pytest.raises(DeploymentError) as caught:
        endpoint.delete()
    assert len(caught.value.left) == 4  # of the autoscaling nothing is known
    endpoint.delete()
    endpoint.close()
    assert not server.kept


def test_a_foreign_endpoint_is_deleted_only_when_told(server, deploy, where):
    deploy()
    server.kept["Endpoint", "llama-2-7b"]["Tags"] = [{"Key": "team", "Value": "search"}]
    endpoint = attach("llama-2-7b", **where)

    assert endpoint.serves is None
    with pytest.raises(InvalidInputError, match="Pass foreign=True"):
        endpoint.delete()
    assert set(server.kept) == ALL
    endpoint.delete(foreign=True)
    endpoint.close()
    assert not server.kept


def test_deleting_after_attaching_takes_all(server, deploy, where):
    deploy(autoscaling=Autoscaling(max_instances=4, target=100))
    endpoint = attach("llama-2-7b", **where)
    endpoint.delete()
    endpoint.close()
    assert not server.kept


def test_a_time_out_waits_until_what_it_started_can_be_deleted(server, deploy):
    server.statuses, server.busy = ["Creating"], 60

    with pytest.raises(EndpointTimeoutError, match="is still Creating after") as caught:
        deploy(timeout=0.2)

    assert not server.kept
    assert "Deleted again: model" in caught.value.__notes__[0]


def test_what_an_undone_deployment_leaves_is_on_its_error(server, deploy):
    server.statuses = ["Creating"]
    server.refusals = {"DeleteEndpoint": [NO]}

    with pytest.raises(DeploymentError, match="is still Creating after") as caught:
        deploy(timeout=0.2)

    assert caught.value.left == (
        "endpoint 'llama-2-7b'",
        "endpoint configuration 'llama-2-7b'",
        "model 'llama-2-7b'",
    )
    assert isinstance(caught.value.__cause__, EndpointTimeoutError)
    assert "endpoint 'llama-2-7b': sagemaker refused with AccessDenied" in caught.value.__notes__[0]


def test_what_was_kept_is_on_the_error(server, deploy):
    server.statuses = ["Failed"]
    with pytest.raises(DeploymentError) as caught:
        deploy(keep_failed=True)
    assert len(caught.value.left) == 3


def test_deleting_in_time_or_keeping_what_a_busy_endpoint_needs(server, deploy):
    endpoint = deploy()
    server.statuses, server.busy = ["Updating"], 9999

    with pytest.raises(DeploymentError, match="is still Updating, can't be deleted yet") as caught:
        endpoint.delete(timeout=0.1)

    assert set(server.kept) == ALL
    assert "model 'llama-2-7b': kept, since the endpoint still needs it" in str(caught.value)


def test_an_endpoint_that_can_t_be_deleted_keeps_what_it_needs(server, deploy):
    endpoint = deploy()
    server.refusals = {"DeleteEndpoint": [NO]}
    with pytest.raises(DeploymentError) as caught:
        endpoint.delete()
    assert set(server.kept) == ALL
    assert len(caught.value.left) == 3


@pytest.mark.parametrize("fault", [SLOWER, BROKEN])
@pytest.mark.parametrize("operation", ["DescribeEndpoint", "DeleteEndpoint", "ListTags"])
def test_a_service_that_is_over_its_rate_ends_neither_waiting_nor_deleting(
    server, deploy, operation, fault
):
    server.statuses = ["Creating", "InService"]
    server.refusals = {operation: [fault] * 30}
    deploy().delete()
    assert not server.kept


def test_a_service_that_never_answers_ends_the_wait_with_what_it_says(server, deploy, quick):
    endpoint = deploy(wait=False)
    server.refusals = {"DescribeEndpoint": [SLOWER] * 9999}
    with pytest.raises(Exception, match="ThrottlingException: Rate exceeded"):
        endpoint.wait(**{**quick, "timeout": 0.2})


def test_a_progress_function_that_raises_stops_no_deletion(server, deploy):
    server.statuses, server.busy = ["Creating"], 3

    def broken(status, seconds):
        raise ZeroDivisionError(status)

    with pytest.raises(ZeroDivisionError) as caught:
        deploy(progress=broken)
    assert not server.kept
    assert "progress= raised ZeroDivisionError" in caught.value.__notes__[0]

    server.statuses, server.busy = ["InService"], 3
    endpoint = deploy()
    with pytest.raises(ZeroDivisionError):
        endpoint.delete(progress=broken)
    assert not server.kept


def test_the_end_of_a_block_waits_as_the_deployment_did(server, deploy):
    seen = []
    with deploy(progress=lambda status, seconds: seen.append(status)):
        server.statuses, server.busy = ["Updating"], 2
    assert not server.kept
    assert seen == ["Updating, can't be deleted yet"] * 2


class Expiring:
    """Credentials that can be renewed a number of times; botocore renews them at each request."""

    def __init__(self, times):
        self.times = times

    def refresh(self):
        self.times -= 1
        if self.times < 0:
            raise RuntimeError("the identity provider is down")
        return {
            "access_key": "AKIAABCDEFGHIJKLMNOP",
            "secret_key": "secret-key-8",
            "token": "token-of-a-session",
            "expiry_time": (datetime.now(UTC) + timedelta(seconds=60)).isoformat(),
        }


def renewed(times):
    """The source of the credentials, and a session that has them."""
    from boto3 import Session
    from botocore.credentials import DeferredRefreshableCredentials
    from botocore.session import get_session

    source, inner = Expiring(times), get_session()
    inner._credentials = DeferredRefreshableCredentials(source.refresh, "test")
    return source, Session(botocore_session=inner, region_name="eu-central-1")


def test_credentials_that_expire_hide_no_error_of_the_block(server, what, quick):
    source, session = renewed(30)
    endpoint = deploy_llm(**what, **quick, session=session, endpoint_url=server.url)

    source.times = 0
    with pytest.raises(KeyError, match="the user's own") as caught, endpoint:
        raise KeyError("the user's own")

    (note,) = caught.value.__notes__
    assert "endpoint 'llama-2-7b': " in note
    assert "the identity provider is down" in note
    source.times = 99
    endpoint.delete()
    assert not server.kept
    endpoint.close()


def test_an_older_object_leaves_the_next_deployment_of_that_name(server, deploy, where):
    scaling = Autoscaling(max_instances=4, target=100)
    first = deploy(autoscaling=scaling)
    attached = attach("llama-2-7b", **where)
    first.delete()
    deploy(autoscaling=scaling)

    first.delete(wait=True)
    attached.delete()
    attached.close()

    assert set(server.kept) == {*ALL, SCALING}


def test_what_another_made_is_not_deleted_with_an_endpoint_of_ragkit_s(server, deploy, where):
    deploy()
    server.kept["Model", "llama-2-7b"]["Tags"] = [{"Key": "team", "Value": "search"}]
    server.kept["EndpointConfig", "llama-2-7b"]["Tags"] = [{"Key": "team", "Value": "search"}]

    endpoint = attach("llama-2-7b", **where)
    endpoint.delete()
    assert set(server.kept) == ALL - {("Endpoint", "llama-2-7b")}
    endpoint.delete(foreign=True)
    endpoint.close()
    assert not server.kept


def test_who_may_not_look_can_delete(server, deploy):
    endpoint = deploy()
    server.refusals = {"ListTags": [NO] * 3, "DescribeModel": [NO]}
    endpoint.delete()
    assert not server.kept


def test_autoscaling_that_can_t_be_reached_stops_no_deletion(
    server, what, quick, aws_session, monkeypatch
):
    monkeypatch.setattr("ragkit.aws.deleting._SCALING_PATIENCE", 0.1)
    urls = {"sagemaker": server.url, "application-autoscaling": "http://127.0.0.1:9"}
    where = {"session": aws_session, "endpoint_url": urls}
    deploy_llm(**what, **quick, **where).close()
    endpoint = attach("llama-2-7b", **where)
    endpoint.delete()
    endpoint.close()
    assert not server.kept


@pytest.mark.parametrize("option", ["foreign", "wait"])
def test_a_flag_is_true_or_false(server, deploy, option):
    endpoint = deploy()
    with pytest.raises(InvalidInputError, match=f"{option} is 'no'; it has to be True or False"):
        endpoint.delete(**{option: "no"})
    assert set(server.kept) == ALL
