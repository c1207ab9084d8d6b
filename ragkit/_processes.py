"""Processes of our own that work for this one, over pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

__all__ = ["reap", "start"]


def start(program: str) -> subprocess.Popen[bytes]:
    """A process of this Python that runs `program`, with pipes for its input and output.

    Args:
        program: Code in which ``{path}`` stands for what can be imported here.
    """
    code = program.format(path=[p or os.curdir for p in sys.path])
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603


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
