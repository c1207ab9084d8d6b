"""Language models behind Amazon SageMaker endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Literal

from ragkit._options import names_options
from ragkit._sse import LineDecoder
from ragkit.aws import AWSService
from ragkit.errors import EndpointReplyError, GenerationError
from ragkit.llms.aws import AWSLLM, check_name
from ragkit.llms.base import Options, Prompt
from ragkit.llms.reading import Reply, StreamReader
from ragkit.llms.replying import model_errors
from ragkit.llms.sagemaker_bodies import BODIES, check_functions, decoded, encoded
from ragkit.llms.streamed import Incomplete, StreamedText, check_incomplete
from ragkit.llms.templates import Template, check_template
from ragkit.types import Generation, Usage

__all__ = ["SageMakerLLM"]

_MOST_BYTES = 64 * 2**20
"""A longer reply is refused; SageMaker's own limit is below."""


@names_options
class SageMakerLLM(AWSLLM):
    """Answers from a SageMaker endpoint, whole or streamed.

    What the container behind the endpoint takes is named by `body`:

    - ``"jumpstart-chat"``: JumpStart's Llama-2 chat models, messages in ``inputs``; needs
      ``accept_eula=True``. It takes no stop strings, which are applied here, and no seed, and
      does not stream: `stream` gives the whole answer as one piece.
    - ``"string"``: one text in ``inputs``, as TGI's containers take it.
    - ``"lmi"``: the same for DJL-LMI containers; streams of JSON lines or of events.
    - ``"openai"``: OpenAI's fields, as vLLM's, LMI's and TGI's containers take them.

    boto3 has no async: the async methods ask in worker threads, and a cancelled stream hangs up
    at its next piece.

    Args:
        endpoint_name: Of the endpoint.
        body: The form of request and reply.
        accept_eula: Whether you accept the model's licence; True is sent as an attribute.
        inference_component: The model's, where the endpoint has several.
        template: How "string" and "lmi" turn messages into text: "llama2" or a function.
        request: Gives the body (bytes, or what becomes JSON) from messages and options, in place
            of the form's.
        response: Gives the text from the reply's bytes, in place of the form's; then `stream`
            gives one piece.
        region: Such as "eu-central-1"; by default the session's.
        profile: Of the credentials file.
        session: A boto3 session.
        client: A "sagemaker-runtime" client, complete.
        endpoint_url: Another address than the region's.
        timeout: Seconds between two parts of a reply.
        retries: How often a request is repeated (a `client` of yours sees to that itself).
        incomplete: "raise" an error where a stream ends without its end mark, or "accept" its
            text with the finish_reason None.

    Raises:
        MissingExtraError: If boto3 is not installed.
        InvalidInputError: If an argument can't work, or there is no region.

    Example:
        >>> SageMakerLLM("llama-2-7b", body="lmi", region="us-east-1")
        SageMakerLLM('llama-2-7b', body='lmi', region='us-east-1')
    """

    def __init__(  # noqa: PLR0913 - keywords, each of which some endpoint needs
        self,
        endpoint_name: str,
        *,
        body: Literal["jumpstart-chat", "string", "lmi", "openai"] = "jumpstart-chat",
        accept_eula: bool = False,
        inference_component: str | None = None,
        template: Template = "llama2",
        request: Callable[[Prompt, Options], Any] | None = None,
        response: Callable[[bytes], str] | None = None,
        region: str | None = None,
        profile: str | None = None,
        session: Any = None,
        client: Any = None,
        endpoint_url: str | None = None,
        timeout: float = 60.0,
        retries: int = 2,
        incomplete: Incomplete = "raise",
    ) -> None:
        from ragkit._checks import check_choice

        self._incomplete = check_incomplete(incomplete)
        self.endpoint_name = check_name(endpoint_name, "endpoint_name")
        self._name = check_choice(body, "body", BODIES)
        self._body = BODIES[self._name]
        self._more: dict[str, Any] = {}
        if accept_eula:
            self._more["CustomAttributes"] = "accept_eula=true"
        if inference_component is not None:
            name = check_name(inference_component, "inference_component")
            self._more["InferenceComponentName"] = name
        self._template = check_template(template)
        check_functions(request=request, response=response)
        self._custom_request, self._custom_response = request, response
        self._service = AWSService(
            "sagemaker-runtime",
            client=client,
            session=session,
            region=region,
            profile=profile,
            endpoint_url=endpoint_url,
            timeout=timeout,
            retries=retries,
        )

    def __repr__(self) -> str:
        return (
            f"SageMakerLLM({self.endpoint_name!r}, body={self._name!r}, "
            f"region={self._service.region!r})"
        )

    def _ask(self, messages: Prompt, options: Options) -> Reply:
        arguments = self._arguments(messages, options, stream=False)
        data = self._service.ask(lambda client: _read_whole(client, arguments))
        if len(data) > _MOST_BYTES:
            raise EndpointReplyError(
                f"The endpoint's reply has more than {_MOST_BYTES:,} bytes; it is refused rather "
                f"than cut."
            )
        if self._custom_response is not None:
            return Reply(self._own_text(self._custom_response, data), None, Usage())
        return self._body.read(decoded(data, self._service.hide), self._service.hide)

    def _stream(self, messages: Prompt, options: Options) -> Iterator[str | Generation]:
        reader_class = self._body.reader
        if reader_class is None or self._custom_response is not None:
            yield from super()._stream(messages, options)
            return
        arguments = self._arguments(messages, options, stream=True)
        reader = reader_class(self._service.hide)
        text = StreamedText(reader, options, self._incomplete)
        events = self._service.ask(
            lambda client: client.invoke_endpoint_with_response_stream(**arguments)["Body"]
        )
        with closing(events):
            yield from self._passed(events, reader, text)

    def _texts(self, events: Any, reader: StreamReader) -> Iterator[str]:
        """The text of each line of the payload, whose parts may be cut anywhere."""
        decoder = LineDecoder()
        for event in events:
            for line in decoder.feed(event.get("PayloadPart", {}).get("Bytes", b"")):
                yield _fed(reader, line)
        for line in decoder.finish():
            yield _fed(reader, line)

    def _own_text(self, response: Callable[[bytes], str], data: bytes) -> str:
        with model_errors("The function given as response="):
            text: object = response(data)
        if not isinstance(text, str):
            raise GenerationError(
                f"The function given as response= gave {type(text).__name__} {text!r:.80}; it has "
                f"to give the text as a str."
            )
        return text

    def _arguments(self, messages: Prompt, options: Options, *, stream: bool) -> dict[str, Any]:
        if self._custom_request is not None:
            with model_errors("The function given as request="):
                body = encoded(self._custom_request(messages, options))
        else:
            fields = self._body.request(messages, options, self._template)
            body = encoded({**fields, **self._body.streaming} if stream else fields)
        return {
            "EndpointName": self.endpoint_name,
            "Body": body,
            "ContentType": "application/json",
            "Accept": "application/json",
            **self._more,
        }


def _read_whole(client: Any, arguments: dict[str, Any]) -> bytes:
    """The reply's bytes, and one more than there may be where it is too long."""
    with closing(client.invoke_endpoint(**arguments)["Body"]) as body:
        data: bytes = body.read(_MOST_BYTES + 1)
    return data


def _fed(reader: StreamReader, line: str) -> str:
    """The text of a line: a JSON object, or the data of a server-sent event."""
    data = reader.watch(line).strip()
    if data.startswith("data:"):
        data = data.removeprefix("data:").strip()
    elif not data.startswith(("{", "[")):
        return ""  # blank, a comment, or another field of an event
    return reader.feed(data) if data else ""
