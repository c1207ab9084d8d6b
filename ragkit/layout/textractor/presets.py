"""What amazon-textract-textractor's configurations have by default."""

from __future__ import annotations

from typing import Any

__all__ = ["HTML", "MARKDOWN", "TEXT"]

TEXT: dict[str, Any] = {
    "dialect": "textractor",
    "hide_header_layout": False,
    "hide_footer_layout": False,
    "hide_page_num_layout": False,
    "title_prefix": "",
    "section_header_prefix": "",
    "table_layout_prefix": "\n\n",
    "table_layout_suffix": "\n",
    "table_tabulate_format": "github",
    "table_column_header_threshold": 0.9,
    "table_linearization_format": "plaintext",
    "key_suffix": " ",
    "mend_broken_words": False,
    "max_number_of_consecutive_new_lines": 2,
    "heuristic_h_tolerance": 0.3,
    "heuristic_line_break_threshold": 0.9,
    "heuristic_overlap_ratio": 0.5,
}
"""Of ``TextLinearizationConfig``."""

MARKDOWN = TEXT | {
    "title_prefix": "# ",
    "section_header_prefix": "## ",
    "table_linearization_format": "markdown",
    "table_remove_column_headers": True,
}
"""Of ``MarkdownLinearizationConfig``."""

_TAGS = {
    "title": "h1",
    "header": "h1",
    "section_header": "h2",
    "text": "p",
    "entity_layout": "p",
    "table": "table",
    "table_row": "tr",
    "table_cell_header": "th",
    "table_cell": "td",
    "list_layout": "div",
    "table_layout": "div",
    "key_value_layout": "div",
    "figure_layout": "div",
    "footer_layout": "div",
    "page_num": "div",
}

HTML = (
    TEXT
    | {f"{name}_prefix": f"<{tag}>" for name, tag in _TAGS.items()}
    | {f"{name}_suffix": f"</{tag}>" for name, tag in _TAGS.items()}
    | {
        "format": "html",
        "table_linearization_format": "html",
        "table_column_separator": "",
        "table_add_title_as_caption": True,
        "table_add_footer_as_paragraph": True,
    }
)
"""Of ``HTMLLinearizationConfig``."""
