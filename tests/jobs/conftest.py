"""A small input, and jobs over it."""

import json

import pytest


@pytest.fixture
def texts(tmp_path):
    """200 rows and nothing else."""
    path = tmp_path / "in.jsonl"
    rows = [
        {"id": f"row-{n}", "text_inputs": f"row {n} says {'a b cd' * (n % 9)}"} for n in range(200)
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path
