"""Texts made to be slow: whatever reads untrusted text does so in steady time."""

import time

import pytest

from ragkit import Document, ExtractiveLLM, Grounding, Hit, RecursiveSplitter, TokenSplitter
from ragkit.llms.base import Options
from ragkit.llms.cutting import Cutter
from ragkit.llms.questions import Cues
from ragkit.prompting import format_context, neutralise
from ragkit.sentences import split_sentences
from ragkit.splitting.counting import estimate_tokens

SIZE = 200_000
LIMIT = 20.0
"""Seconds of CPU, so that a busy machine makes no difference; each takes a hundredth of that, and
quadratic ones take many minutes."""
TEXTS = [
    ".", ".x", ". ", ". a", ".[..]", ".[a]", ".)", '"', '."', " ", "a ", "\n", ".\n", "a\n", "\n ",
    "[", "[ ", "[ 1", "[1]", "[/", "<", "< ", "<|", "<|a", "< /", "(", ")", "{", "1,", "1.", "a.",
    "A.", "é", "-", "--a", "。", "|", "a|\n", "| - |", "\u200b", "…!?", "\r", "how much ",
    "what x", "a@", "a.a@", "+1", "No. ", "\u3042", ">", "> [",
]  # fmt: skip


@pytest.mark.parametrize("end", ["", "a"])
@pytest.mark.parametrize("piece", TEXTS)
def test_patterns_take_steady_time(piece, end):
    text = piece * (SIZE // len(piece)) + end
    began = time.process_time()
    for _ in split_sentences(text):
        pass
    neutralise(text)
    format_context([Hit(Document(text), 1.0)])
    Cues(text).count(text[:600])
    estimate_tokens(text)
    "".join(Cutter(Options(max_tokens=10**9)).cut([text]))
    assert time.process_time() - began < LIMIT


@pytest.mark.parametrize("piece", [". ", ".", "how much ", "a@"])
def test_a_model_that_quotes_takes_steady_time(piece):
    text = piece * (SIZE // len(piece)) + "a"
    llm = ExtractiveLLM(embedder=lambda text: [1.0, 0.5])
    began = time.process_time()
    llm.generate("", context=Grounding("How much does it cost?", (Hit(Document(text), 1.0),)))
    llm.generate("", context=Grounding(text, (Hit(Document("It costs 3 euro."), 1.0),)))
    assert time.process_time() - began < LIMIT


@pytest.mark.parametrize("piece", [".", "a ", ".\n", "[..]."])
def test_splitters_take_steady_time(piece):
    text = piece * (SIZE // len(piece)) + "a"
    began = time.process_time()
    RecursiveSplitter().split_text(text)
    TokenSplitter(count_tokens=len).split_text(text)
    assert time.process_time() - began < 2 * LIMIT
