"""What reading with pypdf does to the program's log: nothing."""

from __future__ import annotations

import logging
import threading

import pypdf
import pytest

from ragkit.loading import PDFLoader
from ragkit.loading._pypdf_log import quiet_pypdf


@pytest.fixture
def odd(make_pdf):
    """A PDF about which pypdf warns."""
    path = make_pdf("a.pdf", [[(50, 60, "fine")]])
    path.write_bytes(b"junk\n" + path.read_bytes())
    return path


def test_reading_logs_no_warning_and_leaves_the_logger_as_it_was(odd, caplog):
    logger = logging.getLogger("pypdf")
    level = logger.level
    with caplog.at_level(logging.DEBUG):
        assert PDFLoader(odd, engine="pypdf").load()[0].text == "fine"
        assert caplog.records == []
        with pypdf.PdfReader(odd) as reader:
            assert len(reader.pages) == 1
        assert caplog.records
    assert logger.level == level
    assert logger.filters == []
    assert logging.getLogger("pypdf._reader").filters == []


def test_other_threads_go_on_logging(odd, caplog):
    def read():
        with pypdf.PdfReader(odd) as reader:
            assert len(reader.pages) == 1

    with caplog.at_level(logging.WARNING), quiet_pypdf():
        read()
        assert caplog.records == []
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        assert caplog.records
