"""How many threads and processes are worth starting."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["physical_cores", "usable_processors"]

_TOPOLOGY = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def physical_cores(topology: Path = _TOPOLOGY, quota: Path = _QUOTA) -> int:
    """Physical cores that this process may use, at least 1.

    Two threads of one core share its multipliers, so that more threads than cores slow matrix
    products down. A container's CPU quota counts. Where the system does not tell which threads
    share a core, each counts as one.

    Args:
        topology: Linux's folder of CPUs.
        quota: Linux's file of the container's quota.
    """
    usable = _usable()
    cores = {_core(topology, cpu) for cpu in usable}
    return max(1, min(len(cores), _allowed(quota, len(cores))))


def usable_processors(quota: Path = _QUOTA) -> int:
    """Processors that this process may use, at least 1; a container's CPU quota counts.

    Args:
        quota: Linux's file of the container's quota.
    """
    count = len(_usable())
    return max(1, min(count, _allowed(quota, count)))


def _usable() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _core(topology: Path, cpu: int) -> str:
    """A name that the threads of one core have in common."""
    try:
        return (topology / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)


def _allowed(quota: Path, otherwise: int) -> int:
    try:
        granted, period = quota.read_text().split()
        return -(-int(granted) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return otherwise
