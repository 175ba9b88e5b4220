# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Under what conditions something was measured, and how they are kept."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any

from adu_depth_core import __version__
from adu_depth_core.errors import InputError
from adu_depth_core.inference.runtimes.table import ROWS
from adu_depth_core.machine import machine

LIBRARIES = sorted({'numpy', 'rosbags', 'timm', *chain(*(row.distributions for row in ROWS))})
# Libraries read their number of threads from these when they are loaded.
THREAD_VARIABLES = ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS')
DRIVERS = Path('/proc/driver/nvidia/gpus')


def conditions(cores: int) -> dict[str, Any]:
    """Return the machine, the versions of what computes, and how many cores it may use."""
    return {
        'machine': machine(),
        'gpus': _gpus(),
        'version': __version__,
        'libraries': versions_of(LIBRARIES),
        'cores': cores,
        'threads': {name: os.environ.get(name, '') for name in THREAD_VARIABLES},
    }


def versions_of(packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of those packages that are installed."""
    found = {}
    for package in packages:
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def load_average() -> float:
    """Return how many processes wanted a core in the last minute: ours alone, on a quiet one."""
    return round(os.getloadavg()[0], 2)


@contextmanager
def pinned(cores: int | None) -> Iterator[int]:
    """
    Let this process, and those it starts, use the first `cores` CPU cores with a thread each.

    Gives that number; all cores that we may use where `cores` is None. What OpenVINO and
    torch start follows from it; onnxruntime takes a thread for each core of the machine.

    Raises
    ------
    InputError
        When there are fewer.

    """
    allowed = sorted(os.sched_getaffinity(0))
    count = len(allowed) if cores is None else cores
    if count > len(allowed):
        raise InputError(f'--cores {count}: this process may use {len(allowed)} only')
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.sched_setaffinity(0, allowed[:count])
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(count)))
    try:
        yield count
    finally:
        os.sched_setaffinity(0, allowed)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _gpus() -> list[str]:
    files = sorted(DRIVERS.glob('*/information')) if DRIVERS.is_dir() else []
    lines = [line for file in files for line in file.read_text().splitlines()]
    return [line.partition(':')[2].strip() for line in lines if line.startswith('Model')]
