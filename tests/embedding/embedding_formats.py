"""The wire formats of embedding services, over an embedder that really embeds."""

from __future__ import annotations

import base64
import re

import numpy as np

__all__ = ["INFO", "reply_to"]

INFO = {
    "model_id": "sentence-transformers/all-MiniLM-L6-v2",
    "model_sha": "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    "model_dtype": "float32",
    "model_type": {"embedding": {"pooling": "mean"}},
    "max_concurrent_requests": 512,
    "max_input_length": 256,
    "max_batch_tokens": 16384,
    "max_client_batch_size": 8,
    "version": "1.8.2",
}


def reply_to(path, headers, body, embedder):
    """(status, reply) of the service whose path it is."""
    if path.endswith("/embeddings"):
        return 200, openai(body, embedder)
    if path.endswith("/v2/embed"):
        return cohere(body, embedder)
    if path.endswith("/api/embed"):
        return ollama(body, embedder)
    if path.endswith("/embed") or path == "/":
        return tei(body, embedder)
    if path.endswith("/invocations"):
        return sagemaker(headers.get("Content-Type"), body, embedder)
    if re.fullmatch("/model/.+/invoke", path):
        return bedrock(path, body, embedder)
    return 404, {"error": f"no such path: {path}"}


def openai(body, embedder):
    """Its vectors in reverse order."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    vectors = embedder.embed(texts)
    coded = body.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding",
            "index": n,
            "embedding": base64.b64encode(v.tobytes()).decode() if coded else v.tolist(),
        }
        for n, v in enumerate(vectors)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "data": data[::-1], "model": body["model"], "usage": usage}


def tei(body, embedder):
    inputs = body["inputs"]
    texts = [inputs] if isinstance(inputs, str) else inputs
    if len(texts) > INFO["max_client_batch_size"]:
        said = f"batch size {len(texts)} > maximum allowed batch size 8"
        return 413, {"error": said, "error_type": "Validation"}
    longest = max(embedder.count_tokens_batch(texts))
    if longest > INFO["max_input_length"] and not body.get("truncate"):
        said = f"`inputs` must have less than 256 tokens. Given: {longest}"
        return 413, {"error": said, "error_type": "Validation"}
    return 200, embedder.embed(texts).tolist()


def cohere(body, embedder):
    if len(body["texts"]) > 96:
        return 400, {"message": "invalid request: total number of texts must be at most 96"}
    vectors = embedder.embed([f"{body['input_type']}: {text}" for text in body["texts"]])
    meta = {"api_version": {"version": "2"}}
    return 200, {
        "id": "1",
        "embeddings": {"float": vectors.tolist()},
        "texts": body["texts"],
        "meta": meta,
        "response_type": "embeddings_by_type",
    }


def ollama(body, embedder):
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    if max(embedder.count_tokens_batch(texts)) > 256 and body.get("truncate") is False:
        return 400, {"error": "the input length exceeds the context length"}
    return 200, {"model": body["model"], "embeddings": embedder.embed(texts).tolist()}


def sagemaker(content_type, body, embedder):
    if content_type == "application/x-text":
        return 200, {"embedding": embedder.embed(body).tolist()}
    if "mode" in body:
        return 200, neighbours(body, embedder)
    match body:
        case {"text_inputs": texts}:
            return 200, {"embedding": embedder.embed(texts).tolist()}
        case {"inputs": texts}:
            return 200, embedder.embed(texts).tolist()
        case {"text": text}:
            return 200, {"outputs": embedder.embed([text])[0].tolist()}
        case {"input": _}:
            return 200, openai({"model": "m", **body}, embedder)
        case {"sentences": texts}:
            return 200, {"vectors": embedder.embed(texts).tolist()}
    return 400, {"error": "what is that?"}


def neighbours(body, embedder):
    trained = body["mode"] == "nn_train_data"
    corpus = ["a cute dog", "the annual report"] if trained else body["corpus"]
    scores = embedder.embed(body["queries"]) @ embedder.embed(corpus).T
    best = np.argsort(-scores)[:, : body["top_k"]]
    key, kind = ("id", str) if trained else ("corpus_id", int)
    return [
        [{key: kind(n), "score": float(row[n])} for n in order]
        for order, row in zip(best, scores, strict=True)
    ]


def bedrock(path, body, embedder):
    if "titan" in path:
        vector = embedder.embed([body["inputText"]])[0].tolist()
        return 200, {"embedding": vector, "inputTextTokenCount": 3}
    return cohere(body, embedder)
