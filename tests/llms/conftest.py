"""Fixtures of the tests that run the tiny model in this process."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def one_torch_thread():
    """So small a model is slower with several threads."""
    torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(ragkit_data):
    """The tiny model's."""
    return ragkit_data / "models" / "tinystories-260k"
