"""Arguments that fit, and a SageMaker on the loopback interface whose endpoints come up or fail."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "llms"))  # loopback.py, the servers' base

ROLE = "arn:aws:iam::123456789012:role/SageMakerExecution"


@pytest.fixture
def what():
    """The arguments that say what to deploy."""
    return {
        "model": "meta-llama/Llama-2-7b-chat-hf",
        "name": "llama-2-7b",
        "role": ROLE,
        "instance_type": "ml.g5.2xlarge",
    }


@pytest.fixture(scope="session")
def aws_session():
    """One for all: each would read boto3's descriptions of services anew."""
    boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")
    return boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8", region_name="eu-central-1")


@pytest.fixture
def server():
    from control_plane import control_plane

    with control_plane() as instance:
        yield instance


@pytest.fixture
def where(server, aws_session):
    """The arguments that say where, for `server`."""
    return {"session": aws_session, "endpoint_url": server.url}


@pytest.fixture
def quick():
    """The arguments of a wait that need not be long."""
    return {"interval": 0.01, "timeout": 10, "progress": False}


@pytest.fixture
def deploy(what, where, quick, monkeypatch):
    """Deploys with these options; the endpoint is closed at the end."""
    from ragkit import _retrying
    from ragkit.aws import deploy_llm

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr("ragkit.aws.deployment._SETTLING", 0.3)
    made = []

    def one(**options):
        made.append(deploy_llm(**{**what, **where, **quick, **options}))
        return made[-1]

    yield one
    for endpoint in made:
        endpoint.close()
