"""Elements to text as amazon-textract-textractor 1.10 writes them, with its options.

The order of tokens is the reference's, so that texts can be compared; blanks at the ends of lines
are left out, words are never lost or written twice, and options that do nothing there work here.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.model import Element, ElementKind, KeyValue, Line, Page, Table, Word
from ragkit.layout.textractor.flow import Flow, items_of, items_of_value
from ragkit.layout.textractor.tables import TableText

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
        self._floating: dict[int, tuple[str, str]] = {}

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
        self._floating = self._floating_parts(page)
        shown = [e for e in page.elements if not self._options.hides(e.kind)]
        for number, element in enumerate(shown):
            out.add(self._options.layout_element_separator if number else "")
            self._element(element, page.number, out)

    def _floating_parts(self, page: Page) -> dict[int, tuple[str, str]]:
        """Ids of the first and last words of titles and footers outside of their tables."""
        options = self._options
        affixes = (
            (options.table_title_prefix, options.table_title_suffix),
            (options.table_footers_prefix, options.table_footers_suffix),
        )
        if not any(text for pair in affixes for text in pair):
            return {}
        found: dict[int, tuple[str, str]] = {}
        for table in (e.table for e in page.select("TABLE") if e.table is not None):
            inside = {id(w) for cell in table.cells for line in cell.lines for w in line.words}
            for lines, (prefix, suffix) in zip((table.title, table.footers), affixes, strict=True):
                words = [word for line in lines for word in line.words if id(word) not in inside]
                if words:
                    found[id(words[0])] = (prefix, found.get(id(words[0]), ("", ""))[1])
                    found[id(words[-1])] = (found.get(id(words[-1]), ("", ""))[0], suffix)
        return found

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

    def _content(self, content: Line | KeyValue | Table, page: int, out: TextWriter) -> None:
        if isinstance(content, Table):
            self._tables.write(content, page, out, self._with_id(self._opening(), content.id))
        elif isinstance(content, KeyValue):
            self._key_value(content, page, out)
        else:
            self._line(content, page, out)

    def _opening(self) -> str:
        return self._options.table_prefix

    def _line(self, line: Line, page: int, out: TextWriter, *, quotes: bool = True) -> None:
        """A line's words; the title and the footers of tables with what stands around them."""
        if line.raw is not None:
            out.add(self._escaped(line.raw, quotes=quotes))
            return
        run: list[Word] = []
        for word in line.words:
            prefix, suffix = self._floating.get(id(word), ("", ""))
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
        self, words: Sequence[Word], page: int, out: TextWriter, *, quotes: bool, more: bool = False
    ) -> None:
        if words:
            texts = [self._escaped(self._options.written(word), quotes=quotes) for word in words]
            out.add_words(words, texts, page)
            out.add(" " if more else "")

    def _escaped(self, text: str, *, quotes: bool) -> str:
        return html.escape(text, quote=quotes) if self._options.format == "html" else text

    def _key_value(self, pair: KeyValue, page: int, out: TextWriter) -> None:
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
