"""ChromaStore fulfils the contract of stores."""

from __future__ import annotations

import pytest

from ragkit.stores.conformance import StoreConformance

pytest.importorskip("chromadb")

from ragkit.stores import ChromaStore


class TestChromaStore(StoreConformance):
    @classmethod
    def make_store(cls, path, embedder, collection="default"):
        return ChromaStore(path, embedder=embedder, collection=collection)
