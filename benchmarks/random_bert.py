"""Folders with BERT encoders of well-known shapes and random weights, for speed alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from ragkit.embedding import _local

SHAPES = {
    "bge-small": (12, 12, 384, 1536),
    "bge-base": (12, 12, 768, 3072),
    "bge-large": (24, 16, 1024, 4096),
    "tiny": (2, 2, 64, 128),
}
"""Layers, heads, width, width of the feed-forward nets."""


def write_random_bert(folder: Path, shape: str) -> Path:
    """A model folder with MiniLM's tokenizer, 512 positions, CLS pooling and halves as weights."""
    from safetensors.numpy import save_file

    layers, heads, hidden, wide = SHAPES[shape]
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        if (_local.SHIPPED / name).is_file():
            shutil.copy(_local.SHIPPED / name, folder / name)
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": hidden,
        "intermediate_size": wide,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "vocab_size": 30522,
        "pad_token_id": 0,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": hidden, "pooling_mode_cls_token": True}
    pooling["pooling_mode_mean_tokens"] = False
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    names = ("Transformer", ""), ("Pooling", "1_Pooling")
    modules = [
        {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for n, (kind, path) in enumerate(names)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    save_file(dict(_tensors(layers, hidden, wide)), folder / "model.safetensors")
    return folder


def _tensors(layers: int, hidden: int, wide: int):
    random = np.random.default_rng(0)

    def normal(*shape):
        return (0.02 * random.standard_normal(shape, np.float32)).astype(np.float16)

    def dense(name, rows, columns):
        yield f"{name}.weight", normal(rows, columns)
        yield f"{name}.bias", normal(rows)

    def norm(name):
        yield f"{name}.weight", np.ones(hidden, np.float16)
        yield f"{name}.bias", np.zeros(hidden, np.float16)

    for table, rows in (("word", 30522), ("position", 512), ("token_type", 2)):
        yield f"embeddings.{table}_embeddings.weight", normal(rows, hidden)
    yield from norm("embeddings.LayerNorm")
    for n in range(layers):
        layer = f"encoder.layer.{n}"
        for part in ("query", "key", "value"):
            yield from dense(f"{layer}.attention.self.{part}", hidden, hidden)
        yield from dense(f"{layer}.attention.output.dense", hidden, hidden)
        yield from norm(f"{layer}.attention.output.LayerNorm")
        yield from dense(f"{layer}.intermediate.dense", wide, hidden)
        yield from dense(f"{layer}.output.dense", hidden, wide)
        yield from norm(f"{layer}.output.LayerNorm")
    yield from dense("pooler.dense", hidden, hidden)
