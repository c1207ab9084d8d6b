"""What the embedders of local BERT-family models share, whatever runs them."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit._checks import check_choice, check_count, check_flag
from ragkit._cores import physical_cores
from ragkit.embedding._base import TextEmbedder, check_text, check_texts, normalized
from ragkit.embedding._hub import model_path
from ragkit.embedding._model_folder import TOKENIZER, read_model_folder
from ragkit.embedding._session import EncoderSession, SessionKey
from ragkit.embedding._tokenizing import TokenCounter, TokenizedTexts
from ragkit.embedding._weights import check_weights, file_sha256, weights_sha256
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LocalEmbedder"]

SHIPPED = Path(__file__).parent / "weights" / "minilm"
SHIPPED_NAME = "all-MiniLM-L6-v2"
SHIPPED_SHA256 = "9c0bf732145c2a248a35b8d17263e9adefce68043737804b972f46d46b219189"
"""Of the shipped weights; `scripts/make_minilm_weights.py` makes them."""

_TEXTS_AT_ONCE = 4096
"""Tokenized together and sorted by length; bounds the memory for token ids."""

_log = logging.getLogger("ragkit.embedding")


class LocalEmbedder(TextEmbedder):
    """A model's folder, tokenizer and limits; a subclass brings the session that computes."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        """Takes a subclass's arguments by name, and checks those that all have."""
        self._arguments = arguments
        folder, pooling = arguments["folder"], arguments["pooling"]
        self._shipped = folder is None
        self._batch_tokens = check_count(arguments["batch_tokens"], "batch_tokens")
        self._windows = (
            check_choice(arguments["long_texts"], "long_texts", ("cut", "windows")) == "windows"
        )
        threads = arguments["threads"]
        count = physical_cores() if threads is None else check_count(threads, "threads")
        path = model_path(SHIPPED if folder is None else folder, arguments["revision"])
        model = read_model_folder(path, "" if folder is None else str(folder))
        check_weights(model)
        if pooling is not None:
            check_choice(pooling, "pooling", ("mean", "cls"))
        self._model = model
        stamp = max(file.stat().st_mtime_ns for file in model.weights)
        normalize = check_flag(arguments["normalize"], "normalize")
        self._tokens = TokenCounter(path / TOKENIZER, model.max_tokens)
        self._tokens.check_vocabulary(model.vocabulary)
        self._key = SessionKey(model, stamp, pooling or model.pooling, normalize, count)
        query, document = arguments["query_prefix"], arguments["document_prefix"]
        query = model.query_prompt if query is None else query
        document = model.document_prompt if document is None else document
        self.query_prefix = check_text(query, "query_prefix")
        self.document_prefix = check_text(document, "document_prefix")
        self._session: EncoderSession | None = None
        self._revision: str | None = None
        self._lock = threading.Lock()
        self._truncated = 0

    @abstractmethod
    def _open(self) -> EncoderSession:
        """The session that runs the model, shared by equal embedders."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._model.hidden

    @property
    def max_tokens(self) -> int:
        """The most tokens of a text that are read, special tokens and prefix included."""
        return self._model.max_tokens

    @property
    def batch_tokens(self) -> int:
        """The most tokens that run through the model together; other batches, other last bits."""
        return self._batch_tokens

    @property
    def truncated(self) -> int:
        """How many texts were longer than that so far, and lost their end."""
        return self._truncated

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """Name, hash of weights, tokenizer, pooling and limit, dimension, normalisation, prefixes.

        Of the shipped model it is the SHA-256 of the weights alone.
        """
        if self._revision is None:
            self._revision = SHIPPED_SHA256 if self._shipped else self._hashed()
        return EmbedderFingerprint(
            name=self._name(),
            revision=self._revision,
            dimension=self.dimension,
            normalized=self._key.normalize,
            query_prefix=self.query_prefix,
            document_prefix=self.document_prefix,
        )

    def _hashed(self) -> str:
        """What the vectors follow from: a folder's settings may be edited beside its weights."""
        parts = (
            weights_sha256(self._model.weights),
            file_sha256(self._model.path / TOKENIZER),
            self._key.pooling,
            self.max_tokens,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`, special tokens included, prefix not, nothing cut.

        Raises:
            InvalidInputError: If `text` is not a str.
        """
        return self._tokens.count([check_text(text)])[0]

    def count_tokens_batch(self, texts: Sequence[str]) -> list[int]:
        """`count_tokens` of each text, faster than one by one.

        Raises:
            InvalidInputError: If `texts` is one str, or an entry is not a str.
        """
        return self._tokens.count(check_texts(texts))

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        session = self._running()
        parts = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = texts[start : start + _TEXTS_AT_ONCE]
            tokenized = self._tokens.windows(part) if self._windows else self._tokens.tokenize(part)
            self._count_truncated(tokenized.truncated)
            vectors = session.run(tokenized.ids, self._batch_tokens)
            parts.append(self._joined(vectors, tokenized, len(part)))
        return np.concatenate(parts)

    def _joined(
        self, vectors: NDArray[np.float32], tokenized: TokenizedTexts, count: int
    ) -> NDArray[np.float32]:
        """One vector for each text: its windows' mean, weighted by their tokens."""
        if len(vectors) == count:
            return vectors
        weights = np.array([len(ids) for ids in tokenized.ids], np.float32)
        sums, totals = np.zeros((count, vectors.shape[1]), np.float32), np.zeros(count, np.float32)
        np.add.at(sums, tokenized.owners, vectors * weights[:, None])
        np.add.at(totals, tokenized.owners, weights)
        single = np.bincount(tokenized.owners, minlength=count) == 1
        means = sums / totals[:, None]
        if self._key.normalize:
            means = normalized(means)
        means[single] = vectors[np.isin(tokenized.owners, np.flatnonzero(single))]
        return means

    def _running(self) -> EncoderSession:
        """The session; a forked child needs its own, since the threads stayed in the parent."""
        session = self._session
        if session is None or session.process != os.getpid():
            session = self._session = self._open()
        return session

    def _count_truncated(self, count: int) -> None:
        if not count:
            return
        with self._lock:
            first = not self._truncated
            self._truncated += count
        if first:
            _log.warning(
                "%s reads at most %d tokens; %d longer text(s) lost their end. Split texts into "
                "smaller chunks, or give long_texts='windows'. This is logged once; %s.truncated "
                "counts on.",
                self._name(),
                self.max_tokens,
                count,
                type(self).__name__,
            )

    def _remarks(self) -> list[str]:
        """What else than the weights changes the vectors."""
        pooling = self._key.pooling
        remarks = [] if pooling == self._model.pooling else [f"{pooling} pooling"]
        return [*remarks, "windows"] if self._windows else remarks

    def _name(self) -> str:
        name = SHIPPED_NAME if self._shipped else _folder_name(self._arguments["folder"])
        remarks = self._remarks()
        return f"{name} ({', '.join(remarks)})" if remarks else name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name()!r}, dimension={self.dimension})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self._arguments)


def _again(kind: type[LocalEmbedder], arguments: dict[str, Any]) -> LocalEmbedder:
    return kind(**arguments)


def _folder_name(folder: str | Path) -> str:
    """A hub id as it is; of a folder its own name, so that it may be moved."""
    path = Path(folder).expanduser()
    return path.resolve().name if path.is_dir() else str(folder)
