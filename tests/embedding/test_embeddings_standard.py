"""LangChain's standard tests on `as_langchain()`, of embedders here and behind an endpoint."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from ragkit import OnnxEmbedder, OpenAIEmbedder

pytestmark = pytest.mark.slow

REASON = "langchain-tests is not installed"
standard = pytest.importorskip("langchain_tests.integration_tests", reason=REASON)
units = pytest.importorskip("langchain_tests.unit_tests", reason=REASON)


def langchain_embeddings():
    """The standard tests call a class; this function makes as much of an object."""
    return OnnxEmbedder().as_langchain()


class _Local:
    @property
    def embeddings_class(self):
        return langchain_embeddings

    @property
    def embedding_model_params(self):
        return {}


class TestUnits(_Local, units.EmbeddingsUnitTests):
    pass


class TestLocal(_Local, standard.EmbeddingsIntegrationTests):
    pass


@pytest.fixture
def remote(service):
    embedder = OpenAIEmbedder("minilm", url=service.url)
    yield embedder
    embedder.close()


class TestEndpoint(_Local, standard.EmbeddingsIntegrationTests):
    @pytest.fixture
    def model(self, remote):
        return remote.as_langchain()


def test_asynchronous_calls_are_asynchronous_requests(remote, minilm, monkeypatch):
    made = remote.as_langchain()

    def blocking(*_):
        pytest.fail("a blocking request of an asynchronous call")

    monkeypatch.setattr(remote, "_ask", blocking)
    both = asyncio.run(made.aembed_documents(["a", "b"]))
    np.testing.assert_allclose(both, minilm.embed(["a", "b"]), atol=1e-5)
    one = asyncio.run(made.aembed_query("a"))
    assert isinstance(one[0], float)
    np.testing.assert_allclose(one, minilm.embed_query("a"), atol=1e-5)
