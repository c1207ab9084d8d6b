"""Pages as pictures with the passage marked."""

from __future__ import annotations

import pytest
from PIL import ImageChops

from ragkit.errors import InvalidInputError, LoadError, MissingFileError, UnsupportedFileError
from ragkit.layout.drawing import citation_image, draw_regions, page_image
from ragkit.loading import PDFLoader
from ragkit.types import Box, Citation, Hit


def cite(document, quote, source=None):
    start = document.page_content.index(quote)
    end = start + len(quote)
    regions = document.regions_of(start, end)
    source = source or document.source
    return Citation(1, source, 0, "1", start, end, quote, regions, Hit(document, 1.0))


@pytest.fixture(scope="module")
def report(sample_data):
    return PDFLoader(sample_data / "report.pdf").load_documents()[0]


def test_the_marked_part_is_the_quote(report):
    citation = cite(report, "Two samples of 14 March exceeded the limit for iron")
    plain = page_image(report.source, 0, dpi=72)
    marked = citation.image(dpi=72)
    assert marked.size == plain.size == (596, 842)
    changed = ImageChops.difference(plain, marked).getbbox()
    box = Box.around([r.box for r in citation.regions])
    expected = (box.x0 * 596, box.y0 * 842, box.x1 * 596, box.y1 * 842)
    assert changed == pytest.approx(expected, abs=2.5)
    first = citation.regions[0].box
    line = marked.crop((first.x0 * 596, first.y0 * 842, first.x1 * 596, first.y1 * 842))
    red, green, blue = max(line.getcolors(100_000))[1]
    assert blue < green - 20 < red  # yellow, behind the letters


def test_dpi_scales_the_picture(report):
    assert citation_image(cite(report, "Summary"), dpi=144).size == (1191, 1684)


def test_a_page_without_boxes_is_drawn_as_it_is(report):
    plain = page_image(report.source, 1)
    assert ImageChops.difference(plain, draw_regions(report.source, 1, [])).getbbox() is None


def test_what_cannot_be_drawn(report, tmp_path):
    citation = cite(report, "Summary")
    for source, error in (
        ("https://example.org/a.pdf", LoadError),
        ("notes.md", UnsupportedFileError),
        (str(tmp_path / "gone.pdf"), MissingFileError),
    ):
        with pytest.raises(error):
            cite(report, "Summary", source).image()
    citation.regions = ()
    with pytest.raises(InvalidInputError, match="no boxes"):
        citation.image()
    citation.source = None
    with pytest.raises(InvalidInputError, match="no source"):
        citation.image()


def test_arguments_that_cannot_work(report):
    with pytest.raises(InvalidInputError, match="page is 9"):
        page_image(report.source, 9)
    with pytest.raises(InvalidInputError, match="page is -1"):
        page_image(report.source, -1)
    with pytest.raises(InvalidInputError, match="dpi is 0"):
        page_image(report.source, 0, dpi=0)
    with pytest.raises(InvalidInputError, match="lower dpi"):
        page_image(report.source, 0, dpi=100_000)
