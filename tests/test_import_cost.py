"""What importing loads, seen in a clean interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"numpy", "onnxruntime", "tokenizers", "chromadb", "sqlite3", "pypdfium2", "pypdf", "httpx",
         "PIL", "rapidfuzz", "tqdm", "torch", "langchain_core", "click", "pyarrow",
         "ray"}  # fmt: skip


def loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in run.stdout.split()}


@pytest.mark.parametrize(
    "code",
    ["import ragkit", "from ragkit import RetrievalQA", "from ragkit import Index",
     "from ragkit import load_embedder, load_llm, Document, Answer"],
)  # fmt: skip
def test_nothing_heavy_is_loaded(code):
    assert not loaded_by(code) & HEAVY


def test_importing_prints_nothing():
    run = subprocess.run(
        [sys.executable, "-c", "import ragkit"], capture_output=True, text=True, check=True
    )
    assert run.stdout == run.stderr == ""


def test_every_public_name_can_be_imported():
    import ragkit

    for name in ragkit.__all__:
        assert getattr(ragkit, name) is not None
    assert set(ragkit.__all__) <= set(dir(ragkit))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = ragkit.Nothing


def test_modules_are_attributes_of_the_package():
    script = (
        "import ragkit; ragkit.errors.LoadError; ragkit.compat.PromptTemplate; ragkit.RagkitError"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
