"""BERT-family embedding models on onnxruntime, without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ragkit._options import names_options
from ragkit.embedding._local import LocalEmbedder
from ragkit.embedding._session import EncoderSession, shared_session

__all__ = ["OnnxEmbedder"]


@names_options
class OnnxEmbedder(LocalEmbedder):
    """Vectors from a BERT-family sentence-embedding model, computed in float32 on the CPU.

    Without arguments it is all-MiniLM-L6-v2, whose weights ship with ragkit: 384 numbers,
    256 tokens. The model is loaded when it is first needed; equal embedders in a process share
    one copy. Safe to use from several threads; can be pickled; works in a child forked by
    multiprocessing, which loads its own copy. (A child of a bare ``os.fork()`` has to leave by
    ``os._exit()``: once onnxruntime is imported, its normal exit hangs.)

    A text of more than `max_tokens` tokens is cut at its end. That is counted in `truncated`
    and logged once; split long texts before you embed them, or have them embedded in windows.

    Args:
        folder: A folder with ``model.safetensors`` (or its shards), ``config.json`` and
            ``tokenizer.json``, as sentence-transformers or transformers save it, or the hub id
            of such a model, taken from the Hugging Face cache or downloaded. None is the
            shipped model.
        revision: Branch, tag or commit of a hub id.
        threads: By default one for each physical core that the process may use.
        batch_tokens: The most tokens that run through the model together, padding included.
            More is not faster on a CPU.
        normalize: Whether vectors get length 1, so that dot products are cosines.
        pooling: "mean" or "cls"; by default what the model's folder says, else "mean".
        query_prefix: Put before each query; by default what the model's folder says, else what
            BGE's or E5's model card says.
        document_prefix: Put before each document; by default the same.
        long_texts: "cut", or "windows": a long text is embedded in windows of `max_tokens` that
            overlap by an eighth, and its vector is their mean, weighted by tokens. A prefix
            stands in the first window.

    Raises:
        ModelError: If model files are absent, damaged, or of a kind that can't be run.
        InvalidInputError: If an argument can't work.

    Example:
        >>> embedder = OnnxEmbedder()
        >>> embedder.embed(["a cute dog", "annual report"]).shape
        (2, 384)
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own
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
        long_texts: Literal["cut", "windows"] = "cut",
    ) -> None:
        super().__init__({k: v for k, v in locals().items() if k not in ("self", "__class__")})

    def _open(self) -> EncoderSession:
        from ragkit.embedding._onnx_session import OnnxSession

        return shared_session(OnnxSession, self._key)
