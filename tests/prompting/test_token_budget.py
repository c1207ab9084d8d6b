"""TokenBudget: what of the passages fits, whole or trimmed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit import Document, Hit, PromptTemplate
from ragkit.errors import InvalidInputError, TokenBudgetError
from ragkit.prompting import TokenBudget, format_context


def words(text):
    return len(text.split())


def hits(*texts):
    return [
        Hit(Document(t, {"source": f"{i}.txt"}, id=str(i)), 1 - i / 10, i)
        for i, t in enumerate(texts)
    ]


TEMPLATE = PromptTemplate(system=None, user="Sources: {context} Question: {question}")


def render(some):
    return TEMPLATE.format(context=format_context(some), question="When does it open?")


FIXED = words(render([])) + 1  # BOS


def fit(every, room, **options):
    return TokenBudget(room + 5, max_tokens=5, count_tokens=words, **options).fit(every, render)


def test_everything_is_kept_where_it_fits():
    every = hits("Alpha beta.", "Gamma delta.")
    fitted = fit(every, FIXED + 6)
    assert (fitted.kept, fitted.dropped, fitted.trimmed) == (every, [], [])
    unlimited = TokenBudget(None).fit(every, render)
    assert unlimited.kept == every


def test_whole_passages_go_first_then_the_last_is_trimmed_at_a_sentence():
    every = hits("One two three.", "Four five. Six seven. Eight nine.", "Ten.")
    fitted = fit(every, FIXED + 4 + 1 + 5)
    assert [hit.document.page_content for hit in fitted.kept] == [
        "One two three.",
        "Four five. Six seven.",
    ]
    assert fitted.dropped == every[2:]
    [part] = fitted.trimmed
    assert part is fitted.kept[1]
    assert (part.rank, part.score, part.document.id) == (1, every[1].score, "1")
    assert (part.document.start, part.document.end) == (0, 21)


def test_a_trimmed_part_of_a_chunk_still_counts_from_the_source():
    source = Document("Intro text here. Four five. Six seven. Eight nine.", {"source": "a"})
    chunk = source.slice(17, 50)
    fitted = fit([Hit(chunk, 0.9)], FIXED + 1 + 4)
    [part] = fitted.kept
    start, end = part.document.start, part.document.end
    assert source.page_content[start:end] == part.document.page_content == "Four five. Six seven."


TEXT = st.lists(
    st.sampled_from(["One two.", "Three four five six.", "Seven!", "Eight nine ten,"]), max_size=6
).map(" ".join)


@given(st.lists(TEXT, min_size=1, max_size=6), st.integers(1, 60))
def test_the_window_is_hard_and_nothing_is_lost(texts, room):
    every = hits(*texts)
    try:
        fitted = fit(every, room)
    except TokenBudgetError:
        first = re.split(r"(?<=[.!]) ", texts[0])[0]
        assert words(render(hits(first))) + 1 > room
        return
    assert words(render(fitted.kept)) + 1 <= room
    ranks = [hit.rank for hit in fitted.kept + fitted.dropped]
    assert ranks == list(range(len(every)))
    whole = [hit for hit in fitted.kept if hit not in fitted.trimmed]
    assert whole == every[: len(whole)]
    for part in fitted.trimmed:
        text = part.document.page_content
        assert texts[part.rank].startswith(text)
        assert text[-1] in ".!"
    if len(whole) < len(every):
        assert words(render(every[: len(whole) + 1])) + 1 > room


def test_an_impossible_budget_says_the_numbers():
    with pytest.raises(TokenBudgetError, match=r"window is 12 tokens.*reserves 5.*leaves 7.*7\b"):
        TokenBudget(12, 5, words).fit(hits("One two."), render)
    with pytest.raises(TokenBudgetError, match=r"leaves 5 .*question need 7; shorten them"):
        TokenBudget(10, 5, words).fit(hits("One two."), render)
    with pytest.raises(TokenBudgetError, match="window is 512 tokens and max_tokens reserves 512"):
        TokenBudget(512, 512)
    with pytest.raises(TokenBudgetError, match=r"max_context_tokens is 2, but .* has 3 tokens"):
        TokenBudget(None, count_tokens=words, max_context_tokens=2).fit(hits("One two."), render)


def test_messages_count_with_what_is_around_them():
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]
    assert TokenBudget(100, 5, words).count(messages) == 3 + 2 * 24
    exact = TokenBudget(100, 5, words, count_prompt=lambda prompt: 7)
    assert exact.count(messages) == 7
    assert TokenBudget(900).count("Why?") > TokenBudget(900, count_tokens=words).count("Why?")


class Model:
    window = 60

    def count_tokens(self, text):
        return words(text)


def test_a_model_says_its_window_and_counts():
    budget = TokenBudget.of_model(Model(), max_tokens=20)
    assert (budget.window, budget.room, budget.count("a b")) == (60, 40, 3)
    assert TokenBudget.of_model(Model(), window=50, max_tokens=20).room == 30
    assert TokenBudget.of_model(object()).room is None
    assert "60" in repr(budget)


@pytest.mark.parametrize(
    "make",
    [
        lambda: TokenBudget(0),
        lambda: TokenBudget("many"),
        lambda: TokenBudget(100, max_tokens=0),
        lambda: TokenBudget(100, 5, 7),
        lambda: TokenBudget(100, 5, windw=7),
        lambda: TokenBudget(100, 5, max_context_tokens=0),
        lambda: TokenBudget(100, 5, lambda text: 1.5).count("a"),
        lambda: TokenBudget(100, 5, lambda text: -1).count("a"),
    ],
)
def test_bad_arguments(make):
    with pytest.raises(InvalidInputError):
        make()
