"""The one-liner."""

from __future__ import annotations

import pytest

import ragkit.layout
from ragkit.errors import UnsupportedFileError
from ragkit.layout import to_markdown


def test_a_report(sample_data):
    markdown = to_markdown(sample_data / "report.pdf")
    assert markdown.startswith("# Annual report 2023\n")
    assert "\n## 2 Water by district\n" in markdown
    assert "| Harrow Hill | 1,517 | 163,905 | 14.8 % | 2.60 |" in markdown
    assert "| Repairs of pipes | -203.5 | -188.1 | -356.2 |" in markdown
    assert "\n- fit 1,500 meters that can be read from the street" in markdown
    assert "Harrow Valley Water Works\n" not in markdown


def test_a_newsletter_in_two_columns(sample_data):
    markdown = to_markdown(sample_data / "newsletter.pdf")
    headings = [line for line in markdown.splitlines() if line.startswith("#")]
    assert headings[0] == "# Larkfield Library Letter"
    assert headings[1] == "## Opening hours change in November"
    assert headings[-1] == "## Where to find us"
    assert "Winter 2024, no. 57" not in markdown
    assert "Page 2" not in markdown
    # Goes on in the next column, and on the next page.
    assert "Orla Brandt looks after the cabinet and gives advice every Thursday" in markdown
    assert "so that its parts may help the next one." in markdown


def test_a_form(sample_data):
    markdown = to_markdown(sample_data / "form.pdf")
    assert "Library card: LK-20417" in markdown
    assert "- [x] The item was shown to me and worked." in markdown
    assert "- [ ] I need the item to be delivered." in markdown


def test_other_files(sample_data, tmp_path):
    assert to_markdown(sample_data / "rules.md") == (sample_data / "rules.md").read_text()
    with pytest.raises(UnsupportedFileError, match="Supported suffixes"):
        to_markdown(tmp_path / "a.docx")


def test_names_are_lazy():
    assert "to_markdown" in dir(ragkit.layout)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ragkit.layout.nothing
