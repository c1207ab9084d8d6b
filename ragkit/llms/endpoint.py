"""What the language models behind HTTP endpoints share; a format adds requests and readers."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Unpack

from ragkit._threads import map_in_threads
from ragkit.llms.base import LangChainable, Options, Prompt, check_batch, make_options
from ragkit.llms.cutting import StopFilter
from ragkit.llms.reading import Reply, StreamReader
from ragkit.llms.streamed import Incomplete, StreamedText
from ragkit.streaming import AsyncTextStream, TextStream
from ragkit.types import Generation

if TYPE_CHECKING:
    from ragkit._http import Endpoint
    from ragkit.llms.base import GenerateOptions

__all__ = ["EndpointLLM", "at_once", "generation_of"]

AT_ONCE = 8
"""Requests of one `batch` that are under way together."""

_Request = tuple[str, dict[str, Any]]
"""Path and body."""


class EndpointLLM(LangChainable, ABC):
    """A model over HTTP: `generate`, `stream` and their siblings.

    A subclass sets ``_endpoint`` and says what is sent and how replies are read.
    """

    _endpoint: Endpoint
    _incomplete: Incomplete = "raise"

    @abstractmethod
    def _request(self, messages: Prompt, options: Options, *, stream: bool) -> _Request:
        """Path and body."""

    @abstractmethod
    def _read(self, data: Any) -> Reply:
        """A reply that was not streamed."""

    @abstractmethod
    def _reader(self) -> StreamReader:
        """A reader for one stream."""

    def generate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """The answer to chat messages, or the continuation of a raw prompt (a str).

        Args:
            messages: Chat messages, or raw text.
            **options: ``stop``, ``max_tokens``, ``temperature``, ``top_p``, ``seed``; ``context``
                is not needed, since the messages carry it.

        Raises:
            InvalidInputError: If the messages or an option can't work.
            EndpointReplyError: If the reply is not in the service's format.
            EndpointError: If the service fails otherwise.
        """
        chosen = make_options(self, options)
        path, body = self._request(messages, chosen, stream=False)
        began = time.perf_counter()
        return generation_of(self._read(self._endpoint.post_json(path, body)), chosen, began)

    async def agenerate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """`generate` without blocking the event loop, by an asynchronous request."""
        chosen = make_options(self, options)
        path, body = self._request(messages, chosen, stream=False)
        began = time.perf_counter()
        return generation_of(self._read(await self._endpoint.apost_json(path, body)), chosen, began)

    def stream(
        self, messages: Prompt, **options: Unpack[GenerateOptions]
    ) -> TextStream[Generation]:
        """The same in pieces; joined, they are the text that `generate` gives.

        After the last piece, ``result`` of the stream is the `Generation`. Closing the stream
        hangs up.

        Raises:
            EndpointReplyError: If the stream ends without its end mark (unless the model was made
                with ``incomplete="accept"``), or is in no stream's format; ``body`` of the error
                has the text so far.
            EndpointError: If the service fails, also midway; ``body`` has the text so far.
        """
        chosen = make_options(self, options)
        request = self._request(messages, chosen, stream=True)
        return TextStream(self._streamed(request, chosen))

    def _streamed(self, request: _Request, options: Options) -> Iterator[str | Generation]:
        from ragkit._sse import sse_data

        reader = self._reader()
        text = StreamedText(reader, options, self._incomplete)
        with reader.telling(), self._endpoint.stream_lines(*request) as lines:
            for data in sse_data(reader.watch(line) for line in lines):
                yield from text.feed(reader.feed(data))
                if text.over:
                    break
        yield from text.finish()

    def astream(
        self, messages: Prompt, **options: Unpack[GenerateOptions]
    ) -> AsyncTextStream[Generation]:
        """`stream` without blocking the event loop; leaving it hangs up."""
        chosen = make_options(self, options)
        request = self._request(messages, chosen, stream=True)
        return AsyncTextStream(self._astreamed(request, chosen))

    async def _astreamed(
        self, request: _Request, options: Options
    ) -> AsyncIterator[str | Generation]:
        reader = self._reader()
        text = StreamedText(reader, options, self._incomplete)
        with reader.telling():
            async with (
                self._endpoint.astream_lines(*request) as lines,
                aclosing(_events(lines, reader)) as events,
            ):
                async for data in events:
                    for piece in text.feed(reader.feed(data)):
                        yield piece
                    if text.over:
                        break
        for last in text.finish():
            yield last

    def batch(
        self, prompts: Iterable[Prompt], **options: Unpack[GenerateOptions]
    ) -> list[Generation]:
        """Answers in the order of the prompts, several requests at once."""
        return at_once(lambda messages: self.generate(messages, **options), prompts)

    def invoke(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> str:
        """The text alone."""
        return self.generate(messages, **options).text

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        self._endpoint.close()


def at_once(generate: Any, prompts: Iterable[Prompt]) -> list[Generation]:
    """Answers in the order of the prompts, `AT_ONCE` requests under way together.

    Raises:
        InvalidInputError: If a single prompt was given.
    """
    every = check_batch(prompts)
    if not every:
        return []
    return map_in_threads(generate, every, AT_ONCE, "ragkit-endpoint")


def generation_of(reply: Reply, options: Options, began: float) -> Generation:
    """The reply without what comes after a stop string; some services leave that in."""
    stop = StopFilter(options.stop)
    text = stop.feed(reply.text) + stop.finish()
    reason = "stop" if stop.done else reply.finish_reason
    return Generation(text, reason, reply.usage, {"total": time.perf_counter() - began})


async def _events(lines: AsyncIterator[str], reader: StreamReader) -> AsyncGenerator[str, None]:
    """The data of each event, with the reader watching."""
    from ragkit._sse import asse_data

    async def watched() -> AsyncIterator[str]:
        async for line in lines:
            yield reader.watch(line)

    async for data in asse_data(watched()):
        yield data
