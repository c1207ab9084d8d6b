"""A model of this process behind OpenAI's HTTP format, on loopback: for examples, not for users."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain

from ragkit.protocols import LLM

OPTIONS = ("max_tokens", "temperature", "top_p", "stop", "seed")


class Handler(BaseHTTPRequestHandler):
    """Answers ``POST /v1/chat/completions`` and ``POST /v1/completions``, streamed or whole."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        chat = self.path == "/v1/chat/completions"
        if not chat and self.path != "/v1/completions":
            self.send_json({"error": {"message": f"There is no {self.path}."}}, 404)
            return
        try:
            body = json.loads(content)
            prompt = body["messages"] if chat else body["prompt"]
        except (ValueError, TypeError, LookupError) as error:
            self.send_json({"error": {"message": f"That is no request: {error!r}."}}, 400)
            return
        options = {name: body[name] for name in OPTIONS if name in body}
        try:
            if body.get("stream"):
                self.stream(prompt, options, chat=chat)
            else:
                self.whole(prompt, options, chat=chat)
        except Exception as error:  # a prompt that is too long, for example
            self.send_json({"error": {"message": str(error)}}, 400)

    def whole(self, prompt, options, *, chat: bool) -> None:
        answer = self.server.llm.generate(prompt, **options)
        message = {"role": "assistant", "content": answer.text}
        text = {"message": message} if chat else {"text": answer.text}
        counts = (answer.usage.prompt_tokens, answer.usage.completion_tokens)
        usage = dict(zip(("prompt_tokens", "completion_tokens"), counts, strict=True))
        choice = {"index": 0, **text, "finish_reason": answer.finish_reason}
        self.send_json({"choices": [choice], "usage": usage})

    def stream(self, prompt, options, *, chat: bool) -> None:
        pieces = self.server.llm.stream(prompt, **options)
        first = next(pieces, "")  # what can't be answered fails here, before the reply begins
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with suppress(ConnectionError), pieces:  # a client that hangs up ends the work
            for event in self.events(first, pieces, chat=chat):
                self.wfile.write(f"data: {event}\n\n".encode())
                self.wfile.flush()

    def events(self, first, pieces, *, chat: bool) -> Iterator[str]:
        """What is sent of a stream. An error comes too late for a status, so it is an event too."""

        def of(piece, reason=None) -> str:
            text = {"delta": {"content": piece}} if chat else {"text": piece}
            return json.dumps({"choices": [{"index": 0, **text, "finish_reason": reason}]})

        try:
            yield from map(of, chain([first], pieces))
        except Exception as error:
            yield json.dumps({"error": {"message": str(error)}})
            return
        yield of("", pieces.result.finish_reason)
        yield "[DONE]"

    def send_json(self, data: dict, status: int = 200) -> None:
        content = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@contextmanager
def serving(llm: LLM) -> Iterator[str]:
    """The base URL at which a model of ragkit's answers until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.llm = llm
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
