"""What pages and whole documents have alike: contents by kind, search and exports."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ragkit._checks import check_count
from ragkit._extras import require
from ragkit.compat.textractor.constants import SimilarityMetric, TextTypes, check_metric
from ragkit.compat.textractor.entities import Line, Word
from ragkit.compat.textractor.entity_list import EntityList
from ragkit.compat.textractor.linearizing import Linearizable
from ragkit.layout._csv import csv_text, write_csv
from ragkit.layout._similar import check_cutoff, check_name, name_score, plain, text_score

if TYPE_CHECKING:
    from ragkit.compat.textractor.findings import Query, Signature
    from ragkit.compat.textractor.forms import KeyValue
    from ragkit.compat.textractor.layouts import Layout
    from ragkit.compat.textractor.tables import Table
    from ragkit.layout.table_list import Tables

__all__ = ["INSTEAD", "Contents"]

T = TypeVar("T")

INSTEAD = {
    "directional_finder": "use document.layout.search(), whose matches have boxes.",
    "expense_documents": "ask boto3 for analyze_expense and read its ExpenseDocuments.",
    "identity_document": "ask boto3 for analyze_id and read its IdentityDocuments.",
    "identity_documents": "ask boto3 for analyze_id and read its IdentityDocuments.",
    "independent_words": "use the words of page_layout.texts.",
    "return_duplicates": "the text of ragkit has each word once.",
    "to_trp2": "read document.response.",
}
"""What to use in place of Textractor's names that are not here."""


class Contents(Linearizable):
    """A page, or all of them."""

    _separator = ";"

    @property
    @abstractmethod
    def words(self) -> EntityList[Word]:
        """Words, line by line as the service gives them."""

    @property
    @abstractmethod
    def lines(self) -> EntityList[Line]:
        """Lines as the service gives them."""

    @property
    @abstractmethod
    def layouts(self) -> EntityList[Layout]:
        """Elements in reading order."""

    @property
    @abstractmethod
    def tables(self) -> EntityList[Table]:
        """Tables."""

    @property
    @abstractmethod
    def key_values(self) -> EntityList[KeyValue]:
        """Fields of forms whose values are text."""

    @property
    @abstractmethod
    def checkboxes(self) -> EntityList[KeyValue]:
        """Fields of forms whose values are boxes to tick."""

    @property
    @abstractmethod
    def queries(self) -> EntityList[Query]:
        """What the service was asked."""

    @property
    @abstractmethod
    def signatures(self) -> EntityList[Signature]:
        """Places of signatures."""

    @abstractmethod
    def _grids(self) -> Tables:
        """The tables as ragkit has them."""

    def keys(self, include_checkboxes: bool = True) -> list[str]:  # noqa: FBT001, FBT002 – Textractor's
        """The labels of fields."""
        return [pair.name for pair in self._fields(boxes=include_checkboxes)]

    def filter_checkboxes(
        self,
        selected: bool = True,  # noqa: FBT001, FBT002 – Textractor's
        not_selected: bool = True,  # noqa: FBT001, FBT002
    ) -> EntityList[KeyValue]:
        """The boxes to tick that are ticked, or are not."""
        wanted = {True: selected, False: not_selected}
        return EntityList([pair for pair in self.checkboxes if wanted[pair.is_selected()]])

    def get_words_by_type(self, text_type: TextTypes = TextTypes.PRINTED) -> EntityList[Word]:
        """The words that are printed, or written by hand."""
        return EntityList([word for word in self.words if word.text_type is text_type])

    def search_words(
        self,
        keyword: str,
        top_k: int = 1,
        similarity_metric: SimilarityMetric = SimilarityMetric.LEVENSHTEIN,
        similarity_threshold: float = 0.6,
    ) -> EntityList[Word]:
        """The words that are most like one, best first.

        Args:
            keyword: A word.
            top_k: Most that are given.
            similarity_metric: LEVENSHTEIN.
            similarity_threshold: Least share of characters in common, 0 to 1.

        Raises:
            InvalidInputError: If an argument can't work.
        """
        wanted = check_name(keyword, "keyword")
        check_metric(similarity_metric)
        return _best(
            self.words,
            lambda word: text_score(wanted, plain(word.text)),
            top_k,
            similarity_threshold,
        )

    def search_lines(
        self,
        keyword: str,
        top_k: int = 1,
        similarity_metric: SimilarityMetric = SimilarityMetric.LEVENSHTEIN,
        similarity_threshold: float = 0.6,
    ) -> EntityList[Line]:
        """The lines that have what is most like a word, or several; see `search_words`."""
        wanted = check_name(keyword, "keyword")
        check_metric(similarity_metric)
        return _best(
            self.lines, lambda line: _in_line(wanted, line.text), top_k, similarity_threshold
        )

    def get(
        self,
        key: str,
        top_k_matches: int = 1,
        similarity_metric: SimilarityMetric = SimilarityMetric.LEVENSHTEIN,
        similarity_threshold: float = 0.6,
    ) -> EntityList[KeyValue]:
        """The fields whose labels are most like a name; see `search_words`."""
        wanted = check_name(key, "key")
        check_metric(similarity_metric)
        return _best(
            self._fields(),
            lambda pair: name_score(wanted, plain(pair.name)),
            top_k_matches,
            similarity_threshold,
        )

    def export_kv_to_csv(
        self,
        include_kv: bool = True,  # noqa: FBT001, FBT002 – Textractor's
        include_checkboxes: bool = True,  # noqa: FBT001, FBT002
        filepath: str | os.PathLike[str] = "Key-Values.csv",
        sep: str | None = None,
    ) -> None:
        """Writes the fields to a CSV file, in UTF-8; no text in it becomes a formula.

        Args:
            include_kv: Those whose values are text.
            include_checkboxes: Boxes to tick, as SELECTED or NOT_SELECTED.
            filepath: Of the file.
            sep: Between label and value; by default ``;``, and ``,`` for a page.

        Raises:
            InvalidInputError: If `sep` is not one character.
            OSError: If the file can't be written.
        """
        pairs = self._fields(texts=include_kv, boxes=include_checkboxes)
        rows = [["Key", "Value"], *([pair.name, _value(pair)] for pair in pairs)]
        write_csv(csv_text(rows, guard_formulas=True, delimiter=sep or self._separator), filepath)

    def export_kv_to_txt(
        self,
        include_kv: bool = True,  # noqa: FBT001, FBT002 – Textractor's
        include_checkboxes: bool = True,  # noqa: FBT001, FBT002
        filepath: str | os.PathLike[str] = "Key-Values.txt",
    ) -> None:
        """Writes the fields to a text file, in UTF-8: ``1. Name : Ada``; see `export_kv_to_csv`."""
        pairs = self._fields(texts=include_kv, boxes=include_checkboxes)
        lines = [f"{n}. {pair.name} : {_value(pair)}\n" for n, pair in enumerate(pairs, 1)]
        Path(filepath).write_text("".join(lines), encoding="utf-8")

    def export_kv_to_pandas(
        self,
        trim: bool = True,  # noqa: FBT001, FBT002 – Textractor's
        confidence_threshold: float = 0.0,
        drop_confidence: bool = True,  # noqa: FBT001, FBT002
    ) -> Any:
        """Fields whose values are text as a ``pandas.DataFrame`` with Key and Value.

        Args:
            trim: Labels without colons and blanks around them.
            confidence_threshold: Fields need more than this, 0 to 1.
            drop_confidence: Without the column Confidence.

        Raises:
            MissingExtraError: If pandas is not installed (``ragkit[tables]``).
        """
        pandas = require("pandas", extra="tables", feature="export_kv_to_pandas()")
        pairs = [pair for pair in self.key_values if pair.confidence > confidence_threshold]
        columns = {
            "Key": [pair.name.strip(": ") if trim else pair.name for pair in pairs],
            "Value": [pair.value.text.strip() if trim else pair.value.text for pair in pairs],
            "Confidence": [pair.confidence for pair in pairs],
        }
        frame = pandas.DataFrame(columns)
        return frame.drop(columns="Confidence") if drop_confidence else frame

    def export_tables_to_excel(self, filepath: str | os.PathLike[str]) -> None:
        """Writes an Excel workbook with a sheet for each table.

        Raises:
            MissingExtraError: If openpyxl is not installed (``ragkit[tables]``).
            OSError: If the file can't be written.
        """
        self._grids().to_excel(filepath)

    def _fields(self, *, texts: bool = True, boxes: bool = True) -> list[KeyValue]:
        return [*(self.key_values if texts else ()), *(self.checkboxes if boxes else ())]


def _best(
    things: Iterable[T], score: Callable[[T], float], top_k: int, threshold: float
) -> EntityList[T]:
    check_count(top_k, "top_k")
    least = check_cutoff(threshold)
    scored = [(score(one), one) for one in things]
    kept = [pair for pair in scored if pair[0] >= least]
    kept.sort(key=lambda pair: -pair[0])
    return EntityList([one for _, one in kept[:top_k]])


def _in_line(wanted: str, text: str) -> float:
    """Of a line, or as many of its words as are wanted, whichever is more alike."""
    words = plain(text).split()
    size = len(wanted.split())
    runs = (" ".join(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))
    return max(text_score(wanted, run) for run in (" ".join(words), *runs))


def _value(pair: KeyValue) -> str:
    status = pair.selection_status
    return pair.value.text if status is None else status.name
