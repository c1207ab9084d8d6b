"""Prompt lookup: next tokens are guessed from what stands in the prompt, and checked at once."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

__all__ = ["Lookup", "LookupDecoder"]

_GUESSED = 10
"""Tokens that are guessed at once."""

_SIZES = (3, 2)
"""How many last tokens have to stand before what is guessed; the longer run goes first."""


class Lookup:
    """Where runs of tokens stood last, so that what followed them there can be guessed.

    Source of the method: Apoorv Saxena, "Prompt Lookup Decoding", 2023.

    Example:
        >>> lookup = Lookup()
        >>> lookup.extend([7, 8, 9, 5, 6, 7, 8])
        >>> lookup.guess(3)
        [9, 5, 6]
    """

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}

    def extend(self, ids: list[int]) -> None:
        """More tokens of the text."""
        for token in ids:
            # A run is only entered once a token follows it: it is not to find itself.
            for size in _SIZES:
                if len(self._ids) >= size:
                    self._after[tuple(self._ids[-size:])] = len(self._ids)
            self._ids.append(token)

    def guess(self, most: int) -> list[int]:
        """What followed the last tokens where they stood before; empty if they did not."""
        for size in _SIZES:
            start = self._after.get(tuple(self._ids[-size:]))
            if start is not None:
                return self._ids[start : start + most]
        return []


class LookupDecoder:
    """A decoding loop that transformers' `generate` runs in place of its own, for one prompt.

    Its own prompt lookup (as of 5.24) runs the whole prompt on top of a cache that holds the
    head of it already. This one also draws each token once, in order, so that with a seed the
    text is that without lookup, and ends at the very token that a stopping criterion names.

    Args:
        torch: The package.
        cache_name: The argument of the model that takes a cache.
    """

    def __init__(self, torch: ModuleType, cache_name: str) -> None:
        self._torch = torch
        self._cache_name = cache_name

    def __call__(
        self,
        model: Any,
        input_ids: Any,
        logits_processor: Any,
        stopping_criteria: Any,
        generation_config: Any,
        **inputs: Any,
    ) -> Any:
        """The ids of the prompt and the answer."""
        cache = inputs[self._cache_name]
        lookup = Lookup()
        lookup.extend(input_ids[0].tolist())
        done = False
        while not done:
            length = input_ids.shape[1]
            guess = lookup.guess(min(_GUESSED, generation_config.max_length - length - 1))
            for at, logits in enumerate(self._logits(model, input_ids, guess, inputs)):
                token = logits_processor(input_ids, logits).argmax(dim=-1, keepdim=True)
                input_ids = self._torch.cat([input_ids, token], dim=-1)
                done = bool(stopping_criteria(input_ids, None).all())
                if done or guess[at : at + 1] != [int(token)]:
                    break
            lookup.extend(input_ids[0, length:].tolist())
            # The last token has not been run, and the guesses from it on are wrong.
            excess = int(cache.get_seq_length()) - input_ids.shape[1] + 1
            if excess:
                cache.crop(-excess)
        return input_ids

    def _logits(
        self, model: Any, input_ids: Any, guess: list[int], inputs: dict[str, Any]
    ) -> Iterator[Any]:
        """The scores of the next token, and of those after each guess."""
        cache = inputs[self._cache_name]
        new = input_ids[:, int(cache.get_seq_length()) :]
        arguments = {self._cache_name: cache, "use_cache": True}
        if "logits_to_keep" in inputs:
            arguments["logits_to_keep"] = len(guess) + 1
        tail = input_ids.new_tensor([guess])
        logits = model(input_ids=self._torch.cat([new, tail], dim=-1), **arguments).logits
        last = logits[:, -len(guess) - 1 :].to(self._torch.float32, copy=True)
        return iter(last.unbind(dim=1))
