"""What all splitters share: from spans of a text to documents that keep their place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ragkit._checks import check_count, check_many
from ragkit._documents import as_document
from ragkit._spans import Span
from ragkit.errors import InvalidInputError
from ragkit.layout.model import LayoutDocument
from ragkit.types import Document

__all__ = ["SpanSplitter", "check_sizes", "checked_documents"]


class SpanSplitter(ABC):
    """A splitter that says where to cut; cutting texts and documents follows from that."""

    @abstractmethod
    def split_spans(self, text: str) -> list[Span]:
        """Where the chunks of `text` stand, in order: ``text[start:end]`` is the chunk."""

    @property
    @abstractmethod
    def config(self) -> dict[str, Any]:
        """What decides where it cuts, as JSON-like values, for an index's manifest."""

    def __repr__(self) -> str:
        options = {name: value for name, value in self.config.items() if name != "splitter"}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in options.items())})"

    def split_text(self, text: str) -> list[str]:
        """The chunks of one text."""
        return [text[start:end] for start, end in self.split_spans(_checked_text(text))]

    def split_documents(self, documents: Iterable[Document | LayoutDocument]) -> list[Document]:
        """The chunks of all documents, in order.

        Each chunk has its document's metadata, and is
        ``document.page_content[chunk.start:chunk.end]``; boxes follow the characters. A layout
        document is linearized first, page by page.

        Args:
            documents: ragkit's, layout documents, or LangChain's.

        Raises:
            InvalidInputError: If something in `documents` is no document.
        """
        chunks: list[Document] = []
        for document in checked_documents(documents):
            for page in _linearized(document):
                chunks += page.slices(self.split_spans(page.page_content))
        return chunks

    def create_documents(
        self, texts: Iterable[str], metadatas: Sequence[Mapping[str, Any]] | None = None
    ) -> list[Document]:
        """The chunks of plain texts.

        Args:
            texts: The texts.
            metadatas: One for each text, if any.

        Raises:
            InvalidInputError: If there are not as many metadatas as texts.
        """
        if isinstance(texts, str):
            raise InvalidInputError("create_documents() takes a list of texts, not one str.")
        every = [_checked_text(text) for text in texts]
        given = [{}] * len(every) if metadatas is None else list(metadatas)
        if len(given) != len(every):
            raise InvalidInputError(
                f"create_documents() got {len(every)} texts but {len(given)} metadatas; "
                f"give one for each text, or none."
            )
        pairs = zip(every, given, strict=True)
        return self.split_documents(Document(text, dict(metadata)) for text, metadata in pairs)


def _checked_text(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidInputError(f"A text has to be a str, not {type(text).__name__}.")
    return text


def _linearized(document: Document | LayoutDocument) -> list[Document]:
    if isinstance(document, Document):
        return [document]
    from ragkit.layout import LayoutLinearizer

    return LayoutLinearizer().transform([document])


def checked_documents(documents: Iterable[Any]) -> Iterator[Document | LayoutDocument]:
    """Every document as one of ours; layout documents stay as they are.

    Raises:
        InvalidInputError: If something in `documents` is no document.
    """
    if isinstance(documents, str | Document | LayoutDocument):
        raise InvalidInputError(
            f"split_documents() takes a list of documents, not one {type(documents).__name__}; "
            f"write split_documents([document]), or split_text(text) for a str."
        )
    for number, document in enumerate(check_many(documents, "documents", "documents")):
        if isinstance(document, LayoutDocument):
            yield document
        elif isinstance(document, str):
            raise InvalidInputError(
                f"split_documents() got the str {document!r:.80}; it takes documents. For plain "
                f"texts use create_documents(texts)."
            )
        else:
            yield as_document(document, f"documents[{number}]")


def check_sizes(chunk_size: object, chunk_overlap: object) -> tuple[int, int]:
    """Both, if they can work together.

    Raises:
        InvalidInputError: If one is no whole number in its range, or the overlap is not
            smaller than the chunk.
    """
    size = check_count(chunk_size, "chunk_size")
    overlap = check_count(chunk_overlap, "chunk_overlap", least=0)
    if overlap >= size:
        raise InvalidInputError(
            f"chunk_overlap is {overlap} and chunk_size is {size}; the overlap has to be smaller "
            f"than the chunk."
        )
    return size, overlap
