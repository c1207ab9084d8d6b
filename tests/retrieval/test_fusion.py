"""Fusion of rankings."""

from __future__ import annotations

import numpy as np
import pytest

from ragkit.errors import InvalidInputError
from ragkit.retrieval import reciprocal_rank_fusion
from ragkit.retrieval.fusion import fused_scores
from ragkit.types import Document, Hit


def hits(names, part):
    return [
        Hit(Document(name, id=name), 9.0 - i, i, {part: 9.0 - i}) for i, name in enumerate(names)
    ]


def test_scores_are_those_of_the_paper():
    fused = reciprocal_rank_fusion([hits("abc", "dense"), hits("ca", "lexical")])
    assert [hit.document.id for hit in fused] == ["a", "c", "b"]
    assert [hit.score for hit in fused] == pytest.approx([1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62])
    assert [hit.rank for hit in fused] == [0, 1, 2]
    assert fused[0].parts == {"dense": 9.0, "lexical": 8.0}
    assert fused[2].parts == {"dense": 8.0}


def test_weights_and_k():
    fused = reciprocal_rank_fusion([hits("ab", "x"), hits("ba", "y")], k=0, weights=[1, 3])
    assert [(hit.document.id, hit.score) for hit in fused] == [("b", 3.5), ("a", 2.5)]


def test_a_repeated_hit_counts_once_at_its_best_place():
    fused = reciprocal_rank_fusion([hits("aab", "x")], k=0)
    assert [(hit.document.id, hit.score) for hit in fused] == [("a", 1.0), ("b", 0.5)]


def test_documents_without_ids_are_the_same_by_content():
    one, other = Document("t", {"page": 1}), Document("t", {"page": 2})
    fused = reciprocal_rank_fusion([[Hit(one, 1.0), Hit(other, 0.5)], [Hit(one, 7.0)]])
    assert [hit.document for hit in fused] == [one, other]


def test_inputs_are_left_alone():
    ranking = hits("ab", "dense")
    reciprocal_rank_fusion([ranking, hits("b", "lexical")])
    assert ranking == hits("ab", "dense")
    assert reciprocal_rank_fusion([]) == []


@pytest.mark.parametrize("options", [{"k": -1}, {"weights": [1]}, {"weights": [1, -1]}])
def test_bad_options(options):
    with pytest.raises(InvalidInputError):
        reciprocal_rank_fusion([hits("a", "x"), hits("b", "y")], **options)


def test_fused_scores_mix_cosine_and_words():
    fused = fused_scores(np.array([0.5, 0.9], np.float32), np.array([8.0, 4.0]), 0.5)
    assert fused.tolist() == pytest.approx([0.75, 0.7])
    alone = fused_scores(np.array([0.5], np.float32), np.array([0.0]), 0.5)
    assert alone.tolist() == [0.25]
