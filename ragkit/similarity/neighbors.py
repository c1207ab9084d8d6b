"""Nearest neighbours in a corpus that is embedded once, saved, and asked often."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ragkit._checks import check_count, check_flag
from ragkit._options import names_options
from ragkit.embedding import as_embedder
from ragkit.errors import CorruptStoreError, IndexMismatchError, InvalidInputError
from ragkit.similarity.corpora import batches, rows_of
from ragkit.similarity.inputs import check_same_length, checked, embedded_queries
from ragkit.similarity.ranking import Vectors, best_rows, unit
from ragkit.similarity.saving import load_arrays, save_arrays
from ragkit.similarity.strings import Strings

__all__ = ["NearestNeighbors"]

_BATCH = 4096
"""Texts embedded at a time."""


@names_options
class NearestNeighbors:
    """A corpus, embedded once, with its ids; exact search, as `nearest`.

    It is what SageMaker JumpStart's training job makes of a large corpus, on this machine. A
    million vectors of 384 numbers take 1.5 GB; loaded ones are mapped from their file, so that
    processes share them and only what is searched is read. Safe to use from several threads.

    Args:
        embedder: What `ragkit.as_embedder` takes.
        store_text: Whether texts are kept too, and returned.

    Raises:
        InvalidInputError: If an argument can't work.

    Example:
        >>> corpus = ["ferry", "bus"], ["The ferry leaves at nine.", "The bus is late."]
        >>> neighbors = NearestNeighbors("minilm", store_text=True).fit(corpus)
        >>> neighbors.query(["When does the boat go?"])[0][0]["text"]
        'The ferry leaves at nine.'
    """

    def __init__(self, embedder: Any = "minilm", *, store_text: bool = False) -> None:
        self._embedder = as_embedder(embedder)
        self._store_text = check_flag(store_text, "store_text")
        self._vectors: Vectors | None = None
        self._ids = self._texts = Strings.of([])

    def fit(self, corpus: Any) -> Self:
        """Embeds a corpus, in place of the one before, and gives the object itself.

        Args:
            corpus: Texts, whose ids are "0", "1", …; a tuple of two lists, ids and texts; or the
                path of a CSV file of two columns, id and text, without a header, UTF-8.

        Raises:
            InvalidInputError: If it is nothing of these, an id occurs twice, or there is no text.
            LoadError: If the file is missing or has another form.
        """
        ids: list[str] = []
        texts: list[str] = []
        parts: list[Vectors] = []
        for batch in batches(rows_of(corpus), _BATCH):
            vectors = self._embedder.embed([text for _, text in batch])
            parts.append(unit(checked(self._embedder, vectors, len(batch))))
            ids += [name for name, _ in batch]
            texts += [text for _, text in batch] if self._store_text else []
        if not ids:
            raise InvalidInputError("corpus has no text; there has to be one at least.")
        self._vectors, self._ids = np.concatenate(parts), Strings.of(ids)
        self._texts = Strings.of(texts)
        return self

    def query(self, queries: Iterable[str] | Vectors, top_k: int = 1) -> list[list[dict[str, Any]]]:
        """For each query its `top_k` nearest entries, best first; of equal ones the earlier first.

        Args:
            queries: Texts, or vectors of the same embedder.
            top_k: How many for each; where the corpus has fewer, all of it.

        Returns:
            For each query ``[{"id": …, "score": cosine}, …]``, with "text" if texts are stored.

        Raises:
            InvalidInputError: If an argument can't work, or nothing was fitted.
        """
        check_count(top_k, "top_k")
        corpus = self._fitted()
        asked = embedded_queries(queries, "queries", self._embedder)
        check_same_length(asked, corpus, ("queries", "the corpus"))
        places, scores = best_rows(asked, corpus, top_k, normalized=True)
        return [
            [self._found(place, score) for place, score in zip(*found, strict=True)]
            for found in zip(places.tolist(), scores.tolist(), strict=True)
        ]

    def save(self, folder: str | os.PathLike[str], *, timeout: float = 60.0) -> Self:
        """Writes all to a folder, in place of what was saved there, and gives the object itself.

        Whenever it is interrupted, the folder has all of the old or all of the new.

        Args:
            folder: Made if absent; other files in it stay.
            timeout: Seconds to wait for another process that saves there.

        Raises:
            InvalidInputError: If nothing was fitted.
            StoreError: If the folder can't be written.
        """
        corpus = self._fitted()
        arrays: dict[str, NDArray[Any]] = {
            "vectors": corpus,
            "ids": self._ids.data,
            "id-ends": self._ids.ends,
            "texts": self._texts.data,
            "text-ends": self._texts.ends,
        }
        about = {
            "embedder": asdict(self._embedder.fingerprint),
            "rows": len(corpus),
            "store_text": self._store_text,
        }
        save_arrays(Path(folder), arrays, about, timeout)
        return self

    @classmethod
    def load(
        cls, folder: str | os.PathLike[str], embedder: Any = "minilm", *, verify: bool = True
    ) -> Self:
        """What was saved in a folder, its vectors mapped from the file.

        Args:
            folder: That `save` wrote.
            embedder: The one it was made with.
            verify: Whether all content is held against its hashes; False is quicker for large
                corpora, and looks at sizes only.

        Raises:
            IndexMismatchError: If it was made with another embedder.
            CorruptStoreError: If something is missing or damaged.
            StoreError: If nothing was saved there.
        """
        arrays, manifest = load_arrays(Path(folder), verify=check_flag(verify, "verify"))
        own = cls(embedder, store_text=manifest.get("store_text") is True)
        given = asdict(own._embedder.fingerprint)
        if manifest.get("embedder") != given:
            raise IndexMismatchError(
                f"{folder} was made with the embedder {_described(manifest.get('embedder'))}, but "
                f"is loaded with {_described(given)}. Load it with the first, or fit the corpus "
                f"anew."
            )
        try:
            own._vectors = arrays["vectors"]
            own._ids = Strings(arrays["ids"], arrays["id-ends"])
            own._texts = Strings(arrays["texts"], arrays["text-ends"])
        except KeyError as error:
            raise CorruptStoreError(f"{folder} is damaged: it lacks {error}.") from None
        own._check(folder, manifest.get("rows"))
        return own

    def __len__(self) -> int:
        """How many entries the corpus has; 0 before `fit`."""
        return 0 if self._vectors is None else len(self._vectors)

    def __repr__(self) -> str:
        name = self._embedder.fingerprint.name
        return f"NearestNeighbors({name!r}, {len(self)} entries)"

    def _found(self, place: int, score: float) -> dict[str, Any]:
        found = {"id": self._ids[place], "score": score}
        return {**found, "text": self._texts[place]} if self._store_text else found

    def _fitted(self) -> Vectors:
        if self._vectors is None:
            raise InvalidInputError("There is no corpus yet; call fit(corpus) first, or load().")
        return self._vectors

    def _check(self, folder: object, rows: object) -> None:
        """That the arrays belong together: the content was verified, or it was not."""
        shape, texts = self._fitted().shape, rows if self._store_text else 0
        whole = (
            shape == (rows, self._embedder.dimension)
            and len(self._ids) == rows
            and len(self._texts) == texts
            and self._ids.fits()
            and self._texts.fits()
        )
        if not whole or self._fitted().dtype != np.float32:
            raise CorruptStoreError(
                f"{folder} is damaged: its parts do not belong together. Restore a copy, or fit "
                f"and save the corpus anew."
            )


def _described(fingerprint: Any) -> str:
    """A fingerprint's name, and then whatever else it has."""
    if not isinstance(fingerprint, dict):
        return repr(fingerprint)
    rest = {key: value for key, value in fingerprint.items() if key != "name" and value != ""}
    return f"{fingerprint.get('name')!r} ({', '.join(f'{k} {v!r}' for k, v in rest.items())})"
