"""What ragkit adds to an answer, over calling the same backend by hand: milliseconds at the median.

    python benchmarks/overhead.py [--rounds 300]

The backend is an HTTP server in another process that speaks OpenAI's format and answers at once,
with citations, so that what is left is ragkit's own work: filling the prompt, fitting the token
budget, the request, reading the reply, finding each quote in its source. By hand, httpx posts the
same body and reads the text. Both run in turn; the figure is the median of the paired differences.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
from counts import at_least

from ragkit import LocalStore, OpenAILLM, PromptTemplate, RetrievalQA, TokenSplitter, load_embedder
from ragkit.prompting import format_context
from ragkit.types import Document

DATA = Path(os.environ.get("RAGKIT_DATA", Path(__file__).parents[2] / "shared" / "data"))
MAX_TOKENS, WINDOW, HITS, WARM_UP = 512, 4096, 5, 20
SENTENCE = re.compile(r"^\[([12])\] ?(.{20,}?[.!?])\s", re.M | re.S)


def answer_to(prompt: str) -> str:
    """The first sentence of source 1 as it stands, and of source 2 without every fifth word."""
    said = []
    for number, sentence in SENTENCE.findall(prompt):
        words = sentence.rstrip(".!?").split()
        kept = words if number == "1" else [w for n, w in enumerate(words, 1) if n % 5]
        said.append(f"{' '.join(kept)} [{number}].")
    return " ".join(said) or "I don't know."


class Handler(BaseHTTPRequestHandler):
    """Answers at once."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait for each other

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message = {"role": "assistant", "content": answer_to(body["messages"][-1]["content"])}
        choice = {"message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 900, "completion_tokens": 30}
        data = json.dumps({"choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def squad() -> tuple[list[Document], list[str]]:
    """SQuAD's paragraphs and questions."""

    def rows(name: str) -> list[dict]:
        lines = (DATA / "qa" / "squad" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    texts = [Document(row["text"], {"source": row["id"]}) for row in rows("paragraphs")]
    return texts, [row["question"] for row in rows("questions")]


class Fixed:
    """A retriever whose hits are known beforehand."""

    def __init__(self, found):
        self.found = found

    def retrieve(self, question):
        return self.found[question]


def paired(one: Callable[[str], object], other: Callable[[str], object], questions: list[str]):
    """Milliseconds of each, question by question and in turn."""
    times: list[tuple[float, float]] = []
    for number, question in enumerate(questions):
        pair = {}
        for name in ("one", "other") if number % 2 else ("other", "one"):
            began = time.perf_counter()
            (one if name == "one" else other)(question)
            pair[name] = (time.perf_counter() - began) * 1e3
        times.append((pair["one"], pair["other"]))
    return times[WARM_UP:]


def report(name: str, times: list[tuple[float, float]]) -> None:
    ragkit, hand = (statistics.median(column) for column in zip(*times, strict=True))
    extra = sorted(a - b for a, b in times)
    middle, late = extra[len(extra) // 2], extra[int(len(extra) * 0.95)]
    print(f"| {name} | {hand:.2f} | {ragkit:.2f} | {middle:.2f} | {late:.2f} |")


def compare(url: str, rounds: int) -> None:
    documents, questions = squad()
    questions = questions[: rounds + WARM_UP]
    embedder = load_embedder("minilm")
    chunks = TokenSplitter(embedder=embedder).split_documents(documents)
    store = LocalStore.from_documents(chunks, embedder)
    llm, prompt = OpenAILLM("m", url=url), PromptTemplate()
    found = {question: store.search(question, HITS, mode="hybrid") for question in questions}
    qa = RetrievalQA(llm, Fixed(found), prompt, window=WINDOW)
    whole = RetrievalQA(llm, store.as_retriever(k=HITS, mode="hybrid"), prompt, window=WINDOW)
    with httpx.Client(base_url=url, trust_env=False) as client:

        def post(messages) -> str:
            body = {"model": "m", "messages": messages, "max_tokens": MAX_TOKENS, "temperature": 0}
            reply = client.post("/chat/completions", json=body)
            reply.raise_for_status()
            return reply.json()["choices"][0]["message"]["content"]

        ready = {
            question: prompt.format_messages(context=format_context(hits), question=question)
            for question, hits in found.items()
        }

        def retrieved(question: str) -> str:
            store.search(question, HITS, mode="hybrid")
            return post(ready[question])

        assert all(len(qa.ask(q).citations) for q in questions[:5]), "the answers cite nothing"
        print("| what | by hand | ragkit | more at p50 | more at p95 |\n|---|---:|---:|---:|---:|")
        by_hand = lambda question: post(ready[question])  # noqa: E731
        generate = lambda question: llm.generate(ready[question])  # noqa: E731
        report("`llm.generate`", paired(generate, by_hand, questions))
        report("`qa.ask`, hits at hand", paired(qa.ask, by_hand, questions))
        report("`qa.ask`, retrieval on both sides", paired(whole.ask, retrieved, questions))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=at_least(1), default=300)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve()
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            compare(f"http://127.0.0.1:{server.stdout.readline().strip()}/v1", arguments.rounds)
        finally:
            server.kill()
    return None


if __name__ == "__main__":
    main()
