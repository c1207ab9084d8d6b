"""Makes ragkit/prompting/pieces.txt: the words and pieces of words that tokenizers agree on.

    RAGKIT_DATA=… python scripts/make_pieces.py tokenizer.model.v1

A byte-pair vocabulary is learned from the shared prose, and kept is what the given SentencePiece
vocabulary and MiniLM's words have too. pieces.txt was made with Mistral's 32,000 pieces, which
mistral-common (Apache-2.0, on PyPI) brings. It needs tokenizers and sentencepiece.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "ragkit" / "prompting" / "pieces.txt"
MINILM = TARGET.parents[1] / "embedding" / "weights" / "minilm" / "tokenizer.json"
WORD = re.compile(r" ?[A-Za-z]+")
WORDS_OF, PARTS_OF, LONGEST_PART = 12_000, 2500, 3


def texts(root: Path) -> Iterator[str]:
    """General, legal, financial and scientific English, so that no subject's words prevail."""
    records = [json.loads(line) for line in (root / "squad/paragraphs.jsonl").open()]
    yield from (record["text"] for record in records[::2])
    speech = (root / "chunkeval/state_of_the_union.md").read_text(encoding="utf-8")
    yield from [speech[: len(speech) // 2]] * 3
    yield from [(root / "chunkeval/wikitexts.md").read_text(encoding="utf-8")[:60_000]] * 2
    reports = [json.loads(line) for line in (root / "tatqa/contexts.jsonl").open()]
    yield from [part for report in reports for part in report["paragraphs"]][:1200:2]
    yield (root / "faq/Amazon_SageMaker_FAQs.csv").read_text(encoding="utf-8")[:40_000]
    abstracts = [json.loads(line) for line in (root / "scifact/corpus.jsonl").open()]
    yield from (abstract["text"] for abstract in abstracts[::40])


def learned(root: Path, size: int) -> set[str]:
    """Pieces of letters; a word's first has ``▁`` where a space stands before it."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    words = (word.replace(" ", "▁") for text in texts(root) for word in WORD.findall(text))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False)
    tokenizer.train_from_iterator([" ".join(words)], trainer)
    return set(tokenizer.get_vocab())


def pieces_of(path: str) -> set[str]:
    """All pieces of a SentencePiece model."""
    from sentencepiece import SentencePieceProcessor

    model = SentencePieceProcessor(model_file=path)
    return {model.id_to_piece(number) for number in range(model.vocab_size())}


def is_word(piece: str) -> bool:
    """Whether it stands alone rather than being a part of words."""
    return piece.startswith("▁") and len(piece) > LONGEST_PART + 1


def main() -> None:
    """Writes the file: words that stand alone, then parts of words."""
    root = Path(os.environ["RAGKIT_DATA"]) / "qa"
    known = pieces_of(sys.argv[1])
    minilm = set(json.loads(MINILM.read_text(encoding="utf-8"))["model"]["vocab"])
    whole = filter(is_word, learned(root, WORDS_OF) & known)
    words = sorted(piece[1:] for piece in whole if piece[1:].lower() in minilm)
    pieces = learned(root, PARTS_OF) & known
    parts = sorted(piece for piece in pieces if 1 < len(piece.lstrip("▁")) <= LONGEST_PART)
    TARGET.write_text(f"{' '.join(words)}\n{' '.join(parts)}\n", encoding="utf-8")
    print(len(words), "words,", len(parts), "parts,", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
