"""Numbers in running lines: which of a line's numbers may be the page's."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Numbered", "is_page_number", "read_numbers"]

_PAGE = (
    r"page|seite|p[áa]g(?:ina|e)?\.?|p\.|pg\.?|s\.|sid[ae]|strona|str\.|стр\.?|bladzijde|folio|"
    r"sheet|slide"
)
_ALONE = re.compile(
    # Possessive, so that a long run of white space or dots is gone over once.
    rf"^\W*+(?:{_PAGE})?\s*+(?P<number>\d{{1,4}}|[ivxlc]{{1,6}})\s*+"
    r"(?:(?:/|of|von|de|di|sur|van|av|af|из)\s*+\d{1,4})?\W*+$",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"^\W*+(?:{_PAGE})\s*+#", re.IGNORECASE)
_COUNTED = re.compile(r"^\W*+[^\W\d]++\s#")
"""A word and its number, as in "Question 3"."""
_CAPTION = re.compile(
    r"^(?:fig(?:ure|\.)|tab(?:le|elle|\.)|abb(?:ildung|\.)|listing)\s*+"
    r"(?:[a-z][-.]?)?#"
)
_SECTIONED = re.compile(r"^\W*+(?:[a-z]{1,3}|#)\s*+[-–—]\s*+#\W*+$")
"""A page number with a part's before it, as in "A-5" and "3 – 12"."""
_FIGURES = re.compile(r"\d++(?:[.,]\d++)*+")
_ROMAN = re.compile(r"^c{0,3}(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_MOST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line of text and the numbers in it.

    Attributes:
        key: The text in lower case, "#" for each number: lines of one form have the same.
        values: Of its numbers, in order; None where it is no whole number, as of "1.5".
        is_alone: Whether it is a page number and nothing else: "7", "- 7 -", "Page 7 of 12".
        is_roman: Whether that is written in roman numerals.
        is_worded: Whether there is more than figures and dots, and no label such as "A-5".
        counts: Whether it begins with something counted, as "Question 3", and that is not pages.
        is_caption: Whether it begins as a caption does, as "Table A-1".
    """

    key: str
    values: tuple[int | None, ...]
    is_alone: bool = False
    is_roman: bool = False
    is_worded: bool = True
    counts: bool = False
    is_caption: bool = False


def is_page_number(text: str) -> bool:
    """Whether the text is a page number and nothing else."""
    return _ALONE.match(text) is not None


def read_numbers(text: str) -> Numbered:
    """The numbers of a line; roman ones, in small letters, at its ends alone."""
    alone = _ALONE.match(text)
    if alone is not None:
        number = alone["number"].casefold()
        roman = not number.isdecimal()
        value = _roman_value(number) if roman else int(number)
        return Numbered("#", (value,), is_alone=True, is_roman=roman, is_worded=False)
    values: list[int | None] = []
    words = text.split()
    ends = (0, len(words) - 1)
    parts = []
    for place, word in enumerate(words):
        roman_value = _roman_value(word.strip("()[]|.,·-–—")) if place in ends else None
        if roman_value is not None:
            values.append(roman_value)
            parts.append("#")
            continue
        values += [_whole(found[0]) for found in _FIGURES.finditer(word)]
        parts.append(_FIGURES.sub("#", word))
    key = " ".join(parts).casefold()
    counts = bool(_COUNTED.match(key)) and not _NAMED.match(key)
    is_plain = not values or any(c.isalpha() for c in key)
    is_worded = is_plain and not _SECTIONED.match(key)
    is_caption = bool(_CAPTION.match(key))
    return Numbered(key, tuple(values), is_worded=is_worded, counts=counts, is_caption=is_caption)


def _whole(figures: str) -> int | None:
    return int(figures) if figures.isdecimal() and len(figures) <= _MOST_DIGITS else None


def _roman_value(text: str) -> int | None:
    """The value of a roman number in small letters; None if it is none."""
    if not text or not _ROMAN.match(text):
        return None
    values = [_ROMAN_VALUES[c] for c in text]
    following = [*values[1:], 0]
    return sum(v if v >= after else -v for v, after in zip(values, following, strict=True))
