"""Models and tokenizers from a folder or a hub, without code of theirs and without noise."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from ragkit._checks import check_choice
from ragkit._extras import require
from ragkit.errors import ModelError

__all__ = ["LoadOptions", "load_model", "load_tokenizer", "packages", "window_of"]

_FEATURE = "TransformersLLM"
_LOADING = threading.Lock()
_WINDOWS = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")
_NO_LIMIT = 10**9
"""Tokenizers without a limit give a number far above this."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a model is loaded; what each means is at `TransformersLLM`."""

    device_map: Any = "auto"
    dtype: Any = "auto"
    attn_implementation: str | None = None
    quantization: str | None = None
    revision: str | None = None
    token: str | None = field(default=None, repr=False)
    allow_pickle: bool = False
    trust_remote_code: bool = False

    def given(self) -> list[str]:
        """The names of those that differ from their default."""
        default = LoadOptions()
        return [n for n in self.__slots__ if getattr(self, n) != getattr(default, n)]


def packages() -> tuple[ModuleType, ModuleType]:
    """The modules transformers and torch.

    Raises:
        MissingExtraError: If one is not installed.
    """
    torch = require("torch", extra="transformers", feature=_FEATURE)
    return require("transformers", extra="transformers", feature=_FEATURE), torch


def load_model(source: str | Path, options: LoadOptions) -> Any:
    """The model of a local folder or a hub's id; encoder-decoder where its configuration says so.

    Raises:
        InvalidInputError: If an option can't work.
        ModelError: If there is no such model, or its weights are pickled.
        MissingExtraError: If bitsandbytes is asked for and not installed.
    """
    transformers, _ = packages()
    arguments = {**_common(source, options), **_placement(transformers, options)}
    arguments["use_safetensors"] = None if options.allow_pickle else True
    folder = _folder(source)
    if folder is not None:
        _check_weights(folder, options)
    with _loading(transformers, source, options):
        config = transformers.AutoConfig.from_pretrained(str(source), **_common(source, options))
        name = "AutoModelForSeq2SeqLM" if config.is_encoder_decoder else "AutoModelForCausalLM"
        return getattr(transformers, name).from_pretrained(str(source), **arguments)


def load_tokenizer(source: str | Path, options: LoadOptions) -> Any:
    """The tokenizer of a local folder or a hub's id.

    Raises:
        ModelError: If there is none.
    """
    transformers, _ = packages()
    _folder(source)
    with _loading(transformers, source, options):
        return transformers.AutoTokenizer.from_pretrained(str(source), **_common(source, options))


def window_of(config: Any, tokenizer: Any) -> int | None:
    """The most tokens that a model reads and writes together; None if it does not say."""
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    for name in _WINDOWS:
        value = getattr(text, name, None)
        if isinstance(value, int) and value > 0:
            return value
    limit = tokenizer.model_max_length
    return int(limit) if 0 < limit < _NO_LIMIT else None


def _common(source: str | Path, options: LoadOptions) -> dict[str, Any]:
    return {
        "revision": options.revision or "main",
        "token": options.token,
        "trust_remote_code": options.trust_remote_code,
        "local_files_only": _folder(source) is not None,
    }


def _placement(transformers: ModuleType, options: LoadOptions) -> dict[str, Any]:
    # The 8-bit kernels compute in half precision, and warn at each layer of anything else.
    half = options.quantization == "int8" and options.dtype == "auto"
    dtype = "float16" if half else options.dtype
    arguments = {"device_map": options.device_map, "dtype": dtype}
    if options.device_map is not None:
        require("accelerate", extra="transformers", feature=f"{_FEATURE}(device_map=…)")
    if options.attn_implementation is not None:
        arguments["attn_implementation"] = options.attn_implementation
    if options.quantization is not None:
        arguments["quantization_config"] = _quantized(transformers, options)
    return arguments


def _quantized(transformers: ModuleType, options: LoadOptions) -> Any:
    check_choice(options.quantization, "quantization", ["nf4", "int8"])
    # It says when imported, and at each layer of each step, which kernel it takes.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    require("bitsandbytes", extra="quantized", feature=f"{_FEATURE}(quantization=…)")
    if options.quantization == "int8":
        return transformers.BitsAndBytesConfig(load_in_8bit=True)
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype="bfloat16" if options.dtype == "auto" else options.dtype,
    )


def _folder(source: str | Path) -> Path | None:
    """The local folder that is meant; None for a hub's id.

    Raises:
        ModelError: If a folder is meant that is not there.
    """
    path = Path(source)
    if path.is_dir():
        return path
    text = str(source)
    # A hub's id is "name" or "owner/name"; anything else can only be a path.
    if isinstance(source, Path) or text.count("/") > 1 or text[:1] in ("/", ".", "~", ""):
        raise ModelError(f"There is no folder {text!r}; name a model's folder or a hub's id.")
    return None


def _check_weights(folder: Path, options: LoadOptions) -> None:
    if any(folder.glob("*.safetensors")):
        return
    pickled = sorted(path.name for path in folder.glob("*.bin"))
    if not pickled:
        raise ModelError(f"The folder {str(folder)!r} has no weights (*.safetensors).")
    if not options.allow_pickle:
        raise ModelError(
            f"The folder {str(folder)!r} has pickled weights only ({pickled[0]}), and loading a "
            f"pickle can run its author's code. Convert them to safetensors, or pass "
            f"allow_pickle=True if you trust their author."
        )


@contextmanager
def _loading(transformers: ModuleType, source: str | Path, options: LoadOptions) -> Iterator[None]:
    """Loads without bars, logs and warnings; what fails is a `ModelError` without the token."""
    try:
        with _LOADING, _quiet(transformers):
            yield
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        if options.token:
            why = why.replace(options.token, "…")
        # A chained error would show the token again.
        raise ModelError(f"{str(source)!r} could not be loaded. {why}") from (
            None if options.token else error
        )


@contextmanager
def _quiet(transformers: ModuleType) -> Iterator[None]:
    said = transformers.utils.logging
    verbosity, bars = said.get_verbosity(), said.is_progress_bar_enabled()
    said.set_verbosity_error()
    said.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        said.set_verbosity(verbosity)
        if bars:
            said.enable_progress_bar()
