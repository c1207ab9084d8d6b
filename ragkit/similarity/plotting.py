"""The similarity of sentences as a heat map."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ragkit._extras import require
from ragkit.errors import InvalidInputError
from ragkit.similarity.labels import label, ticks
from ragkit.similarity.ranking import Vectors
from ragkit.similarity.searching import similarity_matrix

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["heatmap"]

_VALUES = 12
"""Up to so many sentences, each cell shows its value."""
_TEXTS = 30
"""Up to so many sentences, they are written beside the map; with more, only their numbers."""


def heatmap(
    sentences: Iterable[str],
    *,
    vectors: Any = None,
    embedder: Any = "minilm",
    title: str = "Cosine similarity",
    cmap: str = "viridis",
) -> Figure:
    """How alike sentences are, as a matplotlib figure.

    Sentences are numbered from 0, as `nearest` counts. Up to 30 are written beside the map,
    wrapped, and shortened where they are long; all of them are in full in
    ``figure.sentences``. A notebook shows the figure at a cell's end, a script saves it
    (``figure.savefig("map.png")``); no window opens, and matplotlib's own state is left alone.

    Args:
        sentences: The texts.
        vectors: Their vectors, if they are at hand.
        embedder: What `ragkit.as_embedder` takes; not needed with `vectors`.
        title: Above the map.
        cmap: Name of matplotlib's colour map.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        InvalidInputError: If an argument can't work.

    Example:
        >>> figure = heatmap(["a dog", "a puppy", "tax law"])
        >>> figure.sentences[1]
        'a puppy'
    """
    texts = _listed(sentences)
    cosines = similarity_matrix(texts if vectors is None else vectors, embedder=embedder)
    if len(cosines) != len(texts):
        raise InvalidInputError(f"There are {len(texts)} sentences and {len(cosines)} vectors.")
    figure = _figure(len(texts))
    figure.sentences = tuple(texts)
    axes = figure.add_subplot()
    try:
        image = axes.imshow(cosines, cmap=cmap, vmin=min(0.0, float(cosines.min())), vmax=1.0)
    except ValueError as error:
        raise InvalidInputError(f"cmap is {cmap!r:.80}: {error}") from None
    axes.set_title(title, parse_math=False)
    _write_labels(axes, texts)
    if len(texts) <= _VALUES:
        _write_values(axes, image, cosines)
    figure.colorbar(image, ax=axes, shrink=0.8)
    return figure  # type: ignore[no-any-return]


def _listed(sentences: Any) -> list[str]:
    if isinstance(sentences, str) or not isinstance(sentences, Iterable):
        raise InvalidInputError(f"sentences is {sentences!r:.80}; it has to be a list of texts.")
    texts: list[Any] = list(sentences)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise InvalidInputError(f"sentences[{place}] is {text!r:.80}; it has to be a text.")
    if not texts:
        raise InvalidInputError("sentences is empty; there has to be one text at least.")
    return texts


def _figure(count: int) -> Any:
    """A figure that no window shows, and a notebook does without pyplot's help."""
    module = require("matplotlib.figure", extra="eval", feature="heatmap()")
    require("matplotlib.backends.backend_agg", extra="eval", feature="heatmap()")

    class HeatMap(module.Figure):  # type: ignore[name-defined, misc]
        """A figure with the full sentences in `sentences`."""

        sentences: tuple[str, ...] = ()

        def _repr_png_(self) -> bytes:
            image = io.BytesIO()
            self.savefig(image, format="png")
            return image.getvalue()

    side = min(10.0, 5.0 + 0.45 * min(count, _TEXTS))
    return HeatMap(figsize=(side + 1.5, side), layout="constrained")


def _write_labels(axes: Any, texts: list[str]) -> None:
    places = ticks(len(texts))
    axes.set_xticks(places, [str(place) for place in places])
    if len(texts) > _TEXTS:
        axes.set_yticks(places, [str(place) for place in places])
        return
    labels = [f"{place}  {label(text)}" for place, text in enumerate(texts)]
    axes.set_yticks(places, labels)
    for text in axes.get_yticklabels():
        text.set_parse_math(False)  # two dollar signs are no formula


def _write_values(axes: Any, image: Any, cosines: Vectors) -> None:
    for (row, column), value in _cells(cosines):
        red, green, blue, _ = image.cmap(image.norm(value))
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
        colour = "white" if dark else "black"
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=8)


def _cells(cosines: Vectors) -> Iterable[tuple[tuple[int, ...], float]]:
    import numpy as np

    for place, value in np.ndenumerate(cosines):
        yield place, float(value)
