"""Elements in reading order: which of them are one paragraph or one table."""

from __future__ import annotations

from ragkit.layout.model import Element, ElementKind

__all__ = ["Flow", "chain_end", "notes_last"]

Flow = list[tuple[int, Element]]
"""Elements in reading order, each with its page's number."""


def notes_last(flow: Flow) -> Flow:
    """The flow, footnotes that stand within a paragraph moved behind it."""
    ordered: Flow = []
    notes: Flow = []
    for item in flow:
        element = item[1]
        if element.role == "footnote" and (notes or (ordered and ordered[-1][1].continued)):
            notes.append(item)
            continue
        if element.kind is not ElementKind.TEXT:  # the paragraph does not go on after all
            ordered += notes
            notes = []
        ordered.append(item)
        if not element.continued:
            ordered += notes
            notes = []
    return ordered + notes


def chain_end(flow: Flow, at: int) -> int:
    """One past the last element of the paragraph, or of the table, that begins at `at`."""
    end = at + 1
    while end < len(flow) and _goes_on(flow[end - 1][1], flow[end][1]):
        end += 1
    return end


def _goes_on(element: Element, following: Element) -> bool:
    if element.kind is not following.kind:
        return False
    if element.table is not None and following.table is not None:
        return following.table.continues is element.table
    return element.kind is ElementKind.TEXT and element.continued and following.role is None
