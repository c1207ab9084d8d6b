"""The fields of forms in a document, one by one and as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit._checks import check_count
from ragkit._extras import require
from ragkit.layout._csv import csv_text, write_csv
from ragkit.layout._similar import check_cutoff, check_name, name_score, plain
from ragkit.layout.cells import KeyValue
from ragkit.layout.placed import OnPages

if TYPE_CHECKING:
    from ragkit.layout.model import Element, Page

__all__ = ["FieldMatch", "KeyValues", "fields_of"]

_CUTOFF = 0.75
_COLUMNS = ("key", "value", "selected", "confidence", "page", "page_label")


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """A field whose label is like a name.

    Attributes:
        field: Label and value.
        score: 0 to 1; 1 is the same but for case and punctuation.
        page: 0-based.
    """

    field: KeyValue
    score: float
    page: int


class KeyValues(OnPages[KeyValue]):
    """Fields of forms in reading order, as `LayoutDocument.key_values` gives them.

    Args:
        places: Each field with its page.
    """

    def __repr__(self) -> str:
        return f"KeyValues({', '.join(repr(pair.name) for pair in self)})"

    def get(self, name: str, *, cutoff: float = _CUTOFF) -> KeyValue | None:
        """The field whose label is most like a name; None where none is.

        Case and punctuation do not matter, a slip costs little, and a name may be a part of the
        label: "name" finds "Name:" before "First name". Of equal ones, the first is meant.

        Args:
            name: Of the field.
            cutoff: Least score, 0 to 1; see `find`.

        Raises:
            InvalidInputError: If `name` is empty, or `cutoff` can't work.
        """
        found = self.find(name, limit=1, cutoff=cutoff)
        return found[0].field if found else None

    def find(
        self, name: str, *, limit: int | None = None, cutoff: float = _CUTOFF
    ) -> list[FieldMatch]:
        """The fields whose labels are like a name, best first.

        The score is the share of characters that both have in common, in order; for a name whose
        words are all in the label, at least 0.8.

        Args:
            name: Of the field.
            limit: Most that are given; None for all.
            cutoff: Least score. 0.75 is one slip in a short word; 1 takes the same words only.

        Raises:
            InvalidInputError: If `name` is empty, or `limit` or `cutoff` can't work.
        """
        wanted, least = check_name(name, "name"), check_cutoff(cutoff)
        if limit is not None:
            check_count(limit, "limit")
        scored = [
            FieldMatch(pair, name_score(wanted, plain(pair.name)), page.number)
            for page, pair in self._places
        ]
        kept = [match for match in scored if match.score >= least]
        return sorted(kept, key=lambda match: -match.score)[:limit]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Key, value, selected (of a box to tick, else None), confidence, page and page label.

        Pages are 0-based, labels as printed, as in the metadata of documents.
        """
        return [
            {
                "key": pair.name,
                "value": pair.text,
                "selected": pair.selected,
                "confidence": pair.confidence,
                "page": page.number,
                "page_label": page.label,
            }
            for page, pair in self._places
        ]

    def to_csv(
        self, path: str | os.PathLike[str] | None = None, *, guard_formulas: bool = True
    ) -> str:
        """As CSV with a header, also written to `path` in UTF-8 if that is given.

        Args:
            path: Of the file.
            guard_formulas: See `Table.to_csv`.

        Raises:
            InvalidInputError: If `guard_formulas` is not True or False.
            OSError: If the file can't be written.
        """
        rows = [["" if v is None else str(v) for v in row.values()] for row in self.to_dicts()]
        text = csv_text([_COLUMNS, *rows], guard_formulas=guard_formulas)
        if path is not None:
            write_csv(text, path)
        return text

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """As a JSON list of what `to_dicts` gives, also written to `path` if that is given.

        Raises:
            OSError: If the file can't be written.
        """
        text = json.dumps(self.to_dicts(), ensure_ascii=False, indent=2)
        if path is not None:
            Path(path).write_text(text + "\n", encoding="utf-8", newline="")
        return text

    def to_pandas(self) -> Any:
        """As a ``pandas.DataFrame`` of what `to_dicts` gives.

        Raises:
            MissingExtraError: If pandas is not installed (``ragkit[tables]``).
        """
        pandas = require("pandas", extra="tables", feature="KeyValues.to_pandas()")
        return pandas.DataFrame(self.to_dicts(), columns=_COLUMNS)


def fields_of(pages: Iterable[Page]) -> KeyValues:
    """All fields of the pages, those inside of tables and other elements too."""
    return KeyValues((page, pair) for page in pages for pair in _on(page))


def _on(page: Page) -> Iterable[KeyValue]:
    if page.fields:
        return page.fields
    parts = (part for element in page.elements for part in element.iter_elements())
    return (pair for part in parts for pair in _of(part))


def _of(part: Element) -> Iterator[KeyValue]:
    yield from part.key_values
    for cell in part.table.cells if part.table else ():
        yield from cell.key_values
