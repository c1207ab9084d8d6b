"""Documents of other people's classes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ragkit import Document
from ragkit._documents import as_document
from ragkit.errors import InvalidInputError


def test_own_documents_stay_as_they_are() -> None:
    document = Document("text")
    assert as_document(document) is document


def test_other_documents_keep_text_metadata_and_id() -> None:
    foreign = SimpleNamespace(page_content="text", metadata={"page": 1}, id=7)
    assert as_document(foreign) == Document("text", {"page": 1}, "7")
    assert as_document(SimpleNamespace(page_content="text", metadata=None)) == Document("text")
    assert as_document(SimpleNamespace(page_content="text")) == Document("text")


def test_metadata_are_copied() -> None:
    foreign = SimpleNamespace(page_content="text", metadata={"page": 1})
    as_document(foreign).metadata["page"] = 2
    assert foreign.metadata == {"page": 1}


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        None,
        Document("text", [1]),
        Document(3),
        SimpleNamespace(page_content=3),
        SimpleNamespace(page_content="", metadata=[1]),
    ],
)
def test_what_is_no_document_is_named(wrong: object) -> None:
    with pytest.raises(InvalidInputError, match=r"hits\[2\] is \w+ .*page_content"):
        as_document(wrong, "hits[2]")
