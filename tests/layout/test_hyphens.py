"""Words broken at a line's end."""

from __future__ import annotations

import pytest

from ragkit.layout._hyphens import Vocabulary, break_of
from ragkit.layout.model import Line, Word

SEEN = Vocabulary(
    [Line([Word("a"), Word("well-known,"), Word("re-enter"), Word("and"), Word("example.")])]
)


@pytest.mark.parametrize(
    ("last", "following", "expected"),
    [
        ("exam-", "ple.", "exam"),
        ("exam\u2010", "ple", "exam"),
        ("exam\u00ad", "ple", "exam"),
        ("re-", "enter", "re-"),  # so written elsewhere
        ("well-", "mannered", "well-"),  # a first part that stands alone
        ("state-of-the-", "art", "state-of-the-"),
        ("COVID-", "19", "COVID-"),
        ("Anglo-", "Saxon", "Anglo-"),
        ("https://a.b/some-", "page", "https://a.b/some-"),
        ("pre-", "and", None),
        ("yes", "no", None),
        ("-", "no", None),
        ("--", "no", None),
        ("word-", "(no", None),
        ("3-", "fold", "3-"),
    ],
)
def test_breaks(last, following, expected):
    assert break_of(last, following, SEEN) == expected


def test_words_that_end_lines_are_no_evidence():
    lines = [Line([Word("un-")]), Line([Word("un-"), Word("x")])]
    assert "un-" in Vocabulary(lines)
    assert "un-" not in Vocabulary(lines[:1])
