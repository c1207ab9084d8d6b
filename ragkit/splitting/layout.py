"""Cuts where a page's layout does: at headings, paragraphs, items of lists, rows of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ragkit._checks import check_count
from ragkit._options import names_options
from ragkit._spans import Span
from ragkit.errors import InvalidInputError
from ragkit.layout import LayoutLinearizer
from ragkit.layout.model import ElementKind, LayoutDocument
from ragkit.layout.parts import TextPart
from ragkit.splitting.base import SpanSplitter, checked_documents
from ragkit.splitting.describing import describe_function
from ragkit.splitting.recursive import RecursiveSplitter
from ragkit.types import Document

__all__ = ["LayoutSplitter"]

_HEADINGS = (ElementKind.TITLE, ElementKind.SECTION_HEADER)
_SMALL = 4
"""A section begins a chunk of its own unless what stands before it is under a quarter of one."""


@names_options
class LayoutSplitter(SpanSplitter):
    r"""Chunks that follow a document's layout; give it a loader's layout documents.

    A heading stays with the text that follows it, an item of a list and a row of a table are
    never cut, and a long table goes on in the next chunk with its header repeated. A chunk begins
    at each heading, but for sections of under a quarter of `chunk_size`. A paragraph that is
    longer than a chunk is cut as `RecursiveSplitter` does.

    Each chunk is a slice of its file's whole text, as linearized here (repeated headers
    included), and has the headings it stands under in its metadata: ``"section"``, such as
    ``"Annual report > 2 Results"``. Documents without layout are cut as `RecursiveSplitter` does.

    Args:
        chunk_size: Greatest length of a chunk; a row or an item may be longer.
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
        found = self.linearizer.transform_with_parts(layout, self.chunk_size, self.length_function)
        if found is None:
            return []
        document, parts = found
        packs = list(self._packs(document.page_content, parts))
        chunks = document.slices([pack.span for pack in packs])
        for chunk, pack in zip(chunks, packs, strict=True):
            if pack.section:
                chunk.metadata["section"] = self.section_separator.join(pack.section)
            _name_page(chunk)
        return chunks

    def _packs(self, text: str, parts: Sequence[TextPart]) -> Iterator[_Pack]:
        """The parts packed into chunks, each under its headings."""
        path: list[tuple[int, str]] = []
        pack = _Pack()
        for part in parts:
            heading = part.kind in _HEADINGS
            for span in self._cut(text, part, pack):
                if pack.has_text and not self._takes(text, pack, span, heading=heading):
                    following = pack.without_headings()
                    yield pack
                    pack = following
                if heading:
                    level = part.level or 1
                    name = text[slice(*span)].strip().lstrip("#").strip()
                    path = [*((at, title) for at, title in path if at < level), (level, name)]
                pack.add(span, [title for _, title in path], heading=heading)
        if pack.spans:
            yield pack

    def _cut(self, text: str, part: TextPart, pack: _Pack) -> list[Span]:
        """The part; several where it is running text that is longer than a chunk."""
        span = part.start, part.end
        held = 0 if pack.has_text or not pack.spans else self._length(text, pack.span)
        room = max(self.chunk_size - held - 2, self.chunk_size // 2, 1)
        if part.kind is not ElementKind.TEXT or self._length(text, span) <= room:
            return [span]
        plain = RecursiveSplitter(
            chunk_size=room, chunk_overlap=0, length_function=self.length_function
        )
        piece = text[part.start : part.end]
        return [(part.start + a, part.start + b) for a, b in plain.split_spans(piece)]

    def _takes(self, text: str, pack: _Pack, span: Span, *, heading: bool) -> bool:
        """Whether the chunk goes on with the span."""
        if heading and self._length(text, pack.span) * _SMALL >= self.chunk_size:
            return False
        return self._length(text, (pack.span[0], span[1])) <= self.chunk_size

    def _length(self, text: str, span: Span) -> int:
        return self.length_function(text[slice(*span)])


@dataclass(slots=True)
class _Pack:
    """Spans that make a chunk, and the headings it stands under."""

    spans: list[Span] = field(default_factory=list)
    section: list[str] = field(default_factory=list)
    _headings: list[bool] = field(default_factory=list)
    _sections: list[list[str]] = field(default_factory=list)

    @property
    def span(self) -> Span:
        return self.spans[0][0], self.spans[-1][1]

    @property
    def has_text(self) -> bool:
        """Whether there is more than headings, which may not stand alone."""
        return not all(self._headings)

    def add(self, span: Span, section: list[str], *, heading: bool) -> None:
        if not self.has_text:
            self.section = section
        self.spans.append(span)
        self._headings.append(heading)
        self._sections.append(section)

    def without_headings(self) -> _Pack:
        """A new pack with the headings at the end of this one, which loses them."""
        following = _Pack()
        while self._headings[-1]:
            self._headings.pop()
            following.spans.insert(0, self.spans.pop())
            following._headings.insert(0, True)
            following._sections.insert(0, self._sections.pop())
        following.section = following._sections[-1] if following._sections else []
        return following


def _name_page(chunk: Document) -> None:
    """Sets the chunk's page to that of its first word, as chunks of pages have it."""
    regions = chunk.regions
    if regions:
        page = regions[0].page
        chunk.metadata["page"] = page
        chunk.metadata["page_label"] = chunk.page_label(page)
