"""Functions, LangChain objects and strings as embedders."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from ragkit import FunctionEmbedder, OnnxEmbedder, as_embedder
from ragkit.embedding import LangChainEmbedder, OpenAIEmbedder
from ragkit.embedding.conformance import EmbedderConformance
from ragkit.errors import (
    EmbeddingError,
    InvalidInputError,
    MissingExtraError,
    UnknownProviderError,
)


def letters(text: str) -> list[float]:
    """How often each letter occurs, and the length."""
    return [*(float(text.lower().count(c)) for c in "abcdefghijklmno"), float(len(text))]


def many_letters(texts: list[str]) -> np.ndarray:
    return np.array([letters(text) for text in texts], dtype=np.float64)


class Stranger:
    """What LangChain calls embeddings, without its class."""

    model_name = "stranger-1"

    def embed_documents(self, texts):
        return [letters(text) for text in texts]

    def embed_query(self, text):
        return letters(text)


class AsyncStranger(Stranger):
    def __init__(self):
        self.awaited = 0

    async def aembed_documents(self, texts):
        self.awaited += 1
        return self.embed_documents(texts)

    async def aembed_query(self, text):
        self.awaited += 1
        return self.embed_query(text)


class TestFunction(EmbedderConformance):
    @pytest.fixture
    def embedder(self):
        return FunctionEmbedder(letters)


class TestBatchFunction(EmbedderConformance):
    @pytest.fixture
    def embedder(self):
        return FunctionEmbedder(many_letters, batch=True, dimension=16, normalize=False)


class TestLangChainLike(EmbedderConformance):
    @pytest.fixture
    def embedder(self):
        return LangChainEmbedder(Stranger())


class TestRoundTripThroughLangChain(EmbedderConformance):
    @pytest.fixture
    def embedder(self, minilm):
        return LangChainEmbedder(minilm.as_langchain())


def test_function_names_stand_in_the_fingerprint():
    assert FunctionEmbedder(letters).fingerprint.name.endswith("test_adapted_embedders.letters")
    assert FunctionEmbedder(letters, name="mine").fingerprint.name == "mine"
    assert not FunctionEmbedder(letters, normalize=False).fingerprint.normalized
    assert repr(FunctionEmbedder(letters, name="mine")) == "FunctionEmbedder('mine')"


def test_a_function_is_asked_only_once_for_its_dimension():
    asked = []

    def counting(text):
        asked.append(text)
        return letters(text)

    embedder = FunctionEmbedder(counting)
    assert not asked
    assert [embedder.dimension, embedder.dimension] == [16, 16]
    assert len(asked) == 1
    known = FunctionEmbedder(counting, dimension=16)
    assert known.embed([]).shape == (0, 16)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (lambda texts: [[1.0, 2.0]] * (len(texts) - 1), "for 2 texts"),
        (lambda texts: [[1.0, 2.0], [1.0]], "equal length"),
        (lambda texts: [1.0, 2.0], "one vector"),
        (lambda texts: [[], []], "one vector"),
        (lambda texts: [["a", "b"]] * 2, "equal length"),
        (lambda texts: None, "equal length|one vector"),
        (lambda texts: [[1.0, float("nan")]] * 2, "not finite"),
        (lambda texts: [[1.0, 1e300]] * 2, "not finite"),
        (lambda texts: [[1.0, 2.0, 3.0]] * 2, "length 3, not 2"),
    ],
)
def test_a_function_that_gives_no_vectors(values, word):
    with pytest.raises(EmbeddingError, match=word):
        FunctionEmbedder(values, batch=True, dimension=2).embed(["a", "b"])


def test_a_function_that_changes_its_mind():
    embedder = FunctionEmbedder(lambda text: [1.0] * (1 + len(text)))
    embedder.embed_query("ab")
    with pytest.raises(EmbeddingError, match="length 2, not 3"):
        embedder.embed_query("a")


def test_a_vector_of_zeros_stays_one():
    assert FunctionEmbedder(lambda text: [0, 0]).embed(["a"]).tolist() == [[0.0, 0.0]]


def test_an_error_of_the_function_is_ours_with_its_cause():
    def broken(text):
        raise KeyError(text)

    with pytest.raises(EmbeddingError, match="broken failed: KeyError") as caught:
        FunctionEmbedder(broken).embed(["a"])
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize("dimension", [0, -1, 2.0, True])
def test_a_dimension_that_is_none(dimension):
    with pytest.raises(InvalidInputError, match="dimension"):
        FunctionEmbedder(letters, dimension=dimension)


def test_not_a_function():
    with pytest.raises(InvalidInputError, match="function"):
        FunctionEmbedder([1.0])


def test_langchain_names_class_and_model():
    assert LangChainEmbedder(Stranger()).fingerprint.name == "Stranger:stranger-1"
    assert repr(LangChainEmbedder(Stranger())) == "LangChainEmbedder('Stranger:stranger-1')"
    assert LangChainEmbedder(Stranger(), name="x").fingerprint.name == "x"


def test_langchain_asynchronous_methods_are_used():
    stranger = AsyncStranger()
    embedder = LangChainEmbedder(stranger)
    vectors = asyncio.run(embedder.aembed(["a", "b"]))
    np.testing.assert_allclose(vectors, embedder.embed(["a", "b"]))
    np.testing.assert_allclose(asyncio.run(embedder.aembed_query("a")), embedder.embed_query("a"))
    assert asyncio.run(embedder.aembed_documents([])) == []
    assert stranger.awaited == 2


def test_langchain_fake_embeddings_are_adapted():
    fake = pytest.importorskip("langchain_core.embeddings").DeterministicFakeEmbedding(size=5)
    embedder = as_embedder(fake)
    assert isinstance(embedder, LangChainEmbedder)
    assert embedder.dimension == 5
    assert embedder.embed(["a"]).shape == (1, 5)


def test_ours_is_langchains(minilm):
    module = pytest.importorskip("langchain_core.embeddings")
    embeddings = minilm.as_langchain()
    assert isinstance(embeddings, module.Embeddings)
    assert len(embeddings.embed_query("a dog")) == 384
    assert np.allclose(embeddings.embed_documents(["a dog"]), minilm.embed(["a dog"]))
    assert len(asyncio.run(embeddings.aembed_query("a dog"))) == 384
    assert as_embedder(embeddings) is minilm


def test_without_langchain_the_extra_is_named(minilm, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "langchain_core.embeddings", None)
    with pytest.raises(MissingExtraError, match=r"ragkit\[langchain\]"):
        minilm.as_langchain()


def test_half_of_langchain_is_refused():
    class Half:
        embed_documents = Stranger.embed_documents

    with pytest.raises(InvalidInputError, match=r"no method embed_query\(\)"):
        as_embedder(Half())


def test_as_embedder_takes_what_can_embed(minilm):
    assert as_embedder(minilm) is minilm
    assert isinstance(as_embedder("minilm"), OnnxEmbedder)
    assert isinstance(as_embedder("openai:m@http://localhost:1/v1"), OpenAIEmbedder)
    assert isinstance(as_embedder(letters), FunctionEmbedder)
    assert isinstance(as_embedder(Stranger()), LangChainEmbedder)


def test_as_embedder_asks_nothing_of_what_it_passes_on():
    def never(text):
        raise AssertionError(text)

    embedder = FunctionEmbedder(never)
    assert as_embedder(embedder) is embedder


@pytest.mark.parametrize("value", [None, 3, ["minilm"], OnnxEmbedder, Stranger])
def test_as_embedder_refuses_what_can_not(value):
    with pytest.raises(InvalidInputError):
        as_embedder(value)


def test_as_embedder_refuses_unknown_strings():
    with pytest.raises(UnknownProviderError, match="minilm"):
        as_embedder("nobody")


@pytest.mark.parametrize("texts", ["one", b"one", 3, None, ["a", 3], ["a", None], [b"a"]])
def test_texts_that_are_none(texts):
    with pytest.raises(InvalidInputError, match=r"[Tt]ext"):
        FunctionEmbedder(letters).embed(texts)


def test_any_iterable_of_texts_will_do():
    embedder = FunctionEmbedder(letters)
    assert embedder.embed(text for text in ("a", "b")).shape == (2, 16)


def test_names_that_do_not_exist():
    import ragkit.embedding

    with pytest.raises(AttributeError, match="Nothing"):
        _ = ragkit.embedding.Nothing
    assert "OnnxEmbedder" in dir(ragkit.embedding)
