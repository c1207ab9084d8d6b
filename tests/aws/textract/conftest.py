"""A Textract on the loopback interface, and documents for it."""

import pytest
from textract_answers import response


@pytest.fixture(scope="module")
def textract(ragkit_data):
    return ragkit_data / "textract"


@pytest.fixture(scope="module")
def one_page(textract):
    return response(textract / "responses" / "tx_run1_matrix.json.gz")


@pytest.fixture(scope="module")
def six_pages(textract):
    return response(textract / "derived" / "derived_multipage_6p.json.gz")


@pytest.fixture
def service(six_pages):
    from textract_service import textract_service

    with textract_service(six_pages["Blocks"], 6) as instance:
        yield instance


@pytest.fixture
def where(service, aws_session, monkeypatch):
    """The arguments that say where, and that nothing need take long."""
    from ragkit import _retrying

    monkeypatch.setattr(_retrying, "FIRST_PAUSE", 0.001)
    quick = {"interval": 0.01, "timeout": 10, "progress": False}
    return {"session": aws_session, "endpoint_url": service.url, **quick}


@pytest.fixture
def pdf(textract):
    return textract / "documents" / "textractor-multipage-doc.pdf"


@pytest.fixture
def image(textract):
    return textract / "documents" / "matrix.png"


@pytest.fixture
def one(service, one_page):
    """The service gives the answer for one page."""
    service.blocks, service.pages = one_page["Blocks"], 1
    return one_page
