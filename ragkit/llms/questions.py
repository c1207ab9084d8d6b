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
    r"|\b(?:spring|summer|autumn|winter|today|tomorrow|noon|midnight|decade|b\.?c|a\.?d)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf"\d[\d,.]*\d|\d|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?\"“] )(?<!^)\b[A-Z][\w'’.-]*")
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
    r"|\b(?:percent(?:age)?|what number|population|average|amount|latency|costs?|price)\b"
)
_ASKED_PERSON = (
    r"\b(?:who|whom|whose|who's)\b|\b(?:what|which) (?:\w+ )?(?:person|man|woman|president|king"
    r"|queen|author|scientist|general|secretary|leader|director|producer|actor|company)\b"
)
_ASKED_PLACE = (
    r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:city|country|state|place|region|street|county|town"
    r"|area|river|ocean|continent|location|university|event)\b"
)
_ASKED_REASON = r"\bwhy\b|\bwhat (?:is|was|were|are) the (?:reason|cause)|\bwhat caused\b"
_ASKED_ADDRESS = r"\b(?:e-?mail|web ?site|url|link|phone|telephone)\b"

# The first that matches the question decides; what it looks for counts as a possible answer.
_KINDS = (
    (_ASKED_ADDRESS, _ADDRESS),
    (_ASKED_DATE, _DATE),
    (_ASKED_NUMBER, _NUMBER),
    (_ASKED_PERSON, _NAME),
    (_ASKED_PLACE, _NAME),
    (_ASKED_REASON, _REASON),
)
_EDGES = ".,'’"


class Cues:
    """Words that could answer a question: dates for "when", numbers for "how many" …

    Words of the question itself are no answer to it.

    Example:
        >>> Cues("How many rooms has the house?").count("The house has 12 rooms on 3 floors.")
        2
    """

    def __init__(self, question: str) -> None:
        self.pattern = _pattern(question.lower())
        self._asked = {word.strip(_EDGES) for word in re.findall(r"[\w'’,.:@-]+", question.lower())}

    def count(self, text: str) -> int:
        """How many different words of the kind `text` has; 0 for a question of no known kind."""
        if self.pattern is None:
            return 0
        words = (match.group().lower() for match in self.pattern.finditer(text))
        return len({word.removesuffix("'s").strip(_EDGES) for word in words} - self._asked)


@lru_cache(maxsize=256)
def _pattern(question: str) -> re.Pattern[str] | None:
    for asked, pattern in _KINDS:
        if re.search(asked, question):
            return pattern
    return None
