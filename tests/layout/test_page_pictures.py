"""Pages that are pictures themselves, drawn with boxes around their elements."""

from __future__ import annotations

import PIL.Image
import pytest

from ragkit import Box
from ragkit.errors import LimitExceededError, LoadError, MissingFileError
from ragkit.layout import visualizing
from ragkit.layout.model import Element, ElementKind, LayoutDocument, Page

BLUE = (0, 0, 255)


@pytest.fixture
def layout(tmp_path):
    """A page that is a blue picture with a title."""
    PIL.Image.new("RGB", (400, 300), BLUE).save(tmp_path / "scan.PNG")
    title = Element(ElementKind.TITLE, box=Box(0.5, 0.5, 0.9, 0.9))
    source = str(tmp_path / "scan.PNG")
    return LayoutDocument(source, [Page(0, elements=[title], source=source)])


def test_a_page_is_its_picture_as_if_it_were_8_5_inches_wide(layout):
    picture = layout.pages[0].image(dpi=20)
    assert (picture.size, picture.getpixel((9, 9))) == ((227, 170), BLUE)


def test_boxes_are_drawn_on_it(layout):
    (picture,) = layout.visualize("TITLE", dpi=20)
    assert picture.getpixel((9, 9)) == BLUE
    colors = [picture.getpixel((x, 140)) for x in range(227)]
    assert visualizing.COLORS[ElementKind.TITLE] in colors[110:116]


def test_a_page_of_a_tiff_is_drawn(tmp_path):
    frames = [PIL.Image.new("RGB", (9, 9), color) for color in ("red", "blue")]
    path = tmp_path / "scan.tiff"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert Page(1, source=str(path)).image().getpixel((1, 1)) == BLUE
    with pytest.raises(LoadError, match="can't be drawn"):
        Page(2, source=str(path)).image()


def test_what_can_t_be_drawn(layout, tmp_path, monkeypatch):
    monkeypatch.setattr(visualizing, "MAX_PIXELS", 10)
    with pytest.raises(LimitExceededError, match=r"400 × 300 pixels; 10 are drawn"):
        layout.visualize()
    (tmp_path / "scan.PNG").write_bytes(b"nothing")
    with pytest.raises(LoadError, match="can't be drawn"):
        layout.visualize()
    (tmp_path / "scan.PNG").unlink()
    with pytest.raises(MissingFileError, match="no file"):
        layout.visualize()
    assert Page(0, source="s3://bucket/scan.png").image(dpi=10).size == (85, 110)
