"""Language models behind any endpoint that speaks OpenAI's format."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Unpack

from ragkit._options import names_options
from ragkit.errors import InvalidInputError
from ragkit.llms.base import Options, Prompt, check_batch, check_prompt, make_options
from ragkit.llms.cutting import StopFilter
from ragkit.llms.openai_format import Reply, StreamReader, read_reply
from ragkit.types import Generation

if TYPE_CHECKING:
    from ragkit.llms.base import GenerateOptions

__all__ = ["OpenAILLM"]

API_KEY_VARIABLE = "OPENAI_API_KEY"

_BOS = "<s>"
_AT_ONCE = 8
"""Requests of one `batch` that are under way together."""


@names_options
class OpenAILLM:
    """Answers from vLLM, llama.cpp, Ollama, TGI, OpenAI and others, over HTTP.

    Chat messages go to ``POST {url}/chat/completions``; a raw prompt (a str) goes to
    ``POST {url}/completions`` as it stands, but for a leading ``<s>``: services add BOS
    themselves. Time-outs, lost connections and the statuses 408,
    425, 429 and 5xx are tried again, until the first piece of an answer has come.

    Args:
        model: The model's name at the service.
        url: Base of the service, such as ``http://host:8000/v1``.
        api_key: By default that of the environment variable ``OPENAI_API_KEY``, read now. It is
            sent as a header and shows up nowhere else.
        timeout: Seconds for a whole answer; in a stream, seconds between two pieces.
        retries: How often a request is repeated.
        headers: More headers.
        extra_body: More fields of the request, such as ``{"top_k": 40}``; None as a value leaves
            a field out.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> OpenAILLM("llama-2-7b-chat", url="http://localhost:8000/v1")
        OpenAILLM('llama-2-7b-chat', url='http://localhost:8000/v1')
    """

    def __init__(
        self,
        model: str,
        *,
        url: str = "https://api.openai.com/v1",
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 2,
        headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> None:
        from ragkit._http import Endpoint, read_api_key

        if not isinstance(model, str) or not model:
            raise InvalidInputError(f"model is {model!r}; it has to be the service's name of one.")
        key = read_api_key(api_key, API_KEY_VARIABLE)
        self._endpoint = Endpoint(
            url, api_key=key, timeout=timeout, retries=retries, headers=headers
        )
        self.model = model
        self._extra = dict(extra_body or {})

    def __repr__(self) -> str:
        return f"OpenAILLM({self.model!r}, url={self._endpoint.url!r})"

    def generate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """The answer to chat messages, or the continuation of a raw prompt (a str).

        Args:
            messages: Chat messages, or raw text.
            **options: ``stop``, ``max_tokens``, ``temperature``, ``top_p``, ``seed``; ``context``
                is not needed, since the messages carry it.

        Raises:
            InvalidInputError: If the messages or an option can't work.
            EndpointReplyError: If the reply is not in OpenAI's format.
            EndpointError: If the service fails otherwise.
        """
        chosen = make_options(self, options)
        path, body = self._request(messages, chosen)
        began = time.perf_counter()
        reply = read_reply(self._endpoint.post_json(path, body), self._endpoint.hide_key)
        return _generation(reply, chosen, began)

    async def agenerate(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Generation:
        """`generate` without blocking the event loop, by an asynchronous request."""
        chosen = make_options(self, options)
        path, body = self._request(messages, chosen)
        began = time.perf_counter()
        data = await self._endpoint.apost_json(path, body)
        return _generation(read_reply(data, self._endpoint.hide_key), chosen, began)

    def stream(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> Iterator[str]:
        """The same in pieces; joined, they are the text that `generate` gives.

        Closing the iterator hangs up.

        Raises:
            EndpointReplyError: If the stream ends without its end mark, or is in no stream's
                format; ``body`` of the error has the text so far.
            EndpointError: If the service fails, also midway.
        """
        chosen = make_options(self, options)
        return self._streamed(*self._request(messages, chosen), chosen)

    def _streamed(self, path: str, body: dict[str, Any], options: Options) -> Iterator[str]:
        from ragkit._sse import sse_data

        reader, stop = StreamReader(self._endpoint.hide_key), StopFilter(options.stop)
        with self._endpoint.stream_lines(path, {**body, "stream": True}) as lines:
            for data in sse_data(reader.watch(line) for line in lines):
                passed = stop.feed(reader.feed(data))
                if passed:
                    yield passed
                if reader.done or stop.done:
                    break
        rest = stop.finish()
        if rest:
            yield rest
        if not stop.done:
            reader.check_end()

    async def astream(
        self, messages: Prompt, **options: Unpack[GenerateOptions]
    ) -> AsyncIterator[str]:
        """`stream` without blocking the event loop; leaving it hangs up."""
        chosen = make_options(self, options)
        path, body = self._request(messages, chosen)
        reader, stop = StreamReader(self._endpoint.hide_key), StopFilter(chosen.stop)
        async with (
            self._endpoint.astream_lines(path, {**body, "stream": True}) as lines,
            aclosing(_events(lines, reader)) as events,
        ):
            async for data in events:
                passed = stop.feed(reader.feed(data))
                if passed:
                    yield passed
                if reader.done or stop.done:
                    break
        rest = stop.finish()
        if rest:
            yield rest
        if not stop.done:
            reader.check_end()

    def batch(
        self, prompts: Iterable[Prompt], **options: Unpack[GenerateOptions]
    ) -> list[Generation]:
        """Answers in the order of the prompts, several requests at once."""
        every = check_batch(prompts)
        if not every:
            return []
        with ThreadPoolExecutor(min(_AT_ONCE, len(every)), "ragkit-openai") as pool:
            return list(pool.map(lambda messages: self.generate(messages, **options), every))

    def invoke(self, messages: Prompt, **options: Unpack[GenerateOptions]) -> str:
        """The text alone."""
        return self.generate(messages, **options).text

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        self._endpoint.close()

    def _request(self, messages: Prompt, options: Options) -> tuple[str, dict[str, Any]]:
        """Path and body."""
        prompt = check_prompt(messages)
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "stop": list(options.stop) or None,
            "seed": options.seed,
            **self._extra,
        }
        body = {name: value for name, value in body.items() if value is not None}
        if isinstance(prompt, str):
            # Completion endpoints put BOS before the prompt themselves: one written out would
            # make it two, which changes answers.
            return "completions", {**body, "prompt": prompt.removeprefix(_BOS)}
        return "chat/completions", {**body, "messages": [dict(message) for message in prompt]}


def _generation(reply: Reply, options: Options, began: float) -> Generation:
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
