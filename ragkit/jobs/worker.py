"""Worker processes that embed shards.

A worker is a fresh interpreter that takes requests on its standard input and writes results to
its standard output. It ends when its input does, so that none outlives who started it, however
that one ended.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Any

from ragkit._processes import reap, receive, send, start
from ragkit.errors import JobError
from ragkit.jobs.shards import EmbeddedShard, Shard

__all__ = ["Worker", "WorkerEndedError"]

# Ctrl-C reaches the workers too; the process that started them ends them.
_START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.path[:] = {path!r}; "
    "from ragkit.jobs.worker import serve; serve()"
)


class WorkerEndedError(Exception):
    """The process ended in mid-work; the message says how."""


class Worker:
    """One process that embeds one shard at a time; started when it is first needed.

    Args:
        work: A pickled `ShardWork`.
    """

    def __init__(self, work: bytes) -> None:
        self._work = work
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    def embed(self, shard: Shard) -> EmbeddedShard:
        """What the work gives for the shard.

        Raises:
            WorkerEndedError: If the process ended before it answered; the next call starts
                another.
            JobError: As the work.
        """
        process = self._running()
        try:
            send(process.stdin, pickle.dumps(shard, pickle.HIGHEST_PROTOCOL))
            result = pickle.loads(receive(process.stdout))  # noqa: S301 – of our own process
        except (OSError, EOFError, ValueError) as error:  # ValueError: `close` closed the pipe
            raise WorkerEndedError(_how(self._drop(process))) from error
        if isinstance(result, BaseException):
            raise result
        embedded: EmbeddedShard = result
        return embedded

    def close(self) -> None:
        """Ends the process at once, also while another thread waits for its answer."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            reap(process)

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise JobError("The workers have been closed.")
            if self._process is None:
                self._process = start(_START)
                with suppress(OSError):  # one that has ended already is found by who asks it
                    send(self._process.stdin, self._work)
            return self._process

    def _drop(self, process: subprocess.Popen[bytes]) -> int:
        """Ends a process that is of no more use."""
        with self._lock:
            if self._process is process:
                self._process = None
        return reap(process)


def _how(code: int) -> str:
    if code == -9:
        return "was killed (signal 9, as the system does where memory runs out)"
    return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"


def serve() -> None:
    """Answers requests until the input ends; runs in the worker."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the replies
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    packed, work = requests.get(), None
    while True:
        shard: Shard = pickle.loads(requests.get())  # noqa: S301 – from who started us
        try:
            work = work or _unpacked(packed)
            answer: object = work(shard)
        except JobError as error:
            answer = error
        send(replies, pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))


def _listen(pipe: IO[bytes], requests: queue.SimpleQueue[bytes]) -> None:
    """Hands requests on, and ends the process with the input, in mid-work too."""
    while True:
        try:
            requests.put(receive(pipe))
        except (EOFError, OSError):
            os._exit(0)


def _unpacked(packed: bytes) -> Any:
    try:
        return pickle.loads(packed)  # noqa: S301 – from who started us
    except Exception as error:
        raise JobError(
            f"The embedder can't be made again in a worker: {type(error).__name__}: {error} "
            f"Define it in a module that can be imported, name it by a string, or use workers=1."
        ) from error
