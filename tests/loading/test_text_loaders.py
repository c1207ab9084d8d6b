"""Text and Markdown files are kept verbatim."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.errors import (
    CorruptFileError,
    InvalidInputError,
    LimitExceededError,
    MissingFileError,
    UnsupportedFileError,
)
from ragkit.layout import ElementKind, LayoutLinearizer
from ragkit.loading import MarkdownLoader, TextLoader, loader_for
from ragkit.loading.markdown import _elements

MARKDOWN = """\
---
title: "Front matter"
---

# First

Some text
over two lines.

Second
------

- one
- two

| a | b |
|---|---|
| 1 | 2 |

```python
# no heading

x = 1
```

### Third ###
last line without end"""


@pytest.mark.parametrize("loader", [TextLoader, MarkdownLoader])
@pytest.mark.parametrize(
    "text",
    [
        "one line",
        "a\r\nb\r\n",
        "\n\n leading and trailing \n\n",
        "tab\tand\u2028separator\n\x0c",
        MARKDOWN,
    ],
)
def test_the_text_is_the_files_text(loader, text, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    for options in ({}, {"format": "markdown"}, {"reading_order": "raster"}):
        layout = loader(path).load()[0]
        assert LayoutLinearizer(**options).to_text(layout) == text
    (document,) = loader(path).load_documents()
    assert document.page_content == text
    assert document.source == str(path)
    assert "page" not in document.metadata
    assert layout.text == text


@given(st.text(alphabet=st.sampled_from("ab #`~-=|*1.>\n\r\t"), min_size=1))
def test_markdown_blocks_put_together_are_the_text(text):
    assert "".join(e.lines[0].raw for e in _elements(text)) == text


def test_markdown_blocks_have_kinds(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(MARKDOWN)
    layout = MarkdownLoader(path).load()[0]
    assert [(e.kind, e.level) for e in layout.pages[0].elements] == [
        (ElementKind.TEXT, None),
        (ElementKind.TITLE, 1),
        (ElementKind.TEXT, None),
        (ElementKind.SECTION_HEADER, 2),
        (ElementKind.LIST, None),
        (ElementKind.TABLE, None),
        (ElementKind.TEXT, None),
        (ElementKind.SECTION_HEADER, 3),
        (ElementKind.TEXT, None),
    ]
    assert layout.metadata["title"] == "Front matter"


def test_the_title_is_the_first_heading_without_front_matter(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("Big\n===\n\n# Other\n")
    assert MarkdownLoader(path).load()[0].metadata["title"] == "Big"
    path.write_text("## only a section\n")
    assert "title" not in MarkdownLoader(path).load()[0].metadata


def test_front_matter_without_end_and_fence_without_end(tmp_path):
    path = tmp_path / "a.md"
    for text in ("---\nnever closed\n", "```\nnever closed\n"):
        path.write_text(text)
        assert MarkdownLoader(path).load_documents()[0].page_content == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_tell_the_encoding(encoding, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("größe\r\n".encode(encoding))
    assert TextLoader(path).load_documents()[0].page_content == "größe\r\n"


def test_an_encoding_can_be_given(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("größe".encode("latin-1"))
    with pytest.raises(UnsupportedFileError, match="pass encoding="):
        TextLoader(path).load()
    assert TextLoader(path, encoding="latin-1").load_documents()[0].page_content == "größe"
    path.write_bytes(codecs.BOM_UTF8 + b"marked")
    assert TextLoader(path, encoding="utf-8").load_documents()[0].page_content == "marked"
    with pytest.raises(UnsupportedFileError, match="Check the value"):
        TextLoader(path, encoding="ascii").load()


def test_binary_under_a_text_name(tmp_path):
    path = tmp_path / "photo.txt"
    path.write_bytes(b"GIF89a\x00\x01\x00")
    with pytest.raises(UnsupportedFileError, match="binary file"):
        TextLoader(path).load()
    path.write_bytes(b"\x89PNG\r\n\xff\xfe")
    with pytest.raises(UnsupportedFileError, match="binary file"):
        TextLoader(path).load()


def test_bad_files(tmp_path):
    with pytest.raises(MissingFileError):
        TextLoader(tmp_path / "none.txt").load()
    path = tmp_path / "a.txt"
    path.touch()
    with pytest.raises(CorruptFileError, match="empty"):
        TextLoader(path).load()
    path.write_text(" \n\t\n")
    with pytest.raises(CorruptFileError, match="white space"):
        TextLoader(path).load()
    path.write_text("too long")
    with pytest.raises(LimitExceededError, match="max_bytes"):
        TextLoader(path, max_bytes=3).load()
    assert TextLoader(path, max_bytes=None).load()
    with pytest.raises(InvalidInputError, match="encoding"):
        TextLoader(path, encoding="klingon")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PDF", "PDFLoader"),
        ("a.txt", "TextLoader"),
        ("a.text", "TextLoader"),
        ("a.md", "MarkdownLoader"),
        ("a.markdown", "MarkdownLoader"),
    ],
)
def test_loader_for_goes_by_the_suffix(name, kind):
    assert type(loader_for(name)).__name__ == kind


def test_loader_for_names_what_it_knows():
    with pytest.raises(UnsupportedFileError, match=r"\.xyz.*\.pdf, \.txt"):
        loader_for("a.xyz")
