"""Folders: which files, in which order, what is left out and why."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ragkit._cores import usable_processors
from ragkit.errors import (
    CorruptFileError,
    EncryptedFileError,
    InvalidInputError,
    LimitExceededError,
    LoadError,
    MissingFileError,
    UnknownOptionError,
    UnsupportedFileError,
)
from ragkit.layout.model import LayoutDocument
from ragkit.loading import DirectoryLoader, TextLoader
from ragkit.loading._parallel import process_count
from ragkit.loading._worker import Worker, _reply


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "data"
    for name in ("b.txt", "a.txt", "sub/c.md", "sub/deep/d.txt", ".hidden/e.txt", "sub/.f.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}")
    return root


def names(loader, root):
    return [os.path.relpath(layout.source, root) for layout in loader.load()]


def test_files_come_sorted_without_hidden_ones(folder):
    loader = DirectoryLoader(folder)
    assert names(loader, folder) == ["a.txt", "b.txt", "sub/c.md", "sub/deep/d.txt"]
    assert loader.skipped == []
    assert len(DirectoryLoader(folder, hidden=True).load()) == 6
    assert next(d.page_content for d in loader.load_documents()) == "text of a.txt"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"recursive": False}, ["a.txt", "b.txt"]),
        ({"glob": "*.md"}, ["sub/c.md"]),
        ({"glob": "sub/*.md"}, ["sub/c.md"]),
        ({"glob": "sub/**/*.txt"}, ["sub/deep/d.txt"]),
        ({"glob": ["*.md", "a.*"]}, ["a.txt", "sub/c.md"]),
        ({"glob": "[!a].txt"}, ["b.txt", "sub/deep/d.txt"]),
        ({"glob": "?.txt", "exclude": "sub/**"}, ["a.txt", "b.txt"]),
        ({"glob": "[[ab].txt"}, ["a.txt", "b.txt"]),
        ({"glob": "[&&||~~a].txt"}, ["a.txt"]),
        ({"exclude": ["b.txt", "*.md"]}, ["a.txt", "sub/deep/d.txt"]),
    ],
)
def test_patterns(folder, options, expected):
    assert names(DirectoryLoader(folder, **options), folder) == expected


def test_unsupported_files_are_reported(folder):
    (folder / "table.csv").write_text("1,2")
    loader = DirectoryLoader(folder)
    assert len(loader.load()) == 4
    (skipped,) = loader.skipped
    assert skipped.path.endswith("table.csv")
    assert isinstance(skipped.error, UnsupportedFileError)
    loader.load()
    assert len(loader.skipped) == 1


def test_own_loaders_by_suffix(folder):
    (folder / "table.CSV").write_text("1,2")
    loader = DirectoryLoader(folder, loaders={".csv": TextLoader}, glob="*.CSV")
    assert [d.page_content for d in loader.load_documents()] == ["1,2"]


def test_links_that_form_a_loop(folder):
    (folder / "sub" / "up").symlink_to(folder, target_is_directory=True)
    assert len(DirectoryLoader(folder).load()) == 4


def test_errors_stop_or_are_reported(folder, caplog):
    (folder / "aa.pdf").write_bytes(b"no pdf")
    with pytest.raises(CorruptFileError):
        DirectoryLoader(folder).load()
    loader = DirectoryLoader(folder, on_error="skip")
    with caplog.at_level(logging.WARNING):
        assert len(loader.load()) == 4
    assert "aa.pdf" in caplog.text
    (skipped,) = loader.skipped
    assert isinstance(skipped.error, CorruptFileError)


def test_bad_folders(tmp_path):
    with pytest.raises(MissingFileError, match="no folder"):
        DirectoryLoader(tmp_path / "gone").load()
    with pytest.raises(UnsupportedFileError, match=r"no file in it.*\.pdf"):
        DirectoryLoader(tmp_path).load()
    file = tmp_path / "a.csv"
    file.write_text("1")
    with pytest.raises(UnsupportedFileError, match="is a file"):
        DirectoryLoader(file).load()
    with pytest.raises(UnsupportedFileError, match="none of its 1 files"):
        DirectoryLoader(tmp_path).load()


@pytest.mark.parametrize(
    "options",
    [
        {"on_error": "ignore"},
        {"processes": 0},
        {"glob": ""},
        {"glob": "[z-a]*"},
        {"exclude": ["*.txt", "[!]"]},
        {"exclude": [3]},
        {"max_pages": 0},
        {"max_bytes": -1},
        {"max_seconds": 0},
        {"max_seconds": float("nan")},
        {"max_seconds": True},
        {"encoding": "klingon"},
        {"password": 7},
        {"loaders": {"csv": TextLoader}},
        {"loaders": {".csv": None}},
    ],
)
def test_options_that_cannot_work(options, tmp_path):
    with pytest.raises(InvalidInputError):
        DirectoryLoader(tmp_path, **options)


def test_unknown_options_are_errors(tmp_path):
    with pytest.raises(UnknownOptionError, match="Did you mean 'recursive'"):
        DirectoryLoader(tmp_path, recursiv=True)
    with pytest.raises(InvalidInputError, match="path"):
        DirectoryLoader("")


def test_progress_calls_a_function(folder):
    calls = []
    DirectoryLoader(folder, progress=lambda *call: calls.append(call)).load()
    assert [call[:2] for call in calls] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert calls[0][2].endswith("a.txt")


def test_progress_bar(folder, capsys):
    DirectoryLoader(folder, progress=True).load()
    assert "4/4" in capsys.readouterr().err
    DirectoryLoader(folder, progress=False).load()
    assert capsys.readouterr().err == ""


def test_processes_give_the_same(sample_data):
    alone = DirectoryLoader(sample_data, processes=1).load()
    together = DirectoryLoader(sample_data, processes=2).load()
    assert together == alone
    assert len(alone) == 5


def test_errors_come_back_from_processes(make_pdf):
    make_pdf("good.pdf", [[(50, 60, "fine")]])
    make_pdf("locked.pdf", [[(50, 60, "secret")]], password="x")
    loader = DirectoryLoader(make_pdf.folder, processes=2, on_error="skip")
    assert [layout.text for layout in loader.load()] == ["fine"]
    assert [type(s.error) for s in loader.skipped] == [EncryptedFileError]
    opened = DirectoryLoader(make_pdf.folder, processes=2, password="x")
    assert [layout.text for layout in opened.load()] == ["fine", "secret"]


@pytest.mark.parametrize("processes", [1, 2])
def test_limits_reach_the_readers(make_pdf, processes):
    make_pdf("a.pdf", [[(50, 60, "one")]])
    make_pdf("b.pdf", [[(50, 60, "one")], [(50, 60, "two")]])
    (make_pdf.folder / "c.txt").write_text("long " * 10_000)
    loader = DirectoryLoader(
        make_pdf.folder, processes=processes, max_pages=1, max_bytes=40_000, on_error="skip"
    )
    assert [layout.text for layout in loader.load()] == ["one"]
    assert [type(s.error) for s in loader.skipped] == [LimitExceededError] * 2
    loader = DirectoryLoader(make_pdf.folder, processes=processes, max_bytes=10, on_error="skip")
    assert loader.load() == []
    assert "max_bytes=10" in str(loader.skipped[0].error)


class OddLoader(TextLoader):
    """Raises what no reader should."""

    def lazy_load(self):
        raise KeyError("/Odd")


def test_what_no_reader_should_raise_costs_one_file(folder):
    (folder / "a.odd").write_text("1")
    with pytest.raises(LoadError, match=r"a\.odd.*KeyError") as caught:
        DirectoryLoader(folder, loaders={".odd": OddLoader}).load()
    assert isinstance(caught.value.__cause__, KeyError)
    loader = DirectoryLoader(folder, loaders={".odd": OddLoader}, on_error="skip")
    assert len(loader.load()) == 4
    assert [s.path for s in loader.skipped] == [str(folder / "a.odd")]


def test_a_reader_that_dies_costs_one_file(make_pdf):
    path = str(make_pdf("a.pdf", [[(50, 60, "fine")]]))
    worker = Worker()
    try:
        assert worker.read(path, {}).text == "fine"
        assert worker._process is not None
        worker._process.kill()  # as a segmentation fault would
        worker._process.wait()
        with pytest.raises(CorruptFileError, match="crash"):
            worker.read(path, {})
        assert isinstance(worker.read(path, {}), LayoutDocument)
        with pytest.raises(LoadError, match="unknown option"):
            worker.read(path, {"no_such_option": 1})
    finally:
        worker.close()
        worker.close()


def test_a_script_needs_no_main_guard(sample_data, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        from ragkit.loading import DirectoryLoader
        print("start")
        print(len(DirectoryLoader({str(sample_data)!r}, processes=2).load()))
        """)
    )
    command = [sys.executable, str(script)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["start", "5"]


def test_leaving_early_ends_the_workers(sample_data):
    layouts = DirectoryLoader(sample_data, glob="*.pdf", processes=2).lazy_load()
    assert next(layouts).source.endswith("form.pdf")
    layouts.close()


def test_the_worker_serves_until_its_input_ends(make_pdf):
    good = str(make_pdf("a.pdf", [[(50, 60, "fine")]]))
    layouts = serve_all(
        [(good, {}), (good + "x", {}), (good, {"nothing": 1}), (good, {"max_pages": 0})]
    )
    assert layouts[0][0] == good
    assert isinstance(layouts[1], MissingFileError)
    assert isinstance(layouts[2], LoadError)
    assert type(layouts[3]) is LoadError


def serve_all(requests):
    return [_reply(*request, {}, lambda number: None) for request in requests]


def test_many_bytes_are_read_in_processes(make_pdf):
    paths = [str(make_pdf(f"{n}.pdf", [[(50, 60, "fine")]])) for n in range(2)]
    assert process_count(None, paths) == 1
    for path in paths:
        with Path(path).open("ab") as file:
            file.write(b"%" * 3_000_000)
    assert process_count(None, paths) in (1, 2)  # 1: there is but one processor
    assert process_count(8, paths) == 2
    assert process_count(2, paths[:1]) == 1
    assert process_count(1, paths) == 0
    assert process_count(None, paths[:1]) == 1
    assert process_count(None, []) == 0
    assert usable_processors(make_pdf.folder / "no quota") == len(os.sched_getaffinity(0))


def test_a_containers_quota_limits_the_processes(tmp_path):
    quota = tmp_path / "cpu.max"
    quota.write_text("100000 100000\n")
    assert usable_processors(quota) == 1
    quota.write_text("1000 100000\n")
    assert usable_processors(quota) == 1


def test_a_frozen_program_does_not_start_itself_again(sample_data, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert len(DirectoryLoader(sample_data, processes=2).load()) == 5
