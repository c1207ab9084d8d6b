"""Language models behind any endpoint that speaks OpenAI's format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ragkit._checks import check_choice
from ragkit._options import names_options
from ragkit.errors import InvalidInputError
from ragkit.llms.base import Options, Prompt, check_prompt
from ragkit.llms.endpoint import EndpointLLM
from ragkit.llms.openai_format import OpenAIStreamReader, read_reply
from ragkit.llms.reading import Reply, StreamReader
from ragkit.llms.streamed import Incomplete, check_incomplete
from ragkit.llms.templates import without_bos

__all__ = ["OpenAILLM"]

API_KEY_VARIABLE = "OPENAI_API_KEY"


@names_options
class OpenAILLM(EndpointLLM):
    """Answers from vLLM, llama.cpp, Ollama, TGI, OpenAI and others, over HTTP.

    Chat messages go to ``POST {url}/chat/completions``; a raw prompt (a str) goes to
    ``POST {url}/completions`` as it stands, but for a leading ``<s>``: services add BOS
    themselves. What `EndpointError.temporary` names (time-outs, lost connections, statuses that say
    "later") is tried again, until the first piece of an answer has come.

    A refusal, which OpenAI's services send apart from the text, is the text, with the finish reason
    "refusal". A reply without text, but with a reason for its end, is an empty text: a model may
    spend all tokens it has on reasoning.

    Args:
        model: The model's name at the service.
        url: Base of the service, such as ``http://host:8000/v1``.
        api_key: By default that of the environment variable ``OPENAI_API_KEY``, read now. It is
            sent as a header and shows up nowhere else.
        timeout: Seconds for a whole answer; in a stream, seconds between two pieces.
        retries: How often a request is repeated.
        headers: More headers.
        extra_body: More fields of the request, such as ``{"top_k": 40}``; None as a value leaves
            a field out, such as ``{"temperature": None}`` for models that take no other than
            their own. More than one answer, as by ``{"n": 2}``, can't be asked for.
        max_tokens_field: What the service calls the most tokens of an answer: OpenAI's own newer
            models take "max_completion_tokens" only.
        incomplete: "raise" an error where a stream ends without its end mark, or "accept" its
            text with the finish_reason None.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> OpenAILLM("llama-2-7b-chat", url="http://localhost:8000/v1")
        OpenAILLM('llama-2-7b-chat', url='http://localhost:8000/v1')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some service needs
        self,
        model: str,
        *,
        url: str = "https://api.openai.com/v1",
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 2,
        headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens",
        incomplete: Incomplete = "raise",
    ) -> None:
        from ragkit._http import Endpoint, read_api_key

        self._incomplete = check_incomplete(incomplete)
        fields = ["max_tokens", "max_completion_tokens"]
        self._max_tokens = check_choice(max_tokens_field, "max_tokens_field", fields)
        if not isinstance(model, str) or not model:
            raise InvalidInputError(f"model is {model!r}; it has to be the service's name of one.")
        key = read_api_key(api_key, API_KEY_VARIABLE)
        self._endpoint = Endpoint(
            url, api_key=key, timeout=timeout, retries=retries, headers=headers
        )
        self.model = model
        self._extra = _checked_extra(extra_body)

    def __repr__(self) -> str:
        return f"OpenAILLM({self.model!r}, url={self._endpoint.url!r})"

    def _request(
        self, messages: Prompt, options: Options, *, stream: bool
    ) -> tuple[str, dict[str, Any]]:
        """Path and body."""
        prompt = check_prompt(messages)
        body: dict[str, Any] = {
            "model": self.model,
            self._max_tokens: options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "stop": list(options.stop) or None,
            "seed": options.seed,
            "stream": stream or None,
            "stream_options": {"include_usage": True} if stream else None,
            **self._extra,
        }
        body = {name: value for name, value in body.items() if value is not None}
        if isinstance(prompt, str):
            return "completions", {**body, "prompt": without_bos(prompt)}
        return "chat/completions", {**body, "messages": [dict(message) for message in prompt]}

    def _read(self, data: Any) -> Reply:
        return read_reply(data, self._endpoint.hide_key)

    def _reader(self) -> StreamReader:
        return OpenAIStreamReader(self._endpoint.hide_key)


def _checked_extra(extra_body: Mapping[str, Any] | None) -> dict[str, Any]:
    """A copy.

    Raises:
        InvalidInputError: If it asks for several answers.
    """
    extra = dict(extra_body or {})
    if extra.get("n", 1) not in (1, None):
        raise InvalidInputError(
            f"extra_body has n={extra['n']!r}, but one answer is read of each reply; the others "
            f"would be paid for and lost. Leave n out, and ask several times, as by batch()."
        )
    return extra
