"""The endpoint's embedder against a real service on this machine that embeds with MiniLM."""

from __future__ import annotations

import asyncio
import json
import pickle

import numpy as np
import pytest

import ragkit
from ragkit import OpenAIEmbedder
from ragkit.embedding.conformance import EmbedderConformance
from ragkit.errors import EmbeddingError, EndpointError, EndpointReplyError, InvalidInputError


@pytest.fixture
def embedder(service):
    made = OpenAIEmbedder("minilm", url=service.url, batch_size=4, retries=1, api_key="sk-secret")
    yield made
    made.close()


class TestEndpoint(EmbedderConformance):
    @pytest.fixture
    def embedder(self, service):
        made = OpenAIEmbedder("minilm", url=service.url, query_prefix="query: ")
        yield made
        made.close()


def reply(vectors, **more):
    data = [{"index": n, "embedding": v} for n, v in enumerate(vectors)]
    return 200, {}, json.dumps({"data": data, **more}).encode()


def test_vectors_are_those_of_the_model(embedder, minilm, service):
    texts = [f"text {n}" for n in range(10)]
    np.testing.assert_allclose(embedder.embed(texts), minilm.embed(texts), atol=1e-5)
    assert sorted(len(body["input"]) for _, _, body in service.requests) == [2, 4, 4]
    assert service.requests[0][0] == "/v1/embeddings"
    assert service.requests[0][2]["model"] == "minilm"


def test_asynchronous_requests(embedder, minilm):
    async def both():
        return await asyncio.gather(
            embedder.aembed(["a dog"] * 5), embedder.aembed_query("a cat"), embedder.aembed([])
        )

    dogs, cat, none = asyncio.run(both())
    np.testing.assert_allclose(dogs, minilm.embed(["a dog"] * 5), atol=1e-5)
    np.testing.assert_allclose(cat, minilm.embed_query("a cat"), atol=1e-5)
    assert none.shape == (0, 384)
    assert asyncio.run(embedder.aembed([])).shape == (0, 384)


def test_prefixes_and_dimensions_are_sent(service):
    embedder = OpenAIEmbedder(
        "m", url=service.url, dimensions=2, query_prefix="q: ", document_prefix="d: "
    )
    assert embedder.dimension == 2
    assert not service.requests
    service.answers = [reply([[3, 4]]), reply([[1, 0]])]
    np.testing.assert_allclose(embedder.embed_query("x"), [0.6, 0.8])
    embedder.embed(["y"])
    bodies = [body for _, _, body in service.requests]
    assert [body["input"] for body in bodies] == [["q: x"], ["d: y"]]
    assert all(body["dimensions"] == 2 for body in bodies)
    fingerprint = embedder.fingerprint
    assert (fingerprint.query_prefix, fingerprint.document_prefix) == ("q: ", "d: ")
    embedder.close()


def test_order_by_position_where_nothing_is_numbered(service):
    service.answers = [(200, {}, b'{"data": [{"embedding": [1, 0]}, {"embedding": [0, 1]}]}')]
    embedder = OpenAIEmbedder("m", url=service.url, normalize=False)
    assert embedder.embed(["a", "b"]).tolist() == [[1, 0], [0, 1]]
    embedder.close()


@pytest.mark.parametrize(
    ("data", "error", "word"),
    [
        (b"[]", EndpointReplyError, "form"),
        (b'{"data": 3}', EndpointReplyError, "form"),
        (b'{"data": [3, 4]}', EndpointReplyError, "form"),
        (b'{"error": "no such model"}', EndpointReplyError, "no such model"),
        (b'{"data": [{"embedding": [1]}]}', EmbeddingError, "1 vectors for 2 texts"),
        (b'{"data": [{"embedding": [1]}, {"embedding": [1, 2]}]}', EmbeddingError, "length"),
        (b'{"data": [{"embedding": [1]}, {"embedding": [NaN]}]}', EmbeddingError, "finite"),
        (b'{"data": [{"embedding": "AAAA"}, {"embedding": "AA"}]}', EmbeddingError, "vectors"),
        (
            b'{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}',
            EndpointReplyError,
            "once",
        ),
        (
            b'{"data": [{"index": "a", "embedding": [1]}, {"index": 1, "embedding": [1]}]}',
            EndpointReplyError,
            "once",
        ),
    ],
)
def test_replies_that_are_no_vectors(service, embedder, data, error, word):
    service.answers = [(200, {}, data)]
    with pytest.raises(error, match=word):
        embedder.embed(["a", "b"])


def test_another_length_than_asked_for(service):
    service.answers = [reply([[1, 2, 3]])]
    embedder = OpenAIEmbedder("m", url=service.url, dimensions=2)
    with pytest.raises(EmbeddingError, match="length 3, not 2"):
        embedder.embed(["a"])
    embedder.close()


def test_a_busy_service_is_asked_again(service, embedder):
    service.answers = [(429, {"Retry-After": "0"}, b"slow down")]
    assert embedder.embed(["a"]).shape == (1, 384)
    assert len(service.requests) == 2


def test_the_key_shows_up_nowhere(service, embedder):
    service.answers = [(401, {}, b"Incorrect API key provided: sk-secret")]
    with pytest.raises(EndpointError, match="401") as caught:
        embedder.embed(["a"])
    assert service.requests[0][1]["Authorization"] == "Bearer sk-secret"
    shown = f"{caught.value} {caught.value.body} {embedder!r} {embedder.fingerprint}"
    assert "sk-secret" not in shown
    assert repr(embedder) == f"OpenAIEmbedder('minilm', url={service.url!r})"


def test_the_key_of_the_environment_is_read_once(service, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-first")
    embedder = OpenAIEmbedder("m", url=service.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-second")
    embedder.embed(["a"])
    assert service.requests[0][1]["Authorization"] == "Bearer sk-first"
    embedder.close()


def test_by_one_string(service, minilm):
    embedder = ragkit.load_embedder(f"openai:minilm@{service.url}", batch_size=2)
    np.testing.assert_allclose(embedder.embed(["a dog"]), minilm.embed(["a dog"]), atol=1e-5)
    embedder.close()


@pytest.mark.parametrize(
    "options",
    [
        {"model": ""},
        {"model": None},
        {"url": "nowhere"},
        {"batch_size": 0},
        {"dimensions": 0},
        {"query_prefix": None},
        {"document_prefix": 3},
        {"api_key": "a b"},
    ],
)
def test_arguments_that_can_not_work(options):
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        OpenAIEmbedder(**{"model": "m", "url": "http://localhost:1/v1", **options})


def test_keys_are_not_pickled():
    embedder = OpenAIEmbedder("m", url="http://localhost:1/v1", api_key="sk-secret")
    with pytest.raises(TypeError):
        pickle.dumps(embedder)
