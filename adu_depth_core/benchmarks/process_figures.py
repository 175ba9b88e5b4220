# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What Linux tells about a process: CPU time and resident memory."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path('/proc')
TICKS_PER_S = os.sysconf('SC_CLK_TCK')
KIB_PER_MB = 1e6 / 1024


@dataclass(frozen=True)
class Sample:
    """
    A process at one moment.

    Attributes
    ----------
    wall_ns : int
        When, by the wall clock.
    cpu_s : float
        CPU time of all its threads so far.
    resident_mb : float
        10^6 bytes of memory, pages shared with others included.
    shared_mb : float
        The part of it that is shared memory, as the segments of DDS are.

    """

    wall_ns: int
    cpu_s: float
    resident_mb: float
    shared_mb: float


def sample(pid: int) -> Sample | None:
    """Look at a process; None when it has ended."""
    try:
        stat = (PROC / str(pid) / 'stat').read_text()
        status = (PROC / str(pid) / 'status').read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(')')[2].split()  # a name may hold spaces
    ticks = int(fields[11]) + int(fields[12])
    memory = dict(line.split(':', 1) for line in status.splitlines() if ':' in line)
    if 'VmRSS' not in memory:  # ended, and not yet waited for
        return None
    resident, shared = (int(memory[name].split()[0]) for name in ('VmRSS', 'RssShmem'))
    return Sample(time.time_ns(), ticks / TICKS_PER_S, resident / KIB_PER_MB, shared / KIB_PER_MB)


def child_running(module: str) -> int | None:
    """Return the process id of our child that was started as `python -m module ...`."""
    for folder in PROC.iterdir():
        if folder.name.isdigit() and _is_child(folder) and module in _words(folder):
            return int(folder.name)
    return None


def _is_child(folder: Path) -> bool:
    try:
        fields = (folder / 'stat').read_text().rpartition(')')[2].split()
    except OSError:
        return False
    return int(fields[1]) == os.getpid()


def _words(folder: Path) -> list[str]:
    try:
        return (folder / 'cmdline').read_bytes().decode(errors='replace').split('\0')
    except OSError:
        return []
