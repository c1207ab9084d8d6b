"""Language models behind Amazon Bedrock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from ragkit._options import names_options
from ragkit.aws import AWSService
from ragkit.errors import InvalidInputError
from ragkit.llms.aws import AWSLLM, check_name
from ragkit.llms.base import Options, Prompt
from ragkit.llms.reading import Format, Reply, StreamReader, reason_of, usage_of
from ragkit.llms.streamed import Incomplete, StreamedText, check_incomplete
from ragkit.llms.templates import without_bos
from ragkit.types import Generation

__all__ = ["BedrockLLM"]

FORMAT = Format("Bedrock's Converse", "Is endpoint_url= Bedrock's runtime?")


@names_options
class BedrockLLM(AWSLLM):
    """Answers from any model of Amazon Bedrock, by Converse and ConverseStream.

    Converse takes chats only: a raw prompt (a str) is sent as what the user says. It has no
    seed, so `seed` is an error unless the temperature is 0. Stop strings of white space alone,
    which some models refuse, are applied here. boto3 has no async: the async methods ask in
    worker threads, and a cancelled stream hangs up at its next piece.

    Args:
        model_id: The model's id, or the ARN of an inference profile.
        region: Such as "eu-central-1"; by default the session's.
        profile: Of the credentials file.
        session: A boto3 session.
        client: A "bedrock-runtime" client, complete.
        endpoint_url: Another address than the region's.
        timeout: Seconds between two parts of a reply.
        retries: How often a request is repeated (a `client` of yours sees to that itself).
        model_fields: More fields for the model, such as ``{"top_k": 40}``.
        incomplete: "raise" an error where a stream ends without its end mark, or "accept" its
            text with the finish_reason None.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work, or there is no region.

    Example:
        >>> BedrockLLM("meta.llama3-8b-instruct-v1:0", region="us-east-1")
        BedrockLLM('meta.llama3-8b-instruct-v1:0', region='us-east-1')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some account needs
        self,
        model_id: str,
        *,
        region: str | None = None,
        profile: str | None = None,
        session: Any = None,
        client: Any = None,
        endpoint_url: str | None = None,
        timeout: float = 60.0,
        retries: int = 2,
        model_fields: Mapping[str, Any] | None = None,
        incomplete: Incomplete = "raise",
    ) -> None:
        self.model_id = check_name(model_id, "model_id")
        self._incomplete = check_incomplete(incomplete)
        self._fields = dict(model_fields or {})
        self._service = AWSService(
            "bedrock-runtime",
            client=client,
            session=session,
            region=region,
            profile=profile,
            endpoint_url=endpoint_url,
            timeout=timeout,
            retries=retries,
        )

    def __repr__(self) -> str:
        return f"BedrockLLM({self.model_id!r}, region={self._service.region!r})"

    def _ask(self, messages: Prompt, options: Options) -> Reply:
        request = self._request(messages, options)
        data = self._service.ask(lambda client: client.converse(**request))
        return _read_reply(data, self._service)

    def _stream(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        request = self._request(messages, options)
        reader = _Reader(self._service.hide)
        text = StreamedText(reader, options, self._incomplete)
        events = self._service.ask(lambda client: client.converse_stream(**request)["stream"])
        with closing(events):
            yield from self._passed(events, reader, text)

    def _request(self, messages: Prompt, options: Options) -> dict[str, Any]:
        if options.seed is not None and options.temperature > 0:
            raise InvalidInputError(
                f"seed is {options.seed!r}, but Converse has none; leave it out, use "
                f"temperature=0, or pass the model's own in model_fields=."
            )
        if isinstance(messages, str):
            messages = [{"role": "user", "content": without_bos(messages)}]
        stops = [text for text in options.stop if text.strip()]
        settings: dict[str, Any] = {"maxTokens": options.max_tokens}
        settings["temperature"] = float(options.temperature)
        if options.top_p < 1:  # some models refuse it beside the temperature
            settings["topP"] = float(options.top_p)
        if stops:
            settings["stopSequences"] = stops
        request: dict[str, Any] = {
            "modelId": self.model_id,
            "messages": [
                {"role": each["role"], "content": [{"text": each["content"]}]}
                for each in messages
                if each["role"] != "system"
            ],
            "inferenceConfig": settings,
        }
        system = [{"text": each["content"]} for each in messages if each["role"] == "system"]
        more = {"system": system, "additionalModelRequestFields": self._fields}
        return {**request, **{name: value for name, value in more.items() if value}}


def _read_reply(data: Any, service: AWSService) -> Reply:
    """The text of a reply; blocks of other kinds, such as reasoning, are no part of it."""
    output = data.get("output")
    message = output.get("message") if isinstance(output, Mapping) else None
    blocks = message.get("content") if isinstance(message, Mapping) else None
    if not isinstance(blocks, list):
        shown = {name: value for name, value in data.items() if name != "ResponseMetadata"}
        raise FORMAT.error(shown, "has no message", service.hide)
    text = "".join(block.get("text", "") for block in blocks)
    usage = usage_of(data.get("usage"), "inputTokens", "outputTokens")
    return Reply(text, reason_of(data.get("stopReason")), usage)


class _Reader(StreamReader):
    """ConverseStream's events; ``messageStop`` is the end mark, after which usage comes."""

    format = FORMAT

    def _read(self, data: Any) -> str:
        if "messageStop" in data:
            self.finish_reason = reason_of(data["messageStop"].get("stopReason"))
        if "metadata" in data:
            counts = data["metadata"].get("usage")
            self.usage = usage_of(counts, "inputTokens", "outputTokens")
            self.done = self.finish_reason is not None
        delta = data.get("contentBlockDelta", {}).get("delta", {})
        text: str = delta.get("text", "")
        return text
