"""Notebooks of the examples, run as a kernel runs them."""

from __future__ import annotations

import ast
import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "examples"


def code_cells(name):
    """The cells of code of a notebook of the examples."""
    cells = json.loads((FOLDER / name).read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def run(name):
    """The names that a notebook has at its end, and what its cells show."""
    namespace, shown = {"__name__": "__main__"}, []
    for number, cell in enumerate(code_cells(name)):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"cell {number}", "exec"), namespace)
        if last is not None:
            code = compile(ast.Expression(last.value), f"cell {number}", "eval")
            shown.append(eval(code, namespace))
    return namespace, shown
