"""Settings of the containers that serve models, which become their environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ragkit._checks import check_choice, check_count
from ragkit._options import names_options
from ragkit.aws.calls import is_secret
from ragkit.errors import InvalidInputError

__all__ = ["LMISettings", "Settings", "TEISettings"]

_Check = Callable[[Any, str], object]


def _setting(variable: str, check: _Check, default: Any = None) -> Any:
    return field(default=default, metadata={"variable": variable, "check": check})


def _word(value: object, name: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInputError(f"{name} is {value!r}; it has to be a text such as 'bf16'.")


def _flag(value: object, name: str) -> None:
    if not isinstance(value, bool):
        raise InvalidInputError(f"{name} is {value!r}; it has to be True or False.")


def _share(value: object, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise InvalidInputError(f"{name} is {value!r}; it has to be above 0 and at most 1.")


def _degree(value: object, name: str) -> None:
    if value != "max":
        check_count(value, name)


def _pooling(value: object, name: str) -> None:
    check_choice(value, name, ("cls", "mean", "splade", "last-token"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What settings of a container share."""

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if "check" in one.metadata and value is not None:
                one.metadata["check"](value, one.name)

    def environment(self) -> dict[str, str]:
        """The variables of the container; what is None is left to it."""
        values = ((one, getattr(self, one.name)) for one in fields(self))
        return {
            one.metadata["variable"]: _text(value)
            for one, value in values
            if "variable" in one.metadata and value is not None
        }


@names_options
@dataclass(frozen=True, slots=True, kw_only=True)
class LMISettings(Settings):
    """Settings of a DJL-LMI container; what is None is left to the container.

    The names are those of the container's own documentation, as environment variables.

    Args:
        tensor_parallel_degree: GPUs that a copy of the model is spread over, or "max".
        rolling_batch: The engine that batches continuously: "auto", "vllm", "trtllm",
            "lmi-dist" or "disable"; which exist depends on the image.
        max_rolling_batch_size: Requests that are answered at a time.
        batch_size: Requests that are collected into one batch where `rolling_batch` is "disable".
        batch_delay: Milliseconds to wait for such a batch to fill.
        queue_size: Requests that may wait; more are refused.
        max_model_len: Tokens of prompt and answer together (vLLM).
        max_input_len: Tokens of the prompt (TensorRT-LLM's images).
        max_output_len: Tokens of the answer (TensorRT-LLM's images).
        dtype: Of the weights: "fp16", "bf16", "fp32", …
        quantize: How weights are quantized on loading, such as "fp8" or "awq". Weights that are
            quantized already need nothing here.
        gpu_memory_utilization: The share of the GPU's memory that the engine may take (vLLM).
        revision: The commit of the model on the hub.
        trust_remote_code: Whether Python files that come with the model may run.
        fail_fast: Whether the container ends when it can't load the model; the endpoint then fails
            sooner, and stops costing money.
        options: Further settings of the container by name: ``{"enable_prefix_caching": True}``
            becomes ``OPTION_ENABLE_PREFIX_CACHING=true``.

    Raises:
        InvalidInputError: If a value can't work.

    Example:
        >>> LMISettings(tensor_parallel_degree="max", dtype="bf16").environment()
        {'OPTION_TENSOR_PARALLEL_DEGREE': 'max', 'OPTION_DTYPE': 'bf16'}
    """

    tensor_parallel_degree: int | str | None = _setting("OPTION_TENSOR_PARALLEL_DEGREE", _degree)
    rolling_batch: str | None = _setting("OPTION_ROLLING_BATCH", _word)
    max_rolling_batch_size: int | None = _setting("OPTION_MAX_ROLLING_BATCH_SIZE", check_count)
    batch_size: int | None = _setting("SERVING_BATCH_SIZE", check_count)
    batch_delay: int | None = _setting("SERVING_MAX_BATCH_DELAY", check_count)
    queue_size: int | None = _setting("SERVING_JOB_QUEUE_SIZE", check_count)
    max_model_len: int | None = _setting("OPTION_MAX_MODEL_LEN", check_count)
    max_input_len: int | None = _setting("OPTION_MAX_INPUT_LEN", check_count)
    max_output_len: int | None = _setting("OPTION_MAX_OUTPUT_LEN", check_count)
    dtype: str | None = _setting("OPTION_DTYPE", _word)
    quantize: str | None = _setting("OPTION_QUANTIZE", _word)
    gpu_memory_utilization: float | None = _setting("OPTION_GPU_MEMORY_UTILIZATION", _share)
    revision: str | None = _setting("HF_REVISION", _word)
    trust_remote_code: bool | None = _setting("OPTION_TRUST_REMOTE_CODE", _flag)
    fail_fast: bool | None = _setting("SERVING_FAIL_FAST", _flag)
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Not super(): a dataclass with slots is another class than the one that super() knows.
        Settings.__post_init__(self)
        if not isinstance(self.options, Mapping):
            raise InvalidInputError(f"options is {self.options!r:.80}; it has to be a mapping.")
        known = {one.metadata.get("variable"): one.name for one in fields(self)}
        for name, value in self.options.items():
            _check_option(name, value, known)

    def environment(self) -> dict[str, str]:
        """The variables of the container; what is None is left to it."""
        more = {_variable(name): _text(value) for name, value in self.options.items()}
        return {**Settings.environment(self), **more}


@names_options
@dataclass(frozen=True, slots=True, kw_only=True)
class TEISettings(Settings):
    """Settings of a Text Embeddings Inference container; what is None is left to the container.

    Args:
        revision: The commit of the model on the hub.
        dtype: "float16" or "float32".
        pooling: "cls", "mean", "splade" or "last-token", in place of the model's own.
        max_batch_tokens: Tokens in a batch.
        max_batch_requests: Texts in a batch.
        max_client_batch_size: Texts in one request.
        max_concurrent_requests: More are refused.
        auto_truncate: Whether texts that are too long are cut; otherwise they are refused.

    Raises:
        InvalidInputError: If a value can't work.

    Example:
        >>> TEISettings(max_client_batch_size=64).environment()
        {'MAX_CLIENT_BATCH_SIZE': '64'}
    """

    revision: str | None = _setting("HF_MODEL_REVISION", _word)
    dtype: str | None = _setting("DTYPE", _word)
    pooling: str | None = _setting("POOLING", _pooling)
    max_batch_tokens: int | None = _setting("MAX_BATCH_TOKENS", check_count)
    max_batch_requests: int | None = _setting("MAX_BATCH_REQUESTS", check_count)
    max_client_batch_size: int | None = _setting("MAX_CLIENT_BATCH_SIZE", check_count)
    max_concurrent_requests: int | None = _setting("MAX_CONCURRENT_REQUESTS", check_count)
    auto_truncate: bool | None = _setting("AUTO_TRUNCATE", _flag)


def _check_option(name: object, value: object, known: Mapping[Any, str]) -> None:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise InvalidInputError(
            f"options has {name!r}; names are written in lower case, such as 'enable_lora'."
        )
    if _variable(name) in known:
        raise InvalidInputError(
            f"options has {name!r}, which has an argument of its own: {known[_variable(name)]}=."
        )
    if is_secret(name):
        raise InvalidInputError(
            f"options has {name!r}, and settings are shown: pass what is secret as token= or in "
            f"env=."
        )
    if not isinstance(value, (str, int, float)):
        raise InvalidInputError(
            f"options[{name!r}] is a {type(value).__name__}; it has to be a text, a number, "
            f"True or False."
        )


def _variable(option: str) -> str:
    return f"OPTION_{option.upper()}"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
