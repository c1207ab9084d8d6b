"""A loopback server with faults on demand; a format derives from `Handler`."""

import json
import socket
import struct
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "The museum in Zürich opens at nine o'clock 🙂. Dogs may not come in."


class Handler(BaseHTTPRequestHandler):
    """Whole replies and chunked ones. `answer` limits a text as real servers do."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append((self.path, dict(self.headers), body))
        fault = self.server.faults.pop(0) if self.server.faults else None
        self.serve(body) if fault is None else fault(self, body)

    def answer(self, most, stops=(), *, keep_stop=False):
        """Text and finish reason."""
        text, reason = self.server.text, "stop"
        for stop in stops:
            before, found, _ = text.partition(stop)
            text = before + (found if keep_stop else "")
        words = text.split(" ")
        if len(words) > most:
            text, reason = " ".join(words[:most]), "length"
        return text, reason

    def begin_stream(self, kind="text/event-stream"):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def send(self, data):
        """In pieces of the server's size, so that characters are cut in the middle."""
        size = self.server.piece or max(1, (len(data) + 1) // 2)
        for at in range(0, len(data), size):
            part = data[at : at + size]
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            self.wfile.flush()

    def end_stream(self):
        self.wfile.write(b"0\r\n\r\n")

    def cut(self):
        """Resets the connection."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
        self.close_connection = True

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

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.seen, self.faults, self.text, self.piece = [], [], TEXT, 0
        self.hung_up, self.over = threading.Event(), threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        self.hung_up.set()


@contextmanager
def running(handler):
    """A server, and its end."""
    instance = Server(handler)
    thread = threading.Thread(target=instance.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield instance
    finally:
        instance.over.set()
        instance.shutdown()
        instance.server_close()
        thread.join()


def hang(handler, body):
    """No answer, until the test is over."""
    handler.server.over.wait(10)
    handler.close_connection = True


def page(handler, body):
    """A web page instead of a reply."""
    handler.reply(200, "<html>Log in</html>", "text/html")


def refuse(status, data="later", headers=()):
    """A fault that answers so."""
    return lambda handler, body: handler.reply(status, data, headers=headers)


def stream_of(*parts, end=True, cut=False, kind="text/event-stream"):
    """A fault that streams these bytes."""

    def fault(handler, body):
        handler.begin_stream(kind)
        for part in parts:
            handler.send(part)
        if cut:
            time.sleep(0.05)  # what was sent is to arrive before the reset
            return handler.cut()
        if end:
            handler.end_stream()
        handler.close_connection = True
        return None

    return fault


def endless(*parts, kind="text/event-stream"):
    """A fault that streams these over and over, until the client hangs up."""

    def fault(handler, body):
        handler.begin_stream(kind)
        try:
            while True:
                for part in parts:
                    handler.send(part)
                time.sleep(0.01)
        except OSError:
            handler.server.hung_up.set()
            handler.close_connection = True

    return fault
