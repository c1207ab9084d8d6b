"""Forms: what is filled in, with the label that belongs to it."""

from __future__ import annotations

import time

import pytest
from reportlab.pdfgen.canvas import Canvas

from ragkit import LayoutLinearizer, PDFLoader
from ragkit.layout.analysis import PageContent, analyze_pages
from ragkit.layout.analysis.fields import FormField
from ragkit.layout.model import Word
from ragkit.provenance import Box

HEIGHT = 500


class Form:
    """A page of a form; y is counted from its top."""

    def __init__(self, path):
        self.path = path
        self.canvas = Canvas(str(path), pagesize=(600, HEIGHT))
        self.canvas.setFont("Helvetica", 10)

    def put(self, x, y, text):
        self.canvas.drawString(x, HEIGHT - y, text)

    def field(self, x, y, value="", width=100, name=None, height=18, **options):
        self.canvas.acroForm.textfield(
            name=name or f"field at {x}, {y}",
            value=value,
            x=x,
            y=HEIGHT - y - 5,
            width=width,
            height=height,
            **options,
        )

    def box(self, x, y, name, checked=False):
        self.canvas.acroForm.checkbox(name=name, checked=checked, x=x, y=HEIGHT - y, size=10)

    def load(self):
        self.canvas.save()
        return PDFLoader(self.path).load()[0]

    def read(self):
        """The pairs of labels and values, and the text of all."""
        layout = self.load()
        pairs = [
            (" ".join(line.text for line in pair.key), " ".join(line.text for line in pair.value))
            for element in layout.select("KEY_VALUE")
            for pair in element.key_values
        ]
        return pairs, LayoutLinearizer().to_text(layout)


@pytest.fixture
def form(tmp_path):
    return Form(tmp_path / "form.pdf")


def test_labels_before_underscores(form):
    form.put(72, 100, "Name: ______________________ Date: ______________")
    form.field(105, 100, "Jane", width=115)
    form.field(255, 100, "1.2.2024", width=70)
    form.put(72, 140, "Town:______________")
    form.field(105, 140, "Oslo", width=70)
    form.put(72, 180, "Street ............................")
    form.field(110, 180, "Long Road", width=70)
    pairs, text = form.read()
    assert pairs == [
        ("Name:", "Jane"),
        ("Date:", "1.2.2024"),
        ("Town:", "Oslo"),
        ("Street", "Long Road"),
    ]
    assert "__" not in text
    assert "..." not in text


def test_a_sentence_has_the_values_in_its_blanks(form):
    form.put(72, 100, "I agree to pay EUR ________ to the owner before the end of the month.")
    form.field(166, 100, "500", width=40)
    form.put(72, 130, "Born on ________, in ________.")
    form.field(110, 130, "1 May", width=40)
    form.field(176, 130, "Berlin", width=40)
    form.put(72, 160, "Sent ________, signed ________.")
    form.field(100, 160, "today", width=40)
    form.field(180, 160, "", width=40)
    pairs, text = form.read()
    assert pairs == []
    assert text.split("\n\n") == [
        "I agree to pay EUR 500 to the owner before the end of the month.",
        "Born on 1 May, in Berlin.",
        "Sent today, signed ________.",
    ]


def test_a_value_over_two_lines_with_blanks_is_written_once(form):
    form.put(72, 100, "I live in ________ at the moment")
    form.put(72, 112, "and work in ________ as a rule.")
    form.field(115, 112, "Berlin", width=60, height=30)
    text = form.read()[1]
    assert text.count("Berlin") == 1
    assert text.count("________") == 1


def test_labels_with_stops_after_their_blanks(form):
    form.put(72, 100, "Name: ________, Town: ________.")
    form.field(105, 100, "Jane", width=40)
    form.field(185, 100, "Oslo", width=40)
    assert form.read()[0] == [("Name:", "Jane"), ("Town:", "Oslo")]


def test_blanks_that_nothing_is_written_on_are_kept(form):
    form.put(72, 100, "Name: ______________________ Date: ______________")
    form.field(105, 100, "Jane", width=115)
    form.field(255, 100, "", width=70)
    form.put(72, 140, "Signature: ______________")
    pairs, text = form.read()
    assert pairs == [("Name:", "Jane")]
    assert "Date: ______________" in text
    assert "Signature: ______________" in text


@pytest.mark.parametrize("sign", ["_", ".", "…"])
def test_a_very_long_word_of_underscores_takes_no_time(sign):
    boxes = Box(0.1, 0.1, 0.5, 0.12), Box(0.6, 0.1, 0.7, 0.12)
    words = [Word(50_000 * sign + "x", boxes[0], 10.0)]
    field = FormField((Word("Oslo", boxes[1], 10.0),), "Town", is_mark=False, box=boxes[1])
    page = PageContent(0, "1", 600.0, 800.0, words=words, fields=[field])
    start = time.process_time()
    (found,) = analyze_pages([page])
    assert time.process_time() - start < 2
    assert words[0].text in found.text


def test_an_empty_field_keeps_its_label(form):
    form.put(72, 100, "Street")
    form.field(120, 100, width=50)
    form.field(190, 100, "17", width=40, name="House number")
    form.put(72, 150, "First name")
    form.put(110, 150, " of the child")
    form.field(72, 170)
    form.field(100, 190, "Miller", name="Family name")
    pairs, text = form.read()
    assert pairs == [("House number", "17"), ("Family name", "Miller")]
    assert "Street" in text
    assert "First name" in text


def test_a_label_is_used_once(form):
    form.put(72, 100, "Phone:")
    form.field(110, 100, "030", width=40, name="Area code")
    form.field(160, 100, "12345", width=80, name="Number")
    assert form.read()[0] == [("Phone:", "030"), ("Number", "12345")]


def test_a_hint_on_the_left_is_no_label(form):
    form.put(72, 100, "City")
    form.field(72, 120, "Berlin", width=150)
    form.put(240, 120, "(capital letters)")
    form.put(330, 100, "Zip code")
    form.field(330, 120, "10115", width=80)
    pairs, text = form.read()
    assert pairs == [("City", "Berlin"), ("Zip code", "10115")]
    assert "(capital letters)" in text


def test_labels_above_belong_to_the_field_below_them(form):
    form.put(72, 100, "First name")
    form.put(300, 100, "Last name")
    form.field(72, 120, "Jane")
    form.field(300, 120, "Miller")
    form.put(200, 123, "EUR")  # beside a field, but further than the label above it
    assert form.read()[0] == [("First name", "Jane"), ("Last name", "Miller")]


@pytest.mark.parametrize("shift", [0, 14])
def test_the_text_of_a_box_to_tick_is_no_label(form, shift):
    form.put(72, 100, "Sex")
    form.box(186 + shift, 100, "male")
    form.put(200 + shift, 100, "male")
    form.box(250 + shift, 100, "female", checked=True)
    form.put(264 + shift, 100, "female")
    form.put(72, 125, "Country")
    form.field(200, 125, "France")
    pairs, text = form.read()
    assert pairs == [("Country", "France")]
    assert "Sex ☐ male ☒ female" in text


def test_a_text_box_beside_a_box_to_tick_has_its_label(form):
    form.box(72, 100, "other", checked=True)
    form.put(90, 100, "Other:")
    form.field(130, 100, "by train")
    assert form.read()[0] == [("Other:", "by train")]


@pytest.mark.parametrize(("label", "shift"), [("Country", 20), ("Country:", 0)])
def test_a_label_on_the_line_wins_over_text_above(form, label, shift):
    form.put(200 + shift, 107, "as in your passport")
    form.put(72, 125, label)
    form.field(200, 125, "France")
    pairs, text = form.read()
    assert pairs == [(label, "France")]
    assert "as in your passport" in text


@pytest.mark.parametrize("label", ["Remarks:", None])
def test_a_value_of_several_lines_is_read_line_by_line(form, label):
    value = "Please send the goods\nto my new home\nbefore noon"
    if label:
        form.put(72, 100, label)
    form.field(150, 100, value, width=200, height=60, fieldFlags="multiline", name="Wishes")
    layout = form.load()
    (pair,) = layout.select("KEY_VALUE")[0].key_values
    assert [line.text for line in pair.key] == [label or "Wishes"]
    assert [line.text for line in pair.value] == value.splitlines()


@pytest.mark.parametrize("value", ["Jane Doe", "Long  Road 17 "])
def test_a_value_of_several_words_does_not_part_a_ruled_form(form, value):
    labels = [("Surname", "First name"), ("Street", "Town"), ("Phone", "E-mail")]
    for row, pair in enumerate(labels):
        for column, label in enumerate(pair):
            x, y = 72 + 234 * column, 100 + 40 * row
            form.canvas.rect(x, HEIGHT - y - 40, 234, 40)
            form.put(x + 4, y + 10, label)
            form.field(x + 4, y + 31, value, width=200, name=label, borderWidth=0)
    (table,) = form.load().select("TABLE")
    rows = [[cell.replace("\n", " ") for cell in row] for row in table.table.to_rows()]
    text = " ".join(value.split())
    assert rows == [[f"{label} {text}" for label in pair] for pair in labels]


def test_a_label_far_to_the_left(form):
    form.put(72, 100, "Amount")
    form.field(300, 100, "500")
    # What is as far as this and longer is text of another column.
    form.put(20, 300, "the last line of a paragraph that stands here")
    form.field(400, 300, "7", name="Count")
    pairs, text = form.read()
    assert pairs == [("Amount", "500"), ("Count", "7")]
    assert "the last line of a paragraph that stands here" in text


def test_values_on_a_crowded_page_are_kept(form, monkeypatch):
    monkeypatch.setattr("ragkit.layout.analysis.strips.MAX_WORDS", 3)
    form.put(72, 100, "The name of the person who asks:")
    form.field(72, 140, "Ada Lovelace")
    page = form.load().pages[0]
    assert "was not analysed" in page.error
    assert "person who asks:" in page.text
    assert "Ada Lovelace" in page.text


def test_thousands_of_fields_at_one_height_are_given_up_but_not_lost():
    count = 2_500
    words = [Word(f"w{n}", Box(n / count, 0.1, (n + 0.3) / count, 0.12), 8.0) for n in range(40)]
    box = Box(0.9, 0.1, 0.95, 0.12)
    fields = [
        FormField((Word(f"v{n}", box, 8.0),), "n", is_mark=False, box=box) for n in range(count)
    ]
    page = PageContent(0, "1", 600.0, 800.0, words=words, fields=fields)
    (found,) = analyze_pages([page])
    assert "words at the height of fields" in found.error
    assert {f"w{n}" for n in range(40)} | {f"v{n}" for n in range(count)} <= set(found.text.split())
