"""How alike texts are: nearest neighbours in a corpus, matrix and heat map, top-k accuracy.

Scores are cosines: in [-1, 1], the higher the more alike. Texts are embedded by any embedder, or
ready vectors are taken as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ragkit._lazy import lazy_names

if TYPE_CHECKING:
    from ragkit.similarity.accuracy import TopKAccuracy, top_k_accuracy
    from ragkit.similarity.neighbors import NearestNeighbors
    from ragkit.similarity.plotting import heatmap
    from ragkit.similarity.searching import Neighbor, nearest, similarity_matrix

__all__ = [
    "NearestNeighbors",
    "Neighbor",
    "TopKAccuracy",
    "heatmap",
    "nearest",
    "similarity_matrix",
    "top_k_accuracy",
]

_HOME = {
    "ragkit.similarity.accuracy": ("TopKAccuracy", "top_k_accuracy"),
    "ragkit.similarity.neighbors": ("NearestNeighbors",),
    "ragkit.similarity.plotting": ("heatmap",),
    "ragkit.similarity.searching": ("Neighbor", "nearest", "similarity_matrix"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__getattr__, __dir__ = lazy_names(__name__, _WHERE)
