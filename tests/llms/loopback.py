"""A loopback server for language models, with faults on demand; a format derives from `Handler`."""

import json
import socket
import struct
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "The museum in Zürich opens at nine o'clock 🙂. Dogs may not come in."
HALF = "Half an ánswer"
"""The text that comes before something goes wrong midway."""


class Handler(BaseHTTPRequestHandler):
    """One connection. A format says how requests are read, and answers and errors written."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    base = ""
    """What a client's url= ends in."""
    kind = "text/event-stream"
    """Content type of a stream."""
    keep_stop = False
    """Whether the stop string that ends an answer is left in."""

    def log_message(self, *args):
        pass

    # What a format gives.

    def limits(self):
        """Most tokens, and stop strings."""
        raise NotImplementedError

    def prompt(self):
        """What is asked, as one text."""
        return ""

    def is_streamed(self):
        return bool(self.body.get("stream"))

    def whole(self, text, reason):
        """A reply that is not streamed."""
        raise NotImplementedError

    def piece(self, text):
        """Bytes of an event with a part of the answer."""
        raise NotImplementedError

    def end(self, whole, reason, last=""):
        """Bytes of the last events, with what the answer lacks yet."""
        raise NotImplementedError

    def failure(self, said):
        """Bytes of an event that says what went wrong."""
        return f"data: {json.dumps({'error': said})}\n\n".encode()

    def deny(self, status, said="later", headers=()):
        """A reply with an error's status."""
        self.reply(status, {"error": said}, headers=headers)

    def emit(self, data):
        """Sends events, cut anywhere."""
        self.send(data)

    # What all have.

    def do_POST(self):
        self.body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append((self.path, dict(self.headers), self.body))
        self.server.prompts.append(self.prompt())
        fault = self.server.faults.pop(0) if self.server.faults else None
        self.serve(self.body) if fault is None else fault(self, self.body)

    def serve(self, body):
        text, reason = self.answer()
        if not self.is_streamed():
            return self.reply(200, self.whole(text, reason))
        self.begin_stream()
        self.emit(self.events(text, reason))
        return self.end_stream()

    def answer(self):
        """Text and finish reason, limited as real servers do: stop strings, then tokens."""
        text, reason = self.server.text, "stop"
        most, stops = self.limits()
        for stop in stops:
            before, found, _ = text.partition(stop)
            text = before + (found if self.keep_stop else "")
        words = text.split(" ")
        if len(words) > most:
            text, reason = " ".join(words[:most]), "length"
        return text, reason

    def events(self, text, reason="stop"):
        """A whole stream."""
        parts = [text[at : at + 3] for at in range(0, len(text), 3)] or [""]
        return b"".join(map(self.piece, parts[:-1])) + self.end(text, reason, parts[-1])

    def begin_stream(self):
        self.send_response(200)
        self.send_header("content-type", self.kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def send(self, data):
        """In pieces of the server's size, so that characters are cut in the middle."""
        size = self.server.piece or max(1, (len(data) + 1) // 2)
        for at in range(0, len(data), size):
            part = data[at : at + size]
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")

    def end_stream(self):
        self.wfile.write(b"0\r\n\r\n")

    def cut(self):
        """Resets the connection."""
        time.sleep(0.02)  # what was sent is to arrive before the reset
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True

    def wait(self):
        """Says nothing more, until the test is over."""
        self.server.over.wait(10)
        self.close_connection = True

    def reply(self, status, data, kind="application/json", headers=(), *, sent=1.0):
        """A whole reply, or so much of it."""
        content = data if isinstance(data, bytes) else _encoded(data)
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        content = content[: int(len(content) * sent)]
        size = self.server.piece or len(content) or 1
        for at in range(0, len(content), size):
            self.wfile.write(content[at : at + size])


def _encoded(data):
    return data.encode() if isinstance(data, str) else json.dumps(data, ensure_ascii=False).encode()


class Server(ThreadingHTTPServer):
    """What it was asked, and what it is to answer; a `ragkit.llms.conformance` service, too."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.seen, self.prompts, self.faults, self.text, self.piece = [], [], [], TEXT, 0
        self.hung_up, self.over = threading.Event(), threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}{self.RequestHandlerClass.base}"

    def process_request(self, *args):
        """In a thread with a name, so that it can be told from those of the client."""
        run = self.process_request_thread
        threading.Thread(target=run, args=args, name="loopback", daemon=True).start()

    def handle_error(self, request, client_address):
        self.hung_up.set()

    # What the conformance suite asks for.

    def busy(self, retry_after):
        self.faults.append(deny(429, headers=[("Retry-After", str(retry_after))]))

    def fail(self, status):
        self.faults.append(deny(status))

    def hang(self):
        self.faults.append(hang)

    def break_off(self):
        self.faults.append(midway(Handler.end_stream))

    def go_on(self):
        self.faults.append(endless)

    def split(self, size):
        self.piece = size

    def was_left(self, seconds):
        return self.hung_up.wait(seconds)


@contextmanager
def running(handler):
    """A server, and its end."""
    instance = Server(handler)
    thread = threading.Thread(
        target=instance.serve_forever, args=(0.01,), name="loopback", daemon=True
    )
    thread.start()
    try:
        yield instance
    finally:
        instance.over.set()
        instance.shutdown()
        instance.server_close()
        thread.join()


def client_threads():
    """All threads but those of servers."""
    return {thread for thread in threading.enumerate() if thread.name != "loopback"}


# Faults: functions of handler and body, of which a server plays one for each request.


def hang(handler, body):
    """No answer."""
    handler.wait()


def hang_up(handler, body):
    """No answer, and no connection."""
    handler.cut()


def page(handler, body):
    """A web page instead of a reply."""
    handler.reply(200, "<html>Log in</html>", "text/html")


def refuse(status, data="later", headers=()):
    """A fault that answers exactly so."""
    return lambda handler, body: handler.reply(status, data, headers=headers)


def deny(status, said="later", headers=()):
    """A fault that answers so as the format has it."""
    return lambda handler, body: handler.deny(status, said, headers)


def stream_of(*parts, then=Handler.end_stream):
    """A fault that streams these bytes."""

    def fault(handler, body):
        handler.begin_stream()
        for part in parts:
            handler.send(part)
        if then is not None:
            then(handler)
        handler.close_connection = True

    return fault


def midway(then):
    """A fault that comes after `HALF` of an answer."""

    def fault(handler, body):
        handler.begin_stream()
        handler.emit(handler.piece(HALF[:5]) + handler.piece(HALF[5:]))
        then(handler)
        handler.close_connection = True

    return fault


def fail_midway(handler, body):
    """An event that tells of an error, after half of an answer."""

    def fail(handler):
        handler.emit(handler.failure("out of memory"))
        handler.end_stream()

    midway(fail)(handler, body)


def changed(change):
    """A fault that streams a right answer, its bytes changed."""

    def fault(handler, body):
        handler.begin_stream()
        handler.emit(change(handler.events(handler.server.text)))
        handler.end_stream()
        handler.close_connection = True

    return fault


def endless(handler, body):
    """An answer that goes on until the client hangs up."""
    handler.begin_stream()
    try:
        while True:
            handler.emit(handler.piece("word "))
            time.sleep(0.01)
    except OSError:
        handler.server.hung_up.set()
        handler.close_connection = True
