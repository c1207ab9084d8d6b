"""Backends by one string: ``load_embedder("minilm")``, ``load_llm("openai:llama-2@http://host/v1")``.

A service swaps local for remote in its configuration; the classes behind the strings are public
and take explicit arguments. Keys are never part of the string: pass them as an option, or let
the class read its own environment variable.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ragkit._checks import reject_unknown
from ragkit.errors import InvalidInputError, UnknownProviderError

if TYPE_CHECKING:
    from ragkit.protocols import LLM, Embedder

__all__ = ["BackendSpec", "load_embedder", "load_llm", "parse_spec"]

_URL = re.compile(r"@(?=https?://)", re.IGNORECASE)
# What is meant as a URL but is none: it would be taken for the model's name, and the provider's
# default service be asked instead of the user's own.
_NEARLY_URL = re.compile(r"@\w*:/|@localhost\b|@\[|@[\w.-]+:\d+(?:/|\Z)|@[\w-]+(?:\.[\w-]+)+/")
_PROVIDER = re.compile(r"[a-z][a-z0-9_-]*\Z")


@dataclass(frozen=True, slots=True)
class BackendSpec:
    """The parts of ``provider[:model][@http(s)://…]``; a part that is absent is None."""

    provider: str
    model: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class _Backend:
    """Where a provider's class is, and which of its arguments the string's parts fill.

    `needs` lists the parts that have to be there; a part with no argument must be absent.
    """

    home: str
    name: str
    model: str | None = None
    url: str | None = None
    needs: tuple[str, ...] = ()
    example: str = ""


_EMBEDDERS = {
    "minilm": _Backend("ragkit.embedding", "OnnxEmbedder", example="minilm"),
    "onnx": _Backend("ragkit.embedding", "OnnxEmbedder", "folder", None, ("model",), "onnx:FOLDER"),
    "openvino": _Backend(
        "ragkit.embedding", "OpenVINOEmbedder", "folder", None, (), "openvino:FOLDER"
    ),
    "sentence-transformers": _Backend(
        "ragkit.embedding",
        "SentenceTransformerEmbedder",
        "model",
        None,
        ("model",),
        "sentence-transformers:MODEL",
    ),
    "openai": _Backend(
        "ragkit.embedding",
        "OpenAIEmbedder",
        "model",
        "url",
        ("model",),
        "openai:MODEL@http://HOST/v1",
    ),
    "tei": _Backend("ragkit.embedding", "TEIEmbedder", None, "url", ("url",), "tei:@http://HOST"),
    "ollama": _Backend(
        "ragkit.embedding", "OllamaEmbedder", "model", "url", ("model",), "ollama:MODEL"
    ),
    "cohere": _Backend(
        "ragkit.embedding", "CohereEmbedder", "model", "url", ("model",), "cohere:MODEL"
    ),
    "sagemaker": _Backend(
        "ragkit.embedding",
        "SageMakerEmbedder",
        "endpoint_name",
        None,
        ("model",),
        "sagemaker:ENDPOINT",
    ),
    "bedrock": _Backend(
        "ragkit.embedding", "BedrockEmbedder", "model_id", None, ("model",), "bedrock:MODEL_ID"
    ),
}
_LLMS = {
    "extractive": _Backend("ragkit.llms", "ExtractiveLLM", example="extractive"),
    "openai": _Backend(
        "ragkit.llms", "OpenAILLM", "model", "url", ("model",), "openai:MODEL@http://HOST/v1"
    ),
    "transformers": _Backend(
        "ragkit.llms", "TransformersLLM", "model", None, ("model",), "transformers:MODEL"
    ),
    "bedrock": _Backend(
        "ragkit.llms", "BedrockLLM", "model_id", None, ("model",), "bedrock:MODEL_ID"
    ),
    "sagemaker": _Backend(
        "ragkit.llms", "SageMakerLLM", "endpoint_name", None, ("model",), "sagemaker:ENDPOINT"
    ),
    "tgi": _Backend("ragkit.llms", "TGILLM", None, "url", ("url",), "tgi:@http://HOST"),
}


def parse_spec(spec: str) -> BackendSpec:
    """The parts of a backend string.

    The first ``:`` ends the provider; only an ``@`` right before ``http://`` or ``https://``
    starts a URL, so that model names may hold both characters.

    Raises:
        InvalidInputError: If the string is not of that form, or has credentials in its URL.

    Example:
        >>> parse_spec("openai:meta/llama:7b@v2@http://host:8000/v1")
        BackendSpec(provider='openai', model='meta/llama:7b@v2', url='http://host:8000/v1')
    """
    if not isinstance(spec, str):
        raise InvalidInputError(
            f"A backend is named by a string such as 'minilm' or 'openai:MODEL@http://HOST/v1', "
            f"not by {type(spec).__name__} {spec!r}."
        )
    name, *rest = _URL.split(spec, maxsplit=1)
    provider, colon, model = name.partition(":")
    if not _PROVIDER.match(provider):
        raise InvalidInputError(
            f"{_without_secrets(spec)!r} does not begin with a provider's name (small letters); "
            f"the form is provider[:model][@http(s)://…], for example 'minilm' or "
            f"'openai:MODEL@http://HOST/v1'."
        )
    if _NEARLY_URL.search(name):
        raise InvalidInputError(
            f"{_without_secrets(spec)!r} has an address after '@' that does not begin with "
            f"http:// or https://; write it like 'openai:MODEL@http://HOST/v1'."
        )
    if colon and not model and not rest:
        raise InvalidInputError(
            f"{_without_secrets(spec)!r} has nothing between ':' and its end; name the model."
        )
    url = rest[0] if rest else None
    if url is not None and "@" in url:
        raise InvalidInputError(
            f"{_without_secrets(spec)!r} has an '@' in its URL; keys are never part of the "
            f"string: pass api_key=… instead."
        )
    return BackendSpec(provider, model or None, url)


def _without_secrets(spec: str) -> str:
    """The string as it may be shown: nothing of what follows ``://``, which may hold a key."""
    return re.sub(r"://.*", "://…", spec, flags=re.DOTALL)


def load_embedder(
    spec: str, *, cache: str | os.PathLike[str] | None = None, **options: Any
) -> Embedder:
    """The embedder of ``provider[:model][@http(s)://…]``.

    ``minilm`` is the model that ships with ragkit; ``onnx:FOLDER`` a BERT-family model in a
    local folder; ``openai:MODEL@URL`` any OpenAI-compatible endpoint; ``tei:@URL`` Text Embeddings
    Inference; ``ollama:MODEL``, ``cohere:MODEL``, ``sagemaker:ENDPOINT``, ``bedrock:MODEL_ID``.

    Args:
        spec: The string.
        cache: A file in which vectors are kept, so that no text is embedded twice: see
            `ragkit.embedding.CachedEmbedder`.
        **options: Arguments of the class behind it.

    Raises:
        UnknownProviderError: If nobody serves the provider; the message lists who does.
        InvalidInputError: If a part is missing or not used by the provider.
        UnknownOptionError: If the class has no such argument.
        MissingExtraError: If the provider needs a package that is not installed.

    Example:
        >>> load_embedder("minilm").embed(["a cute dog"]).shape
        (1, 384)
    """
    embedder = cast("Embedder", _load(spec, _EMBEDDERS, "embedder", options, {"cache"}))
    if cache is None:
        return embedder
    from ragkit.embedding import CachedEmbedder

    return CachedEmbedder(embedder, cache)


def load_llm(spec: str, **options: Any) -> LLM:
    """The language model of ``provider[:model][@http(s)://…]``.

    ``extractive`` answers without a model, by quoting; ``openai:MODEL@URL`` is any
    OpenAI-compatible endpoint (vLLM, llama.cpp, Ollama, TGI, OpenAI); ``tgi:@URL`` TGI's own API;
    ``bedrock:MODEL_ID`` and ``sagemaker:ENDPOINT`` are Amazon's (with ``region=`` and the like).
    ``transformers:MODEL`` is a folder or a hub's id, loaded into this process.

    Args:
        spec: The string.
        **options: Arguments of the class behind it.

    Raises:
        UnknownProviderError: If nobody serves the provider; the message lists who does.
        InvalidInputError: If a part is missing or not used by the provider.
        UnknownOptionError: If the class has no such argument.
        MissingExtraError: If the provider needs a package that is not installed.
    """
    return cast("LLM", _load(spec, _LLMS, "LLM", options))


def _load(
    spec: str,
    table: Mapping[str, _Backend],
    kind: str,
    options: dict[str, Any],
    others: Collection[str] = (),
) -> object:
    parts, shown = parse_spec(spec), _without_secrets(spec)
    backend = table.get(parts.provider)
    if backend is None:
        known = ", ".join(repr(b.example) for b in table.values())
        raise UnknownProviderError(
            f"No {kind} provider is called {parts.provider!r} (in {shown!r}). There are: {known}."
        )
    arguments = _arguments(spec, parts, backend)
    cls = getattr(importlib.import_module(backend.home), backend.name)
    valid = {*_parameters(cls), *others} - {"self"}
    reject_unknown(f"{shown!r} ({backend.name})", options, valid)
    twice = sorted(set(options) & set(arguments))
    if twice:
        raise InvalidInputError(f"{twice[0]} is given twice: in {shown!r} and as an option.")
    return cls(**arguments, **options)


def _parameters(cls: type) -> list[str]:
    import inspect

    return list(inspect.signature(cls).parameters)


def _arguments(spec: str, parts: BackendSpec, backend: _Backend) -> dict[str, str]:
    """The constructor's arguments that the string's parts fill."""
    arguments = {}
    for part in ("model", "url"):
        value, argument = getattr(parts, part), getattr(backend, part)
        if value is not None and argument is None:
            raise InvalidInputError(
                f"{parts.provider!r} takes no {part}, but {_without_secrets(spec)!r} names one; "
                f"write {backend.example!r}."
            )
        if value is None and part in backend.needs:
            raise InvalidInputError(
                f"{_without_secrets(spec)!r} names no {part}; write {backend.example!r}."
            )
        if value is not None:
            arguments[argument] = value
    return arguments
