"""Which files of a repository make the model: configuration, tokenizer, one format of weights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ragkit._hub import HubFile, HubModel
from ragkit.errors import ModelError
from ragkit.models.record import RECORD

__all__ = ["chosen_files", "is_pickle", "is_weights"]

# The repository's top, and the folders of sentence-transformers' modules, such as 1_Pooling.
_FOLDER = re.compile(r"(\d+_\w+|additional_chat_templates)\Z", re.ASCII)
_KEPT = re.compile(
    r"(.*\.(json|jinja|tiktoken)|.*\.model|(vocab|merges|added_tokens)\.txt|bpe\.codes|vocab\.bpe"
    r"|(LICEN[CS]E|NOTICE|USE_POLICY)(\.\w+)?)\Z",
    re.ASCII | re.DOTALL,
)
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+ -]*(?<![. ])\Z", re.ASCII)
_LEADS_OUT = re.compile(r"[\\:\x00-\x1f]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)
"""Names that mean a device on Windows, whatever their ending."""
_SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<suffix>\.\w+)\Z")

_INDEX = (".safetensors.index.json", ".bin.index.json")

# By their order: what transformers looks for first. Each is one file, or shards and their index.
_SAFE = ("model.safetensors",)
_PICKLED = ("pytorch_model.bin",)


def is_weights(name: str) -> bool:
    """Whether a loader may take a file of that name for a model's weights."""
    return name.endswith((".safetensors", ".bin"))


def is_pickle(name: str) -> bool:
    """Whether a file may be a pickle, whose reading can run its author's code."""
    return name.endswith(".bin")


def chosen_files(
    model: HubModel, *, allow_pickle: bool = False, code: bool = False
) -> list[HubFile]:
    """What is to be downloaded of a model.

    Args:
        model: With all that its repository has.
        allow_pickle: Takes pickled weights where there are none in safetensors.
        code: Takes the Python files that come with the model too.

    Raises:
        ModelError: If there are no weights, some are absent, or a file's name would lead out of
            the folder.
    """
    files = {file.name: file for file in model.files}
    folders: dict[str, list[str]] = {"": []}
    for name in files:
        folder, _, last = name.rpartition("/")
        if _is_kept(last, code=code) or is_weights(last) or last.endswith(_INDEX):
            _check_name(model.id, name, chosen=not folder or bool(_FOLDER.match(folder)))
            if not folder or _FOLDER.match(folder):
                folders.setdefault(folder, []).append(last)
    names: list[str] = []
    for folder, inside in sorted(folders.items()):
        kept = [n for n in inside if _is_kept(n, code=code)]
        if not folder or any(map(is_weights, inside)):
            kept += _weights(model.id, inside, allow_pickle=allow_pickle)
        names += [f"{folder}/{n}" if folder else n for n in sorted(kept)]
    _check_distinct(model.id, names)
    return [files[name] for name in names]


def _is_kept(last: str, *, code: bool) -> bool:
    if last.startswith(RECORD) or last.endswith(_INDEX):
        return False
    return bool(_KEPT.match(last)) or (code and last.endswith(".py"))


def _check_name(model: str, name: str, *, chosen: bool) -> None:
    """Refuses names that lead out of the folder, and of the files chosen any odd one."""
    parts = name.split("/")
    leads_out = _LEADS_OUT.search(name) or any(part in ("", ".", "..") for part in parts)
    odd = any(not _PLAIN.match(part) or _DEVICE.match(part) for part in parts)
    if leads_out or (chosen and odd):
        raise ModelError(
            f"The hub's model {model!r} has a file {name!r:.200}, and a name like that may lead "
            f"out of the folder; nothing was written. Do you trust the author?"
        )


def _check_distinct(model: str, names: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise ModelError(
                f"The hub's model {model!r} has both {other!r} and {name!r}, which are one file "
                f"on some systems."
            )


def _weights(model: str, names: list[str], *, allow_pickle: bool) -> list[str]:
    """The weights in one folder, in one format, and the index of shards."""
    for wanted in _SAFE + (_PICKLED if allow_pickle else ()):
        if wanted in names:
            return [wanted]
        if shards := _shards(model, wanted, names):
            return [*shards, f"{wanted}.index.json"]
    found = sorted(filter(is_weights, names))
    if any(_of(wanted, name) for wanted in _PICKLED for name in found):
        raise ModelError(
            f"The hub's model {model!r} has pickled weights only ({found[0]}), and loading a "
            f"pickle can run its author's code. Look for a revision= with safetensors, or pass "
            f"allow_pickle=True if you trust the author."
        )
    shown = f"; it has {', '.join(found[:3])}" if found else ""
    raise ModelError(
        f"The hub's model {model!r} has no model.safetensors, whole or in shards{shown}. "
        f"Adapters and other formats (GGUF, ONNX, TensorFlow) are not fetched."
    )


def _of(wanted: str, name: str) -> bool:
    shard = _SHARD.match(name)
    return name == wanted or (shard is not None and shard["stem"] + shard["suffix"] == wanted)


def _shards(model: str, wanted: str, names: Iterable[str]) -> list[str]:
    """The shards of weights, all of them; none if they are not in shards."""
    there = sorted(name for name in names if name != wanted and _of(wanted, name))
    counts = {int(_SHARD.match(name)["count"]) for name in there}  # type: ignore[index]
    if sum(counts) != len(there) or (there and f"{wanted}.index.json" not in names):
        raise ModelError(
            f"The hub's model {model!r} is incomplete: of its weights in shards ({there[0]}, …) "
            f"some are absent, or their index {wanted}.index.json is."
        )
    return there
