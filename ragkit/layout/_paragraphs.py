"""Lines to paragraphs."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from ragkit.layout._affixes import Affixes
from ragkit.layout._contents import PlacedLines
from ragkit.layout._hyphens import Vocabulary, break_of
from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.grouping import are_one_paragraph, rows_of
from ragkit.layout.tables import markdown_word
from ragkit.layout.words import Line, Word
from ragkit.provenance import Box

__all__ = ["Paragraphs"]

# What Markdown would read as a heading, a quotation, a list, a rule or a table's row.
_BLOCK_MARK = re.compile(r"^(?:#{1,6}|>+|[-+*]|\||={3,}|-{3,}|`{3,}+.*|~{3,}+.*)$")

_ANY = 1e9  # more than any distance between lines, as a part of their size


@dataclass(slots=True)
class _PlacedLine:
    """A line, for looking at where it stands."""

    page: int
    line: Line
    box: Box | None


class Paragraphs:
    """Writes lines as one text.

    Attributes:
        around: By a word's id: what stands before and after it. Those of titles of tables.

    Args:
        options: How.
        words: The document's words, for mending broken ones.
        affixes: Writes what stands around titles of tables.
    """

    def __init__(self, options: LinearizationOptions, words: Vocabulary, affixes: Affixes) -> None:
        self._options = options
        self._vocabulary = words
        self._affixes = affixes
        self.around: dict[int, tuple[str, str]] = {}

    @property
    def line_break(self) -> str:
        """The separator of what stands in one element, as the format has it."""
        return self.as_break(self._options.same_layout_element_separator)

    def as_break(self, separator: str) -> str:
        """A separator whose line break is one to see also where the format makes a blank of it."""
        options = self._options
        if "\n\n" not in separator and separator.startswith("\n"):
            if options.markdown:
                return "  " + separator
            if options.format == "html":
                return "<br>" + separator
        return separator

    def write(
        self,
        lines: PlacedLines,
        out: TextWriter,
        *,
        escape: bool = False,
        marker: str | None = None,
    ) -> None:
        """Writes lines as one paragraph, or as several where the options part them.

        Args:
            lines: In the loader's order.
            out: Where to.
            escape: Whether a block begins here, so that the first word may not look like a mark.
            marker: What the first word is written as; None for its text.
        """
        for number, paragraph in enumerate(self._parted(lines)):
            out.add(self.line_break if number else "")
            self._paragraph(paragraph, out, escape=escape, marker=None if number else marker)

    def write_on_one_line(
        self, lines: PlacedLines, out: TextWriter, *, marker: str | None = None
    ) -> None:
        """The same, without line breaks where the options say so."""
        at = out.n_pieces
        self.write(lines, out, marker=marker)
        if self._options.remove_new_lines_in_leaf_elements:
            out.on_one_line(at)

    def plain(self, lines: PlacedLines) -> str:
        """The words of a paragraph, without any mark."""
        found = ""
        for (_, line), following in zip_longest(lines, lines[1:]):
            texts = line.text.split()
            mended = following is not None and self._mend(texts, following[1])
            found += " ".join(texts) + ("" if mended else " ")
        return found.strip()

    def _parted(self, lines: PlacedLines) -> list[PlacedLines]:
        """The paragraphs that the lines make, by where they stand."""
        options = self._options
        indent, gap = options.heuristic_h_tolerance, options.heuristic_line_break_threshold
        overlap = options.heuristic_overlap_ratio
        if (indent is None and gap is None and overlap is None) or len(lines) < 2:
            return [lines]
        placed = [_PlacedLine(page, line, line.box) for page, line in lines]
        rows = [[one] for one in placed]
        if overlap is not None:
            pages = groupby(placed, key=lambda one: one.page)
            rows = [row for _, ones in pages for row in rows_of(list(ones), overlap)]
        found: list[PlacedLines] = []
        before: Box | None = None
        page = -1
        for row in rows:
            box = Box.around_any(one.box for one in row)
            together = indent is None and gap is None
            if before is None or box is None or page != row[0].page:
                together = True  # nothing to go by
            elif not together:
                wide, high = (_ANY if one is None else one for one in (indent, gap))
                together = are_one_paragraph(before, box, wide, high)
            if not (found and together):
                found.append([])
            found[-1] += [(one.page, one.line) for one in row]
            before, page = box, row[0].page
        return found

    def _paragraph(
        self, lines: PlacedLines, out: TextWriter, *, escape: bool, marker: str | None
    ) -> None:
        for number, (page, line) in enumerate(lines):
            if line.raw is not None:
                out.add(self.escaped(line.raw) + ("\n" if number < len(lines) - 1 else ""))
                continue
            texts = [self._options.written(word) for word in line.words]
            following = lines[number + 1][1] if number < len(lines) - 1 else None
            separator = self._break(texts, following)
            texts = [self.escaped(text) for text in texts]
            if number == 0 and texts:
                if marker is not None:
                    texts[0] = marker
                elif escape and self._options.markdown:
                    texts[0] = _escaped(texts[0])
            self._words(line.words, texts, page, out)
            out.add(separator)

    def escaped(self, text: str) -> str:
        """A text that the format does not read as a tag."""
        if self._options.format == "html":
            return html.escape(text, quote=False)
        return markdown_word(text) if self._options.markdown else text

    def _words(
        self, words: Sequence[Word], texts: Sequence[str], page: int, out: TextWriter
    ) -> None:
        if not self.around:
            out.add_words(words, texts, page)
            return
        start = 0
        for number, word in enumerate(words):
            prefix, suffix = self.around.get(id(word), ("", ""))
            if prefix:
                self._run(words[start:number], texts[start:number], page, out, more=True)
                start = number
                self._affixes.add(prefix, out)
            if suffix:
                end = number + 1
                self._run(words[start:end], texts[start:end], page, out, more=False)
                start = end
                self._affixes.add(suffix, out)
                out.add(" " if end < len(words) else "")
        self._run(words[start:], texts[start:], page, out, more=False)

    def _run(
        self, words: Sequence[Word], texts: Sequence[str], page: int, out: TextWriter, *, more: bool
    ) -> None:
        if words:
            out.add_words(words, texts, page)
            out.add(" " if more else "")

    def _break(self, texts: list[str], following: Line | None) -> str:
        """What stands between two lines; mends the first one's last word in place."""
        if following is None or self._mend(texts, following):
            return ""
        return self._options.same_paragraph_separator

    def _mend(self, texts: list[str], following: Line) -> bool:
        """Whether a line's last word goes on in the next line; it loses its hyphen then."""
        if not (texts and following.words and self._options.mend_broken_words):
            return False
        stem = break_of(texts[-1], following.words[0].text, self._vocabulary)
        if stem is not None:
            texts[-1] = stem
        return stem is not None


def _escaped(word: str) -> str:
    """A paragraph's first word, so that Markdown does not read it as the mark of a block."""
    return "\\" + word if _BLOCK_MARK.match(word) else word
