"""Decoding with a cache of fixed size and compiled code, which is what makes a GPU fast."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

from ragkit.errors import InvalidInputError

__all__ = ["Compiled"]

_SHORTEST = 256
"""Tokens of the smallest cache."""

_VARIANTS = 64
"""Sizes of cache and batch that may be compiled; torch gives up after 8 by default."""


class Compiled:
    """Static caches for a model, and how its `generate` is to be called so that it compiles.

    Code is compiled for one size of cache and batch, so that both go up in powers of two: a
    window of 4,096 tokens has five sizes of cache. The first answer of each size waits for the
    compiler. The last cache is kept for the next answer of its size, which keeps its CUDA graph.

    All work is done in one thread, since CUDA graphs belong to the thread that recorded them.

    Args:
        transformers: The package.
        torch: The package.
        model: A decoder.
        window: The most tokens of prompt and answer together, if it is known.

    Raises:
        InvalidInputError: If the model can't be compiled.
    """

    def __init__(
        self, transformers: ModuleType, torch: ModuleType, model: Any, window: int | None
    ) -> None:
        self._transformers = transformers
        self._torch = torch
        self._config = model.config.get_text_config(decoder=True)
        self._window = window
        self._check(model)
        self._cache: Any = None
        self._size = (0, 0)
        self._known: set[tuple[int, int]] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ragkit-compiled")
        self.arguments = {"compile_config": self._compile_config(model.device.type)}

    def rows(self, count: int) -> int:
        """How many rows a batch of so many prompts gets; those beyond are idle."""
        return _power_of_two(count)

    def cache(self, rows: int, length: int) -> Any:
        """An empty cache for so many rows and at least so many tokens."""
        size = (rows, self._length(length))
        if size == self._size:
            self._cache.reset()
        else:
            self._cache = None  # its memory goes before the next one's comes
            self._cache, self._size = self._made(size[1]), size
        return self._cache

    def _length(self, least: int) -> int:
        length = max(_SHORTEST, _power_of_two(least))
        return length if self._window is None else min(length, max(least, self._window))

    def clear(self) -> None:
        """Frees the cache's memory; what is compiled stays."""
        self._cache, self._size = None, (0, 0)

    def call(self, work: Callable[[], None], cancelled: threading.Event) -> None:
        """Runs the work in the thread for compiled code, and waits for it."""
        done = self._thread.submit(self._quiet, work)
        try:
            done.result()
        except BaseException:
            # Whoever waited may be interrupted: the work must not go on without them.
            cancelled.set()
            raise

    def _quiet(self, work: Callable[[], None]) -> None:
        settings = self._torch._dynamo.config
        name = "recompile_limit" if hasattr(settings, "recompile_limit") else "cache_size_limit"
        with settings.patch({name: _VARIANTS}):
            if self._size in self._known:
                work()
                return
            # The compiler warns of what could be faster with another precision or device.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                work()
        self._known.add(self._size)

    def _made(self, length: int) -> Any:
        return self._transformers.StaticCache(config=self._config, max_cache_len=length)

    def _compile_config(self, device: str) -> Any:
        # In older releases a CUDA graph can only be recorded in the main thread.
        graphs = device == "cuda" and self._torch.__version__ >= "2.13"
        mode = "reduce-overhead" if graphs else "default"
        config = self._transformers.CompileConfig(mode=mode, dynamic=False)
        config._compile_all_devices = True  # on a CPU too, since it was asked for
        return config

    def _check(self, model: Any) -> None:
        reason = None
        quantizer = getattr(model, "hf_quantizer", None)
        places = set(map(str, getattr(model, "hf_device_map", {}).values()))
        if not getattr(model, "_can_compile_fullgraph", False):
            reason = f"{type(model).__name__} can't be compiled in transformers"
        elif getattr(model.generation_config, "cache_implementation", None) is not None:
            reason = "its generation_config asks for another cache"
        elif quantizer is not None and not quantizer.is_compileable:
            reason = "weights quantized this way can't be compiled"
        elif "disk" in places or ("cpu" in places and len(places) > 1):
            reason = "parts of it are not on the device"
        elif not self._made(_SHORTEST).is_compileable:
            reason = "its cache has no fixed size"
        if reason is not None:
            raise InvalidInputError(f"compile=True does not work with this model: {reason}.")


def _power_of_two(number: int) -> int:
    """The least power of two that is no smaller."""
    return 1 << (number - 1).bit_length()
