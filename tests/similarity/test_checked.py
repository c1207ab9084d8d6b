"""Embedders of the user's own making are not believed."""

import numpy as np
import pytest

from ragkit.errors import EmbeddingError
from ragkit.similarity import NearestNeighbors, nearest, similarity_matrix
from ragkit.types import EmbedderFingerprint


class Own:
    """Has the five names of an embedder, and gives what it was made with."""

    dimension = 2
    fingerprint = EmbedderFingerprint("own", "", 2, False)

    def __init__(self, give):
        self.give = give

    def embed(self, texts):
        return self.give(len(texts))

    def embed_documents(self, texts):
        return self.give(len(texts))

    def embed_query(self, text):
        return np.ones(2, np.float32)


WRONG = {
    "not finite": lambda n: np.full((n, 2), np.nan, np.float32),
    "too few": lambda n: np.ones((max(n - 1, 0), 2), np.float32),
    "too long": lambda n: np.ones((n, 3), np.float32),
}


@pytest.mark.parametrize("give", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_an_error(give):
    embedder = Own(give)
    with pytest.raises(EmbeddingError, match="Own gave"):
        similarity_matrix(["a", "b"], embedder=embedder)
    with pytest.raises(EmbeddingError, match="Own gave"):
        nearest(["q"], ["a", "b"], 1, embedder=embedder)
    with pytest.raises(EmbeddingError, match="Own gave"):
        NearestNeighbors(embedder).fit(["a", "b"])


def test_lists_of_numbers_will_do():
    found = nearest(["q"], ["a", "b"], 1, embedder=Own(lambda n: [[1.0, 0.0]] * n))
    assert found == [[{"corpus_id": 0, "score": pytest.approx(0.7071, abs=1e-4)}]]
