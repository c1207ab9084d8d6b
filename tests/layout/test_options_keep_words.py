"""Whatever the options: each word is written once, with its place, and is in a part."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from made_layouts import SHOWN, layouts

from ragkit.layout import LayoutLinearizer
from ragkit.splitting import LayoutSplitter

AFFIXES = st.sampled_from(["", "{", "<b>", " * ", "\n\n\n"])
SEPARATORS = st.sampled_from([" ", "\n", "\n\n", " | ", "\n\n\n\n"])
TOKENS = st.sampled_from(["", "-", "^"])
NUMBERS = st.sampled_from([None, 0, 0.2, 0.9])
OTHERS = {
    "format": st.sampled_from(["text", "markdown", "html"]),
    "table_linearization_format": st.sampled_from([None, "plaintext", "markdown", "html"]),
    "table_tabulate_format": st.sampled_from([None, "github", "grid", "plain", "pipe"]),
    "table_column_header_threshold": NUMBERS,
    "heuristic_h_tolerance": NUMBERS,
    "heuristic_line_break_threshold": NUMBERS,
    "heuristic_overlap_ratio": NUMBERS,
    "table_min_table_words": st.sampled_from([0, 2, 5]),
    "max_number_of_consecutive_new_lines": st.sampled_from([None, 0, 1, 2]),
    "max_number_of_consecutive_spaces": st.sampled_from([None, 0, 1, 2]),
}
FLAGS = [
    "table_tabulate_remove_extra_hyphens",
    "table_remove_column_headers",
    "table_flatten_semi_structured_as_plaintext",
    "table_add_title_as_caption",
    "table_add_footer_as_paragraph",
    "mend_broken_words",
    "remove_new_lines_in_leaf_elements",
    "add_prefixes_and_suffixes_in_text",
    "add_prefixes_and_suffixes_as_words",
]
KEEPING_ALL = st.fixed_dictionaries(
    {},
    optional={
        **OTHERS,
        **dict.fromkeys(FLAGS, st.booleans()),
        **{
            f"{name}_{end}": AFFIXES
            for name in [
                "title", "header", "section_header", "text", "list_layout", "list_element",
                "figure_layout", "footer_layout", "page_num", "entity_layout",
                "key_value_layout", "key_value", "key", "value", "table_layout", "table",
                "table_row", "table_cell", "table_cell_header", "table_title", "table_footers",
            ]
            for end in ("prefix", "suffix")
        },
        **dict.fromkeys(
            [
                "list_element_separator", "table_row_separator", "table_column_separator",
                "same_paragraph_separator", "same_layout_element_separator",
                "layout_element_separator", "page_separator",
            ],
            SEPARATORS,
        ),
        **{
            f"table_cell_{name}_cell_placeholder": TOKENS
            for name in ("empty", "merge", "left_merge", "top_merge", "cross_merge")
        },
    },
)  # fmt: skip


MAKERS = st.sampled_from(
    [
        LayoutLinearizer,
        LayoutLinearizer.textractor,
        LayoutLinearizer.textractor_markdown,
        LayoutLinearizer.textractor_html,
    ]
)


def made_by(maker, options):
    """A linearizer, or another example where a table of Markdown would be in a page of HTML."""
    form = options.get("table_linearization_format")
    markdown = form == "markdown" or (
        form is None
        and maker == LayoutLinearizer.textractor_markdown
        and "table_linearization_format" not in options
    )
    is_html = options.get("format", "html" if maker == LayoutLinearizer.textractor_html else "")
    assume(not (markdown and is_html == "html"))
    return maker(**SHOWN, **options)


def words_of(text):
    return re.findall(r"w\d+w", text)


@settings(max_examples=80, deadline=None)
@given(layouts(), MAKERS, KEEPING_ALL)
def test_each_word_is_written_once_with_its_place(made, maker, options):
    layout, boxes = made
    linearizer = made_by(maker, options)
    documents = linearizer.transform(layout, by="document")
    text = "".join(document.page_content for document in documents)
    assert Counter(words_of(text)) == dict.fromkeys(boxes, 1)
    assert text == linearizer.to_text(layout) or not boxes
    for document in documents:
        for match in re.finditer(r"w\d+w", text):
            (region,) = document.regions_of(*match.span())
            box = boxes[match[0]]
            assert region.box.contains(box, slack=1e-3)
            assert abs(region.box.width - box.width) < 1e-3
    written, words = linearizer.to_text_and_words(layout)
    assert written == text or not boxes
    listed = [word.text for word in words if word.text in boxes]
    assert listed == words_of(text)


@settings(max_examples=80, deadline=None)
@given(layouts(), MAKERS, KEEPING_ALL, st.integers(20, 200))
def test_each_word_is_in_a_part_of_those_who_cut(made, maker, options, size):
    layout, boxes = made
    linearizer = made_by(maker, options)
    found = linearizer.transform_with_parts(layout, size)
    if not boxes:
        return
    document, parts = found
    text = document.page_content
    at = 0
    for part in parts:
        assert at <= part.start < part.end <= len(text)
        assert not words_of(text[at : part.start])
        at = part.end
    assert not words_of(text[at:])
    chunks = LayoutSplitter(chunk_size=size, linearizer=linearizer).split_documents([layout])
    joined = "".join(words_of("".join(chunk.page_content for chunk in chunks)))
    assert joined == "".join(words_of(text))
    assert set(words_of(text)) == set(boxes)
