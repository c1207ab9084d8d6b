"""Processes of our own that work for this one, over pipes."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from contextlib import suppress
from typing import IO

__all__ = ["reap", "receive", "send", "start"]

_SIZE = struct.Struct("<Q")


def start(program: str) -> subprocess.Popen[bytes]:
    """A process of this Python that runs `program`, with pipes for its input and output.

    Args:
        program: Code in which ``{path}`` stands for what can be imported here.
    """
    code = program.format(path=[p or os.curdir for p in sys.path])
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603


def send(pipe: IO[bytes] | None, data: bytes) -> None:
    """Writes one message.

    Raises:
        EOFError: If there is no pipe.
        OSError: If nobody reads it.
    """
    if pipe is None:
        raise EOFError
    pipe.write(_SIZE.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes] | None) -> bytes:
    """The next message.

    Raises:
        EOFError: If there is no pipe, or it ends before the message does.
        OSError: If it can't be read.
    """
    head = pipe.read(_SIZE.size) if pipe else b""
    if pipe is None or len(head) < _SIZE.size:
        raise EOFError
    (size,) = _SIZE.unpack(head)
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def reap(process: subprocess.Popen[bytes]) -> int:
    """Closes the pipes and waits for the process to end, 5 s at most; its exit status."""
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was still to be written has no reader
            if pipe is not None:
                pipe.close()
    try:
        return process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
