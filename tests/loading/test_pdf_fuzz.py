"""Damaged PDFs, many of them: each is read or refused with an error of ours."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ragkit import DirectoryLoader, LayoutLinearizer, PDFLoader
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


@pytest.mark.slow
def test_mutated_strange_files_cost_no_other_file(ragkit_data, tmp_path):
    """Forms, tagged, rotated and damaged files, mutated, and a good one after each."""
    sources = sorted((ragkit_data / "pdf" / "robust").glob("*.pdf"))
    small = [path.read_bytes() for path in sources if path.stat().st_size < 400_000]
    rng = random.Random(20261126)
    good = (ragkit_data / "pdf" / "robust" / "pdf_structure.pdf").read_bytes()
    for number in range(120):
        (tmp_path / f"{number:03}-a.pdf").write_bytes(mutated(rng.choice(small), rng))
        (tmp_path / f"{number:03}-b.pdf").write_bytes(good)
    loader = DirectoryLoader(tmp_path, processes=2, on_error="skip", max_page_seconds=20)
    read = [Path(layout.source).name for layout in loader.load()]
    assert [name for name in read if name.endswith("b.pdf")] == [
        f"{n:03}-b.pdf" for n in range(120)
    ]
    assert all(isinstance(skipped.error, LoadError) for skipped in loader.skipped)
    assert len(read) + len(loader.skipped) == 240
    assert len(read) > 150


def attempt(path: Path, engine: str) -> list:
    try:
        return LayoutLinearizer().transform(PDFLoader(path, engine=engine).load())
    except LoadError:
        return []
