"""Tables by their rules: lattices, rules over and under, shaded cells; and what is none."""

from __future__ import annotations

from made_pages import column, fill, lattice, level, page, put, read, tables, upright

from ragkit.layout import ElementKind
from ragkit.layout.analysis import analyze_pages


def cells(rows, xs, ys, **options):
    """Words at the upper left of their cells."""
    return [
        word
        for row, y in zip(rows, ys, strict=False)
        for text, x in zip(row, xs, strict=False)
        for word in put(text, x + 4, y + 4, **options)
    ]


ROWS = [["City", "Visits"], ["New York", "1,204"], ["Oslo", "88"]]
XS, YS = [50, 200, 300], [300, 320, 340, 360]


def test_rules_part_cells_however_close_their_words_stand():
    rows = [["one two", "three"], ["four", "five six"], ["seven", "eight"]]
    xs = [50, 95, 145]
    table = page(cells(rows, xs, YS), column(50, 100, "body"), rules=lattice(xs, YS))
    assert tables(table) == [rows]
    assert "body line 5" in read(table)


def test_a_table_is_read_where_it_stands():
    words = [column(50, 100, "above"), cells(ROWS, XS, YS), column(50, 400, "below")]
    text = read(page(*words, rules=lattice(XS, YS)), format="markdown")
    assert "above line 5 has several words here\n\n| City | Visits |\n| --- | --- |" in text
    assert "| Oslo | 88 |\n\nbelow line 0" in text


def test_a_cell_without_a_rule_in_it_spans():
    rules = [level(y, 50, 400) for y in (300, 320, 340, 360)]
    rules += [upright(50, 300, 360), upright(400, 300, 360), upright(300, 300, 360)]
    rules += [upright(150, 320, 360)]
    words = [put("Both of them", 60, 304), put("Rest", 310, 304)]
    words += [cells([["a", "b", "c"], ["d", "e", "f"]], [50, 150, 300], [320, 340])]
    table = next(e.table for e in analyze_pages([page(*words, rules=rules)])[0].elements if e.table)
    assert table.to_rows() == [["Both of them", "", "Rest"], ["a", "b", "c"], ["d", "e", "f"]]
    assert table.cells[0].column_span == 2
    assert table.to_rows(fill_merged=True)[0] == ["Both of them", "Both of them", "Rest"]
    assert '<th colspan="2">Both of them</th>' in table.to_html()


def test_open_sides():
    rules = [level(y, 50, 300) for y in YS] + [upright(200, 300, 360)]
    assert tables(page(cells(ROWS, XS, YS), rules=rules)) == [ROWS]


def test_rows_without_rules_between_them_are_parted():
    rules = lattice(XS, [300, 320, 400])
    body = [["New York", "1,204"], ["Oslo", "88"], ["Bergen", "7"]]
    words = cells([["City", "Visits"]], XS, [300]) + cells(body, XS, [320, 340, 360])
    assert tables(page(words, rules=rules)) == [[["City", "Visits"], *body]]


def test_wrapped_text_in_a_cell_is_one_row():
    rules = lattice([50, 200, 400], [300, 320, 380])
    words = [put("Name", 54, 304), put("What it does", 204, 304), put("ferry", 54, 324)]
    words += [put(f"crosses the wide bay on line {n}", 204, 324 + 12 * n) for n in range(3)]
    found = tables(page(*words, rules=rules))[0]
    assert [row[0] for row in found] == ["Name", "ferry"]
    assert found[1][1].endswith("bay on line 2")


def test_columns_without_rules_between_them_are_parted():
    rules = lattice([50, 150, 400], [300, 320, 400])
    words = [put("Answer", 54, 304), put("Share", 170, 304), put("Count", 320, 304)]
    for n, (name, share, count) in enumerate([("yes", "17%", "344"), ("no", "22%", "53")]):
        y = 330 + 20 * n
        words += [put(name, 54, y), put(share, 170, y), put(count, 320, y)]
    rows = [["Answer", "Share", "Count"], ["yes", "17%", "344"], ["no", "22%", "53"]]
    assert tables(page(*words, rules=rules)) == [rows]


def test_rules_over_under_and_at_the_end():
    """As LaTeX's booktabs: narrow white between the columns, and a caption above."""
    rules = [level(y, 50, 250) for y in (300, 318, 400)]
    names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
    rows = [["name", "0.10", "0.20"], *([name, "0.33", "0.44"] for name in names)]
    rows[0] = ["name", "first", "last"]
    words = cells(rows, [50, 110, 150], [300, *range(318, 402, 13)], space=2)
    caption = put("Table 1: What was measured on two days in May of the year", 50, 282)
    found = page(column(50, 100, "body"), caption, words, rules=rules)
    assert tables(found) == [rows]
    assert "body line 5 has several words here\n\nTable 1: What was measured" in read(found)


def price_list(y, *, number=0):
    """A header, a rule, rows, and a rule at the end."""
    xs = [50, 250, 330, 420]
    rows = [["Description", "Qty", "Unit price", "Amount"]]
    rows += [[f"Hammer {number}{n}", f"{n}", f"{n}.50", f"{n}5.00"] for n in range(1, 6)]
    rules = [level(y + 18, 50, 500), level(y + 110, 50, 500)]
    return rows, cells(rows, xs, [y, *(y + 20 + 16 * n for n in range(5))]), rules


def test_a_header_above_the_first_rule_is_the_table_s():
    rows, words, rules = price_list(300)
    made = page(column(50, 100, "body"), put("Items", 50, 280, bold=True), words, rules=rules)
    assert tables(made) == [rows]
    assert "body line 5" in read(made)


def test_a_line_of_text_above_the_first_rule_is_no_header():
    rows, words, rules = price_list(300)
    above = put(
        "Prices of all that was sold in the second half of the year so far in town", 54, 304
    )
    below = [w for w in words if w.box.y0 * 800 > 310]
    assert tables(page(column(50, 100, "body"), above, below, rules=rules)) == [rows[1:]]


def test_a_caption_in_two_parts_above_the_first_rule_is_no_header():
    rules = [level(y, 50, 300) for y in (300, 320, 360)]
    caption = put("Table 2-1", 54, 286) + put("Towns", 204, 286)
    words = cells(ROWS, XS, [300, 322, 340])
    assert tables(page(column(50, 100, "body"), caption, words, rules=rules)) == [ROWS]


def test_headers_of_a_price_list_are_no_running_headers():
    made = [price_list(40, number=n) for n in range(3)]
    pages = [page(words, number=n, rules=rules) for n, (_, words, rules) in enumerate(made)]
    elements = [e for p in analyze_pages(pages) for e in p.elements]
    assert [e.kind for e in elements] == [ElementKind.TABLE] * 3


def test_wrapped_cells_between_rules_are_one_row():
    rules = [level(y, 50, 500) for y in (300, 318, 390)]
    xs, ys = [50, 150, 420], [300, *range(318, 390, 14)]
    lines = [
        ["Item", "What it is", "Price"],
        ["Hammer", "A heavy hammer of steel", "12.50"],
        ["", "with a wooden handle", ""],
        ["Nails", "Long nails for wood,", "3.20"],
        ["", "box of one hundred", ""],
        ["Glue", "Strong", "1.10"],
    ]
    words = cells(lines, xs, ys)
    assert tables(page(column(50, 100, "body"), words, rules=rules)) == [
        [
            lines[0],
            ["Hammer", "A heavy hammer of steel with a wooden handle", "12.50"],
            ["Nails", "Long nails for wood, box of one hundred", "3.20"],
            lines[5],
        ]
    ]


def test_rows_of_a_group_stay_rows():
    rules = [level(y, 50, 500) for y in (300, 318, 390)]
    rows = [["Kind", "Which", "Price"], ["Fruit", "Apple", "1.10"], ["", "Pear", "1.20"]]
    rows += [["", "Plum", ""], ["Fish", "Cod", "9.00"], ["", "Eel", "7.00"]]
    words = cells(rows, [50, 150, 420], [300, *range(318, 390, 14)])
    assert tables(page(column(50, 100, "body"), words, rules=rules)) == [rows]


def test_two_tables_of_one_width_stay_two():
    rules = [level(y, 50, 300) for y in (300, 320, 360, 500, 520, 560)]
    first = cells(ROWS, XS, [300, 322, 340])
    second = cells([["Town", "Ships"], ["Bodø", "3"], ["Moss", "5"]], XS, [500, 522, 540])
    between = column(50, 380, "between")
    assert [rows[0][0] for rows in tables(page(first, between, second, rules=rules))] == [
        "City",
        "Town",
    ]


def test_a_rule_under_a_heading_gives_it_its_columns():
    rules = [level(300, 50, 400), level(340, 50, 400), level(400, 50, 400), level(318, 150, 390)]
    words = [put("Results", 240, 304), put("name", 54, 324), put("good", 160, 324)]
    words += [put("bad", 320, 324)]
    for n in range(4):
        words.append(cells([[f"item{n}", f"{n}.5", f"{n}.7"]], [50, 156, 316], [340 + 14 * n]))
    table = next(e.table for e in analyze_pages([page(*words, rules=rules)])[0].elements if e.table)
    head = table.cells[0]
    assert (head.text, head.row, head.column, head.column_span) == ("Results", 0, 1, 2)


def test_shaded_cells_part_columns():
    rules = [level(300, 50, 250), level(400, 50, 250)]
    fills, words = [], []
    for n in range(6):
        y = 305 + 15 * n
        fills += [fill(x, y, x + 50, y + 15) for x in (50, 100, 150, 200)]
        words += cells([["1.11", "2.22", "3.33", "4.44"]], [64, 84, 134, 184], [y - 3], size=8)
    found = tables(page(words, rules=rules, fills=fills))
    assert {len(row) for row in found[0]} == {4}


def test_what_is_no_table():
    box = lattice([50, 400], [90, 200])
    assert tables(page(column(60, 100, "boxed"), rules=box)) == []
    grid = lattice(list(range(50, 500, 50)), list(range(300, 600, 30)))
    axes = put("Sales in Oslo", 200, 620) + put("high", 60, 304)
    assert tables(page(column(50, 100, "body"), axes, rules=grid)) == []
    under = [level(98, 50, 550), level(600, 50, 550)]
    marks = [w for n in range(5) for w in put("• an item of a list of several", 50, 300 + 14 * n)]
    assert tables(page(column(50, 110, "body"), marks, rules=under)) == []
    assert "- an item of a list" in read(page(marks, rules=under), format="markdown")


def test_two_columns_of_text_between_a_page_s_rules_are_no_table():
    rules = [level(90, 50, 550), level(700, 50, 550)]
    sides = []
    for x, name in ((50, "left"), (330, "right")):
        for n in range(20):
            middle = " ".join(["many", "words", "of", "differing", "length"][n % 4 :])
            sides += put(f"{name}{n} {middle} until here", x, 100 + 12 * n)
    both = page(sides, rules=rules)
    assert tables(both) == []
    text = read(both)
    assert text.index("left19") < text.index("right0")


def prose(x, y, name, lines, words="has some words of it here"):
    """Lines of a column that differ in length by a word."""
    cut = [words, words.rpartition(" ")[0]]
    return [w for n in range(lines) for w in put(f"{name}{n} {cut[n % 2]}", x, y + 12 * n)]


def test_few_lines_in_columns_between_rules_are_no_table():
    rules = [level(290, 50, 550), level(385, 50, 550)]
    sides = prose(50, 300, "left", 6) + prose(320, 300, "right", 6)
    both = page(column(50, 100, "above"), sides, column(50, 420, "below"), rules=rules)
    assert tables(both) == []
    text = read(both)
    assert text.index("left5") < text.index("right0") < text.index("right5")


def test_narrow_columns_between_rules_are_no_table():
    rules = [level(90, 50, 550), level(700, 50, 550)]
    words = [prose(50 + 130 * k, 100, f"c{k}n", 40, "has more of it") for k in range(4)]
    made = page(*words, rules=rules)
    assert tables(made) == []
    text = read(made)
    assert text.index("c0n39") < text.index("c1n0") < text.index("c2n39") < text.index("c3n0")


def test_lists_side_by_side_between_rules_are_no_table():
    rules = [level(90, 50, 550), level(300, 50, 550)]
    items = ["the first one", "a second item of the list", "more", "the last of these here"]
    words = [
        put(f"• {side} {item}", x, 150 + 14 * n)
        for x, side in ((50, "left"), (320, "right"))
        for n, item in enumerate(items)
    ]
    sides = prose(50, 100, "left", 3) + prose(320, 100, "right", 3)
    made = page(sides, *words, rules=rules)
    assert tables(made) == []
    assert "- left the first one\n- left a second item" in read(made, format="markdown")


def test_a_table_of_texts_with_a_header_stays_one():
    rules = [level(y, 50, 550) for y in (300, 318, 400)]
    words = [put("Before", 54, 304), put("After", 320, 304)]
    words += [prose(54, 322, "left", 6), prose(320, 322, "right", 6)]
    (rows,) = tables(page(*words, rules=rules))
    assert rows[0] == ["Before", "After"]


def test_authors_side_by_side_are_no_table():
    lines = ["{} Doe", "University of {}", "Town, {}", "{}@place.example"]
    names = ["Jane", "Paul", "Emma"]
    words = [
        put(line.format(name), 60 + 180 * k, 100 + 13 * n)
        for n, line in enumerate(lines)
        for k, name in enumerate(names)
    ]
    for rules in ([], [level(90, 50, 550), level(160, 50, 550)]):
        made = page(put("A title of a paper", 150, 50, size=18), *words, rules=rules)
        assert tables(made) == []
        text = read(made)
        order = [text.index(line.format(name)) for name in names for line in lines]
        assert order == sorted(order)


def test_names_with_addresses_are_no_headings():
    words = [put("Jane Doe", 60, 100, size=12), put("Paul Roe", 300, 100, size=12)]
    words += [put("Place One", 60, 116), put("Place Two", 300, 116)]
    words += [put("jane@place.example", 60, 130), put("paul@place.example", 300, 130)]
    made = page(put("A title", 150, 50, size=18), *words, column(50, 300, "body", 20))
    kinds = [e.kind for e in analyze_pages([made])[0].elements]
    assert ElementKind.TITLE in kinds
    assert ElementKind.SECTION_HEADER not in kinds


def test_the_panels_of_a_leaflet_are_no_table():
    xs, ys = [40, 300, 560], [50, 250, 450]
    corners = [(x, y) for x in xs[:2] for y in ys[:2]]
    words = [prose(x + 10, y + 10, f"p{n}n", 12) for n, (x, y) in enumerate(corners)]
    made = page(*words, rules=lattice(xs, ys))
    assert tables(made) == []
    text = read(made)
    assert all(f"p{n}n{m} has some words of it" in text for n in range(4) for m in range(12))
    # With a header it is a table, however long its cells are.
    head = [put("Old text", 50, 34), put("New text", 310, 34)]
    (rows,) = tables(page(*head, *words[:1], *words[2:3], rules=lattice(xs, [30, *ys[:2]])))
    assert rows[0] == ["Old text", "New text"]


def test_every_word_of_a_page_with_rules_is_kept_once():
    rules = lattice(XS, YS) + [level(y, 50, 300) for y in (400, 420, 470)]
    words = cells(ROWS, XS, YS) + cells(ROWS, XS, [400, 424, 444]) + column(60, 600, "body")
    found = analyze_pages([page(words, rules=rules)])[0]
    kept = sorted(w.text for line in found.iter_lines() for w in line.words)
    assert kept == sorted(w.text for w in words)
    assert [e.kind for e in found.elements][:2] == [ElementKind.TABLE] * 2


def test_many_rules_take_no_time():
    rules = [level(y / 4, 0, 600) for y in range(3000)] + [
        upright(x / 4, 0, 800) for x in range(2000)
    ]
    assert "body line 5" in read(page(column(50, 100, "body"), rules=rules))
