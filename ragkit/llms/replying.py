"""What other people's models do wrong, as errors of ragkit's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ragkit.errors import GenerationError, RagkitError

__all__ = ["empty_text", "model_errors", "not_empty"]


@contextmanager
def model_errors(who: str) -> Iterator[None]:
    """Whatever is raised inside comes out as a `GenerationError`, unless it is ragkit's already.

    Args:
        who: The model, as a user would name it.

    Raises:
        GenerationError: With what was raised as its cause.
    """
    try:
        yield
    except RagkitError:
        raise
    except Exception as error:
        raise GenerationError(f"{who} raised {type(error).__name__}: {error}") from error


def not_empty(pieces: Iterable[str], who: str) -> Iterator[str]:
    """The pieces.

    Raises:
        GenerationError: At their end, if nothing but white space came.
    """
    empty = True
    for piece in pieces:
        empty = empty and not piece.strip()
        yield piece
    if empty:
        raise empty_text(who)


def empty_text(who: str) -> GenerationError:
    """The error to raise where a model said nothing."""
    return GenerationError(f"{who} gave an empty text (a str without characters) as its answer.")
