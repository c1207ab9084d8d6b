"""What `RetrievalQA` is given by others: templates, messages, hits and questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ragkit._checks import reject_unknown
from ragkit.errors import InvalidInputError
from ragkit.types import Hit, Message

__all__ = ["as_hits", "as_message", "check_template", "query_of"]


def check_template(prompt: Any) -> Any:
    """`prompt`, if it can be filled with what was found.

    Raises:
        InvalidInputError: If it can't, or would leave it out.
    """
    if not (hasattr(prompt, "format_messages") or hasattr(prompt, "format")):
        raise InvalidInputError(
            f"prompt is {prompt!r}; it has to be a PromptTemplate, or an object with "
            f"format(context=…, question=…)."
        )
    names = getattr(prompt, "input_variables", None)
    if isinstance(names, list):
        if "context" not in names:
            raise InvalidInputError(
                f"prompt has no {{context}}, where what was found would go; it has {names}."
            )
        others = sorted(set(names) - {"context", "question"})
        if others:
            raise InvalidInputError(
                f"prompt needs {others}, which RetrievalQA does not know; give them before, by "
                f"prompt.partial({others[0]}=…)."
            )
    return prompt


def as_message(message: Any) -> Message:
    """A message of ours, or of LangChain's (``type`` and ``content``)."""
    if isinstance(message, Mapping):
        return {"role": str(message["role"]), "content": str(message["content"])}
    from ragkit.llms import langchain_messages

    return langchain_messages.as_message(message)


def as_hits(found: Any) -> list[Hit]:
    """What a retriever gave, as hits.

    Raises:
        InvalidInputError: If it is something else than hits or documents.
    """
    from ragkit._documents import as_document

    if isinstance(found, str | bytes) or not isinstance(found, Iterable):
        raise InvalidInputError(f"The retriever gave {found!r:.80}; it has to give a list of hits.")
    hits = list(found)
    return [
        hit
        if isinstance(hit, Hit)
        else Hit(as_document(hit, "What the retriever gave"), 1 / (1 + rank), rank)
        for rank, hit in enumerate(hits)
    ]


def query_of(inputs: Mapping[str, str] | str) -> str:
    """The question in LangChain's ``{"query": …}``."""
    if not isinstance(inputs, Mapping):
        return inputs
    reject_unknown("RetrievalQA.invoke()", inputs, ["query"])
    if "query" not in inputs:
        raise InvalidInputError('RetrievalQA.invoke() needs {"query": "…"}, got none.')
    return inputs["query"]
