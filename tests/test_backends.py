"""Backends named by one string."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit import load_embedder, load_llm
from ragkit.backends import BackendSpec, parse_spec
from ragkit.errors import InvalidInputError, UnknownOptionError, UnknownProviderError


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("minilm", ("minilm", None, None)),
        ("sentence-transformers:BAAI/bge-small-en-v1.5",
         ("sentence-transformers", "BAAI/bge-small-en-v1.5", None)),
        ("openai:llama-2@http://host/v1", ("openai", "llama-2", "http://host/v1")),
        ("tgi@http://host", ("tgi", None, "http://host")),
        ("tgi:@http://host", ("tgi", None, "http://host")),
        ("bedrock:amazon.titan-embed-text-v2:0", ("bedrock", "amazon.titan-embed-text-v2:0", None)),
        ("openai:a@b@https://h:1/v1", ("openai", "a@b", "https://h:1/v1")),
    ],
)  # fmt: skip
def test_the_grammar(spec, parts):
    assert parse_spec(spec) == BackendSpec(*parts)


@given(st.text())
def test_any_text_is_parsed_or_refused_with_an_error_of_ours(text):
    with contextlib.suppress(InvalidInputError):
        assert parse_spec(text).provider


@pytest.mark.parametrize("spec", ["", ":x", "Mini LM", "openai:", 7, None])
def test_what_is_no_spec_is_refused_with_the_form(spec):
    with pytest.raises(InvalidInputError, match=r"minilm|model"):
        parse_spec(spec)


def test_keys_are_never_part_of_the_string_and_never_shown():
    for secret in ("user:hunter2@host", "user:p@hunter2@host", "user:pa/hunter2@host"):
        with pytest.raises(InvalidInputError, match="api_key") as caught:
            load_llm(f"openai:m@http://{secret}/v1")
        assert "hunter2" not in str(caught.value)
    for spec in ("minilm@http://h/v1?key=hunter2", "Bad@http://h/hunter2", "no@http://h/hunter2"):
        with pytest.raises(InvalidInputError) as refused:
            load_embedder(spec)
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    ["localhost:8000/v1", "localhost", "htp://host/v1", "http:/host/v1", "host:8000", "[::1]:80/v1",
     "127.0.0.1:8000/v1", "my.host/v1"],
)  # fmt: skip
def test_an_address_with_a_slip_is_not_sent_elsewhere(address):
    with pytest.raises(InvalidInputError, match="does not begin with http"):
        load_llm(f"openai:llama-2@{address}")


def test_the_scheme_may_be_in_capitals():
    assert parse_spec("openai:m@HTTP://host/v1").url == "HTTP://host/v1"


def test_an_unknown_provider_lists_what_there_is():
    with pytest.raises(UnknownProviderError, match="'minilm', 'onnx:FOLDER'"):
        load_embedder("word2vec")
    with pytest.raises(UnknownProviderError, match="'extractive'"):
        load_llm("gpt5")


def test_parts_that_are_missing_or_unused_are_named():
    with pytest.raises(InvalidInputError, match="names no model"):
        load_embedder("onnx")
    with pytest.raises(InvalidInputError, match="takes no model"):
        load_llm("extractive:large")
    with pytest.raises(InvalidInputError, match="takes no url"):
        load_embedder("minilm@http://host")


def test_options_reach_the_class_and_unknown_ones_are_errors():
    assert load_llm("openai:m@http://127.0.0.1:9/v1", timeout=3.0)
    with pytest.raises(UnknownOptionError, match=r"Did you mean 'timeout'"):
        load_llm("openai:m@http://127.0.0.1:9/v1", timeoutt=3.0)
    with pytest.raises(InvalidInputError, match="twice"):
        load_llm("openai:m@http://127.0.0.1:9/v1", model="n")
