"""TokenSplitter: never over the limit, at sentence ends where it can be."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragkit import Document, RecursiveSplitter, TokenSplitter
from ragkit.embedding import OnnxEmbedder
from ragkit.errors import InvalidInputError
from ragkit.splitting.counting import estimate_tokens


@pytest.fixture(scope="module")
def minilm():
    return OnnxEmbedder()


def odd_count(text):
    """Not additive: pairs of letters and every gap count."""
    return 1 + len(re.findall(r"\w{1,2}|[^\w\s]|\s(?=\S)", text))


PIECES = ["a", "word ", "Sentence one. ", "Is it? ", "\n", "\n\n", "  ", "1,234.5 ", "日本語。",
          "é", "🗼", "| 12 | 7.5 |\n", "- item\n", "x" * 50, "\u00a0", "ﬃ", "\ud7a3",
          "[UNK] "]  # fmt: skip
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text())
sizes = st.integers(8, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


def check(splitter, text, count):
    spans = splitter.split_spans(text)
    at = 0
    for start, end in spans:
        assert text[start:end].strip() == text[start:end] != ""
        assert count(text[start:end]) <= splitter.chunk_size
        assert end > at
        if start > at:
            assert not text[at:start].strip(), "nothing but white space is left out"
        at = end
    assert not text[at:].strip()
    return spans


@settings(max_examples=150)
@given(texts, sizes)
def test_the_limit_holds_for_the_embedders_tokens(minilm, text, size):
    splitter = TokenSplitter(embedder=minilm, chunk_size=size[0], chunk_overlap=size[1])
    check(splitter, text, lambda t: minilm.count_tokens(t) - 2)


@given(texts, sizes)
def test_the_limit_holds_for_tokens_that_do_not_add_up(text, size):
    splitter = TokenSplitter(count_tokens=odd_count, chunk_size=size[0], chunk_overlap=size[1])
    check(splitter, text, lambda t: odd_count(t) - 1)


def test_places_and_metadata(minilm):
    text = "The same sentence again and again. " * 60
    chunks = TokenSplitter(embedder=minilm, chunk_size=50).split_documents(
        [Document(text, {"source": "a.txt", "page": 3})]
    )
    assert len(chunks) > 5
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.page_content
        assert chunk.metadata["page"] == 3
        assert chunk.page_content.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{i}.{i * 7 % 100:02} | {i * 31} | -{i * 3}.5 | (12)" for i in range(400)),
        "漢字かな交じり文を書く。" * 200,
        "Pneumonoultramicroscopicsilicovolcanoconiosis" * 100,
        "aGVsbG8gd29ybGQ/+8=" * 3000,
        "สวัสดีชาวโลก" * 300,
        "🗼🎌" * 500,
        " " * 50_000 + "x" + "\n" * 50_000 + "y",
    ],
    ids=["numbers", "japanese", "long word", "base64", "thai", "emoji", "white space"],
)
def test_texts_with_few_characters_a_token(minilm, text):
    spans = check(TokenSplitter(embedder=minilm), text, lambda t: minilm.count_tokens(t) - 2)
    assert all(minilm.count_tokens(text[a:b]) <= 222 for a, b in spans)
    assert all(b - a <= 220 * 16 + 15 for a, b in spans)


def test_no_chunk_is_truncated_by_the_embedder(minilm):
    text = "\n".join(f"Row {i}: {i**3}, {i**2}." for i in range(300))
    chunks = TokenSplitter(embedder=minilm).split_text(text)
    before = minilm.truncated
    minilm.embed(chunks)
    assert minilm.truncated == before


def test_chunks_end_with_paragraphs_then_sentences():
    def count(text):
        return len(text.split())

    paragraph = "One two three four five. Six seven eight nine ten.\n\n"
    splitter = TokenSplitter(count_tokens=count, chunk_size=18, chunk_overlap=0)
    assert splitter.split_text(paragraph * 3) == [paragraph.strip()] * 3
    splitter = TokenSplitter(count_tokens=count, chunk_size=8, chunk_overlap=0)
    assert splitter.split_text(paragraph) == [
        "One two three four five.",
        "Six seven eight nine ten.",
    ]


def test_neighbours_share_whole_sentences_that_fit():
    def count(text):
        return len(text.split())

    text = "A b c. D e f. G h i. J k l. M n o."
    shared = TokenSplitter(count_tokens=count, chunk_size=7, chunk_overlap=3).split_text(text)
    assert shared == ["A b c. D e f.", "D e f. G h i.", "G h i. J k l.", "J k l. M n o."]
    none = TokenSplitter(count_tokens=count, chunk_size=7, chunk_overlap=2).split_text(text)
    assert none == ["A b c. D e f.", "G h i. J k l.", "M n o."]


def test_a_cut_sentence_shares_words():
    words = " ".join(f"w{i}" for i in range(30))
    splitter = TokenSplitter(count_tokens=lambda t: len(t.split()), chunk_size=10, chunk_overlap=2)
    first, second = splitter.split_text(words)[:2]
    assert first.split()[-2:] == second.split()[:2] == ["w8", "w9"]


def test_a_small_rest_is_shared_out():
    words = ". ".join(f"W{i} x" for i in range(12)) + "."
    splitter = TokenSplitter(count_tokens=lambda t: len(t.split()), chunk_size=22, chunk_overlap=0)
    sizes = [len(chunk.split()) for chunk in splitter.split_text(words)]
    assert sum(sizes) == 24
    assert min(sizes) >= 8


def test_an_embedder_that_cannot_count_is_estimated_high(minilm):
    splitter = TokenSplitter(embedder=lambda text: [1.0, 2.0], chunk_size=100, chunk_overlap=0)
    text = "Plain English prose, with 12 numbers and marks (1,234.5). " * 40
    assert all(minilm.count_tokens(chunk) <= 102 for chunk in splitter.split_text(text))
    assert estimate_tokens("naïve 漢字") >= 4
    assert splitter.config["tokens_of"].startswith("estimate")


def test_default_is_the_shipped_model():
    splitter = TokenSplitter()
    assert splitter.config["chunk_size"] == 220
    assert splitter.count_tokens("hello world") == 2
    assert "TokenSplitter" in repr(splitter)
    assert splitter.split_text("") == splitter.split_text(" \n ") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"chunk_size": 20}, "chunk_overlap is 20 and chunk_size is 20"),
        ({"count_tokens": len, "embedder": "minilm"}, "not both"),
        ({"count_tokens": 3}, "count_tokens is 3"),
        ({"count_tokens": lambda t: "x"}, "gave 'x'"),
        ({"chunk_size": 255}, "reads 254 tokens"),
    ],
)
def test_options_that_cannot_work(options, said):
    with pytest.raises(InvalidInputError, match=said):
        TokenSplitter(**options)


def test_a_character_with_more_tokens_than_a_chunk():
    splitter = TokenSplitter(count_tokens=lambda t: 3 * len(t), chunk_size=2, chunk_overlap=0)
    with pytest.raises(InvalidInputError, match="alone has 3 tokens"):
        splitter.split_text("ab")


@pytest.mark.slow
def test_a_megabyte_takes_seconds(minilm):
    import time

    text = "A sentence with some words in it, and then more. Another one follows here!\n" * 14_000
    began = time.process_time()
    TokenSplitter(embedder=minilm).split_text(text)
    assert time.process_time() - began < 30
    began = time.process_time()
    RecursiveSplitter().split_text(text)
    assert time.process_time() - began < 20
