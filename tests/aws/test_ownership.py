"""What is deleted, what stays since it is another's, and what is said of the rest."""

import io

import pytest
from test_deletion import ALL, NO, renewed

from ragkit.aws import attach, deploy_llm, leftovers
from ragkit.errors import DeploymentError, EndpointError, InvalidInputError

pytest.importorskip("boto3", reason="the extra aws is not installed")


def made_by_hand(server, kind, name, **fields):
    """A thing of someone else's, whose tag only has ragkit's key."""
    server.kept[kind, name] = {
        **server.kept[kind, "llama-2-7b"],
        f"{kind}Name": name,
        f"{kind}Arn": f"arn:aws:sagemaker:eu-central-1:123456789012:{kind.lower()}/{name}",
        "Tags": [{"Key": "ragkit", "Value": "production"}],
        **fields,
    }


@pytest.mark.parametrize("progress", [True, None])
def test_a_stderr_that_has_gone_stops_no_deletion(server, deploy, monkeypatch, progress):
    endpoint = deploy(progress=progress)
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr("sys.stderr", gone)
    server.statuses, server.busy = ["Updating"], 2
    endpoint.delete()
    monkeypatch.undo()
    assert not server.kept


@pytest.mark.parametrize("operation", ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"])
def test_a_request_that_is_carried_out_after_all_is_undone(server, deploy, operation):
    """Each try is cut off, and what the first asked for appears a moment later."""
    server.late = {operation: [0.15, None, None]}
    with pytest.raises(EndpointError) as caught:
        deploy()
    assert not server.kept
    assert "Deleted again" in caught.value.__notes__[0]


def test_what_was_asked_for_and_never_seen_is_said_to_be_possible(server, deploy):
    server.late = {"CreateEndpoint": [None, None, None]}
    with pytest.raises(DeploymentError) as caught:
        deploy()
    assert caught.value.left[0] == "endpoint 'llama-2-7b'"
    assert "may have been made" in caught.value.__notes__[0]


def test_what_can_t_be_settled_is_said_and_keeps_what_it_needs(server, deploy, where, quick):
    server.lost = ["CreateEndpoint"] * 3
    server.refusals = {"ListTags": [NO] * 999}
    with pytest.raises(DeploymentError) as caught:
        deploy()
    assert caught.value.left == (
        "endpoint 'llama-2-7b'",
        "model 'llama-2-7b'",
        "endpoint configuration 'llama-2-7b'",
    )
    assert "The endpoint 'llama-2-7b' may have been made" in caught.value.__notes__[0]
    assert set(server.kept) == ALL


def test_credentials_that_fail_once_cancel_no_undoing(server, what, quick, monkeypatch):
    monkeypatch.setattr("ragkit.aws.deployment._SETTLING", 1.0)
    source, session = renewed(30)

    def stop(status, seconds):
        source.times = 2
        source.then = 9
        raise KeyboardInterrupt

    server.statuses = ["Creating"]
    with pytest.raises(KeyboardInterrupt) as caught:
        deploy_llm(**{**what, **quick, "progress": stop}, session=session, endpoint_url=server.url)
    assert any("left" in note or "Deleted" in note for note in caught.value.__notes__)


def test_a_configuration_of_another_deployment_stays_with_it(server, deploy, where):
    """Blue and green: the endpoint was updated to what another deployment made."""
    deploy()
    deploy(name="green")
    server.kept["Endpoint", "llama-2-7b"]["EndpointConfigName"] = "green"
    endpoint = attach("llama-2-7b", **where)
    endpoint.delete()
    endpoint.close()
    kinds = ("Endpoint", "EndpointConfig", "Model")
    assert {(kind, "green") for kind in kinds} < set(server.kept)
    assert ("Endpoint", "llama-2-7b") not in server.kept


def test_what_a_colleague_s_endpoint_of_that_name_uses_stays(server, deploy, where):
    endpoint = deploy()
    server.kept["Endpoint", "llama-2-7b"]["Tags"] = []
    with pytest.raises(DeploymentError, match="another's endpoint of that name uses it") as caught:
        endpoint.delete()
    assert len(caught.value.left) == 2
    with pytest.raises(DeploymentError, match="since endpoint 'llama-2-7b' uses it"):
        leftovers(**where).delete(progress=False)
    assert set(server.kept) == ALL


def test_a_tag_of_that_name_alone_makes_nothing_ragkit_s(server, deploy, where):
    deploy()
    for kind in ("Endpoint", "EndpointConfig", "Model"):
        made_by_hand(server, kind, "theirs")
    server.kept["Endpoint", "theirs"]["EndpointConfigName"] = "theirs"
    assert {one.name for one in leftovers(**where)} == {"llama-2-7b"}
    endpoint = attach("theirs", **where)
    with pytest.raises(InvalidInputError, match="was not made by ragkit"):
        endpoint.delete()
    endpoint.close()


def test_an_older_object_of_a_foreign_endpoint_leaves_a_new_deployment(server, deploy, where):
    deploy()
    for kind in ("Endpoint", "EndpointConfig", "Model"):
        server.kept[kind, "llama-2-7b"]["Tags"] = []
    foreign = attach("llama-2-7b", **where)
    server.kept.clear()
    deploy()
    foreign.delete(foreign=True)
    foreign.close()
    assert set(server.kept) == ALL


def test_an_interrupt_while_deleting_says_what_may_be_left(server, deploy):
    def interrupt(status, seconds):
        raise KeyboardInterrupt

    endpoint = deploy()
    server.statuses, server.busy = ["Updating"], 9
    with pytest.raises(KeyboardInterrupt) as caught:
        endpoint.delete(progress=interrupt)
    assert (
        "Deleting was stopped; what may be left: model 'llama-2-7b'" in (caught.value.__notes__[0])
    )


def test_one_interrupt_while_deleting_waits_for_its_end(server, deploy):
    once = [KeyboardInterrupt]

    def interrupt(status, seconds):
        if once:
            raise once.pop()

    server.busy = 0
    with pytest.raises(KeyboardInterrupt) as caught, deploy(progress=interrupt):
        server.statuses, server.busy = ["Updating"], 2
    assert not server.kept
    assert caught.value.__notes__ == ["All was deleted first."]


def test_only_what_failed_is_kept_for_a_look(server, deploy):
    server.statuses = ["Creating"]

    def interrupt(status, seconds):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deploy(keep_failed=True, progress=interrupt)
    assert not server.kept


@pytest.mark.parametrize("word", ["find", "endpoint"])
def test_a_secret_may_be_any_word(server, deploy, word):
    endpoint = deploy(env={"APP_AUTH": word})
    server.busy = 1
    endpoint.delete()
    endpoint.delete()
    assert not server.kept


def test_what_can_t_be_looked_at_is_listed_as_unknown(server, deploy, where):
    deploy()
    server.refusals = {"ListTags": [NO]}
    found = leftovers(**where)
    assert found.unknown == ("endpoint 'llama-2-7b'",)
    assert len(found) == 2
    assert "endpoint 'llama-2-7b': its tags can't be read" in str(found)
    with pytest.raises(InvalidInputError, match="not a copy"):
        type(found)(found).delete()
    with pytest.raises(InvalidInputError, match=r"named \['a'\]"):
        found.delete(["a"])
