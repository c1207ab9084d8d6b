"""Embedders behind endpoints, each against a service on this machine that embeds with MiniLM."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import numpy as np
import pytest

import ragkit
from ragkit import (
    BedrockEmbedder,
    CohereEmbedder,
    OllamaEmbedder,
    OpenAIEmbedder,
    SageMakerEmbedder,
    TEIEmbedder,
)
from ragkit.embedding.conformance import EmbedderConformance
from ragkit.errors import (
    EmbeddingError,
    EndpointError,
    EndpointReplyError,
    InvalidInputError,
    PartialEmbeddingError,
)


def aws(service, **options):
    boto3 = pytest.importorskip("boto3", reason="the extra aws is not installed")
    session = boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8", region_name="eu-central-1")
    return {"session": session, "endpoint_url": service.root, **options}


MAKERS = {
    "openai": lambda s, **o: OpenAIEmbedder("m", url=s.url, **o),
    "openai-float": lambda s, **o: OpenAIEmbedder("m", url=s.url, encoding="float", **o),
    "tei": lambda s, **o: TEIEmbedder(s.root, **o),
    "tei-truncate": lambda s, **o: TEIEmbedder(s.root, truncate=True, **o),
    "ollama": lambda s, **o: OllamaEmbedder("m", url=s.root, **o),
    "cohere": lambda s, **o: CohereEmbedder("m", url=s.root, api_key="sk-secret", **o),
    "bedrock-titan": lambda s, **o: BedrockEmbedder("amazon.titan-embed-text-v2:0", **aws(s, **o)),
    "bedrock-cohere": lambda s, **o: BedrockEmbedder("cohere.embed-v4:0", **aws(s, **o)),
    **{
        f"sagemaker-{body}": lambda s, body=body, **o: SageMakerEmbedder(
            "e", body=body, **aws(s, **o)
        )
        for body in ("jumpstart", "text_inputs", "inputs", "text", "openai")
    },
    "sagemaker-keys": lambda s, **o: SageMakerEmbedder(
        "e", keys=("sentences", "vectors"), **aws(s, **o)
    ),
    "sagemaker-functions": lambda s, **o: SageMakerEmbedder(
        "e",
        request=lambda texts: {"sentences": texts},
        response=lambda data: json.loads(data)["vectors"],
        **aws(s, **o),
    ),
}
TELLS_QUERIES_APART = ("cohere", "bedrock-cohere")


@pytest.fixture
def make(service):
    """Makes an embedder by its name in MAKERS; it is closed at the end."""
    made = []

    def one(name, **options):
        made.append(MAKERS[name](service, **options))
        return made[-1]

    yield one
    for embedder in made:
        embedder.close()


@pytest.mark.slow
class TestConformance(EmbedderConformance):
    @pytest.fixture(params=MAKERS)
    def embedder(self, request, make):
        return make(request.param)

    def test_query(self, embedder):
        if not isinstance(embedder, CohereEmbedder) and "cohere" not in repr(embedder):
            super().test_query(embedder)


@pytest.mark.parametrize("name", MAKERS)
def test_vectors_are_those_of_the_model(make, minilm, name):
    texts = [f"text {n} – Zürich" for n in range(5)]
    prefix = "search_document: " if name in TELLS_QUERIES_APART else ""
    wanted = minilm.embed([prefix + text for text in texts])
    np.testing.assert_allclose(make(name).embed(texts), wanted, atol=1e-5)


@pytest.mark.parametrize("name", MAKERS)
def test_faults_are_ragkits_errors(make, service, name):
    embedder = make(name, retries=1)
    embedder.embed(["so that everything is known"])
    service.answers = [(429, {"Retry-After": "0"}, b"{}")]
    assert embedder.embed(["a"]).shape == (1, 384)
    for answer, error in [
        ((200, {}, b"<html>maintenance</html>"), (EndpointReplyError, EmbeddingError)),
        ((200, {}, b"3"), (EndpointReplyError, EmbeddingError)),
        ((403, {}, b'{"message": "no"}'), EndpointError),
    ]:
        service.answers = [answer]
        with pytest.raises(error):
            embedder.embed(["a"])


@pytest.mark.parametrize("name", TELLS_QUERIES_APART)
def test_queries_are_embedded_as_queries(make, minilm, name):
    embedder = make(name)
    wanted = minilm.embed(["search_query: a dog", "search_query: a cat"])
    np.testing.assert_allclose(embedder.embed_query("a dog"), wanted[0], atol=1e-5)
    np.testing.assert_allclose(embedder.embed_queries(["a dog", "a cat"]), wanted, atol=1e-5)
    both = asyncio.run(embedder.aembed_queries(["a dog", "a cat"]))
    np.testing.assert_allclose(both, wanted, atol=1e-5)


def test_tei_tells_its_model_and_its_limits(make, service):
    embedder = make("tei")
    assert repr(embedder) == f"TEIEmbedder(url={service.root!r})"
    embedder.embed([f"text {n}" for n in range(20)])
    assert [path for path, *_ in service.requests].count("/info") == 1
    assert sorted(len(body["inputs"]) for _, _, body in service.requests if body) == [4, 8, 8]
    assert embedder.max_tokens == 256
    fingerprint = embedder.fingerprint
    assert fingerprint.name == "sentence-transformers/all-MiniLM-L6-v2"
    assert fingerprint.revision == "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"


@pytest.mark.parametrize("name", ["tei", "ollama"])
def test_a_text_that_would_be_cut_is_named_and_the_others_kept(make, minilm, name):
    texts = ["short", "word " * 400, "also short"]
    with pytest.raises(PartialEmbeddingError, match=r"1 of 3 texts .* \(numbers 1\)") as caught:
        make(name, batch_size=1).embed(texts)
    assert list(caught.value.failed) == [1]
    assert isinstance(caught.value.failed[1], EndpointError)
    np.testing.assert_allclose(caught.value.vectors[0], minilm.embed_query("short"), atol=1e-5)
    assert np.isnan(caught.value.vectors[1]).all()


def test_a_long_text_among_others_costs_no_other(make):
    """The service refuses the batch; halving it finds the one that is too long."""
    with pytest.raises(PartialEmbeddingError) as caught:
        make("tei").embed(["a", "b", "word " * 400, "c", "d"])
    assert list(caught.value.failed) == [2]
    assert np.isfinite(np.delete(caught.value.vectors, 2, axis=0)).all()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_tei_cuts_what_it_may_and_counts_it(make, minilm, asynchronous):
    embedder = make("tei-truncate")
    texts = ["a", "word " * 400, "c", "d", "term " * 300]
    vectors = asyncio.run(embedder.aembed(texts)) if asynchronous else embedder.embed(texts)
    np.testing.assert_allclose(vectors, minilm.embed(texts), atol=1e-5)
    assert embedder.truncated == 2
    embedder.embed_query("word " * 400)
    assert embedder.truncated == 3


def test_what_tei_refuses_although_it_may_cut_is_not_counted(make, service):
    embedder = make("tei-truncate")
    service.answers = [(413, {}, b"length limit exceeded")] * 2
    with pytest.raises(EndpointError, match="413"):
        embedder.embed(["a"])
    assert embedder.truncated == 0


def test_too_large_a_request_is_halved(make, service, minilm):
    texts = [f"text {n}" for n in range(8)]
    service.answers = [(413, {}, b"too large")] * 3
    vectors = make("openai").embed(texts)
    np.testing.assert_allclose(vectors, minilm.embed(texts), atol=1e-5)
    assert [len(body["input"]) for *_, body in service.requests] == [8, 4, 2, 1, 1, 2, 4]


def test_requests_keep_below_the_limit_of_bytes(service, make):
    from ragkit.embedding._requests import Limits, cut

    assert cut(["é" * 100] * 5, Limits(10, size=500)) == [range(2), range(2, 4), range(4, 5)]
    assert cut(["x" * 900, "y"], Limits(10, size=500)) == [range(1), range(1, 2)]
    assert cut(["x" * 300] * 3, Limits(10, tokens=210)) == [range(2), range(2, 3)]
    assert cut([], Limits(10)) == []


class Slow:
    """Answers after a while; remembers how many were answered at once."""

    def __init__(self, service, seconds):
        self.now = self.most = 0
        self._lock = threading.Lock()
        embed = service.embed

        def slowly(handler, body):
            with self._lock:
                self.now += 1
                self.most = max(self.most, self.now)
            time.sleep(seconds)
            with self._lock:
                self.now -= 1
            return embed(handler, body)

        service.embed = slowly


@pytest.mark.parametrize("asynchronous", [False, True])
def test_so_many_requests_are_under_way_together_and_no_more(service, make, minilm, asynchronous):
    slow = Slow(service, 0.05)
    embedder = make("openai", batch_size=1, concurrency=4)
    texts = [f"text {n}" for n in range(12)]
    vectors = asyncio.run(embedder.aembed(texts)) if asynchronous else embedder.embed(texts)
    assert slow.most == 4
    np.testing.assert_allclose(vectors, minilm.embed(texts), atol=1e-5)
    assert [thread for thread in threading.enumerate() if "ragkit" in thread.name] == []


def test_an_error_of_the_account_stops_what_has_not_begun(service, make):
    embedder = make("openai", batch_size=1, concurrency=1)
    good = service.embed
    calls = []

    def once(handler, body):
        calls.append(body)
        return good(handler, body) if len(calls) == 1 else (401, {}, b"no")

    service.embed = once
    with pytest.raises(PartialEmbeddingError, match="9 of 10 texts") as caught:
        embedder.embed([f"text {n}" for n in range(10)])
    assert len(calls) == 2
    assert np.isfinite(caught.value.vectors[0]).all()


def test_a_cancelled_task_cancels_its_requests(service, make):
    Slow(service, 0.3)
    embedder = make("openai", batch_size=1, concurrency=2)

    async def soon():
        task = asyncio.create_task(embedder.aembed(["a", "b", "c", "d"]))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(soon())
    time.sleep(0.5)
    assert len(service.requests) == 2


def test_sagemaker_finds_neighbours_itself(make, service):
    embedder = make("sagemaker-jumpstart")
    corpus = ["SageMaker trains models.", "Dogs sleep a lot.", "Reports are annual."]
    (found,) = embedder.nearest(["What do dogs do?"], corpus, top_k=2)
    assert found[0]["corpus_id"] == 1
    assert found[0]["score"] > found[1]["score"]
    _, _, body = service.requests[-1]
    assert (body["mode"], body["top_k"], body["corpus"]) == ("nn_corpus", 2, corpus)
    assert embedder.nearest_trained(["a small dog"]) == [
        [{"id": "0", "score": pytest.approx(0.8, abs=0.2)}]
    ]
    service.answers = [(200, {}, b'[[{"corpus_id": 1}]]')]
    with pytest.raises(EndpointReplyError, match="'score'"):
        embedder.nearest(["q"], corpus)


def test_sagemakers_payload_stays_below_its_limit(make, service):
    service.answers = [
        (200, {}, json.dumps({"embedding": [[1.0, 0.0]] * count}).encode()) for count in (5, 2)
    ]
    make("sagemaker-jumpstart", batch_size=100, concurrency=1).embed(["x" * 900_000] * 7)
    assert [len(body) for *_, body in service.requests] == [5, 2]


def test_functions_that_go_wrong_are_said_to_be(service):
    broken = SageMakerEmbedder("e", response=lambda data: data["vectors"], **aws(service))
    with pytest.raises(EmbeddingError, match=r"given as response= raised TypeError"):
        broken.embed(["a"])
    broken.close()
    with pytest.raises(InvalidInputError, match="request is 3"):
        SageMakerEmbedder("e", request=3, **aws(service))
    with pytest.raises(InvalidInputError, match="keys="):
        SageMakerEmbedder("e", keys=("a", "b"), request=list, **aws(service))


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("tei:@http://localhost:1", TEIEmbedder),
        ("ollama:nomic-embed-text", OllamaEmbedder),
        ("cohere:embed-v4.0@http://localhost:1", CohereEmbedder),
    ],
)
def test_by_one_string(spec, kind):
    assert isinstance(ragkit.load_embedder(spec), kind)


def test_amazons_by_one_string(service):
    options = aws(service)
    assert isinstance(ragkit.load_embedder("sagemaker:bge", **options), SageMakerEmbedder)
    titan = ragkit.load_embedder("bedrock:amazon.titan-embed-text-v1", **options)
    assert repr(titan) == "BedrockEmbedder('amazon.titan-embed-text-v1', region='eu-central-1')"
    with pytest.raises(InvalidInputError, match="pass family="):
        ragkit.load_embedder("bedrock:arn:aws:bedrock:x", **options)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("cohere", {"batch_size": 97}, "batch_size is 97"),
        ("cohere", {"truncate": "end"}, "truncate is 'end'"),
        ("openai", {"batch_size": 2049}, "batch_size is 2049"),
        ("openai", {"encoding": "hex"}, "encoding is 'hex'"),
        ("openai", {"concurrency": 0}, "concurrency is 0"),
        ("openai", {"normalize": "yes"}, "normalize is 'yes'"),
        ("tei", {"truncate": 1}, "truncate is 1"),
        ("sagemaker-inputs", {"model": ""}, "model is ''"),
    ],
)
def test_arguments_that_can_not_work(make, name, options, said):
    with pytest.raises(InvalidInputError, match=said):
        make(name, **options)


@pytest.mark.parametrize("name", ["openai", "cohere"])
def test_a_service_that_repeats_the_key_brings_it_into_no_error(make, service, name):
    embedder = make(name, **({"api_key": "sk-secret"} if name == "openai" else {}))
    for reply in ({"you": "sent sk-secret"}, {"embeddings": "sk-secret"}, ["sk-secret"]):
        service.answers = [(200, {}, json.dumps(reply).encode())]
        with pytest.raises((EndpointReplyError, EmbeddingError)) as caught:
            embedder.embed(["a"])
        assert "sk-secret" not in str(caught.value)


def test_a_request_function_that_raises_is_said_to(service):
    broken = SageMakerEmbedder("e", request=lambda texts: texts["x"], **aws(service))
    with pytest.raises(EmbeddingError, match="given as request= raised TypeError"):
        broken.embed(["a"])
    with pytest.raises(EmbeddingError, match="given as request= raised TypeError"):
        asyncio.run(broken.aembed(["a"]))
    broken.close()


def refusing(service, too_long):
    """The service refuses a whole request with status 400 for one text that is too long."""
    embed = service.embed

    def strict(handler, body):
        if any(too_long(text) for text in body["input"]):
            return 400, {}, b'{"error": {"message": "maximum context length"}}'
        return embed(handler, body)

    service.embed = strict


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_text_refused_as_a_bad_request_costs_no_other(make, service, minilm, asynchronous):
    refusing(service, lambda text: len(text) > 20)
    texts = ["a", "b", "word " * 9, "c", "d", "e", "word " * 8, "f"]
    embedder = make("openai")
    with pytest.raises(PartialEmbeddingError, match=r"numbers 2, 6") as caught:
        asyncio.run(embedder.aembed(texts)) if asynchronous else embedder.embed(texts)
    kept = [0, 1, 3, 4, 5, 7]
    wanted = minilm.embed([texts[n] for n in kept])
    np.testing.assert_allclose(caught.value.vectors[kept], wanted, atol=1e-5)


def test_a_request_that_is_bad_itself_is_not_made_for_each_text(make, service):
    refusing(service, lambda _text: True)
    with pytest.raises(EndpointError, match="400"):
        make("openai").embed([f"text {n}" for n in range(1000)])
    assert len(service.requests) < 200


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("cohere", "sk-secret"),
        ("sagemaker-text_inputs", "secret-key-8"),
        ("sagemaker-openai", "secret-key-8"),
        ("bedrock-titan", "secret-key-8"),
    ],
)
def test_a_key_that_a_reply_repeats_is_not_shown(make, service, name, secret):
    for before in (0, 180):  # the message is cut after 200 characters
        service.answers = [(200, {}, json.dumps({"said": "x" * before + secret}).encode())]
        with pytest.raises(EndpointReplyError) as caught:
            make(name).embed(["a"])
        assert secret[:8] not in str(caught.value)
