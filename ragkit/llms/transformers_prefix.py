"""Keys and values of prompts seen before, so that what a prompt begins with is not run again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeVar

__all__ = ["Prefixes", "can_keep", "shared_head"]

_FEWEST = 16
"""Tokens below which a reuse saves nothing, but costs a copy."""

_BY_LENGTH = ("dynamic", "longrope")
"""Rotary positions that depend on how long the whole prompt is, so that its head's do too."""

_Ids = tuple[int, ...]
_T = TypeVar("_T", list[int], tuple[int, ...])


class Prefixes:
    """The keys and values of the latest prompts, up to a number of tokens.

    They are copied in and out: no generation works on what is kept. They lie where the model's
    cache does, and a token takes 2 · layers · key-value heads · head size · bytes of a number.
    The caller sees to it that one thread at a time is in here.

    Args:
        torch: The package.
        limit: The most tokens, of all prompts together; the longest unused are forgotten first.
    """

    def __init__(self, torch: ModuleType, limit: int) -> None:
        self.limit = limit
        self._torch = torch
        self._kept: OrderedDict[_Ids, list[tuple[Any, Any]]] = OrderedDict()

    def __len__(self) -> int:
        """How many tokens are kept."""
        return sum(map(len, self._kept))

    def clear(self) -> None:
        """Forgets all of them."""
        self._kept.clear()

    def known(self, prompt: Sequence[int]) -> int:
        """How many tokens at the head of a prompt are kept."""
        return self._best(tuple(prompt))[1]

    def fill(self, cache: Any, prompts: Sequence[list[int]]) -> list[int]:
        """Puts what is known of the prompts into an empty cache; how many tokens of each it is.

        The rows are padded on the left, and the cache is equally long for all, so that a shorter
        prompt takes fewer tokens. The last token is never taken: the model has to run something.
        """
        longest = max(map(len, prompts))
        gaps = [longest - len(prompt) for prompt in prompts]
        best = [self._best(tuple(prompt[:-1])) for prompt in prompts]
        slots = min(gap + known for gap, (_, known) in zip(gaps, best, strict=True))
        if slots < _FEWEST:
            return [0] * len(prompts)
        taken = [max(0, slots - gap) for gap in gaps]
        rows = [self._kept[name] if n else None for n, (name, _) in zip(taken, best, strict=True)]
        place = {"cache_position": self._torch.arange(slots)}
        for number, like in enumerate(next(row for row in rows if row)):
            keys, values = (
                _rows([row and row[number][side] for row in rows], taken, like[side], slots)
                for side in (0, 1)
            )
            cache.update(keys, values, number, place)
        return taken

    def keep(self, cache: Any, prompt: Sequence[int]) -> None:
        """Copies a prompt's head out of the first row of a cache, in which it has no padding."""
        ids = tuple(prompt[: self.limit])
        name, known = self._best(ids)
        if known == len(ids) or cache.get_seq_length() < len(ids):
            return
        if known and known == len(name):
            del self._kept[name]
        while self._kept and len(self) + len(ids) > self.limit:
            self._kept.popitem(last=False)
        try:
            self._kept[ids] = [
                (_head(layer.keys, len(ids)), _head(layer.values, len(ids)))
                for layer in cache.layers
            ]
        except self._torch.cuda.OutOfMemoryError:
            # The answer is there, and is not to be lost for what may come later.
            self.clear()

    def _best(self, ids: _Ids) -> tuple[_Ids, int]:
        """The kept prompt that has most tokens in common, now the latest used, and how many."""
        shared = {name: len(shared_head([name, ids])) for name in self._kept}
        best = max(shared, key=shared.__getitem__, default=())
        if not shared.get(best):
            return (), 0
        self._kept.move_to_end(best)
        return best, shared[best]


def shared_head(prompts: Sequence[_T]) -> _T:
    """The tokens that all prompts begin with.

    Example:
        >>> shared_head([[1, 2, 3], [1, 2, 4, 5]])
        [1, 2]
    """
    # The least and the greatest differ where any two do.
    least, greatest = min(prompts), max(prompts)
    low, high = 0, min(len(least), len(greatest))
    while low < high:  # comparing slices is far faster than a loop over the tokens
        middle = (low + high + 1) // 2
        same = least[low:middle] == greatest[low:middle]
        low, high = (middle, high) if same else (low, middle - 1)
    return least[:low]


def can_keep(transformers: ModuleType, model: Any) -> bool:
    """Whether a prompt's head has the same keys and values whatever follows, and can be cut off.

    That is so for a decoder whose cache keeps every token in every layer; not for one with
    sliding windows or recurrent states, and not where positions depend on the prompt's length.
    """
    config = model.config
    supports = getattr(model, "_supports_default_dynamic_cache", None)
    # A cache that its generation_config asks for is the user's choice.
    chosen = getattr(model.generation_config, "cache_implementation", None)
    if config.is_encoder_decoder or supports is None or not supports() or chosen is not None:
        return False
    text = config.get_text_config(decoder=True)
    if any(kind in _BY_LENGTH for kind in _rope_types(text)):
        return False
    layers = transformers.DynamicCache(config=text).layers
    return bool(layers) and all(
        type(layer) is transformers.cache_utils.DynamicLayer for layer in layers
    )


def _rope_types(config: Any) -> Iterator[str]:
    """The kinds of rotary positions, which may differ by layer."""
    every = [getattr(config, name, None) for name in ("rope_parameters", "rope_scaling")]
    while every:
        value = every.pop()
        if isinstance(value, Mapping):
            every += value.values()
            yield str(value.get("rope_type", value.get("type", "")))


def _rows(heads: Sequence[Any], taken: Sequence[int], like: Any, slots: int) -> Any:
    """One tensor of the rows' heads, each at the right end of its slots."""
    if len(heads) == 1:
        return heads[0][:, :, :slots]
    rows = like.new_zeros((len(heads), like.shape[1], slots, like.shape[3]))
    for row, head, count in zip(rows, heads, taken, strict=True):
        if count:
            row[:, slots - count :] = head[0, :, :count]
    return rows


def _head(tensor: Any, length: int) -> Any:
    return tensor[:1, :, :length].clone()
