"""Tiny models and a real endpoint on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from embedding_formats import INFO, reply_to
from safetensors.numpy import save_file
from tiny_bert import TINY, random_tensors, write_tokenizer

from ragkit import OnnxEmbedder


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    """Writes a tiny random model; options are entries of config.json."""

    def make(
        name: str = "tiny",
        *,
        files: dict[str, Any] | None = None,
        prefix: str = "",
        dtype: type = np.float32,
        drop: str | None = None,
        **config: Any,
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        settings = {**TINY, **config}
        tensors = {prefix + k: v.astype(dtype) for k, v in random_tensors(settings).items()}
        if drop is not None:
            del tensors[prefix + drop]
        save_file(tensors, folder / "model.safetensors")
        write_tokenizer(folder / "tokenizer.json")
        for path, content in {"config.json": settings, **(files or {})}.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(
                content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
            )
        return folder

    return make


@pytest.fixture(scope="session")
def minilm() -> OnnxEmbedder:
    """The model that ships."""
    return OnnxEmbedder()


class Service:
    """An HTTP service on this machine; `answers` are given first, one for each request.

    An answer is (status, headers, body) or a function of the handler. Without one, the
    service embeds with the shipped model.
    """

    def __init__(self, embedder: OnnxEmbedder) -> None:
        self.embedder = embedder
        self.answers: list[Any] = []
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                service.requests.append((self.path, dict(self.headers), body))
                answer = service.answers.pop(0) if service.answers else service.embed(self, body)
                self.finish_with(answer)

            def do_GET(self) -> None:
                service.requests.append((self.path, dict(self.headers), None))
                found = self.path.endswith("/info")
                answer = (200, INFO) if found else (404, {"error": "nothing there"})
                self.finish_with((answer[0], {}, json.dumps(answer[1]).encode()))

            def finish_with(self, answer: Any) -> None:
                if callable(answer):
                    answer(self)
                    return
                status, headers, data = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    @property
    def root(self) -> str:
        """The address without a path."""
        return self.url.removesuffix("/v1")

    def embed(self, handler: Any, body: Any) -> tuple[int, dict[str, str], bytes]:
        """What the service whose path was asked replies."""
        status, reply = reply_to(handler.path, handler.headers, body, self.embedder)
        kind = {"Content-Type": "application/json"}
        return status, kind, json.dumps(reply).encode()


@pytest.fixture
def service(minilm: OnnxEmbedder) -> Iterator[Service]:
    """A service that really embeds."""
    running = Service(minilm)
    thread = threading.Thread(target=running.server.serve_forever, args=(0.01,))
    thread.start()
    yield running
    running.server.shutdown()
    thread.join()
    running.server.server_close()
