"""ExtractiveLLM: verbatim quotes with the right numbers, or "I don't know."."""

import re

import pytest

from ragkit import Document, ExtractiveLLM, Grounding, Hit, OnnxEmbedder
from ragkit.errors import EmbeddingError, InvalidInputError
from ragkit.llms.conformance import LLMConformance
from ragkit.types import ABSTAIN


@pytest.fixture(scope="module")
def embedder():
    return OnnxEmbedder()


@pytest.fixture(scope="module")
def llm(embedder):
    return ExtractiveLLM(embedder=embedder)


def found(question, *texts):
    return Grounding(question, tuple(Hit(Document(t), 1 - i / 10, i) for i, t in enumerate(texts)))


def ask(llm, question, *texts, **options):
    return llm.generate("", context=found(question, *texts), **options).text


LIBRARY = (
    "The Rivermouth library was built in 1904. It stands on Harbour Street, next to the old town "
    "hall. On weekdays it opens at nine and closes at seven. The reading room has 84 seats. Maria "
    "Keller has been its director since 2019. Dogs may come in if they are on a leash."
)
MUSEUM = (
    "The museum of glass shows work from six centuries. Admission costs 12 euro, and nothing on "
    "the first Sunday of each month. Write to visits@glass.example to book a tour."
)


class TestConformance(LLMConformance):
    @pytest.fixture
    def llm(self, embedder):
        return ExtractiveLLM(embedder=embedder)


@pytest.mark.parametrize(
    ("question", "answer", "number"),
    [
        ("When was the library built?", "1904", 1),
        ("Where is the library?", "Harbour Street", 1),
        ("How many seats does the reading room have?", "84", 1),
        ("Who is the director of the library?", "Maria Keller", 1),
        ("Can I bring my dog to the library?", "leash", 1),
        ("How much is the entrance to the museum of glass?", "12 euro", 2),
        ("Which e-mail address do I write to in order to book a tour?", "visits@glass.example", 2),
    ],
)
def test_the_right_sentence_with_its_number(llm, question, answer, number):
    text = ask(llm, question, LIBRARY, MUSEUM)
    quotes = re.findall(r"(.*?) \[(\d+)\] ?", text)
    assert any(answer in quote and int(of) == number for quote, of in quotes)
    for quote, of in quotes:
        assert quote in (LIBRARY, MUSEUM)[int(of) - 1], "verbatim"


def test_headings_and_questions_are_not_answers(llm):
    text = "Opening hours of the museum\n\nWhen does the museum open?\n\nIt opens at ten."
    assert ask(llm, "When does the museum open?", text).startswith("It opens at ten. [1]")
    text = "Do I need a licence?\nNo. A licence is not needed.\nWhat does it cost?\nIt is free."
    assert ask(llm, "What does it cost?", text).startswith("It is free. [1]")


def test_the_sentence_with_the_date_of_the_blog(llm):
    sentence = (
        "Scheduling a visit of the M&E Customer Experience Center will be available starting "
        "November 13th, please send an email to AWS-MediaEnt-CXC@amazon.com."
    )
    texts = ["AWS announces new M&E Customer Experience Center in New York City", sentence]
    question = "When can I visit the AWS M&E Customer Experience Center in New York City?"
    assert ask(llm, question, *texts).startswith(texts[1] + " [2]")
    question = "Which e-mail address do I write to in order to schedule a visit?"
    assert "AWS-MediaEnt-CXC@amazon.com" in ask(llm, question, *texts)


def test_quotes_are_verbatim_with_the_white_space_of_the_source(llm):
    text = "Opening hours:\nThe  doors open at\nnine o'clock. Cats stay out."
    answer = ask(llm, "When do the doors open?", text)
    assert answer.startswith("The  doors open at\nnine o'clock. [1]")


@pytest.mark.parametrize(
    "question",
    [
        "What is the boiling point of tungsten?",
        "Who won the 1998 football world cup?",
        "How do I configure a Kubernetes ingress?",
    ],
)
def test_what_the_passages_do_not_say(llm, question):
    assert ask(llm, question, LIBRARY, MUSEUM) == ABSTAIN


def test_nothing_to_answer_from(llm):
    assert llm.generate("prompt").text == ABSTAIN
    assert llm.generate("prompt", context=Grounding("Why?")).text == ABSTAIN
    assert ask(llm, "Why?", " \n ") == ABSTAIN
    assert ask(llm, "  ", LIBRARY) == ABSTAIN
    assert ask(llm, "???", LIBRARY) == ABSTAIN


def test_threshold_zero_always_quotes_and_one_never(embedder):
    question = "What is the boiling point of tungsten?"
    assert ask(ExtractiveLLM(embedder=embedder, min_score=0), question, LIBRARY) != ABSTAIN
    assert ask(ExtractiveLLM(embedder=embedder, min_score=1), question, LIBRARY) == ABSTAIN


def test_a_long_sentence_is_quoted_in_part(llm):
    long = (
        "Among the many things that the committee discussed during its meeting in the small hall "
        "of the old harbour office, which had been painted over the summer, were the budget, the "
        "new boats, and the lighthouse, whose lamp was replaced in 1987 by order of the ministry, "
        "and finally the question of who should pay for the party."
    )
    answer = ask(llm, "When was the lamp of the lighthouse replaced?", long)
    assert len(answer) <= 200
    assert "1987" in answer
    assert answer.removesuffix(" [1]") in long


def test_a_table_without_sentences_is_cut(llm):
    table = " ".join(f"item{i} costs {i} euro," for i in range(400))
    answer = ask(llm, "How much does item77 cost?", table)
    assert "item77 costs 77 euro" in answer
    assert len(answer) < 500


TABLE = (
    "| Bicycle        | Deposit    | Child seat |\n|----------------|------------|:----------:|\n"
    "| city bicycle   | 50 crowns  | no         |\n| cargo bicycle  | 100 crowns | yes        |\n"
)


def test_a_sentence_is_quoted_rather_than_a_tables_row(llm):
    sentence = "Whoever takes a cargo bicycle leaves 100 crowns at the desk."
    question = "How much is the deposit for a cargo bicycle?"
    assert ask(llm, question, f"{TABLE}\n{sentence}").startswith(sentence)
    late = "The deposit for a cargo bicycle is paid at the desk."
    assert "100 crowns" in ask(llm, question, f"{TABLE}\n{late}"), "the row has the answer"
    row = "| cargo bicycle  | 100 crowns | yes        |"
    assert row in ask(llm, "What is the deposit for a cargo bicycle?", TABLE), "verbatim"


def test_a_tables_rule_is_never_quoted(embedder):
    llm = ExtractiveLLM(embedder=embedder, min_score=0, max_sentences=9, max_chars=1000)
    answer = ask(llm, "What is the deposit for a cargo bicycle?", TABLE, "***", "--- | ---\n- - -")
    assert "---" not in answer
    assert "***" not in answer
    assert ask(llm, "What is the deposit?", "|---|---|") == ABSTAIN


def test_overlapping_chunks_are_quoted_once(llm):
    answer = ask(llm, "When was the library built?", LIBRARY, LIBRARY[:90], LIBRARY)
    assert answer.count("1904") == 1
    assert "[1]" in answer


def test_number_of_sentences(embedder):
    question = "What do you know of the library, its seats and its director?"
    for most in (1, 2, 3):
        llm = ExtractiveLLM(embedder=embedder, max_sentences=most)
        assert 1 <= len(re.findall(r"\[\d\]", ask(llm, question, LIBRARY))) <= most


def test_a_plain_function_embeds(embedder):
    llm = ExtractiveLLM(embedder=lambda text: embedder.embed_query(text).tolist())
    assert "1904" in ask(llm, "When was the library built?", LIBRARY)


GERMAN = (
    "Die Bibliothek wurde 1904 gebaut. Sie steht an der Hafenstraße. Hunde dürfen an der Leine in "
    "die Räume. Der Lesesaal hat 84 Sitzplätze. Geöffnet ist werktags ab neun Uhr."
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Wie viele Sitzplätze hat der Lesesaal?", "84"),
        ("Wann wurde die Bibliothek gebaut?", "1904"),
        ("Darf ich meinen Hund an die Leine nehmen und in einen Raum mitbringen?", "Hunde"),
    ],
)
def test_another_language(embedder, question, answer):
    llm = ExtractiveLLM(embedder=embedder, language="german", max_sentences=1)
    assert answer in ask(llm, question, GERMAN)


class Odd:
    """An embedder of ragkit's kind that gives what it is told to."""

    dimension = 2
    fingerprint = None

    def __init__(self, of_texts, of_question=(1.0, 0.0)):
        self.of_texts, self.of_question = of_texts, of_question

    def embed(self, texts):
        return self.of_texts(texts)

    def embed_query(self, text):
        return self.of_question

    embed_documents = embed


def failing(texts):
    raise KeyError("no model")


@pytest.mark.parametrize(
    ("embedder", "said"),
    [
        (Odd(lambda texts: [[float("nan"), 1.0]] * len(texts)), "NaN"),
        (Odd(lambda texts: [[1.0, 0.0]] * len(texts), (float("inf"), 1.0)), "infinite"),
        (Odd(lambda texts: [[1.0, 0.0]]), "shape"),
        (Odd(lambda texts: [[1.0, 0.0, 0.0]] * len(texts)), "shape"),
        (Odd(lambda texts: [[1.0, 0.0]] * len(texts), 5), "Odd"),
        (Odd(lambda texts: None), "Odd"),
        (Odd(failing), "raised KeyError"),
        (Odd(lambda texts: ["ab"] * len(texts)), "raised ValueError"),
    ],
)
def test_an_embedder_that_fails(embedder, said):
    with pytest.raises(EmbeddingError, match=said):
        ask(ExtractiveLLM(embedder=embedder), "When was it built?", LIBRARY)


def test_vectors_are_kept_within_bounds(embedder, monkeypatch):
    monkeypatch.setattr("ragkit.llms.extractive._REMEMBERED", 3)
    llm = ExtractiveLLM(embedder=embedder)
    for _ in range(2):
        assert "1904" in ask(llm, "When was the library built?", LIBRARY)
        assert len(llm._vectors) == 3


def test_many_threads_share_one(llm):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: ask(llm, "When was the library built?", LIBRARY), range(32))
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    "options",
    [{"min_score": 2}, {"min_score": "x"}, {"min_score": True}, {"max_chars": 10},
     {"max_sentences": 0}, {"max_candidates": 0}, {"language": "klingon"}, {"embedder": 5}],
)  # fmt: skip
def test_arguments_that_cannot_work(options):
    with pytest.raises(InvalidInputError):
        ExtractiveLLM(**options)


def test_repr_names_the_model(llm):
    assert "MiniLM" in repr(llm) or "minilm" in repr(llm)


@pytest.mark.slow
def test_squad_answers(ragkit_data, embedder):
    """Given the right paragraph among others, the first 200 characters have the answer."""
    import json
    import string

    def plain(text):
        text = "".join(c for c in text.lower() if c not in string.punctuation)
        return " ".join(w for w in text.split() if w not in ("a", "an", "the"))

    folder = ragkit_data / "qa" / "squad"
    lines = (folder / "paragraphs.jsonl").read_text("utf-8").splitlines()
    paragraphs = {p["id"]: p["text"] for p in map(json.loads, lines)}
    lines = (folder / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [q for q in map(json.loads, lines) if not q["impossible"]][::4]
    llm, names, right = ExtractiveLLM(embedder=embedder), list(paragraphs), 0
    for q in questions:
        at = names.index(q["paragraph"])
        others = [paragraphs[name] for name in names[max(0, at - 2) : at + 3] if name != names[at]]
        answer = plain(ask(llm, q["question"], paragraphs[q["paragraph"]], *others)[:200])
        right += any(f" {plain(gold)} " in f" {answer} " for gold in q["answers"])
    assert right / len(questions) >= 0.8
