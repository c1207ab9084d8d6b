"""Any sentence-transformers model, on a GPU or the CPU, with torch."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ragkit._checks import check_choice, check_count, check_flag
from ragkit._options import names_options
from ragkit.embedding._base import TextEmbedder, check_text, check_texts, normalized
from ragkit.embedding._batching import plan_batches
from ragkit.embedding._hub import EVERYTHING_SAFE, model_path
from ragkit.embedding._known_prompts import known_prompts
from ragkit.embedding._tokenizing import encodable
from ragkit.embedding._torch_model import chosen_device, chosen_dtype, load_torch_model
from ragkit.embedding._weights import weights_sha256
from ragkit.errors import ModelError
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SentenceTransformerEmbedder"]

_GPU_TOKENS, _CPU_TOKENS = 32_768, 2_048
_BYTES_OF_TOKEN = 3
"""About what a token takes of a text, in any script; batches are planned with it."""
_NO_LIMIT = 10**9

_log = logging.getLogger("ragkit.embedding")


@names_options
class SentenceTransformerEmbedder(TextEmbedder):
    """Vectors from any model that sentence-transformers loads, computed with torch.

    For architectures that `OnnxEmbedder` does not compute, and for GPUs. Needs the extra
    ``sentence-transformers``. Only safetensors are read, and no code that comes with a model is
    run. On a GPU it computes in bfloat16, and without padding where flash-attn is installed;
    batches hold texts of similar length, the next is tokenized while one is computed, and the
    vectors come back in one copy.

    Args:
        model: A folder as sentence-transformers or transformers save it, or a hub id.
        revision: Branch, tag or commit of a hub id.
        device: Such as "cuda:1" or "cpu"; by default a GPU where there is one.
        dtype: "auto" is bfloat16 on a GPU that computes with it, else float32.
        attention: Of transformers' ``attn_implementation``; by default "flash_attention_2" where
            it can run, else "sdpa".
        batch_tokens: About how many tokens run through the model together; by default 32,768 on
            a GPU and 2,048 on the CPU.
        normalize: Whether vectors get length 1, so that dot products are cosines.
        query_prefix: Put before each query; by default what the model says, else what BGE's or
            E5's model card says.
        document_prefix: Put before each document; by default the same.

    Raises:
        MissingExtraError: If sentence-transformers is not installed.
        ModelError: If there is no such model, its weights are pickled, or it can't be loaded.
        InvalidInputError: If an argument can't work.

    Example:
        >>> embedder = SentenceTransformerEmbedder("BAAI/bge-m3")  # doctest: +SKIP
        >>> embedder.embed(["a cute dog"]).shape  # doctest: +SKIP
        (1, 1024)
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own
        self,
        model: str | Path,
        *,
        revision: str | None = None,
        device: str | None = None,
        dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto",
        attention: str | None = None,
        batch_tokens: int | None = None,
        normalize: bool = True,
        query_prefix: str | None = None,
        document_prefix: str | None = None,
    ) -> None:
        self._arguments = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        check_choice(dtype, "dtype", ("auto", "float32", "bfloat16", "float16"))
        self._normalize = check_flag(normalize, "normalize")
        self._device = chosen_device(device)
        self._dtype = chosen_dtype(dtype, self._device)
        default = _CPU_TOKENS if self._device == "cpu" else _GPU_TOKENS
        self._batch_tokens = (
            default if batch_tokens is None else check_count(batch_tokens, "batch_tokens")
        )
        self._folder = model_path(model, revision, EVERYTHING_SAFE)
        self._model = load_torch_model(self._folder, self._device, self._dtype, attention)
        query, document = _prompts(self._model, str(model))
        self.query_prefix = check_text(
            query if query_prefix is None else query_prefix, "query_prefix"
        )
        self.document_prefix = check_text(
            document if document_prefix is None else document_prefix, "document_prefix"
        )
        self._check_pooling()
        self._revision: str | None = None
        self._tokenizing = threading.Lock()
        self._counting = threading.Lock()
        self._truncated = 0

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        """The most tokens of a text that are read, special tokens and prefix included."""
        limit = self._model.max_seq_length or self._model.tokenizer.model_max_length
        return min(int(limit), _NO_LIMIT)

    @property
    def truncated(self) -> int:
        """How many texts were longer than that so far, and lost their end."""
        return self._truncated

    @property
    def dtype(self) -> str:
        """What is computed with: "float32", "bfloat16" or "float16"."""
        return self._dtype

    @property
    def device(self) -> str:
        """Where it is computed."""
        return self._device

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """Name, SHA-256 of weights and settings, dimension, normalisation and prefixes.

        The name tells the number format, where it is not single precision.
        """
        if self._revision is None:
            files = [*self._folder.rglob("*.safetensors"), *self._folder.rglob("*.json")]
            own = [file for file in files if not file.name.startswith("ragkit-")]
            self._revision = weights_sha256(tuple(sorted(own)))
        name = _name(self._arguments["model"])
        return EmbedderFingerprint(
            name=name if self._dtype == "float32" else f"{name} ({self._dtype})",
            revision=self._revision,
            dimension=self.dimension,
            normalized=self._normalize,
            query_prefix=self.query_prefix,
            document_prefix=self.document_prefix,
        )

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`, special tokens included, prefix not, nothing cut.

        Raises:
            InvalidInputError: If `text` is not a str.
        """
        return self._lengths([check_text(text)])[0]

    def count_tokens_batch(self, texts: Sequence[str]) -> list[int]:
        """`count_tokens` of each text, faster than one by one.

        Raises:
            InvalidInputError: If `texts` is one str, or an entry is not a str.
        """
        return self._lengths(check_texts(texts))

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        import torch

        texts = [encodable(text) for text in texts]
        lengths = [min(self.max_tokens, len(t.encode()) // _BYTES_OF_TOKEN + 2) for t in texts]
        batches = list(plan_batches(lengths, self._batch_tokens))
        outputs = []
        with ThreadPoolExecutor(1) as ahead, torch.inference_mode():
            waiting = ahead.submit(self._tokenized, [texts[n] for n in batches[0]])
            for following in [*batches[1:], None]:
                features = waiting.result()
                if following is not None:
                    waiting = ahead.submit(self._tokenized, [texts[n] for n in following])
                moved = {k: _moved(v, self._device) for k, v in features.items()}
                outputs.append(self._model(moved)["sentence_embedding"].float())
            found = torch.cat(outputs).cpu().numpy()
        vectors = np.empty_like(found)
        vectors[[n for batch in batches for n in batch]] = found
        return normalized(vectors) if self._normalize else vectors

    def _tokenized(self, texts: list[str]) -> dict[str, Any]:
        """A batch as the model wants it, cut to its limit; what is cut is counted."""
        limit = self.max_tokens
        with self._tokenizing:  # a tokenizer keeps how it cuts and pads in itself
            features: dict[str, Any] = self._model.preprocess(texts)
        full = _token_counts(features)
        long = [t for t, n in zip(texts, full or [limit] * len(texts), strict=True) if n >= limit]
        if long:
            self._count_truncated(sum(length > limit for length in self._lengths(long)))
        return features

    def _lengths(self, texts: list[str]) -> list[int]:
        if not texts:
            return []
        with self._tokenizing:
            texts = [encodable(text) for text in texts]
            ids = self._model.tokenizer(texts, truncation=False, padding=False, verbose=False)
        return [len(tokens) for tokens in ids["input_ids"]]

    def _count_truncated(self, count: int) -> None:
        if not count:
            return
        with self._counting:
            first = not self._truncated
            self._truncated += count
        if first:
            _log.warning(
                "%s reads at most %d tokens; %d longer text(s) lost their end. Split texts into "
                "smaller chunks. This is logged once; %s.truncated counts on.",
                _name(self._arguments["model"]),
                self.max_tokens,
                count,
                type(self).__name__,
            )

    def _check_pooling(self) -> None:
        if not self.query_prefix and not self.document_prefix:
            return
        for module in self._model:
            if getattr(module, "include_prompt", True) is False:
                raise ModelError(
                    f"{_name(self._arguments['model'])} leaves prompts out of the pooling, which "
                    f"is not supported; query_prefix='' and document_prefix='' do without them."
                )

    def __repr__(self) -> str:
        return (
            f"SentenceTransformerEmbedder({_name(self._arguments['model'])!r}, "
            f"dimension={self.dimension}, device={self._device!r}, dtype={self._dtype!r})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._arguments,)


def _again(arguments: dict[str, Any]) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(**arguments)


def _token_counts(features: dict[str, Any]) -> list[int] | None:
    """Tokens of each text of a batch, padded or not; None where that can't be told."""
    mask, starts = features.get("attention_mask"), features.get("cu_seq_lens_q")
    if mask is not None and mask.ndim == 2:
        return list(mask.sum(1).tolist())
    return None if starts is None else list(starts.diff().tolist())


def _moved(value: Any, device: str) -> Any:
    return value.to(device, non_blocking=True) if hasattr(value, "to") else value


def _prompts(model: Any, name: str) -> tuple[str, str]:
    """What to put before a query and a document: as the model says, else as its family does."""
    prompts = model.prompts or {}
    if not any(prompts.values()):
        return known_prompts([name])
    every = prompts.get(model.default_prompt_name or "", "")
    document = prompts.get("document") or prompts.get("passage") or every
    return prompts.get("query") or every, document


def _name(model: str | Path) -> str:
    """A hub id as it is; of a folder its own name, so that it may be moved."""
    path = Path(model).expanduser()
    return path.resolve().name if path.is_dir() else str(model)
