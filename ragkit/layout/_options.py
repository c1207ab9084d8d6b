"""Options of the linearizer, with the names that amazon-textract-textractor gave them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from ragkit._checks import check_choice, check_flag
from ragkit.errors import InvalidInputError
from ragkit.layout.drawn_tables import DRAWN_FORMATS

if TYPE_CHECKING:
    from ragkit.layout.model import Element, ElementKind
    from ragkit.layout.words import Word

__all__ = ["LinearizationOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearizationOptions:
    """How elements become text; `LinearizerOptions` says what each option does."""

    dialect: Literal["ragkit", "textractor"] = "ragkit"
    format: Literal["text", "markdown", "html"] = "text"
    reading_order: Literal["layout", "raster"] = "layout"
    hide_header_layout: bool = True
    hide_footer_layout: bool = True
    hide_page_num_layout: bool = True
    hide_figure_layout: bool = False
    hide_table_layout: bool = False
    hide_key_value_layout: bool = False
    title_prefix: str | None = None
    title_suffix: str | None = None
    header_prefix: str = ""
    header_suffix: str = ""
    section_header_prefix: str | None = None
    section_header_suffix: str | None = None
    text_prefix: str | None = None
    text_suffix: str | None = None
    list_layout_prefix: str | None = None
    list_layout_suffix: str | None = None
    list_element_prefix: str | None = None
    list_element_suffix: str | None = None
    list_element_separator: str = "\n"
    figure_layout_prefix: str = ""
    figure_layout_suffix: str = ""
    footer_layout_prefix: str = ""
    footer_layout_suffix: str = ""
    page_num_prefix: str = ""
    page_num_suffix: str = ""
    entity_layout_prefix: str = ""
    entity_layout_suffix: str = ""
    key_value_layout_prefix: str = ""
    key_value_layout_suffix: str = ""
    key_value_prefix: str = ""
    key_value_suffix: str = ""
    key_prefix: str = ""
    key_suffix: str | None = None
    value_prefix: str = ""
    value_suffix: str = ""
    table_layout_prefix: str = ""
    table_layout_suffix: str = ""
    table_linearization_format: Literal["plaintext", "markdown", "html"] | None = None
    table_tabulate_format: str | None = None
    table_tabulate_remove_extra_hyphens: bool = False
    table_remove_column_headers: bool = False
    table_column_header_threshold: float | None = None
    table_flatten_headers: bool = False
    table_flatten_semi_structured_as_plaintext: bool = False
    table_duplicate_text_in_merged_cells: bool = False
    table_min_table_words: int = 0
    table_prefix: str = ""
    table_suffix: str = ""
    table_row_prefix: str = ""
    table_row_suffix: str = ""
    table_row_separator: str = "\n"
    table_column_separator: str = "\t"
    table_cell_prefix: str = ""
    table_cell_suffix: str = ""
    table_cell_header_prefix: str = ""
    table_cell_header_suffix: str = ""
    table_cell_empty_cell_placeholder: str = ""
    table_cell_merge_cell_placeholder: str = ""
    table_cell_left_merge_cell_placeholder: str = ""
    table_cell_top_merge_cell_placeholder: str = ""
    table_cell_cross_merge_cell_placeholder: str = ""
    table_title_prefix: str = ""
    table_title_suffix: str = ""
    table_footers_prefix: str = ""
    table_footers_suffix: str = ""
    table_add_title_as_caption: bool = False
    table_add_footer_as_paragraph: bool = False
    selection_element_selected: str = "[X]"
    selection_element_not_selected: str = "[ ]"
    signature_token: str = "[SIGNATURE]"  # noqa: S105
    same_paragraph_separator: str = " "
    same_layout_element_separator: str = "\n"
    layout_element_separator: str = "\n\n"
    page_separator: str | None = None
    mend_broken_words: bool = True
    remove_new_lines_in_leaf_elements: bool = True
    max_number_of_consecutive_new_lines: int | None = None
    max_number_of_consecutive_spaces: int | None = None
    heuristic_h_tolerance: float | None = None
    heuristic_line_break_threshold: float | None = None
    heuristic_overlap_ratio: float | None = None
    add_prefixes_and_suffixes_in_text: bool = True
    add_prefixes_and_suffixes_as_words: bool = False
    add_ids_to_html_tags: bool = False
    add_short_ids_to_html_tags: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value, wanted = getattr(self, field.name), str(field.type)
            if wanted.startswith("Literal"):
                if value is not None or "None" not in wanted:
                    check_choice(value, field.name, _CHOICES[field.name])
            elif wanted == "bool":
                check_flag(value, field.name)
            elif not (value is None and "None" in wanted):
                _check(value, field.name, wanted)
        if self.table_tabulate_format is not None:
            check_choice(self.table_tabulate_format, "table_tabulate_format", DRAWN_FORMATS)
        if self.format == "html" and self.table_linearization_format == "markdown":
            raise InvalidInputError(
                "table_linearization_format is 'markdown' in format='html'; give 'html'."
            )
        if self.add_ids_to_html_tags and self.add_short_ids_to_html_tags:
            raise InvalidInputError(
                "add_ids_to_html_tags and add_short_ids_to_html_tags are both True; give one."
            )

    @property
    def markdown(self) -> bool:
        """Whether Markdown is asked for."""
        return self.format == "markdown"

    @property
    def table_form(self) -> Literal["plaintext", "markdown", "html"]:
        """What tables become."""
        of_format: dict[str, Literal["plaintext", "markdown", "html"]]
        of_format = {"text": "plaintext", "markdown": "markdown", "html": "html"}
        return self.table_linearization_format or of_format[self.format]

    @property
    def between_pages(self) -> str:
        """What stands between pages."""
        default = self.layout_element_separator if self.dialect == "textractor" else "\n\n"
        return default if self.page_separator is None else self.page_separator

    def hides(self, kind: ElementKind) -> bool:
        """Whether elements of a kind are left out."""
        name = _HIDING.get(kind.value)
        return name is not None and bool(getattr(self, name))

    def affix_name(self, element: Element) -> str:
        """What the prefix and the suffix of an element's kind are called."""
        return "entity_layout" if element.role == "entity" else _AFFIXES[element.kind.value]

    def affixes(self, element: Element) -> tuple[str, str]:
        """What stands before and after an element of its kind."""
        name = self.affix_name(element)
        return getattr(self, f"{name}_prefix") or "", getattr(self, f"{name}_suffix") or ""

    def heading_prefix(self, level: int) -> str:
        """What stands before a heading of that level; 1 is the title's."""
        prefix = self.title_prefix if level == 1 else self.section_header_prefix
        if prefix is not None:
            return prefix
        return "#" * min(level, 6) + " " if self.markdown else ""

    def merged_token(self, *, left: bool, above: bool) -> str:
        """What stands in a place of a merged cell besides its first.

        Args:
            left: Whether the cell covers the place to the left, too.
            above: Whether it covers the one above.
        """
        if left and above:
            token = self.table_cell_cross_merge_cell_placeholder
        elif left:
            token = self.table_cell_left_merge_cell_placeholder
        else:
            token = self.table_cell_top_merge_cell_placeholder
        return token or self.table_cell_merge_cell_placeholder

    def written(self, word: Word) -> str:
        """A word's text; of boxes to tick and signatures, what stands for them."""
        if word.selected is None:
            return self.signature_token if word.signature else word.text
        selected, not_selected = (
            self.selection_element_selected,
            self.selection_element_not_selected,
        )
        return selected if word.selected else not_selected


_CHOICES = {
    "dialect": ("ragkit", "textractor"),
    "format": ("text", "markdown", "html"),
    "reading_order": ("layout", "raster"),
    "table_linearization_format": ("plaintext", "markdown", "html"),
}
_HIDING = {
    "HEADER": "hide_header_layout",
    "FOOTER": "hide_footer_layout",
    "PAGE_NUMBER": "hide_page_num_layout",
    "FIGURE": "hide_figure_layout",
    "TABLE": "hide_table_layout",
    "KEY_VALUE": "hide_key_value_layout",
}
_AFFIXES = {
    "TITLE": "title",
    "HEADER": "header",
    "FOOTER": "footer_layout",
    "SECTION_HEADER": "section_header",
    "PAGE_NUMBER": "page_num",
    "LIST": "list_layout",
    "FIGURE": "figure_layout",
    "TABLE": "table_layout",
    "KEY_VALUE": "key_value_layout",
    "TEXT": "text",
}


def _check(value: object, name: str, wanted: str) -> None:
    """A text, or a number that is not negative.

    Raises:
        InvalidInputError: If it is something else.
    """
    if wanted.startswith("str"):
        good, what = isinstance(value, str), "a str"
    elif wanted.startswith("int"):
        good, what = isinstance(value, int) and value is not True and value >= 0, "an int from 0"
    else:
        good = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        what = "a number from 0"
    if not good:
        raise InvalidInputError(f"{name} is {value!r}; it has to be {what}.")
