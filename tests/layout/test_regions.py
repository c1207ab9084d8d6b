"""Every word of a linearized text points at the box that holds it, on real PDFs."""

from __future__ import annotations

import re
import unicodedata

import pypdfium2 as pdfium
import pytest

from ragkit.layout import LayoutLinearizer
from ragkit.layout.analysis import PageContent, analyze_pages
from ragkit.loading import PDFLoader

EVERYTHING = {
    "hide_header_layout": False,
    "hide_footer_layout": False,
    "hide_page_num_layout": False,
}
PDFS = [
    "synth/syn-1-00.pdf",
    "synth/syn-1-05.pdf",
    "jose/jose.00302.pdf",
    "docbank/1402.5330.pdf",
    "facts/multi_column_miss.pdf",
    "robust/nics-background-checks-2015-11-rotated.pdf",
    "robust/negative-coords.pdf",
    "robust/issue-71-duplicate-chars.pdf",
    "robust/newspaper.pdf",
]


def letters(text):
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text)).lower()


class Reference:
    """The text that PDFium itself finds under a box."""

    def __init__(self, path):
        self.document = pdfium.PdfDocument(path)

    def under(self, region):
        page = self.document[region.page]
        left, bottom, right, top = page.get_bbox()
        wide, high = right - left, top - bottom
        x0, y0, x1, y1 = region.box.x0, region.box.y0, region.box.x1, region.box.y1
        across, down = {  # of the page as it is in the file
            0: ((x0, x1), (y0, y1)),
            90: ((y0, y1), (1 - x1, 1 - x0)),
            180: ((1 - x1, 1 - x0), (1 - y1, 1 - y0)),
            270: ((1 - y1, 1 - y0), (x0, x1)),
        }[page.get_rotation()]
        a, c = (left + x * wide for x in across)
        d, b = (top - y * high for y in down)
        text_page = page.get_textpage()
        found = text_page.get_text_bounded(a - 0.3, b - 0.3, c + 0.3, d + 0.3)
        text_page.close()
        page.close()
        return found


@pytest.mark.parametrize("name", PDFS)
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_each_words_box_holds_it(name, form, ragkit_data):
    path = ragkit_data / "pdf" / name
    reference = Reference(path)
    layout = PDFLoader(path).load()[0]
    wrong, count = [], 0
    for document in LayoutLinearizer(format=form, **EVERYTHING).transform(layout):
        found = re.finditer(r"\S+", document.page_content)
        words = [match for match in found if letters(match[0])]  # not what draws a table
        for match in words[:: max(1, len(words) // 25)]:
            regions = document.regions_of(*match.span())
            assert regions, match[0]
            count += 1
            under = letters("".join(map(reference.under, regions)))
            if letters(match[0]) not in under:
                wrong.append((match[0], under))
    reference.document.close()
    assert count > 15
    # PDFium orders overlapping characters in its own way here and there.
    assert len(wrong) <= max(1, 0.02 * count), wrong[:5]


@pytest.mark.parametrize("name", PDFS)
def test_no_word_is_lost(name, ragkit_data):
    path = ragkit_data / "pdf" / name
    layout = PDFLoader(path).load()[0]
    document = pdfium.PdfDocument(path)
    for page in layout.pages:
        loaded = document[page.number]
        text_page = loaded.get_textpage()
        expected = sorted(letters(text_page.get_text_range()))
        text_page.close()
        loaded.close()
        words = [w for line in page.iter_lines() for w in line.words]
        assert sorted(letters("".join(w.text for w in words))) == expected
    document.close()
    linearized = LayoutLinearizer(**EVERYTHING).to_text(layout)
    everything = "".join(w.text for p in layout.pages for n in p.iter_lines() for w in n.words)
    assert len(letters(linearized)) == len(letters(everything))


def test_analysis_keeps_every_word(sample_data):
    layout = PDFLoader(sample_data / "newsletter.pdf").load()[0]
    for page in layout.pages:
        words = [w for line in page.iter_lines() for w in line.words]
        again = analyze_pages([PageContent(0, "1", page.width, page.height, words=words[::-1])])
        kept = [w for line in again[0].iter_lines() for w in line.words]
        assert sorted(map(id, kept)) == sorted(map(id, words))


def test_the_sentence_of_the_blog(ragkit_data):
    (path,) = (ragkit_data / "qa" / "me_blog").glob("*Experience Center*.pdf")
    document = PDFLoader(path).load_documents()[2]
    assert document.metadata["page"] == 2
    text = document.page_content
    start = text.index("Scheduling a visit")
    end = text.index("AWS-MediaEnt-CXC@amazon.com.") + len("AWS-MediaEnt-CXC@amazon.com.")
    assert "November 13th" in text[start:end]
    regions = document.regions_of(start, end)
    assert {r.page for r in regions} == {2}
    reference = Reference(path)
    under = " ".join(reference.under(r) for r in regions)
    reference.document.close()
    assert under.split() == text[start:end].split()
