"""The values that pass between the stages: documents, hits, messages, answers.

Slotted dataclasses with LangChain's field names and no third-party import, so that they cost
nothing to import and plug into LangChain by duck typing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from ragkit.provenance import Box, Provenance, Region, SourceMap

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "ABSTAIN",
    "PROVENANCE_KEY",
    "Answer",
    "Box",
    "Citation",
    "Document",
    "EmbedderFingerprint",
    "Generation",
    "Grounding",
    "Hit",
    "LLMFingerprint",
    "Message",
    "QuoteMatch",
    "Region",
    "SearchMode",
    "Usage",
]

PROVENANCE_KEY = "_ragkit"
"""The reserved metadata key that carries a document's place and map."""

ABSTAIN = "I don't know."
"""What is said where nothing found answers the question."""

SearchMode = Literal["dense", "lexical", "hybrid"]

QuoteMatch = Literal["verbatim", "near", "similar", "none"]
"""How well a quote says what the answer claims: word by word but for white space; with small
changes; a sentence that shares a good part of its words; or nothing in the passage does."""


@dataclass(slots=True)
class Document:
    """A text with its metadata and its place in the source.

    Attributes:
        page_content: The text.
        metadata: JSON-like values. ``source``, ``page`` (0-based) and ``page_label`` are set by
            the loaders; the key ``_ragkit`` is reserved.
        id: Unique in a store; None until something names it.

    Example:
        >>> chunk = Document("All of it.", {"source": "a.txt"}).slice(0, 3)
        >>> chunk.page_content, chunk.start, chunk.end, chunk.source
        ('All', 0, 3, 'a.txt')
    """

    page_content: str
    metadata: dict[str, Any] = field(default_factory=dict)
    id: str | None = None

    @property
    def provenance(self) -> Provenance:
        """Place and map, read from the reserved metadata key."""
        return Provenance.from_json(self.metadata.get(PROVENANCE_KEY), len(self.page_content))

    @property
    def start(self) -> int:
        """First character, as an offset in the document this one was cut from."""
        return self.provenance.start

    @property
    def end(self) -> int:
        """One past the last character."""
        return self.provenance.end

    @property
    def regions(self) -> tuple[Region, ...]:
        """Boxes on the pages, one for each line; empty where the source has no geometry."""
        return self.regions_of(0, len(self.page_content))

    @property
    def source(self) -> str | None:
        """Where the text came from: a path or a URL."""
        value = self.metadata.get("source")
        return None if value is None else str(value)

    def page_label(self, page: int | None = None) -> str | None:
        """What is printed on a page; the number counted from 1 where the source does not say.

        Args:
            page: 0-based; by default the document's own, if it is of one page.
        """
        own = self.metadata.get("page")
        label = self.metadata.get("page_label") if page is None or page == own else None
        number = own if page is None else page
        if label is None and isinstance(number, int):
            label = self.provenance.labels.get(number, str(number + 1))
        return None if label is None else str(label)

    def regions_of(self, start: int, end: int) -> tuple[Region, ...]:
        """Boxes of ``page_content[start:end]``; the regions' offsets are in `page_content`."""
        return self.provenance.source_map.regions(self.page_content, start, end)

    def slice(self, start: int, end: int) -> Document:
        """The part ``page_content[start:end]`` with its metadata, place and map; no id.

        `start` and `end` of the part count from the document that this one was cut from, so
        that a slice of a slice still points at the original.
        """
        return self.slices([(start, end)])[0]

    def slices(self, spans: Iterable[tuple[int, int]]) -> list[Document]:
        """`slice` for many spans at once; the map is read only once."""
        text, place, parts = self.page_content, self.provenance, []
        for start, end in spans:
            cut = place.cut(text, start, end)
            metadata = {**self.metadata, PROVENANCE_KEY: cut.to_json()}
            parts.append(Document(text[start:end], metadata))
        return parts

    @classmethod
    def with_map(
        cls,
        text: str,
        metadata: dict[str, Any],
        source_map: SourceMap,
        labels: Mapping[int, str] | None = None,
    ) -> Document:
        """A whole document (not a part) whose characters have these places.

        Args:
            text: The document's.
            metadata: Without the reserved key.
            source_map: Of the text.
            labels: What is printed on pages, where that is not the number counted from 1.
        """
        provenance = Provenance(0, len(text), source_map, dict(labels or {}))
        return cls(text, {**metadata, PROVENANCE_KEY: provenance.to_json()})

    def as_langchain(self) -> Any:
        """The same as a ``langchain_core.documents.Document``.

        Raises:
            MissingExtraError: If langchain-core is not installed.
        """
        from ragkit._extras import require

        module = require("langchain_core.documents", extra="langchain", feature="as_langchain()")
        return module.Document(
            page_content=self.page_content, metadata=dict(self.metadata), id=self.id
        )


@dataclass(slots=True)
class Hit:
    """A document that was found.

    Attributes:
        document: The chunk.
        score: Higher is better. Cosine similarity in [-1, 1] for dense search; BM25 for
            lexical; a weighted mean of both for hybrid.
        rank: 0 for the best.
        parts: The scores that `score` was made from, by name ("dense", "lexical").
    """

    document: Document
    score: float
    rank: int = 0
    parts: dict[str, float] = field(default_factory=dict)


class Message(TypedDict):
    """One turn of a chat: ``{"role": …, "content": …}``, as every endpoint takes it."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class EmbedderFingerprint:
    """What has to be equal for two embedders' vectors to be comparable.

    Attributes:
        name: Model name.
        revision: Hash of the weights, or the revision a service reports.
        dimension: Length of a vector.
        normalized: Whether vectors have length 1.
        query_prefix: Put before each query.
        document_prefix: Put before each document.
    """

    name: str
    revision: str
    dimension: int
    normalized: bool = True
    query_prefix: str = ""
    document_prefix: str = ""


@dataclass(frozen=True, slots=True)
class LLMFingerprint:
    """What has to be equal for two language models to give the same greedy text.

    Attributes:
        name: Model name, or the folder it came from.
        revision: The commit of its weights; None where nobody recorded one, as for a folder that
            `ragkit.models.fetch` did not make: then the name alone tells it.
        dtype: Of the numbers, such as "bfloat16".
        quantization: How the weights are kept in fewer bits; None if they are not.
    """

    name: str
    revision: str | None
    dtype: str
    quantization: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a generation read and wrote; None where a backend does not count.

    Attributes:
        prompt_tokens: Of the whole prompt.
        completion_tokens: Of the answer.
        cached_tokens: Those of the prompt that did not have to be read again, since a prompt
            before began with them. It depends on what was asked before, and is not compared.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Grounding:
    """The question and what was retrieved for it.

    Language models ignore it, since the prompt carries both; the extractive one answers
    from it.
    """

    question: str
    hits: tuple[Hit, ...] = ()


@dataclass(slots=True)
class Generation:
    """What a language model gave.

    Attributes:
        text: The answer.
        finish_reason: "stop", "length", or what the backend says; None if the end is unknown.
        usage: Tokens.
        timings: Seconds by name ("total", "first_token").
    """

    text: str
    finish_reason: str | None = "stop"
    usage: Usage = field(default_factory=Usage)
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Citation:
    """A passage that an answer rests on.

    Attributes:
        number: As printed in the answer, ``[1]``.
        source: Path or URL of the document.
        page: 0-based; None where the source has no pages.
        page_label: What is printed on the page.
        start: First character of the quote in the document's linearized text.
        end: One past the last.
        quote: The words, verbatim from the chunk; empty where nothing in it says what the
            answer claims.
        regions: Boxes of the quote, one for each line.
        hit: The hit that it is from.
        match: How well the quote says what the answer claims.
    """

    number: int
    source: str | None
    page: int | None
    page_label: str | None
    start: int
    end: int
    quote: str
    regions: tuple[Region, ...]
    hit: Hit
    match: QuoteMatch = "verbatim"

    def image(self, *, dpi: int = 100, password: str | None = None) -> Image:
        """The cited page with the passage marked.

        Args:
            dpi: Dots per inch of the picture.
            password: Of an encrypted PDF.

        Raises:
            LoadError: If the source can't be opened, or is not one with pages to draw.
        """
        from ragkit.layout.drawing import citation_image

        return citation_image(self, dpi=dpi, password=password)


@dataclass(slots=True)
class Answer:
    """An answer with what it rests on; ``print(answer)`` is meant to be read.

    Attributes:
        question: What was asked.
        text: The answer, with citation marks ``[1]``.
        citations: The passages, in the order in which the text cites them.
        hits: Everything that was retrieved, best first.
        usage: Tokens.
        timings: Seconds by stage ("retrieval", "generation", "total").
        dropped: Hits that did not fit the model's window, and so were not in the prompt.
        abstained: True where nothing found answers the question.
        invalid_citations: Numbers that the model cited although no source has them; they are
            removed from `text`.
        finish_reason: Why the model stopped.
        trimmed: Hits that lost their end to fit the window, as they stood in the prompt; each has
            the rank of the one in `hits` that it was made of.
    """

    question: str
    text: str
    citations: list[Citation] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    timings: dict[str, float] = field(default_factory=dict)
    dropped: list[Hit] = field(default_factory=list)
    abstained: bool = False
    invalid_citations: list[int] = field(default_factory=list)
    finish_reason: str | None = None
    trimmed: list[Hit] = field(default_factory=list)

    def __str__(self) -> str:
        from ragkit.rendering import answer_text

        return answer_text(self)

    def _repr_html_(self) -> str:
        from ragkit.rendering import answer_html

        return answer_html(self)

    def show(
        self, number: int | None = None, *, dpi: int = 100, password: str | None = None
    ) -> Image:
        """A cited page with the passage marked, as a picture.

        Args:
            number: Of the citation, as in the text; by default the first.
            dpi: Dots per inch of the picture.
            password: Of an encrypted PDF.

        Raises:
            InvalidInputError: If there is no citation of that number.
            LoadError: If the source can't be opened, or is not one with pages to draw.
        """
        from ragkit.errors import InvalidInputError

        for citation in self.citations:
            if number is None or citation.number == number:
                return citation.image(dpi=dpi, password=password)
        numbers = ", ".join(str(c.number) for c in self.citations) or "none"
        which = "no citation" if number is None else f"no citation {number}"
        raise InvalidInputError(f"There is {which}; this answer has: {numbers}.")


def source_name(source: str | os.PathLike[str] | None) -> str:
    """The last part of a path or URL, for people to read."""
    if source is None:
        return "unknown source"
    return re.split(r"[/\\]", str(source).rstrip("/\\"))[-1]
