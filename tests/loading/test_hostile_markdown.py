"""Text made to be slow: reading it takes time in proportion to its length."""

from __future__ import annotations

import time

import pytest

from ragkit.loading import MarkdownLoader

LENGTH = 200_000


@pytest.mark.parametrize(
    ("start", "body", "end"),
    [
        ("a | b\n", "-", "x"),
        ("a | b\n", "- ", "x"),
        ("---\ntitle: a", " a", "\n---\n"),
        ("---\ntitle: a", " ", "a\n---\n"),
        ("---\n", "title:\n", "---\n"),
        ("", "\n", "x"),
        ("", " ", "x"),
        ("text\n", "=", "x"),
        ("text\n", "= ", "x"),
        ("", "```\n", "x"),
        ("", "`", "\n`"),
        ("", "- a\n", "x"),
        ("", "# \n", "x"),
        ("", "1", ". x"),
    ],
)
def test_hostile_markdown_is_read_in_linear_time(tmp_path, start, body, end):
    path = tmp_path / "a.md"
    text = start + body * (LENGTH // len(body)) + end
    path.write_text(text, encoding="utf-8")
    began = time.process_time()
    (layout,) = MarkdownLoader(path).load()
    assert time.process_time() - began < 20
    assert layout.text == text


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ('title: "A name"', "A name"),
        ("title:\ntitle: \t b \r", "b"),
        ("other: x\ntitle:\n", None),
    ],
)
def test_titles_of_the_front_matter(tmp_path, line, title):
    path = tmp_path / "a.md"
    path.write_bytes(f"---\n{line}\n---\ntext\n".encode())
    assert MarkdownLoader(path).load()[0].metadata.get("title") == title
