"""What every embedder has to fulfil, as tests for pytest.

Subclass `EmbedderConformance` in a test file and give it a fixture::

    import pytest
    from ragkit.embedding.conformance import EmbedderConformance

    class TestMyEmbedder(EmbedderConformance):
        @pytest.fixture
        def embedder(self):
            return MyEmbedder()
"""

from __future__ import annotations

import asyncio

import numpy as np

from ragkit.errors import InvalidInputError
from ragkit.protocols import Embedder
from ragkit.types import EmbedderFingerprint

__all__ = ["EmbedderConformance"]

TEXTS = [
    "The auditor found a mistake in the annual report.",
    "A cute dog sleeps in the sun.",
    "short",
    "Zürich, 東京, Αθήνα, القاهرة – naïve café 🙂",
    "Revenue rose by 12.5 % to $3,400 million in 2022, " * 8,
    "Two\nlines\tand  spaces ",
]

TOLERANCE = 1e-5
"""How far numbers may differ when the same text is embedded in other company."""


class EmbedderConformance:
    """Tests of the contract of `ragkit.protocols.Embedder`.

    Attributes:
        tolerance: How far numbers may differ when the same text is embedded in other company;
            more than single precision's where less is computed with.
    """

    tolerance: float = TOLERANCE

    def test_is_an_embedder(self, embedder: Embedder) -> None:
        """All methods of the protocol are there."""
        assert isinstance(embedder, Embedder)

    def test_shape_and_dtype(self, embedder: Embedder) -> None:
        """`embed` gives float32 (n, dimension), all finite."""
        vectors = embedder.embed(TEXTS)
        assert isinstance(vectors, np.ndarray)
        assert vectors.shape == (len(TEXTS), embedder.dimension)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()

    def test_normalized_as_the_fingerprint_says(self, embedder: Embedder) -> None:
        """Vectors have length 1 where the fingerprint promises it."""
        if embedder.fingerprint.normalized:
            lengths = np.linalg.norm(embedder.embed(TEXTS), axis=1)
            assert np.allclose(lengths, 1, atol=1e-4), lengths

    def test_no_texts(self, embedder: Embedder) -> None:
        """No texts give no vectors, of the right width."""
        vectors = embedder.embed([])
        assert vectors.shape == (0, embedder.dimension)
        assert vectors.dtype == np.float32
        assert embedder.embed_documents([]) == []

    def test_order_and_company(self, embedder: Embedder) -> None:
        """A text's vector depends neither on its place nor on the texts beside it."""
        together = embedder.embed(TEXTS)
        backwards = embedder.embed(TEXTS[::-1])[::-1]
        alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
        assert np.allclose(together, backwards, atol=self.tolerance)
        assert np.allclose(together, alone, atol=self.tolerance)

    def test_many_texts(self, embedder: Embedder) -> None:
        """More texts than fit one batch keep their order."""
        few = embedder.embed(TEXTS[:3])
        many = embedder.embed(TEXTS[:3] * 50)
        assert np.allclose(many, np.tile(few, (50, 1)), atol=self.tolerance)

    def test_duplicates(self, embedder: Embedder) -> None:
        """The same text has the same vector."""
        first, second, third = embedder.embed([TEXTS[0], TEXTS[1], TEXTS[0]])
        assert np.allclose(first, third, atol=self.tolerance)
        assert not np.allclose(first, second, atol=self.tolerance)

    def test_empty_text(self, embedder: Embedder) -> None:
        """An empty text has a vector too."""
        assert np.isfinite(embedder.embed(["", "text"])).all()

    def test_query(self, embedder: Embedder) -> None:
        """A query gives one vector; without prefixes it is that of the document."""
        vector = embedder.embed_query(TEXTS[0])
        assert vector.shape == (embedder.dimension,)
        assert vector.dtype == np.float32
        fingerprint = embedder.fingerprint
        if fingerprint.query_prefix == fingerprint.document_prefix:
            assert np.allclose(vector, embedder.embed(TEXTS[:1])[0], atol=self.tolerance)

    def test_many_queries(self, embedder: Embedder) -> None:
        """`embed_queries`, where there is one, gives each query the vector of `embed_query`."""
        embed_queries = getattr(embedder, "embed_queries", None)
        if embed_queries is None:
            return
        vectors = embed_queries(TEXTS[:3])
        assert vectors.dtype == np.float32
        assert embed_queries([]).shape == (0, embedder.dimension)
        for text, vector in zip(TEXTS, vectors, strict=False):
            assert np.allclose(vector, embedder.embed_query(text), atol=TOLERANCE)
        with _raises_invalid_input():
            embed_queries("one text")

    def test_embed_documents_gives_lists(self, embedder: Embedder) -> None:
        """`embed_documents` gives the same numbers as lists of float."""
        lists = embedder.embed_documents(TEXTS[:2])
        assert isinstance(lists, list)
        assert isinstance(lists[0], list)
        assert isinstance(lists[0][0], float)
        assert np.allclose(lists, embedder.embed(TEXTS[:2]), atol=self.tolerance)

    def test_any_sequence(self, embedder: Embedder) -> None:
        """Tuples do as well as lists."""
        assert embedder.embed(tuple(TEXTS[:2])).shape == (2, embedder.dimension)

    def test_fingerprint(self, embedder: Embedder) -> None:
        """The fingerprint is the same each time, and can be a key."""
        fingerprint = embedder.fingerprint
        assert isinstance(fingerprint, EmbedderFingerprint)
        assert fingerprint == embedder.fingerprint
        assert {fingerprint: 1}[embedder.fingerprint] == 1
        assert fingerprint.name
        assert fingerprint.dimension == embedder.dimension

    def test_one_text_instead_of_many_is_an_error(self, embedder: Embedder) -> None:
        """A str would be read letter by letter; it is refused."""
        with _raises_invalid_input():
            embedder.embed("one text")

    def test_other_things_than_texts_are_errors(self, embedder: Embedder) -> None:
        """None and numbers are refused, in lists and as a query."""
        with _raises_invalid_input():
            embedder.embed(["fine", None])  # type: ignore[list-item]
        with _raises_invalid_input():
            embedder.embed_query(3)  # type: ignore[arg-type]

    def test_async_siblings_agree(self, embedder: Embedder) -> None:
        """`aembed`, `aembed_query`, `aembed_documents`, where there are any, give the same."""
        for name, argument in (
            ("embed", TEXTS[:2]),
            ("embed_query", TEXTS[0]),
            ("embed_queries", TEXTS[:2]),
            ("embed_documents", TEXTS[:2]),
        ):
            method = getattr(embedder, f"a{name}", None)
            if method is not None:
                expected = getattr(embedder, name)(argument)
                assert np.allclose(asyncio.run(method(argument)), expected, atol=self.tolerance)


class _raises_invalid_input:  # noqa: N801 - reads like pytest.raises, without needing pytest here
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        assert kind is not None, "no error was raised"
        return issubclass(kind, InvalidInputError)
