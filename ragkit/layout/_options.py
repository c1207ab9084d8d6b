"""Options of the linearizer, with the names that amazon-textract-textractor gave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ragkit._checks import check_choice, check_flag
from ragkit.errors import InvalidInputError

__all__ = ["LinearizationOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearizationOptions:
    """How elements become text; `LayoutLinearizer` says what each option does."""

    format: Literal["text", "markdown"] = "text"
    reading_order: Literal["layout", "raster"] = "layout"
    hide_header_layout: bool = True
    hide_footer_layout: bool = True
    hide_page_num_layout: bool = True
    hide_figure_layout: bool = False
    title_prefix: str | None = None
    title_suffix: str = ""
    section_header_prefix: str | None = None
    section_header_suffix: str = ""
    text_prefix: str = ""
    text_suffix: str = ""
    list_layout_prefix: str = ""
    list_layout_suffix: str = ""
    list_element_prefix: str = ""
    list_element_suffix: str = ""
    list_element_separator: str = "\n"
    table_linearization_format: Literal["plaintext", "markdown", "html"] | None = None
    table_duplicate_text_in_merged_cells: bool = False
    table_prefix: str = ""
    table_suffix: str = ""
    table_column_separator: str = "\t"
    table_row_separator: str = "\n"
    key_suffix: str | None = None
    same_paragraph_separator: str = " "
    mend_broken_words: bool = True
    layout_element_separator: str = "\n\n"
    page_separator: str = "\n\n"

    def __post_init__(self) -> None:
        check_choice(self.format, "format", ("text", "markdown"))
        check_choice(self.reading_order, "reading_order", ("layout", "raster"))
        form = self.table_linearization_format
        if form is not None:
            check_choice(form, "table_linearization_format", ("plaintext", "markdown", "html"))
        for name in self.__slots__:
            value = getattr(self, name)
            if name.startswith("hide_") or name in _FLAGS:
                check_flag(value, name)
            elif not isinstance(value, str) and not (value is None and name in _BY_FORMAT):
                raise InvalidInputError(f"{name} is {value!r}; it has to be a str.")

    @property
    def markdown(self) -> bool:
        """Whether Markdown is asked for."""
        return self.format == "markdown"

    @property
    def table_form(self) -> Literal["plaintext", "markdown", "html"]:
        """What tables become."""
        return self.table_linearization_format or ("markdown" if self.markdown else "plaintext")

    def heading_prefix(self, level: int) -> str:
        """What stands before a heading of that level; 1 is the title's."""
        prefix = self.title_prefix if level == 1 else self.section_header_prefix
        if prefix is not None:
            return prefix
        return "#" * min(level, 6) + " " if self.markdown else ""


_FLAGS = ("mend_broken_words", "table_duplicate_text_in_merged_cells")
_BY_FORMAT = (
    "title_prefix",
    "section_header_prefix",
    "key_suffix",
    "table_linearization_format",
)
