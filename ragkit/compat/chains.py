"""``PromptTemplate`` and ``LLMChain`` of the tutorials: one raw string in, a string out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ragkit.errors import InvalidInputError, PromptError
from ragkit.qa import RetrievalQA as _RetrievalQA
from ragkit.types import Document, Grounding, Hit

__all__ = ["LLMChain", "PromptTemplate", "RetrievalQA"]

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}")


class PromptTemplate:
    """A raw string with ``{name}`` placeholders, sent as it stands.

    Placeholders are filled in one pass: braces in values are text. ``{{`` and ``}}`` are
    literal braces; any other brace stands for itself.

    Args:
        template: The text.
        input_variables: Its placeholders' names; found in the template by default.

    Raises:
        PromptError: If `input_variables` and the template do not agree.

    Example:
        >>> PromptTemplate(template="Q: {q}", input_variables=["q"]).format(q="{why}?")
        'Q: {why}?'
    """

    def __init__(self, template: str, input_variables: Sequence[str] | None = None) -> None:
        if not isinstance(template, str):
            raise PromptError(f"template is {template!r}; it has to be a str.")
        found = sorted({m[1] for m in _PLACEHOLDER.finditer(template) if m[1]})
        if input_variables is not None and sorted(set(input_variables)) != found:
            raise PromptError(
                f"The template has the placeholders {found}, but input_variables is "
                f"{sorted(input_variables)}; make them the same."
            )
        self.template = template
        self.input_variables = found

    @classmethod
    def from_template(cls, template: str) -> PromptTemplate:
        """The template with the placeholders that are found in it."""
        return cls(template)

    def format(self, **values: Any) -> str:
        """The text with every placeholder filled.

        Raises:
            PromptError: If a value is missing, or has no placeholder.
        """
        given = sorted(values)
        if given != self.input_variables:
            raise PromptError(
                f"The template needs values for {self.input_variables}, but got {given}."
            )

        def fill(match: re.Match[str]) -> str:
            return str(values[match[1]]) if match[1] else match[0][0]

        return _PLACEHOLDER.sub(fill, self.template)


class LLMChain:
    """A template and a model: ``predict(**variables) -> str``.

    Args:
        llm: A model, a string for `load_llm`, a LangChain model, or a function.
        prompt: The template.
    """

    def __init__(self, *, llm: Any, prompt: PromptTemplate) -> None:
        from ragkit.adapters import as_llm

        if not hasattr(prompt, "format"):
            raise InvalidInputError(f"prompt is {prompt!r}; it has to be a PromptTemplate.")
        self.llm = as_llm(llm)
        self.prompt = prompt

    def predict(self, **variables: Any) -> str:
        """The model's text for the filled template.

        A model that answers by quoting is given ``context`` and ``question``, if the
        template has them.
        """
        prompt = self.prompt.format(**variables)
        return self.llm.generate(prompt, context=_grounding(variables)).text

    def run(self, *inputs: Any, **variables: Any) -> str:
        """`predict`, also with one mapping, or with the only variable's value.

        Raises:
            InvalidInputError: If there is more than one value by position.
        """
        if len(inputs) > 1 or (inputs and variables):
            raise InvalidInputError(
                f"run() takes one mapping or value, or variables by name, not {len(inputs)} "
                f"values by position; the template has {self.prompt.input_variables}."
            )
        if inputs and isinstance(inputs[0], Mapping):
            return self.predict(**inputs[0])
        if inputs:
            if len(self.prompt.input_variables) != 1:
                raise InvalidInputError(
                    f"run() was given one value, but the template has "
                    f"{self.prompt.input_variables}; give a mapping."
                )
            return self.predict(**{self.prompt.input_variables[0]: inputs[0]})
        return self.predict(**variables)

    def invoke(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs and ``text``, the model's."""
        return {**inputs, "text": self.predict(**inputs)}

    def __call__(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The same as `invoke`."""
        return self.invoke(inputs)


class RetrievalQA(_RetrievalQA):
    """`ragkit.RetrievalQA` with the older `run`."""

    def run(self, query: str) -> str:
        """The answer's text."""
        return self.ask(query).text


def _grounding(variables: Mapping[str, Any]) -> Grounding | None:
    """Question and pasted context, as if the context had been retrieved."""
    question, context = variables.get("question"), variables.get("context")
    if question is None:
        return None
    text = "" if context is None else str(context)
    hits = (Hit(Document(text), 1.0),) if text.strip() else ()
    return Grounding(str(question), hits)
