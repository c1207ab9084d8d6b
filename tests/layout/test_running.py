"""Running headers, footers and page numbers, and what only looks like them."""

from __future__ import annotations

import pytest
from made_pages import column, page, put, read

from ragkit.layout import ElementKind
from ragkit.layout.analysis import analyze_pages

RUNNING = (ElementKind.HEADER, ElementKind.FOOTER, ElementKind.PAGE_NUMBER)


def pages(make, count=4):
    """Pages of text, and of what `make` puts beside it for each number."""
    return [page(*make(n), column(50, 200, f"page{n}"), number=n) for n in range(count)]


def kept(made):
    """The words of the body, page headers and the like left out."""
    return read(*made, hide_header_layout=True, hide_footer_layout=True, hide_page_num_layout=True)


@pytest.mark.parametrize(
    "line",
    [
        lambda n: f"Page {n + 3} of 12",
        lambda n: f"- {n + 1} -",
        lambda n: f"{n + 12} | On the use of examples",
        lambda n: f"Chapter {1 + n // 2} · {n + 41}",
        lambda n: f"Annual report of 12 March 2024, page {n + 1}",
        lambda n: f"Form 1040 (2024), revised on 3.4.2024 {n + 1}",
        lambda n: f"A-{n + 5}",
        lambda n: f"Preface {['vii', 'viii', 'ix', 'x'][n]}",
        lambda n: ["xiii", "xiv", "xv", "xvi"][n],
        lambda n: str([2, 4, 11, 27][n]),  # pages are left out
    ],
)
@pytest.mark.parametrize("y", [30, 760])
def test_lines_with_the_pages_number_are_running(line, y):
    made = pages(lambda n: [put(line(n), 200, y, size=8)])
    for n, analysed in enumerate(analyze_pages(made)):
        assert [e.text for e in analysed.elements if e.kind in RUNNING] == [line(n)]


@pytest.mark.parametrize(
    ("line", "y", "size", "bold"),
    [
        (lambda n: f"Chapter {n + 1}", 80, 20, True),
        (lambda n: f"Question {n + 1} (10 points)", 80, 12, True),
        (lambda n: f"Question {n + 1}", 80, 10, False),
        (lambda n: f"Answer: {7 * n + 7}", 700, 10, False),
        (lambda n: f"Net result {n + 1}.{3 * n + 3} million", 720, 10, False),
        (lambda n: f"Table {n + 1}", 40, 9, False),
        (lambda n: f"{3 * n}.25", 90, 10, False),
    ],
)
def test_other_numbers_are_content(line, y, size, bold):
    made = pages(lambda n: [put(line(n), 50, y, size=size, bold=bold)])
    assert all(line(n) in kept(made) for n in range(4))


def test_rows_of_a_table_are_no_running_lines():
    def rows(n):
        years = range(1900 + 45 * n, 1945 + 45 * n)
        return [
            w
            for i, year in enumerate(years)
            for x, text in ((50, str(year)), (200, f"{i % 9}.5"), (350, "0"))
            for w in put(text, x, 40 + 16 * i)
        ]

    text = kept([page(rows(n), number=n) for n in range(3)])
    assert [year for year in range(1900, 2035) if str(year) not in text] == []
    assert text.count("\t0\n") + text.endswith("\t0") == 135


def test_the_repeated_header_of_a_table_is_part_of_it():
    def rows(n):
        head = [
            w for x, t in ((50, "Part"), (200, "Colour"), (350, "Price")) for w in put(t, x, 40)
        ]
        cells = ((50, "Bolt"), (200, "red"), (350, "1.20"))
        return head + [w for i in range(20) for x, t in cells for w in put(t, x, 56 + 16 * i)]

    assert "Colour" in kept([page(rows(n), number=n) for n in range(3)])


def test_figures_of_one_page_do_not_repeat_each_other():
    ticks = [w for i in range(3) for w in put("100", 60, 60 + 4 * i, size=4)]
    made = [page(ticks, column(50, 200, "first")), page(column(50, 200, "second"), number=1)]
    assert kept(made).count("100") == 3


def test_equation_numbers_are_no_page_numbers():
    made = pages(
        lambda n: [put("a = b + c" if n else "x + y = z", 200, 90), put(f"({n + 1})", 500, 90)], 2
    )
    assert all(f"({n + 1})" in kept(made) for n in range(2))


def test_a_number_that_is_no_pages_beside_running_lines_is_running():
    made = pages(
        lambda n: [
            put("Proposed Rules", 50, 770, size=8),
            put(f"Jkt {n * n + 4}", 300, 770, size=8),
        ]
    )
    assert "Jkt" not in kept(made)


def test_words_of_a_stretched_line_do_not_repeat_each_other():
    def line(n):
        words = ("and", "abcd"[n], "efgh"[n], "the", "ijkl"[n])
        return [w for i, word in enumerate(words) for w in put(word, 50 + 100 * i, 740)]

    text = kept(pages(lambda n: [line(n)]))
    assert (text.count("and"), text.count("the")) == (4, 4)


def test_the_first_and_last_row_of_a_letter_are_its_own():
    ends = [
        [*put("Invoice No. 4711", 50, 55), *put("12 March 2024", 450, 55)],
        [*put("Total due", 50, 730), *put("1,234.00", 500, 730)],
    ]
    text = kept([page(*ends, column(50, 120, "body"), column(50, 600, "more"))])
    for words in ("Invoice No. 4711", "12 March 2024", "Total due", "1,234.00"):
        assert words in text


def test_the_same_row_smaller_or_at_the_very_edge_is_running():
    for y, size in ((730, 8), (770, 10)):
        ends = [*put("Form 17", 50, y, size=size), *put("May 2026", 500, y, size=size)]
        assert "Form 17" not in kept([page(column(50, 120, "body"), column(50, 600, "b"), ends)])


@pytest.mark.parametrize(
    "titles",
    [
        ("Agenda", "Method", "Results", "Results", "Results", "Agenda", "Cost", "Team", "Agenda"),
        ("Agenda", "Results", "Method", "Cost", "Agenda"),
    ],
)
def test_titles_of_slides_that_come_again_are_no_running_lines(titles):
    made = pages(lambda n: [put(titles[n], 50, 60, size=20, bold=True)], len(titles))
    text = kept(made)
    assert all(text.count(title) == titles.count(title) for title in titles)


def test_a_large_line_that_most_pages_have_is_running():
    made = pages(lambda n: [put("Town of Springfield", 50, 40, size=16, bold=True)] * (n > 0))
    assert "Springfield" not in kept(made)


LETTER = [column(50, 120, "body"), column(50, 300, "more")]


@pytest.mark.parametrize("heights", [(740,), (740, 752), (728, 740, 752)])
@pytest.mark.parametrize("size", [7, 8])
def test_small_type_at_the_foot_of_a_letter_is_its_footer(heights, size):
    lines = [put(f"Acme Tools, Long Street {y}, Berlin", 200, y, size=size) for y in heights]
    made = page(*LETTER, *lines)
    footers = [e.text for e in analyze_pages([made])[0].elements if e.kind is ElementKind.FOOTER]
    assert footers == [f"Acme Tools, Long Street {y}, Berlin" for y in heights]


def test_a_line_at_the_very_edge_of_a_letter_is_its_footer():
    assert "Acme" not in kept([page(*LETTER, put("Acme Tools, Berlin", 200, 758))])


@pytest.mark.parametrize(
    "line",
    [
        "1 See the report of last year",
        "1See the report of last year",
        "∗ Without tax",
        "Source: the office of statistics",
        "Figure 2: The new bridge",
    ],
)
def test_notes_and_captions_at_the_foot_are_text(line):
    assert line in kept([page(*LETTER, put(line, 50, 730, size=8))])


def test_small_type_close_to_the_text_or_of_many_lines_is_text():
    mark = put("( 13)", 50, 730, size=6), put("See the report", 78, 730, size=8)
    assert "report" in kept([page(*LETTER, *mark)])
    many = [put(f"Small line {n}", 50, 690 + 10 * n, size=8) for n in range(7)]
    assert "Small line" in kept([page(*LETTER, *many)])
    near = put("Small line", 50, 720, size=8)
    assert "Small line" in kept([page(*LETTER, column(50, 640, "last"), near)])


@pytest.mark.parametrize("amount", ["{}50.00", "EUR {}50,20", "-1.{}50,00 €"])
def test_what_stands_beside_an_amount_stays_with_it(amount):
    def lines(n):
        value = amount.format(3 * n * n + 1)
        sum_of_page = [*put("Balance carried forward", 50, 730), *put(value, 500, 730)]
        return [put("Statement 4/2024", 50, 30, size=8), sum_of_page]

    text = kept(pages(lines))
    assert text.count("Balance carried forward") == 4
    assert "Statement" not in text


def test_a_sections_number_beside_its_running_name_is_no_amount():
    made = pages(lambda n: [put("The Bridge", 50, 30, size=8), put(f"{n}.{n * n + 10}", 500, 30)])
    assert "The Bridge" not in kept(made)
