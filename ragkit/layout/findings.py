"""What a service found on a page besides text: questions it was asked, and signatures."""

from __future__ import annotations

from dataclasses import dataclass, field

from ragkit.provenance import Box, Point

__all__ = ["Query", "QueryAnswer", "Signature"]


@dataclass(slots=True)
class QueryAnswer:
    """An answer that a service gives to a query.

    Attributes:
        text: As it stands on the page.
        box: Where; None where the service does not say.
        confidence: 0 to 1.
        polygon: Its outline as the service gives it.
    """

    text: str
    box: Box | None = None
    confidence: float = 1.0
    polygon: tuple[Point, ...] | None = field(default=None, repr=False)


@dataclass(slots=True)
class Query:
    """A question that a service was asked about a page.

    Attributes:
        text: The question.
        alias: The short name that it was given; empty where it was given none.
        answers: Best first; none where nothing was found.
    """

    text: str
    alias: str = ""
    answers: list[QueryAnswer] = field(default_factory=list)


@dataclass(slots=True)
class Signature:
    """A signature on a page.

    Attributes:
        box: Where; None where the service does not say.
        confidence: 0 to 1.
        polygon: Its outline as the service gives it.
    """

    box: Box | None = None
    confidence: float = 1.0
    polygon: tuple[Point, ...] | None = field(default=None, repr=False)
