"""The tables of a document, one by one and as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit.errors import InvalidInputError
from ragkit.layout._csv import write_csv
from ragkit.layout._workbook import write_workbook
from ragkit.layout.cells import Table
from ragkit.layout.placed import OnPages

if TYPE_CHECKING:
    from ragkit.layout.model import Page

__all__ = ["Tables", "tables_of"]


class Tables(OnPages[Table]):
    """Tables in reading order, as `LayoutDocument.tables` gives them.

    Args:
        places: Each table with its page.
    """

    def __repr__(self) -> str:
        sizes = ", ".join(f"{table.n_rows} × {table.n_columns}" for table in self)
        return f"Tables({sizes})"

    def to_csv(self, folder: str | os.PathLike[str], *, guard_formulas: bool = True) -> list[Path]:
        """A CSV file for each table, in reading order: ``table-001-page-1.csv`` …

        Args:
            folder: Made if it is not there; files of these names are written over.
            guard_formulas: See `Table.to_csv`.

        Returns:
            The files' paths.

        Raises:
            InvalidInputError: If `guard_formulas` is not True or False, or `folder` is a file.
            OSError: If a file can't be written.
        """
        texts = [table.to_csv(guard_formulas=guard_formulas) for table in self]
        target = Path(folder)
        if target.exists() and not target.is_dir():
            raise InvalidInputError(
                f"{str(target)!r} is a file; to_csv() takes a folder, for a file for each table."
            )
        target.mkdir(parents=True, exist_ok=True)
        names = (
            f"table-{number:03d}-page-{page.number + 1}.csv"
            for number, (page, _) in enumerate(self._places, 1)
        )
        files = [target / name for name in names]
        for file, text in zip(files, texts, strict=True):
            write_csv(text, file)
        return files

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """An Excel workbook with a sheet for each table: "Table 1, page 1" …

        Texts are as they stand, and none of them becomes a formula. Where there is no table, the
        workbook has one empty sheet.

        Raises:
            MissingExtraError: If openpyxl is not installed (``ragkit[tables]``).
            OSError: If the file can't be written.
        """
        sheets = [
            (f"Table {number}, page {page.number + 1}", table)
            for number, (page, table) in enumerate(self._places, 1)
        ]
        write_workbook(sheets, path, "Tables.to_excel()")

    def to_pandas(self) -> list[Any]:
        """A ``pandas.DataFrame`` of texts for each table, header rows as its columns.

        Raises:
            MissingExtraError: If pandas is not installed (``ragkit[tables]``).
        """
        return [table.to_pandas() for table in self]

    def _repr_html_(self) -> str:
        """In a notebook."""
        return "<br>".join(table.to_html() for table in self)


def tables_of(pages: Iterable[Page]) -> Tables:
    """All tables of the pages, those inside of other elements too."""
    return Tables(
        (page, part.table)
        for page in pages
        for element in page.elements
        for part in element.iter_elements()
        if part.table is not None
    )
