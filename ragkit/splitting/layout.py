"""Cuts where a page's layout does: at headings, paragraphs, items of lists, rows of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ragkit._checks import check_count
from ragkit._options import names_options
from ragkit._spans import Span
from ragkit.errors import InvalidInputError
from ragkit.layout import LayoutLinearizer
from ragkit.layout.model import LayoutDocument
from ragkit.splitting.base import SpanSplitter, checked_documents
from ragkit.splitting.describing import describe_function
from ragkit.splitting.lengths import SpanLengths
from ragkit.splitting.packing import LayoutPacker
from ragkit.splitting.recursive import RecursiveSplitter
from ragkit.types import Document

__all__ = ["LayoutSplitter"]


@names_options
class LayoutSplitter(SpanSplitter):
    r"""Chunks that follow a document's layout; give it a loader's layout documents.

    A heading stays with the text that follows it. A long table goes on in the next chunk, with
    its header and the cells that span the cut repeated; its rows are never cut. A chunk begins at
    each heading, but for sections of under a quarter of `chunk_size`. Paragraphs, items of lists
    and fields of forms are cut, as `RecursiveSplitter` does, only where one is longer than a chunk
    together with its headings.

    A chunk is longer than `chunk_size` only where a single row of a table is, or a single
    character. Where a table's header leaves no room for a row, the row stands without it; headings
    of over half a chunk stand alone.

    Each chunk is a slice of its file's whole text, as linearized here (repeated headers
    included), and has the headings it stands under in its metadata: ``"section"``, such as
    ``"Annual report > 2 Results"``. Documents without layout are cut as `RecursiveSplitter` does.

    Args:
        chunk_size: Greatest length of a chunk; a row of a table may be longer.
        length_function: Of a text; characters by default. An embedder's ``count_tokens`` fits.
        linearizer: How layout becomes text; by default Markdown, whose tables and headings
            language models read well.
        section_separator: Between the headings in ``"section"``.

    Raises:
        InvalidInputError: If an argument has a value that can't work.

    Example:
        >>> from ragkit.layout.model import Element, ElementKind, LayoutDocument, Line, Page
        >>> heading = Element(ElementKind.SECTION_HEADER, [Line(raw="2 Results")], level=2)
        >>> text = Element(ElementKind.TEXT, [Line(raw="Revenue rose by 12 %.")])
        >>> layout = LayoutDocument("report.pdf", [Page(0, elements=[heading, text])])
        >>> (chunk,) = LayoutSplitter().split_documents([layout])
        >>> chunk.metadata["section"], chunk.page_content
        ('2 Results', '## 2 Results\\n\\nRevenue rose by 12 %.')
    """

    def __init__(
        self,
        *,
        chunk_size: int = 1000,
        length_function: Callable[[str], int] = len,
        linearizer: LayoutLinearizer | None = None,
        section_separator: str = " > ",
    ) -> None:
        self.chunk_size = check_count(chunk_size, "chunk_size")
        if not callable(length_function):
            raise InvalidInputError(
                f"length_function is {length_function!r}; it has to be a function of a text, "
                f"such as len."
            )
        if not isinstance(section_separator, str):
            raise InvalidInputError(
                f"section_separator is {section_separator!r}; it has to be a str."
            )
        self.length_function = length_function
        self.section_separator = section_separator
        self.linearizer = LayoutLinearizer(format="markdown") if linearizer is None else linearizer
        if not isinstance(self.linearizer, LayoutLinearizer):
            raise InvalidInputError(
                f"linearizer is {linearizer!r:.80}; it has to be a LayoutLinearizer."
            )
        self._plain = RecursiveSplitter(
            chunk_size=chunk_size, chunk_overlap=0, length_function=length_function
        )

    @property
    def config(self) -> dict[str, Any]:
        """What decides where it cuts, as JSON-like values, for an index's manifest."""
        return {
            "splitter": "LayoutSplitter",
            "chunk_size": self.chunk_size,
            "length_function": describe_function(self.length_function),
            "linearizer": repr(self.linearizer),
            "section_separator": self.section_separator,
        }

    def split_spans(self, text: str) -> list[Span]:
        """Where chunks of a plain text stand, which has no layout: as `RecursiveSplitter`."""
        return self._plain.split_spans(text)

    def split_documents(self, documents: Iterable[Document | LayoutDocument]) -> list[Document]:
        """The chunks of all documents, in order.

        Args:
            documents: Layout documents; others, ragkit's or LangChain's, are cut without layout.

        Raises:
            InvalidInputError: If something in `documents` is no document.
        """
        chunks: list[Document] = []
        for document in checked_documents(documents):
            if isinstance(document, LayoutDocument):
                chunks += self._split_layout(document)
            else:
                chunks += document.slices(self.split_spans(document.page_content))
        return chunks

    def _split_layout(self, layout: LayoutDocument) -> list[Document]:
        measure = SpanLengths("", self.length_function).of_text
        found = self.linearizer.transform_with_parts(layout, self.chunk_size, measure)
        if found is None:
            return []
        document, parts = found
        packer = LayoutPacker(document.page_content, self.chunk_size, self.length_function)
        packs = packer.packs(parts)
        chunks = document.slices([pack.span for pack in packs])
        for chunk, pack in zip(chunks, packs, strict=True):
            if pack.section:
                chunk.metadata["section"] = self.section_separator.join(pack.section)
            _name_page(chunk, pack.page)
        return chunks


def _name_page(chunk: Document, page: int | None) -> None:
    """Sets the chunk's page, by default that of its first word, as chunks of pages have it."""
    if page is None and chunk.regions:
        page = chunk.regions[0].page
    if page is not None:
        chunk.metadata["page"] = page
        chunk.metadata["page_label"] = chunk.page_label(page)
