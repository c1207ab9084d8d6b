"""Where sentences begin and end, without a model: exact spans, in any text with marks.

A sentence ends at ``. ! ? …`` before white space and what may begin another one; at the full
stops of Chinese and Japanese; at blank lines; and at line ends that separate items, rows or
headings. Abbreviations, initials, decimals and list numbers do not end one. Lines of running
text that is only wrapped belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragkit._spans import Span, trimmed

__all__ = ["ends_with_mark", "split_sentences"]

# Texts are untrusted: no pattern may look at the same characters more than a few times. Hence
# possessive quantifiers, runs that begin only where the run before ended, and bounds.
_CLOSERS = r"[\"'”’»›)\]}]*+"
# "…built.[12] The": references belong to their sentence. A note may hold full stops itself.
_NOTES = r"(?:\[[^\[\]\n]{1,24}\]){0,6}+"
_CANDIDATE = re.compile(
    rf"(?P<stop>(?<![.!?…])[.!?…]++{_CLOSERS}{_NOTES})(?=\s)"
    rf"|(?P<wide>[。！？｡]++[」』）”’\"]*+)"
    r"|(?P<line>\n[^\S\n]*+)"
)
_NEXT = re.compile(r"\s*([\"'“‘«‹(\[{¿¡]*)(\S?)")
_LAST_WORD = re.compile(r"(?:^|[\s(\[{\"'“‘«/–—-])([\w.’'&]+)\Z")
_ITEM = re.compile(r"[^\S\n]*(?:[-–—*•‣◦▪●■□○►➢✓·|#>]|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,5})[.)]\s)")
_LINE_MARKS = ".!?…:;|。！？"
_SHORT_LINE = 56
"""Characters: a shorter line that no capital follows may still be wrapped text."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Never the end of a sentence by themselves: something follows that they belong to.
_BEFORE_NAME = _listed(
    """
    mr mrs ms mx dr prof st mt ft gen col lt sgt capt cmdr maj adm gov sen rep rev hon pres fr
    sr. messrs mme mlle m hr fig figs eq eqs ref refs sec vs v cf e.g i.e eg ie viz al approx ca
    c. esp incl resp op vol vols pp ed eds trans dept univ assn bros nos dipl ing
    """
)
# The end only where no number follows: "No. 5", "Jan. 3".
_BEFORE_NUMBER = _listed(
    """
    no nr art pt par para ch chap ser est jan feb mar apr jun jul aug sep sept oct nov dec
    bzw
    """
)
# The end only where a usual first word follows: "Acme Inc. The …", but "Acme Inc. Chairman".
_OFTEN_INSIDE = _listed(
    """
    inc ltd co corp llc plc bros jr sr etc ph.d a.m p.m
    """
)
_FIRST_WORDS = _listed(
    """
    the a an in on at it its he she his her they their this that these those we our i you your
    there but and as for from if when while after before since by with to of however although
    also both each some many most one two all no not what who how why where which during under
    over between such then thus another other another’s more later today now
    """
)
_WORD = re.compile(r"[\w’']+")


def split_sentences(text: str) -> Iterator[Span]:
    """Spans of the sentences in order; nothing but white space lies between them.

    Example:
        >>> text = "Dr. Li paid $3.50. It was late!"
        >>> [text[a:b] for a, b in split_sentences(text)]
        ['Dr. Li paid $3.50.', 'It was late!']
    """
    for span in _untrimmed(text):
        start, end = trimmed(text, *span)
        if start < end:
            yield start, end


def _untrimmed(text: str) -> Iterator[Span]:
    start = 0
    for match in _CANDIDATE.finditer(text):
        if match.end() <= start:
            continue
        if match["wide"] is not None or _ends(text, start, match):
            yield start, match.end()
            start = match.end()
    yield start, len(text)


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    if match["line"] is not None:
        return _line_ends(text, start, match)
    following = _NEXT.match(text, match.end())
    opener, first = (following[1], following[2]) if following else ("", "")
    if not first and not opener:
        return True
    if first.islower() and not opener:
        return False
    if not match["stop"].startswith(".") or match["stop"].startswith(".."):
        return True
    word = _LAST_WORD.search(text, max(0, match.start() - 40), match.start())
    return word is None or not _abbreviates(text, start, word, following)


def _abbreviates(
    text: str, start: int, word: re.Match[str], following: re.Match[str] | None
) -> bool:
    """Whether the full stop after `word` belongs to it rather than to the sentence."""
    name = word[1].lower()
    at = following.start(2) if following else len(text)
    if name in _BEFORE_NAME:
        return True
    if name in _BEFORE_NUMBER:
        return text[at : at + 1].isdigit()
    if name.isdigit():  # the number of a list's item, which stands alone before its text
        return not text[start : word.start(1)].strip()
    initials = re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", name)
    if name in _OFTEN_INSIDE or initials:
        if len(name) == 1:
            return word[1].isupper() and name != "i"
        first = _WORD.match(text, at)
        return first is None or first[0].lower() not in _FIRST_WORDS
    return False


def _line_ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether a line end parts two sentences, rather than being where a line was wrapped."""
    after = text[match.end() : match.end() + 1]
    if after in ("\n", ""):
        return True
    line_start = max(start, text.rfind("\n", start, match.start()) + 1)
    line = text[line_start : match.start()].rstrip()
    if _ITEM.match(text, match.start() + 1) or ends_with_mark(line, _LINE_MARKS):
        return True
    return len(line) < _SHORT_LINE and not after.islower()


def ends_with_mark(text: str, marks: str) -> bool:
    """Whether one of `marks` stands after the last letter or digit of `text`.

    Example:
        >>> ends_with_mark('He said: "Yes."', ".!?"), ends_with_mark("A. B", ".!?")
        (True, False)
    """
    for character in reversed(text):
        if character in marks:
            return True
        if character.isalnum() or character == "_":
            return False
    return False
