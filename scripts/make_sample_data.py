"""Makes the sample data in ``examples/data``: three PDFs, a Markdown and a text file.

    python scripts/make_sample_data.py [FOLDER]

Everything in them is made up: the town of Larkfield, its library and its water works. The same
version of reportlab writes the same bytes each time. Needs: reportlab.
"""

from __future__ import annotations

import sys
from pathlib import Path

from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4, B5, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    FrameBreak,
    ListFlowable,
    ListItem,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

rl_config.invariant = 1

FOREST = colors.HexColor("#23513c")
PALE = colors.HexColor("#e8efe9")

BODY = ParagraphStyle(
    "body", fontName="Times-Roman", fontSize=12, leading=15.5, alignment=TA_JUSTIFY, spaceAfter=6
)
HEAD = ParagraphStyle(
    "head", fontName="Helvetica-Bold", fontSize=14, leading=17, textColor=FOREST,
    spaceBefore=10, spaceAfter=4, keepWithNext=1,
)  # fmt: skip
TITLE = ParagraphStyle(
    "title", fontName="Helvetica-Bold", fontSize=24, leading=28, textColor=FOREST, spaceAfter=4
)
LEAD = ParagraphStyle("lead", fontName="Times-Italic", fontSize=11.5, leading=15, spaceAfter=6)
NOTE = ParagraphStyle("note", fontName="Helvetica", fontSize=8.5, leading=11, spaceAfter=6)

NEWSLETTER = [
    ("Opening hours change in November", [
        ("From Monday, 4 November, the library opens at 8:30 in the morning instead of 10 o'clock. "
        "We stay open until 19:00 on weekdays and until 16:00 on Saturdays. On Sundays the reading "
        "room alone is open, from 13:00 to 17:00, with volunteers at the desk."),
        ("The change follows a survey to which 1,148 readers replied last spring. Six in ten said "
        "that they would come before work if the doors were open. The early shift is paid for by "
        "the town's council for one year; whether it goes on will be decided next September."),
    ]),
    ("The seed library is back", [
        ("Bring seeds, take seeds: the drawer cabinet by the south window holds 212 kinds of "
        "vegetables, herbs and flowers that grew in gardens of our valley. Each reader may take "
        "up to five packets a month. No library card is needed."),
        ("Whoever takes seeds is asked to bring back some of the next harvest, dried and labelled "
        "with name, year and street. Please bring no seeds of squash or maize, since these cross "
        "too easily with those of the neighbours. Orla Brandt looks after the cabinet and gives "
        "advice every Thursday from 15:00 to 17:00."),
    ]),
    ("A new roof without closing", [
        ("The slates above the main hall date from 1911 and let in the rain. Work on a new roof "
        "begins on 13 January and is planned to last eleven weeks. The hall stays open; only the "
        "gallery will be closed. The cost of 486,000 crowns is shared by the council, the heritage "
        "fund and the Friends of the Library, who have collected 61,500 crowns so far."),
        ("Books from the gallery can be ordered at the desk and are fetched twice a day, at 11:00 "
        "and at 16:00. Noise can't be avoided on some mornings. Readers who need quiet may use the "
        "map room, where twelve desks have been set up."),
    ]),
    ("Repair evening", [
        ("Lamps, toasters, radios, bicycles: on the first Friday of each month, from 18:00 to "
        "21:00, seven volunteers help to mend what is broken. Last year they looked at 318 things "
        "and got 241 of them to work again. Bring the thing, its cable, and patience."),
        ("What can't be repaired is taken apart on the spot, so that its parts may help the next "
        "one. Children under twelve come with a grown-up. The coffee is free; the cake is not."),
    ]),
    ("Larkfield reads one book", [
        ("This winter the whole town reads the same novel. Out of forty titles that readers "
        "proposed, the jury chose \"The Ferryman's Almanac\" by Ines Vardal. Eighty copies wait at "
        "the desk, ten of them in large print. The author comes on 21 February at 19:30 to read "
        "from it and to answer questions; seats are given out from 1 February."),
        ("Four evenings prepare for her visit. Each is about one season of the almanac, and each "
        "is led by someone who knows the river: a boat builder, a biologist, a lock keeper and a "
        "teacher of history."),
    ]),
    ("Borrow more than books", [
        ("The shelf of things grows. Besides telescopes, sewing machines and projectors, readers "
        "can now borrow two cargo bicycles, a thermal camera and a set for measuring the hardness "
        "of water. Things are lent for seven days and can be renewed once. The deposit is 20 "
        "crowns, and 100 crowns for a cargo bicycle."),
        ("The most wanted thing of last year was, once more, the carpet cleaner: it was at the "
        "library on nine days only."),
    ]),
    ("Reading aloud to dogs", [
        ("Three trained dogs listen to children who find reading hard. They do not correct, they "
        "do not laugh, and they never look at the clock. Half an hour with Basil, Juno or Pepper "
        "can be booked for Wednesday afternoons by telephone, number 555-0148."),
        ("Since the hours began two years ago, 96 children have taken part. Their teachers report "
        "that most of them read aloud in class more willingly than before."),
    ]),
    ("Homework hour", [
        ("From Tuesday to Thursday, 14:30 to 16:30, pupils of the upper school help younger ones "
        "with their homework in the green room. The hour is free, and nobody has to sign up. On "
        "average eleven children came each day last term, most of them for mathematics."),
        ("Helpers get a certificate and a key to the drinks cupboard. Who would like to help "
        "talks to Priya Raman, who has run the hour since it began in 2019."),
    ]),
    ("Old maps, new eyes", [
        ("The map room has had its 340 sheets photographed. The oldest, drawn in 1688, shows the "
        "town with two bridges, of which one is gone and the other has moved. All pictures can be "
        "seen on the screen by the window, and prints can be ordered for 15 crowns each."),
        ("Some places on the maps nobody could name. If you know where the Sorrel Stair was, or "
        "what was made in the Candle Yard, please leave a note in the box below the screen."),
    ]),
    ("Numbers of the year", [
        ("In 2024 readers borrowed 84,300 books, 6,912 films and 1,377 things. The busiest day was "
        "4 March, with 612 visitors, because school had closed for the storm. The book that was "
        "away longest came back after 23 years, in good order and with a pressed fern in it."),
        ("The library's cat, who has no card and borrows nothing, was photographed 2,500 times by "
        "our count, which is surely too low."),
    ]),
    ("Thank you, Mr. Okafor", [
        ("After 31 years at the desk, Samuel Okafor retires at the end of December. He introduced "
        "the night return box, the lending of pictures, and the rule that nobody is ever asked why "
        "a book comes back late. His farewell is on 19 December at 17:00 in the main hall. "
        "Speeches are limited, at his wish, to two minutes each."),
    ]),
    ("Where to find us", [
        ("Larkfield Town Library, 7 Mill Lane, Larkfield. The bus lines 3 and 14 stop at the door. "
        "Bicycles can be left in the yard. The entrance without steps is on the side of the river; "
        "please ring, and somebody will open within a minute."),
        ("This letter appears four times a year. Write to the editors at the desk if you want "
        "to help: we look for people who take photographs, and for one who finds our mistakes "
        "before you do."),
    ]),
]  # fmt: skip


def make_newsletter(path: Path) -> None:
    """Two columns with a title across both, a running header, footer and page numbers."""
    width, height = B5
    margin, gutter, top, bottom = 16 * mm, 7 * mm, 24 * mm, 21 * mm
    column = (width - 2 * margin - gutter) / 2
    banner = 32 * mm

    def decorate(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 8.5)
        canvas.drawString(margin, height - 14 * mm, "Larkfield Library Letter")
        canvas.drawRightString(width - margin, height - 14 * mm, "Winter 2024, no. 57")
        canvas.setStrokeColor(FOREST)
        canvas.line(margin, height - 16 * mm, width - margin, height - 16 * mm)
        canvas.drawString(margin, 12 * mm, "Larkfield Town Library, 7 Mill Lane")
        canvas.drawRightString(width - margin, 12 * mm, f"Page {document.page}")
        canvas.restoreState()

    def columns(room: float) -> list[Frame]:
        high = height - top - bottom - room
        return [
            Frame(margin + i * (column + gutter), bottom, column, high, 0, 0, 0, 0)
            for i in range(2)
        ]

    title = Frame(margin, height - top - banner, width - 2 * margin, banner, 0, 0, 0, 0)
    document = BaseDocTemplate(
        str(path), pagesize=B5, invariant=1, title="Larkfield Library Letter, winter 2024",
        author="Larkfield Town Library",
    )  # fmt: skip
    document.addPageTemplates([
        PageTemplate("first", [title, *columns(banner)], onPage=decorate),
        PageTemplate("later", columns(0), onPage=decorate),
    ])  # fmt: skip
    story = [
        NextPageTemplate("later"),
        Paragraph("Larkfield Library Letter", TITLE),
        Paragraph(
            "News from the reading room, the repair table and the seed drawers. In this issue: "
            "longer days at the desk, a new roof, and a book for the whole town.",
            LEAD,
        ),
        FrameBreak(),
    ]
    for heading, paragraphs in NEWSLETTER:
        story.append(Paragraph(heading, HEAD))
        story += [Paragraph(text, BODY) for text in paragraphs]
    document.build(story)


WATER = [
    ["District", "Households", "Water sold (m³)", "Lost in pipes", "Price per m³"],
    ["Old Town", "1,204", "118,460", "9.4 %", "2.35"],
    ["Millside", "862", "84,210", "6.1 %", "2.35"],
    ["Harrow Hill", "1,517", "163,905", "14.8 %", "2.60"],
    ["Station Quarter", "743", "71,388", "4.7 %", "2.35"],
    ["Total", "4,326", "437,963", "9.9 %", "2.44"],
]
BUDGET = [
    ["Item (thousand crowns)", "2021", "2022", "2023"],
    ["Income from water", "988.2", "1,021.7", "1,068.9"],
    ["Grants", "120.0", "85.5", "240.0"],
    ["Staff", "-412.4", "-431.0", "-447.6"],
    ["Energy for pumping", "-151.9", "-263.8", "-198.3"],
    ["Repairs of pipes", "-203.5", "-188.1", "-356.2"],
    ["Result", "340.4", "224.3", "306.8"],
]


def make_report(path: Path) -> None:
    """One column with numbered headings, a list and two tables."""
    width, height = A4
    margin = 24 * mm

    def decorate(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 8)
        canvas.drawString(margin, height - 14 * mm, "Harrow Valley Water Works")
        canvas.drawRightString(width - margin, height - 14 * mm, "Annual report 2023")
        canvas.drawCentredString(width / 2, 12 * mm, f"{document.page}")
        canvas.restoreState()

    body = BODY.clone("report", fontName="Helvetica", fontSize=10, leading=13.5)
    frame = Frame(margin, 24 * mm, width - 2 * margin, height - 48 * mm, 0, 0, 0, 0)
    document = BaseDocTemplate(
        str(path), pagesize=A4, invariant=1, title="Annual report 2023",
        author="Harrow Valley Water Works",
    )  # fmt: skip
    document.addPageTemplates([PageTemplate("all", [frame], onPage=decorate)])
    document.build([
        Paragraph("Annual report 2023", TITLE),
        Paragraph("Harrow Valley Water Works, for the council of Larkfield", LEAD),
        Paragraph("1 Summary", HEAD),
        Paragraph(
            "In 2023 the water works delivered 437,963 cubic metres of drinking water to 4,326 "
            "households. For the first time in eight years less than a tenth of it was lost on the "
            "way: 9.9 percent, against 11.6 percent the year before. The result of 306.8 thousand "
            "crowns is put into the reserve for the pipe under the river, which is due in 2026.",
            body,
        ),
        Paragraph(
            "The price of water did not change. Harrow Hill pays 2.60 crowns, since its water has "
            "to be pumped up 85 metres; all other districts pay 2.35 crowns for a cubic metre.",
            body,
        ),
        Paragraph("2 Water by district", HEAD),
        Paragraph(
            "Table 1 shows what was sold and what was lost. Losses on Harrow Hill stay high "
            "because the main there dates from 1954. Its first section, 640 metres long, was "
            "replaced between May and August; the second one follows in 2024.",
            body,
        ),
        Paragraph("Table 1: Households, water sold and losses in 2023", NOTE),
        _ruled(WATER),
        Spacer(1, 10),
        Paragraph("2.1 Quality", HEAD.clone("sub", fontSize=11, leading=13)),
        Paragraph(
            "The laboratory took 312 samples. All were within the limits for bacteria. Two samples "
            "of 14 March exceeded the limit for iron after work on a valve in Mill Lane; the pipes "
            "were flushed, and the samples of the next day were in order. The water has a hardness "
            "of 8.2 degrees, which counts as soft.",
            body,
        ),
        Paragraph("3 Money", HEAD),
        Paragraph(
            "Energy for pumping cost 198.3 thousand crowns, a quarter less than in 2022, because "
            "the pumps now run at night and the panels on the reservoir's roof went into service "
            "in April. Repairs cost more than ever, owing to the work on Harrow Hill.",
            body,
        ),
        Paragraph("Table 2: Income and expenses", NOTE),
        _lined(BUDGET),
        Spacer(1, 10),
        Paragraph("4 Plans for 2024", HEAD),
        Paragraph("The council has agreed to the following work:", body),
        ListFlowable(
            [
                ListItem(Paragraph(text, body))
                for text in (
                    "replace the second section of the main on Harrow Hill (710 metres) in May;",
                    "fit 1,500 meters that can be read from the street, first in Millside;",
                    ("build a second well at Fuller's Meadow, if the test drilling of February "
                    "finds enough water at a depth of 60 metres;"),
                    "open the old pumping station to visitors on the first Sunday of each month.",
                )
            ],
            bulletType="bullet", leftIndent=14, bulletFontSize=9,
        ),
        Paragraph("5 Contact", HEAD),
        Paragraph(
            "Questions are answered by Marit Solheim, head of the water works, on weekdays from "
            "9:00 to 12:00. Burst pipes can be reported at any hour: telephone 555-0117.",
            body,
        ),
    ])  # fmt: skip


def _ruled(rows: list[list[str]]) -> Table:
    return Table(
        rows, colWidths=[34 * mm, 26 * mm, 34 * mm, 30 * mm, 30 * mm],
        style=TableStyle([
            ("FONT", (0, 0), (-1, -1), "Helvetica", 9),
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 9),
            ("FONT", (0, -1), (-1, -1), "Helvetica-Bold", 9),
            ("BACKGROUND", (0, 0), (-1, 0), PALE),
            ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
            ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ]),
    )  # fmt: skip


def _lined(rows: list[list[str]]) -> Table:
    return Table(
        rows, colWidths=[64 * mm, 28 * mm, 28 * mm, 28 * mm],
        style=TableStyle([
            ("FONT", (0, 0), (-1, -1), "Helvetica", 9),
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 9),
            ("LINEABOVE", (0, 0), (-1, 0), 0.9, colors.black),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),
            ("LINEBELOW", (0, -1), (-1, -1), 0.9, colors.black),
            ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ]),
    )  # fmt: skip


FORM = [
    ("Borrower", [
        ("Name:", "Teresa Lindqvist"),
        ("Library card:", "LK-20417"),
        ("Address:", "22 Orchard Street, Larkfield"),
        ("Telephone:", "555-0163"),
    ]),
    ("Thing", [
        ("Item:", "Thermal camera, model TC-2"),
        ("Inventory number:", "T-0391"),
        ("From:", "2 December 2024"),
        ("Until:", "9 December 2024"),
        ("Deposit paid:", "20 crowns, in cash"),
    ]),
]  # fmt: skip
BOXES = [
    (True, "I have read the rules for borrowing things."),
    (True, "The item was shown to me and worked."),
    (False, "I need the item to be delivered."),
    (False, "I would like a reminder two days before it is due."),
]


def make_form(path: Path) -> None:
    """A filled form: labels with values, check boxes, a signature."""
    width, height = LETTER
    left = 72
    canvas = Canvas(str(path), pagesize=LETTER, invariant=1)
    canvas.setTitle("Request to borrow a thing")
    canvas.setAuthor("Larkfield Town Library")
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(left, height - 80, "Request to borrow a thing")
    canvas.setFont("Helvetica", 10)
    canvas.drawString(left, height - 100, "Larkfield Town Library, shelf of things. Form B-7.")
    y = height - 140
    for heading, fields in FORM:
        canvas.setFont("Helvetica-Bold", 13)
        canvas.drawString(left, y, heading)
        y -= 26
        for label, value in fields:
            canvas.setFont("Helvetica-Bold", 10)
            canvas.drawString(left, y, label)
            canvas.setFont("Courier", 10.5)
            canvas.drawString(left + 130, y, value)
            canvas.setLineWidth(0.4)
            canvas.line(left + 126, y - 4, width - left, y - 4)
            y -= 22
        y -= 12
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawString(left, y, "Statements")
    y -= 26
    for ticked, text in BOXES:
        canvas.setFont("Courier-Bold", 10.5)
        canvas.drawString(left, y, "[x]" if ticked else "[ ]")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(left + 26, y, text)
        y -= 20
    y -= 20
    canvas.setFont("Helvetica", 10)
    canvas.drawString(left, y, "Larkfield, 2 December 2024")
    canvas.line(left + 250, y - 3, width - left, y - 3)
    canvas.setFont("Times-Italic", 14)
    canvas.drawString(left + 262, y, "T. Lindqvist")
    canvas.setFont("Helvetica", 8)
    canvas.drawString(left + 250, y - 14, "Signature of the borrower")
    canvas.drawString(left, 50, "Please hand in at the desk. A copy is kept for 60 days.")
    canvas.save()


RULES = """\
---
title: Rules for borrowing things
---

# Rules for borrowing things

These rules hold for everything on the shelf of things that is not a book.

## How long

Things are lent for seven days. They can be renewed once, if nobody else waits for them. The
cargo bicycles can be borrowed for three days and can't be renewed.

## Deposit

| thing          | deposit    | instruction needed |
| -------------- | ---------- | ------------------ |
| telescope      | 20 crowns  | no                 |
| sewing machine | 20 crowns  | no                 |
| thermal camera | 20 crowns  | yes                |
| cargo bicycle  | 100 crowns | yes                |

## When something breaks

1. Stop using it.
2. Tell us within two days, telephone 555-0148.
3. Bring all parts back, also the broken ones.

Wear and tear costs nothing. For damage through carelessness the library asks for half of the
price of repair, and for no more than 80 crowns.
"""

MINUTES = """\
Minutes of the Friends of the Library
Larkfield, 17 October 2024

Present: Anneke Duval (chair), Samuel Okafor, Priya Raman, Tom Weller (minutes).

The treasurer reports 61,500 crowns for the new roof. The goal for March is 75,000 crowns. A
concert in the main hall on 30 November is to bring in the rest; the choir sings for free.

The meeting agrees, with three votes against one, to buy the second cargo bicycle.

Next meeting: 16 January 2025, 18:30, map room.
"""


def make_all(folder: Path) -> list[Path]:
    """Writes every file; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    makers = {
        "newsletter.pdf": make_newsletter,
        "report.pdf": make_report,
        "form.pdf": make_form,
    }
    for name, make in makers.items():
        make(folder / name)
    (folder / "rules.md").write_text(RULES, encoding="utf-8", newline="\n")
    (folder / "minutes.txt").write_text(MINUTES, encoding="utf-8", newline="\n")
    return sorted(folder / name for name in (*makers, "rules.md", "minutes.txt"))


if __name__ == "__main__":
    target = Path(__file__).resolve().parents[1] / "examples" / "data"
    for made in make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else target):
        print(made, made.stat().st_size)
