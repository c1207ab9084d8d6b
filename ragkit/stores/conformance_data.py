"""What the conformance suite of stores works with: an embedder without a model, and filters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.types import EmbedderFingerprint

__all__ = ["FILTERS", "METADATA", "HashingEmbedder"]


class HashingEmbedder:
    """Vectors of hashed words: texts with the same words are near, and no model is needed.

    Args:
        dimension: Length of a vector.
        name: Goes into the fingerprint.
    """

    def __init__(self, dimension: int = 64, name: str = "hashing") -> None:
        self.dimension = dimension
        self.fingerprint = EmbedderFingerprint(name, "1", dimension)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row for each text, of length 1."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                digest = hashlib.sha256(word.encode()).digest()
                row[int.from_bytes(digest[:4], "big") % self.dimension] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The same for one text."""
        row: NDArray[np.float32] = self.embed([text])[0]
        return row

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """The same as lists."""
        return [[float(number) for number in row] for row in self.embed(texts)]


METADATA: list[dict[str, Any]] = [
    {"source": "a.pdf", "page": 0, "year": 2019, "draft": True},
    {"source": "a.pdf", "page": 1, "year": 2020.5, "draft": False},
    {"source": "b.pdf", "page": 0, "year": 2021, "author": None},
    {"source": "b.pdf", "page": 1, "tags": ["x", "y"], "nested": {"a": {"b": 1}}},
    {"source": "ü.pdf", "page": 2, "year": "2020", "a.b": 1, 'od"d\\ $key': "v'--"},
    {},
]

FILTERS: list[dict[str, Any]] = [
    {"page": 1},
    {"page": 1.0},
    {"draft": True},
    {"page": {"$eq": True}},
    {"author": None},
    {"author": {"$ne": None}},
    {"tags": "x"},
    {"a.b": 1},
    {'od"d\\ $key': "v'--"},
    {"source": "ü.pdf", "page": 2},
    {"year": {"$ne": 2019}},
    {"year": {"$gt": 2019}},
    {"year": {"$gte": 2020.5, "$lt": 2021}},
    {"year": {"$lte": "2020"}},
    {"source": {"$gt": "a.pdf"}},
    {"source": {"$in": ["a.pdf", "ü.pdf", 3, None, True]}},
    {"source": {"$in": []}},
    {"source": {"$nin": ["a.pdf", "b.pdf"]}},
    {"page": {"$nin": [0, 1.0]}},
    {"author": {"$exists": True}},
    {"year": {"$exists": False}},
    {"year": {"$not": {"$gt": 2019}}},
    {"$not": {"source": "a.pdf", "page": 1}},
    {"$and": [{"source": "a.pdf"}, {"page": {"$gte": 1}}]},
    {"$or": [{"page": 2}, {"draft": False}, {"$not": {"source": {"$exists": True}}}]},
]
"""One filter or more for each operator."""
