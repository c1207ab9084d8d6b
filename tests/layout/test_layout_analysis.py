"""Words in boxes become elements in reading order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_pages import HEIGHT, WIDTH, column, page, put, read

from ragkit.layout import ElementKind, LayoutLinearizer
from ragkit.layout.analysis import PageContent, analyze_pages
from ragkit.layout.model import LayoutDocument, Word
from ragkit.provenance import Box


def test_columns_are_read_one_after_the_other():
    text = read(page(column(50, 100, "left"), column(330, 106, "right")))
    assert text.index("left line 5") < text.index("right line 0")


def test_a_title_across_columns_comes_first():
    title = put("A title that runs across both of the columns", 60, 50, size=22, bold=True)
    text = read(page(column(50, 100, "left"), column(330, 100, "right"), title), format="markdown")
    assert text.startswith("# A title that runs across both of the columns\n\nleft line 0")


def test_three_columns():
    words = [column(x, 100, name) for x, name in ((20, "one"), (220, "two"), (420, "three"))]
    text = read(page(*words))
    firsts = [text.index(f"{name} line 0") for name in ("one", "two", "three")]
    assert firsts == sorted(firsts)
    assert text.index("one line 5") < text.index("two line 0")


def test_the_order_of_the_words_does_not_matter():
    words = column(50, 100, "left") + column(330, 100, "right")
    assert read(page(words)) == read(page(words[::-1])) == read(page(words[::2], words[1::2]))


def test_running_lines_are_found_by_repetition():
    pages = [
        page(
            put("The Journal of Examples", 50, 30, size=8),
            column(50, 100, f"page{n}"),
            put(f"Page {n + 1}", 280, 770, size=8),
            number=n,
        )
        for n in range(3)
    ]
    assert "Journal" not in read(*pages)
    assert "Page 2" not in read(*pages)
    kinds = [e.kind for e in analyze_pages(pages)[1].elements]
    assert (kinds[0], kinds[-1]) == (ElementKind.HEADER, ElementKind.PAGE_NUMBER)


def test_running_lines_of_a_single_page_are_small_short_and_at_the_edge():
    body = column(50, 100, "body")
    assert "Journal" not in read(page(put("The Journal of Examples", 50, 25, size=8), body))
    ends = put("Vol. 3", 50, 740, size=8) + put("May 2026", 500, 740, size=8)
    assert "Vol. 3" not in read(page(body, column(50, 640, "last"), ends))
    for words in (
        put("The Journal of Examples", 50, 25, size=14),  # a title
        put("The Journal of Examples", 50, 70, size=8),  # not at the edge
        put("The Journal of Examples and of whatever else " * 4, 50, 25, size=8, space=1),
        put("The Journal of Examples", 50, 92, size=8),  # close to the text
    ):
        assert "The Journal of Examples" in read(page(words, body))


def test_headings_by_size_weight_and_capitals():
    words = [
        put("The Whole Title", 50, 40, size=24, bold=True),
        put("1 Large heading", 50, 90, size=14, bold=True),
        column(50, 120, "body"),
        put("Small heading", 50, 210, bold=True),
        column(50, 230, "body"),
        put("IN CAPITALS", 50, 320),
        column(50, 333, "body"),
    ]
    lines = read(page(*words), format="markdown").splitlines()
    found = [line for line in lines if line.startswith("#")]
    assert found == [
        "# The Whole Title",
        "## 1 Large heading",
        "### Small heading",
        "#### IN CAPITALS",
    ]


def test_lists_with_wrapped_and_nested_items():
    words = [
        put("• first item goes on for a while", 50, 100),
        put("and on to a second line", 58, 112),
        put("– nested item", 70, 124),
        put("• last item", 50, 136),
    ]
    expected = (
        "- first item goes on for a while and on to a second line\n  - nested item\n- last item"
    )
    assert read(page(column(50, 20, "body"), *words), format="markdown").endswith(expected)


def test_a_marker_far_from_its_item():
    words = [put("1.", 50, 100), put("one thing", 85, 100), put("2.", 50, 112), put("two", 85, 112)]
    assert read(page(*words)) == "1. one thing\n2. two"


def test_tables_by_alignment():
    rows = [("Year", "Sold", "Lost"), ("2022", "1,021.7", "11.6"), ("2023", "1,068.9", "9.9")]
    words = [
        put(c, 50 + 120 * j, 100 + 14 * i) for i, r in enumerate(rows) for j, c in enumerate(r)
    ]
    text = read(page(*words), format="markdown")
    assert text.splitlines()[2] == "| 2022 | 1,021.7 | 11.6 |"


def test_cells_of_two_lines():
    words = [
        *[put(c, 50 + 120 * j, 100) for j, c in enumerate(("Thing", "Note", "Price"))],
        *[put(c, 50 + 120 * j, 130) for j, c in enumerate(("Lamp", "works but", "3"))],
        put("flickers", 170, 142),
        *[put(c, 50 + 120 * j, 160) for j, c in enumerate(("Chair", "sound", "9"))],
    ]
    assert "| Lamp | works but flickers | 3 |" in read(page(*words), format="markdown")


def test_fields_of_a_form():
    words = [
        w
        for i, (key, value) in enumerate([("Name:", "Ada"), ("Town:", "Larkfield"), ("Age:", "4")])
        for w in put(key, 50, 100 + 20 * i, bold=True) + put(value, 200, 100 + 20 * i)
    ]
    (element,) = analyze_pages([page(words)])[0].elements
    assert element.kind is ElementKind.KEY_VALUE
    assert read(page(words)) == "Name: Ada\nTown: Larkfield\nAge: 4"


def test_a_field_of_a_form_that_holds_a_dash_only():
    pairs = [("Name", "Miller"), ("Street", "—"), ("Town", "Berlin"), ("Mail", "-")]
    words = [
        put(key, 50, 100 + 20 * i, bold=True) + put(value, 200, 100 + 20 * i)
        for i, (key, value) in enumerate(pairs)
    ]
    assert read(page(*words)) == "Name: Miller\nStreet: —\nTown: Berlin\nMail: -"


def test_pairs_of_labels_and_values_side_by_side():
    left = [("Name:", "Ada"), ("Town:", "Larkfield"), ("Age:", "4")]
    right = [("Phone:", "030 12345"), ("Mail:", "ada@larkfield"), ("Since:", "2019")]
    words = [
        put(text, x, 100 + 20 * i)
        for i, row in enumerate(zip(left, right, strict=True))
        for text, x in zip([*row[0], *row[1]], (50, 150, 300, 400), strict=True)
    ]
    assert read(page(*words)).splitlines() == [
        "Name: Ada",
        "Phone: 030 12345",
        "Town: Larkfield",
        "Mail: ada@larkfield",
        "Age: 4",
        "Since: 2019",
    ]


@pytest.mark.parametrize("bold", [False, True])
def test_a_value_of_two_lines_beside_a_label(bold):
    rows = [("Name:", "Ada"), ("Street:", "12 Long Street in"), ("", "the old town"), ("Age:", "4")]
    words = [
        put(key, 50, 100 + y, bold=bold) + put(value, 200, 100 + y)
        for y, (key, value) in zip((0, 14, 29, 43), rows, strict=True)
    ]
    assert read(page(*words)) == "Name: Ada\nStreet: 12 Long Street in the old town\nAge: 4"


def test_a_bold_group_over_several_rows_is_no_label():
    rows = [("Birds", "wren"), ("", "owl"), ("Fish", "eel"), ("", "cod"), ("Trees", "oak")]
    words = [
        put(key, 50, 100 + y, bold=True) + put(value, 200, 100 + y)
        for y, (key, value) in zip((0, 20, 34, 54, 68), rows, strict=True)
    ]
    (element,) = analyze_pages([page(*words)])[0].elements
    assert element.kind is ElementKind.TABLE


def test_numbers_of_lines_are_no_labels():
    rows = [("1:", "loop"), ("2:", "take the next word that"), ("", "is left"), ("3:", "stop")]
    words = [
        put(key, 50, 100 + y) + put(value, 100, 100 + y)
        for y, (key, value) in zip((0, 14, 29, 43), rows, strict=True)
    ]
    (element,) = analyze_pages([page(*words)])[0].elements
    assert element.kind is ElementKind.TABLE


def test_signs_in_a_column_are_no_labels():
    signs = [("+", "adds two numbers up"), ("/", "divides one by another"), ("%", "the rest of it")]
    words = [put(a, 50, 100 + 20 * i) + put(b, 120, 100 + 20 * i) for i, (a, b) in enumerate(signs)]
    (element,) = analyze_pages([page(*words)])[0].elements
    assert element.kind is ElementKind.TABLE


def test_a_line_of_a_sign_only_goes_on_with_its_paragraph():
    lines = ["where the sum is over all", "=", "of the terms that are left"]
    words = [put(line, 50, 100 + 12 * i) for i, line in enumerate(lines)]
    (element,) = analyze_pages([page(*words, put("Another one", 50, 300))])[0].elements[:-1]
    assert [line.text for line in element.lines] == lines


def test_stretched_lines_are_no_table():
    words = [
        put("a narrow column that is justified", 50, 100, space=4),
        put("stretches some lines", 50, 112, space=16),
        put("very far", 50, 124, space=15),
        put("and others not at all as here", 50, 136, space=4),
    ]
    assert all(e.kind is ElementKind.TEXT for e in analyze_pages([page(*words)])[0].elements)


def test_paragraphs_by_space_indent_and_short_lines():
    full = "this line of text fills the whole width of its column"
    words = [
        put(full, 50, 100),
        put("and ends here.", 50, 112),
        put("A new one begins " + full[:30], 50, 124),
        put(full, 50, 136),
        put("indented line that is as wide as others", 70, 148),
        put(full, 50, 160),
        put(full, 50, 190),
    ]
    assert len(analyze_pages([page(*words)])[0].elements) == 4


def test_sideways_text_comes_last_and_beside_the_text_is_no_part_of_it():
    inside = Word("sideways", Box(0.2, 0.3, 0.22, 0.6), 12)
    stamp = Word("arXiv:1234", Box(0.02, 0.3, 0.04, 0.6), 12)
    text = read(page([stamp, inside], column(50, 100, "body")))
    assert text.endswith("sideways")
    assert "arXiv:1234" not in text
    assert "arXiv:1234" in read(page([stamp], column(50, 100, "body")), hide_header_layout=False)


def test_right_to_left_lines():
    words = [
        Word("אחד", Box(0.5, 0.1, 0.6, 0.12), 10),
        Word("שתים", Box(0.38, 0.1, 0.49, 0.12), 10),
        Word("שלוש", Box(0.27, 0.1, 0.37, 0.12), 10),
    ]
    assert read(page(words)) == "אחד שתים שלוש"


@pytest.mark.parametrize("pages", [[], [page()], [page(), page([Word("x")])]])
def test_little_or_nothing(pages):
    found = analyze_pages(pages)
    assert [len(p.elements) for p in found] == [len(p.words) for p in pages]


number = st.floats(-0.5, 1.5, width=16)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h), number, number, st.floats(0, 1), st.floats(0, 0.3)
)
texts = st.sampled_from(["word", "•", "1.", "A", "12", "CAPITALS", "[", "]", "end.", "בית", "x-"])
word_lists = st.lists(
    st.builds(Word, texts, boxes, st.sampled_from([0, 8, 10, 24]), st.booleans()), max_size=25
)


@given(st.lists(word_lists, min_size=1, max_size=3))
def test_whatever_the_words_none_is_lost(lists):
    pages = [PageContent(n, str(n), WIDTH, HEIGHT, words=words) for n, words in enumerate(lists)]
    found = analyze_pages(pages)
    for before, after in zip(pages, found, strict=True):
        kept = [w.text for line in after.iter_lines() for w in line.words]
        # An initial and the rest of its word are one word afterwards.
        assert sorted("".join(kept)) == sorted("".join(w.text for w in before.words))
    layout = LayoutDocument("a.pdf", found)
    for form in ("text", "markdown"):
        for document in LayoutLinearizer(format=form).transform(layout):
            for region in document.regions:
                assert document.page_content[region.start : region.end].strip()
