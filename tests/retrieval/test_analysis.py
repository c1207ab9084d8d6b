"""The lexical analyzer: what is found by which word."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit.errors import InvalidInputError
from ragkit.retrieval import Analyzer
from ragkit.retrieval.analysis import FTS5_TOKENIZER

ENGLISH = Analyzer()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cats were running", ["cat", "run"]),
        ("27.00", ["27.00", "27"]),
        ("$1,234.5", ["1234.5", "1234"]),
        ("1,234,567 people", ["1234567", "peopl"]),
        ("12,34", ["12", "34"]),
        ("AB-1234", ["ab-1234", "ab", "1234"]),
        ("c6i.xlarge", ["c6i.xlarge", "c6i", "xlarg"]),
        ("M&E", ["m&e"]),
        ("v 3.2.1", ["v", "3.2.1", "3.2", "3", "2", "1"]),
        ("joe.b@x-y.com", ["joe.b@x-y.com", "joe", "com"]),
        ("key_name", ["key_name", "key", "name"]),
        ("C++ or C#?", ["c++", "c#"]),
        ("U.S.A.", ["usa"]),
        ("AT&T's centre’s", ["at&t", "centr"]),
        ("don't, we'll", []),
        ("2023/10/11", ["2023/10/11", "2023", "10", "11"]),
        ("ﬁle Straße NAÏVE nai\u0308ve", ["file", "strass", "naïv", "naïv"]),
        ("東京都に行く", ["東京", "京都", "都に", "に行", "行く"]),
        ("東", ["東"]),
        ("привет мир", ["привет", "мир"]),
        ("", []),
        ("… – ! 🙂", []),
    ],
)
def test_tokens(text, tokens):
    assert ENGLISH.analyze(text) == tokens


@pytest.mark.parametrize(
    ("language", "text", "tokens"),
    [
        ("german", "Die Häuser der Stadt", ["haus", "stadt"]),
        ("french", "l'homme et les maisons", ["lhomme", "homm", "maison"]),
        ("spanish", "las casas de la ciudad", ["cas", "ciud"]),
        ("italian", "le case della città", ["cas", "citt"]),
        ("portuguese", "as casas da cidade", ["cas", "cidad"]),
        ("dutch", "de huizen van de stad", ["huis", "stad"]),
        ("finnish", "ja talot", ["ja", "talo"]),
        ("none", "The cats", ["the", "cats"]),
    ],
)
def test_languages(language, text, tokens):
    assert Analyzer(language).analyze(text) == tokens


def test_an_unknown_language_is_an_error_that_lists_them():
    with pytest.raises(InvalidInputError, match=r"'klingon'.*english, .*german"):
        Analyzer("klingon")


def test_threads_get_the_same_tokens():
    words = " ".join(f"running{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}ings" for i in range(600))
    expected = Analyzer().analyze(words)
    shared = Analyzer()
    with ThreadPoolExecutor(8) as pool:
        assert all(got == expected for got in pool.map(shared.analyze, [words] * 16))


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8")) | st.text("aZ0.,-_@&+#/:'’ß東กé\u0301 \n\u0000\"*()^"))
def test_fts5_sees_exactly_our_tokens(text):
    tokens = ENGLISH.analyze(text)
    connection = sqlite3.connect(":memory:")
    try:
        tokenizer = FTS5_TOKENIZER.replace("'", "''")
        connection.execute(f"CREATE VIRTUAL TABLE t USING fts5(x, tokenize = '{tokenizer}')")
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
        connection.execute("INSERT INTO t VALUES (?)", (" ".join(tokens),))
        seen = connection.execute("SELECT term FROM v ORDER BY offset").fetchall()
        assert [term for (term,) in seen] == tokens
    finally:
        connection.close()


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_tokens_are_found_by_themselves(text):
    """What a token says can be asked for: case and form do not matter."""
    assert ENGLISH.analyze(text) == ENGLISH.analyze(text)
    assert not any(" " in token or '"' in token or "\0" in token for token in ENGLISH.analyze(text))
