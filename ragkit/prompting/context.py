"""Retrieved passages as numbered sources, within a budget of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ragkit._checks import check_count
from ragkit.prompting.safety import neutralise, without_numbers
from ragkit.types import Hit, source_name

__all__ = ["fit_context", "format_context"]


def format_context(hits: Sequence[Hit], *, show_source: bool = False) -> str:
    r"""The passages as ``[1] text``, best first, a blank line between them.

    Chat tags in them are made harmless by `neutralise`. A line of a passage that begins with a
    number in brackets would look like another source, and its number is spelt ``⟦1⟧``. Everything
    else stays as it is, and every passage keeps its length.

    Args:
        hits: The number of a passage is its place in this list, from 1.
        show_source: Whether file and page stand after the number: ``[1] (a.pdf, page 3)``.

    Example:
        >>> from ragkit import Document, Hit
        >>> format_context([Hit(Document("Alpha is 12."), 0.9), Hit(Document("Beta."), 0.5)])
        '[1] Alpha is 12.\n\n[2] Beta.'
    """
    return "\n\n".join(
        f"[{number}] {_place(hit) if show_source else ''}{_safe(hit.document.page_content)}"
        for number, hit in enumerate(hits, start=1)
    )


def _safe(text: str) -> str:
    return without_numbers(neutralise(text))


def _place(hit: Hit) -> str:
    """File and page, as people name them."""
    document = hit.document
    name = neutralise(" ".join(source_name(document.source).split()))
    label, page = document.metadata.get("page_label"), document.metadata.get("page")
    if label is None and isinstance(page, int):
        label = page + 1
    if label is None:
        return f"({name})\n"
    return f"({name}, page {neutralise(' '.join(str(label).split()))})\n"


def fit_context(
    hits: Sequence[Hit], *, count_tokens: Callable[[str], int], budget: int
) -> tuple[list[Hit], list[Hit]]:
    """The hits whose numbered texts fit together, and those that are left out.

    The lowest-ranked ones go first. Nothing is cut: a passage is in the prompt or is not. The
    first list is empty where not even the best passage fits.

    Args:
        hits: Best first.
        count_tokens: Tokens of a text, as the model counts.
        budget: Most tokens of all sources together, their numbers included.

    Raises:
        InvalidInputError: If `budget` is no whole number, or negative.
    """
    check_count(budget, "budget", least=0)
    fitting, too_many = 0, len(hits) + 1
    while fitting + 1 < too_many:  # more passages never have fewer tokens
        middle = (fitting + too_many) // 2
        if count_tokens(format_context(hits[:middle])) <= budget:
            fitting = middle
        else:
            too_many = middle
    return list(hits[:fitting]), list(hits[fitting:])
