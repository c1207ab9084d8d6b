"""Queries with their answers, and signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ragkit.compat.textractor.configs import TextLinearizationConfig
from ragkit.compat.textractor.entities import Entity, Printed
from ragkit.layout import findings

if TYPE_CHECKING:
    from ragkit.compat.textractor.page import Page

__all__ = ["Query", "QueryResult", "Signature"]


class QueryResult(Printed):
    """An answer.

    Attributes:
        answer: As it stands on the page.
    """

    def __init__(self, answer: findings.QueryAnswer, page: Page) -> None:
        super().__init__(page, answer.box, answer.confidence)
        self.answer = answer.text

    def _printed(self) -> tuple[str, list[Any]]:
        return self.answer, []


class Query(Printed):
    """A question that the service was asked.

    Attributes:
        query: The question.
        alias: Its short name; empty where it was given none.
        result: The best answer; None where nothing was found.
    """

    def __init__(self, query: findings.Query, page: Page) -> None:
        self.result = QueryResult(query.answers[0], page) if query.answers else None
        box = self.result.box if self.result is not None else None
        super().__init__(page, box, self.result.confidence if self.result is not None else 0.0)
        self.query, self.alias = query.text, query.alias

    @property
    def has_result(self) -> bool:
        """Whether there is an answer."""
        return self.result is not None

    @property
    def label(self) -> str:
        """The alias, or else the question."""
        return self.alias or self.query

    def _printed(self) -> tuple[str, list[Any]]:
        answer = "" if self.result is None else f" {self.result.answer}"
        return f"{self.query}{answer}", []


class Signature(Entity):
    """The place of a signature."""

    color = (178, 24, 43)

    def __init__(self, signature: findings.Signature, page: Page) -> None:
        super().__init__(page, signature.box, signature.confidence)

    @property
    def label(self) -> str:
        """What it is."""
        return "SIGNATURE"

    def get_text_and_words(
        self, config: TextLinearizationConfig | None = None
    ) -> tuple[str, list[Any]]:
        """What stands for it in the text."""
        config = TextLinearizationConfig() if config is None else config
        return config.signature_token, []
