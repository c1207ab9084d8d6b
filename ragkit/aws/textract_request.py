"""What Amazon Textract is asked for: features, and questions about the document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ragkit._checks import check_many, reject_unknown
from ragkit.errors import InvalidInputError

__all__ = ["FEATURES", "Query", "TextractQuery", "Wanted"]

FEATURES = ("LAYOUT", "TABLES", "FORMS", "SIGNATURES", "QUERIES")
"""What can be asked for; without any, lines and words are detected."""

_LONGEST = 200
"""Characters of a question, and of an alias."""
_MOST_QUERIES = {"sync": 15, "async": 30}
"""For a page."""
_PAGES = re.compile(r"\*|[1-9]\d*|[1-9]\d*-(?:\*|[1-9]\d*)")


@dataclass(frozen=True, slots=True)
class TextractQuery:
    """A question that Textract answers from the document.

    Attributes:
        text: The question, up to 200 characters.
        alias: A short name by which the answer is found.
        pages: Where to look: ``"1"``, ``"2-4"``, ``"5-*"``, ``"*"``; by default the service's
            own choice, which is the first page.

    Raises:
        InvalidInputError: If one can't work.

    Example:
        >>> TextractQuery("What is the total?", alias="TOTAL", pages=("*",)).to_dict()
        {'Text': 'What is the total?', 'Alias': 'TOTAL', 'Pages': ['*']}
    """

    text: str
    alias: str | None = None
    pages: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, value in (("text", self.text), ("alias", self.alias)):
            if name == "alias" and value is None:
                continue
            if not isinstance(value, str) or not 0 < len(value.strip()) <= len(value) <= _LONGEST:
                raise InvalidInputError(
                    f"The query's {name} is {value!r:.230}; it has to be a text of up to "
                    f"{_LONGEST} characters."
                )
        pages = tuple(check_many(self.pages, "The query's pages", "page numbers"))
        for page in pages:
            if not isinstance(page, str) or not _PAGES.fullmatch(page):
                raise InvalidInputError(
                    f"The query's pages have {page!r}; it has to be '*', '3', '2-4' or '5-*'."
                )
        object.__setattr__(self, "pages", pages)

    def to_dict(self) -> dict[str, Any]:
        """As the service takes it."""
        made: dict[str, Any] = {"Text": self.text}
        if self.alias is not None:
            made["Alias"] = self.alias
        return made | ({"Pages": list(self.pages)} if self.pages else {})


Query = str | TextractQuery | Mapping[str, Any]
"""A question; the service's own form (``{"Text": …, "Alias": …, "Pages": […]}``) is one, too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Features and queries, checked.

    Attributes:
        features: Without any, lines and words are detected, and nothing else.
        queries: For the feature QUERIES.
        more: Further fields of the request, as the service names them.
    """

    features: tuple[str, ...]
    queries: tuple[TextractQuery, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, features: Iterable[str] | None, queries: Iterable[Query] | None) -> Wanted:
        """Those two, checked; queries bring the feature of that name.

        Raises:
            InvalidInputError: If there is no such feature, or a query can't work.
        """
        asked = tuple(_query(one) for one in check_many(queries or (), "queries", "questions"))
        names = [str(one).upper() for one in check_many(features or (), "features", "names")]
        for name in names:
            if name not in FEATURES:
                raise InvalidInputError(f"features have {name!r}; there are {', '.join(FEATURES)}.")
        if asked and "QUERIES" not in names:
            names.append("QUERIES")
        if "QUERIES" in names and not asked:
            raise InvalidInputError("The feature QUERIES needs queries=, such as ['Who signed?'].")
        return cls(tuple(dict.fromkeys(names)), asked)

    def arguments(self, mode: str) -> dict[str, Any]:
        """The request's, beside the document.

        Args:
            mode: ``"sync"`` or ``"async"``.

        Raises:
            InvalidInputError: If there are more queries than that mode takes.
        """
        if not self.features:
            return dict(self.more)
        most = _MOST_QUERIES[mode]
        if len(self.queries) > most:
            raise InvalidInputError(
                f"There are {len(self.queries)} queries; the service takes {most} for a page "
                f"with mode={mode!r}" + (", and 30 with mode='async'." if mode == "sync" else ".")
            )
        made: dict[str, Any] = {**self.more, "FeatureTypes": list(self.features)}
        if self.queries:
            made["QueriesConfig"] = {"Queries": [one.to_dict() for one in self.queries]}
        return made


def _query(given: Query) -> TextractQuery:
    if isinstance(given, TextractQuery):
        return given
    if isinstance(given, str):
        return TextractQuery(given)
    if not isinstance(given, Mapping):
        raise InvalidInputError(f"queries have {given!r:.100}; it has to be a text.")
    reject_unknown("A query", given, ("Text", "Alias", "Pages"))
    return TextractQuery(given.get("Text", ""), given.get("Alias"), given.get("Pages") or ())
