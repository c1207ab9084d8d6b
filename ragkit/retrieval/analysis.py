"""From text to the tokens that lexical search compares: stems, whole numbers and codes.

Python's sqlite3 takes no custom tokeniser, so that texts are analysed here and FTS5 is given the
finished tokens, parted by spaces. `FTS5_TOKENIZER` makes it split at nothing else.
"""

from __future__ import annotations

import itertools
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from ragkit.errors import InvalidInputError
from ragkit.retrieval.stopwords import STOP_WORDS

__all__ = ["ANALYZER_VERSION", "FTS5_TOKENIZER", "Analyzer"]

ANALYZER_VERSION = 1
"""Raised whenever `Analyzer` gives other tokens for some text; stores then index anew."""

FTS5_TOKENIZER = "ascii tokenchars '._-@&+#/:'"
"""FTS5's tokeniser for text that holds analysed tokens: every character that can be in one
belongs to it (all beyond ASCII do anyway), so that FTS5 sees exactly our tokens."""

# Scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, CJK ideographs.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = rf"(?:(?![{_UNSPACED}_])\w[\u0300-\u036f]*)+"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# A run of an unspaced script; a number with thousands commas; or words joined by single signs
# without a space: "c6i.xlarge", "m&e", "27.00", "c++".
_TOKEN = re.compile(
    rf"[{_UNSPACED}]+|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?!\w)"
    rf"|#?{_WORD}(?:(?:[.@&/:'+-]|_+){_WORD})*(?:\+\+|\#)?"
)
_WHOLE_NUMBER = re.compile(_NUMBER)
_DECIMAL = re.compile(r"\d+\.\d+")
_PART = re.compile(_WORD)
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")
_CONTRACTION = re.compile(r"(.+?)(?:n't|'(?:s|re|ve|ll|d|m|t))")
_HAS_DIGIT = re.compile(r"\d")


class Analyzer:
    """Tokens of texts in one language.

    Words are case-folded (Unicode NFKC) and stemmed (Snowball); stop words are left out where
    we have a list. Numbers and codes stay whole ("27.00", "ab-1234", "c6i.xlarge", "m&e") and
    also give their parts, so that both are found; thousands commas are dropped ("1,234.5" is
    "1234.5"). Scripts that put no spaces between words give pairs of neighbouring characters.

    Args:
        language: Any of `Analyzer.languages`; "none" for no stemming and no stop words.

    Raises:
        InvalidInputError: If there is no stemmer for the language.

    Example:
        >>> Analyzer().analyze("The c6i.xlarge costs $1,234.50")
        ['c6i.xlarge', 'c6i', 'xlarg', 'cost', '1234.50', '1234']
    """

    languages: tuple[str, ...]
    """Languages with a stemmer, and "none"."""

    def __init__(self, language: str = "english") -> None:
        if language not in self.languages:
            raise InvalidInputError(
                f"language is {language!r}; there are: {', '.join(self.languages)}."
            )
        self.language = language
        self._stop_words = STOP_WORDS.get(language, frozenset())
        self._stem = _stemmer(language)
        # By word and not by text: words repeat, texts don't.
        self._tokens = lru_cache(maxsize=100_000)(self._tokens_of)

    def analyze(self, text: str) -> list[str]:
        """The tokens in order; the parts of a code follow the code itself."""
        words = _TOKEN.findall(_normalized(text))
        return list(itertools.chain.from_iterable(map(self._tokens, words)))

    def _tokens_of(self, word: str) -> tuple[str, ...]:
        """The tokens of one match of the pattern."""
        if re.match(f"[{_UNSPACED}]", word):
            return tuple(_bigrams(word))
        if _WHOLE_NUMBER.fullmatch(word):
            return _number(word)
        if contraction := _CONTRACTION.fullmatch(word):
            return self._tokens_of(contraction[1])
        if _INITIALS.fullmatch(word):
            return (word.replace(".", ""),)
        parts = _PART.findall(word)
        if parts == [word]:
            return tuple(self._stems(parts))
        return tuple(dict.fromkeys([word.replace("'", ""), *self._parts(word, parts)]))

    def _parts(self, word: str, parts: Iterable[str]) -> Iterator[str]:
        """Decimals and words of a compound; a lone letter says nothing by itself."""
        yield from _DECIMAL.findall(word)
        yield from self._stems(part for part in parts if len(part) > 1 or part.isdigit())

    def _stems(self, words: Iterable[str]) -> Iterator[str]:
        for word in words:
            if word not in self._stop_words:
                yield word if _HAS_DIGIT.search(word) else self._stem(word)


def _normalized(text: str) -> str:
    """Case-folded NFKC (folding can undo it, hence twice), with straight apostrophes."""
    folded = unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFKC", folded)


def _number(word: str) -> tuple[str, ...]:
    plain = word.replace(",", "")
    return (plain, plain.partition(".")[0]) if "." in plain else (plain,)


def _bigrams(run: str) -> Iterator[str]:
    if len(run) == 1:
        yield run
    for i in range(len(run) - 1):
        yield run[i : i + 2]


def _languages() -> tuple[str, ...]:
    import snowballstemmer

    # Both are stemmers of a language that is there under its own name.
    return ("none", *sorted(set(snowballstemmer.algorithms()) - {"porter", "dutch_porter"}))


def _stemmer(language: str) -> Callable[[str], str]:
    """The language's stemming function."""
    if language == "none":
        return str
    import snowballstemmer

    stem_word = snowballstemmer.stemmer(language).stemWord
    lock = threading.Lock()  # a stemmer keeps the word that it is at

    def stem(word: str) -> str:
        with lock:
            return str(stem_word(word))

    return stem


Analyzer.languages = _languages()
