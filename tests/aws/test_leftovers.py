"""What is still there, found by its tag and deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from ragkit.aws import Autoscaling, deploy_embedder, deploy_llm, leftovers
from ragkit.errors import DeploymentError, InvalidInputError, UnknownOptionError

pytest.importorskip("boto3", reason="the extra aws is not installed")


@pytest.fixture
def two(server, what, where, quick):
    """A language model and an embedder of ragkit's, and a model of someone else's."""
    scaling = Autoscaling(max_instances=2, target=10)
    deploy_llm(**what, **where, **quick, autoscaling=scaling).close()
    deploy_embedder(**{**what, "name": "bge"}, **where, **quick).close()
    server.kept["Model", "other"] = {
        **server.kept["Model", "bge"],
        "ModelName": "other",
        "ModelArn": "arn:aws:sagemaker:eu-central-1:123456789012:model/other",
        "Tags": [{"Key": "team", "Value": "search"}],
    }


def test_they_have_kind_name_status_and_age(two, where):
    found = leftovers(**where)

    assert [(one.kind, one.name, one.status, one.serves) for one in found] == [
        ("endpoint", "llama-2-7b", "InService", "llm"),
        ("endpoint", "bge", "InService", "embedder"),
        ("endpoint configuration", "llama-2-7b", "", "llm"),
        ("endpoint configuration", "bge", "", "embedder"),
        ("model", "llama-2-7b", "", "llm"),
        ("model", "bge", "", "embedder"),
    ]
    assert all(timedelta(0) <= one.age < timedelta(minutes=5) for one in found)
    assert found[0].created <= datetime.now(UTC)
    assert str(found).splitlines()[0] == "endpoint 'llama-2-7b' (llm), 0.0 hours old InService"


def test_all_are_deleted_and_nothing_else(server, two, where):
    leftovers(**where).delete(interval=0.01, progress=False)

    assert set(server.kept) == {("Model", "other")}
    assert str(leftovers(**where)) == "Nothing is left."


def test_one_may_be_deleted_by_its_name(server, two, where):
    found = leftovers(**where)
    with pytest.raises(InvalidInputError, match="Nothing here is named 'other'"):
        found.delete("other")
    found.delete("bge", progress=False)
    assert {one.name for one in leftovers(**where)} == {"llama-2-7b"}


def test_what_can_t_be_deleted_is_told_and_the_rest_goes(server, two, where):
    server.refusals = {"DeleteEndpoint": [("AccessDeniedException", "no")]}
    with pytest.raises(DeploymentError) as caught:
        leftovers(**where).delete(progress=False)
    assert caught.value.left == (
        "endpoint 'llama-2-7b'",
        "endpoint configuration 'llama-2-7b'",
        "model 'llama-2-7b'",
    )
    assert set(server.kept) == {
        ("Endpoint", "llama-2-7b"),
        ("EndpointConfig", "llama-2-7b"),
        ("Model", "llama-2-7b"),
        ("Model", "other"),
    }


def test_what_was_deployed_again_since_is_left_alone(server, two, what, where, quick):
    found = leftovers(**where)
    leftovers(**where).delete("bge", progress=False)
    deploy_embedder(**{**what, "name": "bge"}, **where, **quick).close()
    found.delete(progress=False)
    assert {name for kind, name in server.kept if kind == "Endpoint"} == {"bge"}


def test_the_young_may_be_left_out(server, two, where):
    server.kept["Endpoint", "bge"]["CreationTime"] -= 7200

    found = leftovers(older_than=timedelta(hours=1), **where)
    assert [one.name for one in found] == ["bge"]
    assert "2.0 hours old" in str(found)
    with pytest.raises(InvalidInputError, match="older_than is 3600"):
        leftovers(older_than=3600, **where)
    with pytest.raises(UnknownOptionError, match="Did you mean 'older_than'"):
        leftovers(old_than=1, **where)
