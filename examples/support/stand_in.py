"""A model that runs anywhere, in place of one that an example would need a GPU or a server for."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from support.endpoint import serving
from support.tiny_model import tiny_model

from ragkit import load_llm

PACKAGES = ("torch", "transformers", "accelerate")


@contextmanager
def stand_in(model: str) -> Iterator[str]:
    """What `load_llm` takes in place of `model`, for as long as the block lasts.

    A tiny model, in this process or behind an endpoint as `model` is; where the packages for
    one are not installed, ragkit's extractive one.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        print(f"Without {missing[0]} the answers are quotes; for a model run: "
              'pip install "ragkit[transformers]"')  # fmt: skip
        yield "extractive"
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder, writes = tiny_model(Path(scratch))
        print(f"A tiny model stands in for {model}. It writes {writes}: real answers need a real "
              f"model.")  # fmt: skip
        local = f"transformers:{folder}"
        if model.startswith("transformers:"):
            yield local
            return
        with serving(load_llm(local)) as url:
            yield f"openai:tiny@{url}"
