"""Many texts as requests of a bounded size, several under way at once, in order again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ragkit._threads import map_in_threads
from ragkit.errors import EmbeddingError, EndpointError, PartialEmbeddingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["TOO_LARGE", "Limits", "aembed_all", "cut", "embed_all"]

TOO_LARGE = 413
"""Status of a request that may pass in parts."""
_ABOUT_THE_TEXTS = (400, TOO_LARGE, 422)
"""Statuses that other texts need not get: some services refuse all for one that is too long."""
_REFUSED_ALONE = 16
"""Texts refused one by one, and none taken, until it is not the texts that are refused."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold.

    Attributes:
        texts: How many at most.
        size: Bytes of UTF-8 at most, the JSON around them aside.
        tokens: At most, by a rough estimate (a third of the characters, since texts differ);
            what is too much all the same is halved when the service says so.
    """

    texts: int
    size: int = 4 * 2**20
    tokens: int | None = None


@dataclass(slots=True)
class _Outcome:
    """What became of the texts at `place`."""

    place: range
    vectors: Vectors | None = None
    error: Exception | None = None


def cut(texts: Sequence[str], limits: Limits) -> list[range]:
    """The places of texts that go together; one that is too large by itself goes alone."""
    parts: list[range] = []
    start = size = tokens = 0
    for place, text in enumerate(texts):
        more, more_tokens = len(text.encode("utf-8", "replace")) + 8, len(text) // 3 + 1
        full = (
            place - start >= limits.texts
            or size + more > limits.size
            or (limits.tokens is not None and tokens + more_tokens > limits.tokens)
        )
        if full and place > start:
            parts.append(range(start, place))
            start, size, tokens = place, 0, 0
        size, tokens = size + more, tokens + more_tokens
    return [*parts, range(start, len(texts))] if texts else []


def embed_all(
    texts: list[str], limits: Limits, ask: Callable[[list[str]], Vectors], at_once: int
) -> Vectors:
    """Vectors of all texts, in their order.

    Args:
        texts: At least one.
        limits: Of a request.
        ask: Makes one request, in a thread of its own; gives as many vectors as texts.
        at_once: Requests under way together.

    Raises:
        PartialEmbeddingError: If some texts have no vector; it holds those of the others.
        EndpointError: If none has: the error of the first request.
        EmbeddingError: The same, of replies that are no vectors.
    """
    parts, state = cut(texts, limits), _State()

    def settle(place: range) -> list[_Outcome]:
        if state.over is not None:
            return [_Outcome(place, error=state.over)]
        try:
            vectors = ask([texts[n] for n in place])
        except (EndpointError, EmbeddingError) as error:
            halves = _halves(place) if state.may_pass_in_parts(place, error) else []
            if not halves:
                return [_Outcome(place, error=error)]
        else:
            return state.passed(_Outcome(place, vectors))
        return [outcome for half in halves for outcome in settle(half)]

    if len(parts) == 1 or at_once == 1:
        return _joined(len(texts), [settle(part) for part in parts])
    done = map_in_threads(settle, parts, at_once, "ragkit-embedding")
    return _joined(len(texts), done)


async def aembed_all(
    texts: list[str], limits: Limits, ask: Callable[[list[str]], Awaitable[Vectors]], at_once: int
) -> Vectors:
    """`embed_all` by asynchronous requests; being cancelled cancels them."""
    parts, state = cut(texts, limits), _State()
    turn = asyncio.Semaphore(at_once)

    async def settle(place: range) -> list[_Outcome]:
        if state.over is not None:
            return [_Outcome(place, error=state.over)]
        try:
            vectors = await ask([texts[n] for n in place])
        except (EndpointError, EmbeddingError) as error:
            halves = _halves(place) if state.may_pass_in_parts(place, error) else []
            if not halves:
                return [_Outcome(place, error=error)]
        else:
            return state.passed(_Outcome(place, vectors))
        return [outcome for half in halves for outcome in await settle(half)]

    async def in_turn(place: range) -> list[_Outcome]:
        async with turn:
            return await settle(place)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(in_turn(part)) for part in parts]
    return _joined(len(texts), [task.result() for task in tasks])


class _State:
    """Whether an error has come that every further request would get too."""

    def __init__(self) -> None:
        self.over: Exception | None = None
        self._any_passed = False
        self._refused = 0

    def passed(self, outcome: _Outcome) -> list[_Outcome]:
        self._any_passed = True
        return [outcome]

    def may_pass_in_parts(self, place: range, error: Exception) -> bool:
        """Whether a request may have been refused for a few of its texts only."""
        if not isinstance(error, EndpointError):
            return False
        if error.status not in _ABOUT_THE_TEXTS:
            self.over = self.over or error
            return False
        if len(place) == 1:
            self._refused += 1
            return False
        return error.status == TOO_LARGE or self._any_passed or self._refused < _REFUSED_ALONE


def _halves(place: range) -> list[range]:
    middle = place.start + len(place) // 2
    return [range(place.start, middle), range(middle, place.stop)]


def _joined(count: int, done: Sequence[Sequence[_Outcome]]) -> Vectors:
    outcomes = [outcome for part in done for outcome in part]
    failed = {n: o.error for o in outcomes if o.error is not None for n in o.place}
    came = [outcome.vectors for outcome in outcomes if outcome.vectors is not None]
    lengths = sorted({vectors.shape[1] for vectors in came})
    if len(lengths) > 1:
        raise EmbeddingError(f"The service gave vectors of lengths {lengths}; one is needed.")
    if not failed:
        return np.concatenate(came)
    first = failed[min(failed)]
    if not came:
        raise first
    vectors = np.full((count, lengths[0]), np.nan, np.float32)
    for outcome in outcomes:
        if outcome.vectors is not None:
            vectors[outcome.place.start : outcome.place.stop] = outcome.vectors
    raise PartialEmbeddingError(failed, vectors) from first
