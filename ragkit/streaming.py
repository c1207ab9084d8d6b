"""Text that comes in pieces, and what there is to say of it when the last one has come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    aclosing,
    closing,
    nullcontext,
)
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from ragkit.errors import GenerationError

__all__ = ["AsyncTextStream", "TextStream", "aclosing_pieces", "closing_pieces"]

R = TypeVar("R")


class _Result(Generic[R]):
    """What came last, if it has come."""

    def __init__(self) -> None:
        self._last: list[R] = []

    def _passed(self, piece: str | R) -> str | None:
        """The piece, if it is text; the result is kept."""
        if isinstance(piece, str):
            return piece
        self._last = [piece]
        return None

    @property
    def result(self) -> R:
        """What the call without streaming gives: of a model a `Generation`, else an `Answer`.

        Raises:
            GenerationError: If the last piece has not been taken, or the stream failed.
        """
        if not self._last:
            raise GenerationError(
                "The stream has no result yet: take its pieces to the end first (a stream that "
                "was left or that failed never has one)."
            )
        return self._last[0]


class TextStream(_Result[R], Iterator[str]):
    """The pieces of a text, as they come; afterwards, its result.

    Leaving a ``with`` block, or `close`, ends the work behind it. A stream is read, and closed, by
    one thread; another one can ask that thread to stop reading.

    Args:
        pieces: Texts, and the result as the last one.

    Example:
        >>> from ragkit.llms import FunctionLLM
        >>> stream = FunctionLLM(lambda prompt: ["Nine ", "o'clock."]).stream("When?")
        >>> list(stream), stream.result.finish_reason
        (['Nine', " o'clock."], 'stop')
    """

    def __init__(self, pieces: Iterator[str | R]) -> None:
        super().__init__()
        self._pieces = pieces

    def __next__(self) -> str:
        for piece in self._pieces:
            text = self._passed(piece)
            if text is not None:
                return text
        raise StopIteration

    def close(self) -> None:
        """Ends the work at its next step; an endpoint's connection is closed."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncTextStream(_Result[R], AsyncIterator[str]):
    """`TextStream` for ``async for``; leaving an ``async with`` block, or `aclose`, ends it.

    To stop it from elsewhere, cancel the task that reads it.

    Args:
        pieces: Texts, and the result as the last one.
    """

    def __init__(self, pieces: AsyncIterator[str | R]) -> None:
        super().__init__()
        self._pieces = pieces

    async def __anext__(self) -> str:
        async for piece in self._pieces:
            text = self._passed(piece)
            if text is not None:
                return text
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Ends the work at its next step; an endpoint's connection is closed."""
        close: Any = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def closing_pieces(pieces: Any) -> AbstractContextManager[Any]:
    """Closes an iterator at the end of the block, if it can be closed: other people's may not."""
    return closing(pieces) if hasattr(pieces, "close") else nullcontext(pieces)


def aclosing_pieces(pieces: Any) -> AbstractAsyncContextManager[Any]:
    """`closing_pieces` for asynchronous ones."""
    return aclosing(pieces) if hasattr(pieces, "aclose") else nullcontext(pieces)
