"""What stands before and after elements: prefixes and suffixes of the options, tags of HTML."""

from __future__ import annotations

import html
import re

from ragkit.layout._options import LinearizationOptions
from ragkit.layout._writer import TextWriter
from ragkit.layout.words import Word

__all__ = ["Affixes", "with_attributes"]

_TAG = re.compile(r"<([A-Za-z][\w-]*)[^<>]*>\Z")
_HOLDING_NO_TEXT = frozenset({"ul", "ol", "dl", "table"})


class Affixes:
    """Writes prefixes and suffixes.

    In HTML, a prefix that is a tag takes the place of ragkit's own, and so does the suffix then
    (the tag's end where there is none). Any other stands within ragkit's own tags, and around
    those that hold no text.

    Args:
        options: Which.
        is_html: Whether what stands between them is HTML.
    """

    def __init__(self, options: LinearizationOptions, *, is_html: bool) -> None:
        self._options = options
        self.is_html = is_html

    def open(
        self, name: str, out: TextWriter, tag: str = "", *, key: str = "", attributes: str = ""
    ) -> None:
        """Begins something.

        Args:
            name: Of the option, without ``"_prefix"``.
            out: Where to.
            tag: Of HTML; none if empty.
            key: A service's id for what begins.
            attributes: Of the tag, each with a blank before it.
        """
        out.add(self.opening(name, tag, key=key, attributes=attributes))
        self.note(getattr(self._options, f"{name}_prefix"), out)

    def close(self, name: str, out: TextWriter, tag: str = "") -> None:
        """Ends it."""
        self.note(getattr(self._options, f"{name}_suffix"), out)
        out.add(self.closing(name, tag))

    def opening(self, name: str, tag: str = "", *, key: str = "", attributes: str = "") -> str:
        """What `open` writes."""
        prefix = self._given(f"{name}_prefix")
        if not (self.is_html and key):
            ids = ""
        elif self._options.add_ids_to_html_tags:
            ids = f' id="{html.escape(key)}"'
        else:
            short = self._options.add_short_ids_to_html_tags
            ids = f' id="{html.escape(key[:8])}"' if short else ""
        if self._replaces(prefix):
            return with_attributes(prefix, ids + attributes)
        own = f"<{tag}{ids}{attributes}>" if self.is_html and tag else ""
        return prefix + own if tag in _HOLDING_NO_TEXT else own + prefix

    def closing(self, name: str, tag: str = "") -> str:
        """What `close` writes."""
        suffix, prefix = self._given(f"{name}_suffix"), self._given(f"{name}_prefix")
        if self._replaces(prefix):
            found = _TAG.match(prefix)
            return suffix or (f"</{found[1]}>" if found else "")
        own = f"</{tag}>" if self.is_html and tag else ""
        return own + suffix if tag in _HOLDING_NO_TEXT else suffix + own

    def note(self, affix: str | None, out: TextWriter) -> None:
        """Keeps a prefix or suffix among the words, where that is asked for."""
        if affix and self._options.add_prefixes_and_suffixes_as_words:
            out.note_word(Word(affix))

    def add(self, affix: str, out: TextWriter) -> None:
        """Writes a prefix or suffix as it is."""
        self.note(affix, out)
        out.add(affix if self._options.add_prefixes_and_suffixes_in_text else "")

    def _given(self, name: str) -> str:
        in_text = self._options.add_prefixes_and_suffixes_in_text
        return (getattr(self._options, name) or "") if in_text else ""

    def _replaces(self, prefix: str) -> bool:
        return self.is_html and prefix.startswith("<")


def with_attributes(tag: str, attributes: str) -> str:
    """A tag, or several, the last with these attributes."""
    return f"{tag[:-1]}{attributes}>" if attributes and tag.endswith(">") else tag
