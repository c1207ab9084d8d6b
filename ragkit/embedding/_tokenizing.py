"""Texts to token ids, cut to the model's limit by us, so that every cut is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TokenCounter", "TokenizedTexts", "encodable"]


@dataclass(frozen=True, slots=True)
class TokenizedTexts:
    """Token ids of some texts, special tokens included.

    Attributes:
        ids: One list for each text, or for each window of one.
        truncated: How many texts were cut.
        owners: For each list, the position of its text.
    """

    ids: list[list[int]]
    truncated: int
    owners: list[int]


class TokenCounter:
    """A model's tokenizer without the padding and truncation that its file may ask for.

    Args:
        path: A `tokenizer.json`.
        max_tokens: The most tokens of a text, special tokens included.

    Raises:
        ModelError: If the file is damaged.
    """

    def __init__(self, path: Path, max_tokens: int) -> None:
        self._path = path
        self._max_tokens = max_tokens
        self._tokenizer = _load(path)
        bare = self._tokenizer.encode("a", add_special_tokens=False).ids
        full = self._tokenizer.encode("a").ids
        before = next((i for i in range(len(full)) if full[i : i + len(bare)] == bare), 0)
        self._head = full[:before]
        self._tail = full[before + len(bare) :]

    @property
    def ends(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Tokens that open and that close each text."""
        return tuple(self._head), tuple(self._tail)

    def check_vocabulary(self, size: int) -> None:
        """Nothing, if the encoder has a vector for every token.

        Raises:
            ModelError: If it has only `size`, fewer than the tokenizer's tokens.
        """
        tokens = self._tokenizer.get_vocab_size()
        if tokens > size:
            raise ModelError(
                f"{self._path} has {tokens} tokens, but by config.json the encoder "
                f"knows only {size}; the two files are of different models."
            )

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, nothing cut."""
        return [len(ids) for ids in self._encode(texts)]

    def tokenize(self, texts: Sequence[str]) -> TokenizedTexts:
        """Token ids; a text over the limit loses its end, but keeps the closing token."""
        ids = self._encode(texts)
        kept = self._max_tokens - len(self._tail)
        long = [n for n, tokens in enumerate(ids) if len(tokens) > self._max_tokens]
        for n in long:
            ids[n] = ids[n][:kept] + self._tail
        return TokenizedTexts(ids, len(long), list(range(len(ids))))

    def windows(self, texts: Sequence[str]) -> TokenizedTexts:
        """Token ids; a text over the limit becomes several lists that overlap by an eighth."""
        room = self._max_tokens - len(self._head) - len(self._tail)
        step = max(1, room - room // 8)
        ids, owners = [], []
        for n, tokens in enumerate(self._encode(texts)):
            if len(tokens) <= self._max_tokens:
                parts = [tokens]
            else:
                inner = tokens[len(self._head) : len(tokens) - len(self._tail)]
                starts = range(0, len(inner) - room + step, step)
                parts = [self._head + inner[s : s + room] + self._tail for s in starts]
            ids += parts
            owners += [n] * len(parts)
        return TokenizedTexts(ids, 0, owners)

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        if len(texts) == 1:
            return [self._tokenizer.encode(encodable(texts[0])).ids]
        return [e.ids for e in self._tokenizer.encode_batch_fast([encodable(t) for t in texts])]


def encodable(text: str) -> str:
    """`text` with half a surrogate pair, which is no character, read as U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _load(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise ModelError(f"{path} is not a tokenizer that can be read: {error}.") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
