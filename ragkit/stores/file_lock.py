"""One process at a time: a lock that the operating system lets go of when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from ragkit.errors import StoreError, StoreLockedError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


__all__ = ["FileLock"]


class FileLock:
    """A file that one process holds at a time, with a number in it for whoever is next.

    Threads of one process have to take turns by other means. A forked process takes turns with
    its parent: it opens the file anew, since a lock belongs to whoever shares the descriptor.

    Args:
        path: Of the file, made if absent.

    Raises:
        StoreError: If the file can't be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened: tuple[int, int] | None = None
        self._own_descriptor()

    def _own_descriptor(self) -> int:
        """The open file of this very process."""
        if self._opened is not None and self._opened[0] != os.getpid():
            self.close()  # that is no unlocking, for the parent still has it open
        if self._opened is None:
            try:
                self._opened = os.getpid(), os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            except OSError as error:
                raise StoreError(f"The lock file {self.path} can't be opened: {error}.") from error
        return self._opened[1]

    def acquire(self, timeout: float) -> None:
        """Waits for the lock, `timeout` seconds at most.

        Raises:
            StoreLockedError: If another process holds it for longer.
        """
        descriptor = self._own_descriptor()
        end = time.monotonic() + timeout
        pause = 0.001
        while True:
            try:
                _try_lock(descriptor)
            except OSError as error:
                if time.monotonic() >= end:
                    raise StoreLockedError(
                        f"{self.path.parent} is locked: another process has been using it for "
                        f"{timeout:.3g} s. Try again, or open the store with a longer timeout."
                    ) from error
                time.sleep(pause)
                pause = min(0.05, pause * 2)
            else:
                return

    def release(self) -> None:
        """Lets the next one have it."""
        _unlock(self._own_descriptor())

    def read_number(self) -> int:
        """The number in the file; 0 in a new one."""
        descriptor = self._own_descriptor()
        os.lseek(descriptor, 1, os.SEEK_SET)  # the first byte is what Windows locks
        text = os.read(descriptor, 32)
        return int(text) if text.strip().isdigit() else 0

    def write_number(self, number: int) -> None:
        """Leaves a number for whoever is next."""
        descriptor = self._own_descriptor()
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, b" %020d" % number)

    def close(self) -> None:
        """Closes the file, which also lets go of the lock; it is opened again when needed."""
        opened, self._opened = self._opened, None
        if opened is not None:
            os.close(opened[1])
