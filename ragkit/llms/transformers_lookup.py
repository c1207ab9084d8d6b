"""Prompt lookup: next tokens are guessed from what stands in the prompt, and checked at once."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["Lookup", "lookup_decode"]

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


def lookup_decode(torch: ModuleType, cache_name: str) -> Callable[..., Any]:
    """A decoding loop that transformers' `generate` runs in place of its own, for one prompt.

    Its own prompt lookup (as of 5.24) runs the whole prompt on top of a cache that holds the
    head of it already. This one also draws each token once, in order, so that with a seed the
    text is that without lookup, and ends at the very token that a stopping criterion names.

    Args:
        torch: The package.
        cache_name: The argument of the model that takes a cache.
    """

    def decode(
        model: Any,
        input_ids: Any,
        logits_processor: Any,
        stopping_criteria: Any,
        generation_config: Any,
        **kwargs: Any,
    ) -> Any:
        cache = kwargs[cache_name]
        lookup = Lookup()
        lookup.extend(input_ids[0].tolist())
        done = False
        while not done:
            known = int(cache.get_seq_length())
            room = generation_config.max_length - input_ids.shape[1] - 1
            guess = lookup.guess(min(_GUESSED, room))
            tail = input_ids.new_tensor([guess])
            logits = model(
                input_ids=torch.cat([input_ids[:, known:], tail], dim=-1),
                use_cache=True,
                **{cache_name: cache},
                **{name: len(guess) + 1 for name in ("logits_to_keep",) if name in kwargs},
            ).logits[:, -len(guess) - 1 :]
            length = input_ids.shape[1]
            for at in range(len(guess) + 1):
                scores = logits[:, at].to(torch.float32, copy=True)
                token = logits_processor(input_ids, scores).argmax(dim=-1, keepdim=True)
                input_ids = torch.cat([input_ids, token], dim=-1)
                done = bool(stopping_criteria(input_ids, None).all())
                if done or at == len(guess) or int(token) != guess[at]:
                    break
            lookup.extend(input_ids[0, length:].tolist())
            # The last token has not been run, and the guesses from it on are wrong.
            excess = int(cache.get_seq_length()) - input_ids.shape[1] + 1
            if excess:
                cache.crop(-excess)
        return input_ids

    return decode
