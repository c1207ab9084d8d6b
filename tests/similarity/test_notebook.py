"""The notebook runs from its first cell to its last, and is kept without outputs."""

import notebooks
import pytest

NAME = "similarity.ipynb"


def test_it_is_kept_without_outputs():
    cells = notebooks.code_cells(NAME)
    assert len(cells) > 5
    for cell in cells:
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@pytest.mark.slow
def test_it_runs(tmp_path, monkeypatch):
    """What ends a cell is shown, by `_repr_png_` if it has one."""
    pytest.importorskip("matplotlib", reason="the extra eval is not installed")
    monkeypatch.chdir(tmp_path)
    namespace, shown = notebooks.run(NAME)
    assert any(getattr(value, "_repr_png_", bytes)().startswith(b"\x89PNG") for value in shown)
    assert [best[0]["corpus_id"] for best in namespace["neighbours"]] == [0, 1, 2]
    assert [best[0]["id"] for best in namespace["found"]] == ["0", "1", "2"]
    assert not list(tmp_path.iterdir())
