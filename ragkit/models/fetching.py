"""A model of a hub, downloaded once into a folder of yours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock

from ragkit._checks import check_seconds
from ragkit._hub import HUB_ID, Hub, HubFile, HubModel
from ragkit._progress import Progress, progress_of
from ragkit.errors import InvalidInputError, ModelError
from ragkit.models.choice import chosen_files, is_pickle, is_weights
from ragkit.models.download import Downloader, matches, missing_bytes
from ragkit.models.record import BEGUN, RECORD, ModelRecord, RecordedFile, file_sha256

__all__ = ["fetch"]

_LOCK = ".ragkit-model.lock"


def fetch(  # noqa: PLR0913 – each is a decision of the caller's
    id: str,
    folder: str | Path,
    *,
    revision: str | None = None,
    token: str | None = None,
    allow_pickle: bool = False,
    trust_remote_code: bool = False,
    max_bytes: int = 200 * 2**30,
    timeout: float = 30.0,
    verify: bool = False,
    progress: Progress = None,
    endpoint: str | None = None,
) -> Path:
    """The folder, with the model of a hub in it: downloaded once, then used without a network.

    Weights are taken in one format, safetensors, with configuration, tokenizer and licence.
    Sizes and hashes are compared with the hub's. ``ragkit-model.json``, written last, records
    the commit and the files; a later call that finds it does not ask the hub. A download that
    broke off goes on where it ended. Other processes that fetch into the folder wait.

    Args:
        id: Of the model, such as "meta-llama/Llama-2-7b-chat-hf".
        folder: Where it goes; made if absent. It holds one model at one commit.
        revision: Branch, tag or commit; None is the main branch, or what the folder holds.
        token: For gated models; by default of the account logged in here. Shown and kept nowhere.
        allow_pickle: Takes pickled weights if only those are there; they can run the author's code.
        trust_remote_code: Takes the Python files that come with the model too.
        max_bytes: The most that the files may have together.
        timeout: Seconds without a byte after which a request is taken for lost.
        verify: Compares the hashes of what is there already, too, and not only the sizes.
        progress: True or False for a bar, or a function of (bytes done, bytes in all, file); by
            default a bar where a person is looking.
        endpoint: Another hub's address; by default the environment's HF_ENDPOINT or Hugging Face's.

    Raises:
        InvalidInputError: If an argument can't work.
        ModelError: If it is not to be had, unsafe or damaged, or the folder holds something else.

    Example:
        >>> folder = fetch("meta-llama/Llama-2-7b-chat-hf", "models/llama")  # doctest: +SKIP
        >>> llm = TransformersLLM(folder)                                    # doctest: +SKIP
    """
    _check(id, folder, revision, max_bytes, timeout)
    path = Path(folder).expanduser()
    wanted = _Wanted(id, revision, allow_pickle, trust_remote_code, verify)
    if not path.is_dir() or not wanted.is_in(path):
        hub = Hub(token=token, endpoint=endpoint, timeout=timeout)
        _bring(wanted, hub, path, max_bytes, progress)
    return path


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of a folder; what each means is at `fetch`."""

    id: str
    revision: str | None
    allow_pickle: bool
    code: bool
    verify: bool

    def is_in(self, path: Path) -> bool:
        """Whether the folder holds it, whole.

        Raises:
            ModelError: If it holds another model, or one that is not safe to take.
        """
        record = ModelRecord.read(path)
        if record is None:
            return False
        self._check_same(path, record)
        pickles = [file.name for file in record.files if is_pickle(file.name)]
        if pickles and not self.allow_pickle:
            raise ModelError(
                f"The folder {str(path)!r} holds {record.id!r} with pickled weights "
                f"({pickles[0]}), which can run their author's code; pass allow_pickle=True if "
                f"you trust the author."
            )
        fits = record.answers(self.revision) and (record.code or not self.code)
        return fits and all(self._is_whole(path, file) for file in record.files)

    def found(self, hub: Hub, path: Path) -> tuple[HubModel, ModelRecord]:
        """The model with the files to take, and the record to begin with.

        A folder that has been begun goes on with its commit, even if the branch has moved.

        Raises:
            ModelError: If it is not to be had, or the folder holds another commit of it.
        """
        begun = ModelRecord.read(path) or ModelRecord.read(path, BEGUN)
        if begun is not None:
            self._check_same(path, begun)
        goes_on = begun is not None and begun.answers(self.revision)
        model = hub.model(self.id, begun.commit if begun and goes_on else self.revision)
        if begun is not None and model.commit != begun.commit:
            raise ModelError(
                f"The folder {str(path)!r} holds {begun.id!r} at commit {begun.commit}, but "
                f"revision {self.revision!r} is {model.commit}; fetch that into a folder of its "
                f"own."
            )
        revision = begun.revision if begun and goes_on else self.revision
        files = chosen_files(model, allow_pickle=self.allow_pickle, code=self.code)
        record = ModelRecord(self.id, model.commit, revision, self.code)
        return replace(model, files=files), record

    def _check_same(self, path: Path, record: ModelRecord) -> None:
        if not record.is_of(self.id):
            raise ModelError(
                f"The folder {str(path)!r} holds {record.id!r} (commit {record.commit}), not "
                f"{self.id!r}; give each model a folder of its own."
            )

    def _is_whole(self, path: Path, file: RecordedFile) -> bool:
        there = path / file.name
        if not there.is_file() or there.stat().st_size != file.size:
            return False
        return not self.verify or file_sha256(there) == file.sha256


def _bring(wanted: _Wanted, hub: Hub, path: Path, max_bytes: int, progress: Progress) -> None:
    """Puts it into the folder, while other processes that want to wait."""
    with _writing(path), FileLock(path / _LOCK):
        if not wanted.is_in(path):  # another process may have fetched it meanwhile
            model, begun = wanted.found(hub, path)
            _check_foreign(path, model)
            begun.write(path, BEGUN)
            _download(hub, model, begun, path, max_bytes, progress)
    with suppress(OSError):  # on Windows, where another process still waits for it
        (path / _LOCK).unlink()


def _check(
    name: str, folder: str | Path, revision: str | None, max_bytes: int, timeout: float
) -> None:
    if not isinstance(name, str) or not HUB_ID.match(name):
        raise InvalidInputError(
            f"id is {name!r:.200}; it has to be a hub's id such as 'meta-llama/Llama-2-7b-chat-hf'."
        )
    if not isinstance(folder, str | Path) or not str(folder).strip():
        raise InvalidInputError(f"folder is {folder!r:.200}; it has to be the path of a folder.")
    if revision is not None and (not isinstance(revision, str) or not revision.strip()):
        raise InvalidInputError(
            f"revision is {revision!r}; it has to be a branch, a tag, a commit or None."
        )
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int | float) or not max_bytes > 0:
        raise InvalidInputError(f"max_bytes is {max_bytes!r}; it has to be a number above 0.")
    check_seconds(timeout, "timeout")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Makes the folder; a disk that can't be written to is an error of ours."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ModelError(
            f"The folder {str(path)!r} can't be made, or written to: "
            f"{type(error).__name__}: {error.strerror or error}."
        ) from error


def _check_foreign(path: Path, model: HubModel) -> None:
    """Refuses a folder with files that would be overwritten, or taken for the model's."""
    listed = {file.name: file for file in model.files}
    begun = (path / BEGUN).exists() or (path / RECORD).exists()
    others = [entry.name for entry in path.iterdir() if is_weights(entry.name)]
    foreign = [name for name in sorted(others) if name not in listed]
    if not begun:
        foreign += [n for n, f in listed.items() if (path / n).exists() and not _is(path / n, f)]
    if foreign:
        raise ModelError(
            f"The folder {str(path)!r} has a file {foreign[0]!r} that is not of {model.id!r} "
            f"(commit {model.commit}); give each model a folder of its own."
        )


def _is(path: Path, file: HubFile) -> bool:
    """Whether a file that is there is certainly the hub's."""
    known = file.sha256 is not None or file.git_id is not None
    return path.is_file() and known and matches(path, file)


def _download(
    hub: Hub,
    model: HubModel,
    begun: ModelRecord,
    path: Path,
    max_bytes: int,
    progress: Progress,
) -> None:
    """Brings the files that are not there yet, then writes the record."""
    there = {file.name for file in model.files if _is(path / file.name, file)}
    total = sum(file.size or 0 for file in model.files)
    _check_room(path, model, total, there, max_bytes)
    recorded = []
    with (
        progress_of(progress, total, unit="B") as advance,
        Downloader(hub, model, path, max_bytes=max_bytes, advance=advance) as downloader,
    ):
        for file in model.files:
            if file.name in there:
                recorded.append(RecordedFile.of(path, file.name, file.sha256))
                advance(file.name, recorded[-1].size)
            else:
                recorded.append(downloader.download(file))
    replace(begun, files=tuple(recorded)).write(path)
    (path / BEGUN).unlink(missing_ok=True)


def _check_room(path: Path, model: HubModel, total: int, there: set[str], max_bytes: int) -> None:
    if total > max_bytes:
        raise ModelError(
            f"{model.id!r} has {total:,} bytes to download, but max_bytes is {max_bytes:,}."
        )
    missing = sum(missing_bytes(path, file) for file in model.files if file.name not in there)
    free = shutil.disk_usage(path).free
    if missing > free:
        raise ModelError(
            f"{model.id!r} needs {missing:,} more bytes, but the disk of {str(path)!r} has "
            f"{free:,} left."
        )
