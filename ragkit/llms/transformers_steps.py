"""What happens at each step of a generation: ids become text, texts end, tokens are drawn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from ragkit.llms.base import Options
from ragkit.llms.cutting import StopFilter
from ragkit.types import Generation, Usage

__all__ = ["Detokenizer", "Row", "Sampler", "Watcher"]

_UNFINISHED = "\ufffd"
"""What a tokenizer decodes the first bytes of a character to."""


class Detokenizer:
    """Text of ids that come one by one; a character that is not whole yet is held back.

    Args:
        decode: From ids to text, special tokens left out.
    """

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        # Ids from the last piece on: its text is decoded again as the context of the next, since
        # tokenizers take a leading blank away.
        self._ids: list[int] = []
        self._read = 0

    def feed(self, token: int) -> str:
        """What the token adds to the text that is sure."""
        self._ids.append(token)
        text = self._new()
        if not text or text.endswith(_UNFINISHED):
            return ""
        self._ids = self._ids[self._read :]
        self._read = len(self._ids)
        return text

    def finish(self) -> str:
        """What was held back, at the end."""
        text = self._new()
        self._ids, self._read = [], 0
        return text

    def _new(self) -> str:
        known = self._decode(self._ids[: self._read])
        return self._decode(self._ids)[len(known) :]


class Row:
    """One answer while it is written.

    Args:
        prompt: Its ids.
        options: How to generate.
        limit: The most tokens.
        ends: Ids that end an answer.
        decode: From ids to text, special tokens left out.
        on_text: Called with each piece of text when it is sure.

    Attributes:
        done: Whether the answer has ended.
        cached: How many tokens of the prompt were not run, since a prefix was kept.
    """

    def __init__(
        self,
        prompt: list[int],
        options: Options,
        *,
        limit: int,
        ends: frozenset[int],
        decode: Callable[[list[int]], str],
        on_text: Callable[[str], object] | None = None,
    ) -> None:
        self.prompt = prompt
        self.limit = limit
        self.done = False
        self.cached = 0
        self._ends = ends
        self._on_text = on_text
        self._detokenizer = Detokenizer(decode)
        self._filter = StopFilter(options.stop)
        self._pieces: list[str] = []
        self._count = 0
        self._stopped = False
        self._first: float | None = None

    def feed(self, token: int) -> None:
        """The next token; nothing after the end."""
        if self.done:
            return
        self._count += 1
        self._first = self._first or time.perf_counter()
        if token in self._ends:
            self._stopped = True
        else:
            self._pass(self._filter.feed(self._detokenizer.feed(token)))
        if self._stopped or self._filter.done or self._count >= self.limit:
            self.finish()

    def finish(self) -> None:
        """The end of the text: what was held back is passed on."""
        if not self.done:
            self.done = True
            held = self._detokenizer.finish()
            # Where the tokens ran out in the middle of a character, its first bytes are no text.
            held = held if self._stopped else held.rstrip(_UNFINISHED)
            self._pass(self._filter.feed(held))
            self._pass(self._filter.finish())

    def generation(self, began: float) -> Generation:
        """The answer, whose generation began at that time of `time.perf_counter`."""
        stopped = self._stopped or self._filter.done
        return Generation(
            "".join(self._pieces),
            "stop" if stopped else "length",
            Usage(len(self.prompt), self._count, self.cached),
            {
                "total": time.perf_counter() - began,
                "first_token": (self._first or time.perf_counter()) - began,
            },
        )

    def _pass(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            if self._on_text is not None:
                self._on_text(text)


class Watcher:
    """Hands each step's tokens to the rows, and ends those that are done: a stopping criterion.

    Args:
        torch: The package.
        rows: One for each row of the batch; those that it has beyond are idle, and end at once.
        begin: How many ids of a row come before its answer.
    """

    def __init__(self, torch: Any, rows: Sequence[Row], begin: int) -> None:
        self._torch = torch
        self._rows = rows
        self._seen = begin
        self.cancelled = threading.Event()

    def __call__(self, input_ids: Any, _scores: Any, **_: Any) -> Any:
        """For each row, whether it ends here; all do once the generation is cancelled."""
        new = input_ids[: len(self._rows), self._seen :].tolist()
        for row, tokens in zip(self._rows, new, strict=True):
            for token in tokens:
                row.feed(token)
        self._seen = input_ids.shape[1]
        stop = self.cancelled.is_set()
        ended = [stop or row.done for row in self._rows]
        ended += [True] * (len(input_ids) - len(ended))
        return self._torch.tensor(ended, dtype=self._torch.bool, device=input_ids.device)


class Sampler:
    """Draws tokens by adding Gumbel noise to their scores: the highest is then a fair draw.

    The noise comes from a generator of each row's own, so that a seed gives the same text in
    any batch and thread, and torch's global generator is left alone. Method: Gumbel (1954).
    """

    def __init__(self, torch: Any, options: Options, rows: int) -> None:
        self._torch = torch
        self._options = options
        self._rows = rows
        self._generators: list[Any] = []

    def __call__(self, _ids: Any, scores: Any) -> Any:
        """Scores whose highest is the token drawn."""
        torch = self._torch
        scores = self._nucleus(scores.float() / self._options.temperature)
        noise = torch.empty_like(scores)
        for row, generator in zip(noise, self._made(scores.device), strict=True):
            row.exponential_(generator=generator)
        return scores - noise.clamp_min(torch.finfo(noise.dtype).tiny).log()

    def _made(self, device: Any) -> list[Any]:
        if not self._generators:
            self._generators = [self._torch.Generator(device) for _ in range(self._rows)]
            for generator in self._generators:
                if self._options.seed is None:
                    generator.seed()
                else:
                    generator.manual_seed(self._options.seed % 2**63)
        return self._generators

    def _nucleus(self, scores: Any) -> Any:
        """The likeliest tokens that together reach `top_p`; the others can't be drawn."""
        if self._options.top_p >= 1:
            return scores
        ordered, order = scores.sort(dim=-1, descending=True)
        share = ordered.softmax(-1)
        # The token that crosses the limit stays, so that there is always one.
        out = share.cumsum(-1) - share >= self._options.top_p
        return scores.masked_fill(out.scatter(-1, order, out), float("-inf"))
