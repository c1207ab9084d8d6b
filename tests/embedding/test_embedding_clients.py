"""Real clients against the tests' service, which shows that it speaks the formats as they are."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytestmark = pytest.mark.slow

TEXTS = ["a dog", "a cat"]


@pytest.fixture
def expected(minilm):
    return minilm.embed(TEXTS)


@pytest.fixture
def aws_client(service):
    """Makes a boto3 client of the service; all are closed at the end."""
    boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")
    session = boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8", region_name="eu-central-1")
    made = []

    def one(name):
        made.append(session.client(name, endpoint_url=service.root))
        return made[-1]

    yield one
    for client in made:
        client.close()


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_openai(service, expected, encoding):
    openai = pytest.importorskip("openai", reason="openai, a real client, is not installed")
    with openai.OpenAI(api_key="k", base_url=service.url, max_retries=0) as client:
        data = client.embeddings.create(model="m", input=TEXTS, encoding_format=encoding).data
    ordered = [item.embedding for item in sorted(data, key=lambda item: item.index)]
    if encoding == "base64":
        import base64

        ordered = [np.frombuffer(base64.b64decode(value), "<f4") for value in ordered]
    np.testing.assert_allclose(ordered, expected, atol=1e-5)


def test_ollama(service, expected):
    ollama = pytest.importorskip("ollama", reason="ollama, a real client, is not installed")
    client = ollama.Client(service.root)
    reply = client.embed("m", TEXTS, truncate=False)
    np.testing.assert_allclose(reply.embeddings, expected, atol=1e-5)
    client._client.close()


def test_hubs_client_asks_tei(service, expected):
    hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    with hub.InferenceClient(model=f"{service.root}/embed") as client:
        found = [client.feature_extraction(text, truncate=False).reshape(-1) for text in TEXTS]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_cohere(service, minilm):
    cohere = pytest.importorskip("cohere", reason="cohere, a real client, is not installed")
    with cohere.ClientV2(api_key="k", base_url=service.root) as client:
        reply = client.embed(
            model="m", texts=TEXTS, input_type="search_query", embedding_types=["float"]
        )
    wanted = minilm.embed([f"search_query: {text}" for text in TEXTS])
    np.testing.assert_allclose(reply.embeddings.float_, wanted, atol=1e-5)


def test_boto3_invokes_an_endpoint(service, expected, aws_client):
    reply = aws_client("sagemaker-runtime").invoke_endpoint(
        EndpointName="e", ContentType="application/x-text", Body=json.dumps(TEXTS).encode()
    )
    np.testing.assert_allclose(json.load(reply["Body"])["embedding"], expected, atol=1e-5)


def test_boto3_invokes_a_model(service, expected, aws_client):
    reply = aws_client("bedrock-runtime").invoke_model(
        modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": TEXTS[0]})
    )
    np.testing.assert_allclose(json.load(reply["body"])["embedding"], expected[0], atol=1e-5)
