"""A hub on loopback, with the routes that the hub's own client uses, and faults on demand."""

import hashlib
import json
import socket
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

ID = "nobody/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40
TOKEN = "hf_secret"
CONFIG = b'{"model_type": "llama"}'
WEIGHTS = bytes(range(256)) * 2000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = unquote(urlsplit(self.path).path)
        self.server.seen.append((self.command, path, dict(self.headers)))
        for fault in self.server.faults:
            if fault[0] in path:
                self.server.faults.remove(fault)
                return fault[1](self)
        return self.route(path)

    def route(self, path):
        hub = self.server
        api, content = f"/api/models/{hub.id}", f"/{hub.id}/resolve/"
        if path in (api, *(f"{api}/revision/{r}" for r in hub.revisions)):
            return self.json(hub.listing())
        if path.startswith(f"{api}/revision/"):
            return self.json({"error": "Revision"}, 404, {"X-Error-Code": "RevisionNotFound"})
        if path.startswith(f"{api}/tree/"):
            return self.json(hub.tree())
        if path.startswith(content):
            revision, _, name = path.removeprefix(content).partition("/")
            if revision in hub.revisions and name in hub.files:
                return self.content(name)
            return self.json({"error": "Entry"}, 404, {"X-Error-Code": "EntryNotFound"})
        if path.startswith("/storage/"):
            return self.bytes(hub.files[path.removeprefix("/storage/")])
        return self.json({"error": "Repo"}, 404, {"X-Error-Code": "RepoNotFound"})

    def content(self, name):
        data = self.server.files[name]
        if name not in self.server.large:
            return self.bytes(data)
        headers = {
            "Location": f"{self.server.storage.url}/storage/{name}",
            "X-Linked-Size": str(len(data)),
            "X-Linked-Etag": f'"{hashlib.sha256(data).hexdigest()}"',
        }
        return self.head(302, 0, headers)

    def json(self, data, status=200, headers=()):
        body = json.dumps(data).encode()
        self.head(status, len(body), {"Content-Type": "application/json", **dict(headers)})
        self.body(body)

    def bytes(self, data, *, cut=None):
        """The content or the range of it that was asked for; `cut` ends the connection early."""
        start = int(self.headers.get("Range", "bytes=0-")[6:].partition("-")[0])
        headers = {"ETag": f'"{git_id(data)}"', "Accept-Ranges": "bytes"}
        if start > len(data):
            return self.head(416, 0, {"Content-Range": f"bytes */{len(data)}"})
        if "Range" in self.headers:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.head(206 if "Range" in self.headers else 200, len(data) - start, headers)
        self.body(data[start:cut])
        return self.hang_up() if cut is not None else None

    def head(self, status, length, headers):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("X-Repo-Commit", self.server.commit)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def body(self, data):
        if self.command != "HEAD":
            self.wfile.write(data)

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class Hub(ThreadingHTTPServer):
    """One model; `storage` is where large files are, as a server of another address."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.id, self.commit, self.storage = ID, COMMIT, self
        self.revisions = {"main", "v1", COMMIT}
        self.files, self.large, self.bare = {}, set(), False
        self.seen, self.faults = [], []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def listing(self):
        """What the client's `model_info` reads; with `bare`, as mirrors without sizes give it."""
        names = [{"rfilename": name} for name in self.files]
        if not self.bare:
            names = [self.described(name) for name in self.files]
        return {"id": self.id, "modelId": self.id, "sha": self.commit, "siblings": names}

    def described(self, name):
        data = self.files[name]
        said = {"rfilename": name, "size": len(data), "blobId": git_id(data)}
        if name in self.large:
            sha256 = hashlib.sha256(data).hexdigest()
            said["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 130}
        return said

    def tree(self):
        return [
            {"type": "file", "path": name, "size": len(data), "oid": git_id(data)}
            for name, data in self.files.items()
        ]

    def asked(self, method="GET"):
        """The paths asked for so far, without the hub's address."""
        return [path for verb, path, _ in self.seen if verb == method]

    def handle_error(self, request, client_address):
        pass


@contextmanager
def running_hub():
    """A hub with its storage on a second address, and their end."""
    hub, storage = Hub(), Hub()
    hub.storage, storage.files = storage, hub.files
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        for server in (hub, storage)
    ]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        for server in (hub, storage):
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


def cut_after(count):
    """A fault that ends the connection after so many bytes of the whole content."""

    def fault(handler):
        path = unquote(urlsplit(handler.path).path)
        hub = handler.server
        name = path.partition("/storage/")[2] or path.partition(f"/resolve/{hub.commit}/")[2]
        handler.bytes(hub.files[name], cut=count)

    return fault


def reset(handler):
    """Resets the connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def refuse(status, data=None, **headers):
    """A fault that answers so."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.json(data or {"error": "no"}, status, named)


def send(data):
    """A fault that sends something else instead of the content."""
    return lambda handler: handler.bytes(data)


def git_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def names(folder):
    """The files in a folder and its folders."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
