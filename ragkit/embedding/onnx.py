"""BERT-family embedding models on onnxruntime, without torch."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ragkit._checks import check_choice, check_count
from ragkit._cores import physical_cores
from ragkit._options import names_options
from ragkit.embedding._base import TextEmbedder, check_text, check_texts
from ragkit.embedding._hub import model_path
from ragkit.embedding._model_folder import TOKENIZER, WEIGHTS, read_model_folder
from ragkit.embedding._session import EncoderSession, SessionKey, shared_session
from ragkit.embedding._tokenizing import TokenCounter
from ragkit.embedding._weights import check_weights, file_sha256
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OnnxEmbedder"]

SHIPPED = Path(__file__).parent / "weights" / "minilm"
SHIPPED_NAME = "all-MiniLM-L6-v2"
SHIPPED_SHA256 = "9c0bf732145c2a248a35b8d17263e9adefce68043737804b972f46d46b219189"
"""Of the shipped weights; `scripts/make_minilm_weights.py` makes them."""

_TEXTS_AT_ONCE = 4096
"""Tokenized together and sorted by length; bounds the memory for token ids."""

_log = logging.getLogger("ragkit.embedding")


@names_options
class OnnxEmbedder(TextEmbedder):
    """Vectors from a BERT-family sentence-embedding model, computed in float32 on the CPU.

    Without arguments it is all-MiniLM-L6-v2, whose weights ship with ragkit: 384 numbers,
    256 tokens. The model is loaded when it is first needed; equal embedders in a process share
    one copy. Safe to use from several threads; can be pickled; works in a child forked by
    multiprocessing, which loads its own copy. (A child of a bare ``os.fork()`` has to leave by
    ``os._exit()``: once onnxruntime is imported, its normal exit hangs.)

    A text of more than `max_tokens` tokens is cut at its end. That is counted in `truncated`
    and logged once; split long texts before you embed them.

    Args:
        folder: A folder with ``model.safetensors``, ``config.json`` and ``tokenizer.json``, as
            sentence-transformers or transformers save it, or the hub id of such a model, taken
            from the Hugging Face cache or downloaded. None is the shipped model.
        revision: Branch, tag or commit of a hub id.
        threads: By default one for each physical core that the process may use.
        batch_tokens: The most tokens that run through the model together, padding included.
            More is not faster on a CPU.
        normalize: Whether vectors get length 1, so that dot products are cosines.
        pooling: "mean" or "cls"; by default what the model's folder says, else "mean".
        query_prefix: Put before each query; by default what the model's folder says.
        document_prefix: Put before each document; by default what the model's folder says.

    Raises:
        ModelError: If model files are absent, damaged, or of a kind that can't be run.
        InvalidInputError: If an argument can't work.

    Example:
        >>> embedder = OnnxEmbedder()
        >>> embedder.embed(["a cute dog", "annual report"]).shape
        (2, 384)
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        revision: str | None = None,
        threads: int | None = None,
        batch_tokens: int = 512,
        normalize: bool = True,
        pooling: Literal["mean", "cls"] | None = None,
        query_prefix: str | None = None,
        document_prefix: str | None = None,
    ) -> None:
        self._arguments = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        self._shipped = folder is None
        self._batch_tokens = check_count(batch_tokens, "batch_tokens")
        count = physical_cores() if threads is None else check_count(threads, "threads")
        model = read_model_folder(model_path(SHIPPED if folder is None else folder, revision))
        check_weights(model)
        if pooling is not None:
            check_choice(pooling, "pooling", ("mean", "cls"))
        self._model = model
        self._weights = model.path / WEIGHTS
        stamp = self._weights.stat().st_mtime_ns
        self._key = SessionKey(model, stamp, pooling or model.pooling, bool(normalize), count)
        query = model.query_prompt if query_prefix is None else query_prefix
        document = model.document_prompt if document_prefix is None else document_prefix
        self.query_prefix = check_text(query, "query_prefix")
        self.document_prefix = check_text(document, "document_prefix")
        self._tokens = TokenCounter(model.path / TOKENIZER, model.max_tokens)
        self._tokens.check_vocabulary(model.vocabulary)
        self._session: EncoderSession | None = None
        self._fingerprint: EmbedderFingerprint | None = None
        self._lock = threading.Lock()
        self._truncated = 0

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._model.hidden

    @property
    def max_tokens(self) -> int:
        """The most tokens of a text that are read, special tokens and prefix included."""
        return self._model.max_tokens

    @property
    def truncated(self) -> int:
        """How many texts were longer than that so far, and lost their end."""
        return self._truncated

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """Name, SHA-256 of the weights, dimension, normalisation and prefixes."""
        if self._fingerprint is None:
            self._fingerprint = EmbedderFingerprint(
                name=self._name(),
                revision=SHIPPED_SHA256 if self._shipped else file_sha256(self._weights),
                dimension=self.dimension,
                normalized=self._key.normalize,
                query_prefix=self.query_prefix,
                document_prefix=self.document_prefix,
            )
        return self._fingerprint

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
            tokenized = self._tokens.tokenize(texts[start : start + _TEXTS_AT_ONCE])
            self._count_truncated(tokenized.truncated)
            parts.append(session.run(tokenized.ids, self._batch_tokens))
        return np.concatenate(parts)

    def _running(self) -> EncoderSession:
        """The session; a forked child needs its own, since the threads stayed in the parent."""
        session = self._session
        if session is None or session.process != os.getpid():
            session = self._session = shared_session(self._key)
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
                "smaller chunks. This is logged once; OnnxEmbedder.truncated counts on.",
                self._name(),
                self.max_tokens,
                count,
            )

    def _name(self) -> str:
        name = SHIPPED_NAME if self._shipped else _folder_name(self._arguments["folder"])
        pooling = self._key.pooling
        return name if pooling == self._model.pooling else f"{name} ({pooling} pooling)"

    def __repr__(self) -> str:
        return f"OnnxEmbedder({self._name()!r}, dimension={self.dimension})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._arguments,)


def _again(arguments: dict[str, Any]) -> OnnxEmbedder:
    return OnnxEmbedder(**arguments)


def _folder_name(folder: str | Path) -> str:
    """A hub id as it is; of a folder its own name, so that it may be moved."""
    path = Path(folder).expanduser()
    return path.resolve().name if path.is_dir() else str(folder)
