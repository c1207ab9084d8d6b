"""estimate_tokens against real tokenizers: never under, and close on prose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ragkit
from ragkit.prompting import estimate_tokens

CODE = Path(ragkit.__file__).with_name("qa.py").read_text(encoding="utf-8")
OTHERS = {
    "code": CODE,
    "url": "https://example.org/a%20b?q=1&x=Qz_9#frag, mail me@example.org",
    "chinese": "检索增强生成把文档检索与语言模型结合起来。" * 5,
    "japanese": "図書館は平日の九時に開きます。カフェもあります。",
    "korean": "도서관은 평일 아홉 시에 문을 엽니다.",
    "arabic": "تفتح المكتبة في الساعة التاسعة ﷺ",
    "german": "Die Bücherei öffnet werktags um neun; Überraschungsgäste heißen wir willkommen.",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪😀" * 10,
    "accents": "e\u0301n\u0303 ŵ Ǆ ﬃ ㎒ ½",
    "controls": "\x00\x01\x7f\ufeff\u200b \xa0\t\t\r\n\n\n    x",
    "digits": "1234567890 -12.5% 3,141.59 " * 9,
    "capitals": "NASA'S EXTRAVEHICULAR ACTIVITIES MCMXCIV XJQZ KPMG",
    "letters": "qzxjvkwpqxzjvkwqzx bcdfg hjklm",
    "empty": "",
}


def texts_of(path, key):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)[key] for line in lines]


@pytest.fixture(scope="module")
def prose(ragkit_data):
    qa = ragkit_data / "qa"
    return texts_of(qa / "squad/paragraphs.jsonl", "text"), texts_of(
        qa / "scifact/corpus.jsonl", "text"
    )


@pytest.fixture(scope="module")
def llama_like(prose, ragkit_data):
    """Tokens by a byte-pair tokenizer of Llama-2's kind, made from half of the prose.

    It has 16,000 pieces: learned from so little, they are as long as Llama-2's 32,000 on the
    encyclopedia (4.2 characters a token, Llama-2's about 4.0).
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    encyclopedia, science = prose
    wiki = (ragkit_data / "qa/chunkeval/wikitexts.md").read_text(encoding="utf-8")
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    special = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(
        vocab_size=16_000,
        special_tokens=special,
        initial_alphabet=[chr(code) for code in range(32, 127)],
        show_progress=False,
    )
    words = [*encyclopedia[::2], *science[::20], wiki[:60_000]]
    tokenizer.train_from_iterator(words, trainer)
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def minilm(text):
    from tokenizers import Tokenizer

    folder = Path(ragkit.__file__).parent / "embedding/weights/minilm"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return len(tokenizer.encode(text, add_special_tokens=False).ids)


def test_prose_is_not_under_and_at_most_half_over(llama_like, prose):
    encyclopedia, science = prose
    for texts in (encyclopedia[1:400:2], science[1:800:20]):
        true = [llama_like(text) for text in texts]
        seen = [estimate_tokens(text) for text in texts]
        under = [(s, t) for s, t in zip(seen, true, strict=True) if s < t]
        assert not under
    true = sum(llama_like(text) for text in encyclopedia[1:400:2])
    assert sum(map(estimate_tokens, encyclopedia[1:400:2])) <= 1.5 * true


@pytest.mark.slow
def test_the_tokenizer_of_a_real_model(prose, ragkit_data):
    """Mistral's 32,000 pieces, made like Llama-2's; in the package mistral-common."""
    common = pytest.importorskip("mistral_common", reason="needs mistral-common")
    sentencepiece = pytest.importorskip("sentencepiece", reason="needs sentencepiece")
    file = Path(common.__file__).parent / "data" / "tokenizer.model.v1"
    model = sentencepiece.SentencePieceProcessor(model_file=str(file))
    for texts in prose:
        true = [len(model.encode(text)) for text in texts[:1000]]
        seen = list(map(estimate_tokens, texts[:1000]))
        assert all(s >= t for s, t in zip(seen, true, strict=True))
        assert sum(seen) <= 1.5 * sum(true)
    reports = texts_of(ragkit_data / "qa/tatqa/contexts.jsonl", "table")
    tables = ["\n".join(" | ".join(row) for row in table) for table in reports]
    for text in [*tables, *OTHERS.values(), *CODE.splitlines()]:
        assert estimate_tokens(text) >= len(model.encode(text))


def test_tables_of_numbers_are_not_under(llama_like, ragkit_data):
    for table in texts_of(ragkit_data / "qa/tatqa/contexts.jsonl", "table")[:100]:
        text = "\n".join(" | ".join(row) for row in table)
        assert estimate_tokens(text) >= llama_like(text)


@pytest.mark.parametrize("kind", OTHERS)
def test_other_texts_are_not_under(llama_like, kind):
    text = OTHERS[kind]
    assert estimate_tokens(text) >= max(llama_like(text), minilm(text))


@given(text=st.text(max_size=60))
def test_any_text_is_not_under(llama_like, text):
    assert estimate_tokens(text) >= llama_like(text)


@given(text=st.text(alphabet="etaoinshrdlucmfwypvbgkqjxz ETAQ.,1é漢", max_size=60))
def test_any_letters_are_not_under(llama_like, text):
    assert estimate_tokens(text) >= llama_like(text)
