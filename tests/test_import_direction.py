"""Which package may import what of which other."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import ragkit

ROOT = Path(ragkit.__file__).parent


def imported(package: str) -> list[tuple[str, str]]:
    """(File, module) of every import that runs when the package's modules are loaded."""
    found = []
    for file in sorted((ROOT / package).glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found += [
            (file.name, node.module)
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module
        ]
    return found


def test_retrieval_does_not_know_the_stores():
    assert [pair for pair in imported("retrieval") if pair[1].startswith("ragkit.stores")] == []


@pytest.mark.parametrize("other", ["retrieval", "embedding", "splitting", "loading", "llms"])
def test_stores_use_public_names_of_others_only(other):
    inner = f"ragkit.{other}."
    assert [pair for pair in imported("stores") if pair[1].startswith(inner)] == []


def packages():
    return [ragkit.__name__, *(f"ragkit.{path.parent.name}" for path in ROOT.glob("*/__init__.py"))]


@pytest.mark.parametrize("package", packages())
def test_no_public_name_is_a_module_s(package):
    """Importing the module would put it in the name's place: `leftovers` once was not callable."""
    module = importlib.import_module(package)
    names = getattr(module, "__all__", [])
    folder = Path(module.__file__).parent
    modules = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert sorted(set(names) & modules) == []
