# Copyright 2026 The adu_depth_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How many reading processes the shared memory of this machine, or container, has room for."""

import shutil
from pathlib import Path

from lightning.pytorch.utilities.rank_zero import rank_zero_info

from adu_depth_core.training.batch import batch_bytes
from adu_depth_core.training.config import DataConfig

SHARED_MEMORY = Path('/dev/shm')
PREFETCHED = 2  # batches of each process that torch lets wait
IN_USE = 2  # that on which the network learns, and the next


def fitting_workers(data: DataConfig, images: int, processes: int) -> int:
    """
    Return `data.workers`, or as many as the free shared memory has room for, and say so.

    Parameters
    ----------
    data : DataConfig
        Sizes and workers.
    images : int
        Of a batch of one process.
    processes : int
        That train on this machine.

    """
    if data.workers == 0 or not SHARED_MEMORY.is_dir():
        return data.workers
    free = shutil.disk_usage(SHARED_MEMORY).free
    # Each process also reads validation images, one by one.
    size = processes * (batch_bytes(data.pixels, images) + batch_bytes(data.pixels, 1))
    fitting = max(0, min(data.workers, (free // size - IN_USE) // PREFETCHED))
    if fitting < data.workers:
        wanted = (data.workers * PREFETCHED + IN_USE) * size
        rank_zero_info(
            f'{SHARED_MEMORY} has {_mib(free)} free and data.workers {data.workers} may take '
            f'{_mib(wanted)}: reading with {fitting}, which is slower; start the container with '
            f'--shm-size={_mib(2 * wanted).replace(" MiB", "m")}, or set data.workers'
        )
    return fitting


def _mib(count: int) -> str:
    return f'{-(-count // 2**20)} MiB'
