"""A loopback server that speaks OpenAI's format, with faults on demand."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "The museum in Zürich opens at nine o'clock 🙂. Dogs may not come in."


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append((self.path, dict(self.headers), body))
        fault = self.server.faults.pop(0) if self.server.faults else None
        if fault is not None:
            return fault(self, body)
        if self.path not in ("/v1/chat/completions", "/v1/completions"):
            return self.reply(404, {"error": {"message": "no such path"}})
        return self.stream(body) if body.get("stream") else self.whole(body)

    def answer(self, body):
        """Text and finish reason, as a real server limits them: stop strings, then tokens."""
        text, reason = self.server.text, "stop"
        for stop in body.get("stop", []):
            text = text.split(stop)[0]
        words = text.split(" ")
        if len(words) > body["max_tokens"]:
            text, reason = " ".join(words[: body["max_tokens"]]), "length"
        return text, reason

    def choice(self, text, reason, *, delta):
        if self.path == "/v1/completions":
            return {"index": 0, "text": text, "finish_reason": reason}
        message = {"role": "assistant", "content": text}
        return {"index": 0, "delta" if delta else "message": message, "finish_reason": reason}

    def envelope(self, choices, **more):
        return {"id": "x", "object": "chat.completion", "created": 1, "model": "m",
                "choices": choices, **more}  # fmt: skip

    def whole(self, body):
        text, reason = self.answer(body)
        usage = {"prompt_tokens": 7, "completion_tokens": len(text.split()), "total_tokens": 9}
        self.reply(200, self.envelope([self.choice(text, reason, delta=False)], usage=usage))

    def stream(self, body):
        text, reason = self.answer(body)
        self.begin_stream()
        self.send(b": a comment\n\n")
        for at in range(0, len(text), 3):
            self.event(self.envelope([self.choice(text[at : at + 3], None, delta=True)]))
        self.event(self.envelope([self.choice("", reason, delta=True)]))
        usage = {"prompt_tokens": 7, "completion_tokens": len(text.split()), "total_tokens": 9}
        if body.get("stream_options", {}).get("include_usage"):
            self.event(self.envelope([], usage=usage))
        self.send(b"data: [DONE]\n\n")
        self.end_stream()

    def begin_stream(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def event(self, data):
        self.send(f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode())

    def send(self, data):
        """In two parts, so that characters are cut in the middle."""
        for part in (data[: len(data) // 2], data[len(data) // 2 :]):
            if part:
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                self.wfile.flush()

    def end_stream(self):
        self.wfile.write(b"0\r\n\r\n")

    def reply(self, status, data, kind="application/json", headers=()):
        content = data.encode() if isinstance(data, str) else json.dumps(data).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen, self.faults, self.text, self.hung_up = [], [], TEXT, threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request, client_address):
        self.hung_up.set()


@contextmanager
def running():
    """A server, and its end."""
    instance = Server()
    thread = threading.Thread(target=instance.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield instance
    finally:
        instance.shutdown()
        instance.server_close()
        thread.join()


def endless(handler, body):
    """A stream that never ends, until the client hangs up."""
    handler.begin_stream()
    try:
        while True:
            handler.event(handler.envelope([handler.choice("word ", None, delta=True)]))
            time.sleep(0.01)
    except OSError:
        handler.server.hung_up.set()
        handler.close_connection = True
