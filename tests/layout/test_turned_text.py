"""Text that runs up, down or upside-down, on upright pages and on whole turned ones."""

from __future__ import annotations

import pytest
from PIL import ImageChops
from reportlab.pdfgen.canvas import Canvas

from ragkit import LayoutLinearizer, PDFLoader

WIDTH, HEIGHT = 612, 792
LINES = (
    "One line of running text that",
    "goes on with a second line and",
    "ends with a third, shorter.",
)
MORE = ("Another paragraph stands below", "the first one, further away.")
ROWS = [["City", "Visits"], ["New York", "1,204"], ["Oslo", "88"]]
ANGLES = (90, 180, 270)
"""Degrees counter-clockwise, as reportlab counts them."""


def draw(path, function, *, rotation=0):
    size = (HEIGHT, WIDTH) if rotation % 180 else (WIDTH, HEIGHT)  # reportlab turns the size too
    canvas = Canvas(str(path), pagesize=size)
    canvas.setPageRotation(rotation)
    function(canvas)
    canvas.showPage()
    canvas.save()
    return PDFLoader(path).load()[0]


def write(canvas, lines, x, y):
    canvas.setFont("Helvetica", 10)
    for number, line in enumerate(lines):
        canvas.drawString(x, y - 13 * number, line)


def whole_page(canvas, height):
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(72, height - 80, "The title of this page")
    write(canvas, LINES, 72, height - 120)
    write(canvas, MORE, 72, height - 190)
    for number, row in enumerate(ROWS):
        canvas.drawString(80, height - 265 - 20 * number, row[0])
        canvas.drawString(180, height - 265 - 20 * number, row[1])
    canvas.grid([72, 170, 270], [height - 252 - 20 * n for n in range(4)])


def turn_page(canvas, angle):
    """Turns what follows, so that it fills the page; gives the height that it has."""
    canvas.translate(*{90: (WIDTH, 0), 180: (WIDTH, HEIGHT), 270: (0, HEIGHT)}[angle])
    canvas.rotate(angle)
    return HEIGHT if angle == 180 else WIDTH


def ink_of(page, word):
    """Where the page is dark when all but the word's box is covered: its letters' place."""
    picture = page.image(dpi=144).convert("L")
    wide, high = picture.size
    box = word.box
    corners = (box.x0 * wide - 1, box.y0 * high - 1, box.x1 * wide + 1, box.y1 * high + 1)
    return ImageChops.invert(picture.crop(tuple(map(round, corners)))).getbbox()


def around(element):
    boxes = [word.box for line in element.lines for word in line.words]
    return tuple(pick(box[side] for box in boxes) for side, pick in enumerate((min, min, max, max)))


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_that_is_turned_as_a_whole_is_read_as_it_is_held(tmp_path, angle, rotation):
    layout = draw(
        tmp_path / "a.pdf", lambda c: whole_page(c, turn_page(c, angle)), rotation=rotation
    )
    (page,) = layout.pages
    assert (page.width, page.height) == ((WIDTH, HEIGHT), (HEIGHT, WIDTH))[rotation // 90 % 2]
    title, *text, table = page.elements
    assert [e.kind.value for e in (title, *text, table)] == ["TITLE", "TEXT", "TEXT", "TABLE"]
    assert title.text == "The title of this page"
    assert [e.text for e in text] == ["\n".join(LINES), "\n".join(MORE)]
    assert table.table.to_rows() == ROWS
    assert all(word.turned == (rotation - angle) % 360 for word in title.lines[0].words)


@pytest.mark.parametrize("angle", ANGLES)
def test_boxes_are_where_the_letters_are(tmp_path, angle):
    layout = draw(tmp_path / "a.pdf", lambda c: whole_page(c, turn_page(c, angle)))
    page = layout.pages[0]
    for line in page.iter_lines():
        for word in line.words:
            assert ink_of(page, word) is not None, word
            assert min(word.box.width, word.box.height) > 0, word
    longest = max((w for line in page.iter_lines() for w in line.words), key=lambda w: len(w.text))
    left, top, right, bottom = ink_of(page, longest)
    along, across = (right - left, bottom - top) if angle == 180 else (bottom - top, right - left)
    assert along > 2 * across
    title, *_, table = page.elements
    assert title.box.contains(title.lines[0].words[0].box, slack=1e-9)
    assert table.box.contains(table.table.cells[-1].box, slack=1e-9)
    document = LayoutLinearizer().transform(layout)[0]
    at = document.page_content.index("Visits")
    (region,) = document.regions_of(at, at + 6)
    cell = next(cell for cell in table.table.cells if cell.text == "Visits")
    assert region.box.contains(cell.box)
    assert region.box == pytest.approx(cell.box, abs=3e-4)


@pytest.mark.parametrize("angle", ANGLES)
def test_a_turned_block_on_an_upright_page_keeps_its_order(tmp_path, angle):
    def page(canvas):
        write(canvas, (*LINES, *LINES), 72, 700)
        canvas.translate(300, 350)
        canvas.rotate(angle)
        write(canvas, LINES, 0, 0)
        write(canvas, MORE, 0, -80)

    upright, *turned = draw(tmp_path / "a.pdf", page).pages[0].elements
    assert upright.text == "\n".join((*LINES, *LINES))
    assert [e.text for e in turned] == ["\n".join(LINES), "\n".join(MORE)]
    assert {w.turned for e in turned for line in e.lines for w in line.words} == {360 - angle}
    assert turned[0].box == around(turned[0])


def test_the_drawing_order_of_upside_down_lines_does_not_matter(tmp_path):
    def page(canvas):
        write(canvas, (*LINES, *LINES), 72, 700)
        canvas.translate(500, 350)
        canvas.rotate(180)
        for number in (2, 0, 1):
            for at in (2, 0, 1):
                word = LINES[number].split()[at]
                canvas.drawString(60 * at, -13 * number, word)

    turned = draw(tmp_path / "a.pdf", page).pages[0].elements[1]
    assert turned.text.split() == [w for line in LINES for w in line.split()[:3]]


def test_a_lone_stamp_does_not_turn_the_page(tmp_path):
    def page(canvas):
        canvas.drawString(72, 700, "Figure 1")
        canvas.circle(300, 400, 100, fill=1)
        canvas.translate(30, 200)
        canvas.rotate(90)
        canvas.drawString(0, 0, "arXiv:2611.01234v1 [cs.CL] 26 Nov 2026")

    layout = draw(tmp_path / "a.pdf", page)
    words = [w for line in layout.pages[0].iter_lines() for w in line.words]
    assert [w.turned for w in words if w.text == "Figure"] == [0]
    stamp = next(e for e in layout.pages[0].elements if e.text.startswith("arXiv"))
    assert stamp.kind.value == "HEADER"


def test_words_of_two_letters_that_run_from_right_to_left_have_a_width(ragkit_data):
    layout = PDFLoader(ragkit_data / "pdf/robust/right_to_left_01.pdf").load()[0]
    words = [w for line in layout.pages[0].iter_lines() for w in line.words]
    assert all(w.box.width > 0 for w in words)
    assert not layout.select("TABLE")


def slanting(canvas, text, size):
    canvas.saveState()
    canvas.translate(300, 420)
    canvas.rotate(45)
    canvas.setFont("Helvetica-Bold", size)
    canvas.drawCentredString(0, 0, text)
    canvas.restoreState()


def long_page(canvas, text, first=0):
    slanting(canvas, text, 60)
    lines = [f"{LINES[n % 2]} {n * n + first} over the page" for n in range(40)]
    write(canvas, lines, 72, 700)


@pytest.mark.parametrize("text", ["DRAFT", "FOR REVIEW ONLY"])
def test_a_watermark_does_not_cut_the_text(tmp_path, text):
    layout = draw(tmp_path / "a.pdf", lambda canvas: long_page(canvas, text))
    assert [e.kind for e in layout.pages[0].elements] == ["TEXT", "TEXT"]
    assert [e.text for e in layout.pages[0].elements][1] == text


def test_a_watermark_of_several_pages_is_running(tmp_path):
    def three(canvas):
        for n in range(3):
            long_page(canvas, "FOR REVIEW ONLY", 47 * n)
            canvas.showPage()

    layout = draw(tmp_path / "a.pdf", three)
    for page in layout.pages[:3]:
        kinds = {e.text: e.kind for e in page.elements}
        assert kinds.pop("FOR REVIEW ONLY") == "HEADER"
        assert list(kinds.values()) == ["TEXT"]


def test_text_that_slants_as_a_whole_keeps_its_words(tmp_path):
    layout = draw(tmp_path / "a.pdf", lambda canvas: slanting(canvas, LINES[0], 10))
    words = [w.text for e in layout.pages[0].elements for line in e.lines for w in line.words]
    assert sorted(words) == sorted(LINES[0].split())


def test_the_page_number_of_a_page_with_a_sideways_table(tmp_path):
    def both(canvas):
        write(canvas, ["17"], 300, 30)
        turn_page(canvas, 90)
        whole_page(canvas, WIDTH)

    layout = draw(tmp_path / "a.pdf", both)
    (number,) = (e for e in layout.pages[0].elements if e.text == "17")
    assert number.kind == "PAGE_NUMBER"
