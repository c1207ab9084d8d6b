"""Fixtures that several folders share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure, and a machine that judges a change should judge the same each time.
settings.register_profile("ragkit", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("ragkit")


def data_root() -> Path:
    """The one place through which tests reach the shared data: ``RAGKIT_DATA``."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("RAGKIT_DATA", default))


@pytest.fixture(scope="session")
def ragkit_data() -> Path:
    """The folder of shared data sets; skips where it is absent."""
    root = data_root()
    if not root.is_dir():
        pytest.skip(f"no shared data at {root}; set RAGKIT_DATA to its folder")
    return root


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The project's own sample PDFs."""
    return Path(__file__).resolve().parents[1] / "examples" / "data"
