"""Whatever is handed in, the error is one of ours and says what to do."""

from __future__ import annotations

import pytest

import ragkit
from ragkit import (
    DirectoryLoader,
    Document,
    ExtractiveLLM,
    FunctionEmbedder,
    LayoutLinearizer,
    LocalStore,
    MarkdownLoader,
    PDFLoader,
    RecursiveSplitter,
    RetrievalQA,
    TextLoader,
    TokenSplitter,
)
from ragkit.errors import InvalidInputError, RagkitError, UnknownOptionError
from ragkit.stores.conformance import HashingEmbedder

EMBEDDER = HashingEmbedder()


def store():
    return LocalStore.from_documents([Document("a b c")], EMBEDDER)


def qa():
    return RetrievalQA(ExtractiveLLM(embedder=EMBEDDER), store().as_retriever())


CASES = {
    "transform None": lambda: LayoutLinearizer().transform(None),
    "transform a document": lambda: LayoutLinearizer().transform(Document("x")),
    "to_text None": lambda: LayoutLinearizer().to_text(None),
    "split None": lambda: RecursiveSplitter().split_documents(None),
    "split 1": lambda: TokenSplitter(count_tokens=len).split_documents(1),
    "split text None": lambda: RecursiveSplitter().split_documents([Document(None)]),
    "separators": lambda: RecursiveSplitter(separators=None),
    "length": lambda: RecursiveSplitter(length_function=lambda text: -1).split_text("a " * 999),
    "batch None": lambda: qa().batch(None),
    "batch str": lambda: qa().batch("When?"),
    "render None": lambda: ragkit.render_llama2(None),
    "chain_type_kwargs": lambda: RetrievalQA.from_chain_type(
        "extractive", retriever=store(), chain_type_kwargs=3
    ),
    "search_kwargs": lambda: store().as_retriever(search_kwargs={1: 2}),
    "k": lambda: store().search("a", 0),
    "NUL in a path": lambda: LocalStore("a\0b"),
    "context": lambda: ExtractiveLLM(embedder=EMBEDDER).generate("", context=3),
    "PDF None": lambda: PDFLoader(None),
    "text 1": lambda: TextLoader(1),
    "Markdown empty": lambda: MarkdownLoader([]),
    "to_markdown None": lambda: ragkit.to_markdown(None),
    "to_markdown missing": lambda: ragkit.to_markdown("nope"),
    "to_markdown folder": lambda: ragkit.to_markdown("."),
    "loaders": lambda: DirectoryLoader(".", loaders=3),
    "loaders by number": lambda: DirectoryLoader(".", loaders={3: TextLoader}),
    "glob": lambda: DirectoryLoader(".", glob=3),
    "embedder raises": lambda: FunctionEmbedder(lambda text: {}["x"]).embed(["a"]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_error_is_ours(name):
    with pytest.raises(RagkitError) as caught:
        CASES[name]()
    assert len(str(caught.value)) > 20


@pytest.mark.parametrize("value", ["no", "false", 0, 1, None])
@pytest.mark.parametrize(
    ("make", "flag"),
    [
        *((DirectoryLoader, flag) for flag in ("recursive", "hidden", "follow_links")),
        *((RecursiveSplitter, flag) for flag in ("is_separator_regex", "strip_whitespace")),
        *((LayoutLinearizer, flag) for flag in ("hide_header_layout", "mend_broken_words")),
        *((FunctionEmbedder, flag) for flag in ("batch", "normalize")),
        (ragkit.load_embedder, "normalize"),
        (ragkit.Table().to_rows, "fill_merged"),
        (ragkit.Table().to_markdown, "fill_merged"),
    ],
)
def test_a_flag_is_true_or_false(make, flag, value):
    first = {DirectoryLoader: ["."], FunctionEmbedder: [len], ragkit.load_embedder: ["minilm"]}
    with pytest.raises(InvalidInputError, match=f"{flag} is {value!r}; it has to be True or Fa"):
        make(*first.get(make, []), **{flag: value})


@pytest.mark.parametrize(
    ("make", "meant"),
    [
        (lambda: ragkit.Index("x", embeder="minilm"), "embedder"),
        (lambda: PDFLoader("x.pdf", pasword="1"), "password"),
        (lambda: TextLoader("x.txt", encodng="1"), "encoding"),
        (lambda: RecursiveSplitter(chunksize=3), "chunk_size"),
        (lambda: TokenSplitter(chunk_overlp=3), "chunk_overlap"),
        (lambda: LocalStore(":memory:", embeder="minilm"), "embedder"),
        (lambda: RetrievalQA("extractive", store(), promt=None), "prompt"),
        (lambda: ExtractiveLLM(max_char=3), "max_chars"),
        (lambda: ragkit.OpenAILLM("m", time_out=3), "timeout"),
        (lambda: ragkit.PromptTemplate(sytem="x"), "system"),
        (lambda: ragkit.LayoutLinearizer(table_sufix="x"), "table_suffix"),
        (lambda: DirectoryLoader(".", recursiv=True), "recursive"),
    ],
)
def test_misspelt_options_name_the_right_one(make, meant):
    with pytest.raises(UnknownOptionError, match=f"Did you mean '{meant}'"):
        make()
