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


@pytest.fixture(scope="module")
def t5(folder):
    """A small encoder-decoder of random weights, with the tiny model's tokenizer."""
    torch = pytest.importorskip("torch", reason="needs the extra 'transformers'")
    transformers = pytest.importorskip("transformers", reason="needs the extra 'transformers'")
    from ragkit import TransformersLLM

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=512, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=2, n_positions=512,
    )  # fmt: skip
    return TransformersLLM(transformers.T5ForConditionalGeneration(config), tokenizer=tokenizer)
