"""Damaged PDFs, many of them: each is read or refused with an error of ours."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ragkit import LayoutLinearizer, PDFLoader
from ragkit.errors import LoadError

ROUNDS = 300


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The bytes with some overwritten, cut out or repeated."""
    damaged = bytearray(data)
    for _ in range(rng.randint(1, 30)):
        at = rng.randrange(len(damaged))
        kind = rng.random()
        if kind < 0.6:
            damaged[at] = rng.randrange(256)
        elif kind < 0.8:
            del damaged[at : at + rng.randint(1, 40)]
        else:
            damaged[at:at] = damaged[at : at + rng.randint(1, 40)]
    return bytes(damaged)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pdfium", "pypdf"])
def test_mutated_files_end_in_text_or_in_an_error_of_ours(engine, sample_data, tmp_path):
    sources = [path.read_bytes() for path in sorted(sample_data.glob("*.pdf"))]
    rng = random.Random(20261123)
    read = 0
    for round_number in range(ROUNDS):
        path = tmp_path / f"{round_number}.pdf"
        path.write_bytes(mutated(rng.choice(sources), rng))
        read += bool(attempt(path, engine))
        path.unlink()
    assert read > ROUNDS / 10


def attempt(path: Path, engine: str) -> list:
    try:
        return LayoutLinearizer().transform(PDFLoader(path, engine=engine).load())
    except LoadError:
        return []
