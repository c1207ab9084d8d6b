"""What a PDF holds beside its text: rules, pictures, forms, bookmarks, links, colours."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from reportlab.lib.colors import black, blue, lightgrey, red, white
from reportlab.pdfgen.canvas import Canvas

from ragkit import LayoutLinearizer, PDFLoader
from ragkit.loading import DirectoryLoader

WIDTH, HEIGHT = 400, 500
ROWS = [["City", "Visits"], ["New York", "1,204"], ["Oslo", "88"]]


@pytest.fixture
def draw(tmp_path):
    """Draws a PDF by a function of its canvas, and gives its path."""

    def make(function, *, rotation=0, pages=1):
        path = tmp_path / "a.pdf"
        canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
        for _ in range(pages):
            canvas.setPageRotation(rotation)
            function(canvas)
            canvas.showPage()
        canvas.save()
        return path

    return make


def load(path):
    return PDFLoader(path).load()[0]


def tables(path):
    return [e.table.to_rows() for e in load(path).select("TABLE")]


def write_rows(canvas):
    for n, row in enumerate(ROWS):
        canvas.drawString(54, 405 - 20 * n, row[0])
        canvas.drawString(124, 405 - 20 * n, row[1])


def by_lines(canvas):
    canvas.grid([50, 120, 200], [360, 380, 400, 420])


def by_rectangles(canvas):
    """Thin ones, as word processors draw them."""
    for y in (360, 380, 400, 420):
        canvas.rect(50, y, 150, 0.5, stroke=0, fill=1)
    for x in (50, 120, 200):
        canvas.rect(x, 360, 0.5, 60, stroke=0, fill=1)


def by_boxes(canvas):
    for y in (360, 380, 400):
        canvas.rect(50, y, 70, 20)
        canvas.rect(120, y, 80, 20)


def by_one_path(canvas):
    path = canvas.beginPath()
    for y in (360, 380, 400, 420):
        path.moveTo(50, y)
        path.lineTo(200, y)
    for x in (50, 120, 200):
        path.moveTo(x, 360)
        path.lineTo(x, 420)
    canvas.drawPath(path)


def by_form(canvas):
    """In a form that is placed with a scale and an offset."""
    canvas.beginForm("rules")
    canvas.grid([0, 35, 75], [0, 10, 20, 30])
    canvas.endForm()
    canvas.saveState()
    canvas.translate(50, 360)
    canvas.scale(2, 2)
    canvas.doForm("rules")
    canvas.restoreState()


@pytest.mark.parametrize("rules", [by_lines, by_rectangles, by_boxes, by_one_path, by_form])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rules_are_found_however_they_are_drawn(draw, rules, rotation):
    def page(canvas):
        if rotation:  # so that it is upright when the page is turned
            canvas.translate(*{90: (WIDTH, 0), 180: (WIDTH, HEIGHT), 270: (0, HEIGHT)}[rotation])
            canvas.rotate(rotation)
        write_rows(canvas)
        rules(canvas)

    found = tables(draw(page, rotation=rotation))
    if rotation in (0, 180):
        assert found == [ROWS]
    else:  # parts of it hang out of the page, which is 400 high now
        assert found[0][-1] == ROWS[-1]


def test_white_boxes_are_no_shading_and_curves_are_no_rules(draw):
    def page(canvas):
        write_rows(canvas)
        canvas.setFillColor(white)
        canvas.rect(0, 0, WIDTH, HEIGHT, stroke=0, fill=1)
        canvas.setFillColor(lightgrey)
        canvas.circle(150, 200, 60, fill=1)
        canvas.drawString(140, 200, "a disc")

    layout = load(draw(page))
    assert [e.kind.value for e in layout.pages[0].elements].count("FIGURE") == 1
    (figure,) = layout.select("FIGURE")
    assert figure.text == "a disc"
    assert figure.box.x0 < 0.25 < 0.5 < figure.box.x1
    hidden = LayoutLinearizer(hide_figure_layout=True).to_text(layout)
    assert "a disc" not in hidden
    assert "a disc" in LayoutLinearizer().to_text(layout)


def test_shading_behind_text_is_no_figure_beside_a_logo(draw):
    """A band behind a heading and a box to call something out, on a page with a picture."""

    def page(canvas):
        canvas.setFillColor(red)
        canvas.circle(350, 470, 20, stroke=0, fill=1)
        canvas.circle(65, 300, 8, stroke=0, fill=1)  # an icon in the box
        canvas.setFillColor(lightgrey)
        canvas.rect(40, 400, 320, 40, stroke=0, fill=1)
        canvas.rect(40, 250, 320, 70, stroke=0, fill=1)
        canvas.setFillColor(black)
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(50, 412, "Our results this year")
        canvas.setFont("Helvetica", 10)
        for n in range(4):
            canvas.drawString(50, 380 - 12 * n, "Running text stands below the heading in lines")
            canvas.drawString(50, 220 - 12 * n, "and below the box there is more of it to read")
        canvas.drawString(80, 300, "• The revenue rose by ten percent")
        canvas.drawString(80, 280, "• The costs fell")
        canvas.drawString(80, 260, "• The staff grew")

    (first,) = load(draw(page)).pages
    assert [e.kind.value for e in first.elements] == ["FIGURE", "TITLE", "TEXT", "LIST", "TEXT"]
    assert not first.elements[0].text


def test_a_diagram_s_shaded_boxes_are_part_of_it(draw):
    def page(canvas):
        canvas.setFillColor(lightgrey)
        for x in (60, 240):
            canvas.rect(x, 300, 100, 40, stroke=1, fill=1)
        canvas.circle(200, 320, 40, fill=0)
        canvas.setFillColor(black)
        canvas.drawString(70, 315, "Loader")
        canvas.drawString(250, 315, "Splitter")

    (figure,) = load(draw(page)).select("FIGURE")
    assert figure.text.split() == ["Loader", "Splitter"]


def test_filled_in_fields_are_read_with_their_labels(draw):
    def page(canvas):
        form = canvas.acroForm
        canvas.drawString(50, 450, "Full name:")
        form.textfield(name="n", value="Ada Lovelace", x=120, y=445, width=150, height=18)
        canvas.drawString(50, 420, "Remarks:")
        form.textfield(name="r", x=120, y=415, width=150, height=18)
        form.textfield(
            name="code", tooltip="Promotion code", value="X 7", x=120, y=300, width=90, height=18
        )
        form.checkbox(name="a", checked=True, x=50, y=200, size=12)
        canvas.drawString(70, 202, "I agree to the terms")
        form.checkbox(name="b", checked=False, x=50, y=180, size=12)
        canvas.drawString(70, 182, "Send me the newsletter")

    path = draw(page)
    layout = load(path)
    pairs = [
        (" ".join(line.text for line in pair.key), " ".join(line.text for line in pair.value))
        for element in layout.select("KEY_VALUE")
        for pair in element.key_values
    ]
    assert pairs == [("Full name:", "Ada Lovelace"), ("Promotion code", "X 7")]
    text = LayoutLinearizer(format="markdown").to_text(layout)
    assert "Full name: Ada Lovelace\n" in text
    assert "Promotion code: X 7\n" in text
    assert "- [x] I agree to the terms\n- [ ] Send me the newsletter" in text
    assert "Remarks:" in text
    (document,) = LayoutLinearizer().transform(layout)
    start = document.page_content.index("Ada")
    (region,) = document.regions_of(start, start + len("Ada Lovelace"))
    assert region.box.x0 == pytest.approx(120 / WIDTH, abs=0.01)


@pytest.mark.parametrize("looks", ["kept", "left out"])
def test_a_page_is_drawn_with_what_is_filled_in(draw, looks):
    pypdf = pytest.importorskip("pypdf", reason="changes the form")

    def page(canvas):
        form = canvas.acroForm
        for name, value, y in (("filled", "Ada Lovelace", 445), ("empty", "", 345)):
            place = {"x": 120, "y": y, "width": 150, "height": 18}
            form.textfield(name=name, value=value, fillColor=white, **place)
        form.checkbox(name="on", checked=True, x=50, y=200, size=20, fillColor=white)
        form.checkbox(name="off", checked=False, x=50, y=100, size=20, fillColor=white)

    path = draw(page)
    if looks == "left out":  # as by programs that only write values: PDFium makes the looks itself
        writer = pypdf.PdfWriter(clone_from=path)
        for field in writer.pages[0]["/Annots"]:
            if field.get_object()["/FT"] == "/Tx":
                del field.get_object()["/AP"]
        writer.write(path)
    picture = load(path).pages[0].image(dpi=72).convert("L")

    def darkest(x, y, width, height):
        """In a field, its border aside."""
        inside = (x + 3, HEIGHT - y - height + 3, x + width - 3, HEIGHT - y - 3)
        return picture.crop(inside).getextrema()[0]

    assert darkest(120, 445, 150, 18) < 100
    assert darkest(120, 345, 150, 18) > 200
    assert darkest(50, 200, 20, 20) < 100
    assert darkest(50, 100, 20, 20) > 200


def test_pages_are_drawn_from_many_threads(draw):
    def page(canvas):
        canvas.acroForm.textfield(name="n", value="Ada", x=120, y=245, width=150, height=18)

    pages = load(draw(page, pages=3)).pages
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: pages[n % 3].image(dpi=30).tobytes(), range(48)))
    assert len(set(found)) == 1


def test_boxes_to_tick_far_from_their_text_are_a_list(draw):
    def page(canvas):
        for n, text in enumerate(["I agree to the terms", "Send me the newsletter", "Call me"]):
            canvas.acroForm.checkbox(name=text, checked=n == 0, x=50, y=398 - 24 * n, size=12)
            canvas.drawString(110, 400 - 24 * n, text)

    text = LayoutLinearizer(format="markdown").to_text(load(draw(page)))
    assert text == "- [x] I agree to the terms\n- [ ] Send me the newsletter\n- [ ] Call me"


def test_bookmarks_name_headings_and_their_levels(draw):
    def page(canvas):
        canvas.setFont("Helvetica", 10)
        for n, (title, level) in enumerate(
            [("1 Overview", 0), ("Aims of it", 1), ("2 Results", 0)]
        ):
            y = 450 - 120 * n
            canvas.drawString(50, y, title)
            for line in range(4):
                text = f"Running text of some length follows, line {line} of part {n}"
                canvas.drawString(50, y - 30 - 12 * line, text)
            canvas.bookmarkPage(title, top=y)
            canvas.addOutlineEntry(title.removeprefix("1 "), title, level)

    text = LayoutLinearizer(format="markdown").to_text(load(draw(page)))
    found = [line for line in text.splitlines() if line.startswith("#")]
    assert found == ["## 1 Overview", "### Aims of it", "## 2 Results"]


def test_words_know_their_links_and_colours(draw):
    def page(canvas):
        canvas.drawString(50, 450, "See the")
        canvas.setFillColor(blue)
        canvas.drawString(100, 450, "home page")
        canvas.linkURL("https://example.org/a?b=1", (98, 445, 160, 462))
        canvas.setFillColor(red)
        canvas.drawString(50, 400, "below")
        canvas.bookmarkPage("here")
        canvas.linkAbsolute("", "here", (48, 395, 90, 412))

    words = [w for line in load(draw(page)).pages[0].iter_lines() for w in line.words]
    assert [(w.text, w.link, w.color) for w in words] == [
        ("See", None, "#000000"),
        ("the", None, "#000000"),
        ("home", "https://example.org/a?b=1", "#0000ff"),
        ("page", "https://example.org/a?b=1", "#0000ff"),
        ("below", "#page=1", "#ff0000"),
    ]


def test_worker_processes_give_the_same(draw):
    def page(canvas):
        write_rows(canvas)
        by_lines(canvas)
        canvas.linkURL("https://example.org", (50, 395, 120, 420))
        canvas.acroForm.textfield(name="n", value="Ada", x=120, y=245, width=150, height=18)
        canvas.saveState()
        canvas.rotate(90)
        canvas.drawString(100, -300, "sideways")
        canvas.restoreState()

    path = draw(page, pages=2)
    (here,) = DirectoryLoader(path.parent, processes=1).load()
    (there,) = DirectoryLoader(path.parent, processes=2).load()
    assert here == there
    assert [w for p in here.pages for line in p.iter_lines() for w in line.words if w.turned]
    assert there.pages[0].source == str(path)
    assert there.pages[1].image(dpi=36).size == (200, 250)


def test_a_table_over_two_pages_survives_a_worker(draw):
    def page(canvas):
        canvas.grid([50, 120, 200], [60 + 20 * n for n in range(21)])
        for n in range(20):
            canvas.drawString(54, 445 - 20 * n, ["City", f"town {n}"][n > 0])
            canvas.drawString(124, 445 - 20 * n, ["Visits", str(n)][n > 0])

    path = draw(page, pages=2)
    (layout,) = DirectoryLoader(path.parent, processes=2).load()
    first, second = layout.select("TABLE")
    assert second.table.continues is first.table
    text = LayoutLinearizer(format="markdown").to_text(layout)
    assert text.count("| City | Visits |") == 1
    assert text.count("| town 3 | 3 |") == 2


def test_too_much_is_no_harm(draw, monkeypatch):
    monkeypatch.setattr("ragkit.loading._pdfium_drawn.MAX_OBJECTS", 3)
    monkeypatch.setattr("ragkit.loading._pdfium_drawn.MAX_SEGMENTS", 2)
    monkeypatch.setattr("ragkit.loading._pdfium_fields.MAX_VALUE", 10)

    def page(canvas):
        by_one_path(canvas)
        write_rows(canvas)
        by_lines(canvas)

    assert "New York" in load(draw(page)).text

    def long_value(canvas):
        canvas.acroForm.textfield(name="n", value="x" * 50, x=120, y=245, width=150, height=18)

    with pytest.raises(Exception, match="a field has a value of 102 bytes, more than 10"):
        load(draw(long_value))


def test_pictures_are_figures(draw):
    PIL_Image = pytest.importorskip("PIL.Image")
    from reportlab.lib.utils import ImageReader

    data = io.BytesIO()
    PIL_Image.new("RGB", (80, 60), "green").save(data, "PNG")

    def page(canvas):
        canvas.drawString(50, 450, "Above the picture stands a line of text.")
        canvas.drawImage(ImageReader(data), 100, 250, 200, 150)
        canvas.drawString(100, 232, "Figure 1: A green field.")
        canvas.drawString(50, 150, "Below it stands another one.")

    layout = load(draw(page))
    assert [e.kind.value for e in layout.pages[0].elements] == ["TEXT", "FIGURE", "TEXT", "TEXT"]
    (figure,) = layout.select("FIGURE")
    assert figure.caption is layout.pages[0].elements[2]
    assert figure.caption.role == "caption"
    assert figure.box.y0 == pytest.approx(0.2, abs=0.03)
