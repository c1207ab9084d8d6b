"""Text page by page, as amazon-textract-prettyprinter's function of the same name gives it."""

from __future__ import annotations

import logging
import os
from typing import Any

from ragkit._checks import check_flag
from ragkit.textract._blocks import ReadOptions, ResponseBlocks, Source
from ragkit.textract._formats import check_table_format
from ragkit.textract._page_text import PageOptions, page_text
from ragkit.textract._saving import check_target, save_pages

__all__ = ["get_text_from_layout_json"]

_LOGGER = logging.getLogger(__name__)


def get_text_from_layout_json(  # noqa: PLR0913  # the pretty-printer's options
    textract_json: Source,
    *,
    table_format: Any = "grid",
    exclude_figure_text: bool = True,
    exclude_page_header: bool = False,
    exclude_page_footer: bool = False,
    exclude_page_number: bool = False,
    skip_table: bool = False,
    save_txt_path: str | os.PathLike[str] | None = None,
    generate_markdown: bool = False,
    session: Any = None,
    endpoint_url: str | None = None,
    allow_missing: bool = False,
) -> dict[int, str]:
    r"""The text of each page by its number, in the service's order of reading.

    Names, defaults and results are those of amazon-textract-prettyprinter 0.1.10, but each word
    that is not excluded is there once: items of lists are not repeated, no header row or cell of
    a table is lost, text that the layout leaves out stands where it was read, and numbers are
    as they were read. A response without the feature LAYOUT has no such text, and gives none;
    `ragkit.textract.get_text` reads it.

    Args:
        textract_json: A response; its parts, in any order; or a JSON file of either, also
            gzipped: its path, its address in S3, its bytes, or the folder of a job's parts.
        table_format: How tables are written: a name of tabulate's formats, or "csv". Other than
            "csv", "fancy_grid", "fancy_outline", "github", "grid", "html", "orgtbl", "outline",
            "pipe", "plain", "presto", "psql", "simple", "simple_grid", "simple_outline" and
            "tsv" need the extra ``tables``. Members of the pretty-printer's enum will do.
        exclude_figure_text: Leave out lines inside of figures. Titles and section headers, and
            tables, stay.
        exclude_page_header: Leave out running headers.
        exclude_page_footer: Leave out running footers.
        exclude_page_number: Leave out page numbers.
        skip_table: Write tables as their lines.
        save_txt_path: A folder, or ``s3://bucket/prefix``, for the text of each page as
            ``1.txt``, ``2.txt`` … in UTF-8.
        generate_markdown: Mark titles and section headers as headings, and write tables in the
            format "pipe", whatever `table_format` is.
        session: Of boto3, to read from S3, and to save there.
        endpoint_url: Of S3, where it is not the region's.
        allow_missing: Whether the rest is read where a part of a job's result is missing. By
            default that is an error, since words would be lost.

    Raises:
        InvalidInputError: If an argument can't work.
        LoadError: If it can't be read, is no response, or a part of one is missing.
        MissingExtraError: If tabulate or boto3 is needed and not installed.
        EndpointError: If S3 does not take the texts.

    Example:
        >>> title = {"BlockType": "LAYOUT_TITLE", "Id": "t", "Relationships": [
        ...     {"Type": "CHILD", "Ids": ["l"]}]}
        >>> line = {"BlockType": "LINE", "Id": "l", "Text": "Annual report"}
        >>> get_text_from_layout_json({"Blocks": [title, line]}, generate_markdown=True)
        {1: '# Annual report\n\n'}
    """
    target = check_target(save_txt_path)
    excluded = {
        "LAYOUT_HEADER": check_flag(exclude_page_header, "exclude_page_header"),
        "LAYOUT_FOOTER": check_flag(exclude_page_footer, "exclude_page_footer"),
        "LAYOUT_PAGE_NUMBER": check_flag(exclude_page_number, "exclude_page_number"),
    }
    markdown = check_flag(generate_markdown, "generate_markdown")
    options = PageOptions(
        table_format="pipe" if markdown else check_table_format(table_format),
        excluded=frozenset(kind for kind, out in excluded.items() if out),
        figure_text=not check_flag(exclude_figure_text, "exclude_figure_text"),
        tables=not check_flag(skip_table, "skip_table"),
        markdown=markdown,
    )
    how = ReadOptions(allow_missing, session, endpoint_url)
    texts = _texts(ResponseBlocks(textract_json, how), options)
    if target is not None:
        save_pages(texts, target, session=session, endpoint_url=endpoint_url)
    return texts


def _texts(blocks: ResponseBlocks, options: PageOptions) -> dict[int, str]:
    if not any(page.layouts() for page in blocks.pages):
        _LOGGER.warning(
            "The response has no LAYOUT blocks, so there is no text; analyse the document with "
            "FeatureTypes=['LAYOUT', 'TABLES'], or use ragkit.textract.get_text."
        )
        return {}
    return {page.number: page_text(blocks, page, options) for page in blocks.pages}
