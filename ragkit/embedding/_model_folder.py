"""What a folder with a sentence-embedding model says about itself, checked.

The layout is sentence-transformers': `config.json`, `model.safetensors`, `tokenizer.json`, and
where present `modules.json`, `1_Pooling/config.json`, `sentence_bert_config.json` and
`config_sentence_transformers.json`. A folder of transformers alone works too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ragkit.embedding._known_prompts import known_prompts
from ragkit.errors import ModelError

__all__ = ["ModelFolder", "Pooling", "read_model_folder", "weight_files"]

Pooling = Literal["mean", "cls"]

WEIGHTS = "model.safetensors"
SHARDS = "model.safetensors.index.json"
TOKENIZER = "tokenizer.json"

_MODULES = ("Transformer", "Pooling", "Normalize")
_OTHER_WEIGHTS = ("pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5")
_ROBERTA = ("roberta", "xlm-roberta", "camembert")
"""Positions of these start after the padding token's: pad_id + 1."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A BERT-family embedding model on disk.

    Attributes:
        path: The folder.
        layers: Encoder layers.
        heads: Attention heads.
        hidden: Length of a vector.
        intermediate: Width of the feed-forward nets.
        vocabulary: Entries of the vocabulary.
        positions: The most tokens that the encoder has positions for.
        epsilon: Of the layer normalisations.
        pad_id: Token that fills up a batch.
        max_tokens: The most tokens of a text that are read, special tokens included.
        pooling: What the model was trained with; mean where the folder does not say.
        query_prompt: Put before each query, as the folder says.
        document_prompt: Put before each document.
        offset: Row of the position table that the first token takes.
        token_types: Rows of the table of segments.
        weights: The safetensors files.
    """

    path: Path
    layers: int
    heads: int
    hidden: int
    intermediate: int
    vocabulary: int
    positions: int
    epsilon: float
    pad_id: int
    max_tokens: int
    pooling: Pooling
    query_prompt: str
    document_prompt: str
    offset: int = 0
    token_types: int = 2
    weights: tuple[Path, ...] = ()


def read_model_folder(path: Path, name: str = "") -> ModelFolder:
    """The model in the folder `path`; weights and tokenizer are not read yet.

    Args:
        path: The folder.
        name: What the user calls the model: its id on the hub, where it is one.

    Raises:
        ModelError: If a file is absent or damaged, or the model is of a kind that can't be run.
    """
    if not path.is_dir():
        raise ModelError(f"There is no folder {str(path)!r} with a model in it.")
    _check_files(path)
    config = _read(path / "config.json")
    _check_architecture(path, config)
    pad_id = _pad_id(path, config)
    offset = pad_id + 1 if config["model_type"] in _ROBERTA else 0
    positions = _number(path, config, "max_position_embeddings") - offset
    query, document = _prompts(path, (name, path.resolve().name, config.get("_name_or_path")))
    return ModelFolder(
        path=path,
        layers=_number(path, config, "num_hidden_layers"),
        heads=_number(path, config, "num_attention_heads"),
        hidden=_number(path, config, "hidden_size"),
        intermediate=_number(path, config, "intermediate_size"),
        vocabulary=_number(path, config, "vocab_size"),
        positions=positions,
        epsilon=_epsilon(path, config),
        pad_id=pad_id,
        max_tokens=_limit(path, positions),
        pooling=_pooling(path),
        query_prompt=query,
        document_prompt=document,
        offset=offset,
        token_types=_token_types(path, config),
        weights=weight_files(path),
    )


def weight_files(path: Path) -> tuple[Path, ...]:
    """The safetensors files of a model: one, or the shards that its index names.

    Raises:
        ModelError: If the index is damaged, or names what is no file of the folder.
    """
    if (path / WEIGHTS).is_file():
        return (path / WEIGHTS,)
    named = _read(path / SHARDS).get("weight_map")
    names = set(named.values()) if isinstance(named, dict) else set()
    for name in names:
        if not isinstance(name, str) or Path(name).name != name or not (path / name).is_file():
            raise ModelError(f"{path / SHARDS} names {name!r}, which is no file of the folder.")
    if not names:
        raise ModelError(f"{path / SHARDS} names no files.")
    return tuple(path / name for name in sorted(names))


def _limit(path: Path, positions: int) -> int:
    """The most tokens of a text: as sentence-transformers was told, or all positions."""
    name = path / "sentence_bert_config.json"
    limit = _read(name, optional=True).get("max_seq_length")
    if limit is None:
        limit = positions
    if isinstance(limit, bool) or not isinstance(limit, int) or not 3 <= limit <= positions:
        raise ModelError(
            f"{name} has max_seq_length {limit!r}; it has to be "
            f"between 3 and the encoder's {positions} positions."
        )
    return limit


def _check_files(path: Path) -> None:
    if not (path / WEIGHTS).is_file() and not (path / SHARDS).is_file():
        others = [name for name in _OTHER_WEIGHTS if (path / name).exists()]
        found = f" It has {', '.join(others)}, which is not read." if others else ""
        raise ModelError(
            f"{str(path)!r} has no {WEIGHTS}.{found} Weights are read from safetensors "
            f"only; pickled ones can run code. Save the model again with "
            f"SentenceTransformer(...).save(folder, safe_serialization=True)."
        )
    for name in ("config.json", TOKENIZER):
        if not (path / name).is_file():
            raise ModelError(f"{str(path)!r} has no {name}; a model folder needs it.")


def _read(path: Path, *, optional: bool = False) -> dict[str, Any]:
    value = _read_any(path, optional=optional)
    if not isinstance(value, dict):
        raise ModelError(f"{path} does not hold a JSON object.")
    return value


def _read_any(path: Path, *, optional: bool = False) -> Any:
    if optional and not path.is_file():
        return {}
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} can't be read as JSON: {error}.") from error


def _number(path: Path, config: dict[str, Any], key: str) -> int:
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ModelError(f"{path / 'config.json'} has {key} {value!r}; that is no model's.")
    return value


def _epsilon(path: Path, config: dict[str, Any]) -> float:
    value = config.get("layer_norm_eps", 1e-12)
    if not isinstance(value, (int, float)) or not 0 <= value < 1:
        raise ModelError(
            f"{path / 'config.json'} has layer_norm_eps {value!r}; that is no model's."
        )
    return float(value)


def _pad_id(path: Path, config: dict[str, Any]) -> int:
    value = config.get("pad_token_id") or 0
    if not isinstance(value, int) or not 0 <= value < _number(path, config, "vocab_size"):
        raise ModelError(f"{path / 'config.json'} has pad_token_id {value!r}, which is no token.")
    return value


def _token_types(path: Path, config: dict[str, Any]) -> int:
    value = config.get("type_vocab_size", 2)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ModelError(f"{path / 'config.json'} has type_vocab_size {value!r}; no model has.")
    return value


def _check_architecture(path: Path, config: dict[str, Any]) -> None:
    """Refuses what the graph would compute wrongly."""
    expected = {
        "model_type": ("bert", *_ROBERTA),
        "hidden_act": ("gelu",),
        "position_embedding_type": ("absolute", None),
    }
    for key, valid in expected.items():
        value = config.get(key)
        if value not in valid:
            raise ModelError(
                f"{path / 'config.json'} has {key} {value!r}; only models of the BERT family "
                f"can be run (model_type 'bert' or 'xlm-roberta', exact 'gelu', absolute "
                f"positions), such as all-MiniLM, BGE, E5 and GTE in their first versions. "
                f"SentenceTransformerEmbedder runs others, with torch."
            )
    hidden, heads = (
        _number(path, config, "hidden_size"),
        _number(path, config, "num_attention_heads"),
    )
    if hidden % heads:
        raise ModelError(f"{path / 'config.json'}: {heads} heads do not divide {hidden}.")


def _pooling(path: Path) -> Pooling:
    modules = _read_any(path / "modules.json", optional=True) or []
    if not isinstance(modules, list) or not all(isinstance(m, dict) for m in modules):
        raise ModelError(f"{path / 'modules.json'} is not a list of modules.")
    folder = "1_Pooling"
    for module in modules:
        kind = str(module.get("type", "")).rpartition(".")[2]
        if kind not in _MODULES:
            raise ModelError(
                f"{path / 'modules.json'} has a module {kind!r}, which is not "
                f"computed; known are {', '.join(_MODULES)}."
            )
        if kind == "Pooling":
            folder = str(module.get("path") or folder)
    return _pooling_mode(path / Path(folder).name / "config.json")


def _pooling_mode(path: Path) -> Pooling:
    config = _read(path, optional=True)
    if config.get("include_prompt") is False:
        raise ModelError(f"{path} leaves prompts out of the pooling, which is not supported.")
    named = config.get("pooling_mode")
    modes = {
        key.removeprefix("pooling_mode_").removesuffix("_tokens").removesuffix("_token")
        for key, value in config.items()
        if key.startswith("pooling_mode_") and value is True
    }
    modes |= {named} if isinstance(named, str) else set()
    match sorted(modes):
        case [] | ["mean"]:
            return "mean"
        case ["cls"]:
            return "cls"
        case other:
            raise ModelError(f"{path} asks for pooling {', '.join(other)}; 'mean' and 'cls' work.")


def _prompts(path: Path, names: Sequence[object]) -> tuple[str, str]:
    """What to put before a query and a document: as the folder says, else as the family is known.

    sentence-transformers writes empty prompts where nobody gave any; they say nothing.
    """
    name = path / "config_sentence_transformers.json"
    config = _read(name, optional=True)
    prompts = config.get("prompts") or {}
    if not isinstance(prompts, dict) or not all(isinstance(p, str) for p in prompts.values()):
        raise ModelError(f"{name} has prompts that are not texts by name.")
    every = prompts.get(str(config.get("default_prompt_name")), "")
    document = prompts.get("document") or prompts.get("passage") or every
    if not any(prompts.values()):
        return known_prompts(names)
    return prompts.get("query") or every, document
