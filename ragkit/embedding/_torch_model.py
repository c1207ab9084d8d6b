"""A sentence-transformers model: loaded without code of its author's, and without noise."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ragkit._extras import require
from ragkit.errors import InvalidInputError, ModelError

__all__ = ["chosen_device", "chosen_dtype", "load_torch_model"]

_EXTRA, _FEATURE = "sentence-transformers", "SentenceTransformerEmbedder"
_LOADING = threading.Lock()


def chosen_device(device: str | None) -> str:
    """`device`, or the first that there is: CUDA, Apple's, the CPU.

    Raises:
        MissingExtraError: If torch is not installed.
        InvalidInputError: If torch knows no such device.
    """
    torch = require("torch", extra=_EXTRA, feature=_FEATURE)
    if device is None:
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        return str(torch.device(device))
    except RuntimeError as error:
        raise InvalidInputError(f"device is {device!r}, which torch does not know: {error}") from (
            None
        )


def chosen_dtype(dtype: str, device: str) -> str:
    """Of "auto": bfloat16 on a GPU that computes with it, else float32."""
    if dtype != "auto":
        return dtype
    torch = require("torch", extra=_EXTRA, feature=_FEATURE)
    half = device.startswith("cuda") and torch.cuda.is_bf16_supported(including_emulation=False)
    return "bfloat16" if half else "float32"


def load_torch_model(folder: Path, device: str, dtype: str, attention: str | None) -> Any:
    """The ``SentenceTransformer`` in a local folder, ready to run.

    Raises:
        MissingExtraError: If sentence-transformers is not installed.
        ModelError: If a part has pickled weights only, or can't be loaded.
    """
    _check_weights(folder)
    package = require("sentence_transformers", extra=_EXTRA, feature=_FEATURE)
    torch = require("torch", extra=_EXTRA, feature=_FEATURE)
    arguments = {"use_safetensors": True, "dtype": getattr(torch, dtype)}
    arguments["attn_implementation"] = attention or _attention(device, dtype)
    try:
        with _LOADING, _quiet():
            model = package.SentenceTransformer(
                str(folder),
                device=device,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs=arguments,
            )
    except Exception as error:  # whatever a damaged or foreign folder comes to
        why = f"{type(error).__name__}: {error}"
        raise ModelError(f"{str(folder)!r} could not be loaded. {why}") from error
    return model.eval().to(getattr(torch, dtype))


def _attention(device: str, dtype: str) -> str:
    """FlashAttention where it is installed, which lets batches run without padding."""
    utils = require("transformers.utils", extra=_EXTRA, feature=_FEATURE)
    flash = device.startswith("cuda") and dtype in ("bfloat16", "float16")
    return "flash_attention_2" if flash and utils.is_flash_attn_2_available() else "sdpa"


def _check_weights(folder: Path) -> None:
    """Refuses pickles: sentence-transformers would read a part's, where it finds nothing else."""
    for pattern in ("*.bin", "*.pt", "*.pth", "*.pkl"):
        for path in sorted(folder.rglob(pattern)):
            if not any(path.parent.glob("*.safetensors")):
                raise ModelError(
                    f"{path} is a pickle, which can run code, and there is no safetensors file "
                    f"beside it. Save the model again with SentenceTransformer(...).save(folder, "
                    f"safe_serialization=True)."
                )
    if not any(folder.rglob("*.safetensors")):
        raise ModelError(f"{str(folder)!r} has no safetensors file.")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without warnings, logs below errors, and bars."""
    logging_of = require("transformers.utils.logging", extra=_EXTRA, feature=_FEATURE)
    bars, level = logging_of.is_progress_bar_enabled(), logging_of.get_verbosity()
    log = logging.getLogger("sentence_transformers")
    own = log.level
    logging_of.disable_progress_bar()
    logging_of.set_verbosity_error()
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(own)
        logging_of.set_verbosity(level)
        if bars:
            logging_of.enable_progress_bar()
