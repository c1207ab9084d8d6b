"""Nearest neighbours, matrix and accuracy: against plain numpy, and where they could go wrong."""

import tracemalloc

import numpy as np
import pytest

from ragkit import FunctionEmbedder
from ragkit.embedding._base import TextEmbedder
from ragkit.errors import EmbeddingError, InvalidInputError
from ragkit.similarity import nearest, ranking, similarity_matrix, top_k_accuracy
from ragkit.types import EmbedderFingerprint


def letters(text):
    return [float(text.lower().count(letter)) for letter in "abcdefgh"]


class Prefixed(TextEmbedder):
    """Tells queries from documents, as E5 does; counts letters."""

    query_prefix, document_prefix = "aaa", "bbb"
    dimension = 8
    fingerprint = EmbedderFingerprint("letters", "", 8, False, "aaa", "bbb")

    def _vectors(self, texts):
        return np.array([letters(text) for text in texts], np.float32)


def by_numpy(queries, corpus, k):
    left, right = (v.astype(np.float64) for v in (queries, corpus))
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    scores = left @ right.T
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(scores, order, 1)


@pytest.mark.parametrize("k", [1, 3, 40, 500])
@pytest.mark.parametrize(("queries", "rows"), [(1, 300), (33, 97), (70, 32)])
def test_it_is_exact_across_blocks(monkeypatch, k, queries, rows):
    monkeypatch.setattr(ranking, "_QUERIES", 16)
    monkeypatch.setattr(ranking, "_ROWS", 32)
    monkeypatch.setattr(ranking, "_NUMBERS", 128)
    monkeypatch.setattr(ranking, "_PAIRS", 50)
    random = np.random.default_rng(0)
    asked, corpus = random.standard_normal((queries, 7)), random.standard_normal((rows, 7)) * 9

    found = nearest(asked, corpus, k)

    places, scores = by_numpy(asked, corpus, k)
    assert [[one["corpus_id"] for one in best] for best in found] == places.tolist()
    assert np.allclose([[one["score"] for one in best] for best in found], scores, atol=1e-6)
    assert len(found[0]) == min(k, rows)


def test_equal_scores_come_in_the_order_of_the_corpus(monkeypatch):
    monkeypatch.setattr(ranking, "_ROWS", 8)
    random = np.random.default_rng(1)
    corpus = np.tile(random.standard_normal((3, 385)).astype(np.float32), (20, 1))

    (found,) = nearest(corpus[1:2] * 7, corpus, 25)

    assert [one["corpus_id"] for one in found[:20]] == list(range(1, 60, 3))
    assert len({one["score"] for one in found[:20]}) == 1
    assert found[0]["score"] == pytest.approx(1, abs=1e-6)


def test_memory_is_bounded_where_all_are_equally_near():
    same = np.ones((20_000, 8), np.float32)
    tracemalloc.start()
    try:
        found = nearest(same[:256], same, 3)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [[one["corpus_id"] for one in best] for best in found] == [[0, 1, 2]] * 256
    assert peak < 120e6


def test_huge_and_zero_vectors_have_cosines():
    corpus = np.array([[3e38, 3e38], [0, 0], [1e-30, 0]], np.float32)
    (found,) = nearest(np.array([[1.0, 0.0]]), corpus, 3)
    assert [one["corpus_id"] for one in found] == [2, 0, 1]
    assert [one["score"] for one in found] == pytest.approx([1, 0.5**0.5, 0], abs=1e-6)


def test_queries_are_embedded_as_queries_and_the_corpus_as_documents():
    (found,) = nearest(["c"], ["a", "b"], 2, embedder=Prefixed())
    # query: aaac; documents: bbba and bbbb
    assert found[0] == {"corpus_id": 0, "score": pytest.approx(3 / 10)}
    assert found[1] == {"corpus_id": 1, "score": 0.0}


def test_an_embedder_without_embed_queries_does():
    class Small:
        dimension = 8
        fingerprint = Prefixed.fingerprint

        def embed(self, texts):
            return np.array([letters(text) for text in texts], np.float32)

        def embed_query(self, text):
            return np.array(letters(text[1:]), np.float32)

        def embed_documents(self, texts):
            return self.embed(texts).tolist()

    (found,) = nearest(["ab"], ["a", "b"], 1, embedder=Small())
    assert found == [{"corpus_id": 1, "score": 1.0}]


def test_vectors_and_texts_mix_and_need_one_length():
    assert nearest(["b"], np.eye(8)[:3], 1, embedder=letters)[0][0]["corpus_id"] == 1
    with pytest.raises(InvalidInputError, match="length 8, corpus of 3"):
        nearest(["b"], np.eye(3), 1, embedder=letters)


def test_nothing_to_ask_or_to_find():
    assert nearest([], ["a"], embedder=letters) == []
    assert nearest(["a", "b"], [], embedder=letters) == [[], []]


@pytest.mark.parametrize(
    ("queries", "corpus", "top_k", "message"),
    [
        ("one text", ["a"], 1, "queries is 'one text'; it has to be a list of texts"),
        (["a"], "one text", 1, "corpus is 'one text'"),
        (["a"], ["a", None], 1, r"corpus\[1\] is None"),
        (["a"], ["a"], 0, "top_k is 0"),
        (["a"], 3, 1, "corpus is 3"),
        (np.zeros(3), np.zeros((1, 3)), 1, r"shape \(3,\)"),
    ],
)
def test_bad_input_is_named(queries, corpus, top_k, message):
    with pytest.raises(InvalidInputError, match=message):
        nearest(queries, corpus, top_k, embedder=letters)


def test_damaged_vectors_are_named():
    with pytest.raises(EmbeddingError, match=r"corpus\[1\] has numbers that are not finite"):
        nearest(np.ones((1, 2)), np.array([[1, 2], [np.nan, 1]]))
    with pytest.raises(EmbeddingError, match="no rows of numbers"):
        nearest(np.ones((1, 2)), [[1.0], [1.0, 2.0]])
    with pytest.raises(EmbeddingError, match="complex128"):
        nearest(np.ones((1, 2)), np.ones((1, 2)) * 1j)


def test_the_matrix_is_symmetric_with_ones():
    matrix = similarity_matrix(["aab", "ab", "c"], embedder=letters)
    assert matrix.dtype == np.float32
    assert (matrix == matrix.T).all()
    assert np.allclose(np.diag(matrix), 1)
    assert matrix[0, 1] == pytest.approx(3 / 10**0.5)
    assert matrix.max() <= 1


def test_accuracy_says_which_questions_miss():
    questions, answers = np.eye(4), np.eye(4)[[0, 2, 1, 3]]
    result = top_k_accuracy(questions, answers, 1)
    assert (result.accuracy, result.misses) == (0.5, (1, 2))
    # A question's own answer and the others that it has nothing in common with: in their order.
    assert result.ranks == (1, 3, 2 + 1, 1)
    assert str(result) == "top-1 accuracy 50.0 % (2 of 4)"


def test_a_double_before_the_own_answer_counts_against_it():
    answers = FunctionEmbedder(letters).embed(["a", "a", "b"])
    assert top_k_accuracy(answers, answers, 1).misses == (1,)


def test_accuracy_needs_an_answer_for_each_question():
    with pytest.raises(InvalidInputError, match="2 questions and 1 answers"):
        top_k_accuracy(["a", "b"], ["a"], embedder=letters)
    with pytest.raises(InvalidInputError, match="0 questions"):
        top_k_accuracy([], [], embedder=letters)


@pytest.mark.slow
def test_the_faq_of_the_seed(ragkit_data, monkeypatch):
    monkeypatch.syspath_prepend("benchmarks")
    from faq import read_faq

    questions, answers = read_faq(ragkit_data / "qa" / "faq")
    result = top_k_accuracy(questions, answers, 3)
    # 125 of 154, as sentence-transformers with the original weights; one rank hangs on 0.0001.
    assert len(result.ranks) == 154
    assert 100 * result.accuracy == pytest.approx(81.17, abs=0.7)
