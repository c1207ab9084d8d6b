"""Layout documents to documents: text in reading order, with the map of every word's place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypedDict, Unpack

from ragkit._checks import check_choice, check_many, reject_unknown
from ragkit._collecting import collector_paused
from ragkit.errors import InvalidInputError
from ragkit.layout._compose import Composer
from ragkit.layout._hyphens import Vocabulary
from ragkit.layout._model_checks import check_pages
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._table_cutter import TableLimit
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import LayoutDocument, Line, Page, Word
from ragkit.layout.parts import TextPart
from ragkit.layout.textractor import presets
from ragkit.layout.textractor.composer import TextractorComposer
from ragkit.types import Document

__all__ = ["LayoutLinearizer", "LinearizerOptions"]


class LinearizerOptions(TypedDict, total=False):
    """The keyword arguments of `LayoutLinearizer`."""

    format: Literal["text", "markdown"]
    reading_order: Literal["layout", "raster"]
    hide_header_layout: bool
    hide_footer_layout: bool
    hide_page_num_layout: bool
    hide_figure_layout: bool
    title_prefix: str | None
    title_suffix: str
    section_header_prefix: str | None
    section_header_suffix: str
    text_prefix: str
    text_suffix: str
    list_layout_prefix: str
    list_layout_suffix: str
    list_element_prefix: str
    list_element_suffix: str
    list_element_separator: str
    table_linearization_format: Literal["plaintext", "markdown", "html"] | None
    table_duplicate_text_in_merged_cells: bool
    table_prefix: str
    table_suffix: str
    table_column_separator: str
    table_row_separator: str
    key_suffix: str | None
    same_paragraph_separator: str
    mend_broken_words: bool
    layout_element_separator: str
    page_separator: str


class LayoutLinearizer:
    """Turns pages of elements into text, and keeps where each word stands.

    The options have the names that Amazon Textract's ``TextLinearizationConfig`` gives them.

    Args:
        format: ``"text"`` or ``"markdown"``.
        reading_order: ``"layout"`` reads column by column; ``"raster"`` reads across the whole
            page, as a baseline to compare with.
        hide_header_layout: Leaves out running headers.
        hide_footer_layout: Leaves out running footers.
        hide_page_num_layout: Leaves out page numbers.
        hide_figure_layout: Leaves out text in figures.
        title_prefix: Before the title; by default ``"# "`` in Markdown, nothing in text.
        title_suffix: After it.
        section_header_prefix: Before headings; by default ``"## "``, ``"### "`` … by level in
            Markdown, nothing in text.
        section_header_suffix: After them.
        text_prefix: Before each paragraph.
        text_suffix: After it.
        list_layout_prefix: Before each list.
        list_layout_suffix: After it.
        list_element_prefix: Before each item of a list.
        list_element_suffix: After it.
        list_element_separator: Between items.
        table_linearization_format: What tables become: ``"plaintext"``, ``"markdown"`` or
            ``"html"``, which alone has spans; by default what `format` says.
        table_duplicate_text_in_merged_cells: Whether a merged cell's text stands in every place
            that it spans, and not only in the first.
        table_prefix: Before each table.
        table_suffix: After it.
        table_column_separator: Between cells, in text; Markdown has its own.
        table_row_separator: Between rows, in text.
        key_suffix: Between a form field's label and its value; by default ``": "``, or a blank
            where the label ends with a colon.
        same_paragraph_separator: Between the lines of a paragraph.
        mend_broken_words: Whether words that were broken at a line's end are put together.
        layout_element_separator: Between elements.
        page_separator: Between pages, where a text holds several.

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
        valid = LinearizationOptions.__slots__
        reject_unknown("LayoutLinearizer()", options, valid)
        self._options = LinearizationOptions(**options)

    @classmethod
    def textractor(cls, **options: Any) -> LayoutLinearizer:
        """One that writes as Textractor's ``TextLinearizationConfig`` does: nothing is hidden.

        Args:
            options: As of the class, in place of these defaults.
        """
        return cls(**(presets.TEXT | options))

    @classmethod
    def textractor_markdown(cls, **options: Any) -> LayoutLinearizer:
        """The same for ``MarkdownLinearizationConfig``."""
        return cls(**(presets.MARKDOWN | options))

    @classmethod
    def textractor_html(cls, **options: Any) -> LayoutLinearizer:
        """The same for ``HTMLLinearizationConfig``."""
        return cls(**(presets.HTML | options))

    def __repr__(self) -> str:
        plain = LinearizationOptions()
        names = LinearizationOptions.__slots__
        values = {n: getattr(self._options, n) for n in names}
        changed = [f"{n}={v!r}" for n, v in values.items() if v != getattr(plain, n)]
        return f"LayoutLinearizer({', '.join(changed)})"

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
            if self._options.dialect == "textractor":
                TextractorComposer(self._options).pages(pages, out)
            else:
                Composer(self._options, words, limit).pages(pages, out)
        return out

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
