"""Everything ragkit raises on purpose, one class per decision that a caller can make.

::

    RagkitError
    ├── InvalidInputError (ValueError)      an argument has a value that can't work
    │   ├── UnknownOptionError (TypeError)  an option that does not exist
    │   ├── UnknownProviderError            a ``provider:model`` string nobody serves
    │   └── PromptError                     messages or a template that can't be rendered
    ├── MissingExtraError (ImportError)     an optional package is not installed
    ├── LoadError                           a file did not become a document
    │   ├── MissingFileError (FileNotFoundError)
    │   ├── UnsupportedFileError            no loader for it, or not what its name says
    │   ├── CorruptFileError                damaged, truncated or empty
    │   ├── EncryptedFileError              needs a password, or another one
    │   ├── NoTextError                     readable, but holds no text (needs OCR)
    │   └── LimitExceededError              larger than a named limit allows
    ├── ModelError                          model files that are absent, damaged or of another kind
    ├── EmbeddingError                      vectors that are not what was asked for
    │   └── PartialEmbeddingError           some texts have none (``failed``, ``vectors``)
    ├── StoreError                          a store that can't do what was asked
    │   ├── IndexMismatchError              opened with another embedder than it was made with
    │   ├── CorruptStoreError               the file is damaged, or is no store
    │   └── StoreLockedError                another process is writing
    ├── JobError                            a bulk job that could not be finished
    ├── GenerationError                     a language model did not give an answer
    │   └── TokenBudgetError                the prompt can't fit the model's window
    └── EndpointError                       a remote service failed (``status``, ``body``, …)
        ├── EndpointTimeoutError (TimeoutError)
        ├── EndpointConnectionError (ConnectionError)
        ├── EndpointReplyError              an answer that is not in the service's format
        └── DeploymentError                 an endpoint or a job of one's own failed (``left``)

What is no reason to stop is a warning::

    UserWarning
    └── PartialResultWarning                a part of a result is missing (``code``, ``pages``)

Each message says what happened, the value seen, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "CorruptFileError",
    "CorruptStoreError",
    "DeploymentError",
    "EmbeddingError",
    "EncryptedFileError",
    "EndpointConnectionError",
    "EndpointError",
    "EndpointReplyError",
    "EndpointTimeoutError",
    "GenerationError",
    "IndexMismatchError",
    "InvalidInputError",
    "JobError",
    "LimitExceededError",
    "LoadError",
    "MissingExtraError",
    "MissingFileError",
    "ModelError",
    "NoTextError",
    "PartialEmbeddingError",
    "PartialResultWarning",
    "PromptError",
    "RagkitError",
    "StoreError",
    "StoreLockedError",
    "TokenBudgetError",
    "UnknownOptionError",
    "UnknownProviderError",
    "UnsupportedFileError",
]


TEMPORARY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
"""HTTP statuses that say "later"; others of 5xx, such as 501 and 505, mean "never"."""


class RagkitError(Exception):
    """The root: ``except RagkitError`` catches everything ragkit raises on purpose."""


class InvalidInputError(RagkitError, ValueError):
    """An argument has a value that can't work."""


class UnknownOptionError(InvalidInputError, TypeError):
    """An option that does not exist; the message lists those that do.

    Args:
        where: The callable that was given the option, as a user would write it.
        options: The names that are not known.
        valid: The names that are.
    """

    def __init__(self, where: str, options: Iterable[str], valid: Iterable[str]) -> None:
        names, known = sorted(map(str, options)), sorted(valid)
        self._made_of = (where, names, known)
        plural = "s" if len(names) > 1 else ""
        close = difflib.get_close_matches(names[0], known, n=1, cutoff=0.5) if names else []
        close = close or [name for name in known if names and names[0].endswith(name)]  # topk: k
        hint = f" Did you mean {close[0]!r}?" if close else ""
        super().__init__(
            f"{where} got {'' if plural else 'an '}unknown option{plural} "
            f"{', '.join(map(repr, names))}. Valid options: {', '.join(known)}.{hint}"
        )

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Made again from its arguments, since the message alone is not enough."""
        return type(self), self._made_of


class UnknownProviderError(InvalidInputError):
    """A ``provider:model`` string whose provider nobody serves."""


class PromptError(InvalidInputError):
    """Messages or a template that can't be rendered."""


class MissingExtraError(RagkitError, ImportError):
    """An optional package is not installed; the message carries the ``pip install`` line.

    Args:
        feature: What was asked for, as a user would name it.
        package: The import that failed.
        extra: The extra of ragkit that brings it.
    """

    def __init__(self, feature: str, package: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs the package {package!r}, which is not installed. "
            f'Install it with: pip install "ragkit[{extra}]"'
        )
        self.extra = extra
        self.package = package
        self._made_of = (feature, package, extra)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Made again from its arguments, since the message alone is not enough."""
        return type(self), self._made_of


class LoadError(RagkitError):
    """A file did not become a document."""


class MissingFileError(LoadError, FileNotFoundError):
    """There is nothing at that path."""


class UnsupportedFileError(LoadError, ValueError):
    """No loader for the file, or it is not what its name says."""


class CorruptFileError(LoadError, ValueError):
    """The file is damaged, truncated or empty."""


class EncryptedFileError(LoadError, PermissionError):
    """The file needs a password, or another one than was given."""


class NoTextError(LoadError, ValueError):
    """The file can be read but holds no text: a scan that needs OCR."""


class LimitExceededError(LoadError, ValueError):
    """The file is larger than a named limit allows."""


class ModelError(RagkitError):
    """Model files that are absent, damaged or of another kind than expected."""


class EmbeddingError(RagkitError):
    """Vectors that are not what was asked for (count, dimension, not finite)."""


class PartialEmbeddingError(EmbeddingError):
    """Some texts have vectors, and others none.

    Attributes:
        failed: Why, by the place of the text in the list that was given.
        vectors: float32 ``(texts, dimension)``; rows of what failed are NaN.
    """

    def __init__(self, failed: Mapping[int, Exception], vectors: NDArray[np.float32]) -> None:
        shown = ", ".join(map(str, sorted(failed)[:10]))
        more = ", …" if len(failed) > 10 else ""
        first = failed[min(failed)]
        super().__init__(
            f"{len(failed)} of {len(vectors)} texts have no vector (numbers {shown}{more}). Those "
            f"of the others are in the error's vectors. The first failed with "
            f"{type(first).__name__}: {first}"
        )
        self.failed = dict(failed)
        self.vectors = vectors

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Made again from its arguments, since the message alone is not enough."""
        return type(self), (self.failed, self.vectors)


class StoreError(RagkitError):
    """A store can't do what was asked."""


class IndexMismatchError(StoreError, ValueError):
    """A store was opened with another embedder than the one it was made with."""


class CorruptStoreError(StoreError, ValueError):
    """The store's file is damaged, or is no store."""


class StoreLockedError(StoreError, TimeoutError):
    """Another process is writing to the store."""


class JobError(RagkitError):
    """A bulk job could not be finished; the message says what is kept."""


class GenerationError(RagkitError):
    """A language model did not give an answer."""


class TokenBudgetError(GenerationError, ValueError):
    """The prompt can't fit the model's window, whatever context is left out."""


class EndpointError(RagkitError):
    """A remote service failed.

    Attributes:
        status: The HTTP status, or None where no reply came.
        body: The start of the reply's body; it is untrusted text.
        retry_after: Seconds after which the service asks to be tried again, if it says so.
        temporary: Whether asking again later may help: after a time-out, a lost connection, and
            a status that says so (408, 425, 429, 500, 502, 503, 504, 529).
        marks: Of "missing", "busy" and "denied", what a service of Amazon's says in its words.
    """

    marks: frozenset[str] = frozenset()

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        body: str = "",
        retry_after: float | None = None,
        temporary: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.retry_after = retry_after
        if temporary is None:
            temporary = status in TEMPORARY_STATUSES or isinstance(
                self, (TimeoutError, ConnectionError)
            )
        self.temporary = temporary


class EndpointTimeoutError(EndpointError, TimeoutError):
    """The service did not answer in time."""


class EndpointConnectionError(EndpointError, ConnectionError):
    """The service could not be reached, or hung up."""


class EndpointReplyError(EndpointError, ValueError):
    """The service's reply is not in the format that it should be in."""


class DeploymentError(EndpointError):
    """An endpoint or a job of one's own failed, or could not be deleted or stopped whole.

    Attributes:
        reason: What the service gives as the reason; it is untrusted text.
        left: What is still there, such as ``"endpoint 'llama'"``; it may cost money.
    """

    def __init__(self, message: str, *, reason: str = "", left: Iterable[str] = ()) -> None:
        super().__init__(message, body=reason)
        self.reason = reason
        self.left = tuple(left)


class PartialResultWarning(UserWarning):
    """A service did a part of its work; what it gave is kept, and this says what is missing.

    Attributes:
        code: The service's own word for why, if it has one; it is untrusted text.
        pages: The pages that it is about, counted from 1.
    """

    def __init__(self, message: str, *, code: str = "", pages: Iterable[int] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.pages = tuple(pages)

    def to_dict(self) -> dict[str, object]:
        """``message``, ``code`` and ``pages`` as JSON has them, for a document's metadata."""
        return {"message": str(self), "code": self.code, "pages": list(self.pages)}
