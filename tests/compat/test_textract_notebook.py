"""The notebook about Textract's layout runs, and is kept without outputs."""

import notebooks

NAME = "textract_layout.ipynb"


def test_it_is_kept_without_outputs():
    for cell in notebooks.code_cells(NAME):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


def test_it_runs(monkeypatch, capsys):
    monkeypatch.chdir(notebooks.FOLDER)
    before = set(notebooks.FOLDER.iterdir())
    namespace, shown = notebooks.run(NAME)
    assert repr(shown[0]).startswith("Elements(1 FIGURE")
    assert namespace["titles"]._repr_html_().count("<img") == 1
    assert len(namespace["everything"]) == 2
    assert "<table>" in shown[-2]._repr_html_()
    assert shown[-1][0][0] == "Harrow Hill"
    assert "# Annual report 2023" in capsys.readouterr().out
    assert set(notebooks.FOLDER.iterdir()) == before
