"""Faults of a service in one of several requests: what is mended, what is said, what is kept."""

from __future__ import annotations

import asyncio
import json
import threading

import numpy as np
import pytest

from ragkit import OpenAIEmbedder, SageMakerEmbedder
from ragkit.errors import (
    EmbeddingError,
    EndpointConnectionError,
    EndpointError,
    EndpointReplyError,
    EndpointTimeoutError,
    PartialEmbeddingError,
)

pytestmark = pytest.mark.slow

TEXTS = [f"text {n}" for n in range(10)]
HIT = {4, 5}
"""Places of the texts whose request meets the fault."""


@pytest.fixture(params=["openai", "sagemaker"])
def kind(request):
    if request.param == "sagemaker":
        pytest.importorskip("boto3", reason="the extra aws is not installed")
    return request.param


@pytest.fixture(params=["sync", "async"])
def call(request):
    """Embeds in one of the two ways."""
    if request.param == "sync":
        return lambda embedder, texts: embedder.embed(texts)
    return lambda embedder, texts: asyncio.run(embedder.aembed(texts))


@pytest.fixture
def make(kind, service):
    """Makes an embedder that sends five requests for TEXTS, three at once."""
    made = []

    def one(**options):
        options = {"batch_size": 2, "concurrency": 3, "timeout": 2, **options}
        if kind == "openai":
            made.append(OpenAIEmbedder("m", url=service.url, encoding="float", **options))
        else:
            import boto3

            session = boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8", region_name="eu-west-1")
            options |= {"session": session, "endpoint_url": service.root}
            made.append(SageMakerEmbedder("e", **options))
        return made[-1]

    yield one
    for embedder in made:
        embedder.close()


def cut(handler):
    handler.close_connection = True
    handler.connection.shutdown(2)


def spoilt(change):
    """A reply as it should be, but for what `change` makes of its list of vectors."""

    def fault(status, headers, data):
        reply = json.loads(data)
        change(reply["data"] if "data" in reply else reply["embedding"])
        return status, headers, json.dumps(reply).encode()

    return fault


def with_nan(vectors):
    row = vectors[0]["embedding"] if isinstance(vectors[0], dict) else vectors[0]
    row[7] = float("nan")


@pytest.fixture
def faulty(service):
    """Lets the request that has text 4 meet a fault, so many times; the fault may be "hang"."""
    over = threading.Event()

    def hang(handler):
        over.wait(30)
        cut(handler)

    def arrange(fault, times=10**9):
        left = [times]
        embed = service.embed

        def sometimes(handler, body):
            texts = body if isinstance(body, list) else body["input"]
            if TEXTS[4] not in texts or left[0] == 0:
                return embed(handler, body)
            left[0] -= 1
            if fault == "hang":
                return hang
            passes = isinstance(fault, tuple) or fault is cut
            return fault if passes else fault(*embed(handler, body))

        service.embed = sometimes

    yield arrange
    over.set()


LATER = {
    "429": ((429, {"Retry-After": "0"}, b"{}"), EndpointError),
    "500": ((500, {}, b'{"error": "broken"}'), EndpointError),
    "hang": ("hang", EndpointTimeoutError),
    "cut": (cut, EndpointConnectionError),
}


@pytest.mark.parametrize("name", LATER)
def test_what_passes_is_mended(make, call, faulty, service, minilm, name):
    faulty(LATER[name][0], times=1)
    vectors = call(make(retries=1), TEXTS)
    np.testing.assert_allclose(vectors, minilm.embed(TEXTS), atol=1e-5)
    assert len(service.requests) == 6


@pytest.mark.parametrize("name", LATER)
def test_what_stays_is_said_and_the_others_kept(make, call, faulty, minilm, name):
    fault, kind_of_error = LATER[name]
    faulty(fault)
    with pytest.raises(PartialEmbeddingError) as caught:
        call(make(retries=1), TEXTS)
    failed = caught.value.failed
    assert failed.keys() >= HIT  # what had not begun fails with it
    assert all(isinstance(error, kind_of_error) for error in failed.values())
    kept = sorted(set(range(10)) - failed.keys())
    assert kept[:4] == [0, 1, 2, 3]
    wanted = minilm.embed([TEXTS[n] for n in kept])
    np.testing.assert_allclose(caught.value.vectors[kept], wanted, atol=1e-5)
    assert np.isnan(caught.value.vectors[sorted(failed)]).all()


@pytest.mark.parametrize(("change", "said"), [(list.pop, "for 2 texts"), (with_nan, "finite")])
def test_replies_that_are_no_vectors_cost_their_own_texts(
    make, call, faulty, service, minilm, change, said
):
    faulty(spoilt(change))
    with pytest.raises(PartialEmbeddingError, match=said) as caught:
        call(make(), TEXTS)
    assert caught.value.failed.keys() == HIT
    assert all(isinstance(error, EmbeddingError) for error in caught.value.failed.values())
    kept = [n for n in range(10) if n not in HIT]
    wanted = minilm.embed([TEXTS[n] for n in kept])
    np.testing.assert_allclose(caught.value.vectors[kept], wanted, atol=1e-5)
    assert len(service.requests) == 5  # such a reply is not asked for again


@pytest.mark.parametrize("kind", ["openai"], indirect=True)
def test_the_order_is_that_of_the_numbers(make, call, faulty, minilm):
    faulty(spoilt(list.reverse))  # the service's own order is reversed, too
    np.testing.assert_allclose(call(make(), TEXTS), minilm.embed(TEXTS), atol=1e-5)


@pytest.mark.parametrize("kind", ["openai"], indirect=True)
def test_numbers_that_tell_no_order_are_an_error(make, call, faulty):
    faulty(spoilt(lambda data: data[0].update(index=data[1]["index"])))
    with pytest.raises(PartialEmbeddingError) as caught:
        call(make(), TEXTS)
    assert caught.value.failed.keys() >= HIT
    assert isinstance(caught.value.failed[4], EndpointReplyError)
