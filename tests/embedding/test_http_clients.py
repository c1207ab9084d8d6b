"""Asynchronous connections are kept for one event loop, and closed with it."""

import asyncio
import gc
import json
import subprocess
import sys
import threading
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ragkit._http import Endpoint
from ragkit.errors import EndpointError


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        if self.path != "/drip":
            return self.do_GET()
        self.send_response(400)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(100):
                self.wfile.write(b"no ")
                time.sleep(0.05)
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    connections = 0

    def handle_error(self, *args):
        pass


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Handler) as instance:
        thread = threading.Thread(target=instance.serve_forever, args=(0.01,))
        thread.start()
        instance.url = f"http://127.0.0.1:{instance.server_address[1]}"
        yield instance
        instance.shutdown()
        thread.join()


async def ask(endpoint, times=3):
    for _ in range(times):
        await endpoint.apost_json("x", {})


def test_one_connection_serves_a_loop_and_each_loop_gets_its_own(server):
    endpoint = Endpoint(server.url)
    asyncio.run(ask(endpoint))
    assert server.connections == 1
    asyncio.run(ask(endpoint))
    assert server.connections == 2


def test_nothing_stays_open_behind_a_loop(server):
    async def dropped():
        await ask(Endpoint(server.url))  # gone before the loop ends

    async def closed():
        endpoint = Endpoint(server.url)
        await ask(endpoint)
        endpoint.close()
        await ask(endpoint)

    async def together():
        endpoint = Endpoint(server.url)
        await asyncio.gather(*(ask(endpoint) for _ in range(5)))

    kept = Endpoint(server.url)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            for job in (dropped, closed, together):
                asyncio.run(job())
            asyncio.run(ask(kept))
            gc.collect()
    assert [str(warning.message) for warning in caught] == []


def test_a_program_ends_without_warnings(server):
    program = (
        "import asyncio, logging\nfrom ragkit._http import Endpoint\n"
        # asyncio's debug mode also warns of a busy machine ("Executing … took 0.1 seconds").
        "logging.getLogger('asyncio').setLevel(logging.ERROR)\n"
        f"endpoint = Endpoint({server.url!r})\nendpoint.post_json('x', {{}})\n"
        "async def ask():\n"
        "    return await asyncio.gather(*(endpoint.apost_json('x', {}) for _ in range(4)))\n"
        "asyncio.run(ask())\nasyncio.run(ask())\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "always", "-c", program],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_endpoint_opens_anew_in_the_same_loop(server):
    endpoint = Endpoint(server.url)

    async def twice():
        await ask(endpoint)
        endpoint.close()
        await ask(endpoint)

    asyncio.run(twice())
    assert server.connections == 2
    endpoint.post_json("x", {})
    endpoint.close()


def test_get(server):
    endpoint = Endpoint(server.url)
    assert json.dumps(endpoint.get_json("info")) == "{}"
    endpoint.close()


@pytest.mark.parametrize("way", ["sync", "async"])
def test_a_refusal_that_drips_is_not_waited_for(server, way):
    endpoint = Endpoint(server.url, timeout=0.3, retries=0)
    began = time.monotonic()
    ways = {
        "sync": lambda: endpoint.post_json("drip", {}),
        "async": lambda: asyncio.run(endpoint.apost_json("drip", {})),
    }
    with pytest.raises(EndpointError, match="status 400: no no") as caught:
        ways[way]()
    assert time.monotonic() - began < 2
    assert caught.value.status == 400
    endpoint.close()
