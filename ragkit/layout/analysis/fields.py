"""Fields of forms: what is filled in, put beside its label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ragkit.layout.analysis.grids import Grid, GridCell
from ragkit.layout.analysis.strip import Strip
from ragkit.layout.model import Word

__all__ = ["FormField", "pair_fields"]

_LABEL_WORDS = 12
"""A label has so many words at most; what is longer is running text."""
_BESIDE = 150.0
"""Points between a label and its field, at most."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field that is filled in.

    Attributes:
        words: What stands in it, with boxes.
        name: What its author calls it, for where no label is printed.
        is_mark: Whether it is a box to tick, whose text follows it.
    """

    words: tuple[Word, ...]
    name: str
    is_mark: bool


def pair_fields(
    strips: Sequence[Strip], fields: Iterable[FormField], width: float, height: float
) -> list[Strip]:
    """The strips, those that are labels of a field put together with what is written in it.

    A field without a label has its author's name for it, or stands for itself.
    """
    rest = list(strips)
    pairs: list[Strip] = []
    for field in fields:
        own = Strip.around([Strip.of_word(word, width, height) for word in field.words])
        if field.is_mark:
            rest.append(own)
            continue
        label = _label_of(own, rest)
        if label is not None:
            rest = [strip for strip in rest if strip is not label]
        elif not field.name:
            rest.append(own)
            continue
        pairs.append(_pair(label or _named(field.name, own), own))
    return [*rest, *pairs]


def _label_of(own: Strip, strips: Iterable[Strip]) -> Strip | None:
    """The nearest short strip on the left, or else right above."""
    beside: list[tuple[float, Strip]] = []
    above: list[tuple[float, Strip]] = []
    for strip in strips:
        if strip.vertical or not strip.is_line or len(strip.words) > _LABEL_WORDS:
            continue
        gap = own.x0 - strip.x1
        if own.y0 - 2 < strip.middle < own.y1 + 2 and -2 <= gap <= _BESIDE:
            beside.append((gap, strip))
        rise = own.y0 - strip.y1
        if -2 <= rise <= 1.2 * strip.height and abs(strip.x0 - own.x0) < 4 * strip.size:
            above.append((rise, strip))
    nearest = min(beside or above, key=lambda pair: pair[0], default=None)
    return nearest[1] if nearest else None


def _named(name: str, own: Strip) -> Strip:
    """The name as a strip that stands nowhere."""
    words = [Word(part, None, own.size) for part in name.split()]
    return Strip(words, own.x0, own.y0, own.x0, own.y1, own.size)


def _pair(label: Strip, own: Strip) -> Strip:
    grid = Grid([[GridCell([label], 0), GridCell([own], 1)]], 2, n_header=0, is_form=True)
    x0, y0 = min(label.x0, own.x0), min(label.y0, own.y0)
    x1, y1 = max(label.x1, own.x1), max(label.y1, own.y1)
    return Strip([*label.words, *own.words], x0, y0, x1, y1, label.size, grid=grid)
