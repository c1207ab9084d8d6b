"""What kind of answer a question asks for, and which words of a text could be one."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["Cues"]

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_NUMBER_WORDS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    "|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    "|hundreds?|thousands?|millions?|billions?|trillion|dozen|half|third|quarter|twice|once|both"
    "|single|double|triple|several"
)
_DATE = re.compile(
    rf"\b(?:1\d{{3}}|20\d{{2}})s?\b|\b(?:{_MONTHS})\b|\b\d+(?:st|nd|rd|th)\b|\bcentury\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b\d{1,2}:\d{2}\b|\b\d+\s?[ap]\.?m\b"
    r"|\bat (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})\b"
    r"|\b(?:spring|summer|autumn|winter|today|tomorrow|noon|midnight|decade|b\.?c|a\.?d)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf"\d[\d,.]*\d|\d|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?\"“] )(?<!^)\b[A-Z][\w'’.-]*")
_PLACE = re.compile(
    r"\b(?:in|at|on|near|from|to|off|outside|between|along|into|through|around|of|by|across)"
    r"\s+(?:the\s+|its\s+)?([A-Z][\w'’-]*)"
)
_MONEY = re.compile(
    r"[$€£¥]\s?\d[\d,.]*|\d[\d,.]*\s?(?:euros?|dollars?|pounds?|usd|eur|gbp|yen|cents?|francs?"
    r"|[mb]illion|%|per ?cent)\b|\bfree\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|due to|since|so that|in order to|as a result|caused by|reason|therefore|thus"
    r"|owing to|to avoid|to prevent|led to)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|https?://\S+|\bwww\.\S+|\+?\d[\d ()/-]{6,}\d")

_ASKED_DATE = (
    r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time)\b"
    r"|\bhow (?:recently|long ago)\b|\bopening hours\b"
)
_ASKED_NUMBER = (
    r"\bhow (?:many|much|long|far|large|big|tall|high|old|deep|often|wide|fast|heavy|small"
    r"|close|cold|hot|late|early)\b"
    r"|\b(?:percent(?:age)?|what number|population|average|amount|latency)\b"
)
_ASKED_MONEY = (
    r"\bhow much\b.*\b(?:costs?|pay|paid|prices?|fees?|charged?|entrance|admission|salary|spen[dt]"
    r"|money|worth|dollars?|euros?)\b|\bwhat\b.*\b(?:costs?|price|fee|salary)\b"
)
_ASKED_PERSON = (
    r"\b(?:who|whom|whose|who's)\b|\b(?:what|which) (?:\w+ )?(?:person|man|woman|president|king"
    r"|queen|author|scientist|general|secretary|leader|director|producer|actor|company)\b"
)
_ASKED_PLACE = (
    r"\b(?:what|which) (?:\w+ )?(?:city|country|state|place|region|street|county|town"
    r"|area|river|ocean|continent|location|university|event)\b"
)
_ASKED_REASON = r"\bwhy\b|\bwhat (?:is|was|were|are) the (?:reason|cause)|\bwhat caused\b"
_ASKED_ADDRESS = r"\b(?:e-?mail|web ?site|url|link|phone|telephone)\b"

# The first that matches the question decides: what it looks for could be an answer, and how
# much that says (fitted, as the weights in `candidates`).
_KINDS = (
    (_ASKED_ADDRESS, _ADDRESS, 3.0),
    (_ASKED_DATE, _DATE, 2.5),
    (_ASKED_MONEY, _MONEY, 2.5),
    (_ASKED_NUMBER, _NUMBER, 2.3),
    (_ASKED_PERSON, _NAME, 1.2),
    (r"\bwhere\b", _PLACE, 1.2),
    (_ASKED_PLACE, _NAME, 1.2),
    (_ASKED_REASON, _REASON, 0.8),
)
_EDGES = ".,'’"
_READ = 2000
"""Characters of a question that are looked through for its kind: patterns are not linear."""


class Cues:
    """Words that could answer a question: dates for "when", numbers for "how many" …

    Words of the question itself are no answer to it.

    Attributes:
        worth: How much it says for a sentence that it has such a word.

    Example:
        >>> Cues("How many rooms has the house?").count("The house has 12 rooms on 3 floors.")
        2
    """

    def __init__(self, question: str) -> None:
        self._pattern, self.worth = _kind(question[:_READ].lower())
        self._asked = {word.strip(_EDGES) for word in re.findall(r"[\w'’,.:@-]+", question.lower())}

    def count(self, text: str) -> int:
        """How many different words of the kind `text` has; 0 for a question of no known kind."""
        if self._pattern is None:
            return 0
        words = (match[match.lastindex or 0].lower() for match in self._pattern.finditer(text))
        return len({word.removesuffix("'s").strip(_EDGES) for word in words} - self._asked)

    def value(self, text: str) -> float:
        """`worth`, if `text` has such a word, else 0."""
        return self.worth if self.count(text) else 0.0


@lru_cache(maxsize=256)
def _kind(question: str) -> tuple[re.Pattern[str] | None, float]:
    """What could answer it, and how much it says that a text has that."""
    for asked, pattern, worth in _KINDS:
        if re.search(asked, question):
            return pattern, worth
    return None, 0.0
