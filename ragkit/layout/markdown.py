"""The one-liner: a file as Markdown."""

from __future__ import annotations

import os

__all__ = ["to_markdown"]


def to_markdown(path: str | os.PathLike[str], *, password: str | None = None) -> str:
    """The file's text as Markdown: headings, paragraphs, lists and tables in reading order.

    Running headers, footers and page numbers are left out. A Markdown or text file is given
    as it stands.

    Args:
        path: A PDF, Markdown or text file.
        password: Of an encrypted PDF.

    Raises:
        LoadError: If the file can't be read; `UnsupportedFileError` for other suffixes.

    Example:
        >>> print(to_markdown("data/report.pdf"))  # doctest: +SKIP
    """
    # Imported here, since loading builds on layout and not the other way round.
    from ragkit.layout.linearizer import LayoutLinearizer
    from ragkit.loading import loader_for

    linearizer = LayoutLinearizer(format="markdown")
    loader = loader_for(path, password=password)
    return "\n\n".join(linearizer.to_text(layout) for layout in loader.lazy_load())
