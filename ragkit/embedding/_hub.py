"""Models named as on the Hugging Face hub: from its cache, or downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ragkit._hub import HUB_ID, status_of, why_not
from ragkit.embedding._model_folder import WEIGHTS, weight_files
from ragkit.errors import InvalidInputError, ModelError

__all__ = ["EVERYTHING_SAFE", "model_path"]

_FILES = ("*.json", WEIGHTS, "model-*-of-*.safetensors")
EVERYTHING_SAFE = ("*.json", "*.safetensors", "*.txt", "*.model")
"""With the weights of further modules. Neither has pickled weights or code."""


def model_path(
    name: str | Path, revision: str | None = None, files: Sequence[str] = _FILES
) -> Path:
    """The folder of a model: `name` itself, or where the hub's model `name` is kept.

    Args:
        name: A folder, or a hub id such as ``BAAI/bge-small-en-v1.5``.
        revision: Branch, tag or commit of a hub id.
        files: Patterns of what is downloaded.

    Raises:
        ModelError: If there is no such folder, and the hub does not give it.
        InvalidInputError: If a revision is asked of a folder.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        if revision is not None:
            raise InvalidInputError(
                f"revision is {revision!r}, but {str(name)!r} is a folder; only models of the "
                f"hub have revisions."
            )
        return path
    if isinstance(name, Path) or not HUB_ID.match(name) or _is_local(path):
        raise ModelError(
            f"There is no folder {str(name)!r}. Give a folder with model.safetensors, "
            f"config.json and tokenizer.json, or a hub id such as 'BAAI/bge-small-en-v1.5'."
        )
    return _fetched(name, revision, files)


def _is_local(path: Path) -> bool:
    """Whether a name that could be a hub's begins with a folder that is here."""
    return Path(path.parts[0]).is_dir()


def _has_weights(folder: Path) -> bool:
    """Whether every file of the weights is there: a cache may hold some of the shards only."""
    try:
        return bool(weight_files(folder))
    except ModelError:
        return False


def _fetched(name: str, revision: str | None, files: Sequence[str]) -> Path:
    cached = _snapshot(name, revision, files, local_files_only=True)
    complete = isinstance(cached, Path) and _has_weights(cached)
    # What the cache lacks of other files than these, only the hub can tell.
    if complete and files == _FILES:
        return Path(str(cached))
    fetched = _snapshot(name, revision, files, local_files_only=False)
    if isinstance(fetched, Path):
        return fetched
    if complete:
        return Path(str(cached))
    # What the hub said may repeat the token, so it is not chained.
    raise ModelError(
        f"{name!r} is read as a folder, which is not there, or as a hub id, whose model is not "
        f"in the cache. {why_not(fetched, name, revision)} Offline, give a local folder, or use "
        f"the model that ships with ragkit: 'minilm'."
    ) from None


def _snapshot(
    name: str, revision: str | None, files: Sequence[str], *, local_files_only: bool
) -> Path | Exception:
    try:
        from huggingface_hub import snapshot_download

        return Path(
            snapshot_download(
                name,
                revision=revision,
                allow_patterns=list(files),
                local_files_only=local_files_only,
            )
        )
    except Exception as error:  # many kinds: no network, no such model, no permission, ...
        # With nothing in its cache, the client says that, quotes the hub, and has why as the cause.
        cause = error.__cause__
        return cause if status_of(error) is None and isinstance(cause, Exception) else error
