"""From words and their boxes to titles, paragraphs, lists and tables in reading order."""

from __future__ import annotations

from ragkit.layout.analysis.pages import PageContent, analyze_pages

__all__ = ["PageContent", "analyze_pages"]
