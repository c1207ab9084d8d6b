"""Requests to an endpoint several at once against one after another.

    pip install ".[aws]"
    python benchmarks/embedding_endpoint.py [--texts 2000] [--batch 32] [--repeats 5]

The server, a process of its own on the loopback interface, waits `--latency` milliseconds and
sends constant vectors of 384 numbers, encoded before. LangChain's SagemakerEndpointEmbeddings (the
package langchain-aws) sends batches one after another through boto3, as
`SageMakerEmbedder(concurrency=1)` does here in its place. All ways take turns. Prints Markdown.
"""

from __future__ import annotations

import argparse
import base64
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

import boto3
import numpy as np
from counts import at_least

from ragkit import OpenAIEmbedder, SageMakerEmbedder

DIMENSION = 384
VECTOR = base64.b64encode(np.full(DIMENSION, 0.05, "<f4").tobytes()).decode()
NUMBERS = str([0.05] * DIMENSION)
Embedders = dict[str, OpenAIEmbedder | SageMakerEmbedder]


def main() -> None:
    arguments = parsed()
    texts = [f"text number {n}" for n in range(arguments.texts)]
    with serving(arguments.latency / 1000) as address:
        ways = embedders(address, arguments.batch)
        seconds = timed(ways, texts, arguments.repeats)
    print(
        f"{len(texts):,} texts, {arguments.batch} a request, {arguments.latency} ms latency, "
        f"median of {arguments.repeats}\n"
    )
    print("| what | seconds | texts/s | times as fast as one at a time |")
    print("|---|---|---|---|")
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    for way, one in medians.items():
        base = medians[way.partition(",")[0] + ", one at a time"]
        print(f"| {way} | {one:.2f} | {len(texts) / one:.0f} | {base / one:.1f} |")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=at_least(1), default=2000)
    parser.add_argument("--batch", type=at_least(1), default=32)
    parser.add_argument("--latency", type=at_least(0), default=50, help="milliseconds")
    parser.add_argument("--repeats", type=at_least(1), default=5)
    return parser.parse_args()


def embedders(address: str, batch: int) -> Embedders:
    session = boto3.Session("AKIAABCDEFGHIJKLMNOP", "secret-key-8", region_name="eu-central-1")
    found: Embedders = {}
    for name, concurrency in (("one at a time", 1), ("8 at once", 8)):
        found[f"OpenAIEmbedder, {name}"] = OpenAIEmbedder(
            "m", url=f"{address}/v1", batch_size=batch, concurrency=concurrency
        )
        found[f"SageMakerEmbedder, {name}"] = SageMakerEmbedder(
            "e",
            batch_size=batch,
            concurrency=concurrency,
            session=session,
            endpoint_url=address,
        )
    return found


def timed(ways: Embedders, texts: list[str], repeats: int) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for embedder in ways.values():
        embedder.embed(texts[:1])  # connections and boto3's descriptions of services
    for _ in range(repeats):
        for way, embedder in ways.items():
            start = time.perf_counter()
            embedder.embed(texts)
            seconds[way].append(time.perf_counter() - start)
    for embedder in ways.values():
        embedder.close()
    return seconds


@contextmanager
def serving(latency: float) -> Iterator[str]:
    """The server's address, while the block runs."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=serve, args=(there, latency), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.kill()
        process.join()


def serve(parent: Connection, latency: float) -> None:
    Handler.latency = latency
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    parent.send(server.server_port)
    server.serve_forever()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet
    latency = 0.0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.latency)
        make = sagemaker if self.path.endswith("/invocations") else openai
        reply = make(body.count(b"text number "))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@cache
def openai(count: int) -> bytes:
    items = [f'{{"index": {n}, "embedding": "{VECTOR}"}}' for n in range(count)]
    return f'{{"data": [{", ".join(items)}]}}'.encode()


@cache
def sagemaker(count: int) -> bytes:
    return f'{{"embedding": [{", ".join([NUMBERS] * count)}]}}'.encode()


if __name__ == "__main__":
    main()
