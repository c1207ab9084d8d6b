"""The notebook runs from its first cell to its last, and is kept without outputs."""

import ast
import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "similarity.ipynb"
CELLS = [
    cell
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    if cell["cell_type"] == "code"
]


def test_it_is_kept_without_outputs():
    assert len(CELLS) > 5
    for cell in CELLS:
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@pytest.mark.slow
def test_it_runs(tmp_path, monkeypatch):
    """Cell by cell, as a kernel does: what ends a cell is shown, by `_repr_png_` if it has one."""
    pytest.importorskip("matplotlib", reason="the extra eval is not installed")
    monkeypatch.chdir(tmp_path)
    namespace, shown = {"__name__": "__main__"}, []
    for number, cell in enumerate(CELLS):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"cell {number}", "exec"), namespace)
        if last is not None:
            code = compile(ast.Expression(last.value), f"cell {number}", "eval")
            shown.append(eval(code, namespace))
    assert any(getattr(value, "_repr_png_", bytes)().startswith(b"\x89PNG") for value in shown)
    assert [best[0]["corpus_id"] for best in namespace["neighbours"]] == [0, 1, 2]
    assert [best[0]["id"] for best in namespace["found"]] == ["0", "1", "2"]
    assert not list(tmp_path.iterdir())
