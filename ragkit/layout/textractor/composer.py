"""Elements to text as amazon-textract-textractor 1.10 writes them, with its options.

The order of tokens is the reference's, so that texts can be compared; blanks at the ends of lines
are left out, words are never lost or written twice, and options that do nothing there work here.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.drawn_tables import MARKDOWN_FORMATS
from ragkit.layout.model import Element, ElementKind, KeyValue, Line, Page, Table, Word
from ragkit.layout.tables import markdown_cell
from ragkit.layout.textractor.floating import FloatingTexts
from ragkit.layout.textractor.flow import Flow, items_of, items_of_value
from ragkit.layout.textractor.tables import TableText, is_flat, is_html

__all__ = ["TextractorComposer"]

_ONE_LINE = frozenset(
    {ElementKind.TITLE, ElementKind.HEADER, ElementKind.SECTION_HEADER, ElementKind.TEXT}
)


class TextractorComposer:
    """Writes elements as text, and the map of it.

    Args:
        options: How.
    """

    def __init__(self, options: LinearizationOptions) -> None:
        self._options = options
        self._flow = Flow(options, self._content)
        self._tables = TableText(options, self._flow)
        self._floating = FloatingTexts((), options)
        self._form: str = options.format

    def pages(self, pages: Iterable[Page], out: TextWriter) -> None:
        """Writes the pages' elements that are not hidden."""
        is_html = self._options.format == "html"
        out.add("<html><body>" if is_html else "")
        for number, page in enumerate(pages):
            out.add(self._options.between_pages if number and not is_html else "")
            out.add("<div>" if is_html else "")
            self._page(page, out)
            out.add("</div>" if is_html else "")
        out.add("</body></html>" if is_html else "")

    def _page(self, page: Page, out: TextWriter) -> None:
        shown = [e for e in page.elements if not self._options.hides(e.kind)]
        self._floating = FloatingTexts(shown, self._options)
        shown = [e for e in shown if not self._floating.has_all(e)]
        for number, element in enumerate(shown):
            out.add(self._options.layout_element_separator if number else "")
            self._element(element, page.number, out)

    def _element(self, element: Element, page: int, out: TextWriter) -> None:
        start, n_parts = len(out), len(out.parts)
        prefix, suffix = self._options.affixes(element)
        self._affix(self._with_id(prefix, element.id), out)
        blank = ""
        if element.kind is ElementKind.LIST:
            self._list(element, page, out)
        else:
            blank = self._flow.write(
                items_of(element),
                page,
                out,
                one_line=element.kind in _ONE_LINE and element.role != "entity",
                in_columns=element.kind is ElementKind.TABLE,
                follows=bool(prefix),
            )
        self._affix(suffix, out, blank)
        if element.kind is not ElementKind.LIST:  # whose items are parts already
            title = " ".join(line.text for line in element.iter_lines())
            out.mark(element.kind, start, element.level, title=title)
        out.widen(n_parts, start)

    def _list(self, element: Element, page: int, out: TextWriter) -> None:
        options = self._options
        loose = Element(ElementKind.TEXT, element.lines)
        items = [*([loose] if loose.lines else []), *element.children]
        for number, item in enumerate(items):
            out.add(options.list_element_separator if number else "")
            start, n_parts = len(out), len(out.parts)
            written = out.sibling()
            self._element(item, page, written)
            prefix = self._with_id(options.list_element_prefix or "", item.id)
            self._affix("" if written.text.startswith(prefix) else prefix, out)
            if options.remove_new_lines_in_leaf_elements:
                written.on_one_line()
            out.extend(written)
            self._affix(options.list_element_suffix or "", out)
            out.widen(n_parts, start)

    def _affix(self, text: str, out: TextWriter, blank: str = "") -> None:
        """A prefix or suffix, and the blank that stands before it only."""
        out.add(blank if text and self._options.add_prefixes_and_suffixes_in_text else "")
        if text and self._options.add_prefixes_and_suffixes_as_words:
            out.note_word(Word(text))
        out.add(text if self._options.add_prefixes_and_suffixes_in_text else "")

    def _with_id(self, prefix: str, key: str) -> str:
        """A tag with the id of what it stands for, where HTML with ids is asked for."""
        options = self._options
        if not (prefix.endswith(">") and key):
            return prefix
        if options.add_ids_to_html_tags:
            return f'{prefix[:-1]} id="{html.escape(key)}">'
        if options.add_short_ids_to_html_tags:
            return f'{prefix[:-1]} id="{html.escape(key[:8])}">'
        return prefix

    def _content(self, content: Line | KeyValue | Table, page: int, out: TextWriter) -> str:
        """Writes a line, a field or a table; gives the blank that stands after it."""
        if isinstance(content, Table):
            self._table(content, page, out)
        elif isinstance(content, KeyValue):
            return self._key_value(content, page, out)
        else:
            self._line(content, page, out)
        return ""

    def _table(self, table: Table, page: int, out: TextWriter) -> None:
        outer, self._form = self._form, self._form_within(table)
        caption = TextWriter(keep_words=True)
        self._words(self._floating.title_of(table), page, caption)
        opening = self._with_id(self._options.table_prefix, table.id)
        self._tables.write(table, page, out, opening, caption)
        for words in self._floating.footers_of(table):
            out.add("<p>")
            self._words(words, page, out)
            out.add("</p>")
        self._form = outer

    def _form_within(self, table: Table) -> str:
        """What the words of a table have to be escaped for."""
        options = self._options
        if options.format == "html" or is_html(table, options):
            return "html"
        is_drawn = options.table_form == "markdown" and not is_flat(table, options)
        drawn_as = options.table_tabulate_format or "github"
        return "bars" if is_drawn and drawn_as in MARKDOWN_FORMATS else self._form

    def _line(self, line: Line, page: int, out: TextWriter, *, quotes: bool = True) -> None:
        """A line's words; the title and the footers of tables with what stands around them."""
        if line.raw is not None:
            out.add(self._escaped(line.raw, quotes=quotes))
            return
        run: list[Word] = []
        for word in self._floating.left(line.words):
            prefix, suffix = self._floating.marks(id(word))
            if prefix:
                self._words(run, page, out, quotes=quotes, more=True)
                run = []
                self._affix(prefix, out)
            run.append(word)
            if suffix:
                self._words(run, page, out, quotes=quotes)
                run = []
                self._affix(suffix, out)
                out.add(" " if word is not line.words[-1] else "")
        self._words(run, page, out, quotes=quotes)

    def _words(
        self,
        words: Sequence[Word],
        page: int,
        out: TextWriter,
        *,
        quotes: bool = True,
        more: bool = False,
    ) -> None:
        if words:
            texts = [self._escaped(self._options.written(word), quotes=quotes) for word in words]
            out.add_words(words, texts, page)
            out.add(" " if more else "")

    def _escaped(self, text: str, *, quotes: bool) -> str:
        """A text as what it stands in needs it."""
        if self._form == "html":
            return html.escape(text, quote=quotes)
        return markdown_cell(text) if self._form == "bars" else text

    def _key_value(self, pair: KeyValue, page: int, out: TextWriter) -> str:
        options = self._options
        self._affix(self._with_id(options.key_value_prefix, pair.id), out)
        self._affix(options.key_prefix, out)
        for number, line in enumerate(pair.key):
            out.add(" " if number else "")
            self._line(line, page, out, quotes=False)
        if options.add_prefixes_and_suffixes_in_text:
            self._affix(self._key_suffix(pair), out)
        else:
            out.add(options.same_paragraph_separator)
        self._affix(options.value_prefix, out)
        blank = self._value(pair, page, out)
        self._affix(options.value_suffix, out, blank)
        self._affix(options.key_value_suffix, out, "" if options.value_suffix else blank)
        return "" if options.value_suffix or options.key_value_suffix else blank

    def _value(self, pair: KeyValue, page: int, out: TextWriter) -> str:
        if pair.selected is None:
            items = items_of_value(pair)
            one_line = self._options.remove_new_lines_in_leaf_elements
            return self._flow.write(items, page, out, one_line=one_line)
        for number, line in enumerate(pair.value):
            out.add(" " if number else "")
            self._line(line, page, out)
        return ""

    def _key_suffix(self, pair: KeyValue) -> str:
        """What stands after a label; a blank where the label ends with it already."""
        suffix = self._options.key_suffix
        suffix = " " if suffix is None else suffix
        text = pair.key[-1].text if pair.key else ""
        sign = suffix.strip()
        return " " if sign and len(text) > len(sign) and text.endswith(sign) else suffix
