"""BERT-family embedding models on OpenVINO: the fastest on CPUs with AVX-512 or AMX."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

from ragkit._checks import check_choice
from ragkit._extras import require
from ragkit._options import names_options
from ragkit.embedding._local import LocalEmbedder
from ragkit.embedding._session import EncoderSession, shared_session

__all__ = ["OpenVINOEmbedder"]


@names_options
class OpenVINOEmbedder(LocalEmbedder):
    """Vectors from a BERT-family sentence-embedding model, computed by OpenVINO on the CPU.

    Takes the models, arguments and texts of `OnnxEmbedder`, and needs the extra ``fast-cpu``.
    What it computes with is in `precision` and, where it is less than single precision, in the
    fingerprint, since the vectors differ: an index built in bfloat16 refuses another precision.

    Safe to use from several threads, which take turns; can be pickled; works in a child forked
    by multiprocessing, which loads its own copy.

    Args:
        folder: As for `OnnxEmbedder`; None is the model that ships with ragkit.
        precision: "auto" is bfloat16 where the CPU computes with it, else single; "exact" is
            single; "int8" has 8 bits for weights (a scale for each row) and for what they are
            multiplied with (scales found at load, by fixed random tokens), but for the
            projections out of the feed-forward nets, which don't bear it.
        revision: Branch, tag or commit of a hub id.
        threads: By default one for each physical core that the process may use.
        batch_tokens: The most tokens that run through the model together, padding included.
        normalize: Whether vectors get length 1, so that dot products are cosines.
        pooling: "mean" or "cls"; by default what the model's folder says, else "mean".
        query_prefix: Put before each query; by default as for `OnnxEmbedder`.
        document_prefix: Put before each document; by default the same.
        long_texts: "cut", or "windows"; as for `OnnxEmbedder`.

    Raises:
        MissingExtraError: If openvino is not installed.
        ModelError: If model files are absent, damaged, or of a kind that can't be run.
        InvalidInputError: If an argument can't work.

    Example:
        >>> embedder = OpenVINOEmbedder(precision="exact")  # doctest: +SKIP
        >>> embedder.embed(["a cute dog", "annual report"]).shape  # doctest: +SKIP
        (2, 384)
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own
        self,
        folder: str | Path | None = None,
        *,
        precision: Literal["auto", "exact", "int8"] = "auto",
        revision: str | None = None,
        threads: int | None = None,
        batch_tokens: int = 1024,
        normalize: bool = True,
        pooling: Literal["mean", "cls"] | None = None,
        query_prefix: str | None = None,
        document_prefix: str | None = None,
        long_texts: Literal["cut", "windows"] = "cut",
    ) -> None:
        arguments = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        require("openvino", extra="fast-cpu", feature="OpenVINOEmbedder")
        check_choice(precision, "precision", ("auto", "exact", "int8"))
        super().__init__(arguments)
        from ragkit.embedding._openvino_session import computed_with

        self._key = dataclasses.replace(
            self._key, precision=computed_with(precision), ends=self._tokens.ends
        )

    @property
    def precision(self) -> str:
        """What is computed with: "f32", "bf16", or "int8" together with one of them."""
        return self._key.precision

    def _remarks(self) -> list[str]:
        # Single precision agrees with OnnxEmbedder to five digits, and has its fingerprint.
        precision = [] if self.precision == "f32" else [self.precision]
        return [*super()._remarks(), *precision]

    def _open(self) -> EncoderSession:
        from ragkit.embedding._openvino_session import OpenVINOSession

        return shared_session(OpenVINOSession, self._key)
