"""Generates with a model of transformers: what goes into its `generate`, with which cache."""

from __future__ import annotations

import inspect
from typing import Any

from ragkit.errors import InvalidInputError
from ragkit.llms.base import Options
from ragkit.llms.transformers_compiled import Compiled
from ragkit.llms.transformers_loading import packages
from ragkit.llms.transformers_lookup import LookupDecoder
from ragkit.llms.transformers_prefix import Prefixes, can_keep, shared_head
from ragkit.llms.transformers_steps import Row, Sampler, Watcher

__all__ = ["Runner"]

_LOOKUP_TOKENS = 10
"""Tokens that transformers' own prompt lookup guesses at once."""

_REPLACEABLE = (None, "dynamic", "static", "sliding_window", "hybrid", "hybrid_chunked")
"""Caches that a model may ask for, and for which one that grows gives the same text as well.

The others lie outside the GPU or in fewer bits: a user who asks for them may lack the memory.
"""

_WORTH = 32
"""Tokens that a batch has to begin with in common for them to be run by themselves."""


class Runner:
    """Runs rows through a model; its caller sees to it that it is one call at a time.

    Args:
        model: A decoder or an encoder-decoder.
        ends: Ids that end an answer.
        pad: The id that fills shorter rows up.
        window: The most tokens of prompt and answer together, if it is known.
        prefix_tokens: The most tokens whose keys and values are kept.
        prompt_lookup: Whether next tokens are guessed from the prompt.
        compiled: Whether decoding is compiled.

    Raises:
        InvalidInputError: If the model can't be compiled or can't look tokens up, or not together.
    """

    def __init__(
        self,
        model: Any,
        *,
        ends: frozenset[int],
        pad: int,
        window: int | None,
        prefix_tokens: int,
        prompt_lookup: bool,
        compiled: bool,
    ) -> None:
        self._transformers, self._torch = packages()
        self._model = model
        self._ends = ends
        self._pad = pad
        self._encoder_decoder = bool(model.config.is_encoder_decoder)
        self._lookup = self._check_lookup(prompt_lookup)
        named = inspect.signature(model.forward).parameters
        self._cache_name = "cache" if "cache" in named else "past_key_values"
        self._plain = can_keep(self._transformers, model)
        self.prefixes = (
            Prefixes(self._torch, prefix_tokens) if self._plain and prefix_tokens else None
        )
        self._compiled: Compiled | None = None
        if not isinstance(compiled, bool):
            raise InvalidInputError(f"compile is {compiled!r}; it has to be True or False.")
        if compiled:
            self._check_compiled()
            self._compiled = Compiled(self._transformers, self._torch, model, window)

    def run(self, rows: list[Row], options: Options, watcher: Watcher) -> None:
        """Writes the rows' answers, until they are done or the watcher is cancelled."""
        if self._compiled is None:
            self._generate(rows, options, watcher)
        else:
            self._compiled.call(lambda: self._generate(rows, options, watcher), watcher.cancelled)

    def clear(self) -> None:
        """Frees what is kept between calls."""
        for kept in (self.prefixes, self._compiled):
            if kept is not None:
                kept.clear()

    def _check_lookup(self, lookup: object) -> bool:
        if not isinstance(lookup, bool):
            raise InvalidInputError(f"prompt_lookup is {lookup!r}; it has to be True or False.")
        if lookup and self._encoder_decoder:
            raise InvalidInputError(
                "prompt_lookup=True is for decoder-only models, and this one has an encoder."
            )
        cache = getattr(self._model.generation_config, "cache_implementation", None)
        if lookup and cache not in _REPLACEABLE:
            raise InvalidInputError(
                f"prompt_lookup=True works with a cache that lies whole on the device, but the "
                f"model's generation_config asks for the cache {cache!r}. Leave prompt lookup "
                f"out, or set cache_implementation to None there."
            )
        return lookup

    def _check_compiled(self) -> None:
        if self._encoder_decoder:
            raise InvalidInputError(
                "compile=True is for decoder-only models, and this one has an encoder."
            )
        if self._lookup:
            raise InvalidInputError(
                "compile=True and prompt_lookup=True contradict each other: compiled code writes "
                "one token a step, and lookup another number each time. Choose one."
            )

    def _generate(self, rows: list[Row], options: Options, watcher: Watcher) -> None:
        prompts = [row.prompt for row in rows]
        if self._compiled is not None:
            prompts += [prompts[-1]] * (self._compiled.rows(len(rows)) - len(rows))
        limit = max(row.limit for row in rows)
        if self.prefixes is not None and len(rows) > 1:
            self._run_shared_head(prompts)
            if watcher.cancelled.is_set():
                return
        arguments = {**self._arguments(prompts, limit), "stopping_criteria": [watcher]}
        if options.temperature > 0:
            arguments["logits_processor"] = [Sampler(self._torch, options, len(prompts))]
        cache = self._cache(len(prompts), max(map(len, prompts)) + limit)
        if cache is not None:
            self._fill(cache, prompts, rows)
            arguments |= {self._cache_name: cache, "use_cache": True}
        arguments |= self._way_of_decoding()
        self._model.generate(**arguments)
        if self.prefixes is not None and len(rows) == 1:
            self.prefixes.keep(cache, rows[0].prompt)

    def _cache(self, rows: int, length: int) -> Any:
        """An empty cache; None where the model is to make its own."""
        if self._compiled is not None:
            return self._compiled.cache(rows, length)
        return None if self.prefixes is None else self._transformers.DynamicCache()

    def _fill(self, cache: Any, prompts: list[list[int]], rows: list[Row]) -> None:
        if self.prefixes is not None:
            for row, count in zip(rows, self.prefixes.fill(cache, prompts), strict=False):
                row.cached = count

    def _run_shared_head(self, prompts: list[list[int]]) -> None:
        """Runs and keeps what all prompts of a batch begin with, unless it is known."""
        assert self.prefixes is not None
        head = shared_head([prompt[:-1] for prompt in prompts])[: self.prefixes.limit]
        if len(head) - self.prefixes.known(head) < _WORTH:
            return
        cache = self._transformers.DynamicCache()
        self.prefixes.fill(cache, [head])
        given = {self._cache_name: cache, "use_cache": True}
        self._model.generate(**self._arguments([head], 1), **given)
        self.prefixes.keep(cache, head)

    def _way_of_decoding(self) -> dict[str, Any]:
        if self._compiled is not None:
            return self._compiled.arguments
        if self._lookup and self._plain:
            return {"custom_generate": LookupDecoder(self._torch, self._cache_name)}
        if not self._lookup:
            return {}
        # A cache of fixed size, which a model's generation_config may ask for, has no room for
        # guesses; see _REPLACEABLE.
        return {"prompt_lookup_num_tokens": _LOOKUP_TOKENS, "cache_implementation": None}

    def _arguments(self, prompts: list[list[int]], limit: int) -> dict[str, Any]:
        """Those of `generate` for greedy text; tokens are drawn by `Sampler`."""
        return {
            **self._inputs(prompts),
            "max_new_tokens": limit,
            "max_length": None,
            "do_sample": False,
            "temperature": 1.0,
            "top_p": 1.0,
            "top_k": 50,
            "num_beams": 1,
            "pad_token_id": self._pad,
            "eos_token_id": sorted(self._ends) or None,
        }

    def _inputs(self, prompts: list[list[int]]) -> dict[str, Any]:
        """The prompts as one tensor, padded: left of a decoder's, right of an encoder's."""
        device = self._model.get_input_embeddings().weight.device
        longest = max(map(len, prompts))
        ids, mask = [], []
        for prompt in prompts:
            gap, ones = longest - len(prompt), [1] * len(prompt)
            if self._encoder_decoder:
                ids.append(prompt + [self._pad] * gap)
                mask.append(ones + [0] * gap)
            else:
                ids.append([self._pad] * gap + prompt)
                mask.append([0] * gap + ones)
        tensor = self._torch.tensor
        return {
            "input_ids": tensor(ids, device=device),
            "attention_mask": tensor(mask, device=device),
        }
