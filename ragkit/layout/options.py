"""The options of `LayoutLinearizer`, and what each of them does."""

from __future__ import annotations

from typing import Literal, TypedDict

__all__ = ["OPTION_NAMES", "LinearizerOptions"]


class LinearizerOptions(TypedDict, total=False):
    r"""The keyword arguments of `LayoutLinearizer`.

    They have the names that amazon-textract-textractor gives them in its
    ``TextLinearizationConfig``; ragkit adds `format`, `reading_order`, `mend_broken_words` and
    `page_separator`. Prefixes and suffixes are written as they are, never escaped. The defaults
    here are ragkit's; `LayoutLinearizer.textractor` and its siblings have others.

    In HTML a prefix that is a tag takes the place of ragkit's tag, and the suffix that of its
    end; other prefixes and suffixes stand within ragkit's tags. A Markdown or text file is
    written as it stands, whatever the options for elements say.

    Attributes:
        format: ``"text"``, ``"markdown"`` or ``"html"``. HTML is a fragment without ``<html>`` and
            ``<body>``: pages and chunks of it go into pages of your own. Default ``"text"``.
        reading_order: ``"layout"`` reads column by column; ``"raster"`` reads across the whole
            page, as a baseline to compare with. Default ``"layout"``.
        hide_header_layout: Leaves out running headers. Default True.
        hide_footer_layout: Leaves out running footers. Default True.
        hide_page_num_layout: Leaves out page numbers. Default True.
        hide_figure_layout: Leaves out the text in figures. Default False.
        hide_table_layout: Leaves out tables; captions stay. Default False.
        hide_key_value_layout: Leaves out forms. Default False.
        title_prefix: Before the title. Default None: ``"# "`` in Markdown, ``"<h1>"`` in HTML.
        title_suffix: After it. Default None: the tag's end in HTML.
        header_prefix: Before each running header. Default ``""``.
        header_suffix: After it. Default ``""``.
        section_header_prefix: Before each heading. Default None: ``"## "``, ``"### "`` … by level
            in Markdown, ``"<h2>"``, ``"<h3>"`` … in HTML.
        section_header_suffix: After it. Default None: the tag's end in HTML.
        text_prefix: Before each paragraph. Default None: ``"<p>"`` in HTML.
        text_suffix: After it. Default None: the tag's end in HTML.
        list_layout_prefix: Before each list. Default None: ``"<ul>"`` or ``"<ol>"`` in HTML.
        list_layout_suffix: After it. Default None: the tag's end in HTML.
        list_element_prefix: Before each item of a list. Default None: ``"<li>"`` in HTML.
        list_element_suffix: After it. Default None: the tag's end in HTML.
        list_element_separator: Between the items of a list. Default ``"\n"``.
        figure_layout_prefix: Before the text in each figure. Default ``""``.
        figure_layout_suffix: After it. Default ``""``.
        footer_layout_prefix: Before each running footer. Default ``""``.
        footer_layout_suffix: After it. Default ``""``.
        page_num_prefix: Before each page number. Default ``""``.
        page_num_suffix: After it. Default ``""``.
        entity_layout_prefix: Before each line for which a service found no kind.
            Default ``""``.
        entity_layout_suffix: After it. Default ``""``.
        key_value_layout_prefix: Before each form. Default ``""``.
        key_value_layout_suffix: After it. Default ``""``.
        key_value_prefix: Before each field of a form. Default ``""``.
        key_value_suffix: After it. Default ``""``.
        key_prefix: Before the label of each field. Default ``""``.
        key_suffix: After the label. Default None: ``": "`` if a value follows, or a blank where
            the label ends with a colon.
        value_prefix: Before the value of each field that has one. Default ``""``.
        value_suffix: After it. Default ``""``.
        table_layout_prefix: Before each region that is a table, which may hold lines beside it.
            Default ``""``.
        table_layout_suffix: After it. Default ``""``.
        table_linearization_format: What tables become: ``"plaintext"``, ``"markdown"`` or
            ``"html"``, which alone has spans. Default None: what `format` says.
        table_tabulate_format: How tables of Markdown are drawn: ``"github"``, ``"grid"`` … by
            tabulate's names; also in text, where no other format of tables is given.
            Default None: Markdown without padding.
        table_tabulate_remove_extra_hyphens: Makes one hyphen of several in the rules of such
            tables, which saves tokens. Default False.
        table_remove_column_headers: In Markdown, whether a table without a header gets an
            empty one, and not its first row, or numbers. Headers that the document has
            stay. Default False.
        table_column_header_threshold: In Markdown, the part of the first row's cells that have to
            be a header's for the row to be the header, 0 to 1; else columns get numbers. Default
            None: the first row is the header.
        table_flatten_headers: Makes one row of a header that has several, with the texts that
            stand below each other. Default False.
        table_flatten_semi_structured_as_plaintext: Writes tables that a service calls
            semi-structured as text, a line for each row. Default False.
        table_duplicate_text_in_merged_cells: Whether a merged cell's text stands in every place
            that it spans, and not only in the first. Default False.
        table_min_table_words: Tables with fewer words are written as text, a line for each row.
            Default 0.
        table_prefix: Before each table. Default ``""``.
        table_suffix: After it. Default ``""``.
        table_row_prefix: Before each row, in text and HTML. Default ``""``.
        table_row_suffix: After it. Default ``""``.
        table_row_separator: Between rows, in text. Default ``"\n"``.
        table_column_separator: Between cells, in text. Default ``"\t"``.
        table_cell_prefix: Before what stands in each cell. Default ``""``.
        table_cell_suffix: After it. Default ``""``.
        table_cell_header_prefix: The same for cells of a header. Default ``""``: as of other
            cells.
        table_cell_header_suffix: After it. Default ``""``: as of other cells.
        table_cell_empty_cell_placeholder: What stands in cells without text. Default ``""``.
        table_cell_merge_cell_placeholder: What stands in the places that a merged cell covers
            besides its first; not in HTML, which has spans. Default ``""``.
        table_cell_left_merge_cell_placeholder: The same where it goes on from the left. Default
            ``""``: as the one for all.
        table_cell_top_merge_cell_placeholder: The same where it goes on from above. Default
            ``""``: as the one for all.
        table_cell_cross_merge_cell_placeholder: The same where it goes on from both. Default
            ``""``: as the one for all.
        table_title_prefix: Before the title of each table. Default ``""``.
        table_title_suffix: After it. Default ``""``.
        table_footers_prefix: Before the footers of each table. Default ``""``.
        table_footers_suffix: After them. Default ``""``.
        table_add_title_as_caption: Whether a table's title becomes its ``<caption>`` where it is
            HTML, and does not stand by itself. Default False.
        table_add_footer_as_paragraph: The same for its footers, which become paragraphs in a last
            row. Default False.
        selection_element_selected: What a ticked box becomes; at the head of a list's item in
            Markdown it is ``"- [x]"``. Default ``"[X]"``.
        selection_element_not_selected: What a box becomes that is not ticked. Default ``"[ ]"``.
        signature_token: What the place of a signature becomes. Default ``"[SIGNATURE]"``.
        same_paragraph_separator: Between the lines of a paragraph. Default ``" "``.
        same_layout_element_separator: Between what stands in one element: fields of a form,
            paragraphs that the heuristics part, a form among lines. Default ``"\n"``.
        layout_element_separator: Between elements. Default ``"\n\n"``.
        page_separator: Between pages, where a text holds several. Default None: a blank line.
        mend_broken_words: Whether words that were broken at a line's end are put together.
            Default True.
        remove_new_lines_in_leaf_elements: Whether headings, running headers and footers, items of
            lists, labels and values are on one line each. Default True.
        max_number_of_consecutive_new_lines: How many line breaks may follow each other; 0
            makes blanks of them. Default None: any number.
        max_number_of_consecutive_spaces: How many spaces may follow each other; in Markdown those
            at the edges of lines stay, for they mean something. Default None: any number.
        heuristic_h_tolerance: How far the left edges of two lines of a paragraph may be apart, as
            a part of the upper one's length. Default None: any distance.
        heuristic_line_break_threshold: How much room may be between two lines of a paragraph, as
            a part of the smaller one's height. Default None: any.
        heuristic_overlap_ratio: Reads lines of an element from left to right that share at least
            this part of their heights. Default None: lines stay in the loader's order.
        add_prefixes_and_suffixes_in_text: Whether prefixes and suffixes that are given
            are written; marks of Markdown and tags of HTML stay. Default True.
        add_prefixes_and_suffixes_as_words: Whether they are among the words of
            `LayoutLinearizer.to_text_and_words`. Default False.
        add_ids_to_html_tags: Whether tags of HTML have the service's id for what they stand
            for. Default False.
        add_short_ids_to_html_tags: The same, with the first eight characters of the id. Default
            False.
    """

    format: Literal["text", "markdown", "html"]
    reading_order: Literal["layout", "raster"]
    hide_header_layout: bool
    hide_footer_layout: bool
    hide_page_num_layout: bool
    hide_figure_layout: bool
    hide_table_layout: bool
    hide_key_value_layout: bool
    title_prefix: str | None
    title_suffix: str | None
    header_prefix: str
    header_suffix: str
    section_header_prefix: str | None
    section_header_suffix: str | None
    text_prefix: str | None
    text_suffix: str | None
    list_layout_prefix: str | None
    list_layout_suffix: str | None
    list_element_prefix: str | None
    list_element_suffix: str | None
    list_element_separator: str
    figure_layout_prefix: str
    figure_layout_suffix: str
    footer_layout_prefix: str
    footer_layout_suffix: str
    page_num_prefix: str
    page_num_suffix: str
    entity_layout_prefix: str
    entity_layout_suffix: str
    key_value_layout_prefix: str
    key_value_layout_suffix: str
    key_value_prefix: str
    key_value_suffix: str
    key_prefix: str
    key_suffix: str | None
    value_prefix: str
    value_suffix: str
    table_layout_prefix: str
    table_layout_suffix: str
    table_linearization_format: Literal["plaintext", "markdown", "html"] | None
    table_tabulate_format: str | None
    table_tabulate_remove_extra_hyphens: bool
    table_remove_column_headers: bool
    table_column_header_threshold: float | None
    table_flatten_headers: bool
    table_flatten_semi_structured_as_plaintext: bool
    table_duplicate_text_in_merged_cells: bool
    table_min_table_words: int
    table_prefix: str
    table_suffix: str
    table_row_prefix: str
    table_row_suffix: str
    table_row_separator: str
    table_column_separator: str
    table_cell_prefix: str
    table_cell_suffix: str
    table_cell_header_prefix: str
    table_cell_header_suffix: str
    table_cell_empty_cell_placeholder: str
    table_cell_merge_cell_placeholder: str
    table_cell_left_merge_cell_placeholder: str
    table_cell_top_merge_cell_placeholder: str
    table_cell_cross_merge_cell_placeholder: str
    table_title_prefix: str
    table_title_suffix: str
    table_footers_prefix: str
    table_footers_suffix: str
    table_add_title_as_caption: bool
    table_add_footer_as_paragraph: bool
    selection_element_selected: str
    selection_element_not_selected: str
    signature_token: str
    same_paragraph_separator: str
    same_layout_element_separator: str
    layout_element_separator: str
    page_separator: str | None
    mend_broken_words: bool
    remove_new_lines_in_leaf_elements: bool
    max_number_of_consecutive_new_lines: int | None
    max_number_of_consecutive_spaces: int | None
    heuristic_h_tolerance: float | None
    heuristic_line_break_threshold: float | None
    heuristic_overlap_ratio: float | None
    add_prefixes_and_suffixes_in_text: bool
    add_prefixes_and_suffixes_as_words: bool
    add_ids_to_html_tags: bool
    add_short_ids_to_html_tags: bool


OPTION_NAMES = tuple(LinearizerOptions.__annotations__)
"""Of all options."""
