"""Ending a text that comes in pieces: at a stop string, or after so many words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence

from ragkit.llms.base import Options, apply_stop
from ragkit.types import Generation

__all__ = ["Cutter", "StopFilter", "WordLimit"]

# Never begins inside white space, which would be looked through again from each character.
_WORD = re.compile(r"(?<!\s)\s*+\S++")


class StopFilter:
    """Passes text on up to the first stop string, however the text is cut into pieces.

    What may be the beginning of a stop string is held back until that is decided.

    Example:
        >>> stop = StopFilter(["END"])
        >>> [stop.feed("on"), stop.feed("e E"), stop.feed("ND two"), stop.finish(), stop.done]
        ['on', 'e ', '', '', True]
    """

    def __init__(self, stop: Sequence[str]) -> None:
        self._stop = list(stop)
        self._held = ""
        self.done = False

    def feed(self, piece: str) -> str:
        """What can be passed on now."""
        if self.done:
            return ""
        self._held += piece
        text, found = apply_stop(self._held, self._stop)
        undecided = self._undecided()
        if found and len(text) <= undecided:
            self.done = True
            self._held = ""
            return text
        sure = min(undecided, len(text))
        passed, self._held = self._held[:sure], self._held[sure:]
        return passed

    def finish(self) -> str:
        """What was held back, at the end of the text."""
        text, found = apply_stop(self._held, self._stop)
        self._held = ""
        self.done = self.done or found
        return text

    def _undecided(self) -> int:
        """Where a stop string may have begun that the text so far does not complete."""
        held = self._held
        longest = max(map(len, self._stop), default=1)
        for at in range(max(0, len(held) - longest + 1), len(held)):
            tail = held[at:]
            if any(len(mark) > len(tail) and mark.startswith(tail) for mark in self._stop):
                return at
        return len(held)


class WordLimit:
    """Passes at most so many words on: the stand-in for tokens where nothing counts them.

    A word has at least one token, so that a text within its limit of tokens is never cut.
    """

    def __init__(self, words: int) -> None:
        self._left = words
        self._held: list[str] = []
        self._inside = False
        self.done = False

    def feed(self, piece: str) -> str:
        """What can be passed on now; white space waits for the word after it."""
        if self.done:
            return ""
        if not piece.strip():
            self._held.append(piece)
            return ""
        text, at, passed = "".join([*self._held, piece]), 0, []
        for match in _WORD.finditer(text):
            begins = not self._inside or match[0][0].isspace()
            if begins and not self._left:
                self.done = True
                break
            self._left -= begins
            self._inside = True
            passed.append(match[0])
            at = match.end()
        self._held = [text[at:]] if at < len(text) and not self.done else []
        return "".join(passed)

    def finish(self) -> str:
        """What was held back, at the end of the text."""
        return "" if self.done else "".join(self._held)


class Cutter:
    """Both limits over one text.

    Attributes:
        finish_reason: "length" where words were left out, else "stop"; known at the end.
    """

    def __init__(self, options: Options) -> None:
        self._stop = StopFilter(options.stop)
        self._limit = WordLimit(options.max_tokens)

    @property
    def finish_reason(self) -> str:
        """Why the text ends where it does."""
        return "length" if self._limit.done else "stop"

    @property
    def over(self) -> bool:
        """Whether the text has been ended here; nothing that may still come belongs to it."""
        return self._stop.done or self._limit.done

    def feed(self, piece: str) -> str:
        """What can be passed on now."""
        return self._limit.feed(self._stop.feed(piece))

    def finish(self) -> str:
        """What was held back, at the end of the text."""
        return self._limit.feed(self._stop.finish()) + self._limit.finish()

    def cut(self, pieces: Iterable[str]) -> Iterator[str]:
        """The pieces that pass; those after the end are not asked for."""
        for piece in pieces:
            passed = self.feed(piece)
            if passed:
                yield passed
            if self.over:
                break
        rest = self.finish()
        if rest:
            yield rest

    def stream(self, pieces: Iterable[str]) -> Iterator[str | Generation]:
        """The pieces that pass, and the whole answer as the last one."""
        began, passed = time.perf_counter(), []
        for piece in self.cut(pieces):
            passed.append(piece)
            yield piece
        timings = {"total": time.perf_counter() - began}
        yield Generation("".join(passed), self.finish_reason, timings=timings)

    def generation(self, pieces: Iterable[str]) -> Generation:
        """The whole answer."""
        *_, whole = self.stream(pieces)
        assert isinstance(whole, Generation)
        return whole
