"""Plain functions as embedders."""

from __future__ import annotations

import functools
import hashlib
import inspect
import pickle
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ragkit._checks import check_count, check_flag
from ragkit._options import names_options
from ragkit.embedding._base import TextEmbedder, as_vectors, normalized
from ragkit.errors import EmbeddingError, InvalidInputError, RagkitError
from ragkit.types import EmbedderFingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FunctionEmbedder"]


@names_options
class FunctionEmbedder(TextEmbedder):
    """A function ``str -> list of numbers`` as an embedder.

    The function is called as it is, once for each text; it has to be as safe to use from
    several threads as its user needs. Its vectors may be lists or arrays.

    Args:
        function: Takes one text and gives its vector; with `batch`, takes a list of texts and
            gives a list of vectors.
        dimension: Length of a vector. If it is not given, the function is asked once with a
            short text when the length is first needed.
        name: Stands in the fingerprint, which tells an index that it was made with another
            function; by default the function's module and name. Change it when the function
            gives other vectors than before.
        batch: Whether the function takes many texts.
        normalize: Whether vectors get length 1.

    Raises:
        InvalidInputError: If `function` can't be called, or `dimension` is no count.

    Example:
        >>> def vowels(text: str) -> list[float]:
        ...     return [float(text.count(letter)) for letter in "aeiou"]
        >>> FunctionEmbedder(vowels, normalize=False).embed(["banana", "kiwi"]).tolist()
        [[3.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0, 0.0]]
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        *,
        dimension: int | None = None,
        name: str | None = None,
        batch: bool = False,
        normalize: bool = True,
    ) -> None:
        if not callable(function):
            raise InvalidInputError(
                f"FunctionEmbedder takes a function from a text to a vector, not "
                f"{type(function).__name__} {function!r}."
            )
        self._function = function
        self._batch = check_flag(batch, "batch")
        self._normalize = check_flag(normalize, "normalize")
        self._dimension = None if dimension is None else check_count(dimension, "dimension")
        self._name = _name_of(function) if name is None else name
        self._revision = _told_apart(function) if name is None else ""
        self._lock = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of a vector; asks the function once where it is not known yet."""
        if self._dimension is None:
            self._vectors(["dimension"])
        assert self._dimension is not None
        return self._dimension

    @property
    def fingerprint(self) -> EmbedderFingerprint:
        """The function's name, its vectors' length and normalisation."""
        return EmbedderFingerprint(
            name=self._name,
            revision=self._revision,
            dimension=self.dimension,
            normalized=self._normalize,
        )

    def _vectors(self, texts: list[str]) -> NDArray[np.float32]:
        """Raises EmbeddingError where the function's values are no vectors of one length."""
        try:
            values = self._function(texts) if self._batch else [self._function(t) for t in texts]
        except RagkitError:
            raise
        except Exception as error:
            raise EmbeddingError(
                f"The function {self._name} failed: {type(error).__name__}: {error}"
            ) from error
        with self._lock:
            vectors = as_vectors(values, len(texts), self._dimension, self._name)
            self._dimension = vectors.shape[1]
        return normalized(vectors) if self._normalize else vectors

    def __repr__(self) -> str:
        return f"FunctionEmbedder({self._name!r})"

    def __getstate__(self) -> dict[str, Any]:
        """Without the lock, so that it can be pickled where its function can."""
        return {name: value for name, value in vars(self).items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())


def _name_of(function: Callable[..., object]) -> str:
    inner = function.func if isinstance(function, functools.partial) else function
    name = getattr(inner, "__qualname__", type(inner).__qualname__)
    return f"{getattr(inner, '__module__', None) or 'builtins'}.{name}"


def _told_apart(function: Callable[..., object]) -> str:
    """A hash of what two functions of one name may differ in; "" for one of a module, by its name.

    That is a partial's arguments, a method's or callable's object, and the code of what was defined
    inside a function. What can't be pickled is told by its type alone.
    """
    if isinstance(function, functools.partial):
        parts: list[object] = [_told_apart(function.func), function.args, function.keywords]
    elif inspect.ismethod(function):
        parts = [function.__self__]
    elif not inspect.isfunction(function):
        parts = [] if inspect.isbuiltin(function) or inspect.isclass(function) else [function]
    elif "<l" in function.__qualname__:  # <lambda>, <locals>
        code, cells = function.__code__, function.__closure__ or ()
        parts = [code.co_code, repr(code.co_consts), code.co_names, function.__defaults__]
        parts += [cell.cell_contents for cell in cells]
    else:
        parts = []
    return hashlib.sha256(b"".join(map(_bytes_of, parts))).hexdigest()[:16] if parts else ""


def _bytes_of(value: object) -> bytes:
    try:
        return pickle.dumps(value, protocol=4)
    except Exception:  # what an object's own code raises, when it can't be
        return type(value).__qualname__.encode()
