"""What the language models behind Amazon's services share."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Unpack

from ragkit.llms.base import LocalLLM, Options, Prompt
from ragkit.llms.endpoint import at_once, generation_of
from ragkit.llms.reading import Reply, StreamReader
from ragkit.llms.streamed import Incomplete, StreamedText
from ragkit.types import Generation

if TYPE_CHECKING:
    from ragkit.aws import AWSService
    from ragkit.llms.base import GenerateOptions

__all__ = ["AWSLLM", "check_name"]


class AWSLLM(LocalLLM):
    """A model that boto3 asks; boto3 has no async, so the async methods use worker threads."""

    _service: AWSService
    _incomplete: Incomplete = "raise"

    def batch(
        self, prompts: Iterable[Prompt], **options: Unpack[GenerateOptions]
    ) -> list[Generation]:
        """Answers in the order of the prompts, several requests at once."""
        return at_once(lambda messages: self.generate(messages, **options), prompts)

    def close(self) -> None:
        """Closes the connections; a later request opens new ones."""
        self._service.close()

    def _generate(self, messages: Prompt, options: Options) -> Generation:
        began = time.perf_counter()
        return generation_of(self._ask(messages, options), options, began)

    def _ask(self, messages: Prompt, options: Options) -> Reply:
        raise NotImplementedError

    def _passed(
        self, events: Any, reader: StreamReader, text: StreamedText
    ) -> Iterator[str | Generation]:
        """The pieces of a stream up to its end mark or a stop string; then it hangs up."""
        with reader.telling(), self._service.own_errors():
            for part in self._texts(events, reader):
                yield from text.feed(part)
                if text.over:
                    break
        yield from text.finish()

    def _texts(self, events: Any, reader: StreamReader) -> Iterator[str]:
        """The text of each event."""
        for event in events:
            yield reader.take(event)


def check_name(value: object, name: str) -> str:
    """`value`, if it can be a name.

    Raises:
        InvalidInputError: If it is no text, or empty.
    """
    from ragkit.errors import InvalidInputError

    if not isinstance(value, str) or not value:
        raise InvalidInputError(f"{name} is {value!r}; it has to be a name or an ARN.")
    return value
