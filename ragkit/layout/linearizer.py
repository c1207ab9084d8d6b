"""Layout documents to documents: text in reading order, with the map of every word's place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Unpack

from ragkit._checks import check_choice, check_many, reject_unknown
from ragkit._collecting import collector_paused
from ragkit.errors import InvalidInputError
from ragkit.layout._compose import Composer
from ragkit.layout._hyphens import Vocabulary
from ragkit.layout._model_checks import check_pages
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._table_cutter import TableLimit
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import ElementKind, LayoutDocument, Line, Page, Word
from ragkit.layout.options import OPTION_NAMES, LinearizerOptions
from ragkit.layout.parts import TextPart
from ragkit.layout.textractor import presets
from ragkit.layout.textractor.composer import TextractorComposer
from ragkit.types import Document

__all__ = ["LayoutLinearizer", "LinearizerOptions"]


class LayoutLinearizer:
    """Turns pages of elements into text, and keeps where each word stands.

    The options have the names that Amazon Textract's ``TextLinearizationConfig`` gives them;
    `LinearizerOptions` says what each does. ragkit's defaults leave out running headers, footers
    and page numbers; `textractor` and its siblings start from Textractor's.

    Args:
        options: Such as ``format="markdown"``; see `LinearizerOptions`.

    Raises:
        UnknownOptionError: If there is no such option.
        InvalidInputError: If an option's value can't work.

    Example:
        >>> from ragkit.layout.model import Element, ElementKind, LayoutDocument, Line, Page, Word
        >>> page = Page(0, "1", elements=[
        ...     Element(ElementKind.TEXT, [Line([Word("exam-")]), Line([Word("ple.")])])
        ... ])
        >>> LayoutLinearizer().to_text(LayoutDocument("a.pdf", [page]))
        'example.'
    """

    def __init__(self, **options: Unpack[LinearizerOptions]) -> None:
        self._set("", {}, options)

    def _set(self, preset: str, defaults: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        self._made_by = f"LayoutLinearizer{preset}"
        reject_unknown(f"{self._made_by}()", options, OPTION_NAMES)
        self._defaults = LinearizationOptions(**defaults)
        self._options = LinearizationOptions(**{**defaults, **options})

    @classmethod
    def _preset(
        cls, name: str, defaults: Mapping[str, Any], options: Mapping[str, Any]
    ) -> LayoutLinearizer:
        made = cls.__new__(cls)
        made._set(f".{name}", defaults, options)
        return made

    @classmethod
    def textractor(cls, **options: Unpack[LinearizerOptions]) -> LayoutLinearizer:
        """One that writes as Textractor's ``TextLinearizationConfig`` does: nothing is hidden.

        Args:
            options: As of the class, in place of these defaults.

        Raises:
            UnknownOptionError: If there is no such option.
            InvalidInputError: If an option's value can't work.
        """
        return cls._preset("textractor", presets.TEXT, options)

    @classmethod
    def textractor_markdown(cls, **options: Unpack[LinearizerOptions]) -> LayoutLinearizer:
        """The same for ``MarkdownLinearizationConfig``."""
        return cls._preset("textractor_markdown", presets.MARKDOWN, options)

    @classmethod
    def textractor_html(cls, **options: Unpack[LinearizerOptions]) -> LayoutLinearizer:
        """The same for ``HTMLLinearizationConfig``; the text is a page of HTML."""
        return cls._preset("textractor_html", presets.HTML, options)

    def __repr__(self) -> str:
        changed = [
            f"{name}={getattr(self._options, name)!r}"
            for name in LinearizationOptions.__slots__
            if getattr(self._options, name) != getattr(self._defaults, name)
        ]
        return f"{self._made_by}({', '.join(changed)})"

    def transform(
        self,
        layouts: LayoutDocument | Iterable[LayoutDocument],
        by: Literal["page", "document"] = "page",
    ) -> list[Document]:
        """Documents with text, metadata and map.

        Args:
            layouts: One, or several.
            by: ``"page"`` gives a document for each page, ``"document"`` for each file. Pages
                without text give none; the numbers of the others stay.

        Raises:
            InvalidInputError: If `layouts` or `by` is something else, or a page made by hand has
                boxes or cells that can't be.
        """
        return list(self.lazy_transform(layouts, by))

    def lazy_transform(
        self,
        layouts: LayoutDocument | Iterable[LayoutDocument],
        by: Literal["page", "document"] = "page",
    ) -> Iterator[Document]:
        """The same, one after the other."""
        check_choice(by, "by", ("page", "document"))
        if isinstance(layouts, LayoutDocument):
            layouts = [layouts]
        for layout in check_many(layouts, "layouts", "layout documents"):
            _check_layout(layout)
            parts = [layout.pages] if by == "document" else [[page] for page in layout.pages]
            words = Vocabulary(_Lines(layout.pages))
            for pages in parts:
                document = self._document(layout, pages, words, by)
                if document is not None:
                    yield document

    def transform_with_parts(
        self, layout: LayoutDocument, table_size: int, length: Callable[[str], int] = len
    ) -> tuple[Document, list[TextPart]] | None:
        """A whole file's document and the parts of its text, for a splitter; None without text.

        Args:
            layout: Of the file.
            table_size: The greatest length of a table; a longer one goes on in another, with the
                same header.
            length: Of a text.

        Raises:
            InvalidInputError: If `layout` is no layout document, or has boxes or cells that can't
                be.
        """
        _check_layout(layout)
        limit = TableLimit(table_size, length)
        out = self._composed(layout.pages, Vocabulary(_Lines(layout.pages)), limit)
        document = self._written(layout, layout.pages, out, "document")
        return None if document is None else (document, out.parts)

    def to_text(self, layout: LayoutDocument) -> str:
        """The whole document's text.

        Raises:
            InvalidInputError: If `layout` is no layout document, or has boxes or cells that can't
                be.
        """
        _check_layout(layout)
        words = Vocabulary(_Lines(layout.pages))
        return self._composed(layout.pages, words, out=TextWriter(mapped=False)).text

    def to_text_and_words(self, layout: LayoutDocument) -> tuple[str, list[Word]]:
        """The whole document's text, and its words in the order in which they are written.

        With ``add_prefixes_and_suffixes_as_words`` prefixes and suffixes are among the words.

        Raises:
            InvalidInputError: If `layout` is no layout document, or has boxes or cells that can't
                be.
        """
        _check_layout(layout)
        words = Vocabulary(_Lines(layout.pages))
        out = self._composed(layout.pages, words, out=TextWriter(keep_words=True))
        return out.text, out.words or []

    def _composed(
        self,
        pages: Sequence[Page],
        words: Vocabulary,
        limit: TableLimit | None = None,
        out: TextWriter | None = None,
    ) -> TextWriter:
        check_pages(pages)
        out = TextWriter() if out is None else out
        with collector_paused():
            self._write(pages, words, limit, out)
        return out

    def _write(
        self, pages: Sequence[Page], words: Vocabulary, limit: TableLimit | None, out: TextWriter
    ) -> None:
        if self._options.dialect == "textractor":
            TextractorComposer(self._options).pages(pages, out)
            if limit is not None:  # Textractor's tables have no second header
                out.part_lines(ElementKind.TABLE, lambda text: limit.length(text) > limit.size)
        else:
            Composer(self._options, words, limit).pages(pages, out)
        out.limit_blanks(
            self._options.max_number_of_consecutive_new_lines,
            self._options.max_number_of_consecutive_spaces,
            keeps_margins=self._options.markdown,
        )

    def _document(
        self, layout: LayoutDocument, pages: Sequence[Page], words: Vocabulary, by: str
    ) -> Document | None:
        return self._written(layout, pages, self._composed(pages, words), by)

    def _written(
        self, layout: LayoutDocument, pages: Sequence[Page], out: TextWriter, by: str
    ) -> Document | None:
        text, source_map = out.finish()
        if not text.strip():
            return None
        metadata: dict[str, Any] = {**layout.metadata, "source": layout.source}
        if by == "page" and pages[0].label:  # a plain text has no pages to speak of
            metadata |= {"page": pages[0].number, "page_label": pages[0].label}
            return Document.with_map(text, metadata, source_map)
        odd = {p.number: p.label for p in pages if p.label not in ("", str(p.number + 1))}
        return Document.with_map(text, metadata, source_map, odd)


def _check_layout(layout: object) -> None:
    if not isinstance(layout, LayoutDocument):
        raise InvalidInputError(
            f"A layout is {type(layout).__name__!r}; give LayoutDocument objects, such as a "
            "loader's load() returns."
        )


class _Lines:
    """Every line of the pages, each time it is asked."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages

    def __iter__(self) -> Iterator[Line]:
        for page in self._pages:
            yield from page.iter_lines()
