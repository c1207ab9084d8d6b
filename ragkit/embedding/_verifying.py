"""Whether a loaded session computes what its weights say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ragkit.embedding._bert_graph import BertShape
from ragkit.embedding._bert_reference import reference_vector
from ragkit.embedding._weights import open_weights, read_word_rows
from ragkit.errors import ModelError

if TYPE_CHECKING:
    from ragkit.embedding._session import EncoderSession, SessionKey

__all__ = ["verify"]

_TOKENS = (5, 9)
"""Of the text that is verified, and of the one that it is padded to the length of."""
_MOST = {"f32": 1e-3, "bf16": 0.1, "int8": 0.5}
"""The largest difference from the reference, of its length. Another model's is about 1."""


def verify(session: EncoderSession, key: SessionKey) -> None:
    """Nothing, if a short text of random tokens gets the vector that plain numpy computes.

    Raises:
        ModelError: If it gets another.
    """
    folder = key.folder
    random = np.random.default_rng(0)
    texts = [
        random.integers(0, folder.vocabulary, min(count, folder.positions)).tolist()
        for count in _TOKENS
    ]
    given = session.run(texts, batch_tokens=sum(_TOKENS) * 2)[0]
    with open_weights(folder) as tensor:
        expected = reference_vector(
            BertShape.of(folder),
            tensor,
            read_word_rows(folder, texts[0]),
            key.pooling,
            normalize=key.normalize,
        )
    off = float(np.linalg.norm(given - expected) / np.linalg.norm(expected))
    most = _MOST[key.precision.partition("+")[0]]
    if not off <= most:
        raise ModelError(
            f"{type(session).__name__} gives other vectors for {folder.path} than its weights do: "
            f"they are off by {off:.2g} of their length, {most:g} at most would be right. The "
            f"runtime does not work on this processor: install another version of it, or use "
            f"another engine."
        )
