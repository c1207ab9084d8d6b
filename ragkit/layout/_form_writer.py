"""Fields of forms: labels and what is written there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ragkit.layout._affixes import Affixes
from ragkit.layout._contents import PlacedLines
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._paragraphs import Paragraphs
from ragkit.layout._writer import TextWriter
from ragkit.layout.cells import KeyValue
from ragkit.layout.model import ElementKind

__all__ = ["FieldWriter"]

LinesWriter = Callable[[PlacedLines, TextWriter], None]


class FieldWriter:
    """Writes fields of forms.

    Args:
        options: How.
        affixes: What stands around them.
        paragraphs: Writes their lines.
    """

    def __init__(
        self, options: LinearizationOptions, affixes: Affixes, paragraphs: Paragraphs
    ) -> None:
        self._options = options
        self._paragraphs = paragraphs
        self._block = _Marks(affixes, ("div", "dt", "dd") if affixes.is_html else ("", "", ""))
        self._inline = _Marks(affixes, ("", "", ""))

    def write(self, fields: Sequence[KeyValue], page: int, out: TextWriter) -> None:
        """Fields, one below the other; each is a part for those who cut the text."""
        is_html = self._options.format == "html"
        for number, pair in enumerate(fields):
            separator = self._options.same_layout_element_separator
            separator = separator if is_html else self._paragraphs.line_break
            out.add(separator if number else "")
            start = len(out)
            self._field(pair, page, out, self._block, self._paragraphs.write_on_one_line)
            out.mark(ElementKind.KEY_VALUE, start)

    def write_inline(
        self, pair: KeyValue, page: int, out: TextWriter, write: LinesWriter | None = None
    ) -> None:
        """A field within a line.

        Args:
            pair: The field.
            page: 0-based.
            out: Where to.
            write: Writes lines; in cells only what is printed stands between them, otherwise.
        """
        lines = write or self._paragraphs.write_on_one_line
        self._field(pair, page, out, self._inline, lines, as_printed=write is not None)

    def _field(
        self,
        pair: KeyValue,
        page: int,
        out: TextWriter,
        marks: _Marks,
        write: LinesWriter,
        *,
        as_printed: bool = False,
    ) -> None:
        marks.open("key_value", out, key=pair.id)
        if pair.key or marks.are_tags:
            marks.open("key", out)
            write([(page, line) for line in pair.key], out)
            self._after_key(pair, out, marks, as_printed=as_printed)
        if pair.value or marks.are_tags:
            marks.open("value", out)
            write([(page, line) for line in pair.value], out)
            marks.close("value", out)
        marks.close("key_value", out)

    def _after_key(
        self, pair: KeyValue, out: TextWriter, marks: _Marks, *, as_printed: bool
    ) -> None:
        suffix = self._options.key_suffix
        if marks.are_tags:
            marks.close("key", out)
        elif suffix is None:
            out.add(self._between(pair, as_printed=as_printed) if pair.value else "")
        elif not self._options.add_prefixes_and_suffixes_in_text:
            marks.note(suffix, out)
            out.add(self._options.same_paragraph_separator if pair.value else "")
        elif suffix.strip() or pair.value:
            marks.close("key", out)

    def _between(self, pair: KeyValue, *, as_printed: bool) -> str:
        ends = as_printed or pair.key[-1].text.endswith((":", "?", "："))
        return " " if ends else ": "


class _Marks:
    """Prefixes, suffixes and tags of fields.

    Attributes:
        are_tags: Whether there are tags of HTML.
    """

    def __init__(self, affixes: Affixes, tags: tuple[str, str, str]) -> None:
        self._affixes = affixes
        self._tags = dict(zip(("key_value", "key", "value"), tags, strict=True))
        self.are_tags = bool(tags[0])

    def open(self, name: str, out: TextWriter, key: str = "") -> None:
        self._affixes.open(name, out, self._tags[name], key=key)

    def close(self, name: str, out: TextWriter) -> None:
        self._affixes.close(name, out, self._tags[name])

    def note(self, suffix: str, out: TextWriter) -> None:
        self._affixes.note(suffix, out)
