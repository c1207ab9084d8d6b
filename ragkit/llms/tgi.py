"""Language models behind TGI's own API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ragkit._options import names_options
from ragkit.errors import EndpointReplyError
from ragkit.llms.base import Options, Prompt
from ragkit.llms.endpoint import EndpointLLM
from ragkit.llms.generated_format import (
    GeneratedStreamReader,
    generation_parameters,
    read_generated,
)
from ragkit.llms.reading import Reply, StreamReader
from ragkit.llms.streamed import Incomplete, check_incomplete
from ragkit.llms.templates import Template, check_template, render_prompt

__all__ = ["TGILLM"]


@names_options
class TGILLM(EndpointLLM):
    """Answers from Hugging Face's text-generation-inference, by ``/generate``.

    That API takes one text and knows nothing of chats: messages are rendered by `template`,
    without BOS, which TGI adds itself. (For the model's own chat template, use `OpenAILLM` with
    TGI's ``/v1``.) TGI takes four stop strings; more of them are applied here.

    Args:
        url: Base of the service, such as ``http://host:8080``.
        api_key: Sent as ``Authorization: Bearer …``; no environment variable is read.
        template: "llama2", or a function from messages to text.
        timeout: Seconds for a whole answer; in a stream, seconds between two pieces.
        retries: How often a request is repeated.
        headers: More headers.
        parameters: More of TGI's parameters, such as ``{"repetition_penalty": 1.1}``; None as a
            value leaves one out.
        incomplete: "raise" an error where a stream ends without its end mark, or "accept" its
            text with the finish_reason None.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> TGILLM("http://localhost:8080")
        TGILLM('http://localhost:8080')
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        template: Template = "llama2",
        timeout: float = 60.0,
        retries: int = 2,
        headers: Mapping[str, str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        incomplete: Incomplete = "raise",
    ) -> None:
        from ragkit._http import Endpoint, read_api_key

        self._incomplete = check_incomplete(incomplete)
        key = read_api_key(api_key or "", "api_key")
        self._endpoint = Endpoint(
            url, api_key=key, timeout=timeout, retries=retries, headers=headers
        )
        self._template = check_template(template)
        self._parameters = dict(parameters or {})
        self._window: int | None = None

    def __repr__(self) -> str:
        return f"TGILLM({self._endpoint.url!r})"

    @property
    def window(self) -> int:
        """Tokens that prompt and answer may have together; asked for when first used.

        Raises:
            EndpointReplyError: If ``/info`` does not say.
            EndpointError: If the service fails.
        """
        if self._window is None:
            info = self._endpoint.get_json("info")
            found = info.get("max_total_tokens") if isinstance(info, Mapping) else None
            if not isinstance(found, int) or found < 1:
                raise EndpointReplyError(
                    f"{self._endpoint.url}/info names no max_total_tokens; is this TGI?", status=200
                )
            self._window = found
        return self._window

    def _request(
        self, messages: Prompt, options: Options, *, stream: bool
    ) -> tuple[str, dict[str, Any]]:
        every = {**generation_parameters(options), **self._parameters}
        parameters = {name: value for name, value in every.items() if value is not None}
        text = render_prompt(messages, self._template)
        return "generate_stream" if stream else "generate", {
            "inputs": text,
            "parameters": parameters,
        }

    def _read(self, data: Any) -> Reply:
        return read_generated(data, self._endpoint.hide_key)

    def _reader(self) -> StreamReader:
        return GeneratedStreamReader(self._endpoint.hide_key)
