"""Layout documents as documents, by the linearizer's defaults."""

from __future__ import annotations

from collections.abc import Iterable

from ragkit.layout.linearizer import LayoutLinearizer
from ragkit.layout.model import LayoutDocument
from ragkit.types import Document


def linearized(layouts: Iterable[LayoutDocument]) -> list[Document]:
    """One document for each page that has text."""
    return LayoutLinearizer().transform(layouts)
