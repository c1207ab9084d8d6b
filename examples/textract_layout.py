"""What Amazon Textract answered about a report, as elements, pictures and text: no account needed.

python examples/textract_layout.py [RESPONSE [FOLDER]]

RESPONSE is a JSON file that Textract gave, or a scan or PDF, which it is then asked about (that
needs boto3 and credentials). Pictures and text go into FOLDER, and are thrown away without one.
"""

import sys
import tempfile
from pathlib import Path

import ragkit.textract
from ragkit import LayoutDocument, LayoutLinearizer

HERE = Path(__file__).parent
RESPONSE = HERE / "responses" / "report.json"
DOCUMENT = HERE / "data" / "report.pdf"
"""What the response is about; a response does not have the pages' pictures."""
KINDS = (
    "TITLE", "HEADER", "FOOTER", "SECTION_HEADER", "PAGE_NUMBER", "LIST", "FIGURE", "TABLE",
    "KEY_VALUE", "TEXT",
)  # fmt: skip


def main(response: str | None = None, folder: str | None = None) -> None:
    layout = ragkit.textract.load(response or RESPONSE)
    if not response:
        for page in layout.pages:
            page.source = str(DOCUMENT)  # what pictures are drawn on
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(folder or scratch)
        target.mkdir(parents=True, exist_ok=True)
        show_elements(layout)
        draw(layout, target)
        linearize(layout, target)
        export(layout, target)


def show_elements(layout: LayoutDocument) -> None:
    print(f"{len(layout.pages)} pages have")
    for kind in KINDS:
        found = layout.select(kind)
        if found:
            print(f"  {len(found):2d} {kind:14s} {found[0].text[:50]!r}")


def draw(layout: LayoutDocument, target: Path) -> None:
    """Each kind on its own, and all of them with arrows along the reading order."""
    for name, pictures in {
        "titles": layout.select("TITLE").visualize(),
        "tables": layout.select("TABLE").visualize(),
        "reading-order": layout.visualize(),
    }.items():
        for number, picture in enumerate(pictures, 1):
            picture.save(target / f"{name}-{number}.png")
        print(f"{name}: {len(pictures)} picture(s)")


def linearize(layout: LayoutDocument, target: Path) -> None:
    """Text with marks before headings, and without what only stands around it."""
    linearizer = LayoutLinearizer.textractor(
        title_prefix="# ",
        section_header_prefix="## ",
        hide_header_layout=True,
        hide_footer_layout=True,
        hide_page_num_layout=True,
        hide_figure_layout=True,
    )
    text = linearizer.to_text(layout)
    (target / "report.txt").write_text(text, encoding="utf-8")
    print(f"\nreport.txt has {len(text.split())} words; it begins\n\n{text[:190]} …")
    (target / "report.md").write_text(layout.to_markdown(), encoding="utf-8")


def export(layout: LayoutDocument, target: Path) -> None:
    files = [file.name for file in layout.tables.to_csv(target / "tables")]
    print(f"\nTables: {', '.join(files)}")
    for match in layout.search("Harow Hill", limit=2):
        print(f"Found {match.text!r} on page {match.page + 1} ({match.score:.2f})")


if __name__ == "__main__":
    main(*sys.argv[1:])
