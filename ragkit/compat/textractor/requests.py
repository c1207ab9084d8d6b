"""What Textractor's calls ask the service for, in the form of `ragkit.aws`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ragkit.aws.textract_analysis import Analysis
from ragkit.aws.textract_document import Source, open_document
from ragkit.aws.textract_jobs import TextractJob
from ragkit.aws.textract_request import TextractQuery
from ragkit.errors import InvalidInputError, LimitExceededError

__all__ = ["answered", "feature_names", "question_list", "refuse_given", "started"]


def feature_names(features: Any) -> list[str]:
    """Their names; members of Textractor's and of the caller's enumerations, or names.

    Args:
        features: One, several, or None.
    """
    if features is None:
        return []
    many = [features] if isinstance(features, str) or hasattr(features, "name") else features
    if not isinstance(many, Iterable):
        raise InvalidInputError(f"features is {features!r:.80}; it has to be a list of features.")
    return [one if isinstance(one, str) else str(getattr(one, "name", one)) for one in many]


def question_list(queries: Any) -> list[Any]:
    """Questions: a QueriesConfig, or a list of texts or of Query."""
    many = getattr(queries, "queries", queries) or ()
    if isinstance(many, str) or not isinstance(many, Iterable):
        raise InvalidInputError(
            f"queries is {queries!r:.80}; it has to be a QueriesConfig, or a list of texts."
        )
    return [_question(one) for one in many]


def _question(one: Any) -> Any:
    if not hasattr(one, "text"):
        return one
    return TextractQuery(one.text, one.alias or None, tuple(one.pages or ()))


def answered(
    source: Source, options: Mapping[str, Any], more: Mapping[str, Any], advice: str
) -> list[dict[str, Any]]:
    """The service's answer to a request, or a job's parts.

    Args:
        source: A path, an address in S3, or bytes.
        options: See `ragkit.aws.AnalysisOptions`.
        more: Further fields of the request.
        advice: What to do where the service takes no such document in that way.
    """
    analysis = _analysis(options, more)
    try:
        return analysis.answer(open_document(source, None)).parts
    except LimitExceededError as error:
        error.add_note(advice)
        raise
    finally:
        analysis.close()


def started(source: Source, options: Mapping[str, Any], more: Mapping[str, Any]) -> TextractJob:
    """A job that analyses the document; arguments as of `answered`."""
    return _analysis(options, more).start(open_document(source, None))


def _analysis(options: Mapping[str, Any], more: Mapping[str, Any]) -> Analysis:
    analysis = Analysis({**options})  # type: ignore[typeddict-item]  # checked there
    given = {name: value for name, value in more.items() if value}
    analysis.wanted = replace(analysis.wanted, more=given)
    return analysis


def refuse_given(advice: str, **given: Any) -> None:
    """Nothing, if none of the arguments has a value.

    Args:
        advice: What to do instead.
        given: The arguments.

    Raises:
        InvalidInputError: If one has; the message names it.
    """
    names = [name for name, value in given.items() if value]
    if names:
        raise InvalidInputError(f"{', '.join(names)} can't be given here. {advice}")
