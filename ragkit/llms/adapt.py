"""Whatever can answer, as a language model."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

from ragkit.errors import InvalidInputError

if TYPE_CHECKING:
    from ragkit.protocols import LLM

__all__ = ["as_llm"]

_OURS = ("generate", "stream", "agenerate", "astream")


def as_llm(llm: Any) -> LLM:
    """A language model: `llm` itself, or adapted.

    Args:
        llm: A model of ragkit's kind (returned as it is), a backend string such as
            ``"extractive"`` (see `load_llm`), a LangChain model, or a function ``str -> str``.

    Raises:
        InvalidInputError: If it is none of these.

    Example:
        >>> as_llm(str.title).generate("hello there").text
        'Hello There'
    """
    if isinstance(llm, str):
        from ragkit.backends import load_llm

        return load_llm(llm)
    if isinstance(llm, type):
        raise InvalidInputError(
            f"A language model is needed, but {llm.__name__} is a class; write {llm.__name__}(…) "
            f"to make one."
        )
    # LangChain's models have stream() and generate() too, of another kind, and invoke().
    langchain = _is_langchain(llm)
    if not langchain and all(hasattr(llm, name) for name in _OURS):
        return cast("LLM", llm)
    if callable(getattr(llm, "invoke", None)):
        return _from_langchain(llm) if langchain else _adapted(llm)
    if callable(llm):
        from ragkit.llms.functions import FunctionLLM

        return FunctionLLM(llm)
    raise InvalidInputError(
        f"{type(llm).__name__} {llm!r:.80} can't answer. Give a string such as 'extractive', a "
        f"language model, a LangChain model, or a function from a text to a text."
    )


def _from_langchain(model: Any) -> LLM:
    """Adapted; one that came from `as_langchain` gives back what it was made of.

    Unless options or callbacks were set on it, which would be lost.
    """
    ours = sys.modules.get("ragkit.llms.as_langchain")  # loaded, if one was ever made
    if ours is not None and isinstance(model, ours.ChatRagkit) and not model.adds:
        return cast("LLM", model.llm)
    return _adapted(model)


def _adapted(model: Any) -> LLM:
    from ragkit.llms.langchain import LangChainLLM

    return LangChainLLM(model)


def _is_langchain(llm: Any) -> bool:
    """Whether its ``generate`` is LangChain's, which takes a batch and no single prompt."""
    return any(
        cls.__module__.partition(".")[0].startswith("langchain") for cls in type(llm).__mro__
    )
