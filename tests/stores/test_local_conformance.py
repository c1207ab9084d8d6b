"""LocalStore fulfils the contract of stores, on disk and in all its modes."""

from __future__ import annotations

from ragkit.stores import LocalStore
from ragkit.stores.conformance import StoreConformance


class TestLocalStore(StoreConformance):
    modes = ("dense", "lexical", "hybrid")

    @classmethod
    def make_store(cls, path, embedder, collection="default"):
        return LocalStore(path, embedder=embedder, collection=collection)
