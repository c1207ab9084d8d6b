"""From words and their boxes to titles, paragraphs, lists and tables in reading order."""

from __future__ import annotations

from ragkit.layout.analysis.pages import PageWords, analyze_pages

__all__ = ["PageWords", "analyze_pages"]
