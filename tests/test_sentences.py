"""Sentences: where they begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.sentences import split_sentences


def split(text):
    return [text[a:b] for a, b in split_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Hello Mr. Smith.", "J. R. R. Tolkien wrote it in the U.S.", "The book costs $3.50."],
        ['"Really?" she asked.', "Yes!", "See Fig. 3 and no. 5 of vol. 2."],
        ["He said no.", "Then he left.[12]", "It was built.[citation needed]", "It stands."],
        ["It was made by Acme Inc. Chairman Roe."],
        ["It is by Acme Inc.", "The chairman left."],
        ["The U.S. Army came.", "On Jan. 3 it went."],
        ["It costs approx. 3 euro (incl. VAT).", "Wait... what?", "(It does.)", "“Good.”"],
        ["Version 2.1 of node.js is here.", "Go to www.example.com."],
    ],
)
def test_running_text(sentences):
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    "lines",
    [
        ["Heading", "A first paragraph that says something."],
        ["- item one", "- item two", "• item three"],
        ["1. First thing", "2. Second thing"],
        ["a | b", "| 1 | 2 |"],
        ["Opening hours:", "monday to friday"],
        ["One.", "", "Two"],
    ],
)
def test_lines_that_stand_alone(lines):
    assert split("\n".join(lines)) == [line for line in lines if line]


def test_wrapped_lines_belong_together():
    text = "This is a long line of running text that goes on to the next\nline. And ends\nhere."
    assert split(text) == [text[:66], text[67:]]


def test_chinese_and_japanese():
    assert split("東京は首都です。人口は多い！「はい。」次") == [
        "東京は首都です。",
        "人口は多い！",
        "「はい。」",
        "次",
    ]


@given(st.text(alphabet=st.sampled_from("aB1 .!?\n\t。”)[]-*éß…\u00a0"), max_size=60) | st.text())
def test_nothing_but_white_space_is_left_out(text):
    at = 0
    for start, end in split_sentences(text):
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end].strip() == text[start:end]
        at = end
    assert not text[at:].strip()


def test_a_long_text_without_marks_is_fast():
    assert len(split("word " * 100_000)) == 1
    assert len(split("x. " * 30_000)) >= 1
    assert split("\n" * 100_000) == []
