"""RecursiveSplitter: LangChain's chunks, with exact places."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.documents import Document as LangChainDocument
from langchain_text_splitters import RecursiveCharacterTextSplitter

from ragkit import Document, RecursiveSplitter
from ragkit.errors import InvalidInputError
from ragkit.provenance import Box, Run, SourceMap

PIECES = ["a", "bb", "the ", "cat sat", "\n", "\n\n", " ", "  ", "\t", "\u00a0", "\u2003", "\u3000",
          "\x1c", "é", "日本語", "🗼", "1,234.5", ". ", "word" * 9, "-", "\r\n"]  # fmt: skip
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.text(max_size=80),
    st.tuples(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.integers(1, 12)).map(
        lambda t: t[0] * t[1]
    ),
)
sizes = st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


def words(text):
    return len(text.split())


def tokens_with_specials(text):
    return 2 + len(re.findall(r"\w{1,3}|[^\w\s]", text))


def utf8(text):
    return len(text.encode("utf-8", "surrogatepass"))


LENGTHS = [len, words, tokens_with_specials, utf8]


def both(size, overlap, **options):
    ours = RecursiveSplitter(chunk_size=size, chunk_overlap=overlap, **options)
    options = {**options, "separators": list(options["separators"])}
    return ours, RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=overlap, **options)


SEPARATORS = [("\n\n", "\n", " ", ""), ("\n\n", ". ", " "), (" ",), ("", "\n"), ("a", "the", "")]


@given(
    texts,
    sizes,
    st.sampled_from([True, "start", "end"]),
    st.sampled_from(SEPARATORS),
    st.sampled_from(LENGTHS),
    st.booleans(),
)
@example("a a a a a\n\na a", (3, 2), True, SEPARATORS[0], len, True)
def test_same_chunks_as_langchain(text, size, keep, separators, length, strip):
    ours, theirs = both(
        *size,
        keep_separator=keep,
        separators=separators,
        length_function=length,
        strip_whitespace=strip,
    )
    assert ours.split_text(text) == theirs.split_text(text)


@given(texts, sizes, st.sampled_from([True, "start", "end"]))
def test_same_chunks_with_regular_expressions(text, size, keep):
    ours, theirs = both(
        *size, keep_separator=keep, separators=(r"\n\s*\n", r"(?<=\. )", r"\s"),
        is_separator_regex=True,
    )  # fmt: skip
    assert ours.split_text(text) == theirs.split_text(text)


@given(texts, sizes, st.sampled_from([True, False, "end"]), st.sampled_from(LENGTHS))
def test_each_chunk_is_where_it_says(text, size, keep, length):
    splitter = RecursiveSplitter(
        chunk_size=size[0], chunk_overlap=size[1], keep_separator=keep, length_function=length
    )
    for chunk in splitter.split_documents([Document(text, {"source": "x"})]):
        assert text[chunk.start : chunk.end] == chunk.page_content
        assert chunk.metadata["source"] == "x"


@given(texts, sizes)
def test_without_separators_the_same_pieces_are_grouped(text, size):
    """Where LangChain's chunk is a slice of the text, it is ours; else ours has its words."""
    ours, theirs = both(*size, keep_separator=False, separators=SEPARATORS[0])
    mine, other = ours.split_text(text), theirs.split_text(text)
    assert len(mine) == len(other)
    for a, b in zip(mine, other, strict=True):
        assert re.sub(r"[\n ]", "", a) == re.sub(r"[\n ]", "", b)


def test_without_separators_a_chunk_is_the_slice_between_its_pieces():
    text = "one\n\n\n\ntwo"
    ours, theirs = both(20, 0, keep_separator=False, separators=SEPARATORS[0])
    assert theirs.split_text(text) == ["one\n\ntwo"]  # nowhere in the text
    assert ours.split_text(text) == [text]


def test_places_are_right_where_text_repeats_and_lengths_are_tokens():
    text = "no no no no yes " * 40
    options = {"length_function": words, "separators": SEPARATORS[0]}
    ours, _ = both(7, 3, **options)
    chunks = ours.split_documents([Document(text)])
    starts = [chunk.start for chunk in chunks]
    assert starts == sorted(set(starts))
    theirs = RecursiveCharacterTextSplitter(
        chunk_size=7, chunk_overlap=3, length_function=words, add_start_index=True
    )
    wrong = [d.metadata["start_index"] for d in theirs.create_documents([text])]
    assert wrong != starts, "LangChain got right; the comparison is no longer of use"


def test_boxes_follow_the_slices():
    text = "Alpha beta\ngamma delta"
    boxes = [Box(0.1, 0.1, 0.2, 0.12), Box(0.3, 0.1, 0.4, 0.12)]
    runs = [Run.of_words(0, 10, 0, boxes), Run.of_words(11, 22, 1, boxes)]
    document = Document.with_map(text, {"source": "a.pdf"}, SourceMap(runs))
    first, second = RecursiveSplitter(chunk_size=10, chunk_overlap=0).split_documents([document])[
        :2
    ]
    assert [r.page for r in first.regions] == [0]
    assert [r.page for r in second.regions] == [1]
    assert second.start == 11


def test_a_slice_of_a_slice_points_at_the_whole():
    text = "First part. " * 5 + "Second part. " * 5
    outer = RecursiveSplitter(chunk_size=60, chunk_overlap=0).split_documents([Document(text)])
    for chunk in RecursiveSplitter(chunk_size=13, chunk_overlap=0).split_documents(outer):
        assert text[chunk.start : chunk.end] == chunk.page_content


def test_langchain_documents_and_texts_are_taken():
    splitter = RecursiveSplitter(chunk_size=5, chunk_overlap=0)
    document = LangChainDocument(page_content="one two", metadata={"source": "s"})
    chunks = splitter.split_documents([document])
    assert [c.page_content for c in chunks] == ["one", "two"]
    assert chunks[1].source == "s"
    assert "_ragkit" not in document.metadata
    made = splitter.create_documents(["one two"], [{"n": 1}])
    assert [(c.page_content, c.metadata["n"]) for c in made] == [("one", 1), ("two", 1)]


def test_token_lengths_are_asked_in_batches():
    class Counter:
        calls = 0

        def count_tokens(self, text):
            assert len(text) <= 1, "asked one by one"
            return len(text.split())

        def count_tokens_batch(self, texts):
            self.calls += 1
            return [len(t.split()) for t in texts]

    counter = Counter()
    splitter = RecursiveSplitter(
        chunk_size=5, chunk_overlap=1, length_function=counter.count_tokens, separators=("\n", " ")
    )
    chunks = splitter.split_text("one two three four five six\n" * 50)
    assert chunks[0] == "one two three four five"
    assert counter.calls <= 3, "lines, then the words of a line, which all lines share"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"chunk_size": 100, "chunk_overlap": 100}, "chunk_overlap is 100 and chunk_size is 100"),
        ({"chunk_size": 0}, "chunk_size is 0"),
        ({"chunk_size": True}, "chunk_size is True"),
        ({"chunk_overlap": -1}, "chunk_overlap is -1"),
        ({"separators": ()}, "separators is"),
        ({"separators": "\n"}, "separators is"),
        ({"separators": [1]}, "separators is"),
        ({"length_function": 3}, "length_function is 3"),
        ({"keep_separator": "middle"}, "keep_separator is 'middle'"),
        ({"keep_separator": None}, "keep_separator is None"),
        ({"separators": ["("], "is_separator_regex": True}, "no regular expression"),
    ],
)
def test_options_that_cannot_work(options, said):
    with pytest.raises(InvalidInputError, match=re.escape(said)):
        RecursiveSplitter(**options)


def test_inputs_that_cannot_work():
    splitter = RecursiveSplitter()
    with pytest.raises(InvalidInputError, match="not one Document"):
        splitter.split_documents(Document("a"))
    with pytest.raises(InvalidInputError, match="documents\\[1\\] is int 3"):
        splitter.split_documents([Document("a"), 3])
    with pytest.raises(InvalidInputError, match="create_documents"):
        splitter.split_documents(["a"])
    bad = SimpleNamespace(page_content="a", metadata=[1, 2])
    with pytest.raises(InvalidInputError, match="metadata"):
        splitter.split_documents([bad])
    with pytest.raises(InvalidInputError, match="has to be a str, not bytes"):
        splitter.split_text(b"a")
    with pytest.raises(InvalidInputError, match="not one str"):
        splitter.create_documents("abc")
    with pytest.raises(InvalidInputError, match="2 texts but 1 metadatas"):
        splitter.create_documents(["a", "b"], [{}])
    with pytest.raises(InvalidInputError, match="gave 'x'"):
        RecursiveSplitter(length_function=lambda text: "x").split_text("a b")


def test_config_is_plain_json():
    import json

    config = RecursiveSplitter().config
    assert json.loads(json.dumps(config)) == config
    assert config["chunk_size"] == 1000


def test_layout_documents_are_linearized():
    from ragkit import Element, ElementKind, LayoutDocument, Line, Page

    lines = [Line(raw="One sentence here."), Line(raw="Another one.")]
    page = Page(0, "1", elements=[Element(ElementKind.TEXT, [line]) for line in lines])
    layout = LayoutDocument("a.txt", [page], {"source": "a.txt"})
    chunks = RecursiveSplitter(chunk_size=20, chunk_overlap=0).split_documents([layout])
    assert [chunk.page_content for chunk in chunks] == ["One sentence here.", "Another one."]
    assert chunks[1].source == "a.txt"
    with pytest.raises(InvalidInputError, match="not one LayoutDocument"):
        RecursiveSplitter().split_documents(layout)
