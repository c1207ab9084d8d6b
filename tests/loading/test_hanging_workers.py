"""Worker processes that do not answer any more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import zlib
from pathlib import Path

import pypdf
import pytest

from ragkit.errors import InvalidInputError, LimitExceededError
from ragkit.loading import DirectoryLoader
from ragkit.loading._worker import Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs SIGSTOP and /proc")


@pytest.fixture
def pdfs(make_pdf):
    for number in range(6):
        make_pdf(f"{number}.pdf", [[(50, 60, f"page {number}")]])
    return make_pdf.folder


def children(parent):
    """The ids of the processes that `parent` has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_a_file_on_which_the_reader_hangs_costs_one_file(pdfs):
    worker = Worker(max_seconds=1.0)
    path = str(pdfs / "1.pdf")
    try:
        assert worker.read(path, {}).text == "page 1"
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGSTOP)
        began = time.perf_counter()
        with pytest.raises(LimitExceededError, match="max_seconds=1"):
            worker.read(path, {})
        assert 0.9 < time.perf_counter() - began < 60
        worker._max_seconds = None
        assert worker.read(path, {}).text == "page 1"
    finally:
        worker.close()


def test_a_page_that_takes_too_long_costs_one_page(make_pdf):
    crowded = [(20 + n % 100 * 5.5, 20 + n // 100 * 2.5, f"w{n}") for n in range(30_000)]
    path = make_pdf("a.pdf", [[(50, 60, "one")], crowded, [(50, 60, "three")]])
    worker = Worker(max_page_seconds=0.2)
    try:
        pages = worker.read(str(path), {}).pages
    finally:
        worker.close()
    assert [page.text for page in pages] == ["one", "", "three"]
    assert pages[0].error is pages[2].error is None
    assert pages[1].error == "page 2 took longer than max_page_seconds=0.2 and was given up"
    with pytest.raises(LimitExceededError, match=r"max_seconds=0\.2"):
        Worker(max_seconds=0.2, max_page_seconds=60).read(str(path), {})
    with pytest.raises(InvalidInputError, match="max_page_seconds is 0"):
        DirectoryLoader(make_pdf.folder, max_page_seconds=0)


@pytest.mark.slow
def test_a_file_that_unpacks_to_too_much_costs_one_file(make_pdf):
    """A page whose text of 600 MB is packed to less than one."""
    good = make_pdf("a.pdf", [[(50, 60, "fine")]])
    packed = zlib.compress(b"BT /F1 12 Tf (" + b"word " * 120_000_000 + b") Tj ET", 9)
    writer = pypdf.PdfWriter(clone_from=good)
    stream = pypdf.generic.StreamObject()
    stream._data = packed
    stream[pypdf.generic.NameObject("/Filter")] = pypdf.generic.NameObject("/FlateDecode")
    writer.pages[0][pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    bomb = make_pdf.folder / "b.pdf"
    writer.write(bomb)
    assert bomb.stat().st_size < 2_000_000
    loader = DirectoryLoader(make_pdf.folder, processes=2, on_error="skip", max_memory=2**30)
    found = loader.load()
    assert "fine" in found[0].text
    left = [*(page.error for layout in found[1:] for page in layout.pages)]
    left += [skipped.error for skipped in loader.skipped]
    assert left
    assert all(left)
    with pytest.raises(InvalidInputError, match="max_memory is 3"):
        DirectoryLoader(make_pdf.folder, max_memory=3)


def test_the_limit_is_an_option_of_the_folder(pdfs):
    loader = DirectoryLoader(pdfs, processes=2, max_seconds=0.001, on_error="skip")
    assert loader.load() == []
    assert {type(s.error) for s in loader.skipped} == {LimitExceededError}
    assert len(DirectoryLoader(pdfs, processes=2, max_seconds=None).load()) == 6


def test_leaving_does_not_wait_for_a_hanging_worker(pdfs):
    before = set(children(os.getpid()))
    layouts = DirectoryLoader(pdfs, processes=2).lazy_load()
    next(layouts)
    workers = set(children(os.getpid())) - before
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    began = time.perf_counter()
    layouts.close()
    assert time.perf_counter() - began < 60
    assert not workers & set(children(os.getpid()))


@pytest.mark.parametrize("is_reading", [False, True])
def test_control_c_ends_a_hanging_program(pdfs, make_pdf, tmp_path, is_reading):
    for number in range(10, 40):  # so that the workers are not through when they are stopped
        make_pdf(f"{number}.pdf", [[(50, 60, "more")]] * 5)
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        from ragkit.loading import DirectoryLoader
        layouts = DirectoryLoader({str(pdfs)!r}, processes=2).lazy_load()
        print(next(layouts).text, flush=True)
        input()
        print(len(list(layouts)))
        """)
    )
    pipe = subprocess.PIPE
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as program:
        assert program.stdout.readline() == "page 0\n"
        workers = children(program.pid)
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        if is_reading:  # and no more of the workers' answers
            program.stdin.write("\n")
            program.stdin.flush()
        time.sleep(0.3)
        program.send_signal(signal.SIGINT)
        try:
            _, errors = program.communicate(timeout=60)
        finally:
            program.kill()
            for pid in children(program.pid):
                os.kill(pid, signal.SIGKILL)
    assert "KeyboardInterrupt" in errors
    for _ in range(300):  # a process that was killed takes a moment to be gone
        if not any(Path(f"/proc/{pid}").exists() for pid in workers):
            break
        time.sleep(0.1)
    else:
        pytest.fail("a worker is still there")
